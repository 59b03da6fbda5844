"""Drawings as SVG: shapes and words at places, escaped, with a text that says the same to those who do not see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, final
from xml.etree import ElementTree

from longshort.figures.style import INK

__all__ = ["Drawing", "Point"]

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

FONT = "'DejaVu Sans', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

_SUBSCRIPT = re.compile(r"_\{([^}]*)\}")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@final
class Drawing:
    """A picture of a fixed size, drawn from back to front.

    Args:
        width: of the picture, in its own units; it scales to any size.
        height: of the picture.
        title: what it is, in a few words.
        description: what it shows, numbers included, for those who do not see it.
    """

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        box = {"viewBox": f"0 0 {_number(width)} {_number(height)}", "width": _number(width), "height": _number(height)}
        named = {"role": "img", "aria-labelledby": "title description", "font-family": FONT}
        self._root = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **box, **named})
        for tag, identity, words in (("title", "title", title), ("desc", "description", description)):
            ElementTree.SubElement(self._root, tag, {"id": identity}).text = _printable(words)
        self.rectangle((0, 0), width, height, fill="white")

    def rectangle(self, corner: Point, width: float, height: float, **style: str | float) -> None:
        """From its upper left corner; `style` as for every shape: SVG's own attributes, with _ for -."""
        place = {"x": corner[0], "y": corner[1], "width": max(width, 0.0), "height": max(height, 0.0)}
        self._add("rect", {**place, **style})

    def circle(self, centre: Point, radius: float, **style: str | float) -> None:
        """Around its centre."""
        self._add("circle", {"cx": centre[0], "cy": centre[1], "r": radius, **style})

    def line(self, *points: Point, **style: str | float) -> None:
        """From point to point."""
        where = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._add("polyline", {"points": where, "fill": "none", "stroke": INK, **style})

    def path(self, description: str, **style: str | float) -> None:
        """Any outline, in SVG's path language."""
        self._add("path", {"d": description, **style})

    def text(
        self,
        place: Point,
        words: str,
        *,
        size: float = 13,
        anchor: Anchor = "start",
        bold: bool = False,
        subscripts: bool = False,
        turned: float = 0,
        **style: str | float,
    ) -> None:
        """One line of words.

        Args:
            place: where the line starts, has its middle or ends.
            words: any text; as it is, unless `subscripts` is set.
            size: of the font.
            anchor: which part of the line is at the place.
            bold: heavier.
            subscripts: whether "c_{t}" is c with a small t.
            turned: degrees, clockwise around the place.
            style: further attributes.
        """
        attributes: dict[str, str | float] = {"x": place[0], "y": place[1], "font_size": size, "fill": INK, **style}
        if anchor != "start":
            attributes["text_anchor"] = anchor
        if bold:
            attributes["font_weight"] = "bold"
        if turned:
            attributes["transform"] = f"rotate({_number(turned)} {_number(place[0])} {_number(place[1])})"
        element = self._add("text", attributes)
        if subscripts:
            _write_math(element, _printable(words), size)
        else:
            element.text = _printable(words)

    def to_string(self) -> str:
        """The whole drawing, as the text of a file or a part of an HTML page."""
        return ElementTree.tostring(self._root, encoding="unicode") + "\n"

    def _add(self, tag: str, attributes: Mapping[str, str | float]) -> ElementTree.Element:
        named = {
            name.replace("_", "-"): each if isinstance(each, str) else _number(each)
            for name, each in attributes.items()
        }
        return ElementTree.SubElement(self._root, tag, named)


def _write_math(element: ElementTree.Element, words: str, size: float) -> None:
    """The parts of a line, those in _{} smaller and lower; the line continues at its own height after them."""
    parts, drop = _SUBSCRIPT.split(words), 0.28 * size
    element.text = parts[0]
    for place, part in enumerate(parts[1:], start=1):
        if not part:
            continue
        low = place % 2 == 1
        moved = {"dy": _number(drop if low else -drop)} | ({"font-size": _number(0.75 * size)} if low else {})
        ElementTree.SubElement(element, "tspan", moved).text = part


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _printable(words: str) -> str:
    """Without the characters that XML cannot hold, even escaped."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", words)
