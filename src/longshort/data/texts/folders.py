"""Folders of text files: one subfolder a class, as in aclImdb, and folders that hold given splits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from longshort.config import TextDataSettings
from longshort.data.refusals import Refusals
from longshort.data.textfile import check_encoding, read_text
from longshort.data.texts.rows import Row, Source
from longshort.errors import DataError, nearest

__all__ = ["FolderSource", "class_folders", "given_splits"]

_SPLIT_NAMES = {"train": ("train",), "validation": ("validation", "valid", "val", "dev"), "test": ("test",)}
_FILE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
# The aclImdb data set keeps its unlabelled reviews beside those of the two classes.
_UNLABELLED, _ITS_CLASSES = "unsup", {"neg", "pos"}


class FolderSource(Source):
    """A folder with one subfolder of .txt files per class; rows come class by class, in the order of file names.

    Where no labels are needed and there is no class folder, the .txt files of the folder itself are the rows.

    Args:
        path: the folder.
        settings: `encoding` of the files, `classes` to choose among the subfolders, and `skip_bad` to leave out files
            that cannot be read.
        labelled: labels are needed.

    Raises:
        DataError: there is no class folder, or one that was asked for is missing.
    """

    def __init__(self, path: Path, settings: TextDataSettings, *, labelled: bool) -> None:
        check_encoding(settings.encoding)
        self.name = str(path)
        self.multi_label = False
        self.notes: list[str] = []
        self._encoding = settings.encoding
        self._refusals = Refusals(self.name, skip=settings.skip_bad, noun="files")
        found = class_folders(path)
        if not found and not labelled and _texts(path):
            self._files: list[tuple[Path, tuple[str, ...]]] = [(file, ()) for file in _texts(path)]
            return
        if not found:
            raise _no_classes(path)
        kept = self._choose(path, found, settings.classes)
        self._files = [(file, (name,)) for name in kept for file in found[name]]
        self._note_left_out(path, kept)

    def rows(self) -> Iterator[Row]:
        """Stream the files, each one row."""
        kept = 0
        for place, (file, labels) in enumerate(self._files):
            try:
                row = Row(read_text(file, self._encoding), labels)
            except DataError as error:
                self._refusals.refuse(error, place)
                continue
            kept += 1
            yield row
        self.add_note(self._refusals.note(kept))

    def _choose(self, path: Path, found: dict[str, list[Path]], classes: tuple[str, ...] | None) -> list[str]:
        if classes is not None:
            missing = next((name for name in classes if name not in found), None)
            if missing is not None:
                raise DataError(
                    f"the class folders are {', '.join(found)}. There is no {missing!r}.",
                    nearest(missing, found),
                    path=path,
                )
            return [name for name in found if name in classes]
        if _UNLABELLED in found and set(found) - {_UNLABELLED} == _ITS_CLASSES:
            self.notes.append(
                f"{path}: unlabelled texts, in unsup, that are left out: {len(found[_UNLABELLED]):,}; "
                "--classes neg,pos,unsup reads them as a third class."
            )
            return sorted(_ITS_CLASSES)
        return list(found)

    def _note_left_out(self, path: Path, kept: list[str]) -> None:
        """Files that are not read are named, for no row may vanish quietly."""
        others = [f for name in kept for f in _visible(path / name) if f.suffix.lower() != ".txt"]
        stray = [*_texts(path), *others]
        if stray:
            first = stray[0].relative_to(path)
            self.notes.append(
                f"{path}: files that are not read: {len(stray):,}, the first {first}. "
                "A row is a .txt file in the folder of its class."
            )


def class_folders(path: Path) -> dict[str, list[Path]]:
    """The sorted .txt files of each subfolder that holds any, by the sorted names of the subfolders."""
    folders = {folder.name: _texts(folder) for folder in _visible(path) if folder.is_dir()}
    return {name: files for name, files in folders.items() if files}


def given_splits(path: Path) -> dict[str, Path]:
    """The parts of a data set that comes with its own split; empty if `path` is no such folder.

    Args:
        path: a folder that holds `train` and at least one of `test` and `validation` (or `valid`, `val`, `dev`):
            folders with a subfolder per class, or table files such as train.csv.

    Returns:
        The path of each part, by "train", "validation" and "test".

    Raises:
        DataError: two things could be the same part, such as `dev` and `validation`.
    """
    if not path.is_dir():
        return {}
    parts = {part: _part(path, part, names) for part, names in _SPLIT_NAMES.items()}
    given = {part: where for part, where in parts.items() if where is not None}
    return given if "train" in given and len(given) > 1 else {}


def _part(path: Path, part: str, names: tuple[str, ...]) -> Path | None:
    folders = [path / name for name in names if (path / name).is_dir() and class_folders(path / name)]
    files = [path / f"{name}{suffix}" for name in names for suffix in _FILE_SUFFIXES]
    found = folders + [file for file in files if file.is_file()]
    if len(found) > 1:
        raise DataError(
            f"one file or folder must be the {part} part. {found[0].name} and {found[1].name} both could be.",
            "Name the files yourself instead of their folder, or move one away.",
            path=path,
        )
    return found[0] if found else None


def _visible(path: Path) -> list[Path]:
    try:
        return sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise DataError(f"the folder cannot be read: {error.strerror}.", "Check its permissions.", path=path) from None


def _texts(path: Path) -> list[Path]:
    return [entry for entry in _visible(path) if entry.suffix.lower() == ".txt" and entry.is_file()]


def _no_classes(path: Path) -> DataError:
    splits = given_splits(path)
    hint = "Put the texts of each class into a folder of its name, for example pos/1.txt and neg/1.txt."
    if splits:
        names = " and ".join(where.name for where in splits.values())
        hint = f"It holds {names}: name one of them, such as {splits['train']}."
    return DataError("the folder must hold a folder of .txt files for each class. There is none.", hint, path=path)
