"""The model card of a scenario or a forecast: what it is for, what it rests on, how good it was, its misuse.

The headings are those of OCHA's peer review framework for predictive analytics; the figures are the
scenario's own. A card comes out as Markdown or as a page; what a scenario says is escaped in both. Numbers
below ten people are masked unless small numbers are wanted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.forecast import Forecast
from corridor.ensemble.sample import quantile
from corridor.report.flee_words import optional_rules_in_words
from corridor.report.markup import element, to_html
from corridor.report.texts import ENGLISH, Texts
from corridor.scenario.model import Scenario, Value
from corridor.verify.bands import CountScores, score_counts

#: Places named in a sentence.
_MOST_NAMED = 5


@dataclass(frozen=True)
class CardTable:
    """A table: its header, and rows of text."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = str | tuple[str, ...] | CardTable  # a paragraph, a list, a table


@dataclass(frozen=True)
class CardSection:
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Card:
    """A model card."""

    title: str
    lead: str
    sections: tuple[CardSection, ...]


def make_card(subject: Scenario | Forecast, *, texts: Texts = ENGLISH) -> Card:
    """Return the card of a scenario, or of a forecast with its counts scored."""
    from corridor import __version__

    forecast = subject if isinstance(subject, Forecast) else None
    scenario = subject.scenario if isinstance(subject, Forecast) else subject
    told = ""
    if forecast is not None:
        told = texts.card_lead_forecast.format(members=forecast.n_members, seed=forecast.seed)
    version = forecast.version if forecast is not None else __version__
    maker = _Maker(scenario, forecast, texts)
    return Card(
        texts.card_title.format(title=scenario.title),
        texts.card_lead.format(version=version, name=scenario.name, forecast=told),
        (
            CardSection(texts.card_purpose, tuple(maker.purpose())),
            CardSection(texts.card_owners, tuple(maker.owners())),
            CardSection(texts.card_data, tuple(maker.data())),
            CardSection(texts.card_method, tuple(maker.method())),
            CardSection(texts.card_performance, tuple(maker.performance())),
            CardSection(texts.card_limits, (tuple(maker.limits()),)),
            CardSection(texts.card_ethics, (tuple(maker.ethics()),)),
            CardSection(texts.must_not_head, (texts.must_not, texts.card_must_not_list)),
        ),
    )


class _Maker:
    """The sections of one card."""

    def __init__(self, scenario: Scenario, forecast: Forecast | None, texts: Texts) -> None:
        self.scenario, self.forecast, self.texts = scenario, forecast, texts
        self.known_until = forecast.known_until if forecast is not None else scenario.issue_date

    def purpose(self) -> Iterator[Block]:
        """What it is for, and what this scenario is about."""
        yield self.texts.card_purpose_text
        if self.scenario.description:
            yield self.scenario.description
        if self.scenario.what_if is not None:
            yield self.texts.card_what_if.format(base=self.scenario.what_if.extends[-1])
            yield self.scenario.what_if.changes

    def owners(self) -> Iterator[Block]:
        """Who answers for it, and where things come from."""
        yield self.texts.card_owners_text
        template = self.texts.card_provenance
        if self.scenario.provenance:
            yield tuple(
                template.format(what=what.replace("_", " "), where=where)
                for what, where in self.scenario.provenance.items()
            )

    # --- data -------------------------------------------------------------------------------------
    def data(self) -> Iterator[Block]:
        """What it rests on, in numbers."""
        texts, scenario = self.texts, self.scenario
        days = texts.card_dates.format(
            issue=texts.full_date(scenario.issue_date),
            horizon=texts.full_date(scenario.horizon),
            days=scenario.n_days,
        )
        late = sum(claim.said_on > scenario.issue_date for claim in scenario.claims)
        network = texts.card_places.format(
            places=len(scenario.places),
            sites=sum(place.is_site for place in scenario.places),
            routes=len(scenario.routes),
            events=len(scenario.events),
        )
        yield (
            texts.card_personal,
            f"{days} {texts.card_late_claims.format(n=late) if late else texts.card_no_late_claims}",
            network,
            self._people(),
            *self._claims(),
            self._priors(),
            self._counts(),
        )

    def _people(self) -> str:
        texts = self.texts
        homes = [self._middle(place.population) for place in self.scenario.places if not place.is_site]
        groups = [
            texts.card_group_apart.format(title=group.title or group.name)
            if group.share is None
            else texts.card_group.format(title=group.title or group.name, share=f"{group.share:.0%}")
            for group in self.scenario.groups
        ]
        lived_in = [people for people in homes if people > 0]
        return texts.card_people.format(
            people=texts.words(sum(lived_in)), homes=len(lived_in), groups=texts.listing(groups)
        )

    def _middle(self, value: Value) -> float:
        """Return a number, or the median of the prior that stands for it."""
        if isinstance(value, str):
            return quantile(self.scenario.priors[value], 0.5, self.scenario.priors)
        return value

    def _claims(self) -> Iterator[str]:
        claims, texts = self.scenario.claims, self.texts
        if not claims:
            yield texts.card_no_claims
            return
        kinds = Counter(claim.kind for claim in claims)
        said = [claim.said_on for claim in claims]
        yield texts.card_claims.format(
            n=len(claims),
            first=texts.full_date(min(said)),
            last=texts.full_date(max(said)),
            sources=len({claim.source for claim in claims}),
            kinds=texts.listing([f"{kind} {n}" for kind, n in sorted(kinds.items())]),
        )
        grades = Counter(claim.reliability for claim in claims)
        told = texts.listing([f"{grade} {n}" for grade, n in sorted(grades.items())])
        yield texts.card_grades.format(grades=told)

    def _priors(self) -> str:
        priors, texts = self.scenario.priors.values(), self.texts
        if not priors:
            return texts.card_no_priors
        with_claims = sum(bool(prior.claims) for prior in priors)
        with_reason = sum(bool(prior.reason) and not prior.claims for prior in priors)
        bare = len(priors) - with_claims - with_reason
        return texts.card_priors.format(
            n=len(priors), with_claims=with_claims, with_reason=with_reason, bare=bare
        )

    def _counts(self) -> str:
        counts, texts = self.scenario.counts, self.texts
        if not counts:
            return texts.card_no_counts
        before = sum(count.date <= self.scenario.issue_date for count in counts)
        return texts.card_counts.format(n=len(counts), before=before, after=len(counts) - before)

    # --- method -----------------------------------------------------------------------------------
    def method(self) -> Iterator[Block]:
        """How it is made, and the storylines with their weights."""
        is_flee = self.scenario.rules.law == "flee"
        yield self.texts.card_method_flee if is_flee else self.texts.card_method_text
        if is_flee and (more := " ".join(optional_rules_in_words(self.scenario, self.texts))):
            yield more
        if self.known_until > self.scenario.issue_date:
            yield self.texts.card_assimilated.format(date=self.texts.full_date(self.known_until))
        if self.scenario.rules.leaving == "given":
            yield self.texts.card_given
        if len(self.scenario.storylines) > 1:
            yield self.texts.card_storylines
            yield tuple(self._storylines())

    def _storylines(self) -> Iterator[str]:
        weights = [line.weight for line in self.scenario.storylines]
        are_known = not any(isinstance(weight, str) for weight in weights)
        total = sum(weight for weight in weights if not isinstance(weight, str))
        for line in self.scenario.storylines:
            template, weight = self.texts.card_storyline_prior, str(line.weight)
            if are_known and not isinstance(line.weight, str):
                template, weight = self.texts.card_storyline, f"{line.weight / total:.0%}"
            reason = " ".join(line.reason.split())
            yield template.format(title=line.title, weight=weight, reason=reason).rstrip()

    # --- performance ------------------------------------------------------------------------------
    def performance(self) -> Iterator[Block]:
        """How the counts made after the issue date lie in the bands."""
        texts = self.texts
        scored = list(self._scored()) if self.forecast is not None else []
        if not scored:
            yield texts.card_performance_none
            if self.forecast is None and any(
                count.date > self.scenario.issue_date for count in self.scenario.counts
            ):
                yield texts.card_performance_ask
            return
        header = (
            *(texts.card_where, texts.card_n_counts, texts.card_in_50, texts.card_in_90),
            *(texts.card_last_count, texts.card_last_band),
        )
        yield CardTable(header, tuple(self._score_row(name, scores) for name, scores in scored))
        yield texts.card_performance_note

    def _scored(self) -> Iterator[tuple[str, CountScores]]:
        assert self.forecast is not None
        dates = [day.astype(object) for day in self.forecast.dates]
        for name in dict.fromkeys(count.place for count in self.scenario.counts):
            counts = [
                (count.date, count.people)
                for count in self.scenario.counts
                if count.place == name and count.date <= dates[-1]
            ]
            people: NDArray[np.int64]
            if name == "total":
                known = [(date, n) for date, n in counts if date <= self.scenario.issue_date]
                base = max(known)[1] if known else 0
                counts = [(date, n - base) for date, n in counts if n >= base]
                people = self.forecast.newly_displaced()
            else:
                people = self.forecast.occupancy(name)
            scores = score_counts(people, dates, [pair for pair in counts if pair[0] > self.known_until])
            if scores.rows:
                yield name, scores

    def _score_row(self, name: str, scores: CountScores) -> tuple[str, ...]:
        texts, rows = self.texts, scores.rows
        last = rows[-1]
        return (
            texts.card_where_total if name == "total" else name,
            str(len(rows)),
            str(sum(row.in_50 for row in rows)),
            str(sum(row.in_90 for row in rows)),
            f"{texts.exact(last.people)}, {texts.full_date(last.date)}",
            texts.short_range(last.q05, last.q95),
        )

    # --- limits and ethics ------------------------------------------------------------------------
    def limits(self) -> Iterator[str]:
        """Where it ends: what holds of every forecast, then of this scenario."""
        texts = self.texts
        yield from texts.card_limits_list
        sites = [place for place in self.scenario.places if place.is_site]
        unknown = [place.name for place in sites if place.capacity is None]
        if unknown:
            names = unknown[:_MOST_NAMED]
            if len(unknown) > _MOST_NAMED:
                names.append(texts.compare_more_changes.format(n=len(unknown) - _MOST_NAMED))
            yield texts.card_no_capacity.format(n=len(unknown), sites=len(sites), places=", ".join(names))
        if self.forecast is not None and self.forecast.n_members == 1:
            yield texts.card_single

    def ethics(self) -> Iterator[str]:
        """Whom it may help and harm."""
        yield from self.texts.card_ethics_list
        if not self.texts.tells_small:
            yield self.texts.card_small


# --- Markdown -------------------------------------------------------------------------------------------
def card_markdown(card: Card) -> str:
    """Return a card as Markdown in which nothing that a scenario says is markup."""
    parts = [f"# {_escaped(card.title)}", _escaped(card.lead)]
    for section in card.sections:
        parts.append(f"## {_escaped(section.heading)}")
        parts += [_markdown_block(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def _markdown_block(block: Block) -> str:
    if isinstance(block, str):
        return _escaped(block)
    if isinstance(block, CardTable):
        lines = [block.header, tuple("---" for _ in block.header), *block.rows]
        told = [line if at == 1 else tuple(map(_escaped, line)) for at, line in enumerate(lines)]
        return "\n".join(f"| {' | '.join(line)} |" for line in told)
    return "\n".join(f"- {_escaped(line)}" for line in block)


def _escaped(words: str) -> str:
    r"""Return words that Markdown and HTML show as they are.

    >>> print(_escaped("<b>*a*</b> | [x](y)"))
    &lt;b&gt;\*a\*&lt;/b&gt; \| \[x\](y)
    """
    text = " ".join(words.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{sign}" if sign in "\\`*_[]|" else sign for sign in text)


# --- a page ---------------------------------------------------------------------------------------------
def card_html(card: Card, texts: Texts = ENGLISH) -> str:
    """Return a card as a self-contained page."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'",
        ),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", card.title),
        element("style", files("corridor.report").joinpath("style.css").read_text("utf-8")),
    )
    header = element("header", element("h1", card.title), element("p", card.lead, class_="issued"))
    sections = [
        element("section", element("h2", section.heading), *map(_html_block, section.blocks))
        for section in card.sections
    ]
    body = element("body", header, element("main", *sections))
    page = element("html", head, body, lang=texts.language, dir=texts.direction)
    return f"<!doctype html>\n{to_html(page)}\n"


def _html_block(block: Block) -> Element:
    if isinstance(block, str):
        return element("p", " ".join(block.split()))
    if isinstance(block, CardTable):
        heads = element("tr", *(element("th", head, scope="col") for head in block.header))
        rows = [_html_row(row) for row in block.rows]
        table = element("table", element("thead", heads), element("tbody", *rows))
        return element("div", table, class_="scroll", role="region", aria_label=block.header[0], tabindex="0")
    return element("ul", *(element("li", line) for line in block))


def _html_row(row: Sequence[str]) -> Element:
    first, *rest = row
    return element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in rest))
