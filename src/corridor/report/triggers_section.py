"""The report's table of triggers: how likely each rule of the scenario has fired by when, how early it is."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from corridor.needs.triggers import Outcome, evaluate
from corridor.report.digest import Digest
from corridor.report.markup import element
from corridor.report.phone_table import stacking
from corridor.report.planning import lead_days
from corridor.report.texts import Texts
from corridor.scenario.triggers import read_rules

#: Shares of the futures for which the first date is told.
_SHARES = (0.5, 0.8)


def triggers_part(digest: Digest, texts: Texts) -> list[Element]:
    """Return the head, the table and what counts say of the triggers; nothing if the scenario has none."""
    scenario = digest.scenario
    if not scenario.triggers:
        return []
    outcomes = evaluate(digest.forecast, read_rules(scenario.triggers, scenario.places))
    days = lead_days(len(digest.dates) - 1)
    heads = [
        *(texts.rules_by.format(date=texts.short_date(digest.dates[day])) for day in days),
        texts.rules_half,
        texts.rules_likely,
    ]
    columns = [element("th", head, scope="col", class_="num") for head in heads]
    rows = [_row(outcome, days, digest, texts) for outcome in outcomes]
    head = element("thead", element("tr", element("th", texts.rules_rule, scope="col"), *columns))
    table = stacking(element("table", head, element("tbody", *rows), class_="plan rules"))
    told = [_against_counts(outcome, texts) for outcome in outcomes if outcome.verdicts]
    return [
        element("h3", texts.rules_head),
        element("p", texts.rules_lead, class_="note"),
        element("div", table, class_="scroll", role="region", aria_label=texts.rules_head, tabindex="0"),
        *told,
    ]


def _row(outcome: Outcome, days: Sequence[int], digest: Digest, texts: Texts) -> Element:
    chances = [texts.short_share(float(outcome.fired_by[day])) for day in days]
    dates = [_first(outcome, share, digest, texts) for share in _SHARES]
    name = element("th", element("bdi", outcome.trigger.rule), scope="row")
    return element("tr", name, *(element("td", words, class_="num") for words in chances), *dates)


def _first(outcome: Outcome, share: float, digest: Digest, texts: Texts) -> Element:
    """Return the first date by which it has fired in this share of the futures, and the days until then."""
    day = outcome.first_day(share)
    if day is None:
        return element("td", texts.table_never, class_="num")
    lead = element("small", texts.table_days.format(days=day)) if day else None
    return element("td", texts.short_date(digest.dates[day]), lead, class_="num")


def _against_counts(outcome: Outcome, texts: Texts) -> Element:
    words = texts.trigger_counts.format(n=len(outcome.verdicts), **outcome.tally())
    return element("p", element("bdi", outcome.trigger.rule), f": {words}", class_="small")
