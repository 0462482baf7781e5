"""The last third of the report: what it rests on, how good it was, how it was made, what it is not for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from corridor.report.digest import Digest
from corridor.report.markup import element
from corridor.report.texts import Texts
from corridor.scenario.model import Claim, Prior
from corridor.verify.bands import CountScore, score_counts


def _section(head: str, *children: Element | None, name: str) -> Element:
    return element("section", element("h2", head, id=name), *children, aria_labelledby=name)


def _table(columns: Sequence[str], rows: Sequence[Element], class_: str, label: str) -> Element:
    head = element("tr", *(element("th", words, scope="col") for words in columns))
    table = element("table", element("thead", head), element("tbody", *rows), class_=class_)
    return element("div", table, class_="scroll", role="region", aria_label=label, tabindex="0")


def rests_section(digest: Digest, texts: Texts) -> Element:
    """Return the section on priors and claims."""
    priors, claims = digest.scenario.priors, digest.scenario.claims
    if priors:
        columns = (
            texts.rests_name,
            texts.rests_range,
            texts.rests_unit,
            texts.rests_reason,
            texts.rests_claims,
        )
        rows = [_prior_row(name, prior, texts) for name, prior in priors.items()]
        body = [
            element("p", texts.rests_lead, class_="lead"),
            _table(columns, rows, "rests priors", texts.rests_head),
        ]
    else:
        body = [element("p", texts.rests_none)]
    return _section(texts.rests_head, *body, _claims(claims, texts) if claims else None, name="rests")


def _prior_row(name: str, prior: Prior, texts: Texts) -> Element:
    return element(
        "tr",
        element("th", name.replace("_", " "), scope="row"),
        element("td", prior_range(prior, texts)),
        element("td", prior.unit),
        element("td", prior.reason),
        element("td", str(len(prior.claims)), class_="num"),
    )


def prior_range(prior: Prior, texts: Texts) -> str:
    """Return a prior's distribution in words."""
    template = {
        "uniform": texts.prior_between,
        "triangular": texts.prior_triangular,
        "lognormal": texts.prior_lognormal,
        "beta": texts.prior_beta,
        "fixed": texts.prior_fixed,
    }[prior.distribution]
    bounds = {"low": prior.low, "high": prior.high}
    if prior.distribution == "beta":
        low, high = prior.low or 0.0, 1.0 if prior.high is None else prior.high
        bounds = {"low": low, "high": high, "mean": low + (prior.mean or 0.0) * (high - low)}
    others = {"mode": prior.mode, "median": prior.median, "p95": prior.p95, "value": prior.value}
    return template.format(
        **{key: _value(value, prior.unit, texts) for key, value in {**others, **bounds}.items()}
    )


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


def method_section(digest: Digest, texts: Texts) -> Element:
    """Return the section on method, with what is needed to make the forecast again."""
    scenario, forecast = digest.scenario, digest.forecast
    words = texts.method.format(members=digest.n_members) + ("" if texts.tells_small else texts.method_small)
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
        *scenario.provenance.items(),
    )
    rows = [element("tr", element("th", name, scope="row"), element("td", value)) for name, value in facts]
    must_not = element(
        "div", element("h3", texts.must_not_head), element("p", texts.must_not), class_="must-not"
    )
    table = element("table", element("tbody", *rows), class_="table-facts")
    return _section(texts.method_head, element("p", words), table, must_not, name="method")
