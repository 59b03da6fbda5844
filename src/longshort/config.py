"""Everything that can be set, with its unit and bounds.

One definition serves the Python API, the stored `config.json` and the command line: each field's docstring is the
option's help, its bounds are checked here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import BaseModel, ByteSize, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from longshort.errors import SettingError, nearest

__all__ = [
    "PRESETS",
    "TASKS",
    "DataSettings",
    "ForecastModelSettings",
    "ForecastRunSettings",
    "ForecastSettings",
    "ModelSettings",
    "RegressionRunSettings",
    "RunSettings",
    "SequenceModelSettings",
    "SequenceRunSettings",
    "SequenceSettings",
    "Settings",
    "TokenizerSettings",
    "TrainingSettings",
]

Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Rate = Annotated[float, Field(ge=0.0, lt=1.0)]
Size = Annotated[int, Field(ge=1, le=65_536)]
Count = Annotated[int, Field(ge=1, le=10**12)]
Bytes = Annotated[
    ByteSize, Field(ge=2**20, le=2**60), WithJsonSchema({"type": "integer", "format": "size", "minimum": 2**20})
]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Names = Annotated[tuple[str, ...], Field(fail_fast=True)]


class _Section(BaseModel):
    """Frozen settings that refuse unknown keys and name the nearest right one."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Check `values` and build the settings.

        Raises:
            SettingError: an unknown key, a wrong type, or a value out of its bounds.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise _explain(cls, error.errors()[0]) from None

    def replace(self, **changes: Any) -> Self:
        """The same settings with some changed, checked again."""
        return type(self).parse({**self.model_dump(), **changes})


class DataSettings(_Section):
    """Where the text and the labels stand, and how the rows are split."""

    text: str | None = None
    """Name of the text column; found by its usual names (text, review, sentence, ...) when not given."""
    label: str | None = None
    """Name of the label column; found by its usual names (label, sentiment, class, ...) when not given."""
    label_separator: Annotated[str, Field(min_length=1)] | None = None
    """Separator between several labels of one row, for example "|"; makes the task multi-label."""
    classes: Annotated[Names, Field(min_length=1)] | None = None
    """Keep only rows with these labels (comma-separated on the command line); every label when not given."""
    encoding: str = "utf-8"
    """Encoding of text files; a byte order mark of UTF-8 is skipped."""
    skip_bad: bool = False
    """Leave out rows that alone are at fault (too few cells, bad JSON, no text or label, bytes that are no text), count
    them and name the first; an error where they are more than half. Without it the first one is an error."""
    validation_share: Share = 0.1
    """Share of the rows that chooses the best epoch, when no validation file is given."""
    test_share: Share = 0.1
    """Share of the rows held out for the report, when no test file is given."""


class TokenizerSettings(_Section):
    """How text becomes numbers; fitted on the training split alone."""

    tokenizer: Literal["word", "bpe", "unigram", "character"] = "word"
    """Kind of token: words (lower-cased, punctuation apart), byte-pair pieces, unigram pieces, or characters."""
    vocabulary_limit: Annotated[int, Field(ge=2, le=10_000_000)] = 30_000
    """Most tokens in the vocabulary, the most frequent ones first."""
    minimum_count: Count = 2
    """A token must occur this often in the training split to enter the vocabulary."""
    max_tokens: Count | None = None
    """Keep only the first tokens of a text, this many; everything is kept when not given."""


class ModelSettings(_Section):
    """The network: embedding, LSTM, pooling, linear."""

    embedding_size: Size = 128
    """Numbers per token that enter the LSTM."""
    embedding_start: Literal["cooccurrence", "random"] = "cooccurrence"
    """First vectors of the tokens: from which tokens stand together in the training split, or random."""
    hidden_size: Size = 128
    """Hidden units per layer and direction."""
    num_layers: Annotated[int, Field(ge=1, le=64)] = 1
    """LSTM layers, one on the other."""
    bidirectional: bool = True
    """Read each sequence also from its end to its start."""
    pooling: Literal["last", "mean", "max", "mean+max"] = "mean+max"
    """How the hidden states of a sequence become one vector."""
    word_dropout: Rate = 0.5
    """Share of the vocabulary whose embedding is zero during a training step (Gal & Ghahramani 2016)."""
    embedding_dropout: Rate = 0.0
    """Share of embedding features dropped for a whole sequence."""
    layer_dropout: Rate = 0.2
    """Dropout between LSTM layers; without effect on one layer."""
    output_dropout: Rate = 0.5
    """Dropout on the pooled vector, before the linear layer."""


class TrainingSettings(_Section):
    """The loop: how long, how fast, when to stop."""

    epochs: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Times that the training split is gone through, at most; 4 to 60, chosen by its size, when not given."""
    pretraining_epochs: Annotated[int, Field(ge=0, le=1_000)] | None = None
    """Times that the training texts are first read as a language model, which needs no labels (Dai & Le 2015); 2 to 10,
    chosen by the size of the training split, when not given; 0 for none."""
    batch_tokens: Count | None = None
    """Tokens per batch, whose rows follow from their lengths; 1,024 to 8,192, chosen by the size of the training
    split, when not given."""
    learning_rate: Annotated[float, Field(gt=0.0, le=100.0)] = 3e-3
    """Step size of AdamW; the peak where the schedule is one-cycle."""
    schedule: Literal["one-cycle", "constant"] = "one-cycle"
    """Learning rate over time: up and then down to zero (Smith & Topin 2018), or constant."""
    embedding_rate: Annotated[float, Field(ge=0.0, le=10.0)] = 0.3
    """Step size of the embedding, as a share of the learning rate."""
    averaging: Rate = 0.998
    """Share of the past, at each step, in the running mean of the weights that is validated and kept (Polyak & Juditsky
    1992); 0 keeps the last weights themselves."""
    weight_decay: Annotated[float, Field(ge=0.0, le=10.0)] = 0.01
    """Decoupled weight decay of AdamW on weight matrices; biases and embeddings are spared."""
    gradient_clip: Annotated[float, Field(gt=0.0)] = 1.0
    """Largest norm of the gradient of all weights together."""
    patience: Count | None = None
    """Stop after this many epochs without a better validation loss; a third of the epochs when not given."""
    class_weights: Literal["balanced"] | None = None
    """Weigh the loss of each class by the inverse of its share, or not at all."""
    statistics: bool = True
    """Record how far the weights move, how large their gradients are and what the gates do, so that the verdict can say
    why a training went as it did; the training itself stays the same."""
    memory_limit: Bytes | None = None
    """Memory that the training may take, such as 2GB: where whole batches do not fit, parts of them go through the
    network and are learnt from together, and a text that alone does not fit is read in parts between which no gradients
    flow (truncated backpropagation); nine tenths of the computer's memory when not given."""
    seed: Seed = 0
    """Decides the split, the first weights, the order of the batches and the dropout."""


class ForecastSettings(_Section):
    """What is forecast, how far ahead, and where it stands in the data."""

    time: str | None = None
    """Name of the time column; found by its usual names (time, date, month, ...) when not given."""
    value: str | None = None
    """Name of the column to forecast; found by its usual names (value, y, ...), or the only one left, when not
    given."""
    series: str | None = None
    """Name of the column that says which series a row belongs to; all rows are one series when not given."""
    known: Names = ()
    """Names of columns that are known for the future too, such as prices or holidays (comma-separated on the command
    line); rows after the last value give them."""
    past: Names = ()
    """Names of further columns that are known for the past alone (comma-separated on the command line)."""
    horizon: Annotated[int, Field(ge=1, le=1_000)] | None = None
    """Steps ahead to forecast; when not given, a season, but 60 at most, or 12 where there is no season, and no more
    than an eighth of the shortest series."""
    season: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Steps after which the series repeats itself, 1 for none; 24 for hours, 7 for days, 12 for months and so on, from
    the step of the time column, when not given."""
    fill: Literal["linear", "last", "zero"] | None = None
    """Repair gaps and empty cells on a line between their neighbours, with the last value or with 0; rows out of order
    are then sorted and rows of one time averaged. An error when not given."""
    encoding: str = "utf-8"
    """Encoding of text files; a byte order mark of UTF-8 is skipped."""
    skip_bad: bool = False
    """Leave out rows that alone are at fault (too few cells, what is no time or no number), count them and name the
    first; an error where they are more than half. The gaps that they leave are for --fill. Without it the first one is
    an error."""
    validation_share: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.2
    """Share of the training period, at its end, that chooses the representation and the length of the training."""
    test_share: Share = 0.2
    """Share of the steps, at the end of each series, held out for the report."""
    test_steps: Count | None = None
    """Steps at the end of each series held out for the report, in place of their share."""


class ForecastModelSettings(_Section):
    """The network of a forecast: LSTM, quantiles, and a linear path beside it."""

    context: Size | None = None
    """Past steps that a forecast looks at; when not given, chosen from the season, the horizon and the length, and
    networks that look at half and at twice as many answer too, where the series are long enough."""
    trend: Literal["auto", "none", "level", "last", "season"] = "auto"
    """What a window of past steps is measured against, so that a trend does not defeat the network: the mean of its
    whole series ("none"), its own mean ("level"), its last value ("last"), the values a season before ("season"), or
    "auto": those whose forecasts, averaged, do best on the validation part, with a network for each. All but the first
    have a scale for each window."""
    logarithm: Literal["auto", "always", "never"] = "auto"
    """Whether the logarithms of the values are forecast, in which a growth by shares is a straight line and which need
    values above 0; by "auto" where they do better on the validation part."""
    quantiles: Annotated[tuple[float, ...], Field(min_length=1, max_length=99, fail_fast=True)] = (
        *(0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95),
    )
    """Quantiles to forecast, rising, with 0.5 among them (comma-separated on the command line)."""
    hidden_size: Size = 32
    """Hidden units per layer."""
    num_layers: Annotated[int, Field(ge=1, le=64)] = 1
    """LSTM layers, one on the other."""
    dropout: Rate = 0.1
    """Dropout between LSTM layers and before the quantiles."""
    linear: bool = True
    """A linear path from the past steps to the median beside the LSTM (Lai et al. 2018); it starts as a ridge
    regression."""
    members: Annotated[int, Field(ge=1, le=64)] = 1
    """Networks with different first weights, for each way to measure a window, whose quantiles are averaged."""


class SequenceSettings(_Section):
    """Where sequences of numbers and their targets stand, and how they are split."""

    layout: Literal["auto", "wide", "long"] = "auto"
    """How a table holds sequences: one in each row ("wide"), or a step of one in each row ("long"); by "auto" it is
    long where a column says the sequence and a sequence has several rows. A .ts file needs none."""
    label: str | None = None
    """Name of the column of classes, or of numbers in a regression; found by its usual names (label, class, target,
    ...) when not given."""
    id: str | None = None
    """Name of the column that says which sequence a row is or belongs to; found by its usual names (id, sequence, case,
    ...) when not given."""
    time: str | None = None
    """Name of the column of time in a long table, which must rise within a sequence; found by its usual names (time,
    step, ...) when not given; rows stand in the order of time where there is none."""
    channels: Annotated[Names, Field(min_length=1)] | None = None
    """Names of the columns of values (comma-separated on the command line); all the others when not given."""
    group: str | None = None
    """Name of a column, such as a subject, whose rows are never split across parts."""
    window: Count | None = None
    """Cut each sequence into windows of this many steps; the windows of a sequence stay in one part."""
    stride: Count | None = None
    """Steps between the beginnings of windows; as many as a window has when not given."""
    encoding: str = "utf-8"
    """Encoding of text files."""
    skip_bad: bool = False
    """Leave out rows that alone are at fault (too few cells, what is no number, no target, an infinite value), count
    them and name the first; an error where they are more than half. In a long table a row is a step. Without it the
    first one is an error."""
    validation_share: Share = 0.1
    """Share of the sequences that chooses the best epoch, where no file is given; of fewer than 5,000, none."""
    test_share: Share = 0.1
    """Share of the sequences held out for the report, when no test file is given."""


class SequenceModelSettings(_Section):
    """The network for sequences of numbers: convolutional front, LSTM, pooling, linear."""

    front: Literal["conv", "none"] = "conv"
    """What the numbers go through before the LSTM: three convolutions that find shapes, as wide as fits the length of
    the training sequences (Wang et al. 2017), whose mean over time is also pooled beside the LSTM's states (Karim et
    al. 2018), or nothing."""
    filters: Annotated[int, Field(ge=1, le=16_384)] = 64
    """Shapes that the first and the last convolution look for; the one between them looks for twice as many."""
    hidden_size: Size = 64
    """Hidden units per layer and direction."""
    num_layers: Annotated[int, Field(ge=1, le=64)] = 1
    """LSTM layers, one on the other."""
    bidirectional: bool = True
    """Read each sequence also from its end to its start. Without it nothing looks ahead, the convolutions neither, and
    the model can answer a stream step by step."""
    pooling: Literal["last", "mean", "max", "mean+max"] = "mean+max"
    """How the hidden states of a sequence become one vector."""
    layer_dropout: Rate = 0.2
    """Dropout between LSTM layers; without effect on one layer."""
    output_dropout: Rate = 0.3
    """Dropout on the pooled vector, before the linear layer."""
    members: Annotated[int, Field(ge=1, le=64)] | None = None
    """Networks with different first weights, trained side by side, whose outputs are averaged; when not given, 3 where
    fewer than 2,000 sequences are learnt from, and else 1."""


class RunSettings(_Section):
    """All settings of one training run: a section for each subject, of which each task has its own.

    Attributes:
        unused: names of settings that mean nothing to this task; they cannot be set.
    """

    unused: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def sections(cls) -> dict[str, type[_Section]]:
        """The sections by name."""
        return {name: cast("type[_Section]", field.annotation) for name, field in cls.model_fields.items()}

    @classmethod
    def names(cls) -> list[tuple[str, str]]:
        """The section and the name of every setting that can be set."""
        return [
            (name, field)
            for name, part in cls.sections().items()
            for field in part.model_fields
            if field not in cls.unused
        ]

    @classmethod
    def from_flat(cls, values: Mapping[str, Any]) -> Self:
        """Build the settings from one flat mapping, such as keyword arguments or command-line options.

        Raises:
            SettingError: an unknown name, a wrong type, or a value out of its bounds.
        """
        nested: dict[str, dict[str, Any]] = {name: {} for name in cls.sections()}
        homes = {field: name for name, field in cls.names()}
        for key, value in values.items():
            if key not in homes:
                raise _unknown(key, homes)
            nested[homes[key]][key] = value
        return cls(**{name: cls.defaults(name).replace(**given) for name, given in nested.items()})

    @classmethod
    def defaults(cls, section: str) -> _Section:
        """A section as this task has it where nothing is set."""
        return cast("_Section", cls.model_fields[section].default)

    def flat(self) -> dict[str, Any]:
        """All settings that can be set in one flat mapping; the names are unique across the sections."""
        held = self.model_dump()
        return {field: held[section][field] for section, field in self.names()}


class Settings(RunSettings):
    """All settings of a text classifier."""

    data: DataSettings = DataSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()


class SequenceRunSettings(RunSettings):
    """All settings of a model of sequences of numbers."""

    unused = frozenset({"pretraining_epochs", "embedding_rate"})

    data: SequenceSettings = SequenceSettings()
    model: SequenceModelSettings = SequenceModelSettings()
    training: TrainingSettings = TrainingSettings()


class RegressionRunSettings(SequenceRunSettings):
    """All settings of a model that answers sequences of numbers with a number."""

    unused = SequenceRunSettings.unused | {"class_weights"}


class ForecastRunSettings(RunSettings):
    """All settings of a forecast."""

    unused = frozenset({"pretraining_epochs", "embedding_rate", "class_weights"})

    data: ForecastSettings = ForecastSettings()
    model: ForecastModelSettings = ForecastModelSettings()
    # A constant rate, whose weights are averaged, may end after any epoch: the best one is then trained again to.
    training: TrainingSettings = TrainingSettings(
        learning_rate=1e-3, schedule="constant", averaging=0.99, weight_decay=0.1
    )


TASKS: dict[str, type[RunSettings]] = {
    "text-classification": Settings,
    "sequence-classification": SequenceRunSettings,
    "sequence-regression": RegressionRunSettings,
    "forecast": ForecastRunSettings,
}
"""What `longshort train` can learn, with its settings."""

PRESETS: dict[str, dict[str, Any]] = {
    "demo": {"embedding_size": 64, "hidden_size": 64, "pretraining_epochs": 0, "epochs": 4},
}
"""Flat settings that go together, by name. "demo" learns 20,000 film reviews on two cores in the time of a coffee."""


def _unknown(key: str, names: Mapping[str, Any] | list[str]) -> SettingError:
    return SettingError(
        f"There is no setting {key!r}.", nearest(key, names) or "The settings are " + ", ".join(sorted(names)) + "."
    )


def _explain(section: type[_Section], error: ErrorDetails) -> SettingError:
    """One sentence for pydantic's first complaint, with the field's own docstring as the hint."""
    key, *inner = (str(part) for part in error["loc"])
    if issubclass(section, RunSettings) and inner:
        section, key = section.sections()[key], inner[0]
    if error["type"] == "extra_forbidden":
        return _unknown(key, [name for each in {section, *Settings.sections().values()} for name in each.model_fields])
    field = section.model_fields[key]
    meant = nearest(str(error["input"]), re.findall("'([^']+)'", error.get("ctx", {}).get("expected", "")))
    hint = " ".join(filter(None, (meant, field.description)))
    return SettingError(f"{key} must be {_rule(error)}. Got {error['input']!r}.", hint)


_KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "string": "text", "model": "settings"}


def _rule(error: ErrorDetails) -> str:
    """What must hold, in words that need no knowledge of Python's types."""
    kind, _, complaint = error["type"].partition("_")
    if kind in _KINDS and complaint in ("type", "parsing", "parsing_size", "from_float"):
        return _KINDS[kind]
    rule = error["msg"].removeprefix("Input should be ").removeprefix("String should have ")
    return rule.replace("greater than or equal to", "at least").replace("less than or equal to", "at most")
