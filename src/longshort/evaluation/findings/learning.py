"""Findings about the course of the training: too short, too long, or without effect."""

from __future__ import annotations

import math
from collections.abc import Iterator

from longshort.evaluation.facts import Facts, Finding, TrainingFacts
from longshort.evaluation.words import count
from longshort.plain import PlainMapping

__all__ = ["learnt_nothing", "overfitted", "overfitting", "still_falling"]

# Two per cent below the loss of guessing is within the noise of a few hundred examples.
NEAR_GUESSING = 0.98
# The last epoch brought at least half of what an epoch brought on average: the curve has not bent yet. One-cycle ends
# with a rate near zero, which bends every curve; there a quarter is as telling.
STILL_FALLING = {"one-cycle": 0.25}
STILL_FALLING_OTHERWISE = 0.5
# Validation loss moves by a few per cent from epoch to epoch by chance.
VALIDATION_ROSE = 1.05
# Training accuracy is measured with dropout off or on; ten points between it and the test accuracy are more than that.
ACCURACY_GAP = 0.10


def learnt_nothing(facts: Facts) -> Iterator[Finding]:
    """The training loss never left that of guessing."""
    guessing = _guessing_loss(facts)
    losses = _series(facts, "train_loss")
    epochs = count(len(losses), "epoch")
    if guessing is None or not losses or losses[-1] < NEAR_GUESSING * guessing or _beats_majority(facts):
        return
    yield Finding(
        kind="learnt nothing",
        level="bad",
        sentence=f"It has learnt nothing: after {epochs} the training loss is {losses[-1]:.4f}, and guessing by "
        f"the class shares costs {guessing:.4f} ({_equal_shares(facts)}).",
        advice="Train for many more epochs or with a higher learning rate; if the loss stays, check that inputs and "
        "labels belong together.",
    )


def _beats_majority(facts: Facts) -> bool:
    """Whether the test split shows otherwise: strong dropout keeps the training loss of a good model high at first."""
    counts = facts.counts_of_test()
    return facts.test.accuracy_interval[0] > max(counts) / sum(counts)


def _guessing_loss(facts: Facts) -> float | None:
    """Cross-entropy in nats of answering the class shares; of equal shares where the loss weighs the classes."""
    total = sum(facts.train_counts)
    if facts.test.multi_label or not total:
        return None
    present = [each / total for each in facts.train_counts if each]
    return math.log(len(present)) if facts.class_weights else -sum(share * math.log(share) for share in present)


def _equal_shares(facts: Facts) -> str:
    classes = len(facts.test.labels)
    return f"for equal shares it is ln {classes} = {math.log(classes):.4f}"


def still_falling(facts: TrainingFacts) -> Iterator[Finding]:
    """Training ended while the losses were still going down as fast as before."""
    train, validation = _series(facts, "train_loss"), _series(facts, "validation_loss")
    bend = STILL_FALLING.get(facts.schedule or "", STILL_FALLING_OTHERWISE)
    if facts.stopped_early or not _falls(train, bend) or (validation and not _falls(validation, bend)):
        return
    which = "The training and validation losses were" if validation else "The training loss was"
    course = f"from {train[0]:.4f} to {train[-1]:.4f} in {count(len(train), 'epoch')}, by {train[0] - train[-1]:.4f}"
    if validation:
        course += f"; validation from {validation[0]:.4f} to {validation[-1]:.4f}"
    yield Finding(
        kind="undertrained",
        level="warning",
        sentence=f"{which} still falling when training ended ({course}).",
        advice=f"Train for more epochs: {2 * len(train)} or more."
        + (
            " The one-cycle rate has reached zero, so start a new run rather than resume."
            if facts.schedule == "one-cycle"
            else ""
        ),
    )


def _falls(losses: list[float], bend: float) -> bool:
    if len(losses) < 2:
        return False
    average = (losses[0] - losses[-1]) / (len(losses) - 1)
    return average > 0 and losses[-1] == min(losses) and losses[-2] - losses[-1] >= bend * average


def overfitted(facts: Facts) -> Iterator[Finding]:
    """The model memorised its training split: validation loss rose again, or the test split is answered far worse."""
    yield from overfitting(facts, _gap(facts))


def overfitting(facts: TrainingFacts, gap: str) -> Iterator[Finding]:
    """Validation loss rose again, or new data are answered far worse.

    Args:
        facts: of the training.
        gap: how much worse new data are answered, in a sentence; empty if they are not.
    """
    rise = _rise(facts)
    if not rise and not gap:
        return
    restored = bool(rise) and facts.best_epoch not in (None, facts.history[-1]["epoch"])
    kept = f" The weights of epoch {facts.best_epoch}, the best on validation, were kept." if restored else ""
    yield Finding(
        kind="overfitted",
        level="warning" if gap or not restored else "note",
        sentence=" ".join(part for part in (rise, gap) if part) + kept,
        advice="More data, more dropout or a smaller model, and fewer epochs."
        if gap or not restored
        else f"Fewer epochs would do: {facts.best_epoch}, or a higher dropout.",
    )


def _rise(facts: TrainingFacts) -> str:
    measured = [row for row in facts.history if row.get("validation_loss") is not None]
    if not measured:
        return ""
    best, last = min(measured, key=lambda row: row["validation_loss"]), measured[-1]
    if last["validation_loss"] < VALIDATION_ROSE * best["validation_loss"] or last["train_loss"] >= best["train_loss"]:
        return ""
    return (
        f"After epoch {best['epoch']} the validation loss rose from {best['validation_loss']:.3f} to "
        f"{last['validation_loss']:.3f} (epoch {last['epoch']}) while the training loss kept falling from "
        f"{best['train_loss']:.3f} to {last['train_loss']:.3f}."
    )


def _gap(facts: Facts) -> str:
    accuracy = facts.train.accuracy if facts.train else _final_epoch(facts).get("train_accuracy")
    test = facts.test
    if accuracy is None or accuracy - test.accuracy < ACCURACY_GAP or accuracy <= test.accuracy_interval[1]:
        return ""
    return (
        f"It knows its training split better than new examples: accuracy {accuracy:.3f} there, "
        f"{test.accuracy:.3f} on the test split."
    )


def _final_epoch(facts: Facts) -> PlainMapping:
    """The epoch whose weights the model has."""
    chosen = [row for row in facts.history if row["epoch"] == facts.best_epoch]
    return next(iter(chosen or facts.history[-1:]), {})


def _series(facts: TrainingFacts, key: str) -> list[float]:
    return [row[key] for row in facts.history if row.get(key) is not None]
