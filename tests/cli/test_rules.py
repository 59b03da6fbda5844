from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from longshort.cli import rules


class Kinds(BaseModel):
    at_least: Annotated[int, Field(ge=1)]
    between: Annotated[int, Field(ge=1, le=65_536)]
    half_open: Annotated[float, Field(ge=0, lt=1)]
    above: Annotated[float, Field(gt=0, le=0.5)]
    huge: Annotated[int, Field(ge=0, lt=2**63)]
    choice: Literal["a", "b"]
    single: Literal["a"] | None
    optional: Annotated[int, Field(ge=1)] | None
    text: str
    optional_text: Annotated[str, Field(min_length=1)] | None
    several: tuple[str, ...] | None
    free: float


@pytest.mark.parametrize(
    ("field", "words", "metavar", "may_be_none"),
    [
        ("at_least", "a whole number of at least 1", "N", False),
        ("between", "a whole number from 1 to 65,536", "N", False),
        ("half_open", "a number of at least 0 and below 1", "X", False),
        ("above", "a number above 0 and at most 0.5", "X", False),
        ("huge", "a whole number of at least 0 and below 2^63", "N", False),
        ("choice", "one of a, b", "[a|b]", False),
        ("single", 'a or "none"', "[a|none]", True),
        ("optional", 'a whole number of at least 1 or "none"', "N", True),
        ("text", "a text", "TEXT", False),
        ("optional_text", "a text of at least 1 character", "TEXT", False),
        ("several", 'a list with commas or "none"', "LIST", True),
        ("free", "a number", "X", False),
    ],
)
def test_a_schema_in_words(field, words, metavar, may_be_none):
    schema = Kinds.model_json_schema()["properties"][field]

    assert rules.rule(schema) == words
    assert rules.metavar(schema) == metavar
    assert rules.may_be_none(schema) is may_be_none
    assert rules.is_list(schema) is (field == "several")


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("between", "from 1 to 65,536"),
        ("half_open", "at least 0 and below 1"),
        ("above", "above 0 and at most 0.5"),
        ("optional", "at least 1 or none"),
        ("choice", ""),
        ("optional_text", ""),
        ("several", ""),
        ("free", ""),
    ],
)
def test_the_bounds_of_a_number_alone(field, words):
    assert rules.bounds(Kinds.model_json_schema()["properties"][field]) == words
