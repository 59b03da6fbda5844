import base64
import re
from html.parser import HTMLParser

import pytest
from plotly.offline import get_plotlyjs

from longshort.figures import calibration, confusion, curves, save
from longshort.pages.report import report_html

HOSTILE = '</style></title><script>alert("1")</script> & \u202egnol <img src=x onerror=alert(1)> {{ 7 * 7 }}'
SHOWN = HOSTILE.replace("\u202e", "\\u202e")
LIBRARY = get_plotlyjs()
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """What a browser sees: every element with its attributes, and the text in it."""

    def __init__(self, source):
        super().__init__()
        self.source, self.elements, self.open = source, [], []
        self.feed(source)
        self.close()
        assert self.open == [], "an element is not closed"

    def handle_starttag(self, tag, attributes):
        self.elements.append({"tag": tag, "attributes": dict(attributes), "text": ""})
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag):
        assert self.elements[self.open.pop()]["tag"] == tag

    def handle_data(self, data):
        for place in self.open:
            self.elements[place]["text"] += data

    def all(self, tag, **attributes):
        return [
            each
            for each in self.elements
            if each["tag"] == tag and attributes.items() <= {"id": None, **each["attributes"]}.items()
        ]

    def texts(self, tag, **attributes):
        return [" ".join(each["text"].split()) for each in self.all(tag, **attributes)]

    def table(self, region):
        """The texts of the cells of the table in the region of that name, row by row."""
        table = self.source.split(f'role="region" aria-label="{region}"', 1)[1].split("</table>")[0]
        rows = table.split("<tr")[1:]
        return [[plain(cell) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.S)] for row in rows]


def report_of(metrics, history, folder):
    """The page, without the library in it."""
    page, failures = report_html(metrics, history, folder)
    assert failures == []
    return Page(page.replace(LIBRARY, ""))


def data_of(script):
    """What the attributes of the data of a chart are; they run nothing."""
    return {"type": "application/json", "id": script["attributes"].get("id")}


def plain(markup):
    return Page(f"<p>{markup}</p>").texts("p")[0]


@pytest.fixture
def figures(tmp_path):
    """Draws the figures of a run into a folder, as a training does."""

    def draw(metrics, history):
        test = metrics["test"]
        save(curves(history), tmp_path / "curves.png")
        save(calibration(test["calibration"]), tmp_path / "calibration.png")
        if not test["multi_label"]:
            save(confusion(test["confusion"], test["labels"]), tmp_path / "confusion.png")
        return tmp_path

    return draw


@pytest.fixture
def page(make_metrics, make_history, tmp_path):
    """The report of a run without figures, whose metrics are made with these changes."""
    return lambda **changes: report_of(make_metrics(**changes), make_history(), tmp_path)


def sizes(matrix):
    return len(matrix), {len(row) for row in matrix}


@pytest.mark.parametrize(
    ("changes", "epochs"),
    [
        ({}, 4),
        ({"epochs": 1}, 1),
        ({"judged_on": "validation", "baselines": False}, 2),
        ({"labels": [f"topic {i}" for i in range(20)], "rows": 300}, 3),
        ({"labels": ["war", "love", "sea"], "multi_label": True}, 3),
    ],
)
def test_the_report_is_whole_and_needs_nothing_but_itself(make_metrics, make_history, figures, changes, epochs):
    metrics, history = make_metrics(**changes), make_history(epochs)
    found = report_of(metrics, history, figures(metrics, history))
    addresses = [
        value
        for each in found.elements
        for name, value in each["attributes"].items()
        if name in {"src", "href", "srcset", "action", "data", "poster", "background"}
    ]

    assert {each["tag"] for each in found.elements}.isdisjoint({"link", "iframe", "object", "embed", "base", "form"})
    assert all(each["attributes"] in ({}, data_of(each)) for each in found.all("script"))
    assert len([each for each in found.all("script") if not each["attributes"]]) == 2
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in addresses)
    assert not re.search(r"https?:|@import|url\(|javascript:", found.source.replace("http-equiv", ""))
    assert not any(name.startswith("on") for each in found.elements for name in each["attributes"])
    assert found.all("meta")[1]["attributes"]["content"].startswith("default-src 'none'; script-src 'sha256-")
    assert len(found.all("img")) == 2


def test_every_link_leads_somewhere_and_every_table_has_heads(page):
    found = page()
    places = {each["attributes"].get("id") for each in found.elements}

    assert {each["attributes"]["href"][1:] for each in found.all("a")} <= places
    assert {
        each["attributes"]["aria-describedby"] for each in found.all("table") if len(each["attributes"]) > 1
    } <= places
    assert all(each["attributes"].get("scope") in ("row", "col") for each in found.all("th"))
    assert found.source.count("<table") == found.source.count("<thead>") == 11
    assert found.all("html")[0]["attributes"] == {"lang": "en"}


def test_the_verdict_stands_first(make_metrics, make_history, tmp_path):
    metrics = make_metrics()
    metrics["verdict"] = {
        "headline": "Accuracy 0.9: better than the rest.",
        "findings": [
            {"kind": "overfitted", "level": "warning", "sentence": "It overfits.", "advice": "Stop earlier."},
            {"kind": "better", "level": "good", "sentence": "It is better.", "advice": ""},
        ],
    }
    found = report_of(metrics, make_history(), tmp_path)

    assert found.texts("title") == ["reviews-1: Accuracy 0.9: better than the rest."]
    assert found.texts("h1") == ["reviews-1"]
    assert found.texts("p")[:2] == [
        "Text classification, trained on reviews.csv, 2025-03-01 14:05, in 2 min 31 s",
        "Accuracy 0.9: better than the rest.",
    ]
    assert found.texts("li")[:2] == ["Warning. It overfits. To try: Stop earlier.", "Good. It is better."]
    assert found.texts("h2")[:7] == [
        "Results", "Settings", "Data", "Learning", "Answers", "Calibration", "Worst errors"
    ]  # fmt: skip


def test_the_results_stand_beside_those_of_the_baselines(make_metrics, make_history, tmp_path):
    metrics = make_metrics()
    metrics["test"] |= {"accuracy": 0.9, "accuracy_interval": [0.87, 0.925], "loss": 0.25, "macro_f1": 0.89}
    metrics["test"] |= {"roc_auc": 0.95, "calibration_error": 0.02}
    better = "better than it: +40.0 points (+35.0 to +45.0)"
    metrics["baselines"] = {
        "majority class": metrics["test"]
        | {"accuracy": 0.5, "accuracy_interval": [0.45, 0.55], "roc_auc": None}
        | {"comparison": {"outcome": "better", "difference": 0.4, "interval": [0.35, 0.45]}}
    }
    found = report_of(metrics, make_history(), tmp_path)
    marks = re.findall(r'class="mark" style="left:([\d.]+)%"', found.source)
    bars = re.findall(r'class="whisker" style="left:([\d.]+)%;right:calc\(100% - ([\d.]+)%\)"', found.source)

    assert found.table("Results beside the baselines")[1:] == [
        ["this model", "0.900", "0.870 to 0.925", "0.250", "0.890", "0.950", "0.020", ""],
        ["majority class", "0.500", "0.450 to 0.550", "0.250", "0.890", "–", "0.020", better],
    ]
    # The axis goes from 0.4 to 1.0.
    assert marks == ["83.33", "16.67"]
    assert bars == [("78.33", "87.50"), ("8.33", "25.00")]
    assert found.texts("p", id="about-results") == ["On the test part: 400 texts that were not trained on."]


def test_what_makes_the_results_differ_is_said(page):
    on_validation = page(judged_on="validation").texts("p", id="about-results")
    several = page(labels=["war", "sea"], multi_label=True).texts("p", id="about-results")

    assert on_validation == [
        "On the validation part: 400 texts that were not trained on. They also chose the best epoch, which favours the "
        "model a little."
    ]
    assert several == [
        "On the test part: 400 texts that were not trained on. An answer is right when all labels of the text are "
        "right."
    ]


def test_the_figures_are_in_the_file_with_their_numbers_in_words(make_metrics, make_history, figures):
    metrics, history = make_metrics(), make_history(4)
    metrics["test"] |= {"confusion": [[180, 20], [15, 185]], "calibration_error": 0.034}
    metrics["test"]["calibration"] = [
        {"lower": 0.4, "upper": 0.5, "count": 0, "confidence": 0.0, "accuracy": 0.0},
        {"lower": 0.5, "upper": 0.6, "count": 10, "confidence": 0.55, "accuracy": 0.5},
        {"lower": 0.9, "upper": 1.0, "count": 390, "confidence": 0.95, "accuracy": 0.9},
    ]
    folder = figures(metrics, history)
    images = [each["attributes"] for each in report_of(metrics, history, folder).all("img")]
    names = ("curves", "calibration")

    for image, name in zip(images, names, strict=True):
        assert base64.b64decode(image["src"].split(",")[1]) == (folder / f"{name}.png").read_bytes()
        assert 300 < int(image["width"]) < 1200
    assert [image["alt"] for image in images] == [
        "Loss over 4 epochs: training from 0.700 to 0.175, validation from 0.730 to 0.340.",
        "Calibration: accuracy at each confidence, 0.50 at 0.55, 0.90 at 0.95; expected calibration error 0.034.",
    ]


def test_one_epoch_is_no_curve(make_metrics, make_history, figures):
    metrics, history = make_metrics(epochs=1), make_history(1)
    image, *_ = report_of(metrics, history, figures(metrics, history)).all("img")

    assert image["attributes"]["alt"] == "Loss over 1 epoch: training 0.700, validation 0.730."


def test_epochs_without_validation_have_dashes(make_metrics, make_history, tmp_path):
    found = report_of(make_metrics(), make_history(2, validation=False), tmp_path)

    assert found.table("All epochs")[1:] == [
        ["1", "0.7000", "–", "0.500", "–", "0.003000", "1.500", "12 s"],
        ["2", "0.3500", "–", "0.750", "–", "0.001500", "1.500", "12 s"],
    ]


def test_pictures_that_were_not_drawn_are_told_in_words(page):
    found = page()

    assert found.all("img") == []
    assert len(found.all("noscript")) == len(found.all("figure")) == 4
    assert "Loss over 4 epochs: training from 0.700 to 0.175, validation from 0.730 to 0.340." in found.texts(
        "noscript"
    )


def test_every_chart_says_in_words_what_it_shows(page):
    plots = [each["attributes"] for each in page().elements if each["attributes"].get("class") == "plot"]

    assert [each["id"] for each in plots] == [
        "plot-classes", "plot-learning-loss", "plot-learning-accuracy", "plot-calibration"
    ]  # fmt: skip
    assert all(each["role"] == "img" and len(each["aria-label"]) > 40 and each["tabindex"] == "0" for each in plots)


def test_what_needs_the_model_says_that_it_is_not_there(page):
    found = page().texts("p")

    assert found.count("The texts that it was judged on are not kept beside this report.") == 4
    assert found.count("No update of its weights was measured.") == 1
    assert found.count("The lengths of its texts were not kept.") == 1


def test_the_confusion_matrix_is_a_table(make_metrics, make_history, tmp_path):
    metrics = make_metrics()
    metrics["test"]["confusion"] = [[180, 20], [0, 0]]
    found = report_of(metrics, make_history(), tmp_path)

    assert found.table("Confusion matrix") == [
        ["truth \\ answer", "neg", "pos", "all"],
        ["neg", "180 90.0 %", "20 10.0 %", "200"],
        ["pos", "0", "0", "0"],
    ]
    assert re.findall(r"--share:([\d.]+)", found.source) == ["0.900", "0.100", "0.000", "0.000"]


def test_twenty_classes_have_a_table_and_forty_a_list_of_errors(page):
    twenty = page(labels=[f"topic {i}" for i in range(20)], rows=400)
    forty = page(labels=[f"topic {i}" for i in range(40)], rows=800, skill=0.5)
    errors = forty.table("The most frequent errors")
    times = [int(row[2]) for row in errors[1:]]

    assert sizes(twenty.table("Confusion matrix")) == (21, {22})
    assert sizes(twenty.table("Each class")) == (21, {6})
    assert "Confusion matrix" not in forty.source
    assert sizes(errors) == (26, {3})
    assert times == sorted(times, reverse=True)
    assert forty.texts("p", id="about-answers") == [
        "The most frequent errors among 40 classes; the whole matrix is in metrics.json."
    ]


@pytest.mark.slow
def test_of_very_many_classes_the_weakest_are_shown(page):
    found = page(labels=[f"topic {i}" for i in range(210)], rows=2_000)

    assert sizes(found.table("Each class")) == (201, {6})
    assert "The 200 of 210 with the lowest F1; all of them are in metrics.json." in found.texts("p")


def test_several_labels_have_four_counts_each(make_metrics, make_history, tmp_path):
    metrics = make_metrics(labels=["war", "sea"], multi_label=True)
    metrics["test"]["confusion"] = [[[200, 30], [20, 150]], [[1, 2], [3, 4]]]
    metrics["worst_errors"][0] |= {"truth": [], "answer": ["war", "sea"], "probabilities": {"war": 0.9, "sea": 0.6}}
    found = report_of(metrics, make_history(), tmp_path)

    assert found.table("Right and wrong answers per label") == [
        ["label", "rightly given", "missed", "wrongly given", "rightly left out"],
        ["war", "150", "20", "30", "200"],
        ["sea", "4", "3", "2", "1"],
    ]
    assert "Answered war (0.900), sea (0.600); the truth is no label" in found.texts("p")


def worst(make_metrics, make_history, folder, text):
    """The first of the worst errors, when that is its text."""
    metrics = make_metrics()
    metrics["worst_errors"] = [
        {"text": text, "truth": ["pos"], "answer": ["neg"], "probabilities": {"pos": 0.125, "neg": 0.875}}
    ]
    return report_of(metrics, make_history(), folder)


def test_an_error_shows_text_truth_answer_and_both_probabilities(make_metrics, make_history, tmp_path):
    found = worst(make_metrics, make_history, tmp_path, "A joy,\nfrom start to end.")

    assert "Answered neg (0.875); the truth is pos (0.125)" in found.texts("p")
    assert found.all("div", dir="auto")[0]["text"] == "A joy,\nfrom start to end."


def test_a_long_text_is_unfolded_and_nothing_of_it_is_lost(make_metrics, make_history, tmp_path):
    text = " ".join(f"word{i}" for i in range(500))
    found = worst(make_metrics, make_history, tmp_path, text)
    beginning, rest = (each["text"] for each in found.all("div", dir="auto"))

    assert beginning.removesuffix("…") + rest.removeprefix("…") == text
    assert len(beginning) == 401
    assert f"The rest of the text ({len(text) - 400:,} characters)" in found.texts("summary")


def test_a_text_that_is_a_little_longer_is_not_cut(make_metrics, make_history, tmp_path):
    found = worst(make_metrics, make_history, tmp_path, "x" * 500)

    assert [each["text"] for each in found.all("div", dir="auto")] == ["x" * 500]
    assert "unfold" not in [each["attributes"].get("class") for each in found.all("details")]


def test_a_book_does_not_make_the_page_a_book(make_metrics, make_history, tmp_path):
    found = worst(make_metrics, make_history, tmp_path, "x" * 1_000_000)

    assert len(found.source) < 80_000
    assert "The rest of the text (999,600 characters)" in found.texts("summary")
    assert "980,000 more characters stand in predictions.parquet." in found.texts("p")


def test_an_empty_text_is_said_to_be_so(make_metrics, make_history, tmp_path):
    assert worst(make_metrics, make_history, tmp_path, "").texts("div", dir="auto") == ["(empty text)"]


def test_a_model_without_errors_has_none_to_show(make_metrics, make_history, tmp_path):
    metrics = make_metrics()
    metrics["worst_errors"] = []

    assert "Not one of its answers on the test part is wrong." in report_of(metrics, make_history(), tmp_path).texts(
        "p"
    )


def test_hostile_texts_are_inert(make_metrics, make_history, figures):
    metrics = make_metrics(
        labels=[HOSTILE, "pos"], name=HOSTILE, source=HOSTILE, texts=[HOSTILE, 20 * HOSTILE], notes=[HOSTILE]
    )
    metrics["verdict"]["headline"] = HOSTILE
    history = make_history()
    found = report_of(metrics, history, figures(metrics, history))

    assert all(each["attributes"] in ({}, data_of(each)) for each in found.all("script"))
    assert len([each for each in found.all("script") if not each["attributes"]]) == 2
    assert len(found.all("img")) == 2
    assert not any(name.startswith("on") for each in found.elements for name in each["attributes"])
    assert "\u202e" not in found.source
    assert found.texts("title") == [f"{SHOWN}: {SHOWN}"]
    assert found.texts("h1") == [SHOWN]
    assert SHOWN in found.texts("li")
    assert found.all("div", dir="auto")[0]["text"] == SHOWN


def test_the_data_is_told_in_numbers(page):
    found = page(notes=["2 rows were left out."], overlaps={"test": 1, "validation": 1_200})

    assert found.table("Parts of the data")[1:] == [
        ["train", "trained on", "reviews.csv", "400", "8,000", "5.0 %", "2", "3"],
        ["validation", "chose the best epoch", "reviews.csv", "400", "8,000", "5.0 %", "2", "3"],
        ["test", "judged on", "reviews.csv", "400", "8,000", "5.0 %", "2", "3"],
    ]
    told = found.texts("li")
    start = told.index("1 row of the test file stands in the training file too.")
    assert told[start : start + 4] == [
        "1 row of the test file stands in the training file too.",
        "1,200 rows of the validation file stand in the training file too.",
        "2 rows were left out.",
        f"SHA-256 over the texts and labels of reviews.csv: {'ab' * 32}",
    ]


def test_every_setting_is_shown_with_its_meaning(page):
    found = page()
    training = found.table("Settings: training")

    assert training[0] == ["setting", "value", "meaning"]
    assert ["schedule", "one-cycle"] in [row[:2] for row in training]
    assert all(row[2] for row in training)
