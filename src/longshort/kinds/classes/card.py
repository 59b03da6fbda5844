"""The model card of a classifier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from longshort.evaluation.words import count, listed, percent
from longshort.kinds.words import Card
from longshort.pages import view
from longshort.plain import PlainMapping

__all__ = ["classes_card"]

CLASSES = 30
"""Classes that a table shows at most; of more, it shows the weakest."""


def classes_card(
    metrics: PlainMapping, template: str, *, elsewhere: str, misfits: str = "", reading: Iterable[str]
) -> Card:
    """Return the card of a classifier.

    Args:
        metrics: what `metrics.json` holds.
        template: its path; it extends "kinds/classes/templates/card.md.j2".
        elsewhere: on what other data its accuracy is unknown.
        misfits: what else gets an answer, beside an example that fits no class; begins with a comma.
        reading: the limits that follow from how it reads an example.
    """
    classes = view.weakest(metrics["test"]["classes"], CLASSES)
    values = {
        "classes": classes,
        "left_out": len(metrics["test"]["classes"]) - len(classes),
        "counts": _class_counts(metrics, [each["label"] for each in classes]),
    }
    limits = [*_limits_of_use(metrics, elsewhere, misfits), *_limits_of_answers(metrics), *reading]
    return Card(template, values, limits)


def _class_counts(metrics: PlainMapping, labels: list[str]) -> list[tuple[str, list[int]]]:
    """The rows of each of `labels`, in each split."""
    places = {label: place for place, label in enumerate(metrics["data"]["labels"])}
    return [(label, [part.class_counts[places[label]] for part in view.parts(metrics)]) for label in labels]


def _limits_of_use(metrics: PlainMapping, elsewhere: str, misfits: str) -> Iterator[str]:
    train, labels, word = metrics["data"]["parts"]["train"], metrics["data"]["labels"], view.words(metrics).example
    yield (
        f"It has seen {count(train['rows'], word)} of {train['source']} and nothing else: how it does {elsewhere} has "
        "not been measured."
    )
    if metrics["data"]["multi_label"]:
        yield (
            f"It knows {count(len(labels), 'label')}; a text that has nothing to do with them may get some all the "
            "same."
        )
    else:
        yield (
            f"It answers each {word} with one of {count(len(labels), 'label')}, also a {word} that fits none of "
            f"them{misfits}."
        )
    yield (
        "Do not let it decide about people, for example in hiring, credit, health, law or moderation without appeal: "
        "whether it treats groups of people alike has not been measured."
    )


def _limits_of_answers(metrics: PlainMapping) -> Iterator[str]:
    test, part, word = metrics["test"], metrics["judged_on"], view.words(metrics).example
    wrong = round((1 - test["accuracy"]) * test["examples"])
    low, high = test["accuracy_interval"]
    yield (
        f"{wrong:,} of its {count(test['examples'], 'answer')} on the {part} part {'was' if wrong == 1 else 'were'} "
        f"wrong; on more {word}s of the same kind, expect {percent(1 - high)} to {percent(1 - low)} (95 % interval)."
    )
    if part == "validation":
        yield (
            "The part that it was judged on also chose the best epoch, so these results are a little better than "
            "those on new data would be."
        )
    met = [each for each in test["classes"] if each["support"]]
    if met:
        worst = min(met, key=lambda each: each["f1"])
        yield f"It is weakest on '{worst['label']}': F1 {worst['f1']:.3f} on {count(worst['support'], word)}."
    absent = [each["label"] for each in test["classes"] if not each["support"]]
    if absent:
        yield f"The {part} part has no {word} of {listed(absent)}: nothing is known about these answers."
    yield (
        f"Its probabilities are estimates: confidence and accuracy differ by {100 * test['calibration_error']:.1f} "
        "points on average (expected calibration error)."
    )
