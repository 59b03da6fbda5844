"""A part of a report: what it is called, and the function that builds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from jinja2 import Environment
from markupsafe import Markup

from longshort.errors import LongshortError
from longshort.evaluation.words import points
from longshort.pages import view as pages
from longshort.pages.chart import figure_html

__all__ = [
    "Built",
    "Missing",
    "Section",
    "build",
    "render",
    "templates",
]

Subject = TypeVar("Subject")


class Missing(Exception):
    """What a section shows cannot be known for this run; the message is the sentence that stands in its place."""


@dataclass(frozen=True)
class Section(Generic[Subject]):
    """One part of a report, made from what the report is about: the evidence of a run, or of two.

    Args:
        anchor: its place in the page, after the #.
        title: its heading; in the list of sections too.
        build: makes its HTML, without the heading. It may raise `Missing`, or any error of longshort: the reader is
            given the reason why there is nothing to see.
    """

    anchor: str
    title: str
    build: Callable[[Subject], Markup]


@dataclass(frozen=True)
class Built:
    """A section that is done; `failure` is what went wrong in it where nothing should have."""

    anchor: str
    title: str
    body: Markup
    failure: str = ""


def build(sections: Iterable[Section[Subject]], subject: Subject) -> list[Built]:
    """Build each section; one that cannot be built says so in a sentence."""
    return [_build(section, subject) for section in sections]


def _build(section: Section[Subject], subject: Subject) -> Built:
    try:
        return Built(section.anchor, section.title, section.build(subject))
    except Missing as reason:
        return Built(section.anchor, section.title, _said(str(reason)))
    except LongshortError as error:
        return Built(section.anchor, section.title, _said(error.message))
    except Exception as error:
        # A run of hours must not be lost to the drawing of one section: the failure is reported, on the page and to
        # whoever had it made.
        failure = f"{type(error).__name__}: {error}"
        return Built(section.anchor, section.title, _said(f"This part could not be made: {failure}."), failure)


def _said(sentence: str) -> Markup:
    return Markup('<p class="missing">{}</p>').format(pages.visible(sentence))


@cache
def templates() -> Environment:
    """The templates of the report, with what they all use; each is compiled once."""
    found = pages.environment(autoescape=True, finalize=pages.visible)
    found.filters |= {"points": points, "signed": "{:+.4f}".format}
    found.globals |= {"figure": figure_html}
    return found


def render(name: str, **values: object) -> Markup:
    """Fill in a template.

    Args:
        name: of a template of the pages, such as "settings"; or that of a room of a kind, such as "kinds/text/units".
        values: what the template uses.
    """
    room, _, template = name.rpartition("/")
    return Markup(templates().get_template(f"{room or 'pages'}/templates/{template}.html.j2").render(**values))
