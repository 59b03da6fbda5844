"""Checkpoints of one fit: the same fit resumes from them after it was killed, and removes them when it is done."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from longshort.config import RunSettings
from longshort.kinds.seam import Part
from longshort.runs.checkpoints import FolderCheckpoints
from longshort.training import Listener
from longshort.version import __version__

__all__ = ["checkpoints_of"]

AnyArray = np.ndarray[Any, Any]
"""An array of numbers of any type."""


@contextmanager
def checkpoints_of(
    folder: Path | str | None,
    parts: Mapping[str, Part],
    settings: RunSettings,
    weights: AnyArray | None,
    start: tuple[object, nn.Module] | None,
    listener: Listener,
) -> Iterator[FolderCheckpoints | None]:
    """Where a fit is kept below `folder` while it lasts; None if nothing is kept.

    Args:
        folder: may hold those of several fits: each has a folder named by what it follows from.
        parts: of the data, as they were split.
        settings: all of them.
        weights: of the examples; or None.
        start: task and network to continue from, or None.
        listener: receives a note for each damaged checkpoint.
    """
    if folder is None:
        yield None
        return
    own = Path(folder) / _fingerprint(parts, settings, weights, start)
    yield FolderCheckpoints(own, listener.note)
    shutil.rmtree(own, ignore_errors=True)


def _fingerprint(
    parts: Mapping[str, Part],
    settings: RunSettings,
    weights: AnyArray | None,
    start: tuple[object, nn.Module] | None,
) -> str:
    """Return a digest of everything that determines the bits of a fit."""
    words = (settings.model_dump_json(), __version__, torch.__version__, str(torch.get_num_threads()))
    found = hashlib.sha256("\n".join(words).encode())
    for name, part in parts.items():
        found.update(name.encode() + part.rows.tobytes())
        found.update(_of_data(part))
    found.update(b"" if weights is None else weights.tobytes())
    for name, tensor in ({} if start is None else start[1].state_dict()).items():
        found.update(name.encode() + tensor.numpy().tobytes())
    return found.hexdigest()[:32]


def _of_data(part: Part) -> bytes:
    """What identifies the data of a part: their content if the part has it, else their source."""
    content: bytes = getattr(part, "content", b"")
    return content or part.fingerprint.encode()
