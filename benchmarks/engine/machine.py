"""Describe the machine, the date and the software of a measurement."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

__all__ = ["describe", "slug"]

PACKAGES = ("longshort", "torch", "numpy", "keras", "tensorflow-cpu", "jax", "jaxlib", "onnxruntime", "onnx")
SETS = ("avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx_vnni", "avx512_bf16", "amx_bf16", "asimd", "sve", "bf16")


def describe() -> dict[str, str]:
    """Return the head of a result."""
    status = _kernel()
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _cpu("model name") or platform.processor() or platform.machine(),
        "cores": f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} available to this process",
        "caches": _caches(),
        "instruction sets": ", ".join(name for name in SETS if name in _flags()) or "unknown",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
        "source": _source(),
        "kernel": status,
        "load before the run": ", ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def slug(description: dict[str, str]) -> str:
    """Return a file name for the machine."""
    words = f"{description['processor']} {len(os.sched_getaffinity(0))} cores"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _kernel() -> str:
    from longshort.lstm.compiled import kernel_status

    status = kernel_status()
    return status.compiler if status.available else f"not available: {status.reason}"


def _cpu(field: str) -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(rf"^{field}\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return found[1] if found else ""


def _flags() -> set[str]:
    return set((_cpu("flags") or _cpu("Features")).split())


def _caches() -> str:
    folder = Path("/sys/devices/system/cpu/cpu0/cache")
    caches = {}
    for index in sorted(folder.glob("index*")):
        level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            caches[f"L{level}"] = size
    return ", ".join(f"{name} {size}" for name, size in caches.items()) or "not known"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _source() -> str:
    """Return the commit, and whether files differ from it."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        return f"commit {commit}" + (" with changes" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "not known"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()
