"""The texts to classify, chunk by chunk: arguments, a file of any length, or stdin as it comes."""

from __future__ import annotations

import codecs
import io
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from longshort.config import TextDataSettings
from longshort.errors import DataError

__all__ = ["chunks"]

Note = Callable[[str], None]
"""Takes a sentence for the user."""

CHUNK = 1024
"""Texts of a file that are classified together; the memory needed does not grow with their number."""

BLOCK = 1 << 16
"""Bytes of stdin that are read at once, at most."""


def chunks(texts: Iterable[str], file: Path | None, settings: TextDataSettings, note: Note) -> Iterator[list[str]]:
    """Lists of texts, in order: `texts` if there are any, else those of `file`, else the lines of stdin.

    A line of stdin is handed on as soon as it is there, so that a program at the other end of a pipe gets its answer.

    Args:
        texts: taken as they are.
        file: one text a line when it ends in .txt; anything else that `longshort train` reads, its labels not needed.
        settings: the text column, the encoding, and whether lines that are not text are left out.
        note: called with each sentence for the user.

    Raises:
        DataError: a file is missing or does not hold texts, or bytes do not fit the encoding.
        SettingError: there is no such encoding.
    """
    given = list(texts)
    if given:
        return iter([given])
    if file is None:
        return _stdin(settings, note)
    return _in_chunks(_texts_of(file, settings, note))


def _texts_of(file: Path, settings: TextDataSettings, note: Note) -> Iterator[str]:
    from longshort.data import open_source
    from longshort.data.files import require_file
    from longshort.data.textfile import lines

    if file.suffix == ".txt":
        require_file(file)
        sieve = _Sieve(str(file), settings, note)
        read = lines(file, settings.encoding, marking=settings.skip_bad)
        yield from (line.rstrip("\r\n") for line in read if sieve(line))
        sieve.report()
        return
    source = open_source(file, settings, labelled=False)
    yield from (row.text for row in source.rows())
    for sentence in source.notes:
        note(sentence)


class _Sieve:
    """Lets the lines through that are text, where --skip-bad asks for it; says at the end how many were not."""

    def __init__(self, name: str, settings: TextDataSettings, note: Note) -> None:
        from longshort.data.refusals import Refusals

        self._name, self._encoding, self._note = name, settings.encoding, note
        self._refusals = Refusals(name, skip=settings.skip_bad, noun="lines")
        self._lines = 0

    def __call__(self, line: str) -> bool:
        if not self._refusals.skip:
            return True
        from longshort.data.textfile import damage

        self._lines += 1
        damaged = damage(line, self._encoding, self._name, self._lines)
        if damaged is not None:
            self._refusals.refuse(damaged, self._lines)
        return damaged is None

    def report(self) -> None:
        """Say what was left out.

        Raises:
            DataError: it was more than half.
        """
        if sentence := self._refusals.note(self._lines - self._refusals.count):
            self._note(sentence)


def _in_chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(itertools.islice(texts, CHUNK)):
        yield chunk


def _stdin(settings: TextDataSettings, note: Note) -> Iterator[list[str]]:
    """The complete lines in each block of bytes that arrives; the last line needs no end."""
    decoder, sieve = _decoder(settings), _Sieve("stdin", settings, note)
    if sys.stdin.isatty():
        note("Type one text a line; Ctrl-D ends.")
    done, rest = 0, ""
    for block in _blocks(sys.stdin.buffer):
        try:
            *lines, rest = (rest + decoder.decode(block, final=not block)).split("\n")
        except UnicodeDecodeError as error:
            raise _undecodable(error, done + 1, settings.encoding) from None
        lines += [rest] if rest and not block else []
        if lines:
            yield list(filter(sieve, lines))
        done += len(lines)
    sieve.report()


def _decoder(settings: TextDataSettings) -> io.IncrementalNewlineDecoder:
    from longshort.data.textfile import MARKING, check_encoding, mark_bytes

    mark_bytes()
    codec = codecs.getincrementaldecoder(check_encoding(settings.encoding))
    return io.IncrementalNewlineDecoder(codec(MARKING if settings.skip_bad else "strict"), translate=True)


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
