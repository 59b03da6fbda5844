"""What is known of each sequence of a table beside its values: where it stands, its target, its group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from longshort.data.sequences.cells import as_class, as_target, is_blank, look_like_numbers
from longshort.data.sequences.roles import Roles
from longshort.data.sequences.sequences import Sequences, checked
from longshort.data.texts.rows import Table
from longshort.data.values import ValueProblem
from longshort.plain import Plain

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Kept", "Known", "name_of"]


def name_of(table: Table, column: str, named: Plain, place: int) -> str:
    """What a row says about its sequence or group."""
    if is_blank(named[column]):
        raise table.error(f"{column!r} must be filled in. It is empty.", "Fill it in, or leave the row out.", place)
    return str(named[column])


@dataclass(frozen=True)
class Known:
    """The target and the group of a sequence, as far as they are asked for."""

    target: Any = None
    group: str = ""


@dataclass
class Kept:
    """What is known of each sequence beside its values."""

    table: Table
    roles: Roles
    numbers: bool | None
    origins: list[str] = field(default_factory=list)
    targets: list[Any] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    rows: int = 0

    def known(self, place: int, named: Plain) -> Known:
        """What a row says of its sequence.

        Raises:
            DataError: it must say it, and does not.
        """
        target, group = None, ""
        if self.roles.label is not None:
            try:
                cell = named[self.roles.label]
                target = as_target(cell) if self.numbers else as_class(cell)
            except ValueProblem as problem:
                raise self.table.error(problem.message, problem.hint, place) from None
        if self.roles.group is not None:
            group = name_of(self.table, self.roles.group, named, place)
        return Known(target, group)

    def add(self, known: Known, origin: str) -> None:
        """Take one more sequence."""
        self.origins.append(origin)
        self.targets.append(known.target)
        self.groups.append(known.group)

    def sequences(
        self, values: npt.NDArray[np.float64], lengths: npt.ArrayLike, channels: tuple[str, ...], *notes: str
    ) -> Sequences:
        """All that were kept, with their values in one array and the names of its columns."""
        skipped = self.table.refusals.note(self.rows)
        made = self._targets()
        return checked(
            Sequences(
                values=values,
                lengths=np.array(lengths, dtype=np.int64),
                channels=channels,
                origins=tuple(self.origins),
                targets=made,
                groups=None if self.roles.group is None else tuple(self.groups),
                name=self.table.name,
                notes=(*self.roles.notes, *notes, *([skipped] if skipped else [])),
            )
        )

    def _targets(self) -> Any:
        if self.roles.label is None:
            return None
        numbers = look_like_numbers(self.targets) if self.numbers is None else self.numbers
        return np.array(list(map(float, self.targets))) if numbers else tuple(self.targets)
