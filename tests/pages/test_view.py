import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from longshort.config import TextRunSettings
from longshort.pages import view as pages


def render(text, **values):
    return pages.environment(autoescape=False, finalize=pages.visible).from_string(text).render(**values)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, também, 漢字, مرحبا", "plain, também, 漢字, مرحبا"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\u202eb", "a\\u202eb"),
        ("\x00\x1b[31m\x7f", "\\u0000\\u001b[31m\\u007f"),
        ("half \ud83d", "half \\ud83d"),
    ],
)
def test_marks_that_cannot_be_seen_become_codes(text, shown):
    assert pages.visible(text) == shown


@given(st.text(st.characters()))
def test_what_is_visible_can_be_stored_and_is_left_alone_the_second_time(text):
    shown = pages.visible(text)

    assert shown.encode("utf-8").decode("utf-8") == shown
    assert pages.visible(shown) == shown


def test_only_plain_texts_are_changed():
    safe = Markup("\u202e")

    assert pages.visible(safe) is safe
    assert pages.visible(None) is None
    assert pages.visible(3) == 3


def test_the_model_stands_first_and_then_the_baselines_the_best_first(metrics):
    metrics["baselines"]["weak"] = metrics["baselines"]["majority class"] | {"accuracy": 0.1}
    found = pages.models(metrics)

    assert [model.name for model in found] == ["this model", "TF-IDF + logistic regression", "majority class", "weak"]
    assert found[0].metrics == metrics["test"]
    assert found[3].metrics == metrics["baselines"]["weak"]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("better", "better than it"), ("worse", "worse than it"), ("undecided", "not distinguishable from it")],
)
def test_how_the_model_stands_against_a_baseline_is_said_with_the_difference(metrics, outcome, words):
    for baseline in metrics["baselines"].values():
        baseline["comparison"] |= {"outcome": outcome, "difference": 0.0612, "interval": [0.02, 0.101]}
    ours, *theirs = pages.models(metrics)

    assert ours.standing == ""
    assert {model.standing for model in theirs} == {f"{words}: +6.1 points (+2.0 to +10.1)"}


def test_the_parts_of_the_data_say_what_they_were_for(make_metrics):
    judged_on_test = [(part.name, part.role) for part in pages.parts(make_metrics())]
    judged_on_validation = [(part.name, part.role) for part in pages.parts(make_metrics(judged_on="validation"))]

    assert judged_on_test == [
        ("train", "trained on"),
        ("validation", "chose the best epoch"),
        ("test", "judged on"),
    ]
    assert judged_on_validation == [("train", "trained on"), ("validation", "chose the best epoch and judged on")]


def test_parts_of_one_source_have_one_fingerprint(metrics):
    metrics["data"]["parts"]["test"] |= {"fingerprint": "cd" * 32, "source": "held-out.csv"}

    assert pages.fingerprints(metrics) == {"ab" * 32: "reviews.csv", "cd" * 32: "held-out.csv"}


def test_every_setting_is_shown_with_its_value_and_its_meaning(make_metrics):
    chosen = TextRunSettings.from_flat(
        {"label_separator": "|", "classes": ("a", "b"), "bidirectional": False, "epochs": 5}
    )
    found = pages.settings(make_metrics(settings=chosen))
    values = {setting.name: setting.value for section in found.values() for setting in section}

    assert list(found) == ["data", "tokenizer", "model", "training"]
    assert set(values) == set(TextRunSettings().flat())
    assert values["text"] == "not set"
    assert values["classes"] == "a, b"
    assert values["bidirectional"] == "no"
    assert values["vocabulary_limit"] == "30,000"
    assert values["learning_rate"] == "0.003"
    assert all(setting.meaning.endswith(".") for section in found.values() for setting in section)


def test_what_was_left_to_the_data_is_shown_as_it_was_chosen(make_metrics):
    def training(**flat):
        found = pages.settings(make_metrics(settings=TextRunSettings.from_flat(flat)))
        return {setting.name: setting.value for setting in found["training"]}

    assert training()["epochs"] == "6, chosen by the size of the data"
    assert training()["batch_tokens"] == "1,024, chosen by the size of the data"
    assert training(epochs=9, batch_tokens=512)["epochs"] == "9"
    assert training(epochs=9, batch_tokens=512)["batch_tokens"] == "512"


def test_a_setting_of_another_version_is_shown_without_a_meaning(metrics):
    metrics["settings"] = {"model": {"gates": 4}, "magic": {"wand": True}}

    assert pages.settings(metrics) == {
        "model": [pages.Setting("gates", "4", "")],
        "magic": [pages.Setting("wand", "yes", "")],
    }


def test_of_many_classes_the_weakest_are_shown_and_unknown_ones_last():
    def one(label, f1, support):
        return {"label": label, "f1": f1, "support": support}

    classes = [one("a", 0.9, 10), one("b", 0.2, 10), one("none", 0.0, 0), one("c", 0.2, 30)]

    assert pages.weakest(classes, 4) == classes
    assert [each["label"] for each in pages.weakest(classes, 3)] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.99, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3599.7, "1 h 0 min"),
        (12_000, "3 h 20 min"),
    ],
)
def test_durations_are_in_the_units_that_people_use(seconds, words):
    assert render("{{ seconds | duration }}", seconds=seconds) == words


def test_numbers_and_moments_in_words():
    assert render("{{ 0.12345 | decimals }} {{ none | decimals }} {{ 1.5 | decimals(1) }}") == "0.123 – 1.5"
    assert render("{{ 12345 | whole }} {{ 0.05 | percent }}") == "12,345 5.0 %"
    assert render("{{ '2025-03-01T14:05:33+01:00' | minute }}") == "2025-03-01 14:05"


def test_a_number_that_is_missing_is_an_error_and_no_empty_place():
    with pytest.raises(UndefinedError, match="nothing"):
        render("{{ nothing }}")
