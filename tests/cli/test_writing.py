"""Files that the user asks for are put in place whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from longshort.cli.writing import written
from longshort.errors import DataError


def test_the_file_is_there_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    with written(path) as place:
        assert place.suffix == ".csv"
        place.write_text("new")
        assert not path.exists()
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o644)
    assert capsys.readouterr().err == f"Wrote {path}.\n"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("x")])
def test_what_was_there_stays_where_the_writing_fails(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.png"
    path.write_text("old")
    expected = DataError if isinstance(error, OSError) else type(error)

    def write() -> None:
        with written(path) as place:
            place.write_text("half")
            raise error

    with pytest.raises(expected) as caught:
        write()
    if expected is DataError:
        assert str(caught.value).startswith(f"{path}: The file could not be written: No space left on device.")
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]
    assert path.read_text() == "old"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(DataError, match="could not be written: No such file or directory"),
        written(tmp_path / "b" / "a"),
    ):
        raise AssertionError


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "a.json", tmp_path / "link.json"
    path.write_text("old")
    path.chmod(0o600)
    link.symlink_to(path)
    with written(link) as place:
        place.write_text("new")
    assert (path.read_text(), path.stat().st_mode & 0o777, link.is_symlink()) == ("new", 0o600, True)


def test_a_device_is_written_to_as_it_is() -> None:
    with written(Path(os.devnull)) as place:
        assert place == Path(os.devnull)
