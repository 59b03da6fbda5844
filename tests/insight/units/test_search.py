import numpy as np
import pytest
import torch
from tests.insight.units.wired import DECIDES, FIRES, LATCH, encoding, reviews, wired_model

from longshort.data import encode_texts
from longshort.errors import DataError, SettingError
from longshort.insight.units import find_units
from longshort.insight.units.spans import IGNORED, INSIDE, OUTSIDE, Span, chosen_spans, find_spans


def found(pattern, *texts):
    known = encoding()
    return find_spans(pattern, known, encode_texts(list(texts), known))


def marks(spans):
    return "".join({INSIDE: "i", OUTSIDE: "-", IGNORED: "x"}[mark] for mark in spans.marks.tolist())


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        ("QUOTE..QUOTE", 'film " story scene " film', "-xiix-"),
        ("QUOTE..QUOTE", '" film " story " scene "', "xix-xix"),
        ("QUOTE..QUOTE", 'film " story', "-x-"),
        ("QUOTE..QUOTE", 'film " " " story "', "-xxxix"),
        ("NEGATION..PUNCTUATION", "not film not . film not", "xiix-x"),
        ("not..film", "not story film film", "xix-"),
        ("DIGIT .. .", "7 film . 7", "xixx"),
        ("awful film", "awful film awful awful film", "ii-ii"),
        ("film film", "film film film", "ii-"),
        ("awful", "film Awful film", "-i-"),
    ],
)
def test_patterns(pattern, text, wanted):
    holds = pattern.replace("..", " film ").replace("QUOTE", '"').replace("NEGATION", "not").replace("PUNCTUATION", ".")
    spans = found(pattern, text, holds.replace("DIGIT", "7"))  # a second text, in which the pattern holds for sure

    assert marks(spans)[: len(wanted)] == wanted
    assert len(spans.marks) > len(wanted)


def test_spans_stay_in_their_text():
    spans = found("QUOTE..QUOTE", 'film " story', 'scene " film " actor')

    assert spans.spans == [Span(1, 2, 3)]
    assert marks(spans) == "-x-" + "-xix-"
    assert found("film story", "film", "story film story").spans == [Span(1, 1, 3)]


def test_what_stays_open_for_long_was_never_closed():
    near, far = ('" ' + "film " * count + '"' for count in (100, 101))

    assert len(found("QUOTE..QUOTE", near, far).spans) == 1


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("LINE-END..film", "LINE-END needs tokens of that class; this tokenizer has NEGATION, QUOTE, DIGIT"),
        (
            "zebra..film",
            "Each end of FROM..TO is one token of the vocabulary or one of NEGATION, .* Got 'zebra', a word",
        ),
        ("film story..film", "Got 'film story', 2 tokens"),
        ("zebra film", "Got 'zebra film', with a word that the vocabulary lacks"),
        ("  ", "Got '  ', which has none"),
    ],
)
def test_patterns_that_cannot_be(pattern, message):
    with pytest.raises(SettingError, match=message):
        found(pattern, "film")


def test_a_misspelt_class_gets_the_right_one():
    with pytest.raises(SettingError) as caught:
        found("QUOTES..QUOTE", "film")

    assert caught.value.hint == "Did you mean 'QUOTE'?"


def test_a_pattern_that_holds_nowhere():
    with pytest.raises(DataError, match=r"must hold somewhere in the 1 texts\. 'awful film' holds nowhere"):
        found("awful film", "film awful")


@pytest.mark.parametrize("spans", [[(0, 1, 1)], [(0, 0, 3)], [(1, 0, 1)], [(0, -1, 1)], []])
def test_chosen_spans_lie_in_their_texts(spans):
    known = encoding()
    with pytest.raises(DataError, match="span"):
        chosen_spans(spans, encode_texts(["film story"], known))


def test_the_latch_is_found():
    model = wired_model()
    result = find_units(model, reviews()[0], "QUOTE..QUOTE")
    best = result.matches[0]

    assert (best.unit.number, best.on, best.inside, best.outside, best.score, best.whole) == (
        LATCH,
        "above",
        1,
        0,
        1,
        1,
    )
    assert all(match.score < 0.5 for match in result.matches[1:])
    assert (result.spans, result.texts, result.held_out) == (20, 60, True)
    assert 0.05 < result.chance < 0.7  # of five tries the luckiest, of all units the best


def test_the_latch_is_found_by_its_cell():
    result = find_units(wired_model(), reviews()[0], "QUOTE..QUOTE", kind="cell")

    assert (result.matches[0].unit.number, result.matches[0].score, result.kind) == (LATCH, 1, "cell")


def test_a_word_is_found_in_the_units_that_fire_on_it():
    result = find_units(wired_model(), reviews()[0], "awful")

    assert {match.unit.number for match in result.matches[:2]} == {FIRES, DECIDES}
    assert [match.whole for match in result.matches[:2]] == [1, 1]


def test_a_unit_that_falls_is_on_below():
    model = wired_model()
    with torch.no_grad():
        gates = model.network.lstm.weight_ih_l0.view(4, 4, -1)
        gates[2, FIRES] *= -1
    best = next(m for m in find_units(model, reviews()[0], "awful").matches if m.unit.number == FIRES)

    assert (best.on, best.inside, best.outside) == ("below", 1, 0)
    assert -0.77 < best.threshold < 0


def test_chosen_spans_of_one_text_are_tuned_and_judged_on_all():
    texts = ['film " story scene " film', "story scene"]
    result = find_units(wired_model(), texts, [(0, 2, 4)])

    assert (result.held_out, result.spans, result.texts) == (False, 1, 2)
    assert next(match for match in result.matches if match.unit.number == LATCH).inside == 1


def test_the_same_seed_gives_the_same_search():
    one, two = (find_units(wired_model(), reviews()[0], "film", seed=3).to_dict() for _ in range(2))

    assert one == two
    assert set(one) == {"pattern", "kind", "spans", "texts", "chance", "held_out", "matches"}


def test_moved_spans_are_as_long():
    from longshort.insight.units.search import _moved

    known = encoding()
    examples = encode_texts(['film " story scene " film', "", "film"], known)
    before = find_spans("QUOTE..QUOTE", known, examples).marks
    after = _moved(before, examples, np.random.default_rng(1))

    assert np.bincount(after + 1).tolist() == np.bincount(before + 1).tolist()
