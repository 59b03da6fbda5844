"""`units`: what each hidden unit of a text classifier does, and what it is worth."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import numpy as np

from longshort.data import Examples, TextEncoding, encode_texts, open_source
from longshort.errors import DataError, SettingError
from longshort.insight.subject import subject_of
from longshort.insight.text_task import TextTask
from longshort.insight.units.ablation import measure_ablation
from longshort.insight.units.activity import Activity, measure_activity
from longshort.insight.units.classes import Writing, class_table
from longshort.insight.units.names import Unit, find_unit, units_of
from longshort.insight.units.peaks import Contexts
from longshort.insight.units.report import RANKS, UnitReport, UnitStudy, no_such_order
from longshort.insight.units.search import SpanSearch, search_spans
from longshort.insight.units.spans import chosen_spans, find_spans
from longshort.insight.units.states import Kind, unit_states
from longshort.networks import TextClassifierNetwork

__all__ = ["check_order", "find_units", "unit_values", "units"]

PEAKS = 4
"""Peaks examined for each context shown: some stand in the same words as others."""

BESIDE = 20
"""Other units that are ablated beside chosen ones."""

Progress = Callable[[str, int, int], None]
"""Called with the present work ("reading" or "ablating"), how much of it is done, and the total."""


def units(
    model: object,
    texts: Sequence[str],
    labels: Sequence[object],
    *,
    chosen: Sequence[Unit | str] | None = None,
    ablation: Literal["mean", "zero", "none"] = "mean",
    examples: int | None = None,
    contexts: int = 5,
    width: int = 8,
    seed: int = 0,
    progress: Progress | None = None,
) -> UnitStudy:
    """What each hidden unit does: on what it fires, what it goes with, and what the model loses without it.

    Args:
        model: a fitted `longshort.TextClassifier`, what `longshort.load` gives, or a loaded bundle.
        texts: that the model was not trained on; two at least that are not empty.
        labels: one per text, or for several labels per text a collection each; as for training.
        chosen: units to ablate and to report, by name such as "0/forward/17"; 20 others, drawn at random, are ablated
            beside them. All units when not given.
        ablation: hold a unit at its "mean" over these texts, at "zero", or measure none.
        examples: this many of the texts, evenly spread; all when not given.
        contexts: highest and lowest tokens to show for each unit.
        width: tokens to show on each side of them.
        seed: of the units drawn at random.
        progress: called with the progress.

    Raises:
        SettingError: the model is no text classifier, or has no such unit; or a number is out of its bounds.
        DataError: the texts or labels do not hold what they must.
    """
    _check(ablation, examples=examples, contexts=contexts, width=width)
    network, task = _classifier(model)
    kept, encoded = _encoded(task, texts, labels, examples)
    spec = network.lstm.spec
    names = units_of(spec)
    wanted = names if chosen is None else list(dict.fromkeys(find_unit(each, spec) for each in chosen))
    activity = measure_activity(
        network, task, encoded, peaks=PEAKS * contexts, progress=_reporting(progress, "reading")
    )
    shown = Contexts(task.encoding, kept, encoded, width)
    reports = {unit: _report(unit, names.index(unit), activity, shown, contexts) for unit in wanted}
    baseline, changes = None, list[float]()
    if ablation != "none":
        held = wanted + _others(names, wanted, seed)
        values = [(unit, float(activity.mean[names.index(unit)]) if ablation == "mean" else 0.0) for unit in held]
        report = _reporting(progress, "ablating")
        baseline, found = measure_ablation(network, task.objective, encoded, values, progress=report)
        reports = {
            unit: dataclasses.replace(report, ablation=each)
            for (unit, report), each in zip(reports.items(), found, strict=False)
        }
        changes = [each.loss_change for each in found]
    return UnitStudy(
        reports=list(reports.values()),
        texts=len(kept),
        given=len(texts),
        tokens=len(encoded.tokens),
        method=ablation,
        baseline=baseline,
        changes=changes,
    )


def find_units(
    model: object,
    texts: Sequence[str],
    pattern: str | Sequence[tuple[int, int, int]],
    *,
    kind: Kind = "hidden",
    encoding: TextEncoding | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> SpanSearch:
    """The units that switch on where a pattern starts and stay on until it ends, the best first.

    Args:
        model: as for `units`.
        texts: to look in.
        pattern: words, such as "not bad"; FROM..TO, such as "QUOTE..QUOTE", "NEGATION..PUNCTUATION" or "(..)"; or spans
            of one's own choice, each (place of the text, first token, token after the last), counted from 0.
        kind: the state that counts, "hidden", or "cell" (as tanh(c)), which is slower to compute.
        encoding: the tokenizer of a model that brings none, such as a language model or a bare network.
        seed: of the halves of the texts: one chooses each unit's threshold, the other judges it.
        progress: called with the progress.

    Raises:
        SettingError: the model reads no text, or its tokenizer has no such tokens.
        DataError: the pattern holds nowhere in the texts.
    """
    network, known = _reader(model, encoding)
    rows = list(open_source(list(texts), labelled=False).rows())
    encoded = encode_texts([row.text for row in rows], known)
    if isinstance(pattern, str):
        spans = find_spans(pattern, known, encoded)
    else:
        spans = chosen_spans(pattern, encoded)
    return search_spans(network, encoded, spans, kind=kind, seed=seed, progress=_reporting(progress, "reading"))


def check_order(model: object, name: str) -> None:
    """Find out before the work whether units of this model can be ranked by `name`, as `UnitStudy.ranked` takes it.

    Raises:
        SettingError: they cannot.
    """
    _, task = _classifier(model)
    labels = [f"label {label}" for label in task.encoding.labels]
    shown = labels[1:] if len(labels) == 2 and not task.encoding.multi_label else labels
    known = [*RANKS, *sorted(["position", "length", *class_table(task.encoding), *shown])]
    if name not in known:
        raise no_such_order(name, known)


def unit_values(
    model: object, text: str, unit: Unit | str, *, kind: Kind = "hidden", encoding: TextEncoding | None = None
) -> tuple[list[str], list[float]]:
    """The tokens of a text as they are written in it, and the state of one unit at each, from -1 to 1.

    What colours a text by one unit (Karpathy, Johnson & Fei-Fei 2015).

    Args:
        model: as for `units`, or a language model.
        text: any text.
        unit: which one.
        kind: "hidden", or "cell" (as tanh(c)).
        encoding: the tokenizer of a model that brings none, such as a language model or a bare network.

    Raises:
        SettingError: the model reads no text, or has no such unit.
    """
    network, known = _reader(model, encoding)
    spec = network.lstm.spec
    column = units_of(spec).index(find_unit(unit, spec))
    encoded = encode_texts([text], known)
    values = unit_states(network, encoded.batch([0]).inputs, kind)[:, column]
    return Writing(known).tokens(text, encoded.tokens), values.tolist()


def _reader(model: object, encoding: TextEncoding | None) -> tuple[TextClassifierNetwork, TextEncoding]:
    """A network and how text becomes its token ids."""
    subject = subject_of(model)
    known = encoding or subject.encoding
    if subject.network is None or known is None:
        raise SettingError(
            f"A model that reads text is needed. Got {type(model).__name__}, which brings no tokenizer.",
            "Give what longshort.load(RUN) returns, or its tokenizer as encoding.",
        )
    if known.vocabulary_size != subject.network.embedding.num_embeddings:
        raise SettingError(
            f"encoding must have as many tokens as the model, {subject.network.embedding.num_embeddings:,}. "
            f"Got {known.vocabulary_size:,}."
        )
    return subject.network, known


def _classifier(model: object) -> tuple[TextClassifierNetwork, TextTask]:
    subject = subject_of(model)
    if subject.network is None or subject.task is None:
        raise SettingError(
            "Units are studied in a text classifier with its tokenizer and its classes. "
            f"Got {type(model).__name__}, which has none.",
            "Give what longshort.load(RUN) returns; a language model trains the layers of a classifier: give that.",
        )
    return subject.network, subject.task


def _encoded(
    task: TextTask, texts: Sequence[str], labels: Sequence[object], count: int | None
) -> tuple[list[str], Examples]:
    """The texts that are used, and the same as examples with their targets."""
    every = list(open_source((texts, labels)).rows())
    chosen = range(len(every)) if count is None or count >= len(every) else np.linspace(0, len(every) - 1, count)
    rows = [every[int(place)] for place in chosen]
    kept = [row.text for row in rows]
    encoded = encode_texts(kept, task.encoding)
    filled = int((encoded.lengths > 0).sum())
    if filled < 2:
        raise DataError(
            f"Units are studied on two texts at least that hold a token. Got {filled} of {len(rows)}.",
            "A few hundred texts that the model was not trained on give more certain results.",
        )
    return kept, dataclasses.replace(encoded, targets=task.encoding.targets([row.labels for row in rows]))


def _report(unit: Unit, column: int, activity: Activity, shown: Contexts, contexts: int) -> UnitReport:
    return UnitReport(
        unit=unit,
        mean=float(activity.mean[column]),
        deviation=float(activity.deviation[column]),
        word_share=float(activity.word_share[column]),
        correlations=tuple(activity.correlations[column]),
        high_words=tuple(activity.high_words[column]),
        low_words=tuple(activity.low_words[column]),
        highest=shown.of(activity.highest[column], contexts),
        lowest=shown.of(activity.lowest[column], contexts),
    )


def _others(names: Sequence[Unit], wanted: Sequence[Unit], seed: int) -> list[Unit]:
    rest = sorted(set(names) - set(wanted))
    drawn = np.random.default_rng(seed).permutation(len(rest))[:BESIDE]
    return [rest[place] for place in sorted(drawn.tolist())]


def _reporting(progress: Progress | None, work: str) -> Callable[[int, int], None] | None:
    return None if progress is None else partial(progress, work)


def _check(ablation: str, *, examples: int | None, **counts: int) -> None:
    if ablation not in ("mean", "zero", "none"):
        raise SettingError(f"ablation must be mean, zero or none. Got {ablation!r}.")
    for name, least, count in [("examples", 2, examples), *((name, 1, count) for name, count in counts.items())]:
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < least):
            raise SettingError(f"{name} must be a whole number of at least {least}. Got {count!r}.")
