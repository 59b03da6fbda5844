"""A comparison of recordings finds what differs, and with `bits` nothing but numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.recordings.compare import differences


def recordings(root: Path, *contents: dict[str, str]) -> list[Path]:
    for number, content in enumerate(contents):
        for name, text in content.items():
            path = root / str(number) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return [root / str(number) for number in range(len(contents))]


def test_equal_recordings_do_not_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same = {"run/metrics.json": '{"mae": 0.25}', "run/train.txt": "It is good."}
    assert differences(*recordings(tmp_path, same, same)) == 0
    assert capsys.readouterr().out == "0 of 2 recorded files differ.\n"


def test_words_differ_but_not_their_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = recordings(
        tmp_path,
        {"run/metrics.json": '{"mae": 0.25, "note": "old"}'},
        {"run/metrics.json": '{"mae": 0.25, "note": "new"}'},
    )
    assert differences(old, new, bits=True) == 0
    assert differences(old, new) == 1
    assert '+{"mae": 0.25, "note": "new"}' in capsys.readouterr().out


@pytest.mark.parametrize("bits", [False, True])
def test_a_number_in_the_last_place_and_a_missing_file_are_found(tmp_path: Path, bits: bool) -> None:
    old, new, fewer = recordings(
        tmp_path, {"run/bits.json": '{"w": 0.25000001}'}, {"run/bits.json": '{"w": 0.25000002}'}, {"run/other.txt": ""}
    )
    assert differences(old, new, bits=bits) == 1
    assert differences(old, fewer, bits=bits) == 1
