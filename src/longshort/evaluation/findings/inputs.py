"""Findings about the data: what leaks, what is missing, what is rare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from longshort.evaluation.facts import Facts, Finding, TrainingFacts
from longshort.evaluation.words import count, percent

__all__ = [
    "duplicates",
    "empty_texts",
    "imbalance",
    "judged_on_validation",
    "repeated",
    "truncated",
    "unequal",
    "unknown_tokens",
]

# One row in a hundred can raise the accuracy by a point, as much as many improvements claim.
LEAKING = 0.01
# With a tenth of copies an interval is about a twentieth too narrow where they are taken for independent.
REPEATED = 0.1
# Three quarters of one class, or ten times the smallest: accuracy then hides what happens to the others.
LARGEST_SHARE = 0.75
LARGEST_TO_SMALLEST = 10
# Accuracy this much above macro F1 shows that the imbalance has reached the answers.
HIDDEN = 0.10
# Every tenth word unread: the test split is in another language, or of another kind.
MANY_UNKNOWN = 0.10
MUCH_TRUNCATED = 0.05
MANY_EMPTY = 0.01

_SAME = {"row": "text"}
"""What copies are copies of, if it is not a row of the file."""
_CHOSEN = "the best epoch was chosen with the help of examples that the model has seen."


def duplicates(facts: TrainingFacts) -> Iterator[Finding]:
    """The same example in the training file and in a file that is held against it."""
    for part, rows in facts.duplicates.items():
        if rows:
            judged = part == facts.judged_on
            many = facts.examples is None or rows >= LEAKING * facts.examples
            seen = f"the model has seen part of what it is tested on, and {facts.flattered}."
            yield Finding(
                kind="leaking",
                level="bad" if judged and many else "warning",
                sentence=f"{count(rows, facts.row)} of the given {part} file also {'stands' if rows == 1 else 'stand'} "
                f"in the training file: {seen if judged else _CHOSEN}",
                advice=f"Remove these {facts.row}s from the training file, or give one file and let it be split: the "
                f"same {_SAME.get(facts.row, facts.row)} then never stands on both sides.",
            )


def repeated(facts: Facts) -> Iterator[Finding]:
    """Many test examples are copies of others."""
    examples = facts.test.examples
    if facts.different is None or examples - facts.different < REPEATED * examples:
        return
    yield Finding(
        kind="repeated",
        level="note",
        sentence=f"{facts.different:,} of the {count(examples, f'{facts.judged_on} example')} "
        f"{'is' if facts.different == 1 else 'are'} different; the others are copies of these. The intervals and the "
        "comparisons count copies as one piece of evidence.",
    )


def judged_on_validation(facts: TrainingFacts) -> Iterator[Finding]:
    """The rows that chose the best epoch are also those that the model is evaluated on."""
    if facts.judged_on == "validation":
        flattered = facts.flattered.replace(" is too ", " is a little too ")
        yield Finding(
            kind="judged on validation",
            level="warning",
            sentence="There is no test split: it was judged on the validation split, which chose the best epoch, "
            f"so {flattered}.",
            advice="Hold out a test split (test_share above 0), or give a test file.",
        )


def imbalance(facts: Facts) -> Iterator[Finding]:
    """One class outweighs the others in training."""
    present = [each for each in facts.train_counts if each]
    if len(present) < 2 or facts.test.multi_label or not unequal(present):
        return
    share = max(present) / sum(present)
    largest, smallest = facts.train_counts.index(max(present)), facts.train_counts.index(min(present))
    test = facts.test
    yield Finding(
        kind="imbalance",
        level="warning" if test.accuracy - test.macro_f1 >= HIDDEN else "note",
        sentence=f"The classes are unequal: {test.labels[largest]!r} is {percent(share)} of the training split, "
        f"{test.labels[smallest]!r} {percent(min(present) / sum(present))}. The accuracy is {test.accuracy:.3f}, the "
        f"macro F1 {test.macro_f1:.3f}.",
        advice="Look at the macro F1 rather than the accuracy"
        + ("." if facts.class_weights else ', and weigh the classes (class_weights="balanced").'),
    )


def unequal(counts: Sequence[int]) -> bool:
    """Whether one class so outweighs the others that accuracy hides what happens to them."""
    present = [each for each in counts if each]
    return bool(present) and max(present) >= min(LARGEST_SHARE * sum(present), LARGEST_TO_SMALLEST * min(present))


def unknown_tokens(facts: Facts) -> Iterator[Finding]:
    """Many tokens that the vocabulary does not have."""
    if facts.unknown_share is not None and facts.unknown_share > MANY_UNKNOWN:
        yield Finding(
            kind="unknown tokens",
            level="warning",
            sentence=f"The vocabulary does not know {percent(facts.unknown_share)} of the test split's tokens: "
            "the model cannot read them.",
            advice='Use pieces of words (tokenizer="bpe"), a larger vocabulary_limit or a smaller minimum_count.',
        )


def truncated(facts: Facts) -> Iterator[Finding]:
    """Much of the text was cut off."""
    if facts.truncated_share is not None and facts.truncated_share > MUCH_TRUNCATED:
        yield Finding(
            kind="truncated",
            level="note",
            sentence=f"{percent(facts.truncated_share)} of all tokens were cut off by max_tokens and never read.",
            advice="Raise max_tokens, or leave it out: nothing is padded, so a text costs no more than its length.",
        )


def empty_texts(facts: Facts) -> Iterator[Finding]:
    """Texts without a token, which all get the same answer."""
    if not facts.empty_texts:
        return
    counted = (facts.train_counts, facts.validation_counts if facts.judged_on == "test" else ())
    total = sum(map(sum, counted)) + facts.test.examples
    yield Finding(
        kind="empty texts",
        level="warning" if facts.empty_texts > MANY_EMPTY * total else "note",
        sentence=f"{count(facts.empty_texts, 'text is', 'texts are')} empty; all empty texts get the same answer.",
        advice="Check that the right text column was read.",
    )
