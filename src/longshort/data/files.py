"""A data file: that it is one, and that it stays as it is while it is used."""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from longshort.errors import DataError, closest

__all__ = ["DataFile", "kind_of", "nearest_path", "require_file", "special"]

_SPECIAL = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class DataFile:
    """A file that is read several times, and must be the same each time.

    Args:
        path: the file.

    Raises:
        DataError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state = self._look()

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Read it here. Where it has changed, that is the error, whatever else seemed wrong with it.

        Raises:
            DataError: it is not the file that it was, before or after.
        """
        self.check()
        try:
            yield
        except DataError:
            self.check()
            raise
        self.check()

    def check(self) -> None:
        """Compare size, time of the last change and inode with those at the beginning.

        Raises:
            DataError: one of them is another.
        """
        if self._look() != self._state:
            raise self._changed()

    def blame(self, error: DataError) -> DataError:
        """`error`, about something in the file; or that the file has changed, for then that is why."""
        return error if self._look() == self._state else self._changed()

    def _changed(self) -> DataError:
        return DataError(
            "the file must stay as it is while it is used. It has changed since it was first read.",
            "Start again when nothing writes to it.",
            path=self.path,
        )

    def _look(self) -> tuple[int, int, int]:
        try:
            found = self.path.stat()
        except OSError as error:
            raise DataError(
                f"the file cannot be read: {error.strerror}.", "Check the path and its permissions.", path=self.path
            ) from None
        return found.st_size, found.st_mtime_ns, found.st_ino


def kind_of(path: Path) -> str:
    """ "file", "folder" or "missing"; else what stands there, such as "a named pipe"."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "a link to what does not exist" if _is_link(path) else "missing"
    except OSError as error:
        return "missing" if error.errno == errno.ENAMETOOLONG else f"out of reach: {error.strerror}"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else _SPECIAL.get(stat.S_IFMT(mode), "something else")


def require_file(path: Path) -> None:
    """Refuse what is no file that can be read again and again; a pipe is not even opened, since it may never answer.

    Raises:
        DataError: it is a folder, a pipe, a device, a dangling link, or not there.
    """
    kind = kind_of(path)
    if kind == "folder":
        raise DataError("the data must be a file. It is a folder.", _inside(path), path=path)
    if kind == "missing":
        raise DataError(
            f"there is no file {str(path)!r}.",
            nearest_path(path) or "Check the path.",
        )
    if kind != "file":
        raise special(path, kind)


def nearest_path(path: Path) -> str:
    """The sentence "Did you mean 'x'?" for what stands in the same folder under a name most like that of `path`."""
    found = closest(path.name, [entry.name for entry in _entries(path.parent)])
    return f"Did you mean {str(path.parent / found)!r}?" if found else ""


def special(path: Path, kind: str) -> DataError:
    """The error about what is neither file nor folder."""
    hint = "Check the path and its permissions."
    if kind in _SPECIAL.values():
        hint = "Data is read several times: write it to a file first."
    return DataError(f"the data must be a file. It is {kind}.", hint, path=path)


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except (OSError, ValueError):
        return False


def _inside(folder: Path) -> str:
    files = [entry for entry in _entries(folder) if not entry.name.startswith(".")]
    return f"Name a file in it, such as {files[0]}." if files else "Name a file."


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (OSError, ValueError):
        return []
