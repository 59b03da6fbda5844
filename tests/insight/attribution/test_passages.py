import pytest
import torch
from tests.insight.units.wired import encoding, random_model

from longshort.errors import DataError, SettingError
from longshort.insight.attribution.passages import reader_of
from longshort.insight.subject import Subject
from longshort.kinds.text.task import TextClassification
from longshort.networks import TextClassifierNetwork

TEXT = "Not bad, NOT  bad at all: nothing bad.<br />Bad"


def passage(text, kind="word", texts=None):
    known = encoding(kind, texts or [TEXT] * 2)
    model = random_model(0)
    task = TextClassification(known, model.task.settings)
    reader = type(reader_of(model))(
        Subject(task.build(), model.network.lstm, model.network.embedding, task.build(), task), task.build(), task
    )
    reader.subject.embedding.num_embeddings = known.vocabulary_size
    (made,), alone = reader.passages(text)
    assert alone
    return made


def test_tokens_as_they_stand_in_the_text():
    made = passage("Not bad, zorblax")

    assert made.tokens == ("Not", "bad", ",", "zorblax")
    assert made.known == (True, True, True, False)
    assert made.spaced == (False, True, False, True)
    assert len(made.ids) == len(made) == 4


def test_what_is_read_as_white_space_is_white_space():
    assert passage("bad<br />bad").spaced == (False, True)


@pytest.mark.parametrize("kind", ["word", "bpe", "unigram", "character"])
def test_a_phrase_is_found_whatever_the_tokens_are(kind):
    made = passage(TEXT, kind)
    found = ["".join(made.tokens[start:end]).replace(" ", "").lower() for start, end in made.find("not  Bad")]

    assert found == ["notbad"] * 2
    assert len(made.find("bad")) == 4
    assert made.find("thing") == made.find("no") == made.find(" ") == made.find("bad bad") == []


def test_one_that_is_not_there_is_an_error_that_names_the_nearest():
    with pytest.raises(DataError) as error:
        passage("Not bad at all").places("not bat")
    assert error.value.message == (
        "The phrase must occur in the text, beginning and ending where words do. 'not bat' does not."
    )
    assert error.value.hint == "Did you mean 'not bad'?"


def test_texts_ids_and_what_is_neither():
    reader = reader_of(random_model(0))
    made, alone = reader.passages(["film awful", "not"])
    by_ids, _ = reader.passages(made[0].ids.tolist())

    assert not alone
    assert [each.tokens for each in made] == [("film", "awful"), ("not",)]
    assert torch.equal(by_ids[0].ids, made[0].ids)
    assert by_ids[0].tokens == ("film", "awful")
    for given, got in (("", "''"), (["film", " "], "' '"), ([[]], "an empty one")):
        with pytest.raises(DataError, match=f"The text must hold at least one token. Got {got}."):
            reader.passages(given)


def test_a_network_without_its_classes_is_refused():
    network = random_model(0).network
    assert isinstance(network, TextClassifierNetwork)
    with pytest.raises(SettingError, match=r"a text classifier with its classes\. Got TextClassifierNetwork"):
        reader_of(network)
