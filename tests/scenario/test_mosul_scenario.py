"""Facts that must hold of the bundled scenario mosul-2016: above all, that nothing later leaked in."""

import csv
import datetime as dt
import heapq
import math
import re
from functools import cache
from pathlib import Path

import pytest

from corridor.ensemble.compile import event_ordinal
from corridor.ensemble.run import run
from corridor.ensemble.sample import sample_priors
from corridor.scenario.bundled import bundled_folder
from corridor.scenario.geography import great_circle_km
from corridor.scenario.load import CheckedScenario, check_scenario
from corridor.scenario.model import EventKind, PlaceKind, Scenario

ISSUE_DATE = dt.date(2016, 10, 19)
#: The only warning allowed: a slow storyline may place an event after the horizon.
EXPECTED_WARNINGS = {"event-may-miss"}
#: Dated by their month alone in the sources; the scenario's README says what rests on them.
DATED_BY_MONTH = {
    "aje-oct16-debaga",
    "alfahir-oct16-fighters",
    "coalition-troops",
    "fisk-passage",
    "sollims-population",
    "unhcr-hassakeh-refugees",
    "unhcr-hassakeh-space",
    "unhcr-hk-debaga",
    "worldrelief-oct16-trapped",
}
#: Capacities of single sites that had been published by the issue date.
PUBLISHED_CAPACITY = {"Debaga camp": 31000, "Nazrawa camp": 8400, "Al-Hol camp": 20000}
#: Sites that only papers after the issue date name.
NAMED_LATER = ("Salamiyah", "Nargizlia", "Qaymawa", "Hasansham M2", "Hasansham U2", "Hammam al-Alil 1")
#: Roads in the western desert that a storyline may leave cut, ends in order of name.
MAY_STAY_CUT = {
    ("Ba'aj", "Tal Abta"),
    ("Ba'aj", "Tal Afar"),
    ("Badush", "Tal Afar"),
    ("Hammam al-Alil", "Tal Abta"),
    ("Qayyarah screening (assumed)", "Tal Abta"),
    ("Tal Abta", "Tal Afar"),
    ("Tal Afar", "Zummar"),
}
#: Folder of the figures the scenario was made from, beside the project.
FIGURES = Path(__file__).resolve().parents[3] / "shared" / "mosul-2016"

needs_figures = pytest.mark.skipif(
    not FIGURES.is_dir(), reason="the folder shared/mosul-2016 is not beside the project"
)


@cache
def checked() -> CheckedScenario:
    return check_scenario(bundled_folder("mosul-2016"))


@pytest.fixture
def scenario() -> Scenario:
    loaded = checked().scenario
    assert loaded is not None, [problem.format() for problem in checked().problems]
    return loaded


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def written(name: str) -> list[dict[str, str]]:
    return rows_of(bundled_folder("mosul-2016") / name)


def supports(scenario: Scenario) -> dict[str, set[str]]:
    """Return claim id -> what in the scenario names it; counts are no input and not looked at."""
    backed: dict[str, set[str]] = {}
    parts = {
        **{f"place {place.name}": place.claims for place in scenario.places},
        **{f"route {route.start}-{route.end}": route.claims for route in scenario.routes},
        **{f"event {at} {event.place}": event.claims for at, event in enumerate(scenario.events)},
        **{f"prior {name}": prior.claims for name, prior in scenario.priors.items()},
        **{f"group {group.name}": group.claims for group in scenario.groups},
        **{f"storyline {line.name}": line.claims for line in scenario.storylines},
    }
    for what, claims in parts.items():
        for claim in claims:
            backed.setdefault(claim, set()).add(what)
    return backed


def test_loads_with_expected_warnings_only(scenario: Scenario) -> None:
    assert {problem.code for problem in checked().problems} <= EXPECTED_WARNINGS
    assert all(problem.warning for problem in checked().problems)
    assert (scenario.issue_date, scenario.horizon) == (ISSUE_DATE, dt.date(2017, 1, 31))
    assert 35 <= len(scenario.places) <= 55


# -- nothing later leaks in


def test_no_claim_is_later_than_the_issue_date(scenario: Scenario) -> None:
    late = {claim.id for claim in scenario.claims if claim.said_on > ISSUE_DATE}
    assert not late & set(supports(scenario))
    assert not late


def test_claims_dated_by_month_are_the_known_ones() -> None:
    """A month is read as its first day, which could hide a later day: no new one comes in unseen."""
    by_month = {row["id"] for row in written("claims.csv") if len(row["said_on"]) < len("2016-10-19")}
    assert by_month == DATED_BY_MONTH
    assert all(
        "day of October not known" in row["note"] for row in written("claims.csv") if row["id"] in by_month
    )


def test_the_timeline_names_no_day_after_the_issue_date() -> None:
    """What happened later must come through a prior, never as a known day."""
    days = {day for row in written("timeline.csv") for day in re.findall(r"\d{4}-\d{2}-\d{2}", row["date"])}
    assert days == {ISSUE_DATE.isoformat()}
    known = [
        row for name in ("places.csv", "routes.csv") for row in written(name) if row["opens"] or row["closes"]
    ]
    assert not known


def test_dates_of_priors_are_unsure(scenario: Scenario) -> None:
    """The first event is at least a day ahead, and no date is known to better than four days."""
    dates = [prior for prior in scenario.priors.values() if prior.unit == "date"]
    assert len(dates) >= 10
    for prior in dates:
        assert isinstance(prior.low, float) and isinstance(prior.high, float)
        assert prior.low > ISSUE_DATE.toordinal()
        assert prior.high - prior.low >= 4


def test_capacities_are_priors_unless_published(scenario: Scenario) -> None:
    sites = [place for place in scenario.places if place.is_site]
    known = {place.name: place.capacity for place in sites if not isinstance(place.capacity, str)}
    assert known == PUBLISHED_CAPACITY


def test_sites_named_later_are_absent(scenario: Scenario) -> None:
    assert not [place.name for place in scenario.places if any(name in place.name for name in NAMED_LATER)]


@needs_figures
def test_later_capacities_of_a_site_are_not_used(scenario: Scenario) -> None:
    """No capacity that was published or counted later is a bound or a mode of that site's prior."""
    later: dict[str, set[float]] = {}
    for row in rows_of(FIGURES / "sites.csv"):
        is_later = row["source"] == "repo-camps" or row["capacity_date"] > ISSUE_DATE.isoformat()
        if row["capacity_individuals"] and is_later:
            later.setdefault(row["site"], set()).add(float(row["capacity_individuals"]))
    looked_at = 0
    for place in scenario.places:
        if isinstance(place.capacity, str) and place.name in later:
            prior = scenario.priors[place.capacity]
            assert not {prior.low, prior.mode, prior.high} & later[place.name], place.name
            looked_at += 1
    assert looked_at >= 4


def test_control_on_the_issue_date(scenario: Scenario) -> None:
    """Towns that changed hands from 20 October on are still held by Islamic State on day 0."""
    control = {place.name: place.control for place in scenario.places}
    held = (
        "Mosul east",
        "Mosul west",
        "Gogjali",
        "Bartella",
        "Qaraqosh",
        "Shura",
        "Hammam al-Alil",
        "Bashiqa",
        "Tilkaif",
    )
    assert {control[name] for name in held} == {"Islamic State"}
    assert control["Qayyarah"] == "Iraqi Security Forces"
    assert all(control.values())


# -- everything says where it comes from


def test_claims_are_many_and_graded(scenario: Scenario) -> None:
    assert len(scenario.claims) >= 40
    assert all(claim.note for claim in scenario.claims)
    without_page = {claim.id for claim in scenario.claims if not claim.url}
    assert without_page == {
        "coalition-troops",
        "fisk-passage",
        "gk-age",
        "gk-disability",
        "gk-entry-rules",
        "gk-flee-settings",
        "gk-screening",
        "iom-weiss-trapped",
        "reuters-rt-fighters",
    }
    unread = {
        (claim.reliability, claim.credibility)
        for claim in scenario.claims
        if claim.source == "general-knowledge"
    }
    assert unread == {("F", 6)}


def test_the_rumour_is_graded_as_one(scenario: Scenario) -> None:
    rumour = {
        claim.id: claim for claim in scenario.claims if claim.id in {"ria-9000-passage", "fisk-passage"}
    }
    assert len(rumour) == 2
    for claim in rumour.values():
        assert claim.kind == "allegation" and claim.reliability >= "D" and claim.credibility == 5


def test_every_prior_says_why(scenario: Scenario) -> None:
    """A prior backed by no claim must call itself an assumption or general knowledge."""
    for name, prior in scenario.priors.items():
        if name.startswith("places.csv:"):  # a range in a cell: its row says why
            continue
        assert len(prior.reason) > 20, name
        assert prior.claims or re.search(r"assumption|general knowledge", prior.reason, re.IGNORECASE), name


def test_every_assumed_place_says_so(scenario: Scenario) -> None:
    for place in scenario.places:
        values = (place.population, place.capacity, place.throughput_per_day)
        if any(isinstance(value, str) for value in values):
            assert "assumption" in place.note or (place.claims and "prior" in place.note), place.name
        if "(assumed)" in place.name:
            assert "generic" in place.note or "stands for" in place.note, place.name
    assert all(place.note for place in scenario.places)


def test_unpublished_populations_are_wide(scenario: Scenario) -> None:
    """The upper end of a town nobody had counted is at least three times the lower."""
    unknown = [
        p
        for p in scenario.places
        if isinstance(p.population, str) and "not published" in p.note and not p.is_site
    ]
    assert len(unknown) >= 10
    for place in unknown:
        prior = scenario.priors[str(place.population)]
        assert isinstance(prior.low, float) and isinstance(prior.high, float)
        assert prior.high >= 3 * prior.low, place.name


def test_every_event_after_day_0_is_backed_or_assumed() -> None:
    """An event that ends something (value 0) follows the event that began it and needs no note of its own."""
    for row in written("timeline.csv"):
        ends = row["value"] == "0" or row["actor"]
        day_0 = row["date"] == ISSUE_DATE.isoformat()
        assert day_0 or ends or row["claims"] or "assumption" in row["note"] or row["place"] == "Gogjali", row


def test_the_readme_lists_the_source_of_every_claim_and_count(scenario: Scenario) -> None:
    listed = listed_sources()
    for claim in scenario.claims:
        assert claim.id.startswith("gk-") or any(claim.id.startswith(f"{source}-") for source in listed), (
            claim.id
        )
    for count in scenario.counts:
        named = re.match(r"source ([\w-]+)", count.note)
        assert named and named[1] in listed, count


def listed_sources() -> dict[str, str]:
    """Return source id -> address from the table that ends the README."""
    readme = (bundled_folder("mosul-2016") / "README.md").read_text(encoding="utf-8")
    lines = readme.partition("## Sources")[2].splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")
    ]
    return {row[0]: row[4] for row in cells[1:]}


@needs_figures
def test_sources_and_addresses_are_those_of_the_compilation() -> None:
    addresses = {row["id"]: row["url"] or "none" for row in rows_of(FIGURES / "sources.csv")}
    handed_on = {
        name for name, address in listed_sources().items() if name not in addresses and address == "none"
    }
    assert handed_on == {"coalition", "fisk", "iom-weiss", "reuters-rt"}
    for name, address in listed_sources().items():
        assert name in handed_on or addresses[name] == address, name


# -- shares, weights and roads


def test_weights_and_shares_sum_to_one(scenario: Scenario) -> None:
    weights = {line.name: line.weight for line in scenario.storylines}
    assert set(weights) == {"long-siege", "swift-fall", "flight-west"}
    assert math.isclose(sum(float(weight) for weight in weights.values()), 1.0)
    assert all(line.reason and line.claims for line in scenario.storylines)
    shares = [float(group.share) for group in scenario.groups if group.share is not None]
    assert math.isclose(sum(shares), 1.0)


def test_armed_men_go_only_where_islamic_state_is(scenario: Scenario) -> None:
    armed = next(group for group in scenario.groups if group.people)
    assert armed.share is None and not armed.held_by_siege
    actors = {place.control for place in scenario.places} | {
        event.actor for event in scenario.events if event.actor
    }
    assert {actor for actor in actors if armed.control_attraction.get(actor) != 0.0} == {"Islamic State"}


def distances_on_day_0(scenario: Scenario, start: str) -> dict[str, float]:
    """Return distances along the routes open on the issue date, never through a place outside (Dijkstra)."""
    closed = {
        frozenset((event.place, event.to))
        for event in scenario.events
        if event.kind is EventKind.ROUTE and event.value == 0.0 and event.written == ISSUE_DATE.isoformat()
    }
    outside = {place.name for place in scenario.places if place.kind is PlaceKind.OUTSIDE}
    ways: dict[str, list[tuple[float, str]]] = {}
    for route in scenario.routes:
        if frozenset((route.start, route.end)) not in closed:
            ways.setdefault(route.start, []).append((route.length_km, route.end))
            ways.setdefault(route.end, []).append((route.length_km, route.start))
    reached: dict[str, float] = {}
    queue = [(0.0, start)]
    while queue:
        km, here = heapq.heappop(queue)
        if here not in reached:
            reached[here] = km
            if here not in outside:
                for length_km, there in ways.get(here, []):
                    heapq.heappush(queue, (km + length_km, there))
    return reached


def test_on_day_0_the_west_is_open_and_the_front_is_not(scenario: Scenario) -> None:
    reached = distances_on_day_0(scenario, "Mosul west")
    awareness = scenario.priors[str(scenario.rules.awareness_km)]
    assert isinstance(awareness.low, float)
    assert 250 < reached["Al-Hol camp"] <= awareness.low
    reached.pop("Shura")  # people came out of the southern villages from the first day
    beyond = {"Khazer M1 camp", "Erbil", "Zelikan camp", "Sheikhan", "Gwer", "Zummar", "Bardarash"}
    direct = distances_without(scenario, "Shura")
    assert not beyond & set(direct)


def distances_without(scenario: Scenario, place: str) -> dict[str, float]:
    """Return distances from Mosul west with one place taken out of the roads."""
    routes = tuple(route for route in scenario.routes if place not in (route.start, route.end))
    return distances_on_day_0(scenario.model_copy(update={"routes": routes}), "Mosul west")


def test_roads_are_no_shorter_than_the_straight_line(scenario: Scenario) -> None:
    at = {place.name: (place.lat, place.lon) for place in scenario.places}
    for route in scenario.routes:
        assert route.length_km >= great_circle_km(*at[route.start], *at[route.end]), (route.start, route.end)


def test_no_road_to_the_government_side_avoids_the_screening(scenario: Scenario) -> None:
    """Without the screening sites no road joins Mosul and the camps in Iraq, closed routes included."""
    screening = {place.name for place in scenario.places if place.kind is PlaceKind.SCREENING_SITE}
    screened = {route for route in scenario.routes if {route.start, route.end} & screening}
    assert len(screening) == 5
    routes = tuple(
        route
        for route in scenario.routes
        if route not in screened and {route.start, route.end} != {"Tal Afar", "Zummar"}
    )
    reached = distances_on_day_0(scenario.model_copy(update={"routes": routes, "events": ()}), "Mosul east")
    camps = {place.name for place in scenario.places if place.is_site and place.country == "Iraq"}
    assert not camps & set(reached)


@pytest.mark.parametrize("storyline", ["swift-fall", "flight-west"])
def test_in_the_end_the_city_is_open_and_quiet(scenario: Scenario, storyline: str) -> None:
    """Whatever the dates drawn, no event is overtaken by one that should have come before it."""
    for member in range(100):
        values = sample_priors(scenario.priors, seed=11, member=member)
        events = [event for event in scenario.events if event.storyline in ("", storyline)]
        last: dict[tuple[EventKind, str, str], object] = {}
        for event in sorted(events, key=lambda event: event_ordinal(event, values)):
            value = event.actor if event.kind is EventKind.CONTROL else event.value
            first, second = sorted((event.place, event.to))
            last[event.kind, first, second] = value
        for place in (
            "Mosul east",
            "Mosul west",
            "Gogjali",
            "Hammam al-Alil",
            "Shura",
            "Namrud",
            "Bashiqa",
            "Tilkaif",
        ):
            assert last[EventKind.FIGHTING, "", place] == 0.0, (member, place)
            assert last[EventKind.SIEGE, "", place] == 0.0, (member, place)
            assert last[EventKind.CONTROL, "", place] != "Islamic State"
        cut = {(a, b) for (kind, a, b), value in last.items() if kind is EventKind.ROUTE and value == 0.0}
        assert cut <= MAY_STAY_CUT, (member, cut)
        sites = [value for (kind, _, _), value in last.items() if kind is EventKind.SITE]
        assert sites and set(sites) == {1.0}


# -- counts are kept apart


def test_counts_are_later_than_everything_used(scenario: Scenario) -> None:
    assert len(scenario.counts) >= 40
    assert all(ISSUE_DATE < count.date <= scenario.horizon for count in scenario.counts)
    sites = {place.name for place in scenario.places if place.is_site}
    assert {count.place for count in scenario.counts} - {"total"} <= sites
    assert not any(count.claim for count in scenario.counts)


@needs_figures
def test_counts_are_those_of_the_compilation(scenario: Scenario) -> None:
    totals = {
        (row["date"], int(row["currently_displaced_individuals"]))
        for row in rows_of(FIGURES / "observed_totals.csv")
    }
    by_site = {
        (row["date"], row["site"], int(row["individuals"]))
        for row in rows_of(FIGURES / "observed_by_site.csv")
        if row["measure"] == "population" and row["individuals"]
    }
    for count in scenario.counts:
        day = count.date.isoformat()
        if count.place == "total":
            assert (day, count.people) in totals
        else:
            assert (day, count.place, count.people) in by_site
    later = {day for day, _ in totals if ISSUE_DATE.isoformat() < day <= scenario.horizon.isoformat()}
    assert later == {count.date.isoformat() for count in scenario.counts if count.place == "total"}


def test_nobody_is_lost_or_made(scenario: Scenario) -> None:
    """Every member holds the same number of people on every day of the first weeks."""
    forecast = run(scenario, members=3, seed=5, until=dt.date(2016, 11, 9))
    people = forecast.people()
    assert (people == people[:, :1]).all()
    assert (people[:, 0] > 350_000).all()
