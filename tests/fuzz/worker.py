"""Fuzz one target for some seconds, in its own process with bounded memory.

    python -m tests.fuzz.worker TARGET SECONDS SEED ENGINE FOLDER

Writes counts to `FOLDER/counts.json`, each failing input and its traceback next to it, and the current input to
`FOLDER/current`, in case the process dies.
"""

from __future__ import annotations

import hashlib
import json
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.fuzz.mutation import MUTATIONS
from tests.fuzz.targets import TARGETS, Feed

from longshort.errors import LongshortError

MEMORY = 12 * 2**30
"""Bytes of address space: torch reserves much that it does not use."""

PATIENCE = 20
"""Largest time of an input, in seconds."""

KEPT = 200
"""Largest number of inputs kept for further mutation, besides the valid ones."""


class TooSlow(Exception):
    """An input takes too long."""


class Tally:
    """Counts the outcomes of inputs, and stores those that fail."""

    def __init__(self, feed: Feed, folder: Path) -> None:
        self.counts = {"tried": 0, "refused": 0, "accepted": 0, "failed": 0}
        self.failures: dict[str, str] = {}
        self.messages: set[str] = set()
        self._feed, self._folder, self._written = feed, folder, 0.0

    def feed(self, content: bytes) -> bool:
        """Try one input; return whether its outcome is new."""
        (self._folder / "current").write_bytes(content)
        self.counts["tried"] += 1
        signal.alarm(PATIENCE)
        try:
            self._feed(content)
            self.counts["accepted"] += 1
            return False
        except LongshortError as error:
            self.counts["refused"] += 1
            return self._is_new(error)
        except Exception as error:
            self._fail(content, error)
            return True
        finally:
            signal.alarm(0)
            self.write_counts(every=1.0)

    def write_counts(self, every: float = 0.0) -> None:
        """Write the counts, at most once in `every` seconds."""
        if time.monotonic() - self._written >= every:
            self._written = time.monotonic()
            content = json.dumps({**self.counts, "messages": len(self.messages), "failures": self.failures})
            (self._folder / "counts.json.new").write_text(content)
            (self._folder / "counts.json.new").replace(self._folder / "counts.json")

    def _is_new(self, error: LongshortError) -> bool:
        """Whether the message differs in more than numbers and names: a rough measure of coverage."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        words = "".join(each for each in error.message if each.isalpha() or each == " ")[-60:]
        kind = f"{last.name} {last.lineno} {words[:20]}"
        new = kind not in self.messages and len(self.messages) < 10_000
        self.messages.add(kind)
        return new

    def _fail(self, content: bytes, error: Exception) -> None:
        self.counts["failed"] += 1
        frames = [each for each in traceback.extract_tb(error.__traceback__) if "/longshort/" in each.filename]
        last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {last.filename.rpartition('/longshort/')[2]}:{last.lineno}"
        if where not in self.failures:
            name = hashlib.sha256(content).hexdigest()[:12]
            self.failures[where] = name
            (self._folder / f"{name}.input").write_bytes(content)
            (self._folder / f"{name}.txt").write_text("".join(traceback.format_exception(error)))


def too_slow(*_: object) -> None:
    raise TooSlow(f"an input takes longer than {PATIENCE} s")


def with_mutations(form: str, seeds: Sequence[bytes], tally: Tally, seconds: float, seed: int) -> None:
    """Try mutated inputs, and mutate again those with a new error."""
    draw, mutate, end = Random(seed), MUTATIONS[form], time.monotonic() + seconds
    kept = list(seeds)
    while time.monotonic() < end:
        content = mutate(draw.choice(kept if draw.random() < 0.5 else seeds), seeds, draw)
        if tally.feed(content) and len(kept) < KEPT + len(seeds):
            kept.append(content)
    tally.write_counts()


def with_atheris(form: str, seeds: Sequence[bytes], tally: Tally, seconds: float, seed: int, folder: Path) -> None:
    """Try inputs chosen by libFuzzer from the lines and comparisons they reach; ends the process."""
    import atheris

    def mutate(content: bytes, most: int, number: int) -> bytes:
        draw = Random(number)
        if draw.random() < 0.5:
            return bytes(atheris.Mutate(content, most))
        return MUTATIONS[form](content, seeds, draw)[:most]

    corpus = folder / "corpus"
    corpus.mkdir()
    for number, content in enumerate(seeds):
        (corpus / str(number)).write_bytes(content)
    for module in [each for name, each in sys.modules.items() if name.startswith(("longshort.data", "longshort.runs"))]:
        for name, member in vars(module).items():
            if callable(member) and hasattr(member, "__code__") and member.__module__ == module.__name__:
                vars(module)[name] = atheris.instrument_func(member)
    options = [
        f"-max_total_time={int(seconds)}",
        f"-seed={seed + 1}",
        "-max_len=20000",
        "-rss_limit_mb=0",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: tally.feed(data), custom_mutator=mutate)
    atheris.Fuzz()


def main(name: str, seconds: float, seed: int, engine: str, folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, too_slow)
    warnings.simplefilter("ignore")
    target = TARGETS[name]
    (folder / "place").mkdir()
    seeds, feed = target.open(folder / "place")
    tally = Tally(feed, folder)
    for content in seeds:
        tally.feed(content)
    if not tally.counts["accepted"] and target.format != "seed":
        raise SystemExit("every valid input was rejected")
    if engine == "atheris":
        with_atheris(target.format, seeds, tally, seconds, seed, folder)
    else:
        with_mutations(target.format, seeds, tally, seconds, seed)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4], Path(sys.argv[5]))
