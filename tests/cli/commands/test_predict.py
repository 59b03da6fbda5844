import json

import pytest

from longshort import TextClassifier
from longshort.kinds.answers import ClassAnswer

TEXTS = [
    f"{text} {number}" for number in range(10) for text in ("good good film", "bad film", "a good one", "a bad one")
]
LABELS = ["pos", "neg", "pos", "neg"] * 10
QUICK = {
    "epochs": 8,
    "embedding_size": 8,
    "hidden_size": 8,
    "minimum_count": 1,
    "learning_rate": 0.05,
    "word_dropout": 0.0,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model that knows good from bad, and its folder."""
    folder = tmp_path_factory.mktemp("model")
    classifier = TextClassifier(**QUICK).fit(TEXTS, LABELS)
    classifier.save(folder)
    return classifier, folder


@pytest.fixture(scope="module")
def multi_label(tmp_path_factory):
    """A model with two labels per text, or none."""
    folder = tmp_path_factory.mktemp("multi")
    labels = [["pos", "film"], ["neg", "film"], ["pos"], ["neg"]] * 10
    classifier = TextClassifier(**QUICK).fit(TEXTS, labels)
    classifier.save(folder)
    return classifier, folder


def test_the_class_and_its_probability_of_each_text(longshort, model):
    classifier, folder = model
    result = longshort("predict", str(folder), "good film", "bad film")
    expected = classifier.predict_proba(["good film", "bad film"]).max(axis=1)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"pos\t{expected[0]:.4f}\nneg\t{expected[1]:.4f}\n"


def test_json_holds_every_probability(longshort, model):
    classifier, folder = model
    lines = longshort("predict", str(folder), "--json", "good \u00fc", "").stdout.splitlines()
    first, empty = map(json.loads, lines)
    probabilities = classifier.predict_proba(["good \u00fc", ""])

    assert first == {
        "text": "good \u00fc",
        "label": "pos",
        "probability": probabilities[0, 1],
        "probabilities": {"neg": probabilities[0, 0], "pos": probabilities[0, 1]},
    }
    assert empty["text"] == ""


def test_stdin_and_files_give_what_arguments_give(longshort, model, tmp_path):
    _, folder = model
    (tmp_path / "new.txt").write_text("good film\nbad film\n", encoding="utf-8")
    (tmp_path / "new.csv").write_text("review,id\ngood film,1\nbad film,2\n", encoding="utf-8")
    arguments = longshort("predict", str(folder), "good film", "bad film").stdout

    assert arguments
    assert longshort("predict", str(folder), input="good film\nbad film\n").stdout == arguments
    assert longshort("predict", str(folder), "--file", str(tmp_path / "new.txt")).stdout == arguments
    assert (
        longshort("predict", str(folder), "--file", str(tmp_path / "new.csv"), "--text", "review").stdout == arguments
    )


def test_no_text_gives_no_line(longshort, model):
    result = longshort("predict", str(model[1]), input="")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_all_labels_over_a_half_where_there_may_be_several(longshort, multi_label):
    classifier, folder = multi_label
    texts = ["good film", "a bad one", "bad film"]
    rows = classifier.predict_proba(texts)
    plain = longshort("predict", str(folder), *texts).stdout.splitlines()
    parsed = [json.loads(line) for line in longshort("predict", str(folder), "--json", *texts).stdout.splitlines()]

    for row, line, entry in zip(rows, plain, parsed, strict=True):
        over = {label: p for label, p in zip(classifier.classes_.tolist(), row.tolist(), strict=True) if p >= 0.5}
        assert set(entry["labels"]) == set(over)
        assert entry["probability"] == min(over.values(), default=None)
        assert line == ",".join(entry["labels"]) + "\t" + (f"{min(over.values()):.4f}" if over else "")
    assert any(len(entry["labels"]) == 2 for entry in parsed)


def test_no_label_over_a_half_is_an_empty_answer():
    answer = ClassAnswer.of("x", ["a", "b"], [0.4999, 0.2], multi_label=True)

    assert (answer.labels, answer.probability) == ([], None)


def test_a_label_cannot_break_a_line():
    assert ClassAnswer("x", ["a\tb\nc"], 0.5, {}, False).line() == "a\\tb\\nc\t0.5000"


def test_on_a_terminal_the_columns_are_aligned_and_texts_cut():
    given = [("word " * 50, [0.75, 0.25]), ("short", [0.5, 0.5001])]
    answers = [ClassAnswer.of(text, ["no", "maybe"], row, multi_label=False) for text, row in given]
    lines = [answer.shown(40) for answer in answers]

    assert lines == ["no     0.7500  word word word word ...", "maybe  0.5001  short"]


def test_arguments_and_a_file_together_are_an_error(longshort, model):
    result = longshort("predict", str(model[1]), "good", "--file", "x.txt")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: Texts are given as arguments or with --file. Got both.\n\nhint: Leave one of them out.\n"
    )


def test_a_missing_model_is_an_error(longshort, tmp_path):
    result = longshort("predict", str(tmp_path / "nosuch"), "x")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: A model is a folder with config.json, weights.safetensors and its encoding, or a run directory that "
        f"holds one in model/. Got {tmp_path / 'nosuch'}: there is no such folder.\n\n"
        "hint: `longshort runs` lists the runs there are.\n"
    )
