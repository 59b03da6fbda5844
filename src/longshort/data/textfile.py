"""Text files, decoded strictly: an undecodable byte or a NUL is an error that names its place, never a changed text."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path

from longshort.errors import DataError, SettingError, nearest

__all__ = ["MARKING", "check_encoding", "damage", "lines", "mark_bytes", "read_text"]

_CHUNK = 1 << 20
_COMMON = ("utf-8", "utf-16", "utf-32", "cp1252", "latin-1", "cp1251", "gb18030", "shift_jis", "euc_kr", "big5")
MARKING = "longshort-marking"
"""The name of the error handler that `mark_bytes` makes known."""

# No text can hold one of these: half of a surrogate pair stands for a byte that could not be decoded.
_DAMAGE = re.compile("[\0\udc00-\udcff]")

# The marks of UTF-32 come first: that of its little-endian form begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = (
    (b"\x1f\x8b", "a gzip file", "Unpack it first: gunzip -c FILE.gz > FILE.csv."),
    (b"PK\x03\x04", "a zip archive, as an Excel workbook is one", "Unpack it, or save the sheet as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document", "Save the sheet as CSV."),
    (b"PAR1", "a Parquet file", "Give it the suffix .parquet."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", "Unpack it first: unzstd FILE."),
    (b"%PDF", "a PDF document", "Its text must be taken out of it first."),
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


def lines(path: Path, encoding: str, *, marking: bool = False) -> Iterator[str]:
    """Stream the lines of a file with their line ends as written.

    Args:
        path: the file.
        encoding: its encoding, by Python's name.
        marking: hand on lines that are no text too; `damage` knows them.

    Raises:
        DataError: the file cannot be read, a byte cannot be decoded, or a line holds a NUL.
        SettingError: there is no such encoding.
    """
    codec = check_encoding(encoding)
    _refuse_other_marks(path, codec)
    if marking:
        mark_bytes()
    try:
        with path.open(encoding=codec, newline="", errors=MARKING if marking else "strict") as file:
            for number, line in enumerate(file, 1):
                if not marking and "\0" in line:
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


def mark_bytes() -> None:
    """Make the error handler `MARKING` known, which leaves a mark for bytes that cannot be decoded."""
    codecs.register_error(MARKING, _mark)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return chr(0xDC00 + error.object[error.start]), error.end


def damage(text: str, encoding: str, path: Path | str, line: int) -> DataError | None:
    """What is wrong with a line, or a part of one, that was read with `marking`; None if it is text.

    Args:
        text: what was read.
        encoding: of the file.
        path: for the error.
        line: for the error.
    """
    found = _DAMAGE.search(text)
    if found is None:
        return None
    if found[0] == "\0":
        return _nul(path, line)
    return DataError(
        f"the text must be {encoding}. Byte 0x{ord(found[0]) - 0xDC00:02x} is not.",
        "If the file was written in another encoding, name it, for example --encoding cp1252.",
        path=path,
        line=line,
    )


def _refuse_other_marks(path: Path, codec: str) -> None:
    """What is no text at all is called by its name. A byte order mark of UTF-16 or UTF-32 says how to read the rest."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise _unreadable(path, error) from None
    other = next(((what, hint) for magic, what, hint in _OTHERS if start.startswith(magic)), None)
    if other is not None:
        raise DataError(f"the file must be text. Its first bytes are those of {other[0]}.", other[1], path=path)
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


def _nul(path: Path | str, line: int) -> DataError:
    return DataError(
        "text must not hold a NUL byte. Got one.",
        "Is it a text file? If it is UTF-16 without a byte order mark, add --encoding utf-16-le.",
        path=path,
        line=line,
    )


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"the file cannot be read: {error.strerror}.", "Check the path and its permissions.", path=path)
