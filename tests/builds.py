"""A separate build of the kernel with a copy of the package, for mutations."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = Path("src/longshort/lstm")

# An editable installation takes precedence over all paths; this sitecustomize removes it from a process.
WITHOUT_EDITABLE = """import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("_editable")]
"""


class StaleError(Exception):
    """A text to replace does not occur exactly once in the sources."""


class BuildError(Exception):
    """The sources do not compile."""


@dataclass(frozen=True)
class Change:
    """A replacement of one text in one file.

    Args:
        name: the fault that it causes.
        file: under src/longshort/lstm.
        old: text that occurs in the file exactly once.
        new: its replacement.
        needs: processor feature that the change needs to matter: a variant, or "bf16"; empty for none.
    """

    name: str
    file: str
    old: str
    new: str
    needs: str = ""

    def apply(self, text: str) -> str:
        if text.count(self.old) != 1:
            raise StaleError(f"{self.name}: occurs {text.count(self.old)} times, not once, in {self.file}: {self.old}")
        return text.replace(self.old, self.new)


class Build:
    """Sources and build in `folder`.

    Args:
        folder: an empty folder.
        flags: compiler flags, such as sanitizers.
    """

    def __init__(self, folder: Path, flags: str = "") -> None:
        self.sources, self.site, self._made = folder / "sources", folder / "site", folder / "build"
        shutil.copytree(ROOT / "src", self.sources / "src", ignore=shutil.ignore_patterns("__pycache__"))
        cmake = (ROOT / "CMakeLists.txt").read_text()
        (self.sources / "CMakeLists.txt").write_text(cmake.replace(" -O3 ", " -O2 "))  # compiled often, run briefly
        (self.site / "longshort").parent.mkdir()
        (self.site / "sitecustomize.py").write_text(WITHOUT_EDITABLE)
        # cmake runs in the environment of this process.
        self._run(
            "cmake",
            *("-S", str(self.sources), "-B", str(self._made), f"-DPython_EXECUTABLE={sys.executable}"),
            *("-DCMAKE_BUILD_TYPE=RelWithDebInfo", f"-DCMAKE_CXX_FLAGS={flags}"),
        )
        self.make()

    def make(self) -> None:
        """Compile what has changed, and assemble the package."""
        self._run("cmake", "--build", str(self._made), "--parallel", str(len(os.sched_getaffinity(0))))
        shutil.copytree(self.sources / "src" / "longshort", self.site / "longshort", dirs_exist_ok=True)
        for library in self._made.glob("_kernel*.so"):
            shutil.copy(library, self.site / "longshort" / "lstm")

    def change(self, change: Change) -> None:
        """Apply a change and compile."""
        self._write(change.file, change.apply(self._original(change.file)))
        self.make()

    def undo(self, change: Change) -> None:
        """Restore the original; the next `make` compiles it."""
        self._write(change.file, self._original(change.file))

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a process that uses this build."""
        return os.environ | {"PYTHONPATH": str(self.site), "PYTHONDONTWRITEBYTECODE": "1"} | more

    def can(self) -> set[str]:
        """Return the features that this processor and build have, for `Change.needs`."""
        asked = (
            "from longshort.lstm import _kernel as k; "
            "print(k.__file__, *k.variants(), *(['bf16'] if k.can_round() else []))"
        )
        command = [sys.executable, "-c", asked]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=True)
        file, *able = done.stdout.split()
        if not Path(file).is_relative_to(self.site):
            raise BuildError(f"{file} is loaded, not the build in {self.site}")
        return {"", *able}

    def _original(self, file: str) -> str:
        """Return the original text of a file, saved at first use."""
        path = self.sources / PACKAGE / file
        kept = path.with_name(path.name + ".original")
        if not kept.exists():
            shutil.copy(path, kept)
        return kept.read_text()

    def _write(self, file: str, text: str) -> None:
        (self.sources / PACKAGE / file).write_text(text)

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
