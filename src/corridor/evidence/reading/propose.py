"""Sentences into proposed claims: figures, who says them and through whom, when, where, and as what.

A proposal has the columns of claims.csv and the line and the sentence it comes from. It is graded F6,
"cannot be judged": grading is for a person, as is everything else. Nothing here touches a scenario.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corridor.evidence.reading.figures import Figure, find_figures
from corridor.evidence.reading.speakers import Attribution, attribution_of, find_attributions
from corridor.evidence.reading.text import Sentence
from corridor.scenario.model import Scenario
from corridor.scenario.records import CLAIMS

#: The columns of the output: those of claims.csv, then where it was found.
COLUMNS = (*CLAIMS.columns, "line", "sentence")
#: Sentences at the head of a report in which its date and its agency are looked for.
_HEAD_SENTENCES = 20

_DENIAL = re.compile(
    r"\b(?:denied|denies|deny|denying|rejected|rejects|dismissed|dismisses|refuted|refutes|no truth)\b", re.I
)
#: Behind a figure only the passive denies it: in "X said 9 had left; Y denied it" the figure is that of X.
_DENIED = re.compile(r"\b(?:was|were|been|is|are)\s+(?:\w+\s+)?(?:denied|rejected|dismissed|refuted)\b", re.I)
_ALLEGATION = re.compile(
    r"\b(?:alleged|alleges|allege|allegedly|claimed|claims|accused|accuses|unconfirmed|rumou?rs?|rumou?red|"
    r"reportedly|purported(?:ly)?|anonymous|anonymity|unnamed|unidentified|"
    r"not be (?:independently )?(?:confirmed|verified))\b",
    re.IGNORECASE,
)
_FORECAST = re.compile(
    r"\b(?:will|would|could(?! not)|(?-i:may)|might|expects?|expected|expecting|fears?|feared|warns?|warned|"
    r"plans?|planned|planning|preparing|prepares|projected|forecasts?|anticipat\w+|predict\w*|about to|"
    r"likely|within|is due|are due)\b",
    re.IGNORECASE,
)
_ESTIMATE = re.compile(
    r"\b(?:estimat\w+|believed?|believes|thought to|assess\w*|calculat\w+|reckon\w*|puts? (?:the|its|their)|"
    r"approximately)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[;:]|,?\s+(?:but|while|whereas|although)\s+|,\s+and\s+|\s+and\s+(?=(?:is|are|was|were|has|have|had|will|would|could|"
    r"may|might|warn\w*|fear\w*|expect\w*|said|add\w*)\b)",
    re.IGNORECASE,
)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTH_NAMES)})[a-z]{{0,6}}\.?"
_DATES = (
    re.compile(r"\b(?P<year>(?:19|20)\d{2})-(?P<monthno>\d{2})-(?P<day>\d{2})\b"),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>(?:19|20)\d{{2}})\b", re.IGNORECASE
    ),
    re.compile(
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d{{2}})\b", re.IGNORECASE
    ),
)
_DATELINE = re.compile(
    r"^[A-Z][A-Z' .-]{2,30}(?:,\s*[\w' .]{2,30}){0,3}\s*\((?P<agency>[A-Z][\w .-]{1,30})\)\s*[-–—]+\s*"
)
_TOPICS = (
    (
        "capacity of",
        re.compile(r"\b(?:capacity|room for|space for|accommodate|can hold|places for|shelter for)\b", re.I),
    ),
    (
        "population of",
        re.compile(r"\b(?:population|inhabitants|home to|people live|residents live|live in)\b", re.I),
    ),
    ("displaced", re.compile(r"\b(?:displace\w*|fle[de]\w*|uprooted|left their homes|flee\w*)\b", re.I)),
    ("killed", re.compile(r"\b(?:killed|deaths?|died|dead)\b", re.I)),
    ("trapped", re.compile(r"\b(?:trapped|besieged|stranded|prevented from leaving)\b", re.I)),
    ("fighters", re.compile(r"\b(?:fighters|militants|insurgents|gunmen|jihadists)\b", re.I)),
)
_FORMULA = re.compile(r"^[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A claim as read, for a person to accept, mend or strike."""

    said_on: dt.date | None
    about: str
    figure: Figure
    kind: str
    source: str
    carried_by: str
    line: int
    sentence: str


def propose_claims(
    sentences: Sequence[Sentence], *, scenario: Scenario | None = None, said_on: dt.date | None = None
) -> list[Proposal]:
    """Read the claims of a report.

    Parameters
    ----------
    sentences : sequence of Sentence
        Of one report, in order.
    scenario : Scenario, optional
        Its places are looked for, and ``about`` is written in its words.
    said_on : date, optional
        The day of the report; else the first full date near its head, else left open.

    Examples
    --------
    >>> found = propose_claims([Sentence("At least 60 people fled, the mayor told Reuters.", 3)])
    >>> [(p.figure.low, p.figure.high, p.figure.unit, p.source, p.carried_by, p.line) for p in found]
    [(60.0, None, 'people', 'mayor', 'Reuters', 3)]
    """
    head = sentences[:_HEAD_SENTENCES]
    day = said_on or next((date for s in head if (date := _find_date(s.text))), None)
    agency = next((match["agency"] for s in head if (match := _DATELINE.match(s.text))), "")
    places = _place_patterns(scenario) if scenario else []
    found: list[Proposal] = []
    last = Attribution("", "", 0, 0, closes=False)
    for sentence in sentences:
        text = _DATELINE.sub("", sentence.text)
        attributions = find_attributions(text)
        for figure in find_figures(text):
            said = attribution_of(attributions, figure.start, figure.end)
            if said and not said.who and last.who:
                said = Attribution(last.who, said.carrier or last.carrier, said.start, said.end, said.closes)
            source, carried_by = _chain(said, agency)
            about = _about(text, figure, places, day)
            kind = _kind(text, figure, said)
            found.append(Proposal(day, about, figure, kind, source, carried_by, sentence.line, sentence.text))
        last = next((a for a in reversed(attributions) if a.who), last)
    return found


def write_proposals(proposals: Iterable[Proposal], *, stem: str) -> str:
    """Return proposals as CSV: the columns of claims.csv, then line and sentence. Ids begin with ``stem``."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    numbers: dict[int, int] = {}
    for proposal in proposals:
        numbers[proposal.line] = numbers.get(proposal.line, 0) + 1
        figure = proposal.figure
        writer.writerow(
            {
                "id": f"{_slug(stem)}-{proposal.line}-{numbers[proposal.line]}",
                "said_on": proposal.said_on or "",
                "about": _as_text(proposal.about),
                "low": _plain(figure.low),
                "high": _plain(figure.high),
                "unit": figure.unit,
                "kind": proposal.kind,
                "source": _as_text(proposal.source),
                "carried_by": _as_text(proposal.carried_by),
                "reliability": "F",
                "credibility": "6",
                "note": "proposed by rule; read the sentence",
                "line": proposal.line,
                "sentence": _as_text(proposal.sentence),
            }
        )
    return written.getvalue()


def _chain(said: Attribution | None, agency: str) -> tuple[str, str]:
    """Return who says it and through whom; a report that names nobody speaks for its agency."""
    if said is None or not said.who:
        return agency, ""
    carriers = [
        carrier for carrier in (said.carrier, agency) if carrier and carrier.casefold() != said.who.casefold()
    ]
    return said.who, " > ".join(dict.fromkeys(carriers))


def _kind(sentence: str, figure: Figure, said: Attribution | None) -> str:
    """Return what kind of claim a figure is: allegations by sentence, forecasts and estimates by clause."""
    if _DENIAL.search(sentence[: figure.start]) or _DENIED.search(sentence[figure.end :]):
        return "denial"
    if _ALLEGATION.search(sentence):
        return "allegation"
    ends = [0, *(match.end() for match in _CLAUSE_END.finditer(sentence)), len(sentence)]
    begin = max(end for end in ends if end <= figure.start)
    stop = min(end for end in ends if end >= figure.end)
    clause = sentence[begin:stop]
    if said and said.start >= stop:
        clause += f" {sentence[said.start : said.end]}"
    if _FORECAST.search(clause):
        return "forecast"
    return "estimate" if _ESTIMATE.search(clause) else "observation"


def _find_date(sentence: str) -> dt.date | None:
    for pattern in _DATES:
        for match in pattern.finditer(sentence):
            parts = match.groupdict()
            month = (
                int(parts["monthno"])
                if parts.get("monthno")
                else _MONTH_NAMES.index(parts["month"].lower()) + 1
            )
            try:
                return dt.date(int(parts["year"]), month, int(parts["day"]))
            except ValueError:  # 31 June is no date; look further
                continue
    return None


_Places = list[tuple[str, re.Pattern[str]]]


def _place_patterns(scenario: Scenario) -> _Places:
    """Return each place with a pattern for its names: as it is, without brackets, in the local script."""
    found: _Places = []
    for place in sorted(scenario.places, key=lambda place: -len(place.name)):
        bare = re.sub(r"\s*\([^()]*\)", "", place.name)
        names = {place.name, bare, re.sub(r"\s+(?:camp|emergency site)$", "", bare), place.local_name}
        words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if len(name) > 2)
        found.append((place.name, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)))
    return found


def _about(sentence: str, figure: Figure, places: _Places, day: dt.date | None) -> str:
    """Return what a figure seems to be about: in the words of the grammar where that is plain."""
    place = _nearest_place(sentence, figure, places)
    topic = next((topic for topic, pattern in _TOPICS if pattern.search(sentence)), "")
    base = figure.unit.partition("/")[0]
    if base not in ("people", "families"):
        return f"{figure.unit} in {place}" if place else figure.unit
    if topic in ("capacity of", "population of"):
        return f"{topic} {place}" if place else topic.removesuffix(" of")
    if topic == "displaced" and not place and day and figure.unit == base:
        return f"displaced by {day}"
    words = {"": "people", "fighters": "fighters"}.get(topic, f"people {topic}")
    return f"{words} in {place}" if place else words


def _nearest_place(sentence: str, figure: Figure, places: _Places) -> str:
    nearest, least = "", len(sentence) + 1
    taken: list[tuple[int, int]] = []
    for name, pattern in places:  # the longest names first: "Khazer M1 camp" before "Khazer"
        for match in pattern.finditer(sentence):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            distance = max(figure.start - match.end(), match.start() - figure.end, 0)
            if distance < least:
                nearest, least = name, distance
    return nearest


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.15g}"


def _slug(stem: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-")[:40] or "report"


def _as_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text
