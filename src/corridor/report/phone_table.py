"""Tables that a phone shows without scrolling sideways: each row becomes a block, each cell with its heading.

The style sheet does the turning; here each cell learns its heading, and each part its role, which a browser
would otherwise forget when the parts of a table are no longer laid out as one.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

_ROLES = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}


def stacking(table: Element) -> Element:
    """Mark a table so that it is stacked on a narrow screen, and return it.

    Its head is one row of ``th``, each told by its ``data-label`` or else its words and unit; each other row
    begins with a ``th`` and has a cell for each further column.
    """
    heads = [_heading(cell) for cell in table.findall("thead/tr/th")]
    for part in table.iter():
        if part.tag in _ROLES:
            part.set("role", _ROLES[part.tag])
        elif part.tag == "th":
            part.set("role", "columnheader" if part.get("scope") == "col" else "rowheader")
    for row in table.findall("tbody/tr"):
        for head, cell in zip(heads[1:], row.findall("td"), strict=False):
            cell.set("data-label", head)
    table.set("class", f"{table.get('class', '')} stacks".strip())
    return table


def _heading(cell: Element) -> str:
    words, unit = cell.text or "", cell.findtext("small") or ""
    return cell.get("data-label") or (f"{words}, {unit}" if unit else words)
