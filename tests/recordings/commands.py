"""What is recorded of each kind: command lines, and what the Python interface answers."""

from __future__ import annotations

__all__ = ["COMMANDS", "EVERYWHERE", "RUNS"]

TEXT = ["--epochs", "2", "--hidden-size", "6", "--embedding-size", "8", "--pretraining-epochs", "1"]
WAVES = ["--epochs", "3", "--hidden-size", "4", "--filters", "4", "--members", "2"]
MONTHS = ["--epochs", "2", "--hidden-size", "4", "--horizon", "4"]

# The first is the run that the others are about.
RUNS: dict[str, list[str]] = {
    "text": ["train", "reviews.csv", "--text", "review", "--label", "sentiment", "--name", "text", *TEXT],
    "tags": ["train", "tagged.jsonl", "--name", "tags", *TEXT],
    "classes": ["train", "waves_TRAIN.ts", "--test", "waves_TEST.ts", "--name", "classes", *WAVES],
    "table": ["train", "steps.csv", "--task", "sequence-classification", "--name", "table", *WAVES],
    "numbers": ["train", "heights_TRAIN.ts", "--test", "heights_TEST.ts", "--name", "numbers", *WAVES],
    "months": ["train", "months.csv", "--task", "forecast", "--name", "months", *MONTHS],
    "shops": [
        *("train", "shops.csv", "--task", "forecast", "--series", "shop", "--known", "price", "--name", "shops"),
        *MONTHS,
    ],
}

COMMANDS: dict[str, list[list[str]]] = {
    "text": [
        ["train", "reviews.csv", "--label", "sentiment", "--name", "second", "--json", *TEXT],
        ["train", "--help"],
        ["train", "reviews.csv", "--text", "none", *TEXT],
        ["train", "reviews.csv", "--hiden-size", "3"],
        ["train", "reviews.csv", "--tokenizer", "words"],
        ["train", "reviews.csv", "--preset", "dmeo"],
        ["train", "missing.csv"],
        ["train"],
        ["train", "reviews.csv", "--force"],
        ["train", "reviews.csv", "--test-share", "0", "--validation-share", "0"],
        ["train", "--resume", "runs/text"],
        ["predict", "runs/text", "a good film", "a bad one"],
        ["predict", "runs/text", "a good film", "--json"],
        ["predict", "runs/text", "--file", "more.csv", "--text", "review"],
        ["predict", "runs/text", "--file", "lines.txt"],
        ["predict", "runs/text", "x", "--file", "lines.txt"],
        ["predict", "runs/txet", "x"],
        ["evaluate", "runs/text", "more.csv"],
        ["evaluate", "runs/text", "more.csv", "--json"],
        ["evaluate", "runs/text", "reviews.csv", "--label", "nothing"],
        ["cross-validate", "reviews.csv", "--folds", "2", "--label", "sentiment", *TEXT],
        ["cross-validate", "reviews.csv", "--folds", "2", "--label", "sentiment", "--json", *TEXT],
        ["cross-validate", "reviews.csv", "--folds", "1"],
        ["tune", "reviews.csv", "--label", "sentiment", "--trials", "2", *TEXT],
        ["tune", "reviews.csv", "--label", "sentiment", "--trials", "3", *TEXT],
        ["tune", "reviews.csv", "--validation-share", "0", "--label", "sentiment", *TEXT],
        ["explain", "runs/text", "a good film"],
        ["explain", "runs/text", "a good film", "--json"],
        ["explain", "runs/text"],
        ["explain", "runs/text", "--file", "x.ts"],
        ["trace", "runs/text", "a good film"],
        ["trace", "runs/text", "a good film", "--unit", "1", "--step", "good"],
        ["units", "runs/text", "--top", "4"],
        ["memory", "runs/text", "--examples", "4"],
        ["forecast", "runs/text"],
        ["report", "runs/text"],
        ["report", "runs/text", "--against", "runs/second"],
    ],
    "tags": [
        ["predict", "runs/tags", "a good film", "a bad one", "--json"],
        ["predict", "runs/tags", "a good film"],
        ["evaluate", "runs/tags", "tagged.jsonl"],
        ["cross-validate", "tagged.jsonl", "--folds", "2", *TEXT],
    ],
    "classes": [
        ["train", "--task", "sequence-classification", "--help"],
        ["train", "waves_TRAIN.ts", "--preset", "demo"],
        ["train", "waves_TRAIN.ts", "--pretraining-epochs", "2"],
        ["predict", "runs/classes", "--file", "waves_TEST.ts"],
        ["predict", "runs/classes", "--file", "waves_TEST.ts", "--json"],
        ["predict", "runs/classes", "a text"],
        ["predict", "runs/classes"],
        ["evaluate", "runs/classes", "waves_TEST.ts"],
        ["evaluate", "runs/classes", "waves_TRAIN.ts", "--json"],
        ["cross-validate", "waves_TRAIN.ts", "--folds", "2", *WAVES],
        ["tune", "waves_TRAIN.ts", "--trials", "2", *WAVES],
        ["explain", "runs/classes", "--file", "waves_TEST.ts", "--row", "2"],
        ["explain", "runs/classes", "--file", "waves_TEST.ts", "--phrase", "x"],
        ["explain", "runs/classes", "a text"],
        ["trace", "runs/classes", "--file", "waves_TEST.ts", "--row", "2"],
        ["trace", "runs/classes", "--file", "waves_TEST.ts", "--row", "99"],
        ["units", "runs/classes"],
        ["report", "runs/classes"],
    ],
    "table": [["evaluate", "runs/table", "steps.csv"], ["predict", "runs/table", "--file", "steps.csv"]],
    "numbers": [
        ["train", "--task", "sequence-regression", "--help"],
        ["predict", "runs/numbers", "--file", "heights_TEST.ts"],
        ["predict", "runs/numbers", "--file", "heights_TEST.ts", "--json"],
        ["evaluate", "runs/numbers", "heights_TEST.ts"],
        ["evaluate", "runs/numbers", "waves_TEST.ts"],
        ["cross-validate", "heights_TRAIN.ts", "--folds", "2", *WAVES],
        ["tune", "heights_TRAIN.ts", "--trials", "2", *WAVES],
        ["explain", "runs/numbers", "--file", "heights_TEST.ts"],
        ["report", "runs/numbers", "--against", "runs/numbers"],
        ["report", "runs/numbers"],
    ],
    "months": [
        ["train", "--task", "forecast", "--help"],
        ["train", "months.csv", "--task", "forcast"],
        ["train", "months.csv", "--task", "forecast", "--test", "months.csv"],
        ["forecast", "runs/months"],
        ["forecast", "runs/months", "--json"],
        ["forecast", "runs/months", "--horizon", "9"],
        ["forecast", "runs/months", "months.csv", "--csv"],
        ["predict", "runs/months", "x"],
        ["explain", "runs/months", "x"],
        ["memory", "runs/months"],
        ["evaluate", "runs/months", "months.csv"],
        ["evaluate", "runs/months", "months.csv", "--json"],
        ["cross-validate", "months.csv", "--task", "forecast", "--folds", "2", *MONTHS],
        ["tune", "months.csv", "--task", "forecast", "--trials", "2", *MONTHS],
        ["report", "runs/months"],
    ],
    "shops": [["forecast", "runs/shops", "--csv"], ["evaluate", "runs/shops", "shops.csv"]],
}

EVERYWHERE = [["runs"], ["runs", "--json"]]
"""What is asked last, of each kind."""
