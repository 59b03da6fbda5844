"""Malicious and damaged models: each case takes a folder with a valid model and spoils it."""

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
        name: description of the fault.
        spoil: spoils the model in a folder.
        encodings: file names of the encodings that it suits; empty for all.
        tasks: tasks that it suits; empty for all.
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
    """Yield the cases of a task; a new task gets all that suit any task.

    Args:
        task: the name of a kind.
        every: otherwise cases that suit any task are distributed, each to one task.
    """
    from tests.hostile import descriptions, encodings, files, tokenizers, weights  # noqa: F401  (each adds its own)

    place, count = names().index(task), len(names())
    for number, case in enumerate(CASES):
        if case.suits(task) and (every or case.encodings or case.tasks or number % count == place):
            yield case


# --- tools to spoil a model with ---


def change(path: Path, /, **changes: Any) -> None:
    """Set keys of a JSON object; `a__b` is the key b of the object a, and `...` removes a key."""
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
    """Return the file of the encoding."""
    return folder / kind_of(json.loads((folder / CONFIG).read_text())["task"]).model_config().encoding_file


def change_header(folder: Path, spoil: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of the weights, but not their bytes."""
    content = (folder / WEIGHTS).read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    spoil(header)
    write_weights(folder, header, content[8 + length :])


def write_weights(
    folder: Path, header: Mapping[str, Any] | bytes, data: bytes = b"", length: int | None = None
) -> None:
    """Write a safetensors file, valid or not."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    begin = struct.pack("<Q", len(text) if length is None else length)
    (folder / WEIGHTS).write_bytes(begin + text + data)
