"""What of Flee's law is not there yet, told for one instance: refused rather than passed over.

`check_supported` returns a problem (`flee-not-supported`) for every rule that is switched on and that the
engine does not have, and a warning for every log that Flee would write and Corridor does not. docs/flee.md
has the same list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from corridor.formats.flee import FleeInstance
from corridor.problems import Problem

CODE = "flee-not-supported"
#: Kilometres a day beyond which a day's journey does not fit the engine's order of arrivals.
FASTEST_KM_PER_DAY = 2000.0
_WORDS = {
    "starvation_driven_spawning": "people leaving home for lack of food",
    "flee_when_starving": "people moving on for lack of food",
    "avoid_food_deprived_locations": "food in the choice of a destination",
    "flood_zone_spawning_only": "people leaving home because of floods",
    "flood_rules": "floods in where people go",
    "fixed_routes": "fixed routes",
    "harvest_months": "months of harvest",
}


def check_supported(instance: FleeInstance) -> list[Problem]:
    """Return a problem for each rule that is needed and not there, and warnings for logs not written."""
    text = _settings_text(instance)
    found = [
        _of_setting(instance, text, key, f"{key} is on; {_WORDS[key]} cannot be simulated yet")
        for key in _switched_on(instance)
    ]
    found += [_of_setting(instance, text, *told) for told in _numbers(instance)]
    found += [*_listed_people(instance, text), *_routes(instance), *_logs(instance, text)]
    return found


def _settings_text(instance: FleeInstance) -> list[str]:
    file = Path(instance.settings_file)
    return file.read_text("utf-8").splitlines() if file.is_file() else []


def _switched_on(instance: FleeInstance) -> Iterator[str]:
    spawn, move = instance.settings.spawn, instance.settings.move
    switches = {
        "starvation_driven_spawning": spawn.starvation_driven_spawning,
        "flee_when_starving": move.flee_when_starving,
        "avoid_food_deprived_locations": move.avoid_food_deprived_locations,
        "flood_zone_spawning_only": instance.settings.is_flood_mode,
        "flood_rules": move.flood_rules is not None,
        "fixed_routes": move.fixed_routes,
        "harvest_months": bool(move.harvest_months),
    }
    return (key for key, is_on in switches.items() if is_on)


def _numbers(instance: FleeInstance) -> Iterator[tuple[str, str]]:
    """Yield (setting, what is wrong) for numbers that Flee accepts and the engine does not."""
    move = instance.settings.move
    if move.weight_power < 0:
        yield (
            "weight_power",
            f"weight_power is '{move.weight_power:g}'; the weight 0 of a full camp has no such power",
        )
    if move.movechance_pop_scale_factor < 0 and any(
        max(p.population, p.capacity) <= 0 for p in instance.places
    ):
        value = f"movechance_pop_scale_factor is '{move.movechance_pop_scale_factor:g}'"
        yield "movechance_pop_scale_factor", f"{value}; a place without population has no such power"
    for key in ("max_move_speed", "max_walk_speed"):
        if getattr(move, key) > FASTEST_KM_PER_DAY:
            yield (
                key,
                f"{key} is '{getattr(move, key):g}' km/day; the engine goes up to {FASTEST_KM_PER_DAY:g}",
            )


def _of_setting(
    instance: FleeInstance, text: list[str], key: str, message: str, hint: str = "", *, warning: bool = False
) -> Problem:
    """Return a problem at the line of the settings that names a key, if one does."""
    pattern = re.compile(rf"(?<![\w-]){key}(?=\s*:)")
    for number, line in enumerate(text, start=1):
        match = pattern.search(line.split("#")[0])
        if match:
            place = (instance.settings_file, number, match.start() + 1)
            return Problem(CODE, *place, message, hint, line, len(key), warning)
    return Problem(CODE, instance.settings_file, 0, 0, message, hint, warning=warning)


def _listed_people(instance: FleeInstance, text: list[str]) -> Iterator[Problem]:
    """People of agents.csv stand where they are listed; what their attributes would change is not there."""
    spawn, move = instance.settings.spawn, instance.settings.move
    if not instance.people:
        return
    by_attribute = move.children_avoid_hazards or move.elderly_avoid_hazards or move.women_avoid_hazards
    if by_attribute:
        message = "people of agents.csv and rules for age or gender: their attributes cannot be used yet"
        yield _of_setting(instance, text, "read_from_agents_csv_file", message)
    if spawn.take_from_population:
        message = "read_from_agents_csv_file together with take_from_population is not known to the engine"
        yield _of_setting(instance, text, "read_from_agents_csv_file", message)


def _routes(instance: FleeInstance) -> Iterator[Problem]:
    """Roads that are too fast; and roads that people are forced along, which Flee as it runs does not do."""
    file = str(Path(instance.input_csv) / "routes.csv")
    for route in instance.routes[::2]:
        if (route.max_move_speed or 0.0) > FASTEST_KM_PER_DAY:
            speed = f"max_move_speed is '{route.max_move_speed:g}' km/day"
            message = f"{speed}; the engine goes up to {FASTEST_KM_PER_DAY:g}"
            yield Problem(CODE, file, route.line, 0, message)
    flagged = [route for route in instance.routes if route.forced_redirection]
    if instance.law == "as-meant" and flagged:
        start, end = (instance.places[place].name for place in (flagged[0].start, flagged[0].end))
        message = f"forced redirection from '{start}' to '{end}': as meant, it cannot be simulated yet"
        hint = "set it to 0, or take the law as run, where it has no effect"
        yield Problem(CODE, file, flagged[0].line, 0, message, hint)


def _logs(instance: FleeInstance, text: list[str]) -> Iterator[Problem]:
    log = instance.settings.log
    for key, level, file in (("agent", log.agent, "agents.out.0"), ("link", log.link, "links.out.0")):
        if level > 0:
            yield _of_setting(instance, text, key, f"the log '{file}' is not written", warning=True)
