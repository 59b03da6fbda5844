"""Every bad input is refused with its file and line, what must hold, what was found and what to do; or it is read."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from tests.bad_inputs import sequences, series, texts
from tests.bad_inputs.corpus import CASES, Case, alarm, as_nobody, write

from longshort.config import ForecastDataSettings, SequenceDataSettings, TextDataSettings
from longshort.data import check_trainable, open_source, scan
from longshort.data.sequences import Sequences, open_sequences
from longshort.data.series import SeriesSet, open_series
from longshort.errors import DataError, SettingError

REFUSED = {name: case for name, case in CASES.items() if case.message is not None}
READ = {name: case for name, case in CASES.items() if case.message is None}
SECONDS = 20
MOST_BYTES = 300 * 2**20
LONGEST_MESSAGE = 1_000
TASKS = {"text": "text-classification", "sequences": "sequence-classification", "series": "forecast"}


def open_text(data: Any, settings: dict[str, Any]) -> Any:
    source = open_source(data, TextDataSettings.parse(settings))
    check_trainable(scan(source))
    return source


OPENERS = {
    "text": open_text,
    "sequences": lambda data, settings: open_sequences(data, SequenceDataSettings.parse(settings)),
    "series": lambda data, settings: open_series(data, ForecastDataSettings.parse(settings)),
}


def test_the_corpus_is_as_large_as_was_promised() -> None:
    assert {texts, sequences, series}
    assert len(CASES) >= 110
    assert len(REFUSED) >= 90


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_input_is_refused(name: str, tmp_path: Path) -> None:
    case = REFUSED[name]
    data = case.make(tmp_path)
    tracemalloc.start()
    try:
        with alarm(SECONDS), pytest.raises((DataError, SettingError)) as caught:
            OPENERS[case.kind](data, case.settings)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    error = caught.value
    assert error.message.removeprefix(str(data)).startswith(case.message), error.message
    assert error.hint.startswith(case.hint), error.hint
    assert len(error.message) < LONGEST_MESSAGE
    assert error.__cause__ is None
    assert peak < MOST_BYTES, f"{peak / 2**20:.0f} MiB"


@pytest.mark.parametrize("name", REFUSED)
def test_the_command_line_tells_it_in_one_message_and_one_hint(name: str, tmp_path: Path, longshort) -> None:
    case = REFUSED[name]
    data = case.make(tmp_path)
    if not isinstance(data, Path):
        pytest.skip("made in Python alone")
    flags = [word for key, value in case.settings.items() for word in (f"--{key}", str(value))]
    with alarm(SECONDS):
        result = longshort("train", str(data), "--task", TASKS[case.kind], "--run", str(tmp_path / "run"), *flags)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    error, hint = result.stderr[result.stderr.index("error: ") :].rstrip("\n").split("\n\nhint: ")
    assert error.removeprefix(f"error: {data}").removeprefix("error: ").startswith(case.message)
    assert hint.startswith(case.hint)
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", READ)
def test_what_only_looks_bad_is_read(name: str, tmp_path: Path) -> None:
    case = READ[name]
    data, expected = case.make(tmp_path)
    with alarm(SECONDS):
        assert found(case, data) == expected


def found(case: Case, data: Any) -> Any:
    if case.kind == "text":
        return [(row.text, *row.labels) for row in open_source(data, TextDataSettings.parse(case.settings)).rows()]
    held = OPENERS[case.kind](data, case.settings)
    if isinstance(held, Sequences):
        values = [each[:, 0].tolist() for each in held.arrays()]
        return list(zip(values, held.targets or (), strict=True))
    assert isinstance(held, SeriesSet)
    return held.series[0].values.tolist()


@pytest.mark.parametrize("kind", OPENERS)
def test_a_file_without_permission(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", texts.GOOD)
    path.chmod(0)
    with as_nobody(), pytest.raises(DataError) as caught:
        OPENERS[kind](path, {})
    assert "Permission denied" in caught.value.message
    assert caught.value.hint == "Check the path and its permissions."


@pytest.mark.parametrize("bad", ["\x00", "a/\x00.csv", "x" * 5000])
@pytest.mark.parametrize("kind", OPENERS)
def test_what_can_be_no_path(kind: str, bad: str) -> None:
    with pytest.raises(DataError, match="there is no file"):
        OPENERS[kind](bad, {})


def test_labels_that_look_alike_are_told_of(tmp_path: Path) -> None:
    def notes(kind: str, text: str) -> list[str]:
        return list(OPENERS[kind](write(tmp_path / "a.csv", text), {}).notes)

    told = "differ by spaces, capitals or the coding of accents alone; they are taken as different."
    path = tmp_path / "a.csv"
    assert notes("text", "text,label\nx,a\ny,A\nz,a\nv,A\n") == [f"{path}: the labels 'a' and 'A' {told}"]
    assert notes("text", "text,label\nx,a\ny,a \nz,a\nv,a \n") == [f"{path}: the labels 'a' and 'a ' {told}"]
    coded = "text,label\nx,\u00e9\ny,e\u0301\nz,\u00e9\nv,e\u0301\n"
    assert notes("text", coded) == [f"{path}: the labels '\u00e9' and 'e\u0301' {told}"]
    assert notes("sequences", "t0,label\n1,left\n2,Left\n") == [f"{path}: the labels 'left' and 'Left' {told}"]
    assert notes("text", "text,label\nx,a\ny,b\nz,a\nv,b\n") == []
