"""Settings: bounds and error messages."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from longshort import config
from longshort.config import (
    TextDataSettings,
    TextModelSettings,
    TextRunSettings,
    TokenizerSettings,
    TrainingSettings,
)
from longshort.errors import SettingError

SECTIONS = (TextDataSettings, TokenizerSettings, TextModelSettings, TrainingSettings)


def message(**flat) -> str:
    with pytest.raises(SettingError) as caught:
        TextRunSettings.from_flat(flat)
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("epochs", "many", "a whole number"),
        ("epochs", 1.5, "a whole number"),
        ("hidden_size", None, "a whole number"),
        ("epochs", "9" * 5000, "a whole number"),
        ("epochs", 0, "at least 1"),
        ("epochs", 100_001, "at most 100000"),
        ("learning_rate", "fast", "a number"),
        ("learning_rate", math.nan, "a finite number"),
        ("learning_rate", math.inf, "a finite number"),
        ("learning_rate", 0, "greater than 0"),
        ("validation_share", 1.0, "less than 1"),
        ("bidirectional", "perhaps", "true or false"),
        ("label_separator", "", "at least 1 character"),
        ("text", 3, "text"),
        ("tokenizer", "words", "'word', 'bpe', 'unigram' or 'character'"),
        ("class_weights", "even", "'balanced'"),
        ("max_tokens", 0, "at least 1"),
        ("max_tokens", 2**63, "at most 1000000000000"),
    ],
)
def test_the_message_for_a_wrong_value(key, value, rule):
    assert message(**{key: value}) == f"{key} must be {rule}. Got {value!r}."


def test_the_hint_describes_the_setting():
    with pytest.raises(SettingError) as caught:
        TextRunSettings.from_flat({"gradient_clip": -1})
    assert str(caught.value) == (
        "gradient_clip must be greater than 0. Got -1.\n\nhint: Largest norm of the gradient of all weights together."
    )


def test_an_unknown_setting_gets_the_closest_match():
    with pytest.raises(SettingError) as caught:
        TextRunSettings.from_flat({"epoch": 3})
    assert str(caught.value) == "There is no setting 'epoch'.\n\nhint: Did you mean 'epochs'?"


def test_an_unrecognisable_setting_gets_the_list():
    with pytest.raises(SettingError) as caught:
        TextRunSettings.from_flat({"zzz": 3})
    assert caught.value.hint == "The settings are " + ", ".join(sorted(TextRunSettings().flat())) + "."


@pytest.mark.parametrize(
    ("nested", "expected"),
    [
        ({"data": {"test_share": 2}}, "test_share must be less than 1. Got 2."),
        (
            {"tokenizer": {"tokenizer": "words"}},
            "tokenizer must be 'word', 'bpe', 'unigram' or 'character'. Got 'words'.",
        ),
        ({"tokenizer": 3}, "tokenizer must be settings. Got 3."),
        ({"training": {"epoch": 2}}, "There is no setting 'epoch'."),
        ({"date": {}}, "There is no setting 'date'."),
    ],
)
def test_nested_settings_have_the_same_messages(nested, expected):
    with pytest.raises(SettingError) as caught:
        TextRunSettings.parse(nested)
    assert caught.value.message == expected


def test_flat_and_back():
    settings = TextRunSettings.from_flat({"epochs": 3, "hidden_size": 16, "label_separator": "|", "tokenizer": "bpe"})
    assert settings.training.epochs == 3
    assert settings.tokenizer.tokenizer == "bpe"
    assert TextRunSettings.from_flat(settings.flat()) == settings
    assert TextRunSettings.parse(settings.model_dump(mode="json")) == settings


def test_names_are_unique_across_the_sections():
    names = [name for section in SECTIONS for name in section.model_fields]
    assert len(names) == len(set(names))
    assert list(TextRunSettings().flat()) == names


def test_every_setting_has_a_description():
    for section in SECTIONS:
        for name, field in section.model_fields.items():
            assert field.description, name
            assert field.description.endswith("."), name


def test_numbers_may_be_text():
    """The command line and CSV files give text."""
    settings = TextRunSettings.from_flat({"epochs": "5", "learning_rate": "1e-3", "bidirectional": "false"})
    assert (settings.training.epochs, settings.training.learning_rate) == (5, 1e-3)
    assert settings.model.bidirectional is False


def test_settings_are_frozen():
    settings = TextRunSettings()
    with pytest.raises(ValidationError):
        settings.training.epochs = 9


def test_replace_checks_again():
    training = TrainingSettings().replace(epochs=9)
    assert training.epochs == 9
    assert TrainingSettings().epochs != 9
    with pytest.raises(SettingError) as caught:
        training.replace(epochs=-1)
    assert caught.value.message == "epochs must be at least 1. Got -1."


@pytest.mark.parametrize("name", TextRunSettings.presets)
def test_presets_are_settings(name):
    flat = TextRunSettings.from_flat(TextRunSettings.presets[name]).flat()
    assert {key: flat[key] for key in TextRunSettings.presets[name]} == TextRunSettings.presets[name]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Settings", "TextRunSettings"),
        ("DataSettings", "TextDataSettings"),
        ("ModelSettings", "TextModelSettings"),
    ],
)
def test_former_names_work_with_a_warning(old, new):
    with pytest.warns(DeprecationWarning, match=f"longshort.config.{old} is now called {new}"):
        found = getattr(config, old)
    assert found is getattr(config, new)


def test_the_former_tables_work_with_a_warning():
    with pytest.warns(DeprecationWarning, match="longshort.config.TASKS will be removed"):
        assert set(config.TASKS) == {
            "text-classification",
            "sequence-classification",
            "sequence-regression",
            "forecast",
        }
    with pytest.warns(DeprecationWarning, match="longshort.config.PRESETS will be removed"):
        assert "demo" in config.PRESETS
