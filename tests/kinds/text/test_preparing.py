"""Read, check, split: nothing of the held-out rows reaches what is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.small_runs import FLAT, SETTINGS, labels, table, texts

from longshort.config import TextRunSettings
from longshort.data import Row, Source, scan
from longshort.errors import DataError, SettingError
from longshort.kinds.seam import Splits
from longshort.kinds.text.fitting import fit
from longshort.kinds.text.preparing import PreparedTexts, TextPart, encode, prepare
from longshort.training import Listener


class Ear(Listener):
    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, text: str) -> None:
        self.stages.append(text)


def prepared(data: Any, validation: Any = None, test: Any = None, **changes: Any) -> PreparedTexts:
    return prepare(data, validation, test, TextRunSettings.from_flat(FLAT | changes), Listener())


def rows(result: PreparedTexts) -> dict[str, int]:
    return {name: len(part.rows) for name, part in result.parts.items()}


def test_a_file_is_split_80_10_10(tmp_path: Path) -> None:
    result = prepared(table(tmp_path / "a.csv"))
    assert rows(result) == {"train": 48, "validation": 6, "test": 6}
    assert sorted(np.concatenate([part.rows for part in result.parts.values()])) == list(range(60))
    assert (result.labels, result.multi_label, result.overlaps) == (["neg", "pos"], False, {})


def test_the_seed_decides_the_split(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv")
    same, again, other = (prepared(path, seed=seed).parts["test"].rows.tolist() for seed in (1, 1, 2))
    assert same == again != other


def test_given_files_are_taken_as_they_are(tmp_path: Path) -> None:
    train, validation, test = (table(tmp_path / f"{i}.csv", rows=10 * i, seed=i) for i in (1, 2, 3))
    result = prepared(train, validation, test)
    assert rows(result) == {"train": 10, "validation": 20, "test": 30}
    assert [part.source.name for part in result.parts.values()] == [str(p) for p in (train, validation, test)]
    assert result.overlaps == {"validation": 0, "test": 0}
    assert list(result.parts["test"].texts()) == texts(30, seed=3)


def test_what_is_not_given_is_split_off(tmp_path: Path) -> None:
    train, test = table(tmp_path / "a.csv"), table(tmp_path / "b.csv", rows=8, seed=2)
    assert rows(prepared(train, test=test)) == {"train": 54, "validation": 6, "test": 8}
    assert rows(prepared(train, validation=test)) == {"train": 54, "validation": 8, "test": 6}


def test_texts_of_the_training_file_in_a_given_file_are_counted(tmp_path: Path) -> None:
    train = table(tmp_path / "a.csv")
    test = tmp_path / "b.csv"
    test.write_text(f"text,label\n{texts()[0]},neg\n{texts()[1]},neg\nsomething new,pos\n", encoding="utf-8")
    assert prepared(train, test=test).overlaps == {"test": 2}


@pytest.mark.parametrize("form", ["files", "folders"])
def test_a_folder_with_its_own_split(tmp_path: Path, form: str) -> None:
    for part, seed in {"train": 1, "test": 2}.items():
        if form == "files":
            table(tmp_path / f"{part}.csv", rows=20, seed=seed)
            continue
        for number, (text, label) in enumerate(zip(texts(20, seed), labels(20), strict=True)):
            (tmp_path / part / label).mkdir(parents=True, exist_ok=True)
            (tmp_path / part / label / f"{number}.txt").write_text(text, encoding="utf-8")
    assert rows(prepared(str(tmp_path))) == {"train": 18, "validation": 2, "test": 20}
    assert rows(prepared(tmp_path, validation_share=0.0)) == {"train": 20, "test": 20}
    own = table(tmp_path / "own.csv", rows=6, seed=3)
    assert rows(prepared(tmp_path, test=own)) == {"train": 18, "validation": 2, "test": 6}


def test_data_without_a_name_is_not_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "train.csv")
    table(tmp_path / "test.csv")
    assert rows(prepared(".")) == {"train": 54, "validation": 6, "test": 60}
    with pytest.raises(DataError, match=r"^there is no file, folder or sample ''\."):
        prepared("")


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"test_share": 0.0}, {"train": 54, "validation": 6}),
        ({"validation_share": 0.0}, {"train": 54, "test": 6}),
        ({"validation_share": 0.5, "test_share": 0.25}, {"train": 15, "validation": 30, "test": 15}),
    ],
)
def test_shares(tmp_path: Path, shares: dict[str, float], expected: dict[str, int]) -> None:
    assert rows(prepared(table(tmp_path / "a.csv"), **shares)) == expected


def test_something_must_be_held_out() -> None:
    """Said before the data is read."""
    ear = Ear()
    settings = TextRunSettings.from_flat(FLAT | {"validation_share": 0.0, "test_share": 0.0})
    with pytest.raises(SettingError) as caught:
        prepare((texts(), labels()), None, None, settings, ear)
    assert str(caught.value) == (
        "Some rows must be held out to judge the model by. Got a validation_share and a test_share of 0.\n\n"
        "hint: Leave one of them at 0.1, or give a file with --test."
    )
    assert ear.stages == []
    alone = prepare((texts(), labels()), None, None, settings, ear, need_held_out=False)
    assert rows(alone) == {"train": 60}
    assert rows(prepared((texts(), labels()), test=(texts(seed=2), labels()), **settings.data.model_dump())) == {
        "train": 60,
        "test": 60,
    }


@pytest.mark.parametrize("part", ["validation", "test"])
def test_labels_of_a_given_file_must_be_known(tmp_path: Path, part: str) -> None:
    train = table(tmp_path / "a.csv")
    other = table(tmp_path / "b.csv", rows=6, seed=2, names=("neg", "poss"))
    with pytest.raises(DataError) as caught:
        prepared(train, **{part: other})
    assert str(caught.value) == (
        f"{other}: each label must be one of the training data: 'neg', 'pos'. Got 'poss'.\n\nhint: Did you mean 'pos'?"
    )


def test_labels_of_a_given_file_must_be_of_the_same_form() -> None:
    several = [["neg"], ["pos"]] * 3
    with pytest.raises(DataError) as caught:
        prepared((texts(), labels()), test=(texts(6, seed=2), several))
    assert str(caught.value) == (
        "the data: each row must have one label, as in the training data. Got a list of labels in each.\n\n"
        "hint: Write the labels of both in the same way."
    )
    assert rows(prepared((texts(), several * 10), test=(texts(6, seed=2), several)))["test"] == 6


def test_a_given_file_need_not_have_every_label(tmp_path: Path) -> None:
    test = table(tmp_path / "b.csv", rows=5, seed=2, names=("pos",))
    result = prepared(table(tmp_path / "a.csv"), test=test)
    encoded = fit(result, SETTINGS, Listener()).examples["test"]
    assert encoded.targets.tolist() == [1] * 5


def test_nothing_is_fitted_on_what_is_held_out() -> None:
    """Each row has a number of its own, so the vocabulary shows which rows were seen."""
    result = prepared((texts(), labels()))
    fitted = fit(result, SETTINGS, Listener())
    vocabulary = set(fitted.task.encoding.vocabulary)
    own = {name: {text.split()[-1] for text in part.texts()} for name, part in result.parts.items()}
    assert own["train"] <= vocabulary
    assert not own["validation"] & vocabulary
    assert not own["test"] & vocabulary
    assert fitted.examples["test"].statistics.unknown_tokens == 6
    assert fitted.examples["train"].statistics.unknown_tokens == 0


def test_held_out_texts_do_not_change_what_is_fitted() -> None:
    """The stronger form: other held-out rows, and the very same weights but for the choice of the epoch."""
    one, two = (
        fit(prepared((texts(), labels()), test=(texts(9, seed=seed), labels(9))), SETTINGS, Listener())
        for seed in (2, 3)
    )
    assert one.task.encoding.to_json() == two.task.encoding.to_json()
    weights = [fitted.network.state_dict() for fitted in (one, two)]
    assert all(bool((weights[0][name] == weights[1][name]).all()) for name in weights[0])


@pytest.mark.parametrize("folder", [True, False])
def test_each_source_is_encoded_in_one_pass(tmp_path: Path, folder: bool) -> None:
    class Counted(Source):
        def __init__(self) -> None:
            self.name, self.multi_label, self.notes, self.passes = "counted", False, [], 0

        def rows(self) -> Iterator[Row]:
            self.passes += 1
            return (Row(text, (label,)) for text, label in zip(texts(), labels(), strict=True))

    source = Counted()
    index = scan(source)
    split = {"train": np.arange(40), "validation": np.arange(40, 50), "test": np.arange(50, 60)}
    result = Splits({name: TextPart(source, index, each) for name, each in split.items()}, source.name, index.labels)
    encoding = fit(prepared((texts(), labels())), SETTINGS, Listener()).task.encoding
    source.passes = 0
    encoded = encode(result, encoding, tmp_path / "store" if folder else None)
    assert source.passes == 1
    assert {name: len(each) for name, each in encoded.items()} == {"train": 40, "validation": 10, "test": 10}


def test_a_file_that_shrinks_while_it_is_used(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv")
    result = prepared(path)
    table(path, rows=30)
    with pytest.raises(DataError) as caught:
        fit(result, SETTINGS, Listener())
    assert str(caught.value) == (
        f"{path}: the file must stay as it is while it is used. It has changed since it was first read.\n\n"
        "hint: Start again when nothing writes to it."
    )


def test_notes_of_every_source_are_kept(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "neg").mkdir(parents=True)
        (tmp_path / name / "pos").mkdir()
        for number, (text, label) in enumerate(zip(texts(20, seed=ord(name)), labels(20), strict=True)):
            (tmp_path / name / label / f"{number}.txt").write_text(text, encoding="utf-8")
        (tmp_path / name / "stray.txt").touch()
    notes = prepared(tmp_path / "a", test=tmp_path / "b").notes
    assert [note.split(": ")[0] for note in notes] == [str(tmp_path / "a"), str(tmp_path / "b")]
