"""Runs the commands of a page and puts what they print below them, so that every number in it was printed.

python docs/walk.py docs/understanding.md          run all, and write the page anew
python docs/walk.py --check docs/understanding.md  run all, and say where the page differs

A block that starts with ```console holds commands, each after "$ ", and what they print to stdout. All are run one
after another in an empty folder that has this one as its docs/; a page finds what the pages named before it made.
Weights that were trained on another processor take another course, and the numbers of a page are then others.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
BLOCK = re.compile(r"(?<=```console\n).*?(?=^```)", re.DOTALL | re.MULTILINE)


def commands(block: str) -> list[str]:
    """The command lines of a block; one that ends in a backslash goes on in the next line."""
    joined = block.replace("\\\n", "\0")
    return [line[2:].replace("\0", "\\\n") for line in joined.splitlines() if line.startswith("$ ")]


def run(command: str, folder: Path) -> str:
    """What the command prints to stdout in the folder, with the programs that stand beside this Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    line = ["bash", "-o", "pipefail", "-c", command]
    done = subprocess.run(
        line, cwd=folder, env=os.environ | {"PATH": path}, stdout=subprocess.PIPE, text=True, check=True
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def walked(page: str, folder: Path) -> str:
    """The page with what its commands print now."""
    return BLOCK.sub(lambda block: "\n".join(f"$ {each}\n{run(each, folder)}" for each in commands(block[0])), page)


def main(arguments: list[str]) -> int:
    """Walk along each page that is named; 1 where a page differs that is only checked."""
    check, different = "--check" in arguments, False
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "docs").symlink_to(DOCS, target_is_directory=True)
        for name in (each for each in arguments if each != "--check"):
            before = Path(name).read_text(encoding="utf-8")
            after = walked(before, folder)
            if check:
                lines = (each.splitlines(keepends=True) for each in (before, after))
                sys.stdout.writelines(difflib.unified_diff(*lines, name, "now"))
                different |= after != before
            else:
                Path(name).write_text(after, encoding="utf-8")
    return int(different)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
