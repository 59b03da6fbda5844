"""What this computer has."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["memory"]

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Bytes, or "max", where the kernel of Linux keeps a group of processes within bounds, as containers do."""


def memory() -> int:
    """Bytes of memory that this process may use: the container's limit where there is one."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _CGROUP_LIMIT.read_text().strip() if _CGROUP_LIMIT.exists() else "max"
    return min(total, int(limit) if limit.isdigit() else total)
