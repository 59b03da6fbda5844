"""Compare two recordings."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path

__all__ = ["differences"]

NUMBERS = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|[0-9a-f]{64}")


def differences(old: Path, new: Path, *, bits: bool = False) -> int:
    """Print what differs; 1 where anything does, else 0.

    Args:
        old, new: folders of recordings.
        bits: compare weights, predictions and the numbers in `metrics.json` and histories, but no words.
    """
    names = sorted({str(path.relative_to(root)) for root in (old, new) for path in root.rglob("*") if path.is_file()})
    differing = 0
    for name in names:
        if bits and not name.endswith(("bits.json", "metrics.json", "history.json", "python.json")):
            continue
        before, after = (_lines(root / name, bits=bits) for root in (old, new))
        if before != after:
            differing += 1
            sys.stdout.writelines(difflib.unified_diff(before, after, f"old/{name}", f"new/{name}", n=0))
    print(f"{differing} of {len(names)} recorded files differ.")
    return int(differing > 0)


def _lines(path: Path, *, bits: bool) -> list[str]:
    if not path.is_file():
        return ["(not recorded)\n"]
    text = path.read_text(encoding="utf-8")
    if bits and path.suffix == ".json":
        return [f"{number}\n" for number in NUMBERS.findall(text)]
    return text.splitlines(keepends=True)
