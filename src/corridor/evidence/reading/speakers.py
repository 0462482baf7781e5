"""Who says it in a sentence, and through whom it comes.

Finds "X said", "according to X", "X told Y", "X, quoted by Y, said", "Y, citing X, reported" and their
like. A figure belongs to the attribution that closes its clause (", X said."), else to the last one before
it. Names are taken as they stand, without an article in front.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SAY = (
    r"said|says|say|told|tells|reported|reports|warned|warns|warn|estimated|estimates|estimate|claimed|claims|claim|"
    r"alleged|alleges|allege|accused|accuses|accuse|denied|denies|deny|rejected|rejects|reject|dismissed|dismisses|"
    r"refuted|announced|announces|added|adds|confirmed|confirms|stated|states|noted|notes|found|finds|expects|expect|"
    r"predicted|predicts|believes|believe|acknowledged|insisted|wrote|tweeted|declared|counted|recorded|"
    r"puts? (?:the|its|their)"
)
_CITE = r"quoting|citing|cited|quoted|quotes|cites"
_NAME = r"[^,.;:\"“”()]{2,80}?"
_MEDIUM = (
    r"(?:agency|television|tv|radio|newspaper|broadcaster|daily|channel|station|magazine|news|website|press)"
)
_STOP = r"(?=,|\.|;|:|\"|”|$|\s+(?:that|as saying|said|says|on condition|in an? |in its|by telephone)\b)"

_ACCORDING = re.compile(rf"\baccording to\s+(?P<who>{_NAME}){_STOP}", re.IGNORECASE)
_SOURCE_NOTE = re.compile(r"[(\[]\s*sources?:\s*(?P<who>[^()\[\]]{2,80})[)\]]", re.IGNORECASE)
_CARRIER_CITES = re.compile(
    rf"(?:^|[,;]\s*|[\"”]\s*)(?P<carrier>[^,.;:\"“”]{{2,60}}?)(?:\s+(?:{_SAY}))?,?\s+(?:{_CITE})\s+(?P<who>{_NAME}){_STOP}",
    re.IGNORECASE,
)
_QUOTED_BY = re.compile(
    rf"(?:^|[,;]\s*|[\"”]\s*)(?P<who>[^,.;:\"“”]{{2,80}}?),?\s+(?:who was\s+)?(?:quoted|cited)\s+by\s+"
    rf"(?P<carrier>{_NAME}){_STOP}",
    re.IGNORECASE,
)
_CARRIED_BY = re.compile(
    rf"\b(?:statement|interview|comments?|remarks|report|figures?|message)\s+(?:\w+\s+)?(?:carried|published|aired|"
    rf"broadcast|released|distributed|reported)\s+(?:by|on|in)\s+(?P<carrier>{_NAME}){_STOP}",
    re.IGNORECASE,
)
_INTERVIEW = re.compile(rf"\binterview with\s+(?P<carrier>{_NAME}){_STOP}", re.IGNORECASE)
_SAYS = re.compile(rf"\b(?P<verb>{_SAY})\b(?P<told>\s+(?P<heard>{_NAME}){_STOP})?", re.IGNORECASE)
_NOT_ACTIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being|an|the|to|has been|have been|of|their|its|his|her|some|these|"
    r"no|and)\s*$",
    re.IGNORECASE,
)
_CLAUSE_START = re.compile(
    r"[,;:\"“”]|\b(?:that|but|while|although|though|because|whereas|and)\s", re.IGNORECASE
)
_APPOSITION = re.compile(
    r"^(?:an?|the|which|who|whose|one of|based|head of|citing|quoting|quoted|cited)\b", re.IGNORECASE
)
_VERBAL = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|could|may|might|can|must|should|be|been|said|fled|left|killed)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"^(?:he|she|they|it|we|i|who|which|this|that|there|also|has|have|had|later|then)\b", re.IGNORECASE
)
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_LEAD_IN = re.compile(
    r"^(?:(?:on|in|at|by|since|after)\s+[^,]{2,30},\s*|meanwhile\s+|also\s+|however\s+)", re.IGNORECASE
)
_NO_CARRIER = re.compile(
    r"^(?:reporters|journalists|the press|the media|lawmakers|parliament|the council|us|them|him|her|me|"
    r"people|residents|aid workers|the security council|a news conference)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who speaks ("" for a pronoun), through whom, and which stretch of the sentence says so."""

    who: str
    carrier: str
    start: int
    end: int
    closes: bool  # it closes the clause before it: ", X said."


def find_attributions(sentence: str) -> list[Attribution]:
    """Return the attributions of a sentence in their order.

    >>> [(a.who, a.carrier) for a in find_attributions("The camp is full, its manager told Reuters.")]
    [('its manager', 'Reuters')]
    """
    taken: list[Attribution] = []
    for attribution in (*_by_citing(sentence), *_by_according(sentence), *_by_saying(sentence)):
        if not any(attribution.start < other.end and other.start < attribution.end for other in taken):
            taken.append(attribution)
    general = next((m["carrier"] for p in (_CARRIED_BY, _INTERVIEW) if (m := p.search(sentence))), "")
    found = sorted(taken, key=lambda attribution: attribution.start)
    return [Attribution(_clean(a.who), _clean(a.carrier or general), a.start, a.end, a.closes) for a in found]


def attribution_of(attributions: list[Attribution], start: int, end: int) -> Attribution | None:
    """Return the attribution to which a figure between two characters of the sentence belongs."""
    after = [attribution for attribution in attributions if attribution.start >= end]
    before = [attribution for attribution in attributions if attribution.end <= start]
    if after and after[0].closes:
        return after[0]
    opening = [attribution for attribution in before if not attribution.closes]
    if opening:
        return opening[-1]
    around = [a for a in attributions if a.start < end and start < a.end]
    return next(iter((*around, *before[-1:], *after[:1])), None)


def _by_citing(sentence: str) -> Iterator[Attribution]:
    for pattern in (_QUOTED_BY, _CARRIER_CITES):
        for match in pattern.finditer(sentence):
            who, carrier = match["who"], match["carrier"]
            if _PRONOUN.match(who.strip()) or len(carrier.split()) > 8 or len(who.split()) > 12:
                continue
            verb = _SAYS.match(sentence, match.end()) or re.match(
                rf"[,\s]*(?:as saying|{_SAY})?\b", sentence[match.end() :], re.IGNORECASE
            )
            reach = match.end() + (verb.end() if verb and verb.re is not _SAYS else 0)
            yield Attribution(who, carrier, match.start(), reach, closes=False)


def _by_according(sentence: str) -> Iterator[Attribution]:
    for match in _SOURCE_NOTE.finditer(sentence):
        yield Attribution(match["who"], "", match.start(), match.end(), closes=True)
    for match in _ACCORDING.finditer(sentence):
        is_first = not sentence[: match.start()].strip(' "“')
        yield Attribution(match["who"], "", match.start(), match.end(), closes=not is_first)


def _by_saying(sentence: str) -> Iterator[Attribution]:
    previous = ""
    for match in _SAYS.finditer(sentence):
        before = sentence[: match.start()]
        joined = re.search(r"\band\s+(?:also\s+)?$", before, re.IGNORECASE)
        if joined and previous:
            yield Attribution(previous, "", match.start(), match.end("verb"), closes=False)
            continue
        if _NOT_ACTIVE.search(before):
            continue
        who, start = _subject(before)
        if who is None:
            continue
        previous = who
        carrier, end = _hearer(match)
        after = sentence[end:].lstrip()
        has_before = bool(sentence[:start].strip(' "“,')) and sentence[:start].rstrip()[-1:] in ',"”'
        closes = has_before and _ends_clause(after)
        yield Attribution(who, carrier, start, end, closes)


def _ends_clause(after: str) -> bool:
    return (
        not after
        or after[0] in '.,;"”)'
        or bool(re.match(r"(?:on|in|at|by|late|early)\s+[^,.]{2,40}[.,]?$|(?:on|in)\s+\w+", after))
    )


def _hearer(match: re.Match[str]) -> tuple[str, int]:
    """Return the medium that was told, "" for none, and where the attribution ends."""
    if match["verb"].lower() not in ("told", "tells") or not match["heard"]:
        return "", match.end("verb")
    heard = match["heard"].strip()
    if _NO_CARRIER.match(heard):
        return "", match.end("heard")
    is_medium = heard[:1].isupper() or re.search(rf"\b{_MEDIUM}\b", heard, re.IGNORECASE)
    return (heard, match.end("heard")) if is_medium else ("", match.end("verb"))


def _subject(before: str) -> tuple[str | None, int]:
    """Return the subject that ends where the verb begins, "" for a pronoun, None for no subject."""
    starts = [match.end() for match in _CLAUSE_START.finditer(before)]
    begin = starts[-1] if starts else 0
    segment = before[begin:].strip()
    if not segment or _APPOSITION.match(segment):
        head = _before_apposition(before, begin)
        if head is not None:
            return head
    if not segment:
        return None, begin
    if _PRONOUN.match(segment):
        return "", begin
    lead = _LEAD_IN.match(segment)
    segment = segment[lead.end() :] if lead else segment
    words = segment.split()
    if len(words) > 10 or _VERBAL.search(segment):
        return None, begin
    return segment, begin


def _before_apposition(before: str, begin: int) -> tuple[str, int] | None:
    """Return "The Observatory" of "The Observatory, a monitoring group," where that opens the sentence."""
    head, comma, _ = before[:begin].partition(",")
    is_head = comma and head.strip() and not _VERBAL.search(head) and len(head.split()) <= 8
    if not is_head or re.match(r"(?:in|on|at|after|by|since|with|from|for)\b", head.strip(), re.IGNORECASE):
        return None
    between = before[len(head) + 1 : begin]
    if between.count(",") > 1 or re.search(r"\d", head):
        return None
    return head.strip(' "“'), 0


def _clean(name: str) -> str:
    return _ARTICLE.sub("", " ".join(name.split()).strip(" ,\"“”'"))
