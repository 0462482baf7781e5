"""What a scenario is, once read and checked: frozen records with names, dates and units, and nothing else.

A `Scenario` is complete: every default is filled in, every name resolves, every value is a number or the name
of a prior. It knows no file positions, draws no random numbers and is not yet arrays;
`corridor.scenario.load` makes it, `corridor.ensemble.compile` turns it into arrays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Record(BaseModel):
    """A frozen record in which an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Number = Annotated[float, Field(allow_inf_nan=False)]
#: A date as it is written, 2016-10-19.
Day = Annotated[dt.date, BeforeValidator(lambda written: dt.date.fromisoformat(str(written)))]
#: A number, or the name of an entry of ``Scenario.priors``.
Value = Number | str


class PlaceKind(StrEnum):
    """What a place is for the law; see docs/law.md, "Kinds of place"."""

    TOWN = "town"  # people live here; displaced people are taken in as host community
    NEIGHBOURHOOD = "neighbourhood"  # part of a city; as town
    CAMP = "camp"  # a site with plots; counted
    EMERGENCY_SITE = "emergency_site"  # a site; counted
    HOST_COMMUNITY = "host_community"  # an area that takes people in without being a town of its own
    SCREENING_SITE = "screening_site"  # people pass through, so many a day
    BORDER_CROSSING = "border_crossing"  # people pass through
    JUNCTION = "junction"  # a point on the road where nobody stays
    OUTSIDE = "outside"  # beyond the area: who arrives has left the area


#: Kinds that count as sites: they receive people and are counted.
SITE_KINDS = frozenset({PlaceKind.CAMP, PlaceKind.EMERGENCY_SITE})


class EventKind(StrEnum):
    """What an event of the timeline changes."""

    FIGHTING = "fighting"  # value: intensity at the place, 0 = none, 1 = the reference of leave_rate_per_day
    CONTROL = "control"  # actor: who holds the place from that day
    SIEGE = "siege"  # value 0..1: share of those who want out and cannot get out that day; 0 lifts it
    ROUTE = "route"  # value: open or closed (stored as 1 or 0)
    ROUTE_ONE_WAY = "route_one_way"  # as route, but only from the place to the other end
    FORCED_ROUTE = "forced_route"  # law flee: on or off (stored as 1 or 0): all at the place take the road
    PLACE_KIND = "place_kind"  # law flee: what the place is from then on (stored as in PLACE_KIND_VALUES)
    SITE = "site"  # value: open or closed (1 or 0); law flee also what it opens as (see SITE_OPENS_AS)
    CAPACITY = "capacity"  # value: people the place can hold from that day
    FLOOD = "flood"  # law flee, value: level at the place, 0 = dry
    THROUGHPUT = "throughput"  # value: people a day through the place, or along the route


#: Value of an event of kind site that opens a site as another kind than it was.
SITE_OPENS_AS = {2.0: PlaceKind.CAMP, 3.0: PlaceKind.EMERGENCY_SITE}


#: Value of an event of kind place_kind by its word; flood_zone and fighting are no kinds of places.csv.
PLACE_KIND_VALUES = {
    **{"town": 0.0, "camp": 1.0, "emergency_site": 2.0, "screening_site": 3.0, "junction": 4.0},
    **{"flood_zone": 5.0, "fighting": 6.0},
}
#: Those of them that make a site of a place.
BECOMES_SITE = frozenset({1.0, 2.0})


class Prior(Record):
    """A quantity that is not known: its distribution, its unit, and why one believes it.

    ``low`` and ``high`` bound the uniform and the triangular distribution; ``mode`` is the triangular peak;
    ``median`` and ``p95`` (95th percentile) fix the lognormal; ``mean`` and ``concentration`` (a + b) fix the
    beta, which is then stretched to ``low``..``high`` where given. For ``unit: date`` low, mode and high are
    ISO dates, held here as proleptic ordinals (``datetime.date.toordinal``).

    ``claims`` is pooled from claims when the scenario is read, by the rule ``pool``, and becomes ``steps``:
    an even density between each two ``edges``, with the ``masses`` between them. ``product`` is the product
    of the entries of ``of``: numbers, names of priors, and ``1 - NAME``.
    """

    distribution: Literal["uniform", "triangular", "lognormal", "beta", "fixed", "claims", "steps", "product"]
    unit: str
    low: Number | None = None
    mode: Number | None = None
    high: Number | None = None
    median: Number | None = None
    p95: Number | None = None
    mean: Number | None = None
    concentration: Number | None = None
    value: Number | None = None  # distribution: fixed
    edges: tuple[Number, ...] = ()  # distribution: steps; for unit date days, as ordinals
    masses: tuple[Number, ...] = ()  # one fewer than edges; they sum to 1
    of: tuple[Value, ...] = ()  # distribution: product
    pool: Literal["linear", "log"] | None = None  # distribution: claims; of steps, how they were made
    about: str = ""  # further words under which claims speak of it
    reason: str = ""
    claims: tuple[str, ...] = ()


class Group(Record):
    """People who share a rule. Either a ``share`` of every population, or ``people`` counted apart at named
    places.
    """

    name: str
    title: str = ""
    share: Number | None = None  # 0..1; shares of all such groups sum to 1
    people: dict[str, Value] = Field(default_factory=dict)  # place -> people, for groups counted apart
    leave_factor: Value = 1.0  # multiplies the hazard of leaving home
    speed_factor: Value = 1.0  # multiplies distance per day
    return_factor: Value = 1.0  # multiplies the hazard of returning
    held_by_siege: bool = True  # False: a siege does not stop this group
    control_attraction: dict[str, Value] = Field(
        default_factory=dict
    )  # actor -> factor; else Rules.control_attraction
    destination_power: Value | None = None  # law flee: of the attraction of where to go; None = 1
    flood_awareness: Value | None = None  # law flee: how much forecasts of floods count for it; None = 1
    religion: str = ""  # law flee: which they share, where a rule asks for it
    ethnicity: str = ""  # law flee
    claims: tuple[str, ...] = ()
    reason: str = ""


#: Rules that a group has under the law flee, and no other.
FLEE_GROUP_RULES = ("destination_power", "flood_awareness", "religion", "ethnicity")


class FleeRules(Record):
    """The numbers of Flee's law, with units in their names; docs/scenario.md says what each does.

    The defaults are Flee's own. A road is what joins two places, and people look so many roads ahead.
    """

    home_country: str  # all other countries are abroad
    departures: Literal["given", "constant", "share", "poisson"] = "given"  # how many leave home each day
    displaced_per_day: Value | None = None  # if not given: people, or a share, where intensity is 1
    population_shrinks: bool = False  # who leaves home no longer counts where the next leave from
    fighting_decay: tuple[Number, ...] = ()  # factor for fighting by age, one entry for each ...
    fighting_decay_days: Value = 30.0  # ... of so many days
    ride_km_per_day: Value = 360.0
    walk_km_per_day: Value = 35.0
    first_leg_on_foot: bool = False
    avoid_short_stints: bool = False  # who has time left does not stop in a town
    exact_day_is_enough: bool = False  # a road of exactly a day's distance takes one day, not two
    awareness_roads: int = Field(default=1, ge=1)
    softening_km: Value = 10.0
    distance_power: Value = 1.0
    attraction_softening: Value = 0.0  # added to the attraction of every destination
    attraction_power: Value = 1.0  # of attraction over distance
    pruning: Value = 1.0  # ways of less than the best over this are left out; up to 1.001: none
    abroad_attraction: Value = 1.0
    site_attraction: Value = 1.0
    fighting_attraction: Value = 10**-0.5  # factor per unit of fighting intensity
    population_power: Value = 0.0  # of the population in the attraction of a place that is no site
    nearness_power: Value = 0.0  # of the straight line in the attraction of a place
    town_move_chance: Value = 0.3  # a day, of moving on
    camp_move_chance: Value = 0.001
    emergency_site_move_chance: Value = 0.1
    fighting_move_chance: Value = 1.0  # where there is fighting, whatever the place
    size_base_people: Value = 10000.0  # a move chance grows with the size of the place over this ...
    size_power: Value = 0.0  # ... to this power
    capacity_buffer: Value = 0.9
    capacity_scaling: Value = 1.0  # a place holds its capacity times this
    hunger_displaces: bool = False  # hunger adds to how many of all who leave home do so at a place
    hunger_displaces_in_peace: bool = False  # also where there is no fighting
    hunger_moves_on: bool = False  # who is hungry moves on
    hunger_repels: bool = False  # people avoid places of the home country where there is hunger
    # lists by flood level, level 0 first; linear between whole levels
    flood_displaced_per_day: tuple[Number, ...] = ()  # instead of displaced_per_day and the fighting
    flood_move_chance: tuple[Number, ...] = ()  # instead of that of the place
    flood_attraction: tuple[Number, ...] = ()  # factor of a flooded place
    floods_as_run: bool = False  # as Flee's program does it: whole levels, flood zones, forecasts
    flood_forecast_days: int = Field(default=0, ge=0)  # how far ahead floods are forecast; 0 = not at all
    flood_forecast_until: Day | None = None  # no forecasts after this day, and of no later ones
    flood_forecast_weights: tuple[Number, ...] = ()  # by days ahead; as run by day
    place_kind_fighting: Value | None = (
        None  # intensity where an event makes a place one of fighting; None = 1
    )
    # factor of a place where all have the religion or ethnicity of those who look for one, taken times the
    # share who do; 0 = it does not matter
    same_religion_at_sites: Value = 0.0
    same_ethnicity_at_sites: Value = 0.0
    same_ethnicity_in_fighting: Value = 0.0  # at places with fighting that are no sites
    same_ethnicity_elsewhere: Value = 0.0
    fixed_routes: bool = False  # each place keeps its best way to each destination
    fixed_routes_as_run: bool = False  # those of places later in the file by yesterday's attraction
    harvest_months: tuple[int, ...] = ()  # 1 = January; who farms stops then, and is counted at home
    harvest_stops_all: bool = False  # as Flee's program does it: everybody farms
    major_routes: tuple[tuple[str, ...], ...] = ()  # chains of places that lead beyond, either way


#: What people of a place may share, and the rules of `FleeRules` that ask for it.
MATCHING_RULES: dict[str, tuple[str, ...]] = {
    "religion": ("same_religion_at_sites",),
    "ethnicity": ("same_ethnicity_at_sites", "same_ethnicity_in_fighting", "same_ethnicity_elsewhere"),
}

#: Rules of `FleeRules` that most scenarios do not have; written only where they are on.
OPTIONAL_FLEE_RULES = frozenset(
    {
        *("hunger_displaces", "hunger_displaces_in_peace", "hunger_moves_on", "hunger_repels"),
        *("flood_displaced_per_day", "flood_move_chance", "flood_attraction", "floods_as_run"),
        *("flood_forecast_days", "flood_forecast_until", "flood_forecast_weights"),
        *(rule for rules in MATCHING_RULES.values() for rule in rules),
        *(
            "place_kind_fighting",
            "fixed_routes",
            "fixed_routes_as_run",
            "major_routes",
            "harvest_months",
            "harvest_stops_all",
        ),
    }
)


class Rules(Record):
    """The numbers of the law, with units in their names; docs/law.md says what each does.

    With ``law: flee`` those in ``flee`` count, and of the others only ``leaving``, which follows from them.
    """

    law: Literal["corridor", "flee"] = "corridor"
    flee: FleeRules | None = None  # the numbers of the law flee
    leaving: Literal["hazard", "given"] = "hazard"  # given: daily totals from displaced_per_day.csv
    leave_rate_per_day: Value = 0.01  # hazard of leaving at fighting intensity 1
    leave_intensity_power: Value = 1.0
    awareness_km: Value = 200.0  # how far people look for a place to go, along open roads
    softening_km: Value = 10.0
    distance_power: Value = 1.0
    attraction: dict[PlaceKind, Value] = Field(
        default_factory=dict
    )  # by kind; defaults in DEFAULT_ATTRACTION
    control_attraction: dict[str, Value] = Field(default_factory=dict)  # actor -> factor, 1 where not named
    fighting_attraction: Value = 0.1  # factor per unit of fighting intensity
    abroad_attraction: Value = 1.0  # factor for a place in another country than the place left
    capacity_buffer: Value = 0.9  # attraction falls from this share of capacity to 0 at full
    move_chance: dict[PlaceKind, Value] = Field(
        default_factory=dict
    )  # a day, of moving on; DEFAULT_MOVE_CHANCE
    walk_km_per_day: Value = 30.0
    ride_km_per_day: Value = 200.0
    first_leg_on_foot: bool = True
    return_rate_per_day: Value = 0.0  # hazard of setting off for home once it is safe
    return_after_safe_days: int = Field(default=14, ge=0)
    unsafe_control: tuple[str, ...] = ()  # actors under whom nobody returns


DEFAULT_ATTRACTION: dict[PlaceKind, float] = {
    PlaceKind.TOWN: 1.0,
    PlaceKind.NEIGHBOURHOOD: 1.0,
    PlaceKind.CAMP: 1.0,
    PlaceKind.EMERGENCY_SITE: 1.0,
    PlaceKind.HOST_COMMUNITY: 1.0,
    PlaceKind.SCREENING_SITE: 0.0,  # a place to pass, not a destination
    PlaceKind.BORDER_CROSSING: 0.0,
    PlaceKind.JUNCTION: 0.0,
    PlaceKind.OUTSIDE: 1.0,
}

DEFAULT_MOVE_CHANCE: dict[PlaceKind, float] = {
    PlaceKind.TOWN: 0.01,
    PlaceKind.NEIGHBOURHOOD: 0.01,
    PlaceKind.CAMP: 0.001,
    PlaceKind.EMERGENCY_SITE: 0.001,
    PlaceKind.HOST_COMMUNITY: 0.01,
    PlaceKind.SCREENING_SITE: 1.0,
    PlaceKind.BORDER_CROSSING: 1.0,
    PlaceKind.JUNCTION: 1.0,
    PlaceKind.OUTSIDE: 0.0,
}


class Storyline(Record):
    """One way the crisis may unfold, with a weight; weights are normalised to sum to 1."""

    name: str
    title: str
    weight: Value = 1.0
    story: str = ""
    reason: str = ""
    claims: tuple[str, ...] = ()


class Place(Record):
    """Anything people can be at. ``population`` are residents; at a site, people already there on the issue
    date.
    """

    name: str
    id: str = ""  # P-code where known
    lat: Number
    lon: Number
    kind: PlaceKind
    country: str
    admin: str = ""
    population: Value = 0.0
    capacity: Value | None = None  # people; None = no limit known
    throughput_per_day: Value | None = None  # people a day let through; None = no limit
    opens: dt.date | None = None  # None = open from the start
    closes: dt.date | None = None  # first day closed
    local_name: str = ""
    control: str = ""  # who holds it on the issue date
    move_chance: Value | None = None  # law flee: a day, of moving on; None = that of its kind
    attraction: Value | None = None  # law flee: factor as a destination; None = 1
    capacity_per_day: Value | None = None  # law flee: what the capacity grows by a day; None = not at all
    residents: Value | None = None  # law flee: who lives at a site and may leave home there; None = nobody
    no_short_stops: bool = False  # law flee: a site where who has time left does not stop, as in a town
    stay_chance: Value | None = None  # law flee: a day, of never leaving the site again; None = 0
    displaced: Value | None = None  # law flee: who is there on the issue date at a place that is no site
    farmer_share: Number | None = None  # law flee: of those who leave home here; None = 0
    flood_zone: bool = False  # law flee: a flood counts twice in its attraction, as Flee runs
    claims: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_site(self) -> bool:
        """True for the kinds that receive people and are counted."""
        return self.kind in SITE_KINDS


class Route(Record):
    """A road between two places, both ways unless ``one_way``."""

    start: str  # column "from"
    end: str  # column "to"
    length_km: Number
    kind: str = "road"
    opens: dt.date | None = None
    closes: dt.date | None = None
    throughput_per_day: Value | None = None  # people a day, each way; None = no limit
    one_way: bool = False
    km_per_day: Value | None = None  # law flee: speed on this road; None = the general one
    walk_chance: Value | None = None  # law flee: of going on foot; None = 0
    forced_to: str = ""  # law flee: the end to which everybody at the other end must take this road
    claims: tuple[str, ...] = ()
    note: str = ""


class DateTerm(Record):
    """One summand of an event's date: a day (``days`` holds its ordinal) or an offset, or the name of a
    prior.
    """

    days: int = 0
    prior: str = ""
    sign: Literal[1, -1] = 1


class Event(Record):
    """A dated change. The date is the sum of its ``when`` terms, so that events can hang together."""

    storyline: str  # "" = every storyline
    when: tuple[DateTerm, ...]
    written: str  # the date as the author wrote it, for messages and for writing out
    kind: EventKind
    place: str
    to: str = ""  # the other end, for events about a route (both directions)
    value: Value = 0.0
    actor: str = ""
    claims: tuple[str, ...] = ()
    note: str = ""


class Claim(Record):
    """One reported statement: what, about which quantity, by whom, carried by whom, when, how reliable."""

    id: str
    said_on: dt.date
    about: str
    low: Number | None = None
    high: Number | None = None
    unit: str
    kind: Literal["observation", "estimate", "forecast", "allegation", "denial"]
    source: str
    carried_by: str = ""
    reliability: Literal["A", "B", "C", "D", "E", "F"] = "F"
    credibility: Literal[1, 2, 3, 4, 5, 6] = 6
    url: str = ""
    note: str = ""


class Count(Record):
    """People really counted on a date, at a place or in ``total``."""

    date: dt.date
    place: str  # a place's name, or "total"
    people: int = Field(ge=0)
    counted_by: str = ""
    claim: str = ""
    note: str = ""


class DisplacedOnDay(Record):
    """Hindcast mode only: how many left their homes on a day, all places together."""

    date: dt.date
    people: int = Field(ge=0)


class GroupAtPlace(Record):
    """Law flee: the share of a group in the people of one place, where it is another than elsewhere, and how
    many of the group have left home already and are there.
    """

    place: str
    group: str
    share: Number | None = None  # of those who leave home there, or are there on the issue date
    people: Value | None = None  # away from home, there before the first day, counted one by one
    note: str = ""


class Hunger(Record):
    """Law flee: how many people of an area are short of food on a day; linear between its days."""

    date: dt.date
    admin: str  # as places have it
    percent: Value
    note: str = ""


class Composition(Record):
    """Law flee: how many people of a religion or ethnicity live at a place and are not simulated."""

    place: str
    attribute: Literal["religion", "ethnicity"]
    value: str  # one that a group has
    people: Value
    note: str = ""


class WhatIf(Record):
    """What a what-if is made from, and what it changes there."""

    extends: tuple[str, ...] = Field(min_length=1)  # names, the first base first, the nearest last
    changes: tuple[str, ...] = ()  # sentences, in the order of ``extends``
    places: tuple[str, ...] = ()  # the places of the nearest base, in the order of their numbers


class Scenario(Record):
    """Everything known of a crisis on its issue date, checked and complete."""

    name: str
    title: str
    description: str = ""
    issue_date: dt.date  # day 0: the state before the first step
    horizon: dt.date  # the last day simulated
    household_size: Number = 5.0
    storylines: tuple[Storyline, ...]
    groups: tuple[Group, ...]
    rules: Rules
    priors: dict[str, Prior] = Field(default_factory=dict)
    places: tuple[Place, ...]
    routes: tuple[Route, ...]
    events: tuple[Event, ...] = ()
    claims: tuple[Claim, ...] = ()
    counts: tuple[Count, ...] = ()
    displaced_per_day: tuple[DisplacedOnDay, ...] = ()
    groups_at_places: tuple[GroupAtPlace, ...] = ()
    hunger: tuple[Hunger, ...] = ()
    composition: tuple[Composition, ...] = ()
    triggers: tuple[str, ...] = ()  # rules in plain words, see `corridor.scenario.triggers`
    what_if: WhatIf | None = None  # None for a scenario that extends no other
    provenance: dict[str, str] = Field(default_factory=dict)

    @property
    def n_days(self) -> int:
        """Days simulated; the results hold ``n_days + 1`` rows, day 0 first."""
        return (self.horizon - self.issue_date).days

    @property
    def numbered_places(self) -> tuple[str, ...]:
        """Names of places by their number in the engine; a what-if keeps the numbers of its base.

        So the same random numbers decide the same things in both. A name that is no place of this scenario
        is one that the what-if removed: its number stays empty.
        """
        before = self.what_if.places if self.what_if else ()
        names = (place.name for place in self.places)
        return number_places(before, names, in_file_order=self.rules.law == "flee")


def number_places(
    before: Iterable[str], names: Iterable[str], *, in_file_order: bool = False
) -> tuple[str, ...]:
    """Return the places of a base in its order, then the others by name, or as they stand in the file.

    >>> number_places(["Tol", "Birch"], ["Amara", "Tol"])
    ('Tol', 'Birch', 'Amara')
    """
    return tuple(dict.fromkeys([*before, *(names if in_file_order else sorted(names))]))
