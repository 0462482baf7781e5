"""The law of Flee person by person: slow, plain, and written from its description alone (docs/flee.md).

A future is a list of persons in the order in which they were created. Each day everybody decides in that
order, then everybody travels in that order, one person making all of a day's moves before the next. Places,
roads and days come from a `FleeInstance`, the numbers of people from its `DataTable`; nothing is shared with
the engine.
"""

from __future__ import annotations

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
    intensity: float = 0.0
    start: int = -1
    score: float = 1.0
    spawn_weight: float = 0.0
    people: int = 0
    roads: list[Road] = field(default_factory=list)


@dataclass(eq=False)
class Road:
    """A directed road. Closing it marks this one and keeps a fresh copy for the day it opens."""

    index: int
    start: Place
    end: Place
    km: float
    speed: float
    walk_chance: float
    is_closed: bool = False

    def copy(self) -> Road:
        return Road(self.index, self.start, self.end, self.km, self.speed, self.walk_chance)


@dataclass(eq=False)
class Person:
    """Somebody at a place, or on a road."""

    place: Place
    attributes: dict[str, str]
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
        self.day = 0
        self.places = [
            Place(
                row, p.name, p.x, p.y, p.population, int(table.capacity[row]), p.is_camp, p.is_town,
                p.is_marker, p.is_foreign, p.move_chance, self.pull(p), p.conflict_intensity,
            )
            for row, p in enumerate(instance.places)
        ]  # fmt: skip
        for row, route in enumerate(instance.routes):
            start, end = self.places[route.start], self.places[route.end]
            speed = route.max_move_speed or self.move.max_move_speed
            start.roads.append(Road(row, start, end, route.length_km, speed, route.walk_probability or 0.0))
        self.put_away: list[Road] = []
        self.persons: list[Person] = []
        for listed in instance.people:
            self.create(self.places[listed.place])
        for site, people in zip(instance.sites, table.day0_people, strict=True):
            for _ in range(int(people)):
                self.create(self.places[site])
        self.refresh_spawn_weights()

    def pull(self, place) -> float:
        if not (self.move.use_economic_pull and place.is_foreign):
            return 1.0
        return 1.0 + float(place.attributes["trade_volume"]) + float(place.attributes["hdi"]) ** 2

    def create(self, place: Place) -> None:
        attributes = {}
        for table in self.instance.demographics:
            weights = table.by_place.get(place.name, table.default)
            attributes[table.attribute] = self.rng.choices(table.values, weights)[0]
        self.persons.append(Person(place, attributes))
        place.people += 1

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

    def switch(self) -> None:
        for change in self.instance.place_changes:
            if change.day == self.day:
                place = self.places[change.place]
                place.is_camp, place.is_town, place.is_marker = (
                    change.is_camp,
                    change.is_town,
                    change.is_marker,
                )
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
        if driven is None:
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

    def close(self, closure) -> None:
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
            if place.is_camp:
                score *= self.move.camp_weight
            if place.intensity > 0:
                exponent = self.decay(self.day - place.start) * place.intensity
                score *= self.move.conflict_weight**exponent
            place.score = score
            added = self.instance.places[place.index].capacity_per_day
            if added > 0:
                place.capacity += added

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
        if move.use_pop_for_loc_weight and not end.is_camp:
            e *= max(1.0, end.population) ** move.pop_power_for_loc_weight
        return e

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
                    found.append(((base * self.room(road.end)) ** self.move.weight_power, on_the_way))
                if self.move.awareness_level > level:
                    explore(road.end, km, [*left, road.end], on_the_way, level + 1)

        explore(place, 0.0, [place], [], 1)
        return found

    def choose(self, person: Person, place: Place) -> list[str]:
        found = self.candidates(person, place)
        if not found:
            return []
        if self.move.pruning_threshold > 1.001:
            least = max(weight for weight, _ in found) / self.move.pruning_threshold
            found = [candidate for candidate in found if candidate[0] >= least]
        weights = [weight for weight, _ in found]
        if sum(weights) <= 0:
            weights = [1.0] * len(found)
        return self.rng.choices(found, weights)[0][1]

    # a person moves

    def decide(self, person: Person, *, is_forced: bool) -> None:
        place = person.place
        if (place.is_town and is_forced) or person.route:
            chance = 1.0
        else:
            size = max(place.population, place.capacity) / self.move.movechance_pop_base
            chance = place.move_chance * size**self.move.movechance_pop_scale_factor
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
        person.place.people -= 1
        person.road, person.on_road = road, 0.0
        self.entered[road.index] += 1

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
            for person in self.persons:
                if person.road is None:
                    self.decide(person, is_forced=False)
            for person in self.persons:
                self.travel(person)
            for person in self.persons:
                person.recent = (person.recent + person.moved_today / self.move.max_move_speed) / 2
                person.moved_today = 0.0
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
