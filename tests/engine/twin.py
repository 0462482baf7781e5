"""The slow plain twin: docs/law.md as a program that moves persons one by one.

It turns a `World` of plain lists into the stocks, flows and arrivals of one simulated future. It is written
from the page and shares no code with the engine; it has one function a phase, numbered as on the page. Where
the page leaves something open, the reading taken stands in a comment beside it. It checks
nothing and is not fast: the engine is compared with it in law, never draw by draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

STATES = (
    "resident",
    "trapped",
    "displaced",
    "travelling",
    "waiting",
    "in_camp",
    "in_host_community",
    "returned",
    "left_area",
)
(
    RESIDENT,
    TRAPPED,
    DISPLACED,
    TRAVELLING,
    WAITING,
    IN_CAMP,
    IN_HOST_COMMUNITY,
    RETURNED,
    LEFT_AREA,
) = range(len(STATES))

SITES = ("camp", "emergency_site")
TAKE_PEOPLE_IN = ("town", "neighbourhood", "host_community")
SECONDS_PER_DAY = 86_400
NO_HOME = -1
NO_LEG = -1

Counts = npt.NDArray[np.int64]


@dataclass
class World:
    """All that one simulated future needs, in plain lists; an index is the order of name."""

    names: list[str]  # in order of name
    kind: list[str]  # of each place: town, camp ...
    country: list[str]
    control: list[str]  # who holds the place on day 0, "" = nobody
    residents: list[list[int]]  # [places][groups] people at home on day 0 (towns, neighbourhoods)
    inside: list[list[int]]  # [places][groups] people in_camp on day 0 (sites); they have no home
    capacity: list[float | None]  # people; None = no limit
    throughput: list[float | None]  # people a day through a place; None = no limit
    fighting: list[float]  # intensity on day 0
    siege: list[float]  # 0..1 on day 0
    site_open: list[bool]  # [places]; of no meaning where the place is no site
    routes: list[tuple[int, int, float]]  # directed legs: start, end, km; a two-way road is two of them
    route_open: list[bool]  # [legs]
    route_throughput: list[float | None]  # [legs] people a day; None = no limit
    events: list[tuple[int, str, int, float | str]]  # day, kind, place or leg, value or actor; in file order
    groups: list[dict[str, Any]]  # name, leave_factor, speed_factor, return_factor, held_by_siege ...
    rules: dict[str, Any]  # as in model.Rules, numbers only, every kind named; given: N(t) for t = 1..days
    days: int


@dataclass
class Result:
    """What one simulated future leaves behind; row 0 of each array is day 0."""

    stocks: Counts  # [days + 1, places, groups, states]
    flows: Counts  # [days + 1, legs] people who entered the leg on that day
    arrivals: Counts  # [days + 1, places] people who stopped at the place on that day


@dataclass
class Plan:
    """A way to a destination, leg by leg."""

    legs: list[int]
    done: int = 0  # legs completed; 0 = still at the plan's start


@dataclass(eq=False)
class Person:
    """One person. Without a plan they stand at ``place``; with one they are on a leg or before the next."""

    home: int
    group: int
    place: int  # where they stand, or the place last left
    state: int
    plan: Plan | None = None
    leg: int = NO_LEG  # the leg they are on
    arrives_second: int = 0  # on a leg: when it ends, counted from the start of today
    first_leg: bool = False  # left home, or about to, and no place reached since
    let_through: bool = False  # by the throughput of the place where they stand
    queued_since: int | None = None  # the day since which they wait in a queue; None at the gate of a site


@dataclass
class Situation:
    """The state of the world today, as the events have left it."""

    fighting: list[float]
    siege: list[float]
    control: list[str]
    capacity: list[float | None]
    throughput: list[float | None]
    site_open: list[bool]
    route_open: list[bool]
    route_throughput: list[float | None]
    safe_days: list[int]
    ways: dict[int, Ways] = field(default_factory=dict)  # today's ways by start, worked out when asked for


@dataclass
class Ways:
    """The shortest open ways from one place: distance (infinite where there is none) and legs, by end."""

    km: list[float]
    legs: list[list[int]]


def simulate(world: World, rng: np.random.Generator) -> Result:
    """Simulate one future, person by person."""
    now = situation_on_day_0(world)
    people = people_on_day_0(world)
    n_places, rows = len(world.names), world.days + 1
    result = Result(
        stocks=np.zeros((rows, n_places, len(world.groups), len(STATES)), np.int64),
        flows=np.zeros((rows, len(world.routes)), np.int64),
        arrivals=np.zeros((rows, n_places), np.int64),
    )
    phase_8_recording(people, 0, result)
    for day in range(1, world.days + 1):
        phase_1_events(world, now, day)
        phase_2_leaving_home(world, now, people, day, rng)
        seekers = phase_3_trapped(world, now, people, rng)
        phase_4_choosing(world, now, people, seekers, rng)
        phase_5_travelling(world, now, people, day, result, rng)
        phase_7_returning(world, now, people, rng)
        phase_8_recording(people, day, result)
    return result


# Day 0


def situation_on_day_0(world: World) -> Situation:
    """Return the world before the first step; a safe place has been safe for long enough."""
    now = Situation(
        fighting=list(world.fighting),
        siege=list(world.siege),
        control=list(world.control),
        capacity=list(world.capacity),
        throughput=list(world.throughput),
        site_open=list(world.site_open),
        route_open=list(world.route_open),
        route_throughput=list(world.route_throughput),
        safe_days=[],
    )
    enough = world.rules["return_after_safe_days"]
    now.safe_days = [enough if is_safe(world, now, place) else 0 for place in range(len(world.names))]
    return now


def people_on_day_0(world: World) -> list[Person]:
    """Return residents at their homes, and people inside sites, who have no home."""
    people = []
    for place in range(len(world.names)):
        for group in range(len(world.groups)):
            for _ in range(world.residents[place][group]):
                people.append(Person(home=place, group=group, place=place, state=RESIDENT))
            for _ in range(world.inside[place][group]):
                people.append(Person(home=NO_HOME, group=group, place=place, state=IN_CAMP))
    return people


# 1. Events


def phase_1_events(world: World, now: Situation, day: int) -> None:
    """Let the events of the day take effect in file order, then count the safe days."""
    for event_day, kind, target, value in world.events:
        if event_day == day:
            apply_event(now, kind, target, value)
    for place in range(len(world.names)):
        now.safe_days[place] = now.safe_days[place] + 1 if is_safe(world, now, place) else 0
    now.ways.clear()


def apply_event(now: Situation, kind: str, target: int, value: float | str) -> None:
    """Change the one thing the event speaks of."""
    if kind == "control":
        now.control[target] = str(value)
    elif kind in ("route", "site"):
        is_open = now.route_open if kind == "route" else now.site_open
        is_open[target] = float(value) != 0
    else:
        number_of: dict[str, Any] = {
            "fighting": now.fighting,
            "siege": now.siege,
            "capacity": now.capacity,
            "throughput": now.throughput,
            "route_throughput": now.route_throughput,
        }
        number_of[kind][target] = float(value)


def is_safe(world: World, now: Situation, place: int) -> bool:
    """Tell whether there is no fighting, no siege and no holder under whom nobody returns."""
    holder_is_safe = now.control[place] not in world.rules["unsafe_control"]
    return now.fighting[place] == 0 and now.siege[place] == 0 and holder_is_safe


# 2. Leaving home


def phase_2_leaving_home(
    world: World, now: Situation, people: list[Person], day: int, rng: np.random.Generator
) -> None:
    """Make trapped who wants to leave home today."""
    if world.rules["leaving"] == "given":
        leavers = given_leavers(world, now, people, day, rng)
    else:
        leavers = [
            person
            for person in people
            if person.state in (RESIDENT, RETURNED)
            and happens(probability_to_leave(world, now, person.place, person.group), rng)
        ]
    for person in leavers:
        person.state = TRAPPED
        person.first_leg = True


def probability_to_leave(world: World, now: Situation, place: int, group: int) -> float:
    """Return the probability of wanting to leave the place today; 0 without fighting."""
    f = now.fighting[place]
    if f <= 0:
        return 0.0
    rules = world.rules
    intensity = f ** rules["leave_intensity_power"]
    hazard = rules["leave_rate_per_day"] * intensity * world.groups[group]["leave_factor"]
    return 1 - math.exp(-hazard)


def given_leavers(
    world: World, now: Situation, people: list[Person], day: int, rng: np.random.Generator
) -> list[Person]:
    """Draw N(t) people over the cells (place, group, state); what a cell cannot give stays at home."""
    cells: dict[tuple[int, int, int], list[Person]] = {}
    for person in people:
        if person.state in (RESIDENT, RETURNED):
            cells.setdefault((person.place, person.group, person.state), []).append(person)
    weights = [
        len(members) * now.fighting[place] * world.groups[group]["leave_factor"]
        for (place, group, _), members in cells.items()
    ]
    if sum(weights) <= 0:
        return []
    # the weights stay what they were at the start of the phase, whoever has been drawn already.
    drawn = [0] * len(weights)
    for _ in range(world.rules["given"][day - 1]):
        drawn[choose_one(weights, rng)] += 1
    return [
        person
        for number, members in zip(drawn, cells.values(), strict=True)
        for person in in_random_order(members, rng)[:number]
    ]


# 3. Trapped


def phase_3_trapped(
    world: World, now: Situation, people: list[Person], rng: np.random.Generator
) -> list[Person]:
    """Return the trapped who find a way today; the others stay trapped."""
    return [
        person
        for person in people
        if person.state == TRAPPED and happens(1 - siege_upon(world, now, person.place, person.group), rng)
    ]


def siege_upon(world: World, now: Situation, place: int, group: int) -> float:
    """Return the siege of the place as this group feels it."""
    return now.siege[place] if world.groups[group]["held_by_siege"] else 0.0


# 4. Choosing


def phase_4_choosing(
    world: World, now: Situation, people: list[Person], seekers: list[Person], rng: np.random.Generator
) -> None:
    """Open the gates, then let the seekers and those who move on choose a plan."""
    open_gates(world, now, people, rng)
    k = [room_factor(world, now, people, place) for place in range(len(world.names))]
    # who came in through the gate a moment ago chooses as a person in the camp.
    movers = [
        person
        for person in people
        if person.plan is None and happens(probability_to_move_on(world, now, person), rng)
    ]
    for person in seekers + movers:
        choose_plan(world, now, person, k, rng)


def open_gates(world: World, now: Situation, people: list[Person], rng: np.random.Generator) -> None:
    """Let people at the gate of an open site go in while there is room, each equally likely."""
    for place, kind in enumerate(world.kind):
        if kind in SITES and now.site_open[place]:
            gate = [person for person in people if person.place == place and is_at_gate(person)]
            for person in in_random_order(gate, rng):
                if has_room(world, now, people, place):
                    person.state = IN_CAMP


def is_at_gate(person: Person) -> bool:
    """Tell whether the person waits for a site to let them in, not in a queue on the way."""
    return person.state == WAITING and person.plan is None


def has_room(world: World, now: Situation, people: list[Person], place: int) -> bool:
    """Tell whether one person more can be inside the place."""
    capacity = now.capacity[place]
    if capacity is None:
        return True
    inside = sum(person.place == place and person.state in (IN_CAMP, IN_HOST_COMMUNITY) for person in people)
    return inside < int(capacity)


def occupancy(people: list[Person], place: int) -> int:
    """Count the people at a place who are displaced, at the gate, in the camp or in the host community."""
    # who set out to return last night still counts, for they are still there.
    stopped = (DISPLACED, IN_CAMP, IN_HOST_COMMUNITY)
    return sum(person.place == place and (person.state in stopped or is_at_gate(person)) for person in people)


def room_factor(world: World, now: Situation, people: list[Person], place: int) -> float:
    """Return k: 1 while the place is well below its capacity, 0 when full."""
    capacity = now.capacity[place]
    if capacity is None:
        return 1.0
    capacity = int(capacity)
    n, threshold = occupancy(people, place), world.rules["capacity_buffer"] * capacity
    if n >= capacity:  # full is full, also where capacity_buffer is 1.
        return 0.0
    if n <= threshold:
        return 1.0
    return float(1 - (n - threshold) / (capacity - threshold))


def probability_to_move_on(world: World, now: Situation, person: Person) -> float:
    """Return m for a person who stands somewhere without a plan."""
    place = person.place
    if person.state == DISPLACED or is_at_gate(person):
        m = 1.0
    elif person.state in (IN_CAMP, IN_HOST_COMMUNITY):
        # the formula of phase 2 counts here also where the numbers of leavers are given.
        fleeing = probability_to_leave(world, now, place, person.group)
        m = max(world.rules["move_chance"][world.kind[place]], fleeing)
    else:
        m = 0.0
    return m * (1 - siege_upon(world, now, place, person.group))


def choose_plan(
    world: World, now: Situation, person: Person, k: list[float], rng: np.random.Generator
) -> None:
    """Give the person a plan, unless no destination has a positive weight."""
    ways = ways_from(world, now, person.place)
    weights = [weight_of(world, now, person, place, ways.km[place], k) for place in range(len(world.names))]
    if sum(weights) > 0:
        person.plan = Plan(ways.legs[choose_one(weights, rng)])


def weight_of(world: World, now: Situation, person: Person, place: int, km: float, k: list[float]) -> float:
    """Return the weight of a place as the person's destination; 0 for what is no candidate."""
    rules, kind = world.rules, world.kind[place]
    if place in (person.place, person.home) or km > rules["awareness_km"] or math.isinf(km):
        return 0.0
    if kind in SITES and not now.site_open[place]:
        return 0.0
    is_abroad = world.country[place] != world.country[person.place]
    pull = (
        rules["attraction"][kind]
        * control_attraction(world, person.group, now.control[place])
        * rules["fighting_attraction"] ** now.fighting[place]
        * (rules["abroad_attraction"] if is_abroad else 1.0)
        * k[place]
    )
    return float(pull / (rules["softening_km"] + km) ** rules["distance_power"])


def control_attraction(world: World, group: int, holder: str) -> float:
    """Return the group's factor for the holder, else everybody's, else 1."""
    everybody = world.rules["control_attraction"].get(holder, 1.0)
    return float(world.groups[group]["control_attraction"].get(holder, everybody))


def ways_from(world: World, now: Situation, start: int) -> Ways:
    """Return today's shortest open ways from a place, never through a place of kind outside."""
    if start not in now.ways:
        km = shortest_km(world, now, start)
        now.ways[start] = Ways(km, [way_to(world, now, start, end, km) for end in range(len(km))])
    return now.ways[start]


def legs_to_walk(world: World, now: Situation, start: int) -> Iterable[tuple[int, int, int, float]]:
    """Yield index, start, end and km of the open legs that do not set out from a place outside."""
    for leg, (a, b, km) in enumerate(world.routes):
        if now.route_open[leg] and (a == start or world.kind[a] != "outside"):
            yield leg, a, b, km


def shortest_km(world: World, now: Situation, start: int) -> list[float]:
    """Return the shortest distance to every place: lengthen the ways until none gets shorter."""
    km_to = [math.inf] * len(world.names)
    km_to[start] = 0.0
    changed = True
    while changed:
        changed = False
        for _, a, b, km in legs_to_walk(world, now, start):
            if km_to[a] + km < km_to[b]:
                km_to[b] = km_to[a] + km
                changed = True
    return km_to


def way_to(world: World, now: Situation, start: int, end: int, km_to: list[float]) -> list[int]:
    """Return the legs of the shortest way; of equal ways the last leg that starts first in order of name."""
    # the rule holds again for the way to that last leg; equal parallel roads go by file order.
    way: list[int] = []
    while end != start and not math.isinf(km_to[end]):
        last_legs = [
            (a, leg)
            for leg, a, b, km in legs_to_walk(world, now, start)
            if b == end and km_to[a] + km == km_to[b]
        ]
        end, leg = min(last_legs)
        way.insert(0, leg)
    return way


# 5. Travelling


class Agenda:
    """Who stands where at which second of the day."""

    def __init__(self) -> None:
        self.people_at: dict[tuple[int, int], list[Person]] = {}

    def add(self, second: int, place: int, person: Person) -> None:
        """Note a person, if they get there today; a leg that takes exactly the rest of the day ends today."""
        if second <= SECONDS_PER_DAY:
            self.people_at.setdefault((second, place), []).append(person)

    def next_together(self) -> list[Person]:
        """Return who stands together next: first by second, then by the place's order of name."""
        return self.people_at.pop(min(self.people_at))


@dataclass
class Today:
    """What the rules of one day's travelling share."""

    world: World
    now: Situation
    people: list[Person]
    day: int
    result: Result
    let_through: list[int]  # [places] people let through today
    agenda: Agenda


def phase_5_travelling(
    world: World, now: Situation, people: list[Person], day: int, result: Result, rng: np.random.Generator
) -> None:
    """Move everybody with a plan through the day, in the order of the seconds."""
    today = Today(world, now, people, day, result, [0] * len(world.names), Agenda())
    for person in people:
        if person.plan is not None:
            start_the_day(today, person)
    while today.agenda.people_at:
        together = today.agenda.next_together()
        for _, equals in groupby(sorted(together, key=rank_in_queue), key=rank_in_queue):
            stand_at_place(today, list(equals), rng)
    for person in people:
        person.arrives_second -= SECONDS_PER_DAY


def start_the_day(today: Today, person: Person) -> None:
    """Put a person with a plan on the agenda; nobody with a plan is inside a place from second 0."""
    # all with a plan free their room at once at second 0, not one after the other.
    if person.leg != NO_LEG:
        end = today.world.routes[person.leg][1]
        today.agenda.add(person.arrives_second, end, person)
        return
    person.arrives_second = 0
    if person.queued_since is None:
        person.state = TRAVELLING
    today.agenda.add(0, person.place, person)


def rank_in_queue(person: Person) -> float:
    """Return the day since which a person waits; who does not wait comes after."""
    # who chose today and who set out to return last night have no order among them.
    return math.inf if person.queued_since is None else person.queued_since


def finish_leg(world: World, person: Person) -> None:
    """Let the leg end: the person stands at its end, and the first leg is over."""
    assert person.plan is not None
    person.place = world.routes[person.leg][1]
    person.leg = NO_LEG
    person.first_leg = False
    person.let_through = False
    person.plan.done += 1


def stand_at_place(today: Today, people: list[Person], rng: np.random.Generator) -> None:
    """Apply the rules to people at one place and second, equal in the queue; each limit draws lots anew."""
    for person in people:
        if person.leg != NO_LEG:
            finish_leg(today.world, person)
    stopping = [person for person in people if next_leg(today, person) is None]
    going = [person for person in people if next_leg(today, person) is not None]
    through = []
    for person in in_random_order(going, rng):
        if is_let_through(today, person):
            through.append(person)
        else:
            wait(today, person)
    for person in in_random_order(through, rng):
        leg = next_leg(today, person)
        assert leg is not None
        if is_below(int(today.result.flows[today.day, leg]), today.now.route_throughput[leg]):
            enter_leg(today, person, leg)
        else:
            wait(today, person)
    for person in in_random_order(stopping, rng):
        phase_6_arriving(today, person)


def next_leg(today: Today, person: Person) -> int | None:
    """Return the leg a person is about to take; None at the end of the plan, and where that leg is closed."""
    plan = person.plan
    assert plan is not None
    if plan.done == len(plan.legs) or not today.now.route_open[plan.legs[plan.done]]:
        return None
    return plan.legs[plan.done]


def is_let_through(today: Today, person: Person) -> bool:
    """Tell whether the person may go on from where they stand, and count them where they had to be let."""
    assert person.plan is not None
    if person.plan.done == 0 or person.let_through:
        return True
    if not is_below(today.let_through[person.place], today.now.throughput[person.place]):
        return False
    # who came when there was no throughput has been let through, should one be set while they wait.
    today.let_through[person.place] += 1
    person.let_through = True
    return True


def is_below(number_today: int, limit_per_day: float | None) -> bool:
    """Tell whether one more is within the limit, of which the integer part counts."""
    return limit_per_day is None or number_today < int(limit_per_day)


def wait(today: Today, person: Person) -> None:
    """Wait here; who waits already keeps their place in the order of days."""
    # who is let through and then waits before the next leg has waited since the first of these days.
    person.state = WAITING
    if person.queued_since is None:
        person.queued_since = today.day


def enter_leg(today: Today, person: Person, leg: int) -> None:
    """Set out on a leg, now."""
    # also at second 86,400, when nothing of the leg is done today.
    today.result.flows[today.day, leg] += 1
    person.state = TRAVELLING
    person.queued_since = None
    person.leg = leg
    person.arrives_second += leg_seconds(today.world, person, today.world.routes[leg][2])
    today.agenda.add(person.arrives_second, today.world.routes[leg][1], person)


def leg_seconds(world: World, person: Person, km: float) -> int:
    """Return the seconds a leg takes this person, at least 1, half a second rounded up."""
    on_foot = person.first_leg and world.rules["first_leg_on_foot"]
    km_per_day = world.rules["walk_km_per_day" if on_foot else "ride_km_per_day"]
    v: float = km_per_day * world.groups[person.group]["speed_factor"]
    return max(1, math.floor(SECONDS_PER_DAY * km / v + 0.5))


# 6. Arriving


def phase_6_arriving(today: Today, person: Person) -> None:
    """Stop the person where they stand, at the end of the plan or because it is dropped."""
    person.state = state_on_stopping(today, person)
    if person.state != TRAPPED:
        today.result.arrivals[today.day, person.place] += 1
    person.plan = None
    person.queued_since = None
    person.let_through = False


def state_on_stopping(today: Today, person: Person) -> int:
    """Return the state in which the person stops, by the table of kinds."""
    place, kind = person.place, today.world.kind[person.place]
    if person.first_leg:
        return TRAPPED
    if place == person.home:
        return RETURNED
    if kind == "outside":
        return LEFT_AREA
    room = has_room(today.world, today.now, today.people, place)
    if kind in SITES:
        return IN_CAMP if room and today.now.site_open[place] else WAITING
    if kind in TAKE_PEOPLE_IN:
        return IN_HOST_COMMUNITY if room else DISPLACED
    return DISPLACED


# 7. Returning


def phase_7_returning(world: World, now: Situation, people: list[Person], rng: np.random.Generator) -> None:
    """Let people set out for a home that has been safe for long enough; they stay for the night."""
    for person in people:
        if can_return(world, now, person):
            rate = world.rules["return_rate_per_day"] * world.groups[person.group]["return_factor"]
            if happens(1 - math.exp(-rate), rng):
                way = ways_from(world, now, person.place).legs[person.home]
                person.plan = Plan(way)


def can_return(world: World, now: Situation, person: Person) -> bool:
    """Tell whether a person stands without a plan and could go home."""
    if person.plan is not None or person.home == NO_HOME:
        return False
    if person.state not in (DISPLACED, IN_CAMP, IN_HOST_COMMUNITY):
        return False
    if siege_upon(world, now, person.place, person.group) > 0:
        return False
    if now.safe_days[person.home] < max(1, world.rules["return_after_safe_days"]):
        return False
    return not math.isinf(ways_from(world, now, person.place).km[person.home])


# 8. Recording


def phase_8_recording(people: list[Person], day: int, result: Result) -> None:
    """Count the people by place, group and state; flows and arrivals were counted as they happened."""
    for person in people:
        result.stocks[day, person.place, person.group, person.state] += 1


# Draws


def happens(probability: float, rng: np.random.Generator) -> bool:
    """Draw whether something of this probability happens."""
    return bool(rng.random() < probability)


def choose_one(weights: Sequence[float], rng: np.random.Generator) -> int:
    """Draw an index with probability proportional to its weight."""
    left = rng.random() * sum(weights)
    for index, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return index
    return max(index for index, weight in enumerate(weights) if weight > 0)


def in_random_order(people: list[Person], rng: np.random.Generator) -> list[Person]:
    """Return the people in an order in which each is equally likely to be first."""
    return [people[index] for index in rng.permutation(len(people))]


# Random small worlds, for comparing the engine with the twin

KINDS = (*TAKE_PEOPLE_IN, *SITES, "screening_site", "border_crossing", "junction", "outside")
ACTORS = ("", "blue", "red")


def random_world(
    rng: np.random.Generator, *, n_places: int = 5, n_groups: int = 2, days: int = 8, people: int = 40
) -> World:
    """Draw a small world in which much happens: all kinds, events, limits, closures and returns.

    Distances are whole tens of kilometres, so that equally short ways are common and sums are exact.
    At least one place is a town; in most worlds there is fighting where people live. Needs two places and two
    days.
    """
    kind = random_kinds(rng, n_places)
    roads = random_roads(rng, n_places)
    routes = [leg for road in roads for leg in road]
    residents, inside = random_people(rng, kind, n_groups, people)
    world = World(
        names=[f"P{place:02d}" for place in range(n_places)],
        kind=kind,
        country=[str(rng.choice(["X", "Y"], p=[0.8, 0.2])) for _ in kind],
        control=[str(rng.choice(ACTORS)) for _ in kind],
        residents=residents,
        inside=inside,
        capacity=[maybe(rng, 0.5, random_limit(rng, people / 3)) for _ in kind],
        throughput=[maybe(rng, 0.5, random_limit(rng, people / 3)) for _ in kind],
        fighting=[random_fighting(rng, k) for k in kind],
        siege=[float(rng.choice([0.0, 0.5, 1.0], p=[0.7, 0.15, 0.15])) for _ in kind],
        site_open=[bool(rng.random() < 0.8) for _ in kind],
        routes=routes,
        route_open=[bool(rng.random() < 0.93) for _ in routes],
        route_throughput=[maybe(rng, 0.25, random_limit(rng, people / 4)) for _ in routes],
        events=[],
        groups=[random_group(rng, group) for group in range(n_groups)],
        rules=random_rules(rng, days, people),
        days=days,
    )
    world.events = random_events(rng, world, roads, people)
    return world


def maybe(rng: np.random.Generator, probability: float, value: float) -> float | None:
    """Return the value with the given probability, else None."""
    return value if rng.random() < probability else None


def random_limit(rng: np.random.Generator, below: float) -> float:
    """Draw a whole number of people, 0 or more and below the number given."""
    return float(rng.integers(0, math.ceil(below)))


def random_kinds(rng: np.random.Generator, n_places: int) -> list[str]:
    """Draw the kinds of the places: a town, a site, a destination, and any others, in any order of name."""
    destinations = ["town", "camp", "emergency_site", "host_community", "outside"]
    first = ["town", str(rng.choice(SITES)), str(rng.choice(destinations))][:n_places]
    others = [str(rng.choice(KINDS)) for _ in range(n_places - len(first))]
    return [str(kind) for kind in rng.permutation(first + others)]


def random_roads(rng: np.random.Generator, n_places: int) -> list[list[tuple[int, int, float]]]:
    """Draw roads that join all places, and some more; a few are one way."""
    order = [int(place) for place in rng.permutation(n_places)]
    pairs = [(order[i], order[int(rng.integers(i))]) for i in range(1, n_places)]
    for _ in range(n_places // 2):
        a, b = rng.choice(n_places, 2, replace=False)
        if (a, b) not in pairs and (b, a) not in pairs:
            pairs.append((int(a), int(b)))
    roads = []
    for a, b in pairs:
        km = 10.0 * int(rng.integers(1, 8))
        roads.append([(a, b, km)] if rng.random() < 0.1 else [(a, b, km), (b, a, km)])
    return roads


def random_people(
    rng: np.random.Generator, kind: list[str], n_groups: int, people: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Spread the people over towns, neighbourhoods and, fewer of them, sites: residents and inside."""
    weight = [
        {"town": 4.0, "neighbourhood": 4.0, "camp": 1.0, "emergency_site": 1.0}.get(k, 0.0) for k in kind
    ]
    cells = np.repeat(np.array(weight) / (n_groups * sum(weight)), n_groups)
    spread = rng.multinomial(people, cells).reshape(len(kind), n_groups)
    nobody = [0] * n_groups
    residents = [nobody if k in SITES else row.tolist() for k, row in zip(kind, spread, strict=True)]
    inside = [row.tolist() if k in SITES else nobody for k, row in zip(kind, spread, strict=True)]
    return residents, inside


def random_fighting(rng: np.random.Generator, kind: str) -> float:
    """Draw the intensity of fighting on day 0: common in towns, rare elsewhere."""
    calm = 0.2 if kind in ("town", "neighbourhood") else 0.85
    return 0.0 if rng.random() < calm else float(rng.choice([0.5, 1.0, 2.0]))


def random_group(rng: np.random.Generator, group: int) -> dict[str, Any]:
    """Draw a group; the first one is held by sieges."""
    return {
        "name": f"group {group}",
        "leave_factor": float(rng.choice([0.5, 1.0, 2.0])),
        "speed_factor": float(rng.choice([0.5, 1.0, 1.0])),
        "return_factor": float(rng.choice([0.5, 1.0, 2.0])),
        "held_by_siege": bool(group == 0 or rng.random() < 0.5),
        "control_attraction": {"red": 0.2} if rng.random() < 0.5 else {},
    }


def random_rules(rng: np.random.Generator, days: int, people: int) -> dict[str, Any]:
    """Draw the numbers of the law, so that most people move within a few days."""
    passing = ("screening_site", "border_crossing", "junction")
    passing_attraction = float(rng.choice([0.0, 0.0, 0.3]))
    attraction = {
        k: passing_attraction if k in passing else float(rng.choice([0.5, 1.0, 3.0])) for k in KINDS
    }
    move_chance = {k: float(rng.choice([0.0, 0.1, 0.5])) for k in KINDS}
    return {
        "leaving": "given" if rng.random() < 0.25 else "hazard",
        "given": [int(n) for n in rng.integers(0, max(2, people // 3), days)],
        "leave_rate_per_day": float(rng.choice([0.3, 1.0])),
        "leave_intensity_power": float(rng.choice([0.5, 1.0, 2.0])),
        "awareness_km": float(rng.choice([60.0, 150.0, 400.0])),
        "softening_km": float(rng.choice([1.0, 10.0])),
        "distance_power": float(rng.choice([0.0, 1.0, 2.0])),
        "attraction": attraction,
        "control_attraction": {"blue": 2.0} if rng.random() < 0.5 else {},
        "fighting_attraction": float(rng.choice([0.1, 0.5])),
        "abroad_attraction": float(rng.choice([0.5, 1.0, 2.0])),
        "capacity_buffer": float(rng.choice([0.5, 0.9])),
        "move_chance": move_chance,
        "walk_km_per_day": float(rng.choice([20.0, 30.0, 40.0])),
        "ride_km_per_day": float(rng.choice([40.0, 70.0, 200.0])),
        "first_leg_on_foot": bool(rng.random() < 0.5),
        "return_rate_per_day": float(rng.choice([0.0, 0.5, 2.0])),
        "return_after_safe_days": int(rng.integers(0, 3)),
        "unsafe_control": ("red",) if rng.random() < 0.5 else (),
    }


def random_events(
    rng: np.random.Generator, world: World, roads: list[list[tuple[int, int, float]]], people: int
) -> list[tuple[int, str, int, float | str]]:
    """Draw the timeline: in file order, which need not be the order of days."""
    events: list[tuple[int, str, int, float | str]] = []
    for place, kind in enumerate(world.kind):
        if world.fighting[place] > 0 and rng.random() < 0.75:
            events.append((int(rng.integers(2, world.days + 1)), "fighting", place, 0.0))
        if world.siege[place] > 0 and rng.random() < 0.7:
            events.append((int(rng.integers(2, world.days + 1)), "siege", place, 0.0))
        if kind in SITES:
            events.extend(site_changes(rng, world, place, people))
    for road in roads:
        if rng.random() < 0.4:
            events.extend(road_closes_and_opens(rng, world, road))
    for _ in range(int(rng.integers(2, 7))):
        events.append(random_event(rng, world, people))
    return [events[index] for index in rng.permutation(len(events))]


def site_changes(
    rng: np.random.Generator, world: World, place: int, people: int
) -> list[tuple[int, str, int, float | str]]:
    """Draw a day on which a site opens or closes, and days on which plots are added."""
    events: list[tuple[int, str, int, float | str]] = []
    if rng.random() < (0.5 if world.site_open[place] else 0.9):
        is_open = float(not world.site_open[place])
        events.append((int(rng.integers(1, world.days + 1)), "site", place, is_open))
    plots = world.capacity[place]
    while plots is not None and rng.random() < 0.7:
        plots += float(rng.integers(1, max(2, people // 8)))
        events.append((int(rng.integers(2, world.days + 1)), "capacity", place, plots))
    return events


def road_closes_and_opens(
    rng: np.random.Generator, world: World, road: list[tuple[int, int, float]]
) -> list[tuple[int, str, int, float | str]]:
    """Draw a day on which a road closes, and sometimes one on which it opens again, both ways."""
    closes = int(rng.integers(1, world.days + 1))
    opens = closes + int(rng.integers(1, 4))
    legs = [world.routes.index(leg) for leg in road]
    events: list[tuple[int, str, int, float | str]] = [(closes, "route", leg, 0.0) for leg in legs]
    if opens <= world.days:
        events += [(opens, "route", leg, 1.0) for leg in legs]
    return events


def random_event(rng: np.random.Generator, world: World, people: int) -> tuple[int, str, int, float | str]:
    """Draw one event of any of the kinds that are not drawn in pairs."""
    day = int(rng.integers(1, world.days + 1))
    place = int(rng.integers(len(world.names)))
    kind = str(rng.choice(["fighting", "siege", "control", "capacity", "throughput", "route_throughput"]))
    if kind == "control":
        return day, kind, place, str(rng.choice(ACTORS))
    if kind == "route_throughput":
        return day, kind, int(rng.integers(len(world.routes))), random_limit(rng, people / 3)
    value = {
        "fighting": float(rng.choice([0.0, 0.5, 2.0])),
        "siege": float(rng.choice([0.0, 0.5, 1.0])),
        "capacity": random_limit(rng, people / 2),
        "throughput": random_limit(rng, people / 3) + 0.5,
    }[kind]
    return day, kind, place, value
