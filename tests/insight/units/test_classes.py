import pytest
from tests.insight.units.wired import encoding

from longshort.insight.units.classes import TOKEN_CLASSES, Writing, class_table, token_texts

TEXT = 'He said: "It isn\'t\nbad, 7 times never!" Zürich'


def members(found):
    texts = token_texts(found)
    return {name: {texts[i] for i in table.nonzero()[0]} for name, table in class_table(found).items()}


def test_the_classes_of_words():
    found = members(encoding("word", [TEXT]))

    assert found == {
        "negation": {"isn't", "never"},
        "quote": {'"'},
        "digit": {"7"},
        "punctuation": {":", '"', ",", "!"},
        "unknown": {"[UNK]"},
    }


def test_characters_have_line_ends_and_capitals():
    found = members(encoding("character", [TEXT]))

    assert found["line-end"] == {"\n"}
    assert found["capital"] == {"H", "I", "Z"}
    assert "[UNK]" not in found["capital"] | found["punctuation"]


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_pieces_are_read_as_text(kind):
    known = encoding(kind, [TEXT] * 3)
    found = members(known)

    assert "\n" in found["line-end"]
    assert "7" in {piece.strip() for piece in found["digit"]}
    assert "unknown" not in found


@pytest.mark.parametrize("kind", ["word", "character", "bpe", "unigram"])
def test_tokens_are_as_they_are_written(kind):
    known = encoding(kind, [TEXT] * 3)
    text = TEXT.replace("times", "zq")
    writing = Writing(known)
    tokens = writing.tokens(text, known.encode([text])[0])

    assert len(tokens) == len(known.encode([text])[0])
    if kind == "word":
        assert (tokens[0], tokens[-1], writing.between) == ("He", "Zürich", " ")
    elif kind == "character":
        assert writing.between.join(tokens) == text
    else:
        shown = writing.between.join(tokens)  # ü is two bytes, which may be two tokens
        assert shown.replace("\ufffd" * 2, "ü") == text


def test_apostrophes_of_all_kinds_negate():
    assert TOKEN_CLASSES["negation"]("Don’t")
    assert TOKEN_CLASSES["negation"](" not")
    assert not TOKEN_CLASSES["negation"]("nothingness")
