"""The law of Flee person by person: slow, plain, and written from its description alone (docs/flee.md).

A future is a list of persons in the order in which they were created. Each day everybody decides in that
order, then everybody travels in that order, one person making all of a day's moves before the next. Places,
roads and days come from a `FleeInstance`, the numbers of people from its `DataTable`; nothing is shared with
the engine.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corridor.formats.flee import DataTable, FleeInstance


@dataclass(eq=False)
class Place:
    """A place as it is today."""

    index: int
    name: str
    x: float
    y: float
    population: int
    capacity: int
    is_camp: bool
    is_town: bool
    is_marker: bool
    is_foreign: bool
    move_chance: float
    pull: float
    region: str
    is_flood_zone: bool
    stay_chance: float
    farmers: float
    intensity: float = 0.0
    start: int = -1
    score: float = 1.0
    spawn_weight: float = 0.0
    people: int = 0
    roads: list[Road] = field(default_factory=list)
    stored: dict[str, tuple[float, list[str]]] = field(
        default_factory=dict
    )  # of fixed routes, by destination


@dataclass(eq=False)
class Road:
    """A directed road. Closing it marks this one and keeps a fresh copy for the day it opens."""

    index: int
    start: Place
    end: Place
    km: float
    speed: float
    walk_chance: float
    is_forced: bool = False
    is_closed: bool = False

    def copy(self) -> Road:
        return Road(self.index, self.start, self.end, self.km, self.speed, self.walk_chance, self.is_forced)


@dataclass(eq=False)
class Person:
    """Somebody at a place, or on a road."""

    place: Place
    attributes: dict[str, str]
    home: Place
    is_farmer: bool = False
    is_counted_at_home: bool = False
    stays_for_good: bool = False
    road: Road | None = None
    on_road: float = 0.0
    route: list[str] = field(default_factory=list)
    places_travelled: int = 1
    recent: float = 0.0
    moved_today: float = 0.0


@dataclass(frozen=True)
class Future:
    """What is kept; as the engine's record, with roads in the order of the instance."""

    standing: NDArray[np.int64]  # [days, places]
    entered: NDArray[np.int64]  # [days, directed roads]
    created: NDArray[np.int64]  # [days]
    people: list[Person]


class World:
    """One future in the making."""

    def __init__(self, instance: FleeInstance, table: DataTable, seed: int) -> None:
        self.instance, self.table, self.rng = instance, table, random.Random(seed)
        self.move, self.spawn = instance.settings.move, instance.settings.spawn
        self.day, self.is_meant = 0, instance.law == "as-meant"
        self.places = [
            Place(
                row, p.name, p.x, p.y, p.population, int(table.capacity[row]), p.is_camp, p.is_town,
                p.is_marker, p.is_foreign, p.move_chance, self.pull(p), p.region, p.is_flood_zone,
                float(p.attributes.get("deactivation_probability") or 0),
                float(p.attributes.get("farmer_fraction") or 0), p.conflict_intensity,
            )
            for row, p in enumerate(instance.places)
        ]  # fmt: skip
        for row, route in enumerate(instance.routes):
            start, end = self.places[route.start], self.places[route.end]
            speed = route.max_move_speed or self.move.max_move_speed
            forced = route.forced_redirection and self.is_meant
            walking = route.walk_probability or 0.0
            start.roads.append(Road(row, start, end, route.length_km, speed, walking, forced))
        self.put_away: list[Road] = []
        self.persons: list[Person] = []
        for listed in instance.people:
            place = self.places[listed.place]
            self.create(place, dict(listed.attributes))
            if self.spawn.take_from_population:
                place.population = max(0, place.population - 1)
        for site, people in zip(instance.sites, table.day0_people, strict=True):
            for _ in range(int(people)):
                self.create(self.places[site])
        self.refresh_spawn_weights()

    def pull(self, place) -> float:
        if not (self.move.use_economic_pull and place.is_foreign):
            return 1.0
        return 1.0 + float(place.attributes["trade_volume"]) + float(place.attributes["hdi"]) ** 2

    def create(self, place: Place, attributes: dict[str, str] | None = None) -> None:
        if attributes is None:
            attributes = {}
            for table in self.instance.demographics:
                weights = table.by_place.get(place.name, table.default)
                attributes[table.attribute] = self.rng.choices(table.values, weights)[0]
        is_farmer = not self.is_meant or self.rng.random() < place.farmers
        self.persons.append(Person(place, attributes, place, is_farmer))
        place.people += 1

    # food and floods

    def shortage(self, place: Place) -> float:
        """Return the share of people short of food in the region of a place, linear between the days."""
        food = self.instance.food
        column = food.regions.index(place.region)
        for row in range(len(food.days) - 1):
            first, last = int(food.days[row]), int(food.days[row + 1])
            if first <= self.day <= last:
                a, b = food.percent[row, column], food.percent[row + 1, column]
                return (a + (b - a) * (self.day - first) / (last - first)) / 100
        return food.percent[-1, column] / 100

    def flood(self, place: Place, day: int) -> float:
        table = self.instance.flood
        if table is None or place.index not in table.places:
            return 0.0
        column = table.places.index(place.index)
        return float((table.as_written if self.is_meant else table.level)[day, column])

    def by_level(self, numbers: tuple[float, ...], level: float) -> float:
        low = int(level)
        if low == level:
            return numbers[low]
        return numbers[low] + (level - low) * (numbers[low + 1] - numbers[low])

    def forecast_holds(self) -> bool:
        rules = self.move.flood_rules
        if rules is None or not rules.flood_forecaster or rules.flood_forecaster_timescale <= 1:
            return False
        return self.day <= rules.flood_forecaster_end_time

    def awareness(self, person: Person) -> float:
        return self.move.flood_rules.flood_awareness_weights[int(person.attributes["floodawareness"])]

    def forecast_floods(self, place: Place) -> list[tuple[float, float]]:
        """Return (level, weight) of each day ahead on which a flood is forecast."""
        rules, found = self.move.flood_rules, []
        for x in range(1, rules.flood_forecaster_timescale + 1):
            day = self.day + x
            if self.is_meant and day > rules.flood_forecaster_end_time:
                break
            day = min(day, rules.flood_forecaster_end_time)
            level = self.flood(place, day)
            if level > 0:
                found.append((level, rules.flood_forecaster_weights[x - 1 if self.is_meant else day]))
            if not self.is_meant and day == rules.flood_forecaster_end_time:
                break
        return found

    def flooded_chance(self, person: Person, place: Place, chance: float) -> float:
        rules = self.move.flood_rules
        if self.flood(place, self.day) > 0:
            chance = self.by_level(rules.flood_movechances, self.flood(place, self.day))
        if not self.forecast_holds():
            return chance
        n, floods = rules.flood_forecaster_timescale, self.forecast_floods(place)
        if self.is_meant:
            mean = sum(weight * self.by_level(rules.flood_movechances, level) for level, weight in floods) / n
            return chance + (1 - chance) * self.awareness(person) * min(1.0, mean)
        b = sum(weight * self.by_level(rules.flood_loc_weights, level) for level, weight in floods)
        return chance * (b / n) * self.awareness(person)

    def flooded_score(self, person: Person, end: Place, e: float) -> float:
        rules, level = self.move.flood_rules, self.flood(end, self.day)
        if level > 0:
            e *= self.by_level(rules.flood_loc_weights, level)
        if not self.forecast_holds():
            return e
        n, floods = rules.flood_forecaster_timescale, self.forecast_floods(end)
        if self.is_meant:
            repels = sum(w * (1 - self.by_level(rules.flood_loc_weights, there)) for there, w in floods) / n
            return e * max(0.0, 1 - self.awareness(person) * min(1.0, repels))
        b = sum(weight for _, weight in floods) * self.by_level(rules.flood_loc_weights, level)
        return e * (b * b / n) * self.awareness(person)

    # people leave home

    def decay(self, age: float) -> float:
        factors = self.spawn.conflict_spawn_decay
        if not factors:
            return 1.0
        return factors[min(int(age / self.spawn.conflict_spawn_decay_interval), len(factors) - 1)]

    def refresh_spawn_weights(self) -> None:
        for place in self.places:
            place.spawn_weight = 0.0
            if place.intensity > 0:
                place.spawn_weight = place.population * place.intensity * self.decay(self.day - place.start)
            may = place.intensity > 0 or not self.spawn.conflict_zone_spawning_only
            if self.spawn.starvation_driven_spawning and self.day > 0 and may:
                place.spawn_weight += place.population * self.shortage(place)

    def switch(self) -> None:
        for change in self.instance.place_changes:
            if change.day == self.day:
                place = self.places[change.place]
                place.is_camp, place.is_town, place.is_marker = (
                    change.is_camp,
                    change.is_town,
                    change.is_marker,
                )
                place.is_flood_zone = change.is_flood_zone
                place.intensity = change.conflict_intensity if change.is_conflict else 0.0
                place.move_chance = change.move_chance
        for switch in self.instance.switches:
            if switch.day == self.day:
                place = self.places[switch.place]
                if switch.is_on:
                    place.intensity, place.start = switch.intensity, self.day
                    place.move_chance, place.is_town = self.move.conflict_movechance, False
                else:
                    place.intensity, place.is_town = -1.0, True
                    place.move_chance = self.move.default_movechance
                self.refresh_spawn_weights()

    def leave_home(self) -> None:
        driven = self.spawn.conflict_driven_spawning
        if self.instance.flood is not None:
            homes = self.flooded_homes()
        elif driven is None:
            weights = [place.spawn_weight for place in self.places]
            n = int(self.table.arrivals[self.day])
            homes = self.rng.choices(self.places, weights, k=n) if n else []
        else:
            homes = []
            for place in self.places:
                if place.intensity > 0:
                    people = driven.displaced_per_conflict_day * place.intensity
                    if driven.spawn_mode == "pop_ratio":
                        people *= place.population
                    homes += [place] * (
                        self.poisson(people) if driven.spawn_mode == "poisson" else int(people)
                    )
        for home in homes:
            self.create(home)
            if self.spawn.take_from_population:
                home.population = max(0, home.population - 1)

    def flooded_homes(self) -> list[Place]:
        driven, homes = self.spawn.flood_driven_spawn_mode, []
        for place in self.places:
            level = self.flood(place, self.day)
            if level > 0:
                rate = self.by_level(driven.displaced_per_flood_day, level)
                if driven.spawn_mode == "pop_ratio":
                    n = int(rate * place.population)
                elif driven.spawn_mode == "constant":
                    n = int(rate)
                else:
                    n = self.poisson(rate if self.is_meant else int(rate))
                homes += [place] * n
        return homes

    def poisson(self, mean: float) -> int:
        n, product = 0, self.rng.random()
        while product > math.exp(-mean):
            n, product = n + 1, product * self.rng.random()
        return n

    # closures

    def close_and_open(self) -> None:
        for closure in self.instance.closures:
            if closure.start_day == self.day:
                self.close(closure)
            if closure.end_day == self.day:
                self.open(closure)

    def redirect(self, closure, is_forced: bool) -> None:
        """Remove the redirections that a closure names, or set them again."""
        names = {closure.name1, closure.name2}
        roads = [road for place in self.places for road in place.roads] + self.put_away
        for road in roads:
            was_forced = self.instance.routes[road.index].forced_redirection
            if was_forced and {road.start.name, road.end.name} == names:
                road.is_forced = is_forced

    def close(self, closure) -> None:
        if closure.kind == "remove_forced_redirection":
            if self.is_meant:
                self.redirect(closure, False)
            return
        if closure.kind in ("camp", "idpcamp"):
            camp = self.places[closure.place]
            camp.is_camp, camp.is_town, camp.intensity = False, True, -1.0
            camp.move_chance = self.move.default_movechance
        for place in self.places:
            for road in [road for road in place.roads if road.index in closure.routes]:
                place.roads.remove(road)
                road.is_closed = True
                self.put_away.append(road.copy())

    def open(self, closure) -> None:
        if closure.kind == "remove_forced_redirection":
            if self.is_meant:
                self.redirect(closure, True)
            return
        if closure.kind in ("camp", "idpcamp"):
            camp = self.places[closure.place]
            camp.is_camp, camp.is_town, camp.intensity = True, False, -1.0
            ordinary = closure.kind == "camp"
            camp.move_chance = self.move.camp_movechance if ordinary else self.move.idpcamp_movechance
        for road in [road for road in self.put_away if road.index in closure.routes]:
            self.put_away.remove(road)
            road.start.roads.append(road)

    # scores and weights

    def refresh_places(self) -> None:
        for place in self.places:
            score = place.pull * self.move.foreign_weight if place.is_foreign else 1.0
            if self.move.avoid_food_deprived_locations and not place.is_foreign and self.day > 0:
                score = 1.0 - self.shortage(place) ** 2
            if place.is_flood_zone and self.instance.flood is not None and not self.is_meant:
                level = self.flood(place, self.day)
                if level > 0:
                    score *= self.by_level(self.move.flood_rules.flood_loc_weights, level)
                if self.forecast_holds():
                    score = 0.0
            if place.is_camp:
                score *= self.move.camp_weight
            if place.intensity > 0:
                exponent = self.decay(self.day - place.start) * place.intensity
                score *= self.move.conflict_weight**exponent
            place.score = score
            if self.move.fixed_routes and not self.is_meant:
                self.store_routes(place)
            added = self.instance.places[place.index].capacity_per_day
            if added > 0:
                place.capacity += added

    # fixed routes

    def store_routes(self, place: Place) -> None:
        """Let a place store its best way to each destination, with the scores as they are at this moment."""
        place.stored = {}
        if not place.is_marker:
            for km, names in self.ways(place):
                self.store(place.stored, km, names)
            regular = dict(place.stored)
            beyond: dict[str, tuple[float, list[str]]] = {}
            for chain in self.instance.major_routes:
                for stops in (chain, chain[::-1]):
                    chain_names = [self.places[stop].name for stop in stops]
                    hub, end = chain_names[0], chain_names[-1]
                    if end == place.name or any(names[-1] == end for _, names in self.ways(place)):
                        continue
                    to_hub = [] if hub == place.name else self.best_way(place, hub)
                    if to_hub is not None:
                        names = [*to_hub, *chain_names[1:]]
                        km = self.length(place, names)
                        if km is not None:
                            self.store(beyond, km / 4, names)
            place.stored = {**regular, **beyond}

    def best_way(self, place: Place, name: str) -> list[str] | None:
        """Return the way to a destination that would be stored, whatever its score."""
        found: dict[str, tuple[float, list[str]]] = {}
        for km, names in self.ways(place):
            if names[-1] == name:
                self.store(found, km, names, score=1.0)
        return found[name][1] if name in found else None

    def store(self, stored, km: float, names: list[str], score: float | None = None) -> None:
        end = next(place for place in self.places if place.name == names[-1])
        s = end.score if score is None else score
        level = self.flood(end, self.day)
        if level > 0 and score is None:
            s *= self.by_level(self.move.flood_rules.flood_loc_weights, level)
        base = (self.move.weight_softening + s) / (self.move.softening + km) ** self.move.distance_power
        weight = base**self.move.weight_power if base > 0 else 0.0
        if weight > stored.get(names[-1], (0.0, []))[0]:
            stored[names[-1]] = (weight, names)

    def ways(self, place: Place) -> list[tuple[float, list[str]]]:
        """Return (km, names) of all ways within the awareness level; markers cost a level."""
        found: list[tuple[float, list[str]]] = []

        def explore(here: Place, prior: float, left: list[Place], names: list[str], depth: int) -> None:
            for road in here.roads:
                if road.end in left:
                    continue
                km, on_the_way = prior + road.km, [*names, road.end.name]
                if not road.end.is_marker:
                    found.append((km, on_the_way))
                if self.move.awareness_level > depth:
                    # the place itself may be passed again only at the end of a road, as in `candidates`
                    explore(road.end, km, [*left, road.end], on_the_way, depth + 1)

        explore(place, 0.0, [place], [], 1)
        return found

    def length(self, place: Place, names: list[str]) -> float | None:
        km = 0.0
        for name in names:
            road = next((road for road in place.roads if road.end.name == name), None)
            if road is None:
                return None
            km, place = km + road.km, road.end
        return km

    def end_score(self, person: Person, here: Place, end: Place) -> float:
        move, e, is_applied = self.move, end.score, False
        if move.children_avoid_hazards:
            if float(person.attributes["age"]) < 19:
                e, is_applied = e**2, True
            is_male = move.boys_take_risk and person.attributes["gender"] == "male"
            if is_male and float(person.attributes["age"]) > 14:
                e = 1.0
        if move.elderly_avoid_hazards and float(person.attributes["age"]) > 59:
            e = e**2
        if move.women_avoid_hazards and person.attributes["gender"] == "female" and not is_applied:
            e = e**2
        if move.stay_close_to_home:
            e /= max(1.0, great_circle_km(here, end)) ** move.home_distance_power
        if self.instance.flood is not None:
            e = self.flooded_score(person, end, e)
        if move.use_pop_for_loc_weight and not end.is_camp:
            e *= max(1.0, end.population) ** move.pop_power_for_loc_weight
        return e * self.liking(person, end)

    # matching

    def rules_of_matching(self, place: Place) -> list[tuple[str, float]]:
        """Return (attribute, factor of a share of 1) of each rule that asks for people at such a place."""
        move = self.move
        by_kind = (
            (place.is_camp, move.match_camp_religion, "religion", 1.0 / move.avg_religion_fraction),
            (place.is_camp, move.match_camp_ethnicity, "ethnicity", 10.0),
            (not place.is_camp and place.intensity > 0, move.match_conflict_ethnicity, "ethnicity", 10.0),
            (not place.is_camp and place.intensity <= 0, move.match_town_ethnicity, "ethnicity", 10.0),
        )
        return [(attribute, factor) for is_such, is_on, attribute, factor in by_kind if is_such and is_on]

    def count_likes(self) -> None:
        """Count who lives and stands at each place this morning, by religion and by ethnicity."""
        self.likes: dict[tuple[str, Place], dict[str, float]] = {}
        if not any(self.rules_of_matching(place) for place in self.places):
            return
        for attribute in ("religion", "ethnicity"):
            of_tables = [t.values for t in self.instance.demographics if t.attribute == attribute]
            known = {value for some in of_tables for value in some}
            known |= {p.attributes[attribute] for p in self.instance.people if attribute in p.attributes}
            for place in self.places:
                columns = self.instance.places[place.index].attributes
                numbers = {value: float(columns.get(value) or 0) / self.instance.hasten for value in known}
                self.likes[attribute, place] = numbers
        for person in self.persons:
            if person.road is None:
                is_away = self.is_harvest() and person.is_farmer and not person.stays_for_good
                place = person.home if is_away else person.place
                for attribute in ("religion", "ethnicity"):
                    if attribute in person.attributes:
                        self.likes[attribute, place][person.attributes[attribute]] += 1

    def liking(self, person: Person, end: Place) -> float:
        factor = 1.0
        for attribute, at_all in self.rules_of_matching(end):
            there = self.likes[attribute, end]
            if sum(there.values()) > 0:
                factor *= at_all * there[person.attributes[attribute]] / sum(there.values())
        return factor

    def room(self, place: Place) -> float:
        capacity, buffer = place.capacity * self.move.capacity_scaling, self.move.capacity_buffer
        if capacity < 1 or place.people <= buffer * capacity:
            return 1.0
        if place.people >= capacity:
            return 0.0
        return 1.0 - (place.people - buffer * capacity) / (capacity * (1.0 - buffer))

    def candidates(self, person: Person, place: Place) -> list[tuple[float, list[str]]]:
        """Return (weight, names after the start) of every route that a person considers."""
        found: list[tuple[float, list[str]]] = []

        def explore(here: Place, prior: float, left: list[Place], names: list[str], depth: int) -> None:
            for road in here.roads:
                if road.end in left:
                    continue
                km, on_the_way, level = prior + road.km, [*names, road.end.name], depth
                if road.end.is_marker:
                    level -= 1
                else:
                    e = self.end_score(person, place, road.end)
                    base = (self.move.weight_softening + e) / (
                        self.move.softening + km
                    ) ** self.move.distance_power
                    weight = base * self.room(road.end)
                    weight = weight**self.move.weight_power if weight > 0 else 0.0
                    found.append((weight, on_the_way))
                if self.move.awareness_level > level:
                    explore(road.end, km, [*left, road.end], on_the_way, level + 1)

        explore(place, 0.0, [place], [], 1)
        return found

    def fixed(self, person: Person, place: Place) -> list[tuple[float, list[str]]]:
        found = []
        for name, (weight, names) in place.stored.items():
            end = next(other for other in self.places if other.name == name)
            found.append((weight * self.end_score(person, place, end), names))
        return found

    def choose(self, person: Person, place: Place) -> list[str]:
        found = self.fixed(person, place) if self.move.fixed_routes else self.candidates(person, place)
        if not found:
            return []
        if self.move.pruning_threshold > 1.001 and not self.move.fixed_routes:
            least = max(weight for weight, _ in found) / self.move.pruning_threshold
            found = [candidate for candidate in found if candidate[0] >= least]
        weights = [weight for weight, _ in found]
        if sum(weights) <= 0:
            weights = [1.0] * len(found)
        return self.rng.choices(found, weights)[0][1]

    # a person moves

    def decide(self, person: Person, *, is_forced: bool) -> None:
        place = person.place
        if person.stays_for_good:
            return
        if self.is_harvest() and person.is_farmer:
            if not person.is_counted_at_home:
                person.is_counted_at_home = True
                place.people -= 1
                person.home.people += 1
            return
        if person.is_counted_at_home:
            person.is_counted_at_home = False
            person.home.people -= 1
            place.people += 1
        roads = sorted(place.roads, key=lambda road: road.index)
        forced = next((road for road in roads if road.is_forced), None)
        if forced is not None:
            person.route = []
            self.enter(person, forced)
            return
        if (place.is_town and is_forced) or person.route:
            chance = 1.0
        else:
            size, power = max(place.population, place.capacity, 0), self.move.movechance_pop_scale_factor
            factor = (size / self.move.movechance_pop_base) ** power if size or power >= 0 else 1e9
            chance = place.move_chance * factor
            if self.move.flee_when_starving:
                chance = self.shortage(place) + (1 - self.shortage(place)) * chance
            if self.instance.flood is not None:
                chance = self.flooded_chance(person, place, chance)
        if self.rng.random() >= chance:
            return
        if not person.route:
            person.route = self.choose(person, place)
        if person.route:
            self.step(person)

    def step(self, person: Person) -> None:
        name, last = person.route[0], person.route[-1]
        road = next((road for road in person.place.roads if road.end.name == name), None)
        end = next(place for place in self.places if place.name == last)
        if road is None or (end.is_camp and self.room(end) < 0.5):
            person.route = []
            return
        person.route = person.route[1:]
        self.enter(person, road)

    def enter(self, person: Person, road: Road) -> None:
        person.place.people -= 1
        person.road, person.on_road = road, 0.0
        self.entered[road.index] += 1

    def is_harvest(self) -> bool:
        return (self.instance.start_date + dt.timedelta(days=self.day)).month in self.move.harvest_months

    def keep_in_camps(self) -> None:
        for person in self.persons:
            in_camp = person.road is None and person.place.is_camp and not person.stays_for_good
            is_away = person.is_farmer and self.is_harvest()
            if in_camp and not is_away and self.rng.random() < person.place.stay_chance:
                person.stays_for_good = True

    def travel(self, person: Person) -> None:
        road = person.road
        if road is None:
            return
        speed = road.speed
        if self.move.start_on_foot and person.places_travelled == 1:
            speed = self.move.max_walk_speed
        if self.rng.random() < road.walk_chance:
            speed = self.move.max_walk_speed
        person.on_road += speed
        person.moved_today += speed
        if person.on_road < road.km or (person.on_road == road.km and self.instance.law == "as-run"):
            return
        person.places_travelled += 1
        person.moved_today += road.km - person.on_road
        person.road, person.place = None, road.start if road.is_closed else road.end
        person.place.people += 1
        if not road.is_closed and person.moved_today < speed:
            share = person.moved_today / self.move.max_move_speed
            is_forced = self.move.avoid_short_stints and (person.recent + share) / 2 < 0.5
            self.decide(person, is_forced=is_forced)
            self.travel(person)

    def run(self) -> Future:
        instance = self.instance
        standing = np.zeros((instance.n_days, len(self.places)), np.int64)
        entered = np.zeros((instance.n_days, len(instance.routes)), np.int64)
        created = np.zeros(instance.n_days, np.int64)
        for self.day in range(instance.n_days):
            self.entered = entered[self.day]
            self.switch()
            self.leave_home()
            self.refresh_spawn_weights()
            self.close_and_open()
            self.refresh_places()
            self.count_likes()
            if self.move.fixed_routes and self.is_meant:
                for place in self.places:
                    self.store_routes(place)
            for person in self.persons:
                if person.road is None:
                    self.decide(person, is_forced=False)
            for person in self.persons:
                self.travel(person)
            for person in self.persons:
                person.recent = (person.recent + person.moved_today / self.move.max_move_speed) / 2
                person.moved_today = 0.0
            if self.instance.has_sinks:
                self.keep_in_camps()
            standing[self.day] = [place.people for place in self.places]
            created[self.day] = len(self.persons)
        return Future(standing, entered, created, self.persons)


def great_circle_km(a: Place, b: Place) -> float:
    """Return the distance of two places on a sphere of 6371 km, x taken for the longitude."""
    cosine = math.sin(math.radians(a.y)) * math.sin(math.radians(b.y)) + math.cos(
        math.radians(a.y)
    ) * math.cos(math.radians(b.y)) * math.cos(math.radians(a.x - b.x))
    return 6371.0 * math.acos(max(-1.0, min(1.0, cosine)))


def simulate(instance: FleeInstance, table: DataTable, seed: int) -> Future:
    """Return one future."""
    return World(instance, table, seed).run()
