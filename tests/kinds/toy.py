"""A complete kind of task in one file: the sum of a list of numbers. `docs/extending.md` walks through it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
import torch
from torch import nn

from longshort.artifacts.model_config import ModelConfig, StoredTask
from longshort.config import RunSettings, Section, TrainingSettings
from longshort.data.sequences import SequenceEncoding, Sequences, from_arrays, split_sequences
from longshort.errors import DataError
from longshort.evaluation.sequence_baselines import RegressionBaseline
from longshort.evaluation.weighing import Weighed, weigh_numbers
from longshort.kinds.answers import NumberAnswer
from longshort.kinds.base import Kind
from longshort.kinds.seam import Evaluation, Judgement, Splits, Trained
from longshort.kinds.space import Choice
from longshort.kinds.words import MAE, Measure, Metric, Words
from longshort.lstm import LSTM
from longshort.networks import RegressionObjective, predict_logits
from longshort.runs.folds import each_fold
from longshort.training import Training


class SumDataSettings(Section):
    test_share: float = 0.2
    """Share of the lists held out for the report."""


class SumModelSettings(Section):
    hidden_size: int = 8
    """Hidden units."""


class SumSettings(RunSettings):
    kind = "list-sum"
    data: SumDataSettings = SumDataSettings()
    model: SumModelSettings = SumModelSettings()
    training: TrainingSettings = TrainingSettings(epochs=20, batch_tokens=64)


@dataclass(frozen=True)
class Part:
    lists: Sequences
    rows: np.ndarray

    @property
    def fingerprint(self) -> str:
        return self.lists.fingerprint


def read(data: Any) -> Sequences:
    """The lines "3 1 4 = 8" of a file, or of a list; without "= 8" where a list is to be summed."""
    if not isinstance(data, list) and not Path(data).is_file():
        raise DataError("a file of lists must be there. It is not.", "Name a .lists file.", path=data)
    lines = data if isinstance(data, list) else Path(data).read_text().splitlines()
    pairs = [line.partition("=") for line in lines]
    lists = [np.array(left.split(), dtype=float) for left, _, _ in pairs]
    return from_arrays(lists, [float(sums or 0) for _, _, sums in pairs], numbers=True)


class SumNetwork(nn.Module):
    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.lstm, self.linear = LSTM(1, hidden_size), nn.Linear(hidden_size, 1)

    def forward(self, inputs: Any) -> torch.Tensor:
        return self.linear(self.lstm(inputs)[0].pool("last"))


class SumTask:
    name = "list-sum"

    def __init__(self, encoding: SequenceEncoding, settings: SumModelSettings) -> None:
        self.encoding, self.settings = encoding, settings
        self.objective = RegressionObjective(encoding.target_mean, encoding.target_scale)

    def build(self) -> SumNetwork:
        return SumNetwork(self.settings.hidden_size)

    def answers(self, network: nn.Module, lists: Sequences) -> np.ndarray:
        return self.objective.answers(predict_logits(network, self.encoding.encode(lists)).double()).numpy()

    def weighed(self, network: nn.Module, lists: Sequences) -> Weighed:
        mean = RegressionBaseline(name="mean", predictions=np.full(len(lists), self.encoding.target_mean), seconds=0.0)
        return weigh_numbers(self.answers(network, lists), np.asarray(lists.targets), [mean])


class SumConfig(ModelConfig):
    task: Literal["list-sum"]
    settings: SumSettings

    def read_encoding(self, text: str, numbers: int) -> StoredTask:
        return StoredTask(1, lambda: SumTask(SequenceEncoding.from_json(text), self.settings.model))


@final
class SumKind(Kind):
    name, settings, words = "list-sum", SumSettings, Words("list", "number", "lists")
    measure = Measure((MAE, Metric("r2", "R²")), rises=False, better="nearer")
    space = (Choice("hidden_size", (4, 8)),)

    def recognises(self, data):
        return data.endswith(".lists")

    def prepare(self, data, validation, test, settings, listener):
        lists, share = read(data), settings.data.test_share
        rows = split_sequences(lists, validation_share=0.1, test_share=share, seed=settings.training.seed)
        return Splits({name: Part(lists[each], each) for name, each in asdict(rows).items()}, str(data))

    def folds(self, data, settings, count, listener):
        lists = read(data)
        for rows in each_fold(len(lists), count, settings.training.seed):
            yield Splits({name: Part(lists[each], each) for name, each in rows.items()}, str(data))

    def fit(self, prepared, settings, listener, *, folder=None, on_better=None, checkpoints=None):
        task = SumTask(SequenceEncoding.fit(prepared.parts["train"].lists, kind="regression"), settings.model)
        examples = {name: task.encoding.encode(part.lists) for name, part in prepared.parts.items()}
        network, keep = task.build(), on_better and (lambda kept: on_better(task, kept))
        own = (task.objective, network, examples["train"], examples.get("validation"), settings.training, listener)
        result = Training(*own, on_better=keep, checkpoints=checkpoints and checkpoints.of("training")).run()
        return Trained(task, network, examples, result)

    def judge(self, fitted, prepared, settings, listener):
        held, task, network = prepared.parts["test"], fitted.task, fitted.network
        found, answers = task.weighed(network, held.lists), task.answers(network, held.lists)
        tables = {"predictions.parquet": {"row": held.rows, "truth": held.lists.targets, "answer": answers}}
        return Judgement("test", found.metrics, {}, found.baselines, found.verdict, [], tables, {})

    def evaluate(self, run, bundle, data, settings, listener):
        return Evaluation(str(data), self.name, *bundle.task.weighed(bundle.network, read(data)).plainly(), errors=[])

    def model_config(self):
        return SumConfig

    def predict(self, bundle, request):
        lists = read(request.file or list(request.texts))
        answers = bundle.task.answers(bundle.network, lists).tolist()
        yield [NumberAnswer(origin, answer) for origin, answer in zip(lists.origins, answers, strict=True)]

    def limits(self, metrics):
        return ["It has seen short lists alone."]


KIND = SumKind()
