import click
import pytest
from click.testing import CliRunner
from hypothesis import given as for_all
from hypothesis import strategies as st

from longshort.cli.command import Command
from longshort.cli.options import SECTIONS, SettingOption, given, setting_options
from longshort.config import Settings
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
    settings = Settings().flat()
    options = [option for option in every.params if isinstance(option, SettingOption)]
    text = help_of(every)

    assert [option.name for option in options] == list(settings)
    for section in SECTIONS.values():
        for field in section.model_fields.values():
            assert " ".join(field.description.split()) in text


def test_the_options_stand_under_the_headings_of_their_sections():
    text = CliRunner().invoke(every, ["--help"]).stdout
    places = [text.index(f"\n{heading}:\n") for heading in ("Options", *SECTIONS)]

    assert places == sorted(places)
    assert places[4] < text.index("--epochs")


@pytest.mark.parametrize(
    "line",
    [
        "--hidden-size N Hidden units per layer and direction. [from 1 to 65,536; default: 64]",
        "--bidirectional / --no-bidirectional Read each sequence also from its end to its start. [default: on]",
        "--schedule [one-cycle|constant] Learning rate over time: up and then down to zero (Smith & Topin 2018), or "
        "constant. [default: one-cycle]",
        "--encoding TEXT Encoding of text files; a byte order mark of UTF-8 is skipped. [default: utf-8]",
        "--max-tokens N Keep only the first tokens of a text, this many; everything is kept when not given. "
        "[at least 1 or none]",
        "--output-dropout X Dropout on the pooled vector, before the linear layer. "
        "[at least 0 and below 1; default: 0.5]",
    ],
)
def test_help_shows_bounds_choices_and_defaults(line):
    assert line in help_of(every)


def test_only_what_is_given_is_passed_on():
    assert parse() == {}
    assert parse("--epochs", "6", "--no-bidirectional") == {"epochs": 6, "bidirectional": False}


def test_values_get_the_type_of_their_field():
    values = parse("--learning-rate", "1e-3", "--patience", "none", "--text", "none", "--tokenizer", "bpe")

    assert values == {"learning_rate": 0.001, "patience": None, "text": "none", "tokenizer": "bpe"}
    assert Settings.from_flat(values).training.patience is None


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (
            ("--epochs", "ten"),
            "--epochs must be a whole number from 1 to 100,000. Got 'ten'.",
            "Times that the training split is gone through, at most.",
        ),
        (
            ("--hidden-size", "0"),
            "--hidden-size must be a whole number from 1 to 65,536. Got '0'.",
            "Hidden units per layer and direction.",
        ),
        (
            ("--learning-rate", "nan"),
            "--learning-rate must be a number above 0 and at most 100. Got 'nan'.",
            "Step size of AdamW; the peak where the schedule is one-cycle.",
        ),
        (
            ("--pooling", "average"),
            "--pooling must be one of last, mean, max, mean+max. Got 'average'.",
            "How the hidden states of a sequence become one vector.",
        ),
        (
            ("--class-weights", "equal"),
            "--class-weights must be balanced or \"none\". Got 'equal'.",
            "Weigh the loss of each class by the inverse of its share, or not at all.",
        ),
    ],
)
def test_a_wrong_value_names_the_option_the_rule_and_the_value(args, message, hint):
    with pytest.raises(SettingError) as caught:
        parse(*args)

    assert (caught.value.message, caught.value.hint) == (message, hint)


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
