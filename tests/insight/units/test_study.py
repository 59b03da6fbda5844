import json

import numpy as np
import pytest
import torch
from tests.insight.units.wired import DECIDES, FIRES, LATCH, UNREAD, encoding, random_model, reviews, wired_model

from longshort.data import encode_texts
from longshort.errors import DataError, SettingError
from longshort.insight.units import Unit, check_order, find_units, unit_values, units
from longshort.insight.units.names import units_of
from longshort.insight.units.states import stream, unit_states
from longshort.lstm.equations import trace_equations
from longshort.lstm.parameters import layer_weights
from longshort.networks import LanguageModel
from longshort.ragged import Ragged

TEXTS, LABELS = reviews()


@pytest.fixture(scope="module")
def study():
    return units(wired_model(), TEXTS, LABELS, contexts=3, width=2)


def name(number):
    return f"0/forward/{number}"


# --- names and states ---


def test_names_of_units():
    unit = Unit.parse(" 1/reverse/20 ")

    assert (unit, str(unit)) == (Unit(1, "reverse", 20), "1/reverse/20")
    for wrong in ("1/back/2", "0/forward", "0/forward/-1", ""):
        with pytest.raises(SettingError, match="A unit is named layer/direction/number"):
            Unit.parse(wrong)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("backend", ["auto", "torch", "equations"])
def test_states_are_those_of_the_equations(layers, bidirectional, backend):
    network = random_model(num_layers=layers, bidirectional=bidirectional, word_dropout=0.9).network.train()
    network.lstm.backend = backend
    tokens = Ragged.from_list([torch.tensor([1, 2, 3]), torch.tensor([], dtype=torch.int64), torch.tensor([4])])
    spec = network.lstm.spec
    zeros = torch.zeros(spec.num_layers * spec.directions, 3, 4)
    inputs = tokens.with_values(network.embedding(tokens.values))
    traces = trace_equations(inputs, zeros, zeros, layer_weights(network.lstm, spec), spec)

    assert len(units_of(spec)) == unit_states(network, tokens).shape[1]
    torch.testing.assert_close(unit_states(network, tokens), torch.cat([t.hidden.values for t in traces], 1).detach())
    cells = torch.cat([t.cell.values for t in traces], 1).tanh().detach()
    torch.testing.assert_close(unit_states(network, tokens, "cell"), cells)
    assert network.training


def test_no_more_than_a_batch_is_held(monkeypatch):
    from longshort.insight.units import states

    monkeypatch.setattr(states, "BATCH_NUMBERS", 8 * 50)
    model = random_model()
    examples = encode_texts(TEXTS, model.task.encoding)
    sizes = [len(each.values) for each in stream(model.network, examples)]

    assert sum(sizes) == len(examples.tokens)
    assert max(sizes) <= 50


def test_a_state_of_another_kind():
    with pytest.raises(SettingError, match=r"A state is hidden or cell\. Got 'gate'\."):
        unit_states(random_model().network, Ragged.from_list([torch.tensor([1])]), "gate")


# --- what the units of a known model do ---


def test_the_word_that_a_unit_fires_on(study):
    report = study[name(FIRES)]

    assert report.high_words[0].word == "awful"
    assert report.high_words[0].mean == pytest.approx(np.tanh(1), abs=1e-4)
    assert report.high_words[0].count == 60
    assert report.word_share == pytest.approx(1, abs=1e-6)
    assert {context.token for context in report.highest} == {"awful"}


def test_contexts_show_the_tokens_around(study):
    for context in study[name(FIRES)].highest:
        words = TEXTS[context.place].split()
        assert words[context.step] == context.token
        assert context.before.split() == words[max(0, context.step - 2) : context.step]
        assert context.after.split() == words[context.step + 1 : context.step + 3]


def test_contexts_are_of_different_texts_and_words():
    texts = ["film awful scene"] * 30 + ["actor awful story", "story not awful actor film"] + ["film scene"] * 30
    found = units(wired_model(), texts, ["bad"] * 32 + ["good"] * 30, contexts=5)[name(FIRES)].highest
    around = [(context.before, context.token, context.after) for context in found]

    assert len(set(around)) == len(around)
    assert ("film", "awful", "scene") in around
    assert len({context.place for context in found}) == len(found)


def test_words_stand_in_ten_texts_and_in_the_vocabulary():
    texts = ["story " * 20 + "film", "scene film actor zebra"] * 9 + ["scene film zebra"]
    found = units(wired_model(), texts, ["good", "bad"] * 9 + ["bad"])[name(UNREAD)]

    assert {each.word for each in found.high_words} == {"film", "scene"}
    assert {each.word: each.count for each in found.high_words}["film"] == 19


def test_lowest_values_are_the_lowest(study):
    report = study[name(UNREAD)]

    assert report.lowest[0].value <= report.mean <= report.highest[0].value
    assert report.lowest[0].step == 0  # it counts up
    assert [c.value for c in report.highest] == sorted((c.value for c in report.highest), reverse=True)


def test_it_goes_with_the_label(study):
    report = study[name(DECIDES)]
    by_name = {each.property: each for each in report.correlations}

    assert by_name["label good, highest"].r == pytest.approx(-1, abs=1e-6)
    assert by_name["label good, highest"].p_value < 1e-9
    assert "label bad, mean" not in by_name  # of two classes the other says the same
    assert study[name(UNREAD)].correlation("position").r > 0.5
    assert by_name["negation"].property if "negation" in by_name else True


def test_a_latch_is_no_matter_of_the_last_word(study):
    assert study[name(LATCH)].word_share < 0.5 < study[name(FIRES)].word_share


def test_correlations_are_those_of_numpy(study):
    model = wired_model()
    values = unit_states(model.network, encode_texts(TEXTS, model.task.encoding).batch(range(len(TEXTS))).inputs)
    tokens = [word for text in TEXTS for word in text.split()]
    quote = np.corrcoef(values[:, LATCH].numpy(), [word == '"' for word in tokens])[0, 1]
    found = next(each for each in study[name(LATCH)].correlations if each.property == "quote")

    assert found.r == pytest.approx(quote, abs=1e-6)
    assert (found.over, found.interval[0] < found.r < found.interval[1]) == ("tokens", True)


def test_ranking_and_sentences(study):
    assert study.ranked()[0].unit.number == DECIDES
    assert study.ranked("label good")[0].unit.number in (FIRES, DECIDES)
    assert study.ranked("words")[0].unit.number in (FIRES, DECIDES)
    assert study.ranked("memory")[-1].unit.number in (FIRES, DECIDES)
    sentence = study[name(DECIDES)].sentence()
    assert sentence.startswith("0/forward/1 peaks lower in texts that are 'good' (r -1.00, ")
    assert "is highest at awful" in sentence
    assert "the loss rises by" in sentence
    assert sentence.endswith("than without 100 % of the others.")
    assert sentence in study.sentences()


def test_silence_where_nothing_is_known():
    numbers = np.random.default_rng(0)
    texts = [" ".join(numbers.choice(["film", "story", "scene"], 6)) for _ in range(60)]
    found = units(random_model(2), texts, numbers.choice(["good", "bad"], 60).tolist())

    assert not any("texts that are" in sentence for sentence in found.sentences())


def test_silence_about_a_unit_that_nothing_reads(study):
    assert study[name(FIRES)].sentence().startswith("0/forward/0 peaks lower in texts that are 'good' (r -1.00, ")
    assert "loss" not in study[name(FIRES)].sentence()


def test_the_mean_is_what_a_unit_is_held_at(study):
    held = units(wired_model(), TEXTS, LABELS, ablation="zero")

    assert all(report.ablation.value == pytest.approx(report.mean) for report in study.reports)
    assert all(report.ablation.value == 0 for report in held.reports)
    assert (study.method, held.method) == ("mean", "zero")


def test_chosen_units_stand_beside_random_ones():
    model = random_model(hidden_size=16)
    found = units(model, TEXTS, LABELS, chosen=["0/reverse/3", Unit(0, "forward", 0), "0/reverse/3"])

    assert [str(report.unit) for report in found.reports] == ["0/reverse/3", "0/forward/0"]
    assert len(found.changes) == 22
    assert found.band[0] <= found.band[1] <= found.band[2]
    assert found.changes[0] == found["0/reverse/3"].ablation.loss_change


def test_without_ablation():
    found = units(wired_model(), TEXTS, LABELS, ablation="none")

    assert (found.baseline, found.changes, found.band) == (None, [], None)
    assert found.ranked("correlation")
    with pytest.raises(SettingError, match=r"A ranking by damage needs an ablation\. None was measured\."):
        found.ranked()


def test_a_sample_is_spread_over_the_texts():
    found = units(wired_model(), TEXTS, LABELS, ablation="none", examples=30)

    assert (found.texts, found.given) == (30, 120)
    assert found.tokens < 30 * 16


def test_the_work_is_told():
    told = []
    units(random_model(), TEXTS, LABELS, progress=lambda *each: told.append(each))

    assert told[0][0] == "reading"
    assert ("reading", 120, 120) in told
    assert told[-1] == ("ablating", 8, 8)


def test_json_and_tables(study):
    content = json.loads(json.dumps(study.to_dict(), allow_nan=False))
    table = study.to_pandas()

    assert content["units"][DECIDES]["unit"] == name(DECIDES)
    assert content["units"][DECIDES]["ablation"]["lost"] == 60
    assert content["baseline"]["accuracy"] == 1
    assert table.shape[0] == 4
    assert table["loss_change"].idxmax() == DECIDES
    assert table["high_words"][FIRES].startswith("awful")
    assert table["r label good, highest"][DECIDES] == pytest.approx(-1, abs=1e-6)
    assert repr(study) == f"UnitStudy(4 units on 120 texts of {study.tokens:,} tokens, held at mean)"


def test_several_classes_and_several_labels():
    model = random_model()
    for multi_label, labels in ((False, ["x", "y", "z"] * 40), (True, [["x"], [], ["y", "z"]] * 40)):
        known = encoding(labels=("x", "y", "z"))
        known.multi_label = multi_label
        model.task = type(model.task)(known, model.task.settings)
        model.network = model.task.build().eval()
        found = units(model, TEXTS, labels)
        assert {"label x", "label y", "label z"} <= set(found.properties)
        assert len(found.sentences()) <= 8


def test_values_of_one_unit_along_a_text():
    tokens, values = unit_values(wired_model(), 'A film " Zebra " awful', name(LATCH))

    assert tokens == ["A", "film", '"', "Zebra", '"', "awful"]
    assert values == pytest.approx([0, 0, np.tanh(1), np.tanh(1), 0, 0], abs=1e-4)
    assert unit_values(wired_model(), "", name(LATCH)) == ([], [])


def test_a_language_model_has_the_units_of_the_layers_it_trains():
    model = wired_model()
    language, known = LanguageModel(model.network), model.task.encoding
    found = find_units(language, TEXTS, "QUOTE..QUOTE", encoding=known)

    assert found.matches[0].unit.number == LATCH
    assert unit_values(language, TEXTS[0], name(LATCH), encoding=known) == unit_values(model, TEXTS[0], name(LATCH))
    with pytest.raises(SettingError, match="Got LanguageModel, which brings no tokenizer"):
        unit_values(language, TEXTS[0], name(LATCH))
    with pytest.raises(SettingError, match=r"encoding must have as many tokens as the model, 10\. Got 3\."):
        unit_values(language, TEXTS[0], name(LATCH), encoding=encoding("word", ["a b", "a b"]))


# --- what cannot be ---


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ablation": "median"}, r"ablation must be mean, zero or none\. Got 'median'\."),
        ({"examples": 1}, r"examples must be a whole number of at least 2\. Got 1\."),
        ({"contexts": 0}, r"contexts must be a whole number of at least 1\. Got 0\."),
        ({"width": 1.5}, r"width must be a whole number of at least 1\. Got 1\.5\."),
        ({"chosen": ["0/reverse/0"]}, r"The units of this model are 0/forward/0 to 0/forward/3\. Got 0/reverse/0\."),
    ],
)
def test_settings_that_cannot_be(options, message):
    with pytest.raises(SettingError, match=message):
        units(wired_model(), TEXTS, LABELS, **options)


def test_data_that_cannot_be():
    with pytest.raises(DataError, match="there must be as many texts as labels"):
        units(wired_model(), TEXTS, LABELS[:3])
    with pytest.raises(DataError, match=r"hold a token\. Got 1 of 3\."):
        units(wired_model(), ["film", "", ""], ["good", "bad", "bad"])
    with pytest.raises(DataError, match="each label must be one that the model was trained on"):
        units(wired_model(), ["film", "story"], ["good", "great"])


def test_an_lstm_alone_has_no_classes():
    with pytest.raises(SettingError, match="Units are studied in a text classifier"):
        units(torch.nn.LSTM(2, 3), TEXTS, LABELS)


def test_an_order_that_is_none(study):
    with pytest.raises(SettingError) as caught:
        study.ranked("damages")
    assert caught.value.hint == "Did you mean 'damage'?"
    with pytest.raises(KeyError):
        study["0/forward/9"]


def test_orders_are_known_before_the_work(study):
    model = wired_model()
    for order in ["damage", "memory", *study.properties]:
        check_order(model, order)
    with pytest.raises(SettingError, match=r"Units are ranked by one of damage, .*, label good, .* Got 'label bad'"):
        check_order(model, "label bad")
