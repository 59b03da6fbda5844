"""`Refusals`: what becomes of a row that alone is at fault: an error, or a counted skip where that was asked for."""

from __future__ import annotations

from longshort.errors import DataError

__all__ = ["Refusals"]

SHOWN = 3
"""Most rows that are reported one by one; the others are counted."""


class Refusals:
    """The rows of one source that do not hold what they must, whatever stands in the others.

    A source may be gone through again and again: a row counts once. What it needs does not grow with their number.

    Args:
        name: what messages call the source.
        skip: leave such rows out; otherwise the first one is an error.
        noun: what a row is called.

    Attributes:
        count: rows that were left out.
    """

    def __init__(self, name: str, *, skip: bool = False, noun: str = "rows") -> None:
        self.name = name
        self.skip = skip
        self.count = 0
        self._noun = noun
        self._last = -1
        self._skipped: list[str] = []

    def restart(self) -> None:
        """Forget what was refused: a pass begins that looks at more than those before it did."""
        self.count, self._last, self._skipped = 0, -1, []

    def refuse(self, error: DataError, place: int) -> None:
        """Leave out the row at `place`; places rise from row to row.

        Raises:
            DataError: `error` itself, where no row may be left out.
        """
        if not self.skip:
            raise error from None
        if place <= self._last:  # seen by an earlier pass
            return
        self._last = place
        self.count += 1
        if len(self._skipped) < SHOWN:
            self._skipped.append(error.message.removeprefix(self.name).lstrip(",: ").rstrip("."))

    def note(self, kept: int) -> str:
        """The sentence about the rows that were left out, after a whole pass; empty if none was.

        Args:
            kept: rows of that pass that were not left out.

        Raises:
            DataError: more than half of the rows were left out.
        """
        if not self.count:
            return ""
        more = f"; and {self.count - SHOWN:,} more" if self.count > SHOWN else ""
        which = f"{self.count:,} of {kept + self.count:,} {self._noun}"
        reported = "; ".join(self._skipped) + more
        if self.count > kept:
            raise DataError(
                f"no more than half of the {self._noun} may be skipped. {which} would be: {reported}.",
                "Is this the right file, with the right columns and encoding?",
                path=self.name,
            )
        return f"{self.name}: skipped {which}: {reported}."
