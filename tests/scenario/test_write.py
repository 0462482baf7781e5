"""What is written is read back equal, or is not written."""

from __future__ import annotations

import csv
import string
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import BASE
from corridor.problems import InputError, format_problems
from corridor.scenario.bundled import bundled_names
from corridor.scenario.load import load_scenario
from corridor.scenario.model import (
    DEFAULT_ATTRACTION,
    DEFAULT_MOVE_CHANCE,
    Claim,
    Count,
    DateTerm,
    Event,
    EventKind,
    Group,
    Place,
    PlaceKind,
    Prior,
    Route,
    Rules,
    Scenario,
    Storyline,
    Value,
)
from corridor.scenario.values import range_prior
from corridor.scenario.write import write_scenario

ISSUE_DATE = date(2020, 1, 1)
HORIZON = date(2020, 12, 31)

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co")), max_size=12
).map(str.strip) | st.sampled_from(
    ["a,b", 'say "so"', "two\nlines", "true", "1e5", "2020-01-01", "- x: y", "null", "بلد", "#a"]
)
words = st.text(string.ascii_letters + "äöاب -'", min_size=1, max_size=8).map(str.strip).filter(bool)
amounts = st.floats(0, 1e7, allow_nan=False).map(float) | st.integers(0, 10**6).map(float)
days = st.integers(0, 360).map(lambda n: ISSUE_DATE + timedelta(days=n))


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw scenarios with values, ranges and priors in every table."""
    priors: dict[str, Prior] = {
        "rate": Prior(distribution="lognormal", unit="1/day", median=draw(st.floats(0.01, 0.1)), p95=0.5),
        "start": Prior(
            distribution="uniform", unit="date", low=ISSUE_DATE.toordinal(), high=ISSUE_DATE.toordinal() + 9
        ),
        "wait": Prior(distribution="triangular", unit="days", low=0, mode=1.5, high=9, reason=draw(texts)),
        "many": Prior(distribution="fixed", unit="people", value=draw(amounts), claims=("c0",)),
    }

    def value(name: str, unit: str, claims: tuple[str, ...]) -> Value:
        """Draw a number, a prior, or a range that is declared under ``name``."""
        kind = draw(st.sampled_from(["number", "prior", "range"]))
        if kind == "number":
            return draw(amounts)
        if kind == "prior" and unit == "people":
            return "many"
        low, high = sorted((draw(amounts), draw(amounts)))
        priors[name] = range_prior(name, low, high, unit, claims)
        return name

    names = draw(st.lists(words.filter(lambda word: word != "total"), min_size=2, max_size=4, unique=True))
    claims: tuple[str, ...] = draw(st.sampled_from([(), ("c0",), ("c0", "c1")]))
    places = tuple(
        Place(
            name=name,
            lat=draw(st.floats(0, 0.01)),
            lon=draw(st.floats(0, 0.01)),
            kind=PlaceKind.TOWN if at < 2 else draw(st.sampled_from([PlaceKind.CAMP, PlaceKind.TOWN])),
            country=draw(words),
            local_name=draw(texts),
            note=draw(texts),
            claims=claims,
            population=1.0 + draw(amounts)
            if at == 0
            else value(f"places.csv:{name}:population", "people", claims),
            capacity=draw(st.none() | st.just(0.125)),
            closes=draw(st.none() | days),
        )
        for at, name in enumerate(names)
    )
    routes = tuple(
        Route(
            start=names[0],
            end=name,
            length_km=draw(st.floats(2, 50)),
            one_way=draw(st.booleans()),
            throughput_per_day=value(f"routes.csv:{row}:throughput_per_day", "people/day", ()),
        )
        for row, name in enumerate(names[1:], start=2)
    )
    events = tuple(_event(draw, row, names, priors) for row in range(2, 2 + draw(st.integers(0, 4))))
    return Scenario(
        name=draw(words),
        title=draw(texts),
        description=draw(texts),
        issue_date=ISSUE_DATE,
        horizon=HORIZON,
        storylines=(Storyline(name="main", title=draw(texts), story=draw(texts)),),
        groups=(
            Group(name="some", share=0.25, leave_factor=draw(amounts)),
            Group(name="rest", share=0.75, held_by_siege=draw(st.booleans()), claims=claims),
            Group(name="apart", people={names[0]: draw(amounts) + 1.0}),
        ),
        rules=Rules(
            leave_rate_per_day="rate",
            attraction=DEFAULT_ATTRACTION,
            move_chance=DEFAULT_MOVE_CHANCE,
            distance_power=draw(amounts),
        ),
        priors=priors,
        places=places,
        routes=routes,
        events=events,
        claims=tuple(_claim(draw, at) for at in range(2)),
        counts=tuple(
            Count(date=ISSUE_DATE + timedelta(days=at), place=name, people=draw(st.integers(0, 10**6)))
            for at, name in enumerate([*names, "total"])
        ),
        provenance=draw(st.dictionaries(words, texts, max_size=2)),
    )


def _event(draw: st.DrawFn, row: int, names: list[str], priors: dict[str, Prior]) -> Event:
    kind = draw(st.sampled_from([EventKind.FIGHTING, EventKind.CONTROL, EventKind.ROUTE, EventKind.CAPACITY]))
    day = draw(days)
    when, written = draw(
        st.sampled_from(
            [
                ((DateTerm(days=day.toordinal()),), day.isoformat()),
                (
                    (DateTerm(prior="start"), DateTerm(prior="wait"), DateTerm(days=3, sign=-1)),
                    "start+wait - 3",
                ),
                ((DateTerm(prior=f"timeline.csv:{row}:date"),), f"{ISSUE_DATE}..{day}"),
            ]
        )
    )
    if when[0].prior == f"timeline.csv:{row}:date":
        low, high = ISSUE_DATE.toordinal(), day.toordinal()
        priors[when[0].prior] = range_prior(when[0].prior, low, high, "date", ())
    is_open = float(draw(st.booleans()))
    value = {EventKind.CONTROL: 0.0, EventKind.ROUTE: is_open}.get(kind, draw(amounts))
    return Event(
        storyline=draw(st.sampled_from(["", "main"])),
        when=when,
        written=written,
        kind=kind,
        place=names[0],
        to=names[1] if kind is EventKind.ROUTE else "",
        value=value,
        actor="north" if kind is EventKind.CONTROL else "",
        note=draw(texts),
    )


def _claim(draw: st.DrawFn, at: int) -> Claim:
    return Claim(
        id=f"c{at}",
        said_on=ISSUE_DATE,
        about=draw(words),
        low=draw(st.none() | st.floats(-1e9, 0)),
        high=draw(st.none() | st.floats(0, 1e9)),
        unit=draw(texts),
        kind="denial",
        source=draw(words),
        reliability="C",
        credibility=draw(st.sampled_from([1, 6])),
        note=draw(texts),
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(scenarios())
def test_round_trip_of_any_scenario(scenario: Scenario) -> None:
    with tempfile.TemporaryDirectory() as home:
        write_scenario(scenario, Path(home) / "written")
        assert load_scenario(Path(home) / "written") == scenario


@pytest.mark.parametrize("name", [*bundled_names(), str(BASE)])
def test_round_trip_of_known_scenarios(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    write_scenario(scenario, tmp_path / "of_another_name")
    assert load_scenario(tmp_path / "of_another_name") == scenario
    write_scenario(scenario, tmp_path / scenario.name)
    assert load_scenario(tmp_path / scenario.name) == scenario
    assert (
        "name:" not in (tmp_path / scenario.name / "scenario.yaml").read_text(encoding="utf-8").split("\n")[0]
    )


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    write_scenario(load_scenario("two-towns"), tmp_path / "first")
    write_scenario(load_scenario("two-towns"), tmp_path / "second")
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


def test_columns_that_hold_nothing_are_left_out(tmp_path: Path) -> None:
    write_scenario(load_scenario("two-towns"), tmp_path / "two-towns")
    with (tmp_path / "two-towns" / "routes.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["from", "to", "length_km", "kind"]


def test_range_of_dates_in_a_row_that_moved(tmp_path: Path) -> None:
    """A removed event shifts the rows below: their ranges are written by the names of their priors."""
    scenario = load_scenario(BASE)
    name = "timeline.csv:4:date"
    low, high = (
        ISSUE_DATE.replace(year=2016, month=11).toordinal(),
        HORIZON.replace(year=2016, month=11, day=9),
    )
    moved = scenario.events[0].model_copy(
        update={"when": (DateTerm(prior=name), DateTerm(days=2)), "written": "2016-11-01..2016-11-09+2"}
    )
    prior = range_prior(name, low, high.toordinal(), "date", ())
    shifted = scenario.model_copy(
        update={"events": (moved,), "priors": {"leave_rate": scenario.priors["leave_rate"], name: prior}}
    )
    write_scenario(shifted, tmp_path / "base")
    read = load_scenario(tmp_path / "base")
    assert read.events[0].written == "timeline.csv:4:date+2"
    assert read.events[0].when == moved.when
    assert read.priors == shifted.priors


def test_existing_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.md").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        write_scenario(load_scenario(BASE), tmp_path / "mine")
    assert format_problems(raised.value.problems).replace(str(tmp_path), "HOME") == (
        "[folder-exists] 'HOME/mine' exists already; a scenario is written to a new folder\n"
        "    hint: name another folder, or remove this one\n"
        "1 problem. Nothing was run."
    )
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.md"]


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    write_scenario(load_scenario(BASE), tmp_path / "base")
    assert load_scenario(tmp_path / "base") == load_scenario(BASE)


def test_what_would_be_read_back_differently_is_refused(tmp_path: Path) -> None:
    scenario = load_scenario(BASE)
    places = (scenario.places[0].model_copy(update={"note": " leading blank"}), *scenario.places[1:])
    with pytest.raises(InputError) as raised:
        write_scenario(scenario.model_copy(update={"places": places}), tmp_path / "base")
    assert format_problems(raised.value.problems) == (
        "[write-differs] the scenario's places would be read back as something else\n"
        "    hint: texts must not begin or end with blanks; events of kind control have no value\n"
        "1 problem. Nothing was run."
    )
    assert list(tmp_path.iterdir()) == []


def test_scenario_with_problems_is_refused(tmp_path: Path) -> None:
    scenario = load_scenario(BASE)
    with pytest.raises(InputError, match="table-empty"):
        write_scenario(scenario.model_copy(update={"routes": ()}), tmp_path / "base")
    assert list(tmp_path.iterdir()) == []
