import click
import pytest
from click.testing import CliRunner
from hypothesis import given as for_all
from hypothesis import strategies as st

from longshort.cli.command import Command
from longshort.cli.options import HEADINGS, SettingOption, given, setting_options
from longshort.config import TextRunSettings
from longshort.errors import SettingError


@click.command(cls=Command)
@setting_options()
@click.pass_context
def every(context: click.Context, **_: object) -> dict[str, object]:
    """Every setting."""
    return given(context)


def parse(*args: str) -> dict[str, object]:
    return every.main(list(args), standalone_mode=False)


def help_of(command: click.Command) -> str:
    return " ".join(CliRunner().invoke(command, ["--help"], terminal_width=100).stdout.split())


def test_each_setting_has_one_option_with_its_own_help():
    settings = TextRunSettings().flat()
    options = [option for option in every.params if isinstance(option, SettingOption)]
    text = help_of(every)

    assert [option.name for option in options] == list(settings)
    for section in TextRunSettings.sections().values():
        for field in section.model_fields.values():
            assert " ".join(field.description.split()) in text


def test_the_options_stand_under_the_headings_of_their_sections():
    text = CliRunner().invoke(every, ["--help"]).stdout
    places = [text.index(f"\n{heading}:\n") for heading in ("Options", *HEADINGS.values())]

    assert places == sorted(places)
    assert places[4] < text.index("--epochs")


FIELDS = {
    name: field for section in TextRunSettings.sections().values() for name, field in section.model_fields.items()
}


@pytest.mark.parametrize(
    ("field", "start", "end"),
    [
        ("hidden_size", "--hidden-size N", "[from 1 to 65,536; default: {}]"),
        ("bidirectional", "--bidirectional / --no-bidirectional", "[default: on]"),
        ("schedule", "--schedule [one-cycle|constant]", "[default: {}]"),
        ("encoding", "--encoding TEXT", "[default: {}]"),
        ("max_tokens", "--max-tokens N", "[at least 1 or none]"),
        ("output_dropout", "--output-dropout X", "[at least 0 and below 1; default: {}]"),
    ],
)
def test_help_shows_bounds_choices_and_defaults(field, start, end):
    assert f"{start} {FIELDS[field].description} {end.format(FIELDS[field].default)}" in help_of(every)


def test_only_what_is_given_is_passed_on():
    assert parse() == {}
    assert parse("--epochs", "6", "--no-bidirectional") == {"epochs": 6, "bidirectional": False}


def test_values_get_the_type_of_their_field():
    values = parse("--learning-rate", "1e-3", "--patience", "none", "--text", "none", "--tokenizer", "bpe")

    assert values == {"learning_rate": 0.001, "patience": None, "text": "none", "tokenizer": "bpe"}
    assert TextRunSettings.from_flat(values).training.patience is None


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("hidden_size", "ten", "--hidden-size must be a whole number from 1 to 65,536. Got 'ten'."),
        ("hidden_size", "0", "--hidden-size must be a whole number from 1 to 65,536. Got '0'."),
        ("output_dropout", "nan", "--output-dropout must be a number of at least 0 and below 1. Got 'nan'."),
        ("pooling", "average", "--pooling must be one of last, mean, max, mean+max. Got 'average'."),
        ("pooling", "", "--pooling must be one of last, mean, max, mean+max. Got ''."),
        ("class_weights", "equal", "--class-weights must be balanced or \"none\". Got 'equal'."),
    ],
)
def test_a_wrong_value_names_the_option_the_rule_and_the_value(field, value, message):
    with pytest.raises(SettingError) as caught:
        parse(f"--{field.replace('_', '-')}", value)

    assert (caught.value.message, caught.value.hint) == (message, FIELDS[field].description)


@for_all(
    st.builds(
        lambda seed, rate, size: {"seed": seed, "output_dropout": rate, "hidden_size": size},
        st.integers(0, 2**63 - 1),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 65_536),
    )
)
def test_whatever_the_settings_accept_can_be_typed(values):
    typed = [word for name, value in values.items() for word in (f"--{name.replace('_', '-')}", repr(value))]

    assert parse(*typed) == values


def test_a_command_can_take_some_settings_alone():
    @click.command(cls=Command)
    @setting_options("text", "encoding")
    def some(**values: object) -> None:
        """Some."""

    assert [option.name for option in some.params] == ["text", "encoding"]


def test_a_slip_in_a_choice_is_told_with_what_was_meant():
    with pytest.raises(SettingError) as caught:
        parse("--pooling", "maen")

    assert caught.value.hint == f"Did you mean 'mean'? {FIELDS['pooling'].description}"
