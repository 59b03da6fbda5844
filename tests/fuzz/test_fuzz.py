"""A few seconds of `make fuzz`."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from tests.fuzz.mutation import MUTATIONS
from tests.fuzz.run import fuzz
from tests.fuzz.targets import TARGETS
from tests.fuzz.worker import Tally, with_mutations

from longshort.errors import DataError
from longshort.kinds import kind_of, names

SECONDS = 0.25


@pytest.mark.parametrize("name", TARGETS)
def test_only_longshort_errors_are_raised(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    (tmp_path / "place").mkdir()
    seeds, feed = target.open(tmp_path / "place")
    tally = Tally(feed, tmp_path)
    with_mutations(target.format, seeds, tally, SECONDS, 1)
    assert not tally.failures, [path.read_text() for path in tmp_path.glob("*.txt")]
    assert tally.counts["tried"]


def test_everything_that_reads_a_model_is_fuzzed() -> None:
    for task, form in ((name, kind_of(name).model_config()) for name in names()):
        assert {f"{task}, config.json", f"{task}, {form.encoding_file}", f"{task}, weights"} <= set(TARGETS)


@pytest.mark.slow
def test_a_target_in_its_own_process(tmp_path: Path) -> None:
    outcome = fuzz("texts, CSV", "mutations", 1.0, 7, tmp_path / "texts")
    assert not outcome.failures
    assert outcome.tried == outcome.refused + outcome.accepted > 1
    assert outcome.messages > 0


@pytest.mark.slow
def test_a_failing_process_is_reported(tmp_path: Path) -> None:
    outcome = fuzz("no such target", "mutations", 1.0, 7, tmp_path / "none")
    assert outcome.failures == {"the process ended with 1": "current"}
    assert "KeyError" in (tmp_path / "none" / "stderr.txt").read_text()


def test_other_errors_are_stored_with_their_input(tmp_path: Path) -> None:
    def feed(content: bytes) -> None:
        if content.startswith(b"a"):
            raise DataError("Ours.", "Correct it.")
        if content.startswith(b"b"):
            raise KeyError(content)

    tally = Tally(feed, tmp_path)
    for content in (b"a1", b"b1", b"b2", b"c"):
        tally.feed(content)
    tally.write_counts()
    assert tally.counts == {"tried": 4, "refused": 1, "accepted": 1, "failed": 2}
    (kept,) = tally.failures.values()
    assert (tmp_path / f"{kept}.input").read_bytes() == b"b1"
    assert "KeyError" in (tmp_path / f"{kept}.txt").read_text()
    assert json.loads((tmp_path / "counts.json").read_text())["tried"] == 4


@pytest.mark.parametrize("form", MUTATIONS)
def test_mutations_follow_from_the_seed_and_differ(form: str) -> None:
    seeds = [b'{"a": [1, 2], "b": {"c": "d"}}', b"a,b\n1,2\n3,4\n"]

    def made(seed: int) -> list[bytes]:
        draw = Random(seed)
        return [MUTATIONS[form](seeds[0], seeds, draw) for _ in range(50)]

    assert made(1) == made(1) != made(2)
    assert len(set(made(1))) > 20


def test_a_planted_fault_is_found(tmp_path: Path) -> None:
    """A reader that trusts a number in a JSON file."""

    def feed(content: bytes) -> None:
        try:
            held = json.loads(content)
        except (ValueError, RecursionError):
            raise DataError("No JSON.", "Correct it.") from None
        if isinstance(held, dict) and isinstance(held.get("size"), int):
            [0][: held["size"]][0]

    tally = Tally(feed, tmp_path)
    with_mutations("json", [b'{"size": 1, "name": "x"}'], tally, 1.0, 1)
    assert any(where.startswith("IndexError") for where in tally.failures)
