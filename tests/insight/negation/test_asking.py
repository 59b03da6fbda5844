"""A model that has met negations, and one that has only met words."""

import itertools
import random
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tests.insight.small import classifier
from tests.insight.units.wired import encoding, random_model

from longshort import TextClassifier
from longshort.config import TextModelSettings
from longshort.errors import DataError, SettingError
from longshort.insight import NegationStudy, study_negation
from longshort.insight.negation import Negation
from longshort.insight.negation.phrases import NEGATIONS, TEMPLATES, Negated
from longshort.kinds.text.task import TextClassification

WORDS = NEGATIONS[:6] + NEGATIONS[20:26]
SIZES = {"embedding_size": 12, "hidden_size": 16, "minimum_count": 1, "pretraining_epochs": 0, "word_dropout": 0.0}


def texts(*, negated, labels=("bad", "good")):
    """Each word in each sentence; with its negation too, which turns the label round, or with a mere "also"."""
    rows = []
    for each, template, number in itertools.product(WORDS, TEMPLATES, range(4)):
        noise = " ".join(random.Random(number).choices(["film", "story", "scene", "actor", "music", "end"], k=number))
        rows.append((f"{noise} {template.format(each.plain)}", labels[each.praise]))
        rows.append((f"{noise} {template.format(each.control)}", labels[each.praise]))
        if negated:
            rows += [(f"{noise} {template.format(each.negated)}", labels[not each.praise])] * 2
        else:
            rows.append((f"{each.negated.removesuffix(each.word)} {noise}", labels[number % 2]))
    return [list(column) for column in zip(*rows, strict=True)]


@cache
def trained(negated):
    return TextClassifier(
        epochs=12, output_dropout=0.0, learning_rate=0.02, batch_tokens=256, averaging=0.0, **SIZES
    ).fit(*texts(negated=negated))


def test_a_model_that_has_learnt_it():
    study = study_negation(trained(True), WORDS)
    low, high = study.interval()

    assert (study.positive, study.negative) == ("good", "bad")
    assert study.count("flipped") == (12, 12)
    assert study.count("acts_as_phrase")[0] >= 8
    assert study.learnt() == (12, 12)
    assert (low, high) == pytest.approx((0.7575, 1), abs=1e-4)  # Wilson 1927
    assert study.sentence() == (
        "This model has learnt what negation does: in 12 of 12 phrases (76 to 100 %, 95 % interval) the answer flips, "
        "and the same negation flips a word of the other kind too, as no sum of words can."
    )
    assert study.count("flipped", praise=False) == (6, 6)
    assert (study.unknown, study.misread) == ((), ())


def test_a_model_that_has_only_met_words():
    study = study_negation(trained(False), WORDS)

    assert study.learnt() == (0, 12)
    assert study.sentence().startswith("This model has not learnt what negation does: in 0 of 12 phrases (0 to 24 %, ")


def row(phrase, negation, praise, plain, negated):
    return Negation(phrase, negation, praise, plain, negated, 0.0, plain, 0.0, 0.0)


def test_what_a_sum_of_words_can_do_is_not_learnt():
    shift = -3.0  # the worth of "not", whatever stands after it
    rows = [row("not good", "not", True, 1.0, 1.0 + shift), row("not bad", "not", False, -1.0, -1.0 + shift)]
    rows.append(row("never fun", "never", True, 1.0, -1.0))
    study = NegationStudy("good", "bad", tuple(rows), (), ())
    turned = NegationStudy("good", "bad", (rows[0], row("not bad", "not", False, -1.0, 1.0)), (), ())

    assert study.count("flipped") == (2, 3)
    assert study.learnt() == (0, 2)  # of "never" there is no word of blame
    assert turned.learnt() == (2, 2)
    assert NegationStudy("good", "bad", tuple(rows[2:]), (), ()).interval() == (0.0, 1.0)


def test_what_a_row_says():
    study = study_negation(trained(True), WORDS)
    model = trained(True)
    first = study.results[0]
    plain, negated = (
        np.mean([np.log(p[1] / p[0]) for p in model.predict_proba([each.format(text) for each in TEMPLATES])])
        for text in ("is good", "is not good")
    )

    assert (first.phrase, first.praise) == ("not good", True)
    assert [first.plain_score, first.negated_score] == pytest.approx([plain, negated], abs=1e-5)
    assert first.own == first.interaction - first.control
    assert first.flipped == (plain * negated < 0)
    assert first.moved == (negated < plain)
    assert first.acts_as_phrase == (first.own < 0)
    assert study.results[6].acts_as_phrase == (study.results[6].own > 0)


def test_as_plain_data():
    study = study_negation(trained(True), WORDS)
    content = study.to_dict()

    assert content["learnt"] == [12, 12]
    assert content["counts"]["flipped"] == list(study.count("flipped"))
    assert content["results"][0]["phrase"] == "not good"
    assert content["results"][0]["flipped"] is study.results[0].flipped
    assert len(content["results"]) == len(study.to_columns()["phrase"]) == 12
    assert content["sentences"] == study.sentences()


def test_phrases_with_unknown_words_are_skipped_and_counted():
    study = study_negation(trained(True))

    assert len(study.results) + len(study.unknown) + len(study.misread) == len(NEGATIONS) == 40
    assert "hardly convincing" not in [each.phrase for each in study.results]
    assert "hardly convincing" in study.unknown
    assert f"Skipped: {len(study.unknown)} with words that the model does not know." in study.sentences()


def test_a_word_that_is_taken_for_its_opposite_is_skipped_and_counted():
    turned = [Negated(each.plain, each.negated, each.word, not each.praise) for each in WORDS[:1]]
    study = study_negation(trained(True), [*WORDS[1:], *turned])

    assert study.misread == ("not good",)
    assert len(study.results) == 11
    assert study.sentences()[-1] == "Skipped: 1 whose plain word it classifies as its opposite."


def test_the_set_asks_the_same_of_praise_and_of_blame():
    praise, blame = ([each for each in NEGATIONS if each.praise == side] for side in (True, False))
    negations = [[each.phrase.removesuffix(each.word) for each in side] for side in (praise, blame)]

    assert negations[0] == negations[1]
    assert len({each.word for each in NEGATIONS}) == 40
    assert (NEGATIONS[0].phrase, NEGATIONS[2].phrase, NEGATIONS[8].phrase) == (
        "not good",
        "isn't funny",
        "far from perfect" if NEGATIONS[8].word == "perfect" else f"far from {NEGATIONS[8].word}",
    )
    assert NEGATIONS[2].control == "is also funny"


def test_models_that_cannot_be_asked():
    with pytest.raises(DataError, match=r"It knows 0 of 40 phrases\."):
        study_negation(classifier())
    with pytest.raises(SettingError, match="text classifier"):
        study_negation(random_model(0).network)
    other = (
        Negated("awful film", "awful not film", "film", True),
        Negated("awful scene", "awful not scene", "scene", False),
    )
    with pytest.raises(DataError, match=r"It knows 0 of 2 phrases\."):  # "also" is not known
        study_negation(random_model(0), other)


def test_a_model_that_does_not_tell_praise_from_blame():
    """It says the same to all, and so is right by half."""
    task = TextClassification(
        encoding(texts=texts(negated=True)[0] * 2), TextModelSettings(embedding_size=4, hidden_size=4)
    )
    network = task.build().eval()
    torch.nn.init.zeros_(network.linear.weight)
    torch.nn.init.ones_(network.linear.bias)
    with pytest.raises(DataError, match=r"tested on negation\. This one does so for 6 of 12 plain words\."):
        study_negation(SimpleNamespace(task=task, network=network), WORDS)


def test_what_is_counted_is_named():
    with pytest.raises(SettingError, match=r"must be one of flipped, moved, acts_as_phrase\. Got 'flips'"):
        study_negation(trained(True), WORDS).count("flips")
