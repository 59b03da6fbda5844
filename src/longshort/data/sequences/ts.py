"""`.ts`: the text files of the UCR/UEA archive, a header of @-lines and a sequence a line."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from longshort.data.files import DataFile
from longshort.data.numbers import as_number
from longshort.data.refusals import Refusals
from longshort.data.sequences.cells import as_class, as_target
from longshort.data.sequences.sequences import Floats, Sequences, checked
from longshort.data.sequences.tsheader import EXAMPLE, Header, read_header_line
from longshort.data.textfile import damage, lines
from longshort.data.values import ValueProblem
from longshort.errors import DataError

__all__ = ["read_ts"]

_GAPS = "The header says that no value is missing (@missing false), and some are: they are read as missing."


@dataclass
class _Body:
    """What stands after @data, so far."""

    path: Path
    header: Header
    labelled: bool
    numbers: bool
    arrays: list[Floats] = field(default_factory=list)
    targets: list[Any] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def add(self, text: str, place: int) -> None:
        """Take one line.

        Raises:
            DataError: it is no sequence; nothing is taken then.
        """
        parts = text.split(":")
        word = parts.pop().strip() if self.header.has_targets else None
        values = self._values(parts, place)
        if word is not None and self.labelled:
            self.targets.append(self._target(word, place))
        self.arrays.append(values)
        self.places.append(place)

    def _values(self, parts: list[str], place: int) -> Floats:
        if not parts:
            raise self._error("a row must hold values, a colon, and its target. Got no colon.", EXAMPLE, place)
        self._check_channels(len(parts), place)
        found = [self._channel(part, channel, place) for channel, part in enumerate(parts)]
        lengths = [len(channel) for channel in found]
        if len(set(lengths)) > 1:
            raise self._error(
                "the channels of a sequence must be equally long. Got "
                f"{', '.join(map(str, lengths[:20]))}{', ...' if len(lengths) > 20 else ''} values.",
                'Write "?" where a value is missing.',
                place,
            )
        self._check_length(lengths[0], place)
        return np.array(found, dtype=np.float64).T

    def _check_length(self, steps: int, place: int) -> None:
        if not steps:
            raise self._error("a sequence must have at least one step. This one has none.", "Leave it out.", place)
        wanted = self.header.steps or (len(self.arrays[0]) if self.arrays else steps)
        if self.header.equal and steps != wanted:
            raise self._error(
                f"all sequences must have {wanted} steps, as the header says that they are equally long. Got {steps}.",
                "Correct the row, or the lines @equalLength and @seriesLength.",
                place,
            )

    def _check_channels(self, count: int, place: int) -> None:
        said = self.header.channels
        wanted = said or (self.arrays[0].shape[1] if self.arrays else count)
        if count != wanted:
            raise self._error(
                f"a row must have {wanted} channel{'s' if wanted > 1 else ''}, as "
                f"{'the header says' if said else 'those before it have'}. Got {count}.",
                f"Colons stand between channels, and before the target. {EXAMPLE}",
                place,
            )

    def _channel(self, part: str, channel: int, place: int) -> list[float]:
        if not part.strip():
            return []
        found = []
        for step, cell in enumerate(part.split(","), start=1):
            try:
                number = as_number(cell)
            except ValueError:
                raise self._error(
                    f'each value must be a number, or "?" where it is missing. Got {cell.strip()!r:.80}, step {step} '
                    f"of channel {channel}.",
                    "Values are separated by commas, channels by colons.",
                    place,
                ) from None
            if math.isinf(number):
                raise self._error(
                    f"each value must be finite. Got {cell.strip()!r:.80}, step {step} of channel {channel}.",
                    'A missing value is written "?".',
                    place,
                )
            found.append(number)
        return found

    def _target(self, word: str, place: int) -> Any:
        if self.header.labels and word not in self.header.labels:
            known = sorted(self.header.labels)
            raise self._error(
                f"each class must be one of the header: {', '.join(known[:20])}{', ...' if len(known) > 20 else ''}. "
                f"Got {word!r:.80}.",
                "Correct the row, or the line @classLabel.",
                place,
            )
        try:
            return as_target(word) if self.numbers else as_class("" if word == "?" else word)
        except ValueProblem as problem:
            raise self._error(problem.message, problem.hint, place) from None

    def _error(self, message: str, hint: str, place: int) -> DataError:
        return DataError(message, hint, path=self.path, line=place)


def read_ts(
    path: Path, encoding: str = "utf-8", *, labelled: bool = True, numbers: bool | None = None, skip_bad: bool = False
) -> Sequences:
    """Read a file: channels between colons, values between commas, "?" or NaN if one is missing, the target last.

    What the header says must hold: channels, a common length, names of classes. Case plays no part in it; lines that
    begin with # or % are comments.

    Args:
        path: the file.
        encoding: its encoding, by Python's name.
        labelled: read the targets, where the header says that there are any.
        numbers: whether they are numbers, for a regression; by None they are after @targetLabel.
        skip_bad: leave out, and count, rows after @data that alone are at fault.

    Raises:
        DataError: the file does not hold that; with the line.
    """
    header, refusals = Header(), Refusals(str(path), skip=skip_bad)
    digest = hashlib.sha256()
    body: _Body | None = None
    with DataFile(path).unchanged():
        for place, line in enumerate(lines(path, encoding, marking=skip_bad), start=1):
            text = line.strip()
            damaged = damage(text, encoding, path, place) if skip_bad else None
            digest.update(text.encode(errors="surrogatepass") + b"\n")
            if damaged is None and (not text or text.startswith(("#", "%"))):
                continue
            if body is None and damaged is not None:
                raise damaged
            if body is not None:
                _take(body, text, place, damaged, refusals)
            elif read_header_line(header, text, path, place):
                body = _Body(path, header, labelled, header.numbers if numbers is None else numbers)
    note = refusals.note(0 if body is None else len(body.arrays))
    if body is None or not body.arrays:
        raise DataError("the file must hold sequences after @data. It holds none.", EXAMPLE, path=path)
    return _sequences(body, digest.hexdigest(), note)


def _take(body: _Body, text: str, place: int, damaged: DataError | None, refusals: Refusals) -> None:
    try:
        if damaged is not None:
            raise damaged
        body.add(text, place)
    except DataError as error:
        refusals.refuse(error, place)


def _sequences(body: _Body, fingerprint: str, note: str) -> Sequences:
    gaps = body.header.missing is False and any(np.isnan(each).any() for each in body.arrays)
    count = body.arrays[0].shape[1]
    known = body.header.has_targets and body.labelled
    made: Any = np.array(body.targets, dtype=np.float64) if body.numbers else tuple(body.targets)
    found = Sequences(
        values=np.concatenate(body.arrays),
        lengths=np.array([len(each) for each in body.arrays], dtype=np.int64),
        channels=("value",) if count == 1 else tuple(f"channel {number}" for number in range(count)),
        origins=tuple(f"line {place}" for place in body.places),
        targets=made if known else None,
        name=str(body.path),
        fingerprint=fingerprint,
        notes=(*([_GAPS] if gaps else []), *([note] if note else [])),
    )
    return checked(found)
