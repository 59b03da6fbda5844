"""The texts to classify, chunk by chunk: arguments, a file of any length, or stdin as it comes."""

from __future__ import annotations

import codecs
import io
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from longshort.cli import console
from longshort.config import DataSettings
from longshort.errors import DataError

__all__ = ["chunks"]

CHUNK = 1024
"""Texts of a file that are classified together; the memory needed does not grow with their number."""

BLOCK = 1 << 16
"""Bytes of stdin that are read at once, at most."""


def chunks(texts: Iterable[str], file: Path | None, settings: DataSettings) -> Iterator[list[str]]:
    """Lists of texts, in order: `texts` if there are any, else those of `file`, else the lines of stdin.

    A line of stdin is handed on as soon as it is there, so that a program at the other end of a pipe gets its answer.

    Args:
        texts: taken as they are.
        file: one text a line when it ends in .txt; anything else that `longshort train` reads, its labels not needed.
        settings: the text column and the encoding.

    Raises:
        DataError: a file is missing or does not hold texts, or bytes do not fit the encoding.
        SettingError: there is no such encoding.
    """
    given = list(texts)
    if given:
        return iter([given])
    if file is None:
        return _stdin(settings.encoding)
    return _in_chunks(_texts_of(file, settings))


def _texts_of(file: Path, settings: DataSettings) -> Iterator[str]:
    from longshort.data import open_source
    from longshort.data.textfile import lines

    if file.suffix == ".txt":
        return (line.rstrip("\r\n") for line in lines(file, settings.encoding))
    return (row.text for row in open_source(file, settings, labelled=False).rows())


def _in_chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(itertools.islice(texts, CHUNK)):
        yield chunk


def _stdin(encoding: str) -> Iterator[list[str]]:
    """The complete lines in each block of bytes that arrives; the last line needs no end."""
    from longshort.data.textfile import check_encoding

    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(check_encoding(encoding))(), translate=True)
    if sys.stdin.isatty():
        console.say("Type one text a line; Ctrl-D ends.")
    done, rest = 0, ""
    for block in _blocks(sys.stdin.buffer):
        try:
            *lines, rest = (rest + decoder.decode(block, final=not block)).split("\n")
        except UnicodeDecodeError as error:
            raise _undecodable(error, done + 1, encoding) from None
        lines += [rest] if rest and not block else []
        if lines:
            yield lines
        done += len(lines)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """What is there whenever something is, then an empty block."""
    while block := stream.read1(BLOCK):  # type: ignore[attr-defined]
        yield block
    yield b""


def _undecodable(error: UnicodeDecodeError, line: int, encoding: str) -> DataError:
    line += error.object[: error.start].decode(encoding, errors="ignore").count("\n")
    return DataError(
        f"the text must be {encoding}. Got the byte 0x{error.object[error.start]:02x}, which is not.",
        "Name the encoding that it was written in, for example --encoding cp1252.",
        path="stdin",
        line=line,
    )
