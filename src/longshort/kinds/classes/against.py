"""Two runs in one page: what differs, how they learnt, how good they are, and where they disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from longshort.evaluation.comparison import Comparison, paired_counts
from longshort.evaluation.words import count, points
from longshort.figures.interactive import overlaid_curves
from longshort.kinds.classes.predictions import Answers, answers_of
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.pair import PairPage, names_of
from longshort.pages.section import Missing, Section, render
from longshort.plain import PlainMapping

__all__ = ["PAGE", "Pair"]

SHOWN = 8
"""Texts of each kind of disagreement."""

BEGINNING = 400
"""Characters of such a text."""

MEASURES = {
    "accuracy": "accuracy",
    "loss": "loss, nats",
    "macro_f1": "macro F1",
    "roc_auc": "ROC-AUC",
    "calibration_error": "calibration error",
}
CURVES = {
    "validation_loss": "Validation loss",
    "validation_accuracy": "Validation accuracy",
    "train_loss": "Training loss",
}


@dataclass(frozen=True, eq=False)
class Pair:
    """Two runs, and what they are called."""

    ours: Evidence
    theirs: Evidence

    @property
    def names(self) -> tuple[str, str]:
        """Their names."""
        return names_of(self.ours, self.theirs)

    @property
    def answers(self) -> tuple[Answers, Answers]:
        """The answers of each."""
        return answers_of(self.ours), answers_of(self.theirs)

    @cached_property
    def common(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Where the texts that both were judged on stand among the answers of each.

        Raises:
            Missing: there are none.
        """
        judged = [each.metrics["data"]["parts"][each.metrics["judged_on"]] for each in (self.ours, self.theirs)]
        if judged[0]["fingerprint"] != judged[1]["fingerprint"]:
            raise Missing("They were judged on different data, so their answers cannot be compared text by text.")
        _, first, second = np.intersect1d(self.answers[0].rows, self.answers[1].rows, return_indices=True)
        if not len(first):
            raise Missing("No text was held out from both of them, so they cannot be compared text by text.")
        return first, second

    @cached_property
    def comparison(self) -> Comparison:
        """The first beside the second on the texts that both were judged on.

        Raises:
            Missing: there are none.
        """
        first, second = self.common
        ours, theirs = self.answers[0].right[first], self.answers[1].right[second]
        return paired_counts(
            only_ours=int((ours & ~theirs).sum()), only_theirs=int((theirs & ~ours).sum()), examples=len(first)
        )


def _headline(pair: Pair) -> str:
    """Which of them is better, in a sentence."""
    (one, other), accuracies = pair.names, [each.test["accuracy"] for each in (pair.ours, pair.theirs)]
    try:
        found = pair.comparison
    except Missing as reason:
        return f"{one} reaches an accuracy of {accuracies[0]:.3f}, {other} one of {accuracies[1]:.3f}. {reason}"
    words = {"better": "is better than", "worse": "is worse than", "undecided": "does not differ significantly from"}
    low, high = found.interval
    texts = count(found.examples, "text")
    return (
        f"{one} {words[found.outcome]} {other}: accuracy {points(found.difference)} points on the same {texts} "
        f"(95 % interval {points(low)} to {points(high)})."
    )


# --- the sections ---


def _measures(pair: Pair) -> Markup:
    both = (pair.ours, pair.theirs)
    rows = [(name, *(each.test[key] for each in both)) for key, name in MEASURES.items()]
    rows.append(("accuracy on its training texts", *(each.metrics["train"]["accuracy"] for each in both)))
    training = [each.metrics["training"] for each in both]
    sizes: list[tuple[str, Any, Any]] = [
        (name, *(each[key] for each in training))
        for key, name in {"weights": "weights", "vocabulary": "tokens in the vocabulary", "epochs": "epochs"}.items()
        if all(key in each for each in training)
    ]
    sizes.append(("training texts", *(each.metrics["data"]["parts"]["train"]["rows"] for each in both)))
    sizes.append(("texts judged on", *(each.test["examples"] for each in both)))
    try:
        comparison, reason = pair.comparison, ""
    except Missing as missing:
        comparison, reason = None, str(missing)
    intervals = [each.test["accuracy_interval"] for each in both]
    seconds = [each.metrics["seconds"] for each in both]
    return render(
        "kinds/classes/against_measures",
        names=pair.names,
        rows=rows,
        sizes=sizes,
        intervals=intervals,
        seconds=seconds,
        comparison=comparison,
        reason=reason,
    )


def _settings(pair: Pair) -> Markup:
    differing = list(_differing(pair.ours.metrics["settings"], pair.theirs.metrics["settings"]))
    sources = [
        {name: part["source"] for name, part in e.metrics["data"]["parts"].items()} for e in (pair.ours, pair.theirs)
    ]
    parts = [
        (name, *(each.get(name, "none") for each in sources))
        for name in dict.fromkeys([*sources[0], *sources[1]])
        if sources[0].get(name) != sources[1].get(name)
    ]
    return render("kinds/classes/against_settings", names=pair.names, differing=differing, parts=parts)


def _differing(ours: PlainMapping, theirs: PlainMapping) -> Iterator[tuple[str, str, str]]:
    """Name and both values of every setting that is not the same; a version may not know all of the other's."""
    for section in dict.fromkeys([*ours, *theirs]):
        first, second = ours.get(section, {}), theirs.get(section, {})
        for name in dict.fromkeys([*first, *second]):
            values = [str(each[name]) if name in each else "not known to its version" for each in (first, second)]
            if values[0] != values[1]:
                yield name, *("not set" if value == "None" else value for value in values)


def _curves(pair: Pair) -> Markup:
    both = (pair.ours, pair.theirs)
    charts = []
    for key, title in CURVES.items():
        if not any(epoch.get(key) is not None for each in both for epoch in each.history):
            continue
        found = [(name, each.history) for name, each in zip(pair.names, both, strict=True)]
        ends = [f"{name} ends at {history[-1][key]:.4f}" for name, history in found if history[-1].get(key) is not None]
        rows = _epochs(key, [history for _, history in found])
        words = f"{title} epoch by epoch: {'; '.join(ends)}."
        name = f"curves-{key.replace('_', '-')}"
        charts.append(
            Chart(name, overlaid_curves(found, key), words, words, title, columns=("epoch", *pair.names), rows=rows)
        )
    return render("kinds/classes/against_curves", charts=charts)


def _epochs(key: str, histories: Iterable[Sequence[PlainMapping]]) -> list[tuple[object, ...]]:
    values = [{epoch["epoch"]: epoch.get(key) for epoch in history} for history in histories]
    last = max(max(each) for each in values)
    return [(str(epoch), *(each.get(epoch) for each in values)) for epoch in range(1, last + 1)]


@dataclass(frozen=True)
class _Text:
    """A text on which the two disagree: what is true, and what each answered with which probability."""

    text: str
    cut: bool
    truth: tuple[str, ...]
    answers: tuple[tuple[str, float], tuple[str, float]]


def _disagreements(pair: Pair) -> Markup:
    first, second = pair.common
    ours, theirs = pair.answers
    right, wrong = ours.right[first], theirs.right[second]
    differs = np.array(
        [set(ours.answers[a]) != set(theirs.answers[b]) for a, b in zip(first, second, strict=True)], dtype=bool
    )
    sure = ours.probabilities[first].max(axis=1) + theirs.probabilities[second].max(axis=1)
    kinds = (right & ~wrong, ~right & wrong, differs & ~right & ~wrong)
    shown = [
        [_text(pair, int(first[at]), int(second[at])) for at in np.flatnonzero(kind)[np.argsort(-sure[kind])][:SHOWN]]
        for kind in kinds
    ]
    titles = (f"Only {pair.names[0]} is right", f"Only {pair.names[1]} is right", "Both are wrong, each in its own way")
    groups = [(title, int(kind.sum()), texts) for title, kind, texts in zip(titles, kinds, shown, strict=True)]
    return render(
        "kinds/classes/against_texts",
        names=pair.names,
        groups=groups,
        total=len(first),
        differs=int(differs.sum()),
        shown=SHOWN,
    )


def _text(pair: Pair, first: int, second: int) -> _Text:
    ours, theirs = pair.answers
    text = ours.texts[first]
    given = [
        (", ".join(answers.answers[place]) or "no label", float(answers.probabilities[place].max()))
        for answers, place in ((ours, first), (theirs, second))
    ]
    return _Text(text[:BEGINNING], len(text) > BEGINNING, ours.truths[first], (given[0], given[1]))


PAGE = PairPage(
    Pair,
    _headline,
    (
        Section("measures", "Side by side", _measures),
        Section("settings", "Settings that differ", _settings),
        Section("curves", "Learning", _curves),
        Section("texts", "Where they disagree", _disagreements),
    ),
)
