"""routes.csv, closures.csv and major_routes.csv: which way people can go, and on which days they
cannot.

A row of routes.csv becomes two directed routes. A closure is resolved to what it does in Flee,
which is not always what it says: see docs/flee.md. A closure whose name is unknown is a problem;
Flee applies it to the first place of all.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from corridor.formats.flee import values
from corridor.formats.flee.lines import Faults, Line, LinesAgain, data_lines, read_lines
from corridor.formats.flee.model import FleeClosure, FleePlace, FleeRoute, PlaceChange
from corridor.formats.flee.places import free_columns
from corridor.problems import did_you_mean

N_FIXED_COLUMNS = 4
#: Once round the Earth.
LONGEST_KM = 40_000.0
CLOSURE_KINDS = ("country", "location", "link", "camp", "idpcamp", "remove_forced_redirection")
#: The interpreter shares one-character names up to this code point, the only ones a `link` closure finds.
_LAST_SHARED_CHARACTER = 0xFF


def place_index(places: Sequence[FleePlace]) -> dict[str, int]:
    """Return place name -> index in file order."""
    return {place.name: index for index, place in enumerate(places)}


def known_place(
    line: Line,
    cell: int,
    index: Mapping[str, int],
    faults: Faults,
    *,
    code: str = "flee-place-unknown",
    why: str = "",
) -> int | None:
    """Return the index of the place named in a cell; an unknown name is a fault."""
    name = values.cell_of(line, cell)
    if name in index:
        return index[name]
    message = f"'{name}' is not a place of locations.csv{why}" if name else f"a place is missing{why}"
    faults.add(code, message, line=line, cell=cell, hint=faults.nearest(name, index))
    return None


#: Flags on the pairs of directed routes that a row with a forced redirection becomes: (there, back).
_FLAGS_AS_RUN = {0: [(False, False)], 1: [(True, False), (False, False)], 2: [(False, True)]}
#: As documented: 1 sends people to the first place of the row, 2 to the second.
_FLAGS_AS_MEANT = {0: [(False, False)], 1: [(False, True)], 2: [(True, False)]}


def read_routes(
    path: Path, places: Sequence[FleePlace], faults: Faults, *, law: str = "as-run"
) -> tuple[FleeRoute, ...]:
    """Read routes.csv as directed routes: there and back for every row, in file order."""
    lines = read_lines(path, faults)
    if lines is None:
        return ()
    index, names = place_index(places), list[str]()
    routes: list[FleeRoute] = []
    seen: dict[tuple[int, int], tuple[int, float]] = {}
    for line in lines:
        if line.is_comment:
            names.extend(free_columns(line, N_FIXED_COLUMNS, faults))
        else:
            for row in data_lines([line], faults):
                routes.extend(_read_route(row, names, index, seen, law, faults))
    if not routes and not any("".join(line.cells).strip() for line in lines if not line.is_comment):
        faults.add("flee-routes-none", "holds no routes; nobody could go anywhere", file=str(path))
    return tuple(routes)


def _read_route(
    line: Line,
    names: list[str],
    index: Mapping[str, int],
    seen: dict[tuple[int, int], tuple[int, float]],
    law: str,
    faults: Faults,
) -> list[FleeRoute]:
    if line.number == 1 and line.cells[0].strip().lower() in ("name1", "from"):
        message = "the header is taken for a route; it must start with '#'"
        faults.add("flee-header", message, line=line, cell=0, hint=f"write '#{line.cells[0]}'")
        return []
    if len(line.cells) < 3:
        message = f"the row has {len(line.cells)} cells; two names and a distance were expected"
        faults.add("flee-cells", message, line=line, cell=len(line.cells))
        return []
    ends = known_place(line, 0, index, faults), known_place(line, 1, index, faults)
    length_km = values.number(
        line,
        2,
        faults,
        what="distance",
        code="flee-route-distance",
        above=0,
        high=LONGEST_KM,
        expected=f"a number of km above 0, up to {LONGEST_KM:g}",
    )
    redirection = _redirection(line, law, faults)
    attributes = _attributes(line, names, faults)
    start, end = ends
    if start is None or end is None or length_km is None:
        return []
    _check_pair(line, start, end, length_km, seen, faults)
    flags = _FLAGS_AS_RUN if law == "as-run" else _FLAGS_AS_MEANT
    return _directed(line, start, end, length_km, flags.get(redirection, []), attributes, names, faults)


def _redirection(line: Line, law: str, faults: Faults) -> int:
    found = values.whole_number(line, 3, faults, what="forced_redirection", code="flee-redirection", empty=0)
    if found is not None and found not in (0, 1, 2):
        message = f"forced_redirection is '{found}'; it must be 0, 1 or 2 (Flee takes other numbers for 0)"
        faults.add("flee-redirection", message, line=line, cell=3)
    if found == 1 and law == "as-run":
        message = "forced_redirection 1 makes Flee build the road twice, which doubles its weight"
        faults.warn(
            "flee-redirection-doubles", message, line=line, cell=3, hint="write 0 for an ordinary road"
        )
    return found or 0


def _attributes(line: Line, names: list[str], faults: Faults) -> dict[str, str]:
    extra = line.cells[N_FIXED_COLUMNS:]
    if any(cell.strip() for cell in extra[len(names) :]):
        message = (
            f"the row has {len(line.cells)} cells, but only {N_FIXED_COLUMNS + len(names)} columns are named"
        )
        faults.add("flee-cells", message, line=line, cell=N_FIXED_COLUMNS + len(names))
    if len(extra) < len(names) and any(names[len(extra) :]):
        message = f"the row has {len(line.cells)} cells; {N_FIXED_COLUMNS + len(names)} columns are named"
        faults.add("flee-cells", message, line=line, cell=len(line.cells))
    return {name: cell for name, cell in zip(names, extra, strict=False) if name}


def _check_pair(
    line: Line,
    start: int,
    end: int,
    length_km: float,
    seen: dict[tuple[int, int], tuple[int, float]],
    faults: Faults,
) -> None:
    name1, name2 = line.cells[0], line.cells[1]
    if start == end:
        message = f"the route leads from '{name1}' to itself"
        faults.add("flee-route-loop", message, line=line, cell=1, hint="name another place or delete the row")
    pair = (min(start, end), max(start, end))
    if pair in seen:
        first, before = seen[pair]
        message = f"'{name1}' and '{name2}' are joined a second time (first in line {first})"
        if before == length_km:
            hint = "delete one of the two rows: together they double the weight of the road"
        else:
            hint = (
                f"delete one of the two rows: both would count, but people would always travel {before:g} km"
            )
        faults.add("flee-route-twice", message, line=line, cell=0, hint=hint)
    seen.setdefault(pair, (line.number, length_km))


def _directed(
    line: Line,
    start: int,
    end: int,
    length_km: float,
    flags: list[tuple[bool, bool]],
    attributes: dict[str, str],
    names: list[str],
    faults: Faults,
) -> list[FleeRoute]:
    speed = _named_number(
        line, names, "max_move_speed", faults, low=0.001, expected="a number of km a day of 0.001 or more"
    )
    on_foot = _named_number(
        line, names, "walk_probability", faults, high=1.0, expected="a number from 0 to 1"
    )
    frozen = MappingProxyType(attributes)
    routes = []
    for there, back in flags:
        routes.append(FleeRoute(start, end, length_km, there, speed, on_foot, frozen, line.number))
        routes.append(FleeRoute(end, start, length_km, back, speed, on_foot, frozen, line.number))
    return routes


def _named_number(
    line: Line,
    names: list[str],
    name: str,
    faults: Faults,
    *,
    low: float = 0.0,
    high: float = math.inf,
    expected: str,
) -> float | None:
    if name not in names:
        return None
    cell = N_FIXED_COLUMNS + names.index(name)
    return values.number(
        line, cell, faults, what=name, code="flee-attribute", low=low, high=high, expected=expected
    )


def read_closures(
    path: Path,
    places: Sequence[FleePlace],
    routes: Sequence[FleeRoute],
    n_days: int,
    faults: Faults,
    *,
    changes: Sequence[PlaceChange] = (),
    law: str = "as-run",
) -> tuple[FleeClosure, ...]:
    """Read closures.csv; each row is resolved to the directed routes, or to the camp, that it closes.

    ``changes`` tell which places are camps by the day on which one is closed.
    """
    lines = read_lines(path, faults)
    index = place_index(places)
    closures = []
    for line in data_lines(lines or (), faults):
        closure = _read_closure(line, places, routes, index, n_days, changes, law, faults)
        if closure is not None:
            closures.append(closure)
    _warn_overlaps(closures, places, routes, {line.number: line for line in lines or ()}, faults)
    return tuple(closures)


def _read_closure(
    line: Line,
    places: Sequence[FleePlace],
    routes: Sequence[FleeRoute],
    index: Mapping[str, int],
    n_days: int,
    changes: Sequence[PlaceChange],
    law: str,
    faults: Faults,
) -> FleeClosure | None:
    if line.number == 1 and line.cells[0].strip().lower() in ("closure_type", "type"):
        message = "the header is taken for a closure; it must start with '#'"
        faults.add("flee-header", message, line=line, cell=0, hint=f"write '#{line.cells[0]}'")
        return None
    if len(line.cells) < 5:
        message = f"the row has {len(line.cells)} cells; type,name1,name2,start,end make 5"
        faults.add("flee-cells", message, line=line, cell=len(line.cells))
        return None
    kind, name1, name2 = line.cells[:3]
    if kind not in CLOSURE_KINDS:
        hint = did_you_mean(kind, CLOSURE_KINDS) or f"types: {', '.join(CLOSURE_KINDS)}"
        faults.add("flee-closure-type", f"'{kind}' is not a type of closure", line=line, cell=0, hint=hint)
        return None
    days = _closure_days(line, n_days, law, faults)
    closed = _closed(line, _as_they_are_by(days, places, changes), routes, index, law, faults)
    if days is None or closed is None:
        return None
    return FleeClosure(kind, name1, name2, *days, *closed, line.number)


def _closure_days(line: Line, n_days: int, law: str, faults: Faults) -> tuple[int, int] | None:
    hint = "days count from the start date, which is day 0"
    start = values.whole_number(line, 3, faults, what="start", code="flee-closure-day", low=0, hint=hint)
    end = values.whole_number(
        line, 4, faults, what="end", code="flee-closure-day", low=-1, hint=f"{hint}; -1: for good"
    )
    if start is None or end is None:
        return None
    if start >= n_days > 0:
        message = (
            f"start is day {start}, after the last day simulated ({n_days - 1}); the closure has no effect"
        )
        faults.warn("flee-closure-late", message, line=line, cell=3)
    if end == start:
        faults.warn("flee-closure-empty", f"closes and opens again on day {start}", line=line, cell=4)
    if -1 < end < start and line.cells[0] == "remove_forced_redirection":
        so = "no movement depends on it" if law == "as-run" else "the redirection ends for good"
        message = f"end is day {end}, before the start ({start}); {so}"
        faults.warn("flee-closure-order", message, line=line, cell=4)
    elif -1 < end < start:
        message = (
            f"end is day {end}, before the start ({start}); Flee would close on day {start} and never reopen"
        )
        faults.add("flee-closure-order", message, line=line, cell=4, hint="write -1 if it stays closed")
    return start, end


def _as_they_are_by(
    days: tuple[int, int] | None, places: Sequence[FleePlace], changes: Sequence[PlaceChange]
) -> Sequence[FleePlace]:
    """Return the places as camps that they have become by the day on which a closure begins."""
    if not changes:
        return places
    now = list(places)
    for change in sorted(changes, key=lambda change: change.day):
        if change.is_camp and (days is None or change.day <= days[0]):
            now[change.place] = replace(now[change.place], is_camp=True, is_idp_camp=change.is_idp_camp)
    return now


def _closed(
    line: Line,
    places: Sequence[FleePlace],
    routes: Sequence[FleeRoute],
    index: Mapping[str, int],
    law: str,
    faults: Faults,
) -> tuple[tuple[int, ...], int] | None:
    """Return (directed routes closed, camp closed or -1), or None after a fault."""
    kind = line.cells[0]
    if kind == "country":
        return _closed_border(line, places, routes, faults)
    why = (
        "; Flee would apply the closure to the first place of all" if kind not in ("location", "link") else ""
    )
    place = known_place(line, 1, index, faults, code="flee-closure-place", why=why)
    if kind == "location":
        return None if place is None else (_all_routes_of(line, place, routes, faults), -1)
    if kind in ("camp", "idpcamp"):
        return None if place is None or not _is_closable(line, places[place], faults) else ((), place)
    other = known_place(line, 2, index, faults, code="flee-closure-place", why=why)
    if place is None or other is None:
        return None
    if kind == "remove_forced_redirection":
        _warn_redirection(line, {place, other}, routes, law, faults)
        return (), -1
    return _closed_link(line, place, other, routes, law, faults)


def _warn_redirection(
    line: Line, ends: set[int], routes: Sequence[FleeRoute], law: str, faults: Faults
) -> None:
    if law == "as-run":
        message = "no rule of movement reads a forced redirection"
        faults.warn("flee-redirection-unused", message, line=line, cell=0)
    elif not any(route.forced_redirection and {route.start, route.end} == ends for route in routes):
        message = f"no redirection between '{line.cells[1]}' and '{line.cells[2]}' to remove"
        faults.warn("flee-closure-nothing", message, line=line, cell=1)


def _closed_border(
    line: Line, places: Sequence[FleePlace], routes: Sequence[FleeRoute], faults: Faults
) -> tuple[tuple[int, ...], int] | None:
    countries = {place.country for place in places}
    unknown = [cell for cell in (1, 2) if line.cells[cell] not in countries]
    for cell in unknown:
        message = f"no place of locations.csv lies in '{line.cells[cell]}'"
        hint = did_you_mean(line.cells[cell], countries)
        faults.add("flee-closure-country", message, line=line, cell=cell, hint=hint)
    if unknown:
        return None
    both = set(line.cells[1:3])
    closed = tuple(
        index
        for index, route in enumerate(routes)
        if {places[route.start].country, places[route.end].country} == both
    )
    if not closed and routes:
        message = f"no route crosses from '{line.cells[1]}' to '{line.cells[2]}'; nothing is closed"
        faults.warn("flee-closure-nothing", message, line=line)
    return closed, -1


def _all_routes_of(line: Line, place: int, routes: Sequence[FleeRoute], faults: Faults) -> tuple[int, ...]:
    closed = tuple(index for index, route in enumerate(routes) if place in (route.start, route.end))
    message = f"closes every route of '{line.cells[1]}', in and out, and not only those to '{line.cells[2]}'"
    if line.cells[2]:
        faults.warn("flee-closure-location", message, line=line, cell=2)
    if not closed and routes:
        faults.warn("flee-closure-nothing", f"'{line.cells[1]}' has no route to close", line=line, cell=1)
    return closed


def _is_closable(line: Line, place: FleePlace, faults: Faults) -> bool:
    kind = line.cells[0]
    if not place.is_camp:
        message = (
            f"'{place.name}' is no camp; closing it would change its type, reopening would make it a camp"
        )
        faults.add(
            "flee-closure-camp", message, line=line, cell=1, hint="'location' closes the routes of any place"
        )
        return False
    if place.is_idp_camp != (kind == "idpcamp"):
        what = "an IDP camp" if kind == "idpcamp" else "an ordinary camp"
        message = f"'{place.name}' opens again as {what}, as '{kind}' says, with the move chance of one"
        faults.warn("flee-closure-camp-kind", message, line=line, cell=0)
    return True


def _closed_link(
    line: Line, place: int, other: int, routes: Sequence[FleeRoute], law: str, faults: Faults
) -> tuple[tuple[int, ...], int] | None:
    name1, name2 = line.cells[1:3]
    shared = [len(name) == 1 and ord(name) <= _LAST_SHARED_CHARACTER for name in (name1, name2)]
    if any(shared) and not all(shared):
        message = "a 'link' closure with one name of a single character: what Flee does with it is not known"
        faults.add("flee-closure-link", message, line=line, hint="give both places longer names")
        return None
    if not all(shared):
        message, hint = "a 'link' closure has no effect in Flee", ""
        if law == "as-run":
            message += f"; the route {name1}-{name2} stays open"
            hint = "'location' and 'country' do close routes"
        else:
            message += f"; as meant the route {name1}-{name2} is closed both ways"
        faults.warn("flee-closure-link", message, line=line, cell=0, hint=hint)
        return (), -1
    message = f"of the route {name1}-{name2} only the direction from '{name2}' to '{name1}' is closed"
    if law == "as-meant":
        message = f"Flee closes {message.removesuffix(' is closed')}; as meant both are closed"
    faults.warn("flee-closure-link", message, line=line, cell=0)
    return tuple(
        index for index, route in enumerate(routes) if (route.start, route.end) == (other, place)
    ), -1


def overlaps(closures: Sequence[FleeClosure]) -> list[tuple[FleeClosure, FleeClosure, int]]:
    """Return pairs of closures that hold the same route on the same day, with the first such route."""
    closing: dict[int, list[int]] = {}
    for position, closure in enumerate(closures):
        for route in closure.routes:
            closing.setdefault(route, []).append(position)
    found = []
    for position, first in enumerate(closures):
        others = {other for route in first.routes for other in closing[route] if other > position}
        for second in (closures[other] for other in sorted(others)):
            if _overlap(first, second):
                found.append((first, second, min(set(first.routes) & set(second.routes))))
    return found


def _warn_overlaps(
    closures: Sequence[FleeClosure],
    places: Sequence[FleePlace],
    routes: Sequence[FleeRoute],
    lines: Mapping[int, Line],
    faults: Faults,
) -> None:
    for first, second, route in overlaps(closures):
        ends = f"{places[routes[route].start].name}-{places[routes[route].end].name}"
        message = (
            f"the route {ends} is closed by line {first.line}, too; "
            "the first end to come opens it, although the other closure still holds"
        )
        faults.warn("flee-closure-overlap", message, line=lines[second.line])


def _overlap(first: FleeClosure, second: FleeClosure) -> bool:
    def last(closure: FleeClosure) -> float:
        return float("inf") if closure.end_day < closure.start_day else closure.end_day

    return first.start_day < last(second) and second.start_day < last(first)


def read_major_routes(
    path: Path, places: Sequence[FleePlace], routes: Sequence[FleeRoute], faults: Faults, *, used: bool
) -> tuple[tuple[int, ...], ...]:
    """Read major_routes.csv, chains of places; without fixed routes nothing in it has an effect."""
    lines = read_lines(path, faults, required=False)
    if not used:
        return ()
    index, joined = place_index(places), {(route.start, route.end) for route in routes}
    chains: list[tuple[int, ...]] = []
    for line in data_lines(lines or (), faults):
        stops = [known_place(line, cell, index, faults) for cell, name in enumerate(line.cells) if name]
        if len(stops) < 2:
            faults.add("flee-cells", "a chain of at least two places was expected", line=line)
        chain = tuple(stop for stop in stops if stop is not None)
        if len(chain) == len(stops):
            _check_chain(line, chain, joined, faults)
        chains.append(chain)
    return tuple(chains)


def _check_chain(line: Line, chain: tuple[int, ...], joined: set[tuple[int, int]], faults: Faults) -> None:
    """Check that roads join the places of a chain, and that none comes twice."""
    cells = [cell for cell, name in enumerate(line.cells) if name]
    for stop in range(1, len(chain)):
        before, name = line.cells[cells[stop - 1]], line.cells[cells[stop]]
        if chain[stop] in chain[:stop]:
            message = f"'{name}' comes twice in this chain"
            faults.add("flee-major-route", message, line=line, cell=cells[stop])
        elif (chain[stop - 1], chain[stop]) not in joined:
            message = f"no route of routes.csv joins '{before}' and '{name}'; Flee stops there"
            faults.add("flee-major-route", message, line=line, cell=cells[stop])


def warn_unreachable(
    places: Sequence[FleePlace], routes: Sequence[FleeRoute], locations: LinesAgain, faults: Faults
) -> None:
    """Warn of sites that no route reaches."""
    reached = {route.end for route in routes}
    for index, place in enumerate(places):
        if place.is_camp and index not in reached and routes:
            message = f"no route leads to '{place.name}'; nobody can arrive there"
            faults.warn(
                "flee-site-unreachable",
                message,
                line=locations.at(place.line),
                cell=0,
                hint="add a row to routes.csv",
            )


def warn_no_way_out(
    fought_over: Collection[int],
    places: Sequence[FleePlace],
    routes: Sequence[FleeRoute],
    locations: LinesAgain,
    faults: Faults,
    *,
    population_counts: bool,
) -> None:
    """Warn of places in conflict that no route leaves, and of those where nobody lives if that counts."""
    left = {route.start for route in routes}
    for index in sorted(fought_over):
        line = locations.at(places[index].line)
        if index not in left and routes:
            message = f"no route leads away from '{places[index].name}'; who leaves home there goes nowhere"
            faults.warn("flee-no-way-out", message, line=line, cell=0, hint="add a row to routes.csv")
        is_blank = line is not None and not places[index].is_camp and not line.cells[7].strip()
        if population_counts and is_blank:
            message = f"'{places[index].name}' is in conflict and has no population; nobody leaves home there"
            faults.warn(
                "flee-population-none", message, line=line, cell=7, hint="write who lives there, or 0"
            )
