"""HTML and SVG as trees of elements, so that every text from a scenario is escaped by construction."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None


def element(tag: str, *children: Child, **attributes: str | float | None) -> Element:
    """Return an element; ``class_`` becomes class, ``stroke_width`` stroke-width, None is left out.

    >>> to_html(element("p", "3 < 4", element("b", "!"), class_="x"))
    '<p class="x">3 &lt; 4<b>!</b></p>'
    """
    named = {
        key.rstrip("_").replace("_", "-"): _text(value)
        for key, value in attributes.items()
        if value is not None
    }
    made = Element(tag, named)
    extend(made, children)
    return made


def extend(parent: Element, children: Iterable[Child]) -> None:
    """Append elements and texts to an element, in order."""
    for child in children:
        if isinstance(child, Element):
            parent.append(child)
        elif child and len(parent):
            parent[-1].tail = (parent[-1].tail or "") + child
        elif child:
            parent.text = (parent.text or "") + child


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return value
    short = f"{value:.1f}"
    return short[:-2] if short.endswith(".0") else short


def to_html(root: Element) -> str:
    """Return an element as HTML text."""
    return tostring(root, encoding="unicode", method="html")
