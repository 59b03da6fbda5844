"""Checkpoints in a folder: whole or recognised as torn, two good ones, and room for them before there are any."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from longshort.errors import StorageError
from longshort.runs import checkpoints as module
from longshort.runs.checkpoints import FolderCheckpoints
from longshort.training import Snapshot

pytestmark = pytest.mark.usefixtures("without_report")


def snapshot(number: int, size: int = 100) -> Snapshot:
    tensors = {"weights": torch.arange(size) + float(number), "steps": torch.tensor(number)}
    return Snapshot(tensors, {"steps": number, "history": [{"loss": 0.1 + number}]})


def same(found: Snapshot | None, expected: Snapshot) -> bool:
    return (
        found is not None
        and found.facts == expected.facts
        and set(found.tensors) == set(expected.tensors)
        and all(torch.equal(found.tensors[name], each) for name, each in expected.tensors.items())
    )


def store(folder: Path, saved: int = 0) -> tuple[FolderCheckpoints, list[str]]:
    notes: list[str] = []
    made = FolderCheckpoints(folder / "kept", notes.append)
    for number in range(1, saved + 1):
        made.save(snapshot(number))
    return made, notes


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "kept").iterdir())


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    made, notes = store(tmp_path)
    assert made.load() is None
    shared = torch.rand(3, dtype=torch.float64)
    odd = Snapshot(
        {"a.b": shared, "same": shared, "view": torch.rand(4, 6).T[1:], "empty": torch.empty(0, 3), "flag": shared > 0},
        {"none": None, "text": "Ü\n", "number": 0.1 + 0.2},
    )
    made.save(odd)
    found = FolderCheckpoints(tmp_path / "kept").load()
    assert same(found, odd)
    assert all(found.tensors[name].dtype == each.dtype for name, each in odd.tensors.items())
    assert notes == []


def test_two_are_kept_and_the_newest_is_taken(tmp_path: Path) -> None:
    made, _ = store(tmp_path, saved=5)
    assert [name[:7] for name in names(tmp_path)] == ["000004-", "000005-"]
    assert same(made.load(), snapshot(5))
    content = (tmp_path / "kept" / names(tmp_path)[1]).read_bytes()
    assert names(tmp_path)[1] == f"000005-{hashlib.sha256(content).hexdigest()}.safetensors"


def test_several_trainings_stand_apart(tmp_path: Path) -> None:
    made, _ = store(tmp_path)
    assert not made.any
    made.of("first").save(snapshot(1))
    made.of("second").save(snapshot(2))
    assert made.any
    assert made.load() is None
    assert same(made.of("first").load(), snapshot(1))
    assert same(made.of("second").load(), snapshot(2))


def test_a_torn_or_changed_one_is_named_and_the_one_before_it_is_taken(tmp_path: Path) -> None:
    """Every kind of damage, at 60 random places."""
    store(tmp_path, saved=2)
    path = tmp_path / "kept" / names(tmp_path)[1]
    whole, draw = path.read_bytes(), random.Random(0)
    for trial in range(60):
        place = draw.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[place] ^= 1 << draw.randrange(8)
        path.write_bytes(whole[:place] if trial % 2 else bytes(flipped))
        made, notes = store(tmp_path)
        assert same(made.load(), snapshot(1))
        assert notes == [f"{path} is damaged (its checksum is another): trying the checkpoint before it."]


def test_after_a_torn_one_there_are_two_good_ones_again(tmp_path: Path) -> None:
    store(tmp_path, saved=2)
    torn = tmp_path / "kept" / names(tmp_path)[1]
    torn.write_bytes(torn.read_bytes()[:-1])
    made, _ = store(tmp_path)
    made.load()
    made.save(snapshot(3))
    assert not torn.exists()
    assert [name[:7] for name in names(tmp_path)] == ["000001-", "000003-"]
    assert same(made.load(), snapshot(3))


def test_where_none_is_whole_the_training_begins_anew(tmp_path: Path) -> None:
    store(tmp_path, saved=2)
    for name in names(tmp_path):
        (tmp_path / "kept" / name).write_bytes(b"")
    made, notes = store(tmp_path)
    assert made.load() is None
    assert len(notes) == 3
    assert notes[-1] == "No checkpoint of this training is intact: it starts from the beginning."


@pytest.mark.parametrize("content", [b"", b"\x80\x04.", b"{}", "no facts", "bad facts"])
def test_what_only_calls_itself_a_checkpoint_is_passed_over(tmp_path: Path, content: bytes | str) -> None:
    made, notes = store(tmp_path, saved=1)
    path = tmp_path / "x.safetensors"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        name = "other" if content == "no facts" else module.FACTS
        save_file({name: torch.tensor([123, 1], dtype=torch.uint8)}, path)
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    path.rename(tmp_path / "kept" / f"000002-{checksum}.safetensors")
    assert same(made.load(), snapshot(1))
    assert "is no checkpoint" in notes[0]


def test_what_a_killed_process_left_is_never_taken_and_goes(tmp_path: Path) -> None:
    made, notes = store(tmp_path, saved=1)
    half = tmp_path / "kept" / f".000002-{'0' * 64}.safetensors.abcd1234"
    half.write_bytes(b"half")
    assert same(made.load(), snapshot(1))
    made.save(snapshot(2))
    assert not half.exists()
    assert notes == []


# --- disks that are full, and folders that may not be written to ---


def full(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the disk is full."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace"), "create": (os, "open")}[kind], fail)


@pytest.mark.parametrize("kind", ["fsync", "replace", "create"])
def test_a_full_disk_is_said_and_leaves_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    made, _ = store(tmp_path, saved=2)
    before = names(tmp_path)
    full(kind, monkeypatch)
    with pytest.raises(StorageError, match=r"^The checkpoint could not be written: No space left on device") as caught:
        made.save(snapshot(3))
    assert caught.value.exit_code == 2
    monkeypatch.undo()
    assert names(tmp_path) == before
    assert same(store(tmp_path)[0].load(), snapshot(2))


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_limit_of_file_sizes_is_said_and_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    made, _ = store(tmp_path, saved=1)
    with largest_file(1000), pytest.raises(StorageError, match="could not be written: File too large"):
        made.save(snapshot(2, size=1000))
    assert same(store(tmp_path)[0].load(), snapshot(1))
    assert len(names(tmp_path)) == 1


def test_a_limit_of_file_sizes_is_found_before_training(tmp_path: Path) -> None:
    made, _ = store(tmp_path)
    with largest_file(2_000_000), pytest.raises(StorageError) as caught:
        made.reserve(3_000_000)
    assert caught.value.message == ("A checkpoint takes about 3.0 MB. A file may have 2.0 MB here (ulimit -f).")


def test_too_little_room_is_found_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10_000_000}))
    made, _ = store(tmp_path)
    made.reserve(2_000_000)
    with pytest.raises(StorageError) as caught:
        made.reserve(4_000_000)
    assert caught.value.message == (
        f"About 13.0 MB are needed on the disk of {tmp_path / 'kept'}, for the model, its checkpoints and the answers. "
        "10.0 MB are free."
    )


@pytest.mark.parametrize("make", [lambda path: path.touch(), lambda path: path.symlink_to("nowhere/at/all")])
def test_a_folder_that_cannot_be_made_is_found_before_training(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "kept")
    with pytest.raises(StorageError, match=r"^The folder of the checkpoints could not be written: "):
        store(tmp_path)[0].reserve(1)


def test_a_temporary_folder_elsewhere_plays_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    made, _ = store(tmp_path, saved=2)
    assert same(made.load(), snapshot(2))
