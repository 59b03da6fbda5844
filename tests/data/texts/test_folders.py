from __future__ import annotations

from pathlib import Path

import pytest

from longshort.config import TextDataSettings
from longshort.data import Row, given_splits, open_source
from longshort.errors import DataError


def fill(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def rows(folder: Path, *, labelled: bool = True, **settings: object) -> list[Row]:
    return list(open_source(folder, TextDataSettings(**settings), labelled=labelled).rows())  # type: ignore[arg-type]


ACL = {"pos/1_9.txt": "good", "pos/0_9.txt": "", "neg/0_1.txt": "b\r\nad"}


def test_the_folder_is_the_label_and_files_come_in_order(tmp_path: Path) -> None:
    expected = [Row("b\r\nad", ("neg",)), Row("", ("pos",)), Row("good", ("pos",))]
    assert rows(fill(tmp_path, ACL)) == expected


def test_unlabelled_reviews_beside_the_two_classes_are_left_out_and_a_note_says_so(tmp_path: Path) -> None:
    source = open_source(fill(tmp_path, {**ACL, "unsup/0_0.txt": "u"}))
    assert {row.labels[0] for row in source.rows()} == {"neg", "pos"}
    assert source.notes == [
        f"{tmp_path}: unlabelled texts, in unsup, that are left out: 1; "
        "--classes neg,pos,unsup reads them as a third class."
    ]
    assert len(rows(tmp_path, classes=("unsup", "pos", "neg"))) == 4


def test_unsup_beside_other_classes_is_a_class(tmp_path: Path) -> None:
    assert len(rows(fill(tmp_path, {"sup/1.txt": "a", "unsup/1.txt": "b"}))) == 2


def test_chosen_class_folders_alone_are_read(tmp_path: Path) -> None:
    fill(tmp_path, ACL)
    assert [row.text for row in rows(tmp_path, classes=("pos",))] == ["", "good"]
    with pytest.raises(DataError) as caught:
        rows(tmp_path, classes=("poss",))
    assert str(caught.value) == (
        f"{tmp_path}: the class folders are neg, pos. There is no 'poss'.\n\nhint: Did you mean 'pos'?"
    )


def test_files_that_are_not_read_are_named_in_a_note(tmp_path: Path) -> None:
    fill(tmp_path, {**ACL, "urls.txt": "x", "pos/a.html": "x", "pos/.hidden": "x"})
    assert open_source(tmp_path).notes == [
        f"{tmp_path}: files that are not read: 2, the first urls.txt. A row is a .txt file in the folder of its class."
    ]


def test_a_folder_without_class_folders_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, {"1.txt": "a", "more/readme.md": "b"})
    with pytest.raises(DataError) as caught:
        rows(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: the folder must hold a folder of .txt files for each class. There is none.\n\n"
        "hint: Put the texts of each class into a folder of its name, for example pos/1.txt and neg/1.txt."
    )


def test_without_labels_a_folder_of_texts_will_do(tmp_path: Path) -> None:
    assert rows(fill(tmp_path, {"2.txt": "b", "1.txt": "a"}), labelled=False) == [Row("a"), Row("b")]


def test_an_undecodable_file_is_named_with_its_byte_and_line(tmp_path: Path) -> None:
    fill(tmp_path, ACL)
    path = tmp_path / "pos" / "1_9.txt"
    path.write_bytes(b"one\ntwo \x80")
    with pytest.raises(DataError) as caught:
        rows(tmp_path)
    assert caught.value.message == (
        f"{path}, line 2: the text must be utf-8. Byte 0x80 at offset 8 is not: invalid start byte."
    )


# --- given splits ---


@pytest.mark.parametrize("name", ["validation", "valid", "val", "dev"])
def test_given_splits_are_found(tmp_path: Path, name: str) -> None:
    parts = ["train", name, "test"]
    fill(tmp_path, {f"{part}/{file}": text for part in parts for file, text in ACL.items()})
    assert given_splits(tmp_path) == {
        "train": tmp_path / "train",
        "validation": tmp_path / name,
        "test": tmp_path / "test",
    }


def test_given_splits_may_be_files(tmp_path: Path) -> None:
    fill(tmp_path, {"train.csv": "", "test.csv": "", "unsup.csv": ""})
    assert given_splits(tmp_path) == {"train": tmp_path / "train.csv", "test": tmp_path / "test.csv"}


@pytest.mark.parametrize(
    "files",
    [
        ["train/1.txt", "test/1.txt"],  # classes that happen to have these names
        ["train/pos/1.txt"],
        ["test/pos/1.txt", "dev/pos/1.txt"],
    ],
)
def test_other_folders_give_no_splits(tmp_path: Path, files: list[str]) -> None:
    assert given_splits(fill(tmp_path, dict.fromkeys(files, "x"))) == {}
    assert given_splits(tmp_path / files[0]) == {}


def test_two_folders_for_one_part_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, {"train/a/1.txt": "x", "dev/a/1.txt": "x", "valid/a/1.txt": "x"})
    with pytest.raises(DataError) as caught:
        given_splits(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: one file or folder must be the validation part. valid and dev both could be.\n\n"
        "hint: Name the files yourself instead of their folder, or move one away."
    )


def test_the_folder_of_given_splits_is_no_source_itself(tmp_path: Path) -> None:
    fill(tmp_path, {f"{part}/{file}": text for part in ("train", "test") for file, text in ACL.items()})
    with pytest.raises(DataError) as caught:
        rows(tmp_path)
    assert caught.value.hint == f"It holds train and test: name one of them, such as {tmp_path / 'train'}."
