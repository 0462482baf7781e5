"""Wrong scenarios as text files: edits to the tiny scenario in `base`, and the exact words they must bring.

A file of `wrong` holds cases. A case is a line ``=== what is wrong``, edits, a line ``---`` and the expected
text. An edit is ``file: old -> new`` (the first occurrence), ``file + a line`` (at the end),
``file = the text`` (of a new file too, also in a folder below: a what-if), ``file delete``,
``file encode a-codec``, ``file bytes how-many`` or ``load what``.
In texts a line end, a tab and any character can be written as in Python: backslash and n, t or x20.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
BASE = HERE / "base"
WRONG = HERE / "wrong"

_EDIT = re.compile(r"(?P<file>\S+?)(?P<verb>:| \+| =| delete| encode| bytes| load)(?: (?P<rest>.*))?")


@dataclass(frozen=True)
class Case:
    """One wrong scenario."""

    name: str
    edits: tuple[str, ...]
    expected: str


def read_cases(path: Path) -> list[Case]:
    """Read the cases of one file."""
    blocks = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [_read_case(path.stem, block) for block in blocks]


def _read_case(code: str, block: str) -> Case:
    head, _, expected = block.partition("\n---\n")
    title, *edits = head.split("\n")
    return Case(f"{code}: {title}", tuple(edits), expected.strip("\n"))


def write_cases(path: Path, cases: list[Case]) -> None:
    """Write the cases of one file, as `read_cases` reads them."""
    blocks = []
    for case in cases:
        title = case.name.removeprefix(f"{path.stem}: ")
        blocks.append("\n".join([f"=== {title}", *case.edits, "---", case.expected, ""]))
    path.write_text("\n".join(blocks), encoding="utf-8")


def build(case: Case, folder: Path) -> Path:
    """Make the wrong scenario in ``folder`` and return what is to be loaded."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    to_load = folder
    for edit in case.edits:
        if edit.startswith("load "):
            to_load = folder / edit.removeprefix("load ")
        else:
            _apply(edit, folder)
    return to_load


def _apply(edit: str, folder: Path) -> None:
    match = _EDIT.fullmatch(edit)
    assert match, f"not an edit: {edit}"
    path, verb, rest = folder / match["file"], match["verb"].strip(), _unescape(match["rest"] or "")
    if verb == "delete":
        path.unlink()
    elif verb == "bytes":
        with path.open("r+b") as file:
            file.truncate(int(rest))
    elif verb == "encode":
        path.write_bytes(path.read_text(encoding="utf-8").encode(rest))
    elif verb == "=":
        path.parent.mkdir(exist_ok=True)
        path.write_text(rest, encoding="utf-8", newline="")
    elif verb == "+":
        path.write_text(path.read_text(encoding="utf-8") + rest + "\n", encoding="utf-8", newline="")
    else:
        old, _, new = rest.partition(" -> ")
        text = path.read_text(encoding="utf-8")
        assert old in text, f"'{old}' is not in {path.name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def _unescape(text: str) -> str:
    text = text.replace("\\n", "\n").replace("\\t", "\t")
    return re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), text)
