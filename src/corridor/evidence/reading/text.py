"""A report file as sentences with line numbers: plain text, Markdown or HTML, in whatever encoding it came.

HTML goes through the parser of the standard library; scripts, styles and the like are left out, blocks part
sentences. Nothing is fetched and nothing is run. What cannot be a text (a PDF, a workbook, a huge file) is
a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from corridor.problems import InputError, Problem

#: Larger files are refused: no report is longer. Bytes.
LARGEST_REPORT_BYTES = 20_000_000
#: A sentence is cut here: what is longer is no sentence, and rules need not wade through it. Characters.
LONGEST_SENTENCE = 1_000

_HTML_SUFFIXES = (".html", ".htm", ".xhtml")
_MARKDOWN_SUFFIXES = (".md", ".markdown")
_BINARY_STARTS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a workbook or a document",
    b"\xd0\xcf\x11\xe0": "an Office file",
}
_UNSEEN = frozenset(
    {"script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea"}
)
_INLINE_TAGS = """
a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time u
var wbr
"""
_WITHIN_LINE = frozenset(_INLINE_TAGS.split())
#: Words whose full stop does not end a sentence, and single letters: U.N.
_ABBREVIATED = """
mr mrs ms dr prof gen lt col maj capt sgt brig st no nos vs e.g i.e approx ca est mt fig dept govt inc ltd
jan feb mar apr jun jul aug sep sept oct nov dec
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_SKIPPED = (
    (re.compile(r"<!--"), "-->"),
    (re.compile(r"<script\b", re.IGNORECASE), "</script"),
    (re.compile(r"<style\b", re.IGNORECASE), "</style"),
    (re.compile(r"<!\[|<\?"), ">"),
)
#: A tag may be this long; attributes that hold whole pictures are not read. Characters.
_UNCLOSED = re.compile(r"<(?![A-Za-z/!][^<>]{0,5000}>)")
_END = re.compile(r"[.!?؟।。][\"'”’)\]]*(?=\s+[\"'“‘(\[]?[^\sa-z])")
_LAST_WORD = re.compile(r"(\S{1,12})$")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•–]|\d{1,2}[.)])\s+")
_MARKDOWN_MARKS = (
    (re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,2000}\)"), r"\1"),
    (re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?)"), ""),
    (re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}"), ""),
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the line (from 1) on which it begins."""

    text: str
    line: int


def read_sentences(path: Path) -> list[Sentence]:
    """Read the sentences of a report.

    Raises
    ------
    InputError
        ``report-missing``, ``report-too-large``, ``report-not-text``.
    """
    if not path.is_file():
        raise InputError([Problem("report-missing", str(path), 0, 0, f"'{path}' is no file")])
    size = path.stat().st_size
    if size > LARGEST_REPORT_BYTES:
        message = f"'{path.name}' has {size:,} bytes; at most {LARGEST_REPORT_BYTES:,} are read"
        raise InputError(
            [Problem("report-too-large", str(path), 0, 0, message, "split it, or take the text alone")]
        )
    data = path.read_bytes()
    for start, what in _BINARY_STARTS.items():
        if data.startswith(start):
            hint = "save it as text, or copy the text into a .txt file"
            raise InputError([Problem("report-not-text", str(path), 0, 0, f"'{path.name}' is {what}", hint)])
    return list(sentences_of(decode(data), path.suffix.lower()))


def decode(data: bytes) -> str:
    """Return bytes as text whatever they are: by byte order mark, as UTF-16, UTF-8, else as Windows-1252."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    head = data[:2000]
    if len(head) > 3 and head[1::2].count(0) > 0.4 * len(head[1::2]):
        return data.decode("utf-16-le", errors="replace")
    if len(head) > 3 and head[::2].count(0) > 0.4 * len(head[::2]):
        return data.decode("utf-16-be", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def sentences_of(text: str, suffix: str = ".txt") -> Iterator[Sentence]:
    """Give the sentences of a text; ``suffix`` says how it is written (.html, .md, else plain)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if suffix in _HTML_SUFFIXES or (suffix == "" and re.match(r"\s*<(?:!doctype|html)", text, re.IGNORECASE)):
        lines = _html_lines(text)
    else:
        lines = list(enumerate(text.split("\n"), start=1))
        if suffix in _MARKDOWN_SUFFIXES:
            lines = [(number, _without_marks(line)) for number, line in lines]
    for paragraph in _paragraphs(lines):
        yield from _split(paragraph)


_Lines = list[tuple[int, str]]


class _Seen(HTMLParser):
    """Gathers what a reader of the page would see, as (line, text); a block begins with a blank line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[
            tuple[int, list[str]]
        ] = []  # line, what stands on it; no pieces: a block ends here
        self._hidden: list[str] = []

    @property
    def lines(self) -> _Lines:
        """What was seen so far."""
        return [(line, "".join(pieces)) for line, pieces in self._pieces]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._hidden.append(tag)
        elif tag not in _WITHIN_LINE:
            self._block()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _WITHIN_LINE and tag not in _UNSEEN:
            self._block()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
        elif tag not in _WITHIN_LINE:
            self._block()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        first = self.getpos()[0]
        for line, text in enumerate(data.split("\n"), start=first):
            if self._pieces and self._pieces[-1][1] and self._pieces[-1][0] == line:
                self._pieces[-1][1].append(text)
            elif text.strip():
                self._pieces.append((line, [text]))

    def _block(self) -> None:
        if not self._hidden and self._pieces and self._pieces[-1][1]:
            self._pieces.append((self.getpos()[0], []))


def _html_lines(text: str) -> _Lines:
    seen = _Seen()
    seen.feed(_tame(text))
    seen.close()
    return seen.lines


def _tame(text: str) -> str:
    """Return HTML without comments and scripts and without tags that never close, lines kept.

    The parser looks for the end of each such thing again and again: a page of unclosed ones would keep it
    busy for hours.
    """
    for start, end in _SKIPPED:
        text = _without_stretches(text, start, end)
    return _UNCLOSED.sub("&lt;", text)


def _without_stretches(text: str, start: re.Pattern[str], end: str) -> str:
    """Return a text without what lies from ``start`` to ``end`` or to its own end; line ends stay."""
    kept, at, small = [], 0, text.lower()
    while match := start.search(text, at):
        kept.append(text[at : match.start()])
        stop = small.find(end, match.end())
        stop = stop if stop < 0 or end.endswith(">") else small.find(">", stop)
        after = len(text) if stop < 0 else stop + (len(end) if end.endswith(">") else 1)
        kept.append("\n" * text.count("\n", match.start(), after))
        at = after
    kept.append(text[at:])
    return "".join(kept)


def _without_marks(line: str) -> str:
    for pattern, kept in _MARKDOWN_MARKS:
        line = pattern.sub(kept, line)
    return "" if re.fullmatch(r"[\s|:=-]+", line) else line


def _paragraphs(lines: _Lines) -> Iterator[_Lines]:
    """Give runs of lines without a blank one; a list item begins a run of its own."""
    run: _Lines = []
    for number, line in lines:
        item = _LIST_ITEM.match(line)
        if run and (not line.strip() or item):
            yield run
            run = []
        if line.strip():
            run.append((number, line[item.end() :] if item else line))
    if run:
        yield run


def _split(paragraph: _Lines) -> Iterator[Sentence]:
    starts: list[tuple[int, int]] = []  # character in the joined text, line
    parts: list[str] = []
    length = 0
    for number, line in paragraph:
        starts.append((length, number))
        part = " ".join(line.split())
        parts.append(part)
        length += len(part) + 1
    text, begin, at = " ".join(parts), 0, 0
    for end in (*_ends(text), len(text)):
        sentence = text[begin:end].strip()
        while at + 1 < len(starts) and starts[at + 1][0] <= begin:
            at += 1
        if sentence:
            yield Sentence(sentence[:LONGEST_SENTENCE], starts[at][1])
        begin = end + 1


def _ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        before = _LAST_WORD.search(text, max(0, match.start() - 12), match.start())
        word = before[1].casefold().lstrip("(\"'“‘") if before else ""
        if text[match.start()] == "." and (
            word in _ABBREVIATIONS or re.fullmatch(r"(?:[a-z]\.)*[a-z]", word)
        ):
            continue
        yield match.end()
