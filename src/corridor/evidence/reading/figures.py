"""Figures in a sentence: numbers and words for numbers, ranges, bounds and units, with their place in it.

"Between 4,000 and 8,000 fighters", "up to 1.2 million people", "tens of thousands", "some 300 families",
"at least three months". Only what has a unit that a ledger can use is given: people, families, a day's
flow, tents, plots, dollars, percent, days to months, kilometres. Ages, dates, times and numbered things are
passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS: dict[str, float] = {
    **{word: float(value) for value, word in enumerate(_ONES.split())},
    **{word: 10.0 * value for value, word in enumerate(_TENS.split(), start=2)},
}
_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "m": 1e6,
    "mn": 1e6,
    "bn": 1e9,
    "k": 1e3,
}
#: Vague words, as the range they are read as. Conventions of this reader: docs/evidence.md.
_VAGUE = {
    "dozens": (24.0, 100.0),
    "scores": (40.0, 100.0),
    "hundreds": (200.0, 1e3),
    "thousands": (2e3, 1e4),
    "tens of thousands": (2e4, 1e5),
    "hundreds of thousands": (2e5, 1e6),
    "millions": (2e6, 1e7),
    "several hundred": (300.0, 900.0),
    "several thousand": (3e3, 9e3),
    "a few hundred": (200.0, 500.0),
    "a few thousand": (2e3, 5e3),
    "few hundred": (200.0, 500.0),
    "few thousand": (2e3, 5e3),
    "a dozen": (12.0, 12.0),
    "several dozen": (36.0, 100.0),
    "half a million": (5e5, 5e5),
    "a million": (1e6, 1e6),
    "a thousand": (1e3, 1e3),
    "a hundred": (100.0, 100.0),
}
_DIGITS = r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_SCALE = r"(?:hundred|thousand|million|billion|mn|bn|m|k)"
_SPELT = rf"(?:{_WORD})(?:-(?:{_WORD}))?(?:\s+and\s+a\s+half)?"
_NUMBER = rf"(?:(?:{_DIGITS})(?:\s?{_SCALE}\b)?|(?:{_SPELT})\b(?:\s+{_SCALE}\b)*)"
_VAGUE_WORDS = "|".join(sorted((re.escape(word) for word in _VAGUE), key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?<![\w#.,:/-])(?P<money>(?:US)?\$\s?|€\s?|USD\s)?(?:(?P<first>{_NUMBER})"
    rf"(?:\s?(?P<between>to|and|or|-|–|—)\s?\$?(?P<second>{_NUMBER}))?|(?P<vague>(?:{_VAGUE_WORDS})\b))",
    re.IGNORECASE,
)
_LOWER_BOUND = re.compile(
    r"(?:(?<!no )(?<!not )more than|over|at least|(?:no|not) (?:fewer|less) than|a minimum of|upwards of|"
    r"in excess of|above|exceeding|exceeds|exceeded)\s*(?:an estimated|some|about)?\s*$",
    re.IGNORECASE,
)
_UPPER_BOUND = re.compile(
    r"(?:up to|as many as|as much as|at most|(?:no|not) more than|(?<!no )(?<!not )(?:fewer|less) than|under|"
    r"a maximum of|within|below)\s*(?:the next|some|about|an estimated)?\s*$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?:between|from|anywhere from)\s*(?:about|some|around)?\s*$", re.IGNORECASE)
_OR_MORE = re.compile(r"\s+or more\b", re.IGNORECASE)

_PEOPLE = (
    "people|persons?|individuals|civilians|residents|inhabitants|refugees|displaced|idps|fighters|militants|soldiers|troops|"
    "men|women|children|police|policemen|prisoners|detainees|returnees|students|insurgents|rebels|jihadists|gunmen|"
    "evacuees|migrants|lives|iraqis|syrians|newcomers|arrivals|workers|patients|adults|girls|boys|villagers|"
    "civilian deaths|deaths|casualties|wounded|injured|dead"
)
_UNITS: tuple[tuple[str, str], ...] = (
    ("families", r"families|households|family"),
    ("people", _PEOPLE),
    ("tents", r"(?:family )?tents"),
    ("plots", r"(?:family )?plots"),
    ("percent", r"per ?cent|percent|%"),
    ("days", r"days?"),
    ("weeks", r"weeks?"),
    ("months", r"months?"),
    ("years", r"years?"),
    ("km", r"km|kms|kilomet(?:re|er)s?"),
    ("miles", r"miles?"),
    ("USD", r"(?:US )?dollars"),
)
_UNIT_AFTER = re.compile(
    r"(?:\s*-?\s*(?P<percent>%))|(?:[\s-]+(?:of\s+)?(?:(?:its|their|his|her|the)\s+)?(?:[a-z][\w'-]{1,15}\s+){0,2}?(?:"
    + "|".join(f"(?P<u{number}>{words})" for number, (_, words) in enumerate(_UNITS))
    + r")\b)",
    re.IGNORECASE,
)
#: Words that part a number from a noun that is not its own.
_NOT_BETWEEN = re.compile(
    r"\b(?:and|or|but|in|on|at|by|to|for|from|with|who|that|which|is|are|was|were|has|have|had|will|would|could|after|"
    r"before|when|while|near|into|as|against|among|between|since|until)\b",
    re.IGNORECASE,
)
_PER_DAY = re.compile(r"[\w\s]{0,12}?\s*(?:a|per|each|every)\s+day\b|/day|\s+daily\b", re.IGNORECASE)
#: Where the noun stands before the number: "the population ... at 30,000", "the number of fighters at 3,500".
_UNIT_BEFORE = re.compile(rf"\b(?:population|number of (?:{_PEOPLE})|toll)\b[^.;]{{0,80}}$", re.IGNORECASE)
_FAMILIES_BEFORE = re.compile(r"\bnumber of (?:families|households)\b[^.;]{0,80}$", re.IGNORECASE)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_PASSED_OVER_AFTER = re.compile(
    rf"-year-olds?\b|\s+years? old\b|:\d|(?:st|nd|rd|th)\b|\s+{_MONTH}(?:\s+\d{{4}})?\b|[/-]\d|"
    r"\s*(?:am|pm|a\.m|p\.m)\b|\s?(?:mm|cm)\b",
    re.IGNORECASE,
)
_PASSED_OVER_BEFORE = re.compile(
    rf"(?:#|\bno\.|\bnumber|\bunder|\baged?|\bphase|\bpage|\bresolution|\bupdate|\barticle|\b{_MONTH})\s*$",
    re.IGNORECASE,
)
_PERIOD = re.compile(r"\b(?:past|last|previous|preceding|first)\s*$", re.IGNORECASE)
_DURATIONS = frozenset({"days", "weeks", "months", "years"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity in a sentence: what is said, and from which character to which."""

    low: float | None
    high: float | None
    unit: str
    start: int
    end: int


def find_figures(sentence: str) -> list[Figure]:
    """Return the figures of a sentence in their order.

    >>> [(f.low, f.high, f.unit) for f in find_figures("Up to 1.2 million people, or 200,000 families.")]
    [(None, 1200000.0, 'people'), (200000.0, 200000.0, 'families')]
    """
    found: list[Figure] = []
    for match in _FIGURE.finditer(sentence):
        figure = _figure(sentence, match)
        if figure:
            found.append(figure)
    return _without_repeats(found, sentence)


def _without_repeats(figures: list[Figure], sentence: str) -> list[Figure]:
    """Give a bare number the unit of the figure before it: "60 people came and up to 90 could follow"."""
    kept: list[Figure] = []
    for figure in figures:
        if figure.unit == "?":
            before = next((other for other in reversed(kept) if other.unit in ("people", "families")), None)
            is_bounded = figure.low is None or figure.high is None
            follows = re.match(
                r"\s+(?:could|will|would|may|might|were|had|have|are)\b", sentence[figure.end :]
            )
            if before is None or not follows or not (is_bounded or (figure.high or 0) >= 100):
                continue
            figure = Figure(figure.low, figure.high, before.unit, figure.start, figure.end)
        kept.append(figure)
    return kept


def _figure(sentence: str, match: re.Match[str]) -> Figure | None:
    before, after = sentence[max(0, match.start() - 100) : match.start()], sentence[match.end() :][:100]
    if _PASSED_OVER_AFTER.match(after) or _PASSED_OVER_BEFORE.search(before):
        return None
    ends = _numbers(match, before)
    more = _OR_MORE.match(after)
    after = after[more.end() :] if more else after
    unit, length = ("USD", 0) if match["money"] else _unit(after, before)
    if not unit or (unit in _DURATIONS and (_PERIOD.search(before) or _is_age(after))):
        return None
    low, high = _bounded(*ends, before, is_more=bool(more or _OR_MORE.match(after[length:])))
    return Figure(low, high, unit, match.start(), match.end() + (more.end() if more else 0) + length)


def _is_age(after: str) -> bool:
    return bool(re.match(r"[\s-]+years?[\s-]+old", after, re.IGNORECASE))


def _numbers(match: re.Match[str], before: str) -> tuple[float, float]:
    if match["vague"]:
        return _VAGUE[" ".join(match["vague"].lower().split())]
    first, scale = _number(match["first"])
    if not match["second"]:
        return first, first
    second, second_scale = _number(match["second"])
    if match["between"].lower() == "and" and not _BETWEEN.search(before):
        return first, first
    if scale == 1.0 and second_scale > 1.0 and first < second / second_scale:
        first *= second_scale
    return (first, second) if first <= second else (first, first)


def _number(text: str) -> tuple[float, float]:
    """Return a number and the scale word behind it (1 for none)."""
    words = text.lower().split()
    scale = 1.0
    tail = re.search(r"(?<=\d)(m|mn|bn|k)$", text.lower())
    if tail:
        scale, words = _SCALES[tail[1]], [text.lower()[: tail.start()]]
    while words and words[-1] in _SCALES:
        scale *= _SCALES[words.pop()]
    body = " ".join(words)
    if re.match(r"\d", body):
        return float(re.sub(r"[,\s]", "", body)) * scale, scale
    half = 0.5 if body.endswith("and a half") else 0.0
    total = sum(
        _WORDS[word]
        for word in re.split(r"[\s-]+", body.removesuffix("and a half").strip())
        if word in _WORDS
    )
    return (total + half) * scale, scale


def _unit(after: str, before: str) -> tuple[str, int]:
    """Return the unit of a number and how far it reaches behind it; "?" for a number without one."""
    match = _UNIT_AFTER.match(after)
    if match and not _NOT_BETWEEN.search(_between(match)):
        unit = (
            "percent"
            if match["percent"]
            else next(name for number, (name, _) in enumerate(_UNITS) if match[f"u{number}"])
        )
        per_day = _PER_DAY.match(after[match.end() :]) if unit in ("people", "families") else None
        return (f"{unit}/day", match.end() + per_day.end()) if per_day else (unit, match.end())
    if _FAMILIES_BEFORE.search(before):
        return "families", 0
    if _UNIT_BEFORE.search(before):
        return "people", 0
    return "?", 0


def _between(match: re.Match[str]) -> str:
    """Return the words between a number and its noun."""
    number = next((at for at in range(len(_UNITS)) if match[f"u{at}"]), None)
    return "" if number is None else match[0][: match.start(f"u{number}") - match.start()]


def _bounded(low: float, high: float, before: str, *, is_more: bool) -> tuple[float | None, float | None]:
    if low == high:
        if _UPPER_BOUND.search(before):
            return None, high
        if _LOWER_BOUND.search(before) or is_more:
            return low, None
    return low, high
