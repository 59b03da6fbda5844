"""`explain`: what each token contributes to the answer. `phrases`: what a phrase contributes beyond its tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, overload

import numpy as np
import torch
from torch import Tensor

from longshort.errors import SettingError, nearest
from longshort.insight.attribution.contributions import METHODS, Contributions, Method, Phrase
from longshort.insight.attribution.decomposition import decompose
from longshort.insight.attribution.integrated_gradients import integrate
from longshort.insight.attribution.numbers import explain_numbers
from longshort.insight.attribution.occlusion import occlude, windows
from longshort.insight.attribution.passages import Passage, Reader, reader_of
from longshort.insight.attribution.target import Target, target_of
from longshort.insight.subject import evaluating, subject_of
from longshort.plain import Plain
from longshort.ragged import Ragged

__all__ = ["Baseline", "explain", "phrase_values", "phrases", "spans_to_masks"]

Baseline = Literal["zero", "mean"]

Measure = Callable[[Target, Tensor, Tensor], Tensor]
"""Takes a score, a text and masks `(masks, tokens)`; gives what the tokens of each mask contribute, `(masks,)`."""

_MEASURES: dict[Method, Measure] = {"occlusion": occlude, "decomposition": decompose}


@dataclass(frozen=True)
class _Settings:
    method: Method
    baseline: Baseline | None
    window: int | None
    tolerance: float | None

    def check(self) -> None:
        """What does not belong to the method is refused, not ignored."""
        if self.method not in METHODS:
            hint = nearest(str(self.method), METHODS) or f"{METHODS[0]} is the default."
            raise SettingError(f"method must be one of {', '.join(METHODS)}. Got {self.method!r}.", hint)
        for name, home in (("baseline", METHODS[0]), ("tolerance", METHODS[0]), ("window", METHODS[1])):
            if getattr(self, name) is not None and self.method != home:
                raise SettingError(
                    f"{name} belongs to the method {home}. Got the method {self.method}.",
                    f"Leave {name} out, or choose that method.",
                )
        if self.baseline not in (None, "zero", "mean"):
            raise SettingError(f"baseline must be zero or mean. Got {self.baseline!r}.", "zero is the default.")
        if self.window is not None and self.window < 1:
            raise SettingError(f"window must be at least 1 token. Got {self.window}.", "1 is the default.")
        if self.tolerance is not None and not 0 < self.tolerance < 1:
            raise SettingError(f"tolerance must be over 0 and below 1. Got {self.tolerance}.", "0.01 is the default.")


@overload
def explain(
    model: object,
    text: str,
    *,
    method: Method = "integrated-gradients",
    label: str | None = None,
    baseline: Baseline | None = None,
    window: int | None = None,
    tolerance: float | None = None,
) -> Contributions: ...
@overload
def explain(
    model: object,
    text: list[str],
    *,
    method: Method = "integrated-gradients",
    label: str | None = None,
    baseline: Baseline | None = None,
    window: int | None = None,
    tolerance: float | None = None,
) -> list[Contributions]: ...
@overload
def explain(
    model: object,
    text: object,
    *,
    method: Method = "integrated-gradients",
    label: str | None = None,
    baseline: Baseline | None = None,
    window: int | None = None,
    tolerance: float | None = None,
) -> Any: ...
def explain(
    model: object,
    text: object,
    *,
    method: Method = "integrated-gradients",
    label: str | None = None,
    baseline: Baseline | None = None,
    window: int | None = None,
    tolerance: float | None = None,
) -> Any:
    """What each token of a text, or each value of a sequence of numbers, contributes to the answer, with dropout off.

    The score that is shared out is the log-odds of the class (of more than two classes: its logit less the mean of the
    others). Three methods look at it in three ways:

    - "integrated-gradients" (Sundararajan, Taly & Yan 2017): the tokens share out the difference between the score of
      the text and that of a baseline, to within `tolerance` of it.
    - "occlusion": what the score loses when the token is left out. One text is answered per token, so the work grows
      with the square of the length.
    - "decomposition" (Murdoch, Liu & Yu 2018): what the token contributes on its own, followed through the LSTM.

    Args:
        model: a fitted estimator of longshort, what `longshort.load` gives, or a loaded bundle.
        text: a text or a list of them; or token ids, as `longshort.trace` takes them. For a model of numbers: arrays
            `(step,)` or `(step, channel)`, as `longshort.trace` takes them; see `explain_numbers`.
        method: one of the three.
        label: the class; the model's answer when not given (of several labels, the most probable one).
        baseline: for integrated gradients. "zero", the default: every embedding is the zero vector, which the network
            has met for a word it is not shown, wherever it was trained with word dropout. "mean": every embedding is
            the mean of the vocabulary.
        window: for occlusion: leave out so many tokens that stand together; a token's value is the mean over the
            windows that it is in, per token. 1 when not given.
        tolerance: for integrated gradients: the share of the difference that may be missing; 0.01 when not given.

    Returns:
        `Contributions` for one text, a list of them for several; `StepContributions` for sequences of numbers.

    Raises:
        SettingError: the model is no text classifier, has no such class, or a setting does not fit the method.
        DataError: a text is empty, or no text.
        BackendError: a decomposition of an LSTM that computes in reduced precision.
    """
    settings = _Settings(method, baseline, window, tolerance)
    settings.check()
    if subject_of(model).numbers is not None:
        if (method, baseline) != (METHODS[0], None):
            raise SettingError(
                f"A model of numbers is explained by {METHODS[0]}, from the mean of each channel. Got the method "
                f"{method}, baseline {baseline or 'none'}.",
                "Leave method and baseline out.",
            )
        return explain_numbers(model, text, label=label, tolerance=tolerance or 0.01)
    reader = reader_of(model)
    passages, alone = reader.passages(text)
    with evaluating(reader.subject.module):
        found = [_explain(reader, passage, label, settings) for passage in passages]
    return found[0] if alone else found


def phrases(
    model: object, text: str, phrase: str, *, method: Method = "decomposition", label: str | None = None
) -> list[Phrase]:
    """What a phrase contributes as a whole, and beyond the sum of its tokens: "not bad" beside "not" and "bad".

    Args:
        model: as in `explain`.
        text: the text that it stands in.
        phrase: words that stand together in the text; case and white space do not matter.
        method: "decomposition" or "occlusion". Integrated gradients share everything out among single tokens.
        label: the class; the model's answer when not given.

    Returns:
        One `Phrase` for each place where it stands.

    Raises:
        SettingError: as in `explain`, or the method knows no phrases.
        DataError: the text is empty, or the phrase does not stand in it.
    """
    if method not in _MEASURES:
        raise SettingError(
            f"The method for a phrase must be {' or '.join(_MEASURES)}. Got {method!r}.",
            "Leave it out: decomposition is the default.",
        )
    reader = reader_of(model)
    (passage,), _ = reader.passages([text])
    places = passage.places(phrase)
    with evaluating(reader.subject.module):
        probabilities = _probabilities(reader, passage)
        target = target_of(reader.network, reader.task, _answer(probabilities) if label is None else label)
        return [_phrase(target, passage, span, method) for span in places]


def phrase_values(target: Target, ids: Tensor, spans: Sequence[tuple[int, int]], method: Method) -> list[float]:
    """What the tokens of each span, first and after last, contribute together."""
    values: list[float] = _MEASURES[method](target, ids, spans_to_masks(spans, len(ids))).tolist()
    return values


def spans_to_masks(spans: Sequence[tuple[int, int]], tokens: int) -> Tensor:
    """`(spans, tokens)` bool: what is in each span."""
    ends = torch.as_tensor(spans, dtype=torch.int64).reshape(-1, 2)
    at = torch.arange(tokens)
    return (at >= ends[:, :1]) & (at < ends[:, 1:])


def _phrase(target: Target, passage: Passage, span: tuple[int, int], method: Method) -> Phrase:
    start, end = span
    words = [(place, place + 1) for place in range(start, end)]
    whole, *parts = phrase_values(target, passage.ids, [span, *words], method)
    return Phrase(passage.tokens[start:end], start, target.label, target.scale, method, whole, tuple(parts))


def _explain(reader: Reader, passage: Passage, label: str | None, settings: _Settings) -> Contributions:
    probabilities = _probabilities(reader, passage)
    target = target_of(reader.network, reader.task, _answer(probabilities) if label is None else label)
    ways = {"integrated-gradients": _by_gradients, "occlusion": _by_occlusion, "decomposition": _by_decomposition}
    return Contributions(
        tokens=passage.tokens,
        known=passage.known,
        spaced=passage.spaced,
        label=target.label,
        scale=target.scale,
        probabilities=probabilities,
        method=settings.method,
        **ways[settings.method](target, passage.ids, settings),
    )


def _by_gradients(target: Target, ids: Tensor, settings: _Settings) -> Plain:
    embedding = target.network.embedding
    mean = settings.baseline == "mean"
    start = embedding.weight.mean(dim=0) if mean else torch.zeros_like(embedding.weight[0])
    found = integrate(target, embedding(ids), start, settings.tolerance or 0.01)
    name = f"as many {'mean embeddings' if mean else 'zero vectors'}"
    return {**_found(found.values, found.score, found.baseline_score, name, found.points), "jumps": found.jumps}


def _by_occlusion(target: Target, ids: Tensor, settings: _Settings) -> Plain:
    spans = list(windows(len(ids), settings.window or 1))
    masks = spans_to_masks(spans, len(ids))
    lost = occlude(target, ids, masks).cpu().numpy()
    covered = masks.double().numpy()
    shares = lost / covered.sum(axis=1)
    score, empty = target.of_texts([ids, ids[:0]]).tolist()
    return _found(shares @ covered / covered.sum(axis=0), score, empty, "the empty text", len(spans) + 2)


def _by_decomposition(target: Target, ids: Tensor, _: _Settings) -> Plain:
    words = [(place, place + 1) for place in range(len(ids))]
    *values, whole = phrase_values(target, ids, [*words, (0, len(ids))], "decomposition")
    score = float(target.of_texts([ids]))
    return _found(np.array(values), score, score - whole, "what the biases give", len(values) + 1)


def _found(values: object, score: float, baseline_score: float, baseline: str, evaluations: int) -> Plain:
    return {
        "values": values,
        "score": score,
        "baseline_score": baseline_score,
        "baseline": baseline,
        "evaluations": evaluations,
    }


def _probabilities(reader: Reader, passage: Passage) -> dict[str, float]:
    (row,) = cast(list[dict[str, float]], reader.subject.scores(Ragged.from_list([passage.ids])))
    return row


def _answer(probabilities: dict[str, float]) -> str:
    return max(probabilities, key=probabilities.__getitem__)
