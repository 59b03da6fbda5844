"""Text files, decoded strictly: an undecodable byte or a NUL is an error that names its place, never a changed text."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

from longshort.errors import DataError, SettingError, nearest

__all__ = ["check_encoding", "lines", "read_text"]

_CHUNK = 1 << 20
_COMMON = ("utf-8", "utf-16", "utf-32", "cp1252", "latin-1", "cp1251", "gb18030", "shift_jis", "euc_kr", "big5")
# The marks of UTF-32 come first: that of its little-endian form begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def check_encoding(name: str) -> str:
    """The codec to read with for an encoding's name; that of UTF-8 skips a byte order mark.

    Raises:
        SettingError: there is no such text encoding.
    """
    try:
        # A codec may exist and yet be none for text ("base64"); this refuses it as opening a file would.
        io.TextIOWrapper(io.BytesIO(), encoding=name)
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        hint = nearest(name, _COMMON) or f"Common encodings are {', '.join(_COMMON)}."
        raise SettingError(f"encoding must be the name of a text encoding. Got {name!r}.", hint) from None
    return "utf-8-sig" if found == "utf-8" else found


def lines(path: Path, encoding: str) -> Iterator[str]:
    """Stream the lines of a file with their line ends as written.

    Raises:
        DataError: the file cannot be read, a byte cannot be decoded, or a line holds a NUL.
        SettingError: there is no such encoding.
    """
    codec = check_encoding(encoding)
    _refuse_other_marks(path, codec)
    try:
        with path.open(encoding=codec, newline="") as file:
            for number, line in enumerate(file, 1):
                if "\0" in line:
                    raise _nul(path, number)
                yield line
    except UnicodeDecodeError:
        raise _undecodable(path, codec) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def read_text(path: Path, encoding: str) -> str:
    """The whole text of a file, its line ends as written.

    Raises:
        DataError: as `lines`.
        SettingError: there is no such encoding.
    """
    return "".join(lines(path, encoding))


def _refuse_other_marks(path: Path, codec: str) -> None:
    """A byte order mark of UTF-16 or UTF-32 says how to read the file; anything else would misread it."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise _unreadable(path, error) from None
    mark = next((name for bom, name in _MARKS if start.startswith(bom)), None)
    if mark is not None and codec.startswith("utf") and codec != mark:
        raise DataError(
            f"the file must be {codec.removesuffix('-sig')}. Its first bytes are the byte order mark of {mark}.",
            f"Add --encoding {mark}.",
            path=path,
        )


def _undecodable(path: Path, codec: str) -> DataError:
    """Decode once more, in chunks, to find where the first bad byte stands."""
    decoder = codecs.getincrementaldecoder(codec)()
    position = newlines = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            position += len(chunk)
            try:
                newlines += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                # error.object ends where the file was read to, and begins with what the decoder had kept back.
                offset = position - len(error.object) + error.start
                before = error.object[: error.start].decode(error.encoding, errors="ignore")
                line = 1 + newlines + before.count("\n")
                return _bad_byte(path, codec, error, offset, line)


def _bad_byte(path: Path, codec: str, error: UnicodeDecodeError, offset: int, line: int) -> DataError:
    guess = _guess(error.object[error.start : error.start + 1000])
    return DataError(
        f"the text must be {codec.removesuffix('-sig')}. "
        f"Byte 0x{error.object[error.start]:02x} at offset {offset} is not: {error.reason}.",
        f"If the file was written in another encoding, name it, for example --encoding {guess}.",
        path=path,
        line=line,
    )


def _guess(sample: bytes) -> str:
    """The Western encoding of Windows where it can be, or latin-1, which reads any byte."""
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _nul(path: Path, line: int) -> DataError:
    return DataError(
        "text must not hold a NUL byte. Got one.",
        "Is it a text file? If it is UTF-16 without a byte order mark, add --encoding utf-16-le.",
        path=path,
        line=line,
    )


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"the file cannot be read: {error.strerror}.", "Check the path and its permissions.", path=path)
