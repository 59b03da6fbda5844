"""Models as a stranger might send them: each case takes a folder with a good model, and spoils it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longshort.kinds import kind_of, names

__all__ = ["CASES", "Case", "cases", "change", "change_header", "encoding", "hostile", "write_weights"]

Spoil = Callable[[Path], None]
CONFIG, WEIGHTS = "config.json", "weights.safetensors"


@dataclass(frozen=True)
class Case:
    """One way to spoil a model.

    Args:
        name: what is wrong.
        spoil: does it.
        encodings: names of the files of encodings that it is for; empty for all tasks.
        tasks: those that it is for; empty for all.
    """

    name: str
    spoil: Spoil
    encodings: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()

    def suits(self, task: str) -> bool:
        return (not self.encodings or kind_of(task).model_config().encoding_file in self.encodings) and (
            not self.tasks or task in self.tasks
        )


CASES: list[Case] = []


def hostile(name: str, *, encodings: tuple[str, ...] = (), tasks: tuple[str, ...] = ()) -> Callable[[Spoil], Spoil]:
    """Add a function to the corpus."""

    def add(spoil: Spoil) -> Spoil:
        CASES.append(Case(name, spoil, encodings, tasks))
        return spoil

    return add


def cases(task: str, *, every: bool = True) -> Iterator[Case]:
    """Those for a task; a task of tomorrow gets all that are for any.

    Args:
        task: the name of a kind.
        every: else those that are for any task are dealt out among the tasks, each to one.
    """
    from tests.hostile import descriptions, encodings, files, tokenizers, weights  # noqa: F401  (each adds its own)

    place, count = names().index(task), len(names())
    for number, case in enumerate(CASES):
        if case.suits(task) and (every or case.encodings or case.tasks or number % count == place):
            yield case


# --- tools to spoil a model with ---


def change(path: Path, /, **changes: Any) -> None:
    """Set keys of a JSON object; `a__b` is the key b of the object a, and `...` takes a key away."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for keys, value in changes.items():
        *above, last = keys.split("__")
        place = content
        for key in above:
            place = place[key]
        if value is ...:
            place.pop(last)
        else:
            place[last] = value
    path.write_text(json.dumps(content), encoding="utf-8")


def encoding(folder: Path) -> Path:
    """The file of the encoding."""
    return folder / kind_of(json.loads((folder / CONFIG).read_text())["task"]).model_config().encoding_file


def change_header(folder: Path, spoil: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of the weights, and leave their bytes."""
    content = (folder / WEIGHTS).read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    spoil(header)
    write_weights(folder, header, content[8 + length :])


def write_weights(
    folder: Path, header: Mapping[str, Any] | bytes, data: bytes = b"", length: int | None = None
) -> None:
    """Write a safetensors file, right or wrong."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    begin = struct.pack("<Q", len(text) if length is None else length)
    (folder / WEIGHTS).write_bytes(begin + text + data)
