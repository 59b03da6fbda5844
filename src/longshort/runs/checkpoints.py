"""Where a training is kept while it lasts: files that are whole or recognised as torn, the last two of them."""

from __future__ import annotations

import hashlib
import json
import re
import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError

from longshort.artifacts.atomic import make_folder, write_bytes
from longshort.errors import StorageError
from longshort.training import Snapshot

__all__ = ["FolderCheckpoints"]

KEPT = 2
"""Good checkpoints that are kept; while the next one is written there is one more on the disk."""

FACTS = "facts.json"
"""The tensor of bytes that holds what is no tensor; metadata of safetensors would be bounded in size."""

_NAME = re.compile(r"(\d{6,})-([0-9a-f]{64})\.safetensors")


class FolderCheckpoints:
    """The checkpoints of one training in a folder; see `longshort.training.Checkpoints`.

    ```
    <folder>/  000007-<SHA-256>.safetensors  000008-<SHA-256>.safetensors  <one folder for each training of several>/
    ```

    The name of a file holds the checksum of all that is in it: a torn or changed one is recognised, and the one before
    it is taken. Nothing in a file is ever executed.

    Args:
        folder: made when the first one is written.
        note: called with a message for each file that is skipped.
        beside: bytes that the program will write apart from checkpoints, for which there must be room too.
        before: called before a checkpoint is put in place.
    """

    def __init__(
        self,
        folder: Path,
        note: Callable[[str], None] | None = None,
        *,
        beside: int = 0,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.folder, self.beside = folder, beside
        self._note, self._before = note or (lambda _: None), before or (lambda: None)
        self._good: list[Path] = []

    def of(self, name: str) -> FolderCheckpoints:
        """Those of one training among several, in a folder below."""
        return FolderCheckpoints(self.folder / name, self._note, beside=self.beside, before=self._before)

    @property
    def any(self) -> bool:
        """Whether there is a checkpoint of this or of any training below."""
        return any(_NAME.fullmatch(path.name) for path in self.folder.rglob("*.safetensors"))

    def load(self) -> Snapshot | None:
        """Return the newest good one; note each one that is skipped."""
        found = sorted(self._numbered(), reverse=True)
        for _, path in found:
            snapshot = self._read(path)
            if snapshot:
                self._good = [path]
                return snapshot
        if found:
            self._note("No checkpoint of this training is intact: it starts from the beginning.")
        return None

    def save(self, snapshot: Snapshot) -> None:
        """Write it beside the others, make it durable, and remove all but the last two good ones.

        Raises:
            StorageError: it cannot be written; the ones before it stay.
        """
        content = _encode(snapshot)
        number = max((number for number, _ in self._numbered()), default=0) + 1
        path = self.folder / f"{number:06d}-{hashlib.sha256(content).hexdigest()}.safetensors"
        try:
            make_folder(self.folder)
            self._before()
            write_bytes(path, content)
            self._good = [*self._good, path][-KEPT:]
            self._prune()
        except OSError as error:
            raise StorageError.of(error, "The checkpoint", f"{_megabytes(len(content))} are needed for it") from None

    def reserve(self, size: int) -> None:
        """Make sure that checkpoints of `size` bytes can be written, and what comes beside them.

        Raises:
            StorageError: the folder may not be written to, has too little room, or files may not be so large.
        """
        try:
            make_folder(self.folder)
            write_bytes(self.folder / "probe", b"")
            (self.folder / "probe").unlink()
            free = shutil.disk_usage(self.folder).free
        except OSError as error:
            raise StorageError.of(error, "The folder of the checkpoints") from None
        held = sum(path.stat().st_size for _, path in self._numbered())
        model = size // 4  # at most: a checkpoint holds the best weights, those of now, and two moments of each
        needed = (KEPT + 1) * size + model + self.beside - held
        if needed > free:
            raise StorageError(
                f"About {_megabytes(needed)} are needed on the disk of {self.folder}, for the model, its checkpoints "
                f"and the answers. {_megabytes(free)} are free.",
                "Free some space, or keep the run elsewhere with --run.",
            )
        limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
        if limit != resource.RLIM_INFINITY and size > limit:
            raise StorageError(
                f"A checkpoint takes about {_megabytes(size)}. A file may have {_megabytes(limit)} here (ulimit -f).",
                "Raise that limit, or train a smaller model.",
            )

    def _numbered(self) -> Iterator[tuple[int, Path]]:
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if match := _NAME.fullmatch(path.name):
                    yield int(match[1]), path

    def _read(self, path: Path) -> Snapshot | None:
        try:
            content = path.read_bytes()
        except OSError as error:
            self._note(f"{path} cannot be read ({error.strerror}): trying the checkpoint before it.")
            return None
        if f"-{hashlib.sha256(content).hexdigest()}." not in path.name:
            self._note(f"{path} is damaged (its checksum is another): trying the checkpoint before it.")
            return None
        try:
            return _decode(content)
        except (SafetensorError, KeyError, ValueError, RecursionError) as error:
            self._note(f"{path} is no checkpoint ({error}): trying the one before it.")
            return None

    def _prune(self) -> None:
        """Remove all but the good ones: older ones, damaged ones, and what a killed process left unfinished."""
        for path in self.folder.iterdir():
            if path not in self._good and path.is_file():
                path.unlink()


def _encode(snapshot: Snapshot) -> bytes:
    facts = bytearray(json.dumps(snapshot.facts, allow_nan=False).encode())
    # Weights that two modules share are one tensor under two names, which safetensors refuses.
    known: set[int] = set()
    tensors = {FACTS: torch.frombuffer(facts, dtype=torch.uint8)}
    for name, tensor in snapshot.tensors.items():
        shared = tensor.data_ptr() in known
        known.add(tensor.data_ptr())
        tensors[name] = tensor.clone() if shared else tensor.contiguous()
    content: bytes = safetensors.torch.save(tensors)
    return content


def _decode(content: bytes) -> Snapshot:
    # Cloned, since they are not aligned in the file as torch aligns them; the last bit of a result may depend on that.
    tensors = {name: tensor.clone() for name, tensor in safetensors.torch.load(content).items()}
    facts = json.loads(tensors.pop(FACTS).numpy().tobytes())
    return Snapshot(tensors, facts)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
