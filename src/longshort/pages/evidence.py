"""What a report is made of: the numbers of a run, and its model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from longshort.artifacts.bundle import AnyBundle, load_bundle
from longshort.artifacts.run_directory import RunDirectory
from longshort.pages.section import Missing
from longshort.plain import PlainMapping

if TYPE_CHECKING:
    pass

__all__ = ["Evidence"]

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything that a section may look at.

    Args:
        metrics: what `metrics.json` holds.
        history: one record per epoch.
        figures: the folder of the PNG files.
        run: where answers and model are read when they are first asked for; None if there are none.
    """

    metrics: PlainMapping
    history: Sequence[PlainMapping]
    figures: Path
    run: RunDirectory | None = None

    @property
    def test(self) -> PlainMapping:
        """The metrics on the part that was judged on."""
        found: PlainMapping = self.metrics["test"]
        return found

    @cached_property
    def bundle(self) -> AnyBundle:
        """The trained model, whatever it reads.

        Raises:
            Missing: the run keeps none.
        """
        if self.run is None or not self.run.has_model:
            raise Missing("The model is not kept beside this report.")
        return load_bundle(self.run.model)

    @cached_property
    def _found(self) -> dict[str, object]:
        return {}

    def once(self, name: str, find: Callable[[Evidence], T]) -> T:
        """Return what `find` returns for this evidence; it is called once, so that sections share what it finds.

        Args:
            name: stands for `find`.
            find: a function of the evidence.
        """
        if name not in self._found:
            self._found[name] = find(self)
        return cast("T", self._found[name])
