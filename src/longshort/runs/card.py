"""The model card: the README.md of a run.

Its sections are those of Mitchell et al. 2019, "Model Cards for Model Reporting", as far as a training can know them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from markupsafe import Markup

from longshort.evaluation.findings.words import count, listed, percent
from longshort.runs import pages

__all__ = ["escape", "model_card"]

CLASSES = 30
"""Classes that a table shows, at most; beyond it the weakest are shown."""

Metrics = Mapping[str, Any]

# What can begin emphasis, code, a link, markup, a table cell, an entity, a heading, a formula or a struck-out word.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|&#$~]")


def model_card(metrics: Metrics) -> str:
    """The run's README.md, in Markdown: the verdict first, then results, data, limits, use and settings.

    Args:
        metrics: what `metrics.json` holds.
    """
    kind, special = _KINDS.get(metrics["task"], ("classes", _of_classes))
    template = pages.environment(autoescape=False, finalize=escape).get_template(f"card_{kind}.md.j2")
    return template.render(
        metrics=metrics,
        models=pages.models(metrics),
        parts=pages.parts(metrics),
        fingerprints=pages.fingerprints(metrics),
        settings=pages.settings(metrics),
        **special(metrics),
    )


def _of_numbers(metrics: Metrics) -> dict[str, Any]:
    test, train, part = metrics["test"], metrics["data"]["parts"]["train"], metrics["judged_on"]
    limits = [
        f"It has seen {count(train['rows'], 'sequence')} of {train['source']} and nothing else: how it does on others, "
        "from another source, device or time, has not been measured.",
        f"Its training targets lie around {train['target_mean']:,.4g} with a deviation of "
        f"{train['target_deviation']:,.4g}; far from these its answers mean little.",
        f"It errs by {test['mae']:,.4g} on average on the {part} part, and says of no answer how sure it is.",
    ]
    if part == "validation":
        limits.append("The part that it was judged on also chose the best epoch, which favours it a little.")
    return {"limits": limits}


def _of_classes(metrics: Metrics) -> dict[str, Any]:
    classes = pages.weakest(metrics["test"]["classes"], CLASSES)
    return {
        "classes": classes,
        "left_out": len(metrics["test"]["classes"]) - len(classes),
        "counts": _class_counts(metrics, [each["label"] for each in classes]),
        "limits": list(_limits(metrics)),
    }


def _of_forecast(metrics: Metrics) -> dict[str, Any]:
    test, training, train = metrics["test"], metrics["training"], metrics["data"]["parts"]["train"]
    series = count(train["series"], "series", "series")
    limits = [
        f"It has seen {series} of {train['source']} from {train['begins']} to {train['ends']} and nothing else: how it "
        "does on others has not been measured.",
        f"It looks at the last {count(training['context'], 'step')} and answers at most "
        f"{count(training['horizon'], 'step')} ahead, all at once.",
        "What has never happened in its training part, such as a new level, a new rhythm or a shock, it cannot know; "
        "its bands do not include it.",
    ]
    if training["known"]:
        limits.append(f"It must be told {listed(training['known'])} of every step that it forecasts.")
    errors = test["mae_by_step"]
    limits.append(
        f"On the part held out it erred by {errors[0]:,.4g} one step ahead and by {errors[-1]:,.4g} at "
        f"{count(len(errors), 'step')}; for a longer way nothing has been measured."
    )
    return {"limits": limits}


_KINDS: dict[str, tuple[str, Callable[[Metrics], dict[str, Any]]]] = {
    "sequence-regression": ("numbers", _of_numbers),
    "forecast": ("forecast", _of_forecast),
}
"""The template of each task and what it needs; of all others, that of classes."""


def escape(value: object) -> object:
    """A text as Markdown that shows that very text, on one line.

    Anything but a str, and markup that is already safe, stays as it is.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _SPECIAL.sub(r"\\\g<0>", " ".join(str(pages.visible(value)).split()))


def _class_counts(metrics: Metrics, labels: list[str]) -> list[tuple[str, list[int]]]:
    """Rows of each of `labels`, in each part."""
    places = {label: place for place, label in enumerate(metrics["data"]["labels"])}
    return [(label, [part.class_counts[places[label]] for part in pages.parts(metrics)]) for label in labels]


def _limits(metrics: Metrics) -> Iterator[str]:
    """What the model must not be taken for; each sentence follows from the numbers."""
    yield from _limits_of_use(metrics)
    yield from _limits_of_answers(metrics)
    yield from _limits_of_reading(metrics)


def _limits_of_use(metrics: Metrics) -> Iterator[str]:
    train, labels, word = metrics["data"]["parts"]["train"], metrics["data"]["labels"], pages.words(metrics).example
    elsewhere = "in another language, on another subject, or on texts of another kind or time"
    if word != "text":
        elsewhere = "on sequences from another source, device or time"
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
        also = ", one in another language, and an empty one" if word == "text" else ""
        yield (
            f"It answers each {word} with one of {count(len(labels), 'label')}, also a {word} that fits none of "
            f"them{also}."
        )
    yield (
        "Do not let it decide about people, for example in hiring, credit, health, law or moderation without appeal: "
        "whether it treats groups of people alike has not been measured."
    )


def _limits_of_answers(metrics: Metrics) -> Iterator[str]:
    test, part, word = metrics["test"], metrics["judged_on"], pages.words(metrics).example
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


def _limits_of_reading(metrics: Metrics) -> Iterator[str]:
    parts = metrics["data"]["parts"]
    if pages.words(metrics).example != "text":
        train = parts["train"]
        yield (
            f"Its training sequences have {train['steps'] / max(1, train['rows']):,.0f} steps on average; how its "
            "accuracy depends on the length of a sequence has not been measured."
        )
        return
    train, judged = pages.statistics(parts["train"]), pages.statistics(parts[metrics["judged_on"]])
    kept = (train.tokens - train.truncated_tokens) / max(1, train.texts)
    yield (
        f"Its training texts have {kept:,.0f} tokens on average; how its accuracy depends on the length of a text, "
        "very short ones above all, has not been measured."
    )
    if judged.unknown_tokens:
        yield (
            f"{percent(judged.unknown_share)} of the tokens of the {metrics['judged_on']} part are not among the "
            f"{metrics['training']['vocabulary']:,} of its vocabulary; to the model, all of these are the same token."
        )
    longest = metrics["settings"]["tokenizer"]["max_tokens"]
    if longest is not None:
        yield f"It reads only the first {count(longest, 'token')} of a text."
