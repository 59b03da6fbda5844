"""Sequence regression: one number per sequence of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, final

from longshort.kinds.seam import Evaluation, Judgement
from longshort.kinds.sequences.settings import RegressionRunSettings
from longshort.kinds.sequences.shared import SequenceKind
from longshort.kinds.words import MAE, Card, Measure, Metric, Words
from longshort.plain import Plain, PlainMapping

if TYPE_CHECKING:
    import torch
    from torch import nn

    from longshort.artifacts.bundle import Bundle
    from longshort.data.sequences import Sequences
    from longshort.kinds.answers import NumberAnswer
    from longshort.kinds.sequences.estimators.regressor import SequenceRegressor
    from longshort.kinds.sequences.fitting import FittedSequences
    from longshort.kinds.sequences.model_files import SequenceRegressionConfig
    from longshort.kinds.sequences.preparing import PreparedSequences
    from longshort.kinds.sequences.tasks import SequenceRegression
    from longshort.pages.evidence import Evidence
    from longshort.pages.section import Section
    from longshort.training import Checkpoints, Listener

__all__ = ["KIND"]


@final
class SequenceRegressionKind(SequenceKind[RegressionRunSettings, "SequenceRegression"]):
    """Sequences of numbers with a number each."""

    name = "sequence-regression"
    settings = RegressionRunSettings
    words: ClassVar[Words] = Words(
        "sequence", "step", "sequences and targets", loss="squared error, in variances of the targets"
    )
    measure = Measure(
        metrics=(
            MAE,
            Metric("rmse", "RMSE", has_unit=True),
            Metric("r2", "R²"),
            Metric("bias", "bias", has_unit=True, shown="never"),
        ),
        rises=False,
        better="nearer",
    )
    numbers = True

    def fit(
        self,
        prepared: PreparedSequences,
        settings: RegressionRunSettings,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[SequenceRegression, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> FittedSequences[SequenceRegression]:
        """Measure channels and targets and train; `folder` is not used."""
        from longshort.kinds.sequences.fitting import fit_sequences, regression_of

        return fit_sequences(
            prepared, settings, listener, make=regression_of, on_better=on_better, checkpoints=checkpoints
        )

    def judge(
        self,
        fitted: FittedSequences[SequenceRegression],
        prepared: PreparedSequences,
        settings: RegressionRunSettings,
        listener: Listener,
    ) -> Judgement:
        """Evaluate beside the mean, ridge regressions and the nearest neighbour."""
        from longshort.kinds.sequences.numbers_judging import judge_run

        return judge_run(fitted, prepared, settings, listener)

    def describe_targets(
        self, prepared: PreparedSequences, fitted: FittedSequences[SequenceRegression]
    ) -> dict[str, Plain]:
        """Return mean and deviation of the targets."""
        import numpy as np

        targets = {name: np.asarray(part.sequences.targets, np.float64) for name, part in prepared.parts.items()}
        return {
            name: {"target_mean": float(np.mean(each)), "target_deviation": float(np.std(each))}
            for name, each in targets.items()
        }

    def evaluate(
        self,
        run: Path | str,
        bundle: Bundle[SequenceRegression, RegressionRunSettings],
        data: object,
        settings: RegressionRunSettings,
        listener: Listener,
    ) -> Evaluation:
        """Evaluate a stored model on sequences with numbers."""
        from longshort.kinds.sequences.numbers_judging import evaluate

        return evaluate(run, bundle, data, settings, listener)

    def model_config(self) -> type[SequenceRegressionConfig]:
        """Return what `config.json` holds."""
        from longshort.kinds.sequences.model_files import SequenceRegressionConfig

        return SequenceRegressionConfig

    def estimator(self) -> type[SequenceRegressor]:
        """Return the estimator."""
        from longshort.kinds.sequences.estimators.regressor import SequenceRegressor

        return SequenceRegressor

    def answers(self, task: SequenceRegression, sequences: Sequences, outputs: torch.Tensor) -> Sequence[NumberAnswer]:
        """Return the number of each sequence."""
        from longshort.kinds.answers import NumberAnswer

        answers = task.objective.answers(outputs).tolist()
        return [NumberAnswer(origin, answer) for origin, answer in zip(sequences.origins, answers, strict=True)]

    def measures(self, part: PlainMapping) -> dict[str, str]:
        """Return steps, missing values, and the targets."""
        return super().measures(part) | {
            "mean target": f"{part['target_mean']:,.4g}",
            "deviation": f"{part['target_deviation']:,.4g}",
        }

    def card(self, metrics: PlainMapping) -> Card:
        """Return results and limits."""
        return Card("kinds/sequences/templates/card_regression.md.j2", {}, self.limits(metrics))

    def limits(self, metrics: PlainMapping) -> Sequence[str]:
        """Return what follows from its data and its errors."""
        return _limits(metrics)

    def sections(self) -> Sequence[Section[Evidence]]:
        """Return the sections of the report."""
        from longshort.kinds.sequences.report.sections import REGRESSION

        return REGRESSION


def _limits(metrics: PlainMapping) -> list[str]:
    from longshort.evaluation.words import count

    test, train, part = metrics["test"], metrics["data"]["parts"]["train"], metrics["judged_on"]
    limits = [
        f"It has seen {count(train['rows'], 'sequence')} of {train['source']} and nothing else: how it does on others, "
        "from another source, device or time, has not been measured.",
        f"Its training targets lie around {train['target_mean']:,.4g} with a deviation of "
        f"{train['target_deviation']:,.4g}; far from these its answers mean little.",
        f"Its mean absolute error on the {part} split is {test['mae']:,.4g}; it gives no confidence for an answer.",
    ]
    if part == "validation":
        limits.append("The part that it was judged on also chose the best epoch, which favours it a little.")
    return limits


KIND = SequenceRegressionKind()
