"""Files that the user asks for: put in place whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from longshort.cli import console
from longshort.errors import DataError

__all__ = ["written"]


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Gives a path with the same suffix to write to; afterwards the file stands at `path`, and that is said.

    What stood there before stays where the writing fails. A pipe or a device is written to as it is.

    Raises:
        DataError: the file cannot be written.
    """
    from longshort.artifacts.atomic import put_in_place

    place = path.resolve()
    temporary: Path | None = None
    try:
        if place.exists() and not place.is_file():
            yield place
        else:
            handle, name = tempfile.mkstemp(dir=place.parent, prefix=".longshort-", suffix=place.suffix)
            os.close(handle)
            temporary = Path(name)
            yield temporary
            temporary.chmod(place.stat().st_mode & 0o777 if place.exists() else 0o644)
            put_in_place(temporary, place)
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"The file could not be written: {reason}.", "Name another file.", path=path) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    console.say(f"Wrote {path}.")
