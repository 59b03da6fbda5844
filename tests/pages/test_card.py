import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markupsafe import Markup

from longshort.config import TextRunSettings
from longshort.data import EncodingStatistics
from longshort.pages.card import escape, model_card

# An outside reader of Markdown; rich brings it along.
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = "<script>alert(1)</script> | `x` *b* [a](b) \u202egnol # ~~no~~ &lt; $1$ \\"
INERT = r"\<script\>alert(1)\</script\> \| \`x\` \*b\* \[a\](b) \\u202egnol \# \~\~no\~\~ \&lt; \$1\$ " + "\\\\"


def section(card, title):
    """The text below a heading, to the next one."""
    return re.search(rf"^## {title}\n\n(.*?)\n*(?=^## |\Z)", card, re.M | re.S)[1]


def table(card, title, number=0):
    """The rows of a table below a heading, as a Markdown reader sees them: the texts of the cells."""
    found = MARKDOWN.render(section(card, title)).split("<table>")[1 + number].split("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", found, re.S)
    return [[html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in rows]


@pytest.mark.parametrize("text", [HOSTILE, "plain", "a\nb\t c", "1. x_y_z", "<!-- -->", "https://x.y/_a_", ""])
def test_an_escaped_text_is_read_as_it_was_written(text):
    shown = html.unescape(MARKDOWN.renderInline(escape(text)))

    assert shown == " ".join(text.replace("\u202e", "\\u202e").split())


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Cf", "Z"]) | st.sampled_from(r" \`*_[]()<>|&#$~!:;-")))
def test_any_escaped_text_is_read_as_it_was_written(text):
    assert html.unescape(MARKDOWN.renderInline(escape(text))) == " ".join(text.split())


def test_only_plain_texts_are_escaped():
    safe = Markup("*")

    assert escape(safe) is safe
    assert escape(0.5) == 0.5


def test_the_card_begins_with_the_verdict(metrics):
    metrics["verdict"] = {
        "headline": "Accuracy 0.895 on 400 test examples: better than the rest.",
        "findings": [
            {"kind": "better", "level": "good", "sentence": "It is better.", "advice": ""},
            {"kind": "unsure", "level": "note", "sentence": "It is not sure.", "advice": "Rank only."},
        ],
    }

    assert model_card(metrics).startswith(
        """---
library_name: longshort
pipeline_tag: text-classification
tags: [lstm]
---

# reviews-1

**Accuracy 0.895 on 400 test examples: better than the rest.**

- good: It is better.
- note: It is not sure. To try: Rank only.

## What it is

An LSTM for text classification, trained on reviews.csv with longshort 0.1.0,
2025-03-01 14:05, in 2 min 31 s. It gives a text one of 2 labels: 'neg' and 'pos'.

It has 1,234,567 weights, a vocabulary of 8,000 tokens, and is the model of epoch 1 of 4.

## Use
"""
    )


def test_the_card_says_why_training_ended_early(make_metrics):
    assert section(model_card(make_metrics(ended="patience")), "What it is").endswith(
        "and is the model of epoch 1 of 4 (training ended because the validation loss no longer fell)."
    )


def test_the_results_stand_beside_those_of_the_baselines(metrics):
    fixed = {"accuracy": 0.9, "accuracy_interval": [0.88, 0.92], "loss": 0.25, "macro_f1": 0.89, "roc_auc": None}
    metrics["test"] |= fixed | {"calibration_error": 0.02, "roc_auc_reason": "There is one class only."}
    better = "better than it: +40.0 points (+35.0 to +45.0)"
    metrics["baselines"] = {
        "majority class": metrics["test"]
        | {"accuracy": 0.5}
        | {"comparison": {"outcome": "better", "difference": 0.4, "interval": [0.35, 0.45]}}
    }
    metrics["train"] |= {"accuracy": 0.95, "loss": 0.125}
    card = model_card(metrics)

    assert table(card, "Results") == [
        ["", "accuracy", "95 % interval", "loss (nats)", "macro F1", "ROC-AUC", "calibration error", "the model is"],
        ["this model", "0.900", "0.880 to 0.920", "0.250", "0.890", "–", "0.020", ""],
        ["majority class", "0.500", "0.880 to 0.920", "0.250", "0.890", "–", "0.020", better],
    ]
    assert "\nThere is one class only.\n" in card
    assert "On the texts that it was trained on, its accuracy is 0.950 and its loss 0.125.\n" in card


def test_each_class_has_its_line(make_metrics):
    metrics = make_metrics(labels=["bad", "so so", "good"])
    rows = table(model_card(metrics), "Results", 1)

    assert rows[0] == ["class", "precision", "recall", "F1", "texts"]
    assert rows[1:] == [
        [one["label"], *(f"{one[key]:.3f}" for key in ("precision", "recall", "f1")), str(one["support"])]
        for one in metrics["test"]["classes"]
    ]


def test_of_many_classes_the_weakest_thirty_are_shown(make_metrics):
    metrics = make_metrics(labels=[f"topic {i}" for i in range(40)], rows=800)
    card = model_card(metrics)
    weakest = min(metrics["test"]["classes"], key=lambda each: each["f1"])["label"]

    assert len(table(card, "Results", 1)) == 31
    assert table(card, "Results", 1)[1][0] == weakest
    assert "These are the 30 with the lowest F1; report.html has 10 more.\n" in card
    assert "any of" not in section(card, "What it is")
    assert section(card, "What it is").count("topic") == 5


def test_the_limits_follow_from_the_numbers(make_metrics):
    statistics = EncodingStatistics(texts=400, tokens=10_000, unknown_tokens=300, truncated_tokens=2_000)
    metrics = make_metrics(statistics=statistics, settings=TextRunSettings.from_flat({"max_tokens": 20}))
    metrics["test"] |= {"accuracy": 0.9, "accuracy_interval": [0.867, 0.926], "calibration_error": 0.034}
    metrics["test"]["classes"][1] |= {"f1": 0.1, "support": 1}

    assert section(model_card(metrics), "Limits").splitlines() == [
        "- It has seen 400 texts of reviews.csv and nothing else: how it does in another language, on another subject, "
        "or on texts of another kind or time has not been measured.",
        "- It answers each text with one of 2 labels, also a text that fits none of them, one in another language, and "
        "an empty one.",
        "- Do not let it decide about people, for example in hiring, credit, health, law or moderation without appeal: "
        "whether it treats groups of people alike has not been measured.",
        "- 40 of its 400 answers on the test part were wrong; on more texts of the same kind, expect 7.4 % to 13.3 % "
        "(95 % interval).",
        "- It is weakest on 'pos': F1 0.100 on 1 text.",
        "- Its probabilities are estimates: confidence and accuracy differ by 3.4 points on average (expected "
        "calibration error).",
        "- Its training texts have 20 tokens on average; how its accuracy depends on the length of a text, very short "
        "ones above all, has not been measured.",
        "- 3.0 % of the tokens of the test part are not among the 8,000 of its vocabulary; to the model, all of these "
        "are the same token.",
        "- It reads only the first 20 tokens of a text.",
    ]


def test_a_part_that_chose_the_epoch_is_said_to_flatter(make_metrics):
    flatters = (
        "- The part that it was judged on also chose the best epoch, so these results are a little better than those "
        "on new data would be."
    )
    on_validation, on_test = (model_card(make_metrics(judged_on=part)) for part in ("validation", "test"))

    assert flatters in section(on_validation, "Limits").splitlines()
    assert "On the validation part, 400 texts that were not trained on" in on_validation
    assert flatters not in on_test


def test_a_class_that_was_not_met_is_named_as_unknown(make_metrics):
    metrics = make_metrics(labels=["a", "b", "c"])
    metrics["test"]["classes"][0] |= {"support": 0, "f1": 0.0}
    limits = section(model_card(metrics), "Limits")

    assert "- The test part has no text of 'a': nothing is known about these answers." in limits.splitlines()
    assert "weakest on 'a'" not in limits


def test_with_several_labels_the_card_says_what_right_means(make_metrics):
    card = model_card(make_metrics(labels=["war", "love", "sea"], multi_label=True))

    assert "It gives a text any of 3 labels, or none: 'war', 'love' and 'sea'.\n" in card
    assert "\nAn answer counts as right when all labels of the text are right.\n" in card
    assert table(card, "Results", 1)[0][0] == "label"
    assert (
        "- It knows 3 labels; a text that has nothing to do with them may get some all the same."
        in section(card, "Limits").splitlines()
    )


def test_the_data_is_told_in_numbers(make_metrics):
    card = model_card(make_metrics(notes=["2 rows were left out."], overlaps={"test": 1, "validation": 1_200}))
    counts = table(card, "Data", 1)

    assert table(card, "Data") == [
        ["part", "for", "source", "rows", "tokens", "unknown tokens", "empty texts", "truncated texts"],
        ["train", "trained on", "reviews.csv", "400", "8,000", "5.0 %", "2", "3"],
        ["validation", "chose the best epoch", "reviews.csv", "400", "8,000", "5.0 %", "2", "3"],
        ["test", "judged on", "reviews.csv", "400", "8,000", "5.0 %", "2", "3"],
    ]
    assert counts[0] == ["rows of class", "train", "validation", "test"]
    assert [row[0] for row in counts[1:]] == ["neg", "pos"]
    assert sum(int(row[1]) for row in counts[1:]) == 400
    assert section(card, "Data").splitlines()[-4:] == [
        "- 1 row of the test file stands in the training file too.",
        "- 1,200 rows of the validation file stand in the training file too.",
        "- 2 rows were left out.",
        f"- SHA-256 over the texts and labels of reviews.csv: {'ab' * 32}",
    ]


def test_every_setting_is_in_the_card(metrics):
    card = model_card(metrics)
    found = [row for number in range(4) for row in table(card, "Settings", number)[1:]]

    assert [name for name, _ in found] == [f"<code>{name}</code>" for name in TextRunSettings().flat()]
    assert dict(found)["<code>learning_rate</code>"] == "0.003"


def test_hostile_names_are_inert(make_metrics):
    card = model_card(make_metrics(labels=[HOSTILE, "pos"], name=HOSTILE, source=HOSTILE, notes=[HOSTILE]))
    page = MARKDOWN.render(card.split("---\n", 2)[2])

    assert card.count(INERT) == card.count("script") / 2 >= 8
    assert set(re.findall(r"<(\w+)", page)) == {
        *("h1", "h2", "p", "strong", "ul", "li", "pre", "code", "table", "thead", "tbody", "tr", "th", "td")
    }
    assert table(card, "Results", 1)[1][0] == HOSTILE.replace("\u202e", "\\u202e")


def test_every_line_of_a_table_has_as_many_cells_as_its_head(make_metrics):
    card = model_card(make_metrics(labels=["a|b", "c\nd", "e"], source="x|y.csv"))

    for lines in re.findall(r"(?:^\|.*\n)+", card, re.M):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in lines.splitlines()}
        assert len(cells) == 1, lines
