"""The rows of each table as records: what its columns are, and what each cell of them means.

A row in which a fault was found gives no record. Names are not looked up here: `corridor.scenario.checks`
does that when all files have been read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from corridor.scenario.cells import RowReader
from corridor.scenario.dates import read_event_date
from corridor.scenario.findings import Findings
from corridor.scenario.model import (
    MATCHING_RULES,
    PLACE_KIND_VALUES,
    SITE_OPENS_AS,
    Claim,
    Composition,
    Count,
    DisplacedOnDay,
    Event,
    EventKind,
    GroupAtPlace,
    Hunger,
    Place,
    PlaceKind,
    Record,
    Route,
    Value,
)
from corridor.scenario.tables import Row, Shape, Table
from corridor.scenario.values import (
    CHANCE,
    FACTOR,
    LATITUDE,
    LENGTH,
    LONGITUDE,
    PEOPLE,
    PEOPLE_PER_DAY,
    PERCENT,
    SPEED,
    Allowed,
    ValueUses,
)

PLACES = Shape(
    "places.csv",
    ("name", "lat", "lon", "kind", "country"),
    (
        "id",
        "admin",
        "population",
        "capacity",
        "throughput_per_day",
        "opens",
        "closes",
        "local_name",
        "control",
        "move_chance",
        "attraction",
        "capacity_per_day",
        "residents",
        "no_short_stops",
        "stay_chance",
        "displaced",
        "farmer_share",
        "flood_zone",
        "claims",
        "note",
    ),
)
ROUTES = Shape(
    "routes.csv",
    ("from", "to", "length_km"),
    (
        *("kind", "opens", "closes", "throughput_per_day", "one_way"),
        *("km_per_day", "walk_chance", "forced_to", "claims", "note"),
    ),
)
TIMELINE = Shape(
    "timeline.csv", ("storyline", "date", "kind", "place"), ("to", "value", "actor", "claims", "note")
)
CLAIMS = Shape(
    "claims.csv",
    ("id", "said_on", "about", "unit", "kind", "source"),
    ("low", "high", "carried_by", "reliability", "credibility", "url", "note"),
)
COUNTS = Shape("counts.csv", ("date", "place", "people"), ("counted_by", "claim", "note"))
DISPLACED = Shape("displaced_per_day.csv", ("date", "people"))
GROUPS = Shape("groups.csv", ("place", "group"), ("share", "people", "note"))
HUNGER = Shape("hunger.csv", ("date", "admin", "percent"), ("note",))
COMPOSITION = Shape("composition.csv", ("place", "attribute", "value", "people"), ("note",))

#: All tables of a scenario folder, in the order in which they are read.
SHAPES = (PLACES, ROUTES, TIMELINE, CLAIMS, COUNTS, DISPLACED, GROUPS, HUNGER, COMPOSITION)

_OPEN_OR_CLOSED = {"open": 1.0, "closed": 0.0}
#: What stands for a word, for the kinds of event whose value is a word.
EVENT_WORDS: dict[EventKind, dict[str, float]] = {
    EventKind.ROUTE: _OPEN_OR_CLOSED,
    EventKind.ROUTE_ONE_WAY: _OPEN_OR_CLOSED,
    EventKind.SITE: {**_OPEN_OR_CLOSED, **{kind.value: value for value, kind in SITE_OPENS_AS.items()}},
    EventKind.FORCED_ROUTE: {"on": 1.0, "off": 0.0},
    EventKind.PLACE_KIND: PLACE_KIND_VALUES,
}

#: What the value of an event can be, by kind.
EVENT_VALUES: dict[EventKind, Allowed] = {
    EventKind.FIGHTING: FACTOR,
    EventKind.SIEGE: CHANCE,
    EventKind.CAPACITY: PEOPLE,
    EventKind.FLOOD: FACTOR,
    EventKind.THROUGHPUT: PEOPLE_PER_DAY,
}

#: A capacity that grows may begin below 1: there is no limit until it has grown to that.
_GROWING = Allowed(low=-1e10, high=1e10, unit="people")

AnyRecord = TypeVar("AnyRecord", bound=Record)


@dataclass(frozen=True)
class Rows(Generic[AnyRecord]):
    """The records of a file, each with its row, and all rows, those at fault included."""

    all: tuple[Row, ...]
    good: tuple[tuple[AnyRecord, Row], ...]
    is_whole: bool = True  # False: there are rows that could not be split, with names nobody knows

    @property
    def records(self) -> tuple[AnyRecord, ...]:
        """The records alone."""
        return tuple(record for record, _ in self.good)

    @property
    def is_sound(self) -> bool:
        """True where there are rows and none is at fault."""
        return bool(self.all) and len(self.good) == len(self.all)

    def names(self, column: str) -> frozenset[str]:
        """Return the texts under ``column`` of all rows, also of those at fault."""
        return frozenset(row[column] for row in self.all if row[column])

    def known(self, *columns: str) -> frozenset[tuple[str, ...]] | None:
        """Return the texts under ``columns``, None where a fault may hide some of them."""
        texts = frozenset(tuple(row[column] for column in columns) for row in self.all)
        return texts if texts and self.is_whole and all(all(text) for text in texts) else None


def read_rows(
    table: Table | None, make: Callable[[RowReader], AnyRecord], uses: ValueUses
) -> Rows[AnyRecord]:
    """Make a record of every row of ``table`` that has no fault."""
    if table is None:
        return Rows((), (), is_whole=False)
    good: list[tuple[AnyRecord, Row]] = []
    findings: Findings = uses.findings
    for row in table.rows:
        n_before = findings.n_faults
        record = make(RowReader(row, uses))
        if findings.n_faults == n_before and table.is_complete:
            good.append((record, row))
    return Rows(table.rows, tuple(good), table.is_whole)


def make_place(cells: RowReader) -> Place:
    """Turn a row of places.csv into a place."""

    def range_name(column: str) -> Callable[[], str]:
        return lambda: f"places.csv:{cells.row['name']}:{column}"

    population = cells.value("population", PEOPLE, range_name("population"))
    grows = bool(cells.text("capacity_per_day"))
    return Place(
        name=cells.needed_text("name"),
        id=cells.text("id"),
        lat=cells.number("lat", LATITUDE),
        lon=cells.number("lon", LONGITUDE),
        kind=cells.choice("kind", PlaceKind),
        country=cells.needed_text("country"),
        admin=cells.text("admin"),
        population=0.0 if population is None else population,
        capacity=cells.value("capacity", _GROWING if grows else PEOPLE, range_name("capacity")),
        throughput_per_day=cells.value(
            "throughput_per_day", PEOPLE_PER_DAY, range_name("throughput_per_day")
        ),
        opens=cells.date_or_none("opens"),
        closes=cells.date_or_none("closes"),
        local_name=cells.text("local_name"),
        control=cells.text("control"),
        move_chance=cells.value("move_chance", CHANCE, range_name("move_chance")),
        attraction=cells.value("attraction", FACTOR, range_name("attraction")),
        capacity_per_day=cells.value("capacity_per_day", PEOPLE_PER_DAY, range_name("capacity_per_day")),
        residents=cells.value("residents", PEOPLE, range_name("residents")),
        no_short_stops=cells.yes_or_no("no_short_stops"),
        stay_chance=cells.value("stay_chance", CHANCE, range_name("stay_chance")),
        displaced=cells.value("displaced", PEOPLE, range_name("displaced")),
        farmer_share=cells.number_or_none("farmer_share", CHANCE),
        flood_zone=cells.yes_or_no("flood_zone"),
        claims=cells.claims(),
        note=cells.text("note"),
    )


def make_route(cells: RowReader) -> Route:
    """Turn a row of routes.csv into a route."""

    def value(column: str, allowed: Allowed) -> Value | None:
        return cells.value(column, allowed, lambda: f"routes.csv:{cells.row.number}:{column}")

    return Route(
        start=cells.needed_text("from"),
        end=cells.needed_text("to"),
        length_km=cells.number("length_km", LENGTH),
        kind=cells.text("kind") or "road",
        opens=cells.date_or_none("opens"),
        closes=cells.date_or_none("closes"),
        throughput_per_day=value("throughput_per_day", PEOPLE_PER_DAY),
        one_way=cells.yes_or_no("one_way"),
        km_per_day=value("km_per_day", SPEED),
        walk_chance=value("walk_chance", CHANCE),
        forced_to=cells.text("forced_to"),
        claims=cells.claims(),
        note=cells.text("note"),
    )


def make_event(cells: RowReader) -> Event:
    """Turn a row of timeline.csv into an event."""
    kind = cells.choice("kind", EventKind)
    return Event(
        storyline=cells.text("storyline"),
        when=read_event_date(cells, "date", lambda: f"timeline.csv:{cells.row.number}:date"),
        written=cells.text("date"),
        kind=kind,
        place=cells.needed_text("place"),
        to=cells.text("to"),
        value=_event_value(cells, kind),
        actor=cells.text("actor"),
        claims=cells.claims(),
        note=cells.text("note"),
    )


def _event_value(cells: RowReader, kind: EventKind) -> Value:
    """Read the value of an event; a kind at fault stands in as some kind and leaves the value unread."""
    if cells.row["kind"] != kind:
        return 0.0
    if kind in EVENT_WORDS:
        return EVENT_WORDS[kind][cells.word("value", tuple(EVENT_WORDS[kind]))]
    if kind is EventKind.CONTROL:
        if cells.text("value"):
            message = f"value is '{cells.text('value')}'; an event of kind control has an actor and no value"
            cells.findings.fault("event-value", cells.row.spot("value"), message)
        return 0.0
    if not cells.text("value"):
        message = f"value is blank; an event of kind {kind} needs {EVENT_VALUES[kind].in_words()}"
        cells.findings.fault("event-value", cells.row.spot("value"), message)
        return 0.0
    value = cells.value("value", EVENT_VALUES[kind], lambda: f"timeline.csv:{cells.row.number}:value")
    return 0.0 if value is None else value


def make_claim(cells: RowReader) -> Claim:
    """Turn a row of claims.csv into a claim."""
    anything = Allowed(low=float("-inf"))
    low, high = cells.number_or_none("low", anything), cells.number_or_none("high", anything)
    if low is not None and high is not None and low > high:
        message = f"low is {low:.15g} and high is {high:.15g}; low must not be above high"
        cells.findings.fault("range-order", cells.row.spot("low"), message)
    return Claim(
        id=cells.needed_text("id"),
        said_on=cells.date("said_on", month_will_do=True),
        about=cells.needed_text("about"),
        low=low,
        high=high,
        unit=cells.text("unit"),
        kind=_literal(cells, "kind"),
        source=cells.needed_text("source"),
        carried_by=cells.text("carried_by"),
        reliability=_literal(cells, "reliability", "F"),
        credibility=_credibility(cells),
        url=cells.text("url"),
        note=cells.text("note"),
    )


def make_count(cells: RowReader) -> Count:
    """Turn a row of counts.csv into a count."""
    return Count(
        date=cells.date("date"),
        place=cells.needed_text("place"),
        people=cells.whole("people"),
        counted_by=cells.text("counted_by"),
        claim=cells.text("claim"),
        note=cells.text("note"),
    )


def make_displaced(cells: RowReader) -> DisplacedOnDay:
    """Turn a row of displaced_per_day.csv into the people displaced on a day."""
    return DisplacedOnDay(date=cells.date("date"), people=cells.whole("people"))


def make_group_at_place(cells: RowReader) -> GroupAtPlace:
    """Turn a row of groups.csv into the share of a group at a place, and its people there."""
    place, group = cells.needed_text("place"), cells.needed_text("group")
    if not cells.text("share") and not cells.text("people"):
        message = f"neither share nor people of '{group}' at '{place}' is given; one of them is needed"
        cells.findings.fault("cell-empty", cells.row.spot("group"), message)
    return GroupAtPlace(
        place=place,
        group=group,
        share=cells.number_or_none("share", CHANCE),
        people=cells.value("people", PEOPLE, lambda: f"{GROUPS.file}:{cells.row.number}:people"),
        note=cells.text("note"),
    )


def make_hunger(cells: RowReader) -> Hunger:
    """Turn a row of hunger.csv into the hunger in an area on a day."""
    cells.needed_text("percent")
    percent = cells.value("percent", PERCENT, lambda: f"{HUNGER.file}:{cells.row.number}:percent")
    return Hunger(
        date=cells.date("date"),
        admin=cells.needed_text("admin"),
        percent=0.0 if percent is None else percent,
        note=cells.text("note"),
    )


def make_composition(cells: RowReader) -> Composition:
    """Turn a row of composition.csv into the people of a religion or ethnicity who live at a place."""
    cells.needed_text("people")
    people = cells.value("people", PEOPLE, lambda: f"{COMPOSITION.file}:{cells.row.number}:people")
    attribute: Any = cells.word("attribute", tuple(MATCHING_RULES))
    return Composition(
        place=cells.needed_text("place"),
        attribute=attribute,
        value=cells.needed_text("value"),
        people=0.0 if people is None else people,
        note=cells.text("note"),
    )


def _literal(cells: RowReader, column: str, default: str = "") -> Any:
    words = get_args(Claim.model_fields[column].annotation)
    return cells.word(column, words, default)


def _credibility(cells: RowReader) -> Any:
    return int(cells.word("credibility", ("1", "2", "3", "4", "5", "6"), "6"))
