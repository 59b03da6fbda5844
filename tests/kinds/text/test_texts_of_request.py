import io
import itertools
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.config import TextDataSettings
from longshort.errors import DataError, SettingError
from longshort.kinds.text.texts_of_request import chunks


class Stdin:
    """Bytes on stdin, `block` of them at a time; no terminal."""

    def __init__(self, content: bytes, block: int) -> None:
        self.buffer = self
        self._content, self._block = io.BytesIO(content), block

    def read1(self, size: int) -> bytes:
        return self._content.read(min(size, self._block))

    def isatty(self) -> bool:
        return False


def read(monkeypatch, content: bytes, block: int = 1 << 16, **settings: str) -> list[str]:
    monkeypatch.setattr("sys.stdin", Stdin(content, block))
    return list(itertools.chain.from_iterable(chunks((), None, TextDataSettings(**settings), print)))


def test_arguments_are_one_chunk():
    assert list(chunks(("a", "", "b\n"), None, TextDataSettings(), print)) == [["a", "", "b\n"]]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"one", ["one"]),
        (b"one\n\ntwo\n", ["one", "", "two"]),
        (b"one\r\ntwo\rthree", ["one", "two", "three"]),
        ("\N{ZERO WIDTH NO-BREAK SPACE}n\u00e4her \u2028 da\n".encode(), ["n\u00e4her \u2028 da"]),
        (b"  kept\t\n", ["  kept\t"]),
    ],
)
@pytest.mark.parametrize("block", [1, 2, 1000])
def test_a_line_of_stdin_is_a_text(monkeypatch, content, lines, block):
    assert read(monkeypatch, content, block) == lines


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\ufeff", exclude_categories=("Cs",)))), st.integers(1, 9))
def test_how_stdin_is_cut_into_blocks_changes_nothing(lines, block):
    with pytest.MonkeyPatch.context() as patch:
        assert read(patch, "".join(line + "\n" for line in lines).encode(), block) == lines


def test_stdin_in_another_encoding(monkeypatch):
    assert read(monkeypatch, "caf\u00e9\n".encode("cp1252"), encoding="cp1252") == ["caf\u00e9"]


@pytest.mark.parametrize("block", [1, 1000])
def test_bytes_that_do_not_fit_the_encoding_are_an_error_with_their_line(monkeypatch, block):
    with pytest.raises(DataError) as caught:
        read(monkeypatch, b"one\ntwo\ncaf\xe9 3\n", block)

    assert caught.value.message == "stdin, line 3: the text must be utf-8. Got the byte 0xe9, which is not."
    assert caught.value.hint == "Name the encoding that it was written in, for example --encoding cp1252."


def test_an_unknown_encoding_is_an_error(monkeypatch):
    with pytest.raises(SettingError, match="must be the name of a text encoding"):
        read(monkeypatch, b"one\n", encoding="utf-9")


def test_a_line_is_handed_on_as_soon_as_it_is_there(monkeypatch):
    """Without waiting for the end of stdin, or for a full block."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "wb", buffering=0) as sender:
        monkeypatch.setattr("sys.stdin", stdin)
        found = chunks((), None, TextDataSettings(), print)
        sender.write(b"first\nsec")
        got: list[list[str]] = []
        reader = threading.Thread(target=lambda: got.append(next(found)), daemon=True)
        reader.start()
        reader.join(10)

        assert got == [["first"]]
        sender.write(b"ond\n")
        assert next(found) == ["second"]


def test_a_text_file_holds_one_text_a_line(tmp_path):
    path = tmp_path / "new.txt"
    path.write_bytes(b"one\r\n\ntwo, too\n")

    assert list(chunks((), path, TextDataSettings(), print)) == [["one", "", "two, too"]]


def test_another_file_holds_a_column_of_texts(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("id,review\n1,one\n2,two\n", encoding="utf-8")

    assert list(chunks((), path, TextDataSettings(), print)) == [["one", "two"]]
    assert list(chunks((), path, TextDataSettings(text="id"), print)) == [["1", "2"]]


def test_a_long_file_comes_in_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr("longshort.kinds.text.texts_of_request.CHUNK", 2)
    path = tmp_path / "new.txt"
    path.write_text("a\nb\nc\n", encoding="utf-8")

    assert list(chunks((), path, TextDataSettings(), print)) == [["a", "b"], ["c"]]


def test_a_missing_file_is_an_error(tmp_path):
    for name in ("none.txt", "none.csv"):
        with pytest.raises(DataError):
            list(chunks((), tmp_path / name, TextDataSettings(), print))
