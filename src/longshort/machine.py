"""The memory of this computer."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["memory"]

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Linux's memory limit of a control group, as containers use it: bytes, or "max"."""


def memory() -> int:
    """Return the bytes of memory that this process may use: the computer's, or the container's limit if smaller."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _CGROUP_LIMIT.read_text().strip() if _CGROUP_LIMIT.exists() else "max"
    return min(total, int(limit) if limit.isdigit() else total)
