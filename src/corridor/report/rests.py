"""The last third of the report: what it rests on, how good it was, how it was made, what it is not for.

"What the forecast rests on" takes the ledger quantity by quantity, the one most worth knowing first where a
sensitivity study is at hand: its claims on one axis, the prior drawn behind them, and why it is as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from corridor.ensemble.sample import quantile
from corridor.ensemble.sensitivity.result import Line, Sensitivity
from corridor.evidence.ledger import Assumption, Entry, Ledger, make_ledger, pool_ledger
from corridor.report.digest import Digest
from corridor.report.evidence_words import own_figure
from corridor.report.flee_words import leaving_in_words, optional_rules_in_words
from corridor.report.markup import element
from corridor.report.quantity_chart import NARROW, WIDE, Shown, quantity_chart
from corridor.report.sensitivity_words import Worded, percent, percents
from corridor.report.texts import Texts
from corridor.scenario.model import Claim, Prior, Scenario
from corridor.scenario.pool import Pooled
from corridor.verify.bands import CountScore, score_counts


def _section(head: str, *children: Element | None, name: str) -> Element:
    return element("section", element("h2", head, id=name), *children, aria_labelledby=name)


def _table(columns: Sequence[str], rows: Sequence[Element], class_: str, label: str) -> Element:
    head = element("tr", *(element("th", words, scope="col") for words in columns))
    table = element("table", element("thead", head), element("tbody", *rows), class_=class_)
    return element("div", table, class_="scroll", role="region", aria_label=label, tabindex="0")


def rests_section(digest: Digest, texts: Texts, sensitivity: Sensitivity | None = None) -> Element:
    """Return the section on priors and claims; with a study, also on what knowing them would be worth."""
    return evidence_section(digest.scenario, texts, sensitivity)


def evidence_section(scenario: Scenario, texts: Texts, sensitivity: Sensitivity | None = None) -> Element:
    """Return the section for a scenario of which there need be no forecast."""
    if not scenario.priors and not scenario.claims:
        return _section(texts.rests_head, element("p", texts.rests_none), name="rests")
    ledger = make_ledger(scenario)
    pools, _ = pool_ledger(ledger)
    rests = _Rests(ledger, pools, texts, sensitivity)
    claims = _claims(scenario.claims, texts) if scenario.claims else None
    parts = [*rests.answer(), *rests.quantities(), *rests.assumptions(), *rests.expected(), claims]
    return _section(texts.rests_head, *parts, name="rests")


@dataclass(frozen=True)
class _Rests:
    ledger: Ledger
    pools: Mapping[str, Pooled]
    texts: Texts
    sensitivity: Sensitivity | None
    lines: Mapping[str, Line] = field(init=False)

    def __post_init__(self) -> None:
        found = self.sensitivity.quantities if self.sensitivity else ()
        object.__setattr__(self, "lines", {line.name: line for line in found})

    def answer(self) -> list[Element]:
        """Return the sentence of the study, and how to read the section."""
        made = []
        if self.sensitivity is not None:
            worded = Worded(self.sensitivity, self.texts)
            outcome = self.texts.worth_outcome.format(outcome=self.sensitivity.outcome)
            made.append(element("p", element("b", f"{outcome}. "), worded.sentences()[0], class_="worth"))
        return [*made, element("p", self.texts.rests_lead, class_="lead")]

    def quantities(self) -> list[Element]:
        """Return a figure for each quantity that claims are about, the one most worth knowing first."""
        entries = sorted(self.ledger.quantities, key=self._rank)
        figures = [self._figure(entry, f"quantity{row}") for row, entry in enumerate(entries)]
        if not figures:
            return []
        head = element("h3", self.texts.rests_spoken)
        note = element("p", self.texts.rests_key, class_="small")
        return [head, note, element("div", *figures, class_="quantities")]

    def _rank(self, entry: Entry) -> tuple[float, bool, int]:
        line = self._line(entry)
        total = line.indices.total if line and line.indices else 0.0
        has_picture = entry.quantity.name in self.pools
        return (-total, not has_picture, -len(entry.claims))

    def _line(self, entry: Entry) -> Line | None:
        names = [believed.prior_name for believed in entry.quantity.believed]
        return self.lines.get(names[0]) if len(names) == 1 else None

    def _figure(self, entry: Entry, name: str) -> Element:
        shown = Shown(entry, self.pools.get(entry.quantity.name), self.ledger.scenario)
        title = entry.quantity.name.removeprefix("prior ").replace("_", " ")
        caption = element("figcaption", title, element("small", self._takes(shown)))
        line = self._line(entry)
        if line is not None and line.indices is not None:
            caption.append(element("small", self._worth_words(line), class_="worth"))
        drawn = []
        for form, kind in ((WIDE, "wide"), (NARROW, "narrow")):
            svg = quantity_chart(shown, form, self.texts, name=f"{name}-{kind}")
            if svg is not None:
                svg.set("class", f"{svg.get('class')} {kind}")
                drawn.append(svg)
        bearing = [self._bearing(claim) for claim in entry.bearing]
        return element("figure", caption, *drawn, *bearing)

    def _takes(self, shown: Shown) -> str:
        """Say what the forecast takes for the quantity, and why."""
        texts, believed = self.texts, shown.entry.quantity.believed
        reason = believed[0].reason if len(believed) == 1 else ""
        if shown.entry.quantity.kind == "set" or len(believed) > 1:
            labels = [self._label(item.label) for item in believed]
            return texts.rests_parts.format(parts=texts.listing(labels))
        if shown.is_pooled and shown.pooled is not None:
            n = len(shown.pooled.voices)
            head = texts.rests_pooled_one if n == 1 else texts.rests_pooled.format(n=n)
        elif len(believed) == 1 and shown.pooled is not None and believed[0].prior is not None:
            head = texts.rests_override
        elif len(believed) == 1 and believed[0].prior is None:
            head = texts.rests_number
        else:
            head = texts.rests_judged
        return f"{head} {reason}".strip()

    def _label(self, label: str) -> str:
        return label.replace("_", " ")

    def _worth_words(self, line: Line) -> str:
        assert line.worth is not None and self.sensitivity is not None
        return self.texts.rests_worth.format(
            outcome=self.sensitivity.outcome,
            share=percent(line.worth.share),
            interval=percents(line.worth.share_low, line.worth.share_high),
        )

    def _bearing(self, claim: Claim) -> Element:
        grade = f"{claim.reliability}{claim.credibility}"
        words = self.texts.rests_bearing.format(
            source=claim.source, grade=grade, kind=claim.kind, figure=own_figure(claim)
        )
        return element("p", words, class_="small")

    def assumptions(self) -> list[Element]:
        """Return the priors that no claim gives a figure for, as a table."""
        texts, rows = self.texts, sorted(self.ledger.assumptions, key=self._rank_of_assumption)
        if not rows:
            return []
        columns = [texts.rests_name, texts.rests_range, texts.rests_unit, texts.rests_reason]
        columns += [texts.rests_claims, *([texts.worth_share] if self.sensitivity else [])]
        head = element("h3", texts.rests_judged_head)
        table = _table(columns, [self._assumption(row) for row in rows], "rests priors", texts.rests_head)
        return [head, table]

    def _rank_of_assumption(self, assumption: Assumption) -> float:
        line = self.lines.get(assumption.name)
        return -line.indices.total if line and line.indices else 0.0

    def _assumption(self, assumption: Assumption) -> Element:
        texts, prior, line = self.texts, assumption.prior, self.lines.get(assumption.name)
        cells = [
            element("th", assumption.name.replace("_", " "), scope="row"),
            element("td", prior_range(prior, texts)),
            element("td", prior.unit),
            element("td", assumption.reason),
            element("td", str(assumption.n_claims), class_="num"),
        ]
        if self.sensitivity is not None:
            is_studied = line is not None and line.indices is not None
            words = f"{percent(line.worth.share)} %" if line and line.worth and is_studied else ""
            cells.append(element("td", words, class_="num"))
        return element("tr", *cells)

    def expected(self) -> list[Element]:
        """Return what others expected of outcomes: shown beside the forecast, never an input."""
        rows = [
            element(
                "tr",
                element("th", entry.quantity.name, scope="row"),
                element("td", own_figure(claim)),
                element("td", self.texts.full_date(claim.said_on)),
                element("td", claim.source),
                element("td", f"{claim.reliability}{claim.credibility}"),
            )
            for entry in self.ledger.outcomes
            for claim in entry.claims
        ]
        if not rows:
            return []
        texts = self.texts
        columns = (
            *(texts.claims_about, texts.claims_figure, texts.claims_said),
            *(texts.claims_source, texts.claims_grade),
        )
        head, note = element("h3", texts.rests_expected_head), element("p", texts.rests_expected_note)
        return [head, note, _table(columns, rows, "rests", texts.rests_expected_head)]


def prior_range(prior: Prior, texts: Texts) -> str:
    """Return a prior's distribution in words."""
    template = {
        "uniform": texts.prior_between,
        "triangular": texts.prior_triangular,
        "lognormal": texts.prior_lognormal,
        "beta": texts.prior_beta,
        "fixed": texts.prior_fixed,
        "steps": texts.prior_steps,
        "product": texts.prior_product,
    }[prior.distribution]
    bounds = {"low": prior.low, "high": prior.high}
    if prior.distribution == "beta":
        low, high = prior.low or 0.0, 1.0 if prior.high is None else prior.high
        bounds = {"low": low, "high": high, "mean": low + (prior.mean or 0.0) * (high - low)}
    if prior.distribution == "steps":
        bounds = {"low": quantile(prior, 0.05), "high": quantile(prior, 0.95)}
    others = {"mode": prior.mode, "median": prior.median, "p95": prior.p95, "value": prior.value}
    words = {key: _value(value, prior.unit, texts) for key, value in {**others, **bounds}.items()}
    factors = " × ".join(str(factor).replace("_", " ") for factor in prior.of)
    return template.format(**words, factors=factors)


def _value(value: float | None, unit: str, texts: Texts) -> str:
    if value is None:
        return ""
    if unit == "date":
        return texts.full_date(dt.date.fromordinal(round(value)))
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _claims(claims: Sequence[Claim], texts: Texts) -> Element:
    columns = (
        texts.claims_id,
        texts.claims_said,
        texts.claims_about,
        texts.claims_figure,
        texts.claims_source,
        texts.claims_grade,
    )
    title = texts.claims_title_one if len(claims) == 1 else texts.claims_title.format(n=len(claims))
    rows = [_claim_row(claim, texts) for claim in claims]
    note = element("p", texts.claims_note, class_="small")
    return element("details", element("summary", title), _table(columns, rows, "rests", title), note)


def _claim_row(claim: Claim, texts: Texts) -> Element:
    figure = [_value(value, claim.unit, texts) for value in (claim.low, claim.high) if value is not None]
    words = "–".join(dict.fromkeys(figure))
    link = element("a", texts.claims_link, href=claim.url, rel="noreferrer") if _is_web(claim.url) else None
    source = f"{claim.source}, {claim.carried_by}" if claim.carried_by else claim.source
    return element(
        "tr",
        element("th", claim.id, scope="row"),
        element("td", texts.full_date(claim.said_on)),
        element("td", claim.about),
        element("td", f"{words} {claim.unit}" if words else ""),
        element("td", f"{source} " if link is not None else source, link),
        element("td", f"{claim.reliability}{claim.credibility}"),
    )


def _is_web(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")


def past_section(digest: Digest, texts: Texts) -> Element:
    """Return the section on past performance: how counts made since lie in the bands, if there are any."""
    scores = _scores(digest)
    words = [element("p", texts.past_none)]
    if len(scores) == 1:
        score = scores[0]
        where = (
            texts.past_inside if score.in_50 else texts.past_between if score.in_90 else texts.past_outside
        )
        words = [element("p", texts.past_seen_one.format(where=where))]
    elif scores:
        n = len(scores)
        half, wide = sum(score.in_50 for score in scores), sum(score.in_90 for score in scores)
        expected = {"want_half": round(0.5 * n), "want_wide": round(0.9 * n)}
        words = [element("p", texts.past_seen.format(n=n, half=half, wide=wide, **expected))]
    return _section(texts.past_head, *words, name="past")


def _scores(digest: Digest) -> list[CountScore]:
    """Return the counts made after the issue date, set against the members."""
    found: list[CountScore] = []
    arrays = {place.name: digest.present[:, :, row] for row, place in enumerate(digest.places)}
    arrays["total"] = digest.totals["newly_displaced"]
    for name in sorted({count.place for count in digest.scenario.counts} & set(arrays)):
        later = [(dot.date, dot.people) for dot in digest.dots(name) if not dot.seen]
        found.extend(score_counts(arrays[name], digest.dates, later).rows)
    return found


def _law_in_words(digest: Digest, texts: Texts) -> str:
    rules = digest.scenario.rules.flee
    if rules is None:
        return texts.method.format(members=digest.n_members)
    more = "".join(f" {sentence}" for sentence in optional_rules_in_words(digest.scenario, texts))
    leaving = leaving_in_words(rules, texts)
    return texts.method_flee.format(members=digest.n_members, leaving=leaving, more=more)


def method_section(digest: Digest, texts: Texts) -> Element:
    """Return the section on method, with what is needed to make the forecast again."""
    scenario, forecast = digest.scenario, digest.forecast
    words = _law_in_words(digest, texts) + texts.method_bands
    words += "" if texts.tells_small else texts.method_small
    facts = (
        (texts.fact_scenario, scenario.name),
        (texts.fact_issue, texts.full_date(scenario.issue_date)),
        (texts.fact_horizon, texts.full_date(digest.dates[-1])),
        (texts.fact_members, str(digest.n_members)),
        (texts.fact_seed, str(forecast.seed)),
        (texts.fact_version, forecast.version),
        (
            texts.fact_places,
            texts.fact_places_value.format(places=len(scenario.places), routes=len(scenario.routes)),
        ),
        (
            texts.fact_claims,
            texts.fact_claims_value.format(claims=len(scenario.claims), counts=len(scenario.counts)),
        ),
        *_data_dates(digest, texts),
        *((_as_words(name), value) for name, value in scenario.provenance.items()),
    )
    rows = [element("tr", element("th", name, scope="row"), element("td", value)) for name, value in facts]
    must_not = element(
        "div", element("h3", texts.must_not_head), element("p", texts.must_not), class_="must-not"
    )
    table = element("table", element("tbody", *rows), class_="table-facts")
    return _section(texts.method_head, element("p", words), table, must_not, name="method")


def _data_dates(digest: Digest, texts: Texts) -> list[tuple[str, str]]:
    """Return from when the claims and the counts are, where there are any."""
    made = []
    for name, dates in (
        (texts.fact_claims_said, [claim.said_on for claim in digest.scenario.claims]),
        (texts.fact_counts_made, [count.date for count in digest.scenario.counts]),
    ):
        told = [texts.full_date(date) for date in (min(dates), max(dates))] if dates else []
        if told:
            made.append((name, texts.fact_dates.format(first=told[0], last=told[1])))
    return made


def _as_words(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
