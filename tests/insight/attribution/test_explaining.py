import json
import math

import numpy as np
import pytest
import torch
from tests.insight.small import classifier
from tests.insight.units.wired import encoding, random_model

import longshort
from longshort.config import TextModelSettings
from longshort.errors import DataError, SettingError
from longshort.insight import phrases
from longshort.insight.attribution import explain
from longshort.insight.attribution.contributions import METHODS
from longshort.insight.attribution.target import target_of
from longshort.kinds.text.task import TextClassification

TEXT = "a good film, zorblax"


@pytest.mark.parametrize("method", METHODS)
def test_a_fitted_classifier_is_explained(method):
    model = classifier()
    training = [part.training for part in model.bundle_.network.modules()]
    found = longshort.explain(model, TEXT, method=method)
    answer = model.predict([TEXT])[0]
    odds = found.probability / (1 - found.probability)

    assert found.tokens == ("a", "good", "film", ",", "zorblax")
    assert found.known == (True, True, True, False, False)
    assert found.spaced == (False, True, True, False, True)
    assert found.values.shape == (5,)
    assert found.label == answer
    assert list(found.probabilities.values()) == pytest.approx(model.predict_proba([TEXT])[0].tolist())
    assert found.score == pytest.approx(math.log(odds), abs=1e-5)  # the score is the log-odds of the class
    assert training == [part.training for part in model.bundle_.network.modules()]


def test_integrated_gradients_account_for_the_difference():
    for baseline in ("zero", "mean"):
        found = explain(classifier(), TEXT, baseline=baseline)
        assert found.values.sum() == pytest.approx(found.difference, rel=0.01)
        assert found.completeness_error < 0.01
        assert found.completeness_error == pytest.approx(abs(found.gap / found.difference))
    closer = explain(classifier(), TEXT, tolerance=1e-6)
    assert abs(closer.gap) < 1e-4


def test_the_baselines_are_what_they_say():
    network = random_model(3).network
    model = random_model(3)
    zero, mean = (explain(model, "film awful", baseline=each, label="good") for each in ("zero", "mean"))
    with torch.no_grad():
        for found, row in ((zero, torch.zeros(5)), (mean, network.embedding.weight.mean(dim=0))):
            network.embedding.weight[1:3] = row
            ids = longshort.Ragged.from_list([torch.tensor([1, 2])])
            assert found.baseline_score == pytest.approx(float(network(ids)), abs=1e-5)


def test_the_gap_of_the_others_is_what_tokens_do_together():
    model = random_model(8)
    for method in ("occlusion", "decomposition"):
        found = explain(model, "not awful film", method=method)
        whole = phrases(model, "not awful film", "not awful film", method=method)[0]
        assert whole.value == pytest.approx(found.difference, abs=1e-5)
        assert whole.interaction == pytest.approx(-found.gap, abs=1e-5)
        assert whole.parts == pytest.approx(found.values.tolist(), abs=1e-5)


def test_one_class_is_against_what_the_other_is_for():
    for method in METHODS:
        good, bad = (explain(random_model(2), "not awful film", method=method, label=each) for each in ("good", "bad"))
        np.testing.assert_allclose(good.values, -bad.values, atol=1e-6)


def many(multi_label):
    known = encoding(labels=("a", "b", "c"))
    known.multi_label = multi_label
    task = TextClassification(known, TextModelSettings(embedding_size=5, hidden_size=4))
    torch.manual_seed(1)
    return type(random_model(0))(task=task, network=task.build().eval())


def test_of_several_classes_a_constant_for_all_logits_changes_nothing():
    model = many(False)
    before = explain(model, "not awful film", label="b")
    with torch.no_grad():
        model.network.linear.bias += 3.0
        model.network.linear.weight += 0.5
    after = explain(model, "not awful film", label="b")
    logits = torch.tensor([[1.0, 5.0, 3.0]])

    np.testing.assert_allclose(after.values, before.values, atol=1e-5)
    assert float(target_of(model.network, model.task, "b").of_logits(logits)) == 3.0
    assert before.scale == "logit of b above the mean of the others"


def test_of_several_labels_each_has_its_own_log_odds():
    model = many(True)
    found = explain(model, "not awful film", label="c")
    best = explain(model, "not awful film")

    assert found.score == pytest.approx(math.log(found.probability / (1 - found.probability)), abs=1e-5)
    assert best.probability == max(found.probabilities.values())


def test_several_texts_at_once():
    found = explain(classifier(), [TEXT, "bad"])

    assert [len(each) for each in found] == [5, 1]
    np.testing.assert_allclose(found[0].values, explain(classifier(), TEXT).values, atol=1e-6)


def test_other_forms():
    found = explain(classifier(), TEXT)
    content = json.loads(found.to_json())
    frame = found.to_pandas()

    assert content == json.loads(json.dumps(found.to_dict()))
    assert content["completeness_error"] == found.completeness_error
    assert (content["tokens"], content["known"]) == (list(found.tokens), list(found.known))
    assert frame["value"].tolist() == found.values.tolist() == content["values"]
    assert list(frame.columns) == ["step", "token", "known", "value"]
    assert repr(found).startswith(f"Contributions(to {found.label!r} by integrated-gradients: '")
    assert [abs(found.values[place]) for place in found.strongest(5)] == sorted(np.abs(found.values), reverse=True)


def test_the_sentences():
    found = explain(classifier(), TEXT)
    assert found.sentence().startswith(f"Score {found.score:+.3f}, the log-odds of {found.label}; ")
    assert f"for as many zero vectors; the difference is {found.difference:+.3f}. The contributions" in found.sentence()
    assert found.sentence().endswith(" %), after 81 evaluations.")
    other = explain(classifier(), TEXT, method="occlusion")
    assert f"The contributions sum to {other.values.sum():+.3f}: {abs(other.gap):.3f} (" in other.sentence()
    (phrase,) = phrases(classifier(), TEXT, "good film")
    assert phrase.sentence() == (
        f"'good film' contributes {phrase.value:+.3f} to {phrase.label}; alone, 'good' {phrase.parts[0]:+.3f} and "
        f"'film' {phrase.parts[1]:+.3f}: {phrase.interaction:+.3f} is the phrase's own."
    )


def test_phrases_wherever_they_stand():
    model = random_model(7)
    first, second = phrases(model, "not awful film. Not awful scene", "not awful", label="good")
    whole = explain(model, "not awful film. Not awful scene", method="decomposition", label="good")

    assert (first.start, second.start) == (0, 4)
    assert (first.tokens, second.tokens) == (("not", "awful"), ("Not", "awful"))
    assert first.parts == pytest.approx(whole.values[:2].tolist(), abs=1e-6)
    assert first.interaction == pytest.approx(first.value - sum(first.parts))
    assert first.to_dict()["interaction"] == first.interaction
    with pytest.raises(DataError, match="must occur in the text"):
        phrases(model, "film", "awful")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "oclusion"}, "method must be one of .* Got 'oclusion'.\n\nhint: Did you mean 'occlusion'?"),
        ({"label": "poss"}, "The class must be one that the model knows: neg, pos. Got 'poss'.\n\nhint: Did you mean"),
        ({"window": 2}, "window belongs to the method occlusion. Got the method integrated-gradients."),
        ({"method": "occlusion", "window": 0}, "window must be at least 1 token. Got 0."),
        ({"method": "occlusion", "baseline": "zero"}, "baseline belongs to the method integrated-gradients."),
        ({"method": "decomposition", "tolerance": 0.1}, "tolerance belongs to the method integrated-gradients."),
        ({"baseline": "median"}, "baseline must be zero or mean. Got 'median'."),
        ({"tolerance": 0}, "tolerance must be over 0 and below 1. Got 0."),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(SettingError, match=message.replace("?", r"\?")) as error:
        explain(classifier(), TEXT, **arguments)
    assert error.value.hint


def test_a_phrase_of_integrated_gradients_is_refused():
    with pytest.raises(SettingError, match=r"must be occlusion or decomposition\. Got 'integrated-gradients'"):
        phrases(classifier(), TEXT, "good", method="integrated-gradients")
