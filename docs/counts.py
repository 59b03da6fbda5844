"""Counts what CONTRIBUTING and the decisions say of the structure: `python docs/counts.py`."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "longshort"
ROOMS = ("forecast", "sequences", "text")

HOPS = """
import sys, traceback
from pathlib import Path
files, frames = [], 0
class Stop(BaseException): pass
def note(frame, event, arg):
    global frames
    name = frame.f_code.co_filename
    if event == "call" and frame.f_code.co_name != "<module>" and "/longshort/" in name and name.endswith(".py"):
        if name not in files: files.append(name)
        if name.endswith("loop.py") and frame.f_code.co_name == "step":
            stack, at = [], frame
            while at: stack.append(at); at = at.f_back
            frames = sum("/longshort/" in each.f_code.co_filename for each in stack)
            print(len(files), frames, flush=True)
            import os; os._exit(0)
sys.setprofile(note)
from longshort.cli import main
main(args=sys.argv[1:])
"""


def main() -> None:
    """Print each number beside what it is."""
    from longshort.kinds import names

    rows = {
        "existing files that a new kind touches (the registry)": touched(),
        "files outside the rooms of kinds that name a kind": len(naming(names())),
        "modules of other kinds loaded with a text model": len(loaded_with("text-classification", "text")),
        "lines of signatures with Any": any_lines(),
        "files in the largest folder": max(len(list(folder.glob("*.py"))) for folder in folders()),
    }
    files, frames = hops()
    rows["files from `longshort train` to the first update of a text classifier"] = files
    rows["frames between them"] = frames
    for what, number in rows.items():
        print(f"{number:5,}  {what}")
    for path in naming(names()):
        print(f"       names a kind: {path}")


def folders() -> list[Path]:
    """Every folder of the package."""
    return [SOURCE, *(path for path in SOURCE.rglob("*") if path.is_dir() and path.name != "__pycache__")]


def touched() -> int:
    """Files that hold a list of kinds: a new one has its line there."""
    return sum("KIND" in text and text.count(":KIND") > 1 for text in map(Path.read_text, SOURCE.rglob("*.py")))


def naming(kinds: list[str]) -> list[Path]:
    """Files outside the rooms that import from one, or whose code has the name of a kind as a str."""
    outside = [p for p in SOURCE.rglob("*.py") if p.relative_to(SOURCE).parts[:2] not in {("kinds", r) for r in ROOMS}]
    return sorted(path.relative_to(SOURCE) for path in outside if names_one(path, kinds))


def names_one(path: Path, kinds: list[str]) -> bool:
    """Whether a file names a kind. A column, a label or a command that is called "forecast" too does not count."""
    rooms = re.compile(rf"longshort\.kinds\.({'|'.join(ROOMS)})\b")
    tree = ast.parse(path.read_text())
    said = {
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    words = {
        each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)
    } - said
    return bool(rooms.search(path.read_text())) or bool(words & (set(kinds) - {"forecast"}))


def loaded_with(kind: str, room: str) -> list[str]:
    """Modules of other rooms of kinds, and of their data and networks, that loading a model of `kind` imports."""
    others = tuple(f"longshort.kinds.{each}." for each in ROOMS if each != room)
    others += (
        "longshort.data.sequences",
        "longshort.data.series",
        "longshort.networks.sequence",
        "longshort.networks.forecast",
    )
    with tempfile.TemporaryDirectory() as folder:
        code = (
            f"import sys; sys.path.insert(0, {str(SOURCE.parents[1])!r})\n"
            "from tests.small_models import make\nfrom longshort.runs import save_bundle\nfrom pathlib import Path\n"
            f"save_bundle(Path({folder!r}), make({kind!r}))"
        )
        subprocess.run([sys.executable, "-c", code], check=True)
        asked = f"import sys, longshort\nlongshort.load({folder!r})\nprint(*sys.modules)"
        found = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    return sorted(name for name in found if name.startswith(others))


def any_lines() -> int:
    """Lines on which an annotation of a function has `Any`."""
    total = 0
    for path in SOURCE.rglob("*.py"):
        lines = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = [
                    *node.args.posonlyargs,
                    *node.args.args,
                    *node.args.kwonlyargs,
                    node.args.vararg,
                    node.args.kwarg,
                ]
                notes = [each.annotation for each in arguments if each and each.annotation] + [node.returns]
                names = (part for note in notes if note for part in ast.walk(note))
                lines |= {part.lineno for part in names if isinstance(part, ast.Name) and part.id == "Any"}
        total += len(lines)
    return total


def hops() -> tuple[int, int]:
    """Files of longshort that run before the first update of a training, and the frames on the stack at it."""
    with tempfile.TemporaryDirectory() as folder:
        rows = "\n".join(f"{word} film number {row},{row % 2}" for row, word in enumerate(["good", "bad"] * 20))
        Path(folder, "data.csv").write_text(f"text,label\n{rows}\n")
        command = [sys.executable, "-c", HOPS, "train", "data.csv", "--pretraining-epochs", "0"]
        out = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()
    return int(out[-2]), int(out[-1])


if __name__ == "__main__":
    main()
