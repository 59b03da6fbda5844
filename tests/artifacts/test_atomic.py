"""Files are written whole or not at all."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from longshort.artifacts.atomic import json_line, write_bytes, write_json, write_lines


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "Übung.bin"
    write_bytes(path, b"old")
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in tmp_path.iterdir()] == ["Übung.bin"]


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_when_writing_fails_the_old_file_stays_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(*((os, "fsync") if broken == "fsync" else (Path, "replace")), fail)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_json_is_utf_8_and_ends_with_a_line_break(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"ä": [1, None]})
    content = (tmp_path / "a.json").read_bytes()
    assert json.loads(content) == {"ä": [1, None]}
    assert "ä".encode() in content
    assert content.endswith(b"}\n")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_json_has_no_nan_and_no_infinity(tmp_path: Path, number: float) -> None:
    for write in (lambda: write_json(tmp_path / "a", {"x": number}), lambda: json_line({"x": number})):
        with pytest.raises(ValueError, match="JSON compliant"):
            write()
    assert not list(tmp_path.iterdir())


def test_one_object_a_line(tmp_path: Path) -> None:
    rows = [{"text": "two\nlines"}, {"text": "ß"}]
    write_lines(tmp_path / "a.jsonl", rows)
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").split("\n")
    assert [json.loads(line) for line in lines[:-1]] == rows
    assert lines[-1] == ""
