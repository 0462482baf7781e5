"""Engine against twin: the same small world for both, many futures of each, and an exact test of one law.

The test permutes labels: if engine and twin follow one law, their futures are exchangeable, so the largest
standardised difference over all numbers of a world is as likely to be beaten by a relabelling as any other.
Its p-value is exact, whatever the distribution of the numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from twin import Result, World, simulate

from corridor.engine import arrays as law
from corridor.engine.arrays import Setup, Sizes
from corridor.engine.simulate import simulate_member

_STOPS = {
    "town": law.STOPS_IN_HOST,
    "neighbourhood": law.STOPS_IN_HOST,
    "host_community": law.STOPS_IN_HOST,
    "camp": law.STOPS_IN_SITE,
    "emergency_site": law.STOPS_IN_SITE,
    "screening_site": law.STOPS_ON_THE_WAY,
    "border_crossing": law.STOPS_ON_THE_WAY,
    "junction": law.STOPS_ON_THE_WAY,
    "outside": law.STOPS_OUTSIDE,
}
_EVENTS = {
    "fighting": law.FIGHTING,
    "control": law.CONTROL,
    "siege": law.SIEGE,
    "route": law.ROUTE,
    "site": law.SITE,
    "capacity": law.CAPACITY,
    "throughput": law.THROUGHPUT,
    "route_throughput": law.ROUTE_THROUGHPUT,
}

#: Tables for a few dozen people: a future takes a tenth of the time that it takes with tables for a country.
SMALL = Sizes(standing=128, moving=256, plans=128, ways=256, weights=512)


def setup_of(world: World) -> tuple[Setup, NDArray[np.int64]]:
    """Return the world as the engine takes it, and the engine's row of each leg of the world."""
    rules, groups = world.rules, world.groups
    holders = sorted({*world.control, *(str(e[3]) for e in world.events if e[1] == "control"), ""})
    order = sorted(range(len(world.routes)), key=lambda leg: (world.routes[leg][0], leg))
    leg_row = np.empty(len(order), np.int64)
    leg_row[order] = np.arange(len(order))
    starts = np.array([world.routes[leg][0] for leg in order], np.int64)
    events = [event_row(event, holders, leg_row) for event in world.events]
    by_day = sorted(events, key=lambda event: event[0])
    countries = sorted(set(world.country))

    def limits(values: list[float | None]) -> NDArray[np.int64]:
        return np.array([law.NO_LIMIT if value is None else int(value) for value in values], np.int64)

    def each_leg(values: list[bool]) -> NDArray[np.bool_]:
        return np.array([values[leg] for leg in order], np.bool_)

    def factor(group: dict[str, object], holder: str) -> float:
        own = {**rules.get("control_attraction", {}), **group.get("control_attraction", {})}  # type: ignore[dict-item]
        return float(own.get(holder, 1.0))

    setup = Setup(
        stops=np.array([_STOPS[kind] for kind in world.kind], np.int64),
        country=np.array([countries.index(country) for country in world.country], np.int64),
        attraction=np.array([float(rules["attraction"][kind]) for kind in world.kind]),
        move_chance=np.array([float(rules["move_chance"][kind]) for kind in world.kind]),
        residents=np.array(world.residents, np.int64),
        inside=np.array(world.inside, np.int64),
        leg_start=starts,
        leg_end=np.array([world.routes[leg][1] for leg in order], np.int64),
        leg_metres=np.array([round(world.routes[leg][2] * 1000) for leg in order], np.int64),
        out_first=np.searchsorted(starts, np.arange(len(world.names) + 1)).astype(np.int64),
        fighting=np.array(world.fighting, float),
        control=np.array([holders.index(holder) for holder in world.control], np.int64),
        siege=np.array(world.siege, float),
        site_open=np.array(world.site_open, np.bool_),
        capacity=limits(world.capacity),
        throughput=limits(world.throughput),
        leg_open=each_leg(world.route_open),
        leg_throughput=limits([world.route_throughput[leg] for leg in order]),
        event_day=np.array([event[0] for event in by_day], np.int64),
        event_kind=np.array([event[1] for event in by_day], np.int64),
        event_target=np.array([event[2] for event in by_day], np.int64),
        event_value=np.array([event[3] for event in by_day], np.float64),
        leave_factor=np.array([float(group["leave_factor"]) for group in groups]),
        speed_factor=np.array([float(group["speed_factor"]) for group in groups]),
        return_factor=np.array([float(group["return_factor"]) for group in groups]),
        held_by_siege=np.array([bool(group["held_by_siege"]) for group in groups], np.bool_),
        control_attraction=np.array([[factor(group, holder) for holder in holders] for group in groups]),
        leaving_given=rules["leaving"] == "given",
        given=np.array([0, *rules.get("given", [])] + [0] * (world.days + 1), np.int64)[: world.days + 1],
        leave_rate_per_day=float(rules["leave_rate_per_day"]),
        leave_intensity_power=float(rules["leave_intensity_power"]),
        awareness_metres=round(rules["awareness_km"] * 1000),
        softening_km=float(rules["softening_km"]),
        distance_power=float(rules["distance_power"]),
        fighting_attraction=float(rules["fighting_attraction"]),
        abroad_attraction=float(rules["abroad_attraction"]),
        capacity_buffer=float(rules["capacity_buffer"]),
        walk_km_per_day=float(rules["walk_km_per_day"]),
        ride_km_per_day=float(rules["ride_km_per_day"]),
        first_leg_on_foot=bool(rules["first_leg_on_foot"]),
        return_rate_per_day=float(rules["return_rate_per_day"]),
        return_after_safe_days=int(rules["return_after_safe_days"]),
        unsafe_control=np.array([holder in rules["unsafe_control"] for holder in holders], np.bool_),
    )
    return setup, leg_row


def event_row(
    event: tuple[int, str, int, float | str], holders: list[str], leg_row: NDArray[np.int64]
) -> tuple[int, int, int, float]:
    """Return an event as the engine takes it."""
    day, kind, target, value = event
    if kind in ("route", "route_throughput"):
        target = int(leg_row[target])
    if kind == "control":
        return day, law.CONTROL, target, float(holders.index(str(value)))
    return day, _EVENTS[kind], target, float(value)


def engine_future(world: World, *, seed: int, member: int = 0, sizes: Sizes = SMALL) -> Result:
    """Return one future of the engine, its legs in the order of the world."""
    setup, leg_row = setup_of(world)
    kept = simulate_member(setup, n_days=world.days, seed=seed, member=member, sizes=sizes)
    return Result(
        kept.stocks.astype(np.int64), kept.flows[:, leg_row].astype(np.int64), kept.arrivals.astype(np.int64)
    )


def engine_stocks(world: World, futures: int, seed: int) -> NDArray[np.int64]:
    """Return the stocks of many futures of the engine, [futures, days, places, groups, states]."""
    setup, _ = setup_of(world)
    records = (
        simulate_member(setup, n_days=world.days, seed=seed, member=member, sizes=SMALL)
        for member in range(futures)
    )
    return np.array([kept.stocks for kept in records], np.int64)


def engine_futures(world: World, futures: int, seed: int) -> NDArray[np.int64]:
    """Return the numbers of many futures of the engine, [futures, numbers]."""
    return np.array([numbers(engine_future(world, seed=seed, member=member)) for member in range(futures)])


def twin_futures(world: World, futures: int, seed: int) -> NDArray[np.int64]:
    """Return the numbers of many futures of the twin, [futures, numbers]."""
    rng = np.random.default_rng(seed)
    return np.array([numbers(simulate(world, rng)) for _ in range(futures)])


def numbers(future: Result) -> NDArray[np.int64]:
    """Return all that is compared of one future: stocks, flows and arrivals of every day."""
    return np.concatenate([part.ravel() for part in (future.stocks, future.flows, future.arrivals)])


def p_value_of_one_law(
    first: NDArray[np.int64], second: NDArray[np.int64], seed: int, permutations: int = 999
) -> float:
    """Return the exact p-value of the hypothesis that both sets of futures follow one law; small = no.

    The statistic is the largest standardised difference of means and of mean squares over all numbers.
    """
    both = np.concatenate([first, second]).astype(float)
    both = np.concatenate([both, (both - both.mean(axis=0)) ** 2], axis=1)
    spread = both.std(axis=0)
    both = (both[:, spread > 0] - both.mean(axis=0)[spread > 0]) / spread[spread > 0]
    if both.shape[1] == 0:
        return 1.0
    label = np.repeat([1.0, -1.0], [len(first), len(second)])
    rng = np.random.default_rng(seed)
    labels = np.stack([label, *(rng.permutation(label) for _ in range(permutations))])
    statistic = np.abs(labels @ both).max(axis=1)
    return float((statistic >= statistic[0] - 1e-9).mean())
