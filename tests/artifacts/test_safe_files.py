"""Files from anywhere: plain ones alone are opened, and no more of them is read than may be."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from tests.small_models import answers, make

from longshort.artifacts.safe_files import MOST_TEXT, check_bounds, open_file, read_file
from longshort.errors import BundleError
from longshort.runs import load_bundle, save_bundle


def refusal(path: Path, most: int = 10) -> str:
    with pytest.raises(BundleError) as caught:
        read_file(path, most, "a note")
    return caught.value.message


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    assert read_file(path, 10, "a note") == b"x" * 10
    path.write_bytes(b"x" * 11)
    assert refusal(path) == f"{path} must have 10 bytes at most, as a note has. It has 11."


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(2**40)
    began = time.process_time()
    assert "It has 1,099,511,627,776." in refusal(path)
    assert time.process_time() - began < 0.5


def test_what_is_no_plain_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    reasons = {"link": "it is a link to another place", "pipe": "it is a pipe", "folder": "it is a folder"}
    for name, reason in {**reasons, "none": "No such file or directory"}.items():
        assert refusal(tmp_path / name) == f"{tmp_path / name} must be a readable file: {reason}."
    assert refusal(Path("/dev/null")) == "/dev/null must be a readable file: it is a device."
    assert "must be a readable file: " in refusal(tmp_path / ("x" * 300))
    assert "must be a readable file: " in refusal(tmp_path / "nul\0")


def test_a_link_that_takes_the_place_of_a_file_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the opening."""
    (tmp_path / "file").touch()
    looked = (tmp_path / "file").lstat()
    (tmp_path / "link").symlink_to("/etc/passwd")
    monkeypatch.setattr(Path, "lstat", lambda _: looked)
    with pytest.raises(BundleError, match="must be a readable file: Too many levels of symbolic links"):
        open_file(tmp_path / "link")


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    looked = (tmp_path / "file").lstat()
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(Path, "lstat", lambda _: looked)
    with pytest.raises(BundleError, match="must be a readable file: it is a pipe"):
        open_file(tmp_path / "pipe")


def test_a_model_folder_may_be_reached_by_a_link(tmp_path: Path) -> None:
    made = make("text-classification")
    save_bundle(tmp_path / "model", made)
    (tmp_path / "link").symlink_to(tmp_path / "model")
    assert answers(load_bundle(tmp_path / "link")) == answers(made)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x" * 101, "must have 100 bytes at most"),
        (b"[{,", "must have 2 commas and brackets at most"),
    ],
)
def test_what_would_be_much_once_parsed(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=message):
        check_bounds(tmp_path, content, "a note", 100, 2)


def test_the_longest_text_is_bounded_wherever_it_stands(tmp_path: Path) -> None:
    def check(content: bytes) -> None:
        check_bounds(tmp_path, content, "a note", 10 * MOST_TEXT, 10)

    for before in (b"", b'"', b'"a"' * 50_000, b'"' + b"b" * (MOST_TEXT - 1)):
        check(before + b'"' + b"a" * MOST_TEXT + b'"')
        for after in (b"", b'"', b'"a"' * 50_000):
            with pytest.raises(BundleError, match="1,048,576 bytes between two quotation marks"):
                check(before + b'"' + b"a" * (MOST_TEXT + 1) + after)
