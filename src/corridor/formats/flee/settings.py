"""A Flee settings file (YAML) as frozen records with every default filled in.

Keys keep the names they have in Flee, so that a setting can be found in its documentation; each
record below is one section of the file and holds default, range and unit of its keys. Unknown keys
are problems, never silent defaults. A switch must be true or false: Flee takes any text, also
"False", for true. Where Flee reads a key and then does nothing with it, the key is accepted with a
warning.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node

from corridor.formats.flee.lines import BYTE_ORDER_MARK, Faults, read_text
from corridor.formats.flee.setting_values import (
    SettingsReading,
    as_flees_reader,
    at_its_key,
    foreign_tag,
    key_of,
    number,
    numbers,
    switch,
    whole,
    word,
)
from corridor.problems import Problem

#: Below this move chance Flee turns a place into a camp on loading.
CAMP_MOVE_CHANCE = 0.005
#: Share of a population displaced per day where spawn_mode is pop_ratio and no share is given.
POP_RATIO_DEFAULT = 0.01


@dataclass(frozen=True, slots=True)
class ConflictSpawning:
    """Arrivals driven by conflict instead of by the data; not divided by ``hasten``."""

    spawn_mode: str = word("constant", ("constant", "pop_ratio", "poisson"))
    displaced_per_conflict_day: float = number(500.0, low=0)  # people; in pop_ratio a share, default 0.01


@dataclass(frozen=True, slots=True)
class FloodSpawning:
    """Arrivals driven by flood levels instead of by the data."""

    spawn_mode: str = word("pop_ratio", ("constant", "pop_ratio", "poisson"))
    displaced_per_flood_day: tuple[float, ...] = numbers((0.0, 0.1, 0.2, 0.5, 0.9), low=0)  # by flood level


@dataclass(frozen=True, slots=True)
class FloodRules:
    """How floods change where people go; lists are indexed by flood level, the forecaster's by day."""

    flood_movechances: tuple[float, ...] = numbers((), low=0, high=1)
    flood_loc_weights: tuple[float, ...] = numbers((), low=0)
    flood_forecaster: bool = switch()
    flood_forecaster_timescale: int = whole(0, low=0)  # days
    flood_forecaster_end_time: int = whole(0, low=0)  # day
    flood_forecaster_weights: tuple[float, ...] = numbers((), low=0)
    flood_awareness_weights: tuple[float, ...] = numbers((), low=0)

    @property
    def forecasts(self) -> bool:
        """True if forecasts count at all."""
        return self.flood_forecaster and self.flood_forecaster_timescale > 1


@dataclass(frozen=True, slots=True)
class LogLevels:
    """What Flee logs; kept for completeness, it changes no result."""

    agent: int = whole(0, low=0)
    link: int = whole(0, low=0)
    camp: int = whole(0, low=0)
    init: int = whole(0, low=0)
    conflict: int = whole(0, low=0)
    idp_totals: int = whole(0, low=0)
    granularity: str = word("location", ("location", "region"))


@dataclass(frozen=True, slots=True)
class SpawnRules:
    """Who sets out, when and from where."""

    take_from_population: bool = switch()
    insert_day0: bool = switch(True)
    empty_camps_on_day0: bool = switch()
    conflict_zone_spawning_only: bool = switch(True)
    flood_zone_spawning_only: bool = switch()
    sum_from_camps: bool = switch(True)
    conflict_spawn_decay: tuple[float, ...] = numbers((), low=0)  # empty: no decay
    conflict_spawn_decay_interval: float = number(30.0, above=0)  # days per element of the list
    conflict_driven_spawning: ConflictSpawning | None = field(
        default=None, metadata={"section": ConflictSpawning}
    )
    flood_driven_spawn_mode: FloodSpawning | None = field(default=None, metadata={"section": FloodSpawning})
    starvation_driven_spawning: bool = switch()
    camps_are_sinks: bool = switch(key="camps_are_sicks")
    camps_are_sinks_as_documented: bool = switch(key="camps_are_sinks")
    read_from_agents_csv_file: bool = switch()
    average_social_connectivity: float = number(3.0, low=0)  # without effect

    def decay(self, age_days: float) -> float:
        """Return the factor for a conflict that began ``age_days`` ago; 1 without a list."""
        if not self.conflict_spawn_decay:
            return 1.0
        step = int(age_days / self.conflict_spawn_decay_interval)
        return self.conflict_spawn_decay[min(step, len(self.conflict_spawn_decay) - 1)]


@dataclass(frozen=True, slots=True)
class MoveRules:
    """How people choose and travel. Speeds in km/day, distances in km."""

    max_move_speed: float = number(360.0, low=0.001)  # a metre a day
    max_walk_speed: float = number(35.0, low=0.001)
    max_crossing_speed: float = number(20.0, above=0)  # without effect
    foreign_weight: float = number(1.0, low=0)
    camp_weight: float = number(1.0, low=0)
    conflict_weight: float = number(10**-0.5, low=0)
    conflict_movechance: float = number(1.0, low=0, high=1)
    camp_movechance: float = number(0.001, low=0, high=1)
    idpcamp_movechance: float = number(0.1, low=0, high=1)
    default_movechance: float = number(0.3, low=0, high=1)
    awareness_level: int = whole(1)
    capacity_buffer: float = number(0.9, low=0, high=1)
    capacity_scaling: float = number(1.0, above=0)
    avoid_short_stints: bool = switch()
    start_on_foot: bool = switch()
    softening: float = number(10.0, low=0)
    weight_softening: float = number(0.0, low=0)
    weight_power: float = number(1.0)
    distance_power: float = number(1.0)
    pruning_threshold: float = number(1.0, low=0)
    stay_close_to_home: bool = switch()
    home_distance_power: float = number(0.5)
    use_pop_for_loc_weight: bool = switch()
    pop_power_for_loc_weight: float = number(0.1)
    movechance_pop_base: float = number(10000.0, above=0)
    movechance_pop_scale_factor: float = number(0.0)
    women_avoid_hazards: bool = switch(key="WomenAvoidHazards")
    children_avoid_hazards: bool = switch(key="ChildrenAvoidHazards")
    elderly_avoid_hazards: bool = switch(key="ElderlyAvoidHazards")
    boys_take_risk: bool = switch(key="BoysTakeRisk")
    match_camp_religion: bool = switch(key="MatchCampReligion")
    match_camp_ethnicity: bool = switch(key="MatchCampEthnicity")
    match_town_ethnicity: bool = switch(key="MatchTownEthnicity")
    match_conflict_ethnicity: bool = switch(key="MatchConflictEthnicity")
    avg_religion_fraction: float = number(0.25, above=0, high=1)
    fixed_routes: bool = switch()
    two_system_decision_making: bool = switch()  # without effect
    use_economic_pull: bool = switch()
    harvest_months: tuple[float, ...] = numbers((), low=1, high=12)
    flee_when_starving: bool = switch()
    avoid_food_deprived_locations: bool = switch()
    flood_rules: FloodRules | None = field(default=None, metadata={"section": FloodRules})
    use_v1_rules: bool = switch()


@dataclass(frozen=True, slots=True)
class Optimisations:
    """What trades detail for time."""

    hasten: int = whole(1, low=1)  # every person simulated stands for this many people


@dataclass(frozen=True, slots=True)
class FleeSettings:
    """All settings, defaults filled in."""

    log: LogLevels = field(default_factory=LogLevels)
    spawn: SpawnRules = field(default_factory=SpawnRules)
    move: MoveRules = field(default_factory=MoveRules)
    hasten: int = 1
    default_conflict_intensity: int = 1  # only for location_changes.csv

    @property
    def arrivals_from(self) -> Literal["data", "conflict", "flood"]:
        """What decides how many people set out each day."""
        if self.is_flood_mode:
            return "flood"
        return "conflict" if self.spawn.conflict_driven_spawning else "data"

    @property
    def is_flood_mode(self) -> bool:
        """True where floods drive the departures; conflicts.csv is then not read."""
        flood = self.spawn.flood_zone_spawning_only and not self.spawn.conflict_zone_spawning_only
        return flood and self.spawn.flood_driven_spawn_mode is not None

    @property
    def uses_food(self) -> bool:
        """True if a rule needs region_attributes_IPC.csv."""
        move = self.move
        return (
            self.spawn.starvation_driven_spawning
            or move.flee_when_starving
            or move.avoid_food_deprived_locations
        )


_SECTIONS: Mapping[str, type] = {
    "log_levels": LogLevels,
    "spawn_rules": SpawnRules,
    "move_rules": MoveRules,
    "optimisations": Optimisations,
}
_DEAD_TOP_LEVEL = ("number_of_steps", "conflict_input_file", "flood_level_input_file")
#: Documented or plausible spellings that Flee does not read, and what to do about them.
_IGNORED: Mapping[str, str] = {
    "max_flood_level": "no rule reads it",
    "flood_link_weights": "no rule reads it",
    "flood_spawn_mode": "the key the program reads is 'spawn_mode'",
}
_WITHOUT_EFFECT: Mapping[str, str] = {
    "max_crossing_speed": "is read, but no rule of the serial program uses it",
    "two_system_decision_making": "never takes effect in Flee: results are the same with and without it",
    "average_social_connectivity": "sets a number that no rule uses",
}
#: What use_v1_rules forces, after all other keys were read.
_V1_RULES: Mapping[str, float | bool] = {
    "max_move_speed": 200.0,
    "start_on_foot": False,
    "avoid_short_stints": False,
    "camp_weight": 2.0,
    "conflict_weight": 0.25,
}


def read_settings(
    path: Path, faults: Faults, *, hasten: int | None = None, law: str = "as-run"
) -> FleeSettings:
    """Read a settings file; ``hasten`` overrides the factor in the file. Faults go to ``faults``."""
    root, reading = _compose(path, faults)
    if root is None:
        return FleeSettings(hasten=hasten if hasten and hasten > 0 else 1)
    default_intensity = _top_level(root, reading)
    nodes = reading.pairs(root)
    parts: dict[str, Any] = {
        name: reading.record(cls, name, nodes.get(name)) for name, cls in _SECTIONS.items()
    }
    move = _with_v1_rules(parts["move_rules"], reading)
    settings = FleeSettings(
        log=parts["log_levels"],
        spawn=_with_default_share(parts["spawn_rules"], reading),
        move=move,
        hasten=_chosen_hasten(parts["optimisations"].hasten, hasten, faults),
        default_conflict_intensity=default_intensity,
    )
    _check_together(settings, reading)
    if "camps_are_sinks" in reading.where and law == "as-run":
        hint = "the key the program reads is 'camps_are_sicks'"
        message = "'camps_are_sinks' is ignored, as by Flee"
        reading.warn("flee-setting-ignored", reading.where["camps_are_sinks"], message, hint)
    return settings


def _top_level(root: MappingNode, reading: SettingsReading) -> int:
    """Check the keys outside the sections; return the default intensity, the one that counts."""
    intensity = 1
    known = (*_SECTIONS, "default_conflict_intensity", *_DEAD_TOP_LEVEL)
    seen: set[str] = set()
    for key_node, node in root.value:
        key = key_of(key_node)
        if key == "default_conflict_intensity":
            intensity = _truncated(key, at_its_key(key_node, node), reading)
        elif key in _DEAD_TOP_LEVEL:
            message = f"'{key}' is ignored, as by Flee started from a folder"
            reading.warn("flee-setting-ignored", key_node, message)
        elif key not in _SECTIONS and key not in seen:
            reading.unknown(key, key_node, known)
        seen.add(key)
    return intensity


def _truncated(key: str, node: Node, reading: SettingsReading) -> int:
    value = reading.number(node)
    if value is None:
        reading.refuse("flee-setting-value", key, node, "a number")
        return 1
    if not value.is_integer():
        message = f"{key} is '{value:g}'; Flee cuts it to {int(value)}"
        reading.warn("flee-setting-truncated", node, message)
    return int(value)


def _with_default_share(spawn: SpawnRules, reading: SettingsReading) -> SpawnRules:
    """Return the rules with the default of pop_ratio, a share and not a number of people."""
    driven = spawn.conflict_driven_spawning
    if driven is None or driven.spawn_mode != "pop_ratio" or "displaced_per_conflict_day" in reading.where:
        return spawn
    share = dataclasses.replace(driven, displaced_per_conflict_day=POP_RATIO_DEFAULT)
    return dataclasses.replace(spawn, conflict_driven_spawning=share)


def _chosen_hasten(in_file: int, argument: int | None, faults: Faults) -> int:
    if argument is None:
        return in_file
    if isinstance(argument, bool) or not isinstance(argument, int) or argument < 1:
        faults.add("flee-setting-value", f"hasten is '{argument}'; it must be a whole number of 1 or more")
        return 1
    return argument


def _compose(path: Path, faults: Faults) -> tuple[MappingNode | None, SettingsReading]:
    text = read_text(path, faults) or ""
    reading = SettingsReading(
        str(path),
        text.removeprefix(BYTE_ORDER_MARK).splitlines(),
        faults,
        _SECTIONS,
        _IGNORED,
        _WITHOUT_EFFECT,
    )
    if not path.is_file():
        return None, reading
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 1)  # as Flee's reader: yes, no, on and off are truth values
    try:
        root = yaml.compose(text.removeprefix(BYTE_ORDER_MARK))
    except (YAMLError, RecursionError) as error:
        plain = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        marked = error if isinstance(error, MarkedYAMLError) else MarkedYAMLError(problem=plain)
        mark = marked.problem_mark or marked.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"is not YAML: {marked.problem or marked.context}"
        excerpt = reading.rows[line - 1] if 0 < line <= len(reading.rows) else ""
        hint = "indent with blanks, two for each level, and write 'key: value'"
        if "undefined alias" in message:
            hint = "a value with * is an alias of one with & before it; write it out, or in quotes"
        faults.found.append(Problem("flee-settings-yaml", str(path), line, column, message, hint, excerpt, 1))
        return None, reading
    foreign = [node for node in as_flees_reader(root) if foreign_tag(node)] if root is not None else []
    for node in foreign:
        message = f"the tag '{foreign_tag(node)}' names no plain value; Flee stops at it"
        reading.problem("flee-settings-yaml", node, message, "delete the tag")
    if foreign:
        return None, reading
    if not isinstance(root, MappingNode):
        message = "holds no settings; sections such as 'move_rules:' were expected"
        hint = "write 'move_rules: {}' to take every default"
        faults.add("flee-settings-empty", message, file=str(path), hint=hint)
        return None, reading
    return root, reading


def _with_v1_rules(move: MoveRules, reading: SettingsReading) -> MoveRules:
    if not move.use_v1_rules:
        return move
    forced = ", ".join(f"{key} {_plain(value)}" for key, value in _V1_RULES.items())
    node = reading.where["use_v1_rules"]
    reading.warn("flee-v1-rules", node, f"use_v1_rules sets {forced}, whatever the file says")
    return dataclasses.replace(move, **_V1_RULES)  # type: ignore[arg-type]


def _plain(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def _check_together(settings: FleeSettings, reading: SettingsReading) -> None:
    _check_spawning(settings, reading)
    _check_flood(settings, reading)
    _check_moving(settings.move, reading)
    _check_hazards(settings.move, reading)
    _warn_matching(settings.move, reading)
    if settings.log.granularity == "region" and settings.log.agent >= 1:
        message = "an agent log by region stops Flee; no agent log is written here"
        reading.warn("flee-setting-ignored", reading.where["granularity"], message)


def _check_spawning(settings: FleeSettings, reading: SettingsReading) -> None:
    spawn, where = settings.spawn, reading.where
    if spawn.conflict_zone_spawning_only and spawn.flood_zone_spawning_only:
        message = "flood_zone_spawning_only and conflict_zone_spawning_only are both on; Flee stops at this"
        hint = "set conflict_zone_spawning_only: false"
        reading.problem("flee-spawn-both", where["flood_zone_spawning_only"], message, hint)
    has_effect = settings.is_flood_mode or spawn.starvation_driven_spawning
    if not spawn.conflict_zone_spawning_only and not has_effect:
        message = "conflict_zone_spawning_only: false changes nothing: places without conflict keep weight 0"
        reading.warn("flee-setting-ignored", where["conflict_zone_spawning_only"], message)
    if "conflict_spawn_decay" in where.keys() - reading.refused and not spawn.conflict_spawn_decay:
        message = "conflict_spawn_decay is an empty list; no decay is assumed, as in Flee"
        reading.warn("flee-decay-empty", where["conflict_spawn_decay"], message)
    starts_twice = not spawn.insert_day0 and not spawn.empty_camps_on_day0 and spawn.sum_from_camps
    if starts_twice and settings.arrivals_from == "data":
        message = (
            "without insert_day0, sum_from_camps makes Flee spawn the day-0 total and the sum of the sites"
        )
        reading.warn("flee-day0-twice", where["insert_day0"], message)


def _check_flood(settings: FleeSettings, reading: SettingsReading) -> None:
    spawn, where = settings.spawn, reading.where
    if settings.move.flood_rules is not None and not settings.is_flood_mode:
        message = "flood_rules need flood_zone_spawning_only: true and a section flood_driven_spawn_mode"
        reading.problem("flee-flood-rules", where["flood_rules"], message)
    if settings.is_flood_mode and settings.move.flood_rules is None:
        message = "flood_zone_spawning_only needs a section flood_rules in move_rules"
        reading.problem("flee-flood-rules", where["flood_zone_spawning_only"], message)
    if settings.is_flood_mode and not spawn.take_from_population:
        message = "flood_driven_spawn_mode needs take_from_population: true"
        reading.problem("flee-flood-rules", where["flood_driven_spawn_mode"], message)
    if settings.is_flood_mode and spawn.flood_driven_spawn_mode is not None:
        _warn_flood_shares(spawn.flood_driven_spawn_mode, reading)
    if settings.is_flood_mode and settings.move.flood_rules is not None:
        _check_flood_lists(settings.move.flood_rules, reading)


def _warn_flood_shares(spawning: FloodSpawning, reading: SettingsReading) -> None:
    """Tell where a list of shares, as the default is one for every mode, is taken for people."""
    mode, people = spawning.spawn_mode, spawning.displaced_per_flood_day
    key = "displaced_per_flood_day"
    if mode != "pop_ratio" and max(people, default=0.0) < 1.0 and key not in reading.refused:
        listed = ", ".join(f"{number:g}" for number in people)
        given = "is" if key in reading.where else "is not given, and by default"
        message = (
            f"{key} {given} [{listed}]: with spawn_mode {mode} these are people, and Flee lets nobody leave"
        )
        at = reading.where.get(key, reading.where["flood_driven_spawn_mode"])
        reading.warn("flee-flood-rules", at, message, "list people a day for each flood level")


def _check_flood_lists(rules: FloodRules, reading: SettingsReading) -> None:
    needed = ["flood_movechances", "flood_loc_weights"]
    if rules.forecasts:
        needed += ["flood_forecaster_weights", "flood_awareness_weights"]
    for key in needed:
        if not getattr(rules, key) and key not in reading.refused:
            message = f"flood_rules need a list '{key}' with at least one number"
            reading.problem("flee-flood-rules", reading.where.get(key, reading.where["flood_rules"]), message)
    if rules.flood_forecaster and not rules.forecasts:
        message = "flood_forecaster does nothing with a flood_forecaster_timescale below 2"
        reading.warn("flee-setting-ignored", reading.where["flood_forecaster"], message)


def _check_moving(move: MoveRules, reading: SettingsReading) -> None:
    where = reading.where
    if move.awareness_level == 0:
        message = "awareness_level is '0'; with 0 nobody ever moves, it must be 1 or more"
        reading.problem(
            "flee-awareness", where["awareness_level"], message, "1 looks at the neighbouring places"
        )
    if move.awareness_level < 0:
        message = (
            f"awareness_level is '{move.awareness_level}'; Flee treats it as 1 where there are no "
            "marker places"
        )
        reading.warn("flee-awareness", where["awareness_level"], message)
    if "pruning_threshold" in where and move.pruning_threshold <= 1.001 and move.pruning_threshold != 1:
        message = f"pruning_threshold is '{move.pruning_threshold:g}'; values up to 1.001 switch pruning off"
        reading.warn("flee-setting-ignored", where["pruning_threshold"], message)
    for key in ("default_movechance", "conflict_movechance"):
        chance = getattr(move, key)
        if chance < CAMP_MOVE_CHANCE:
            places = "town" if key == "default_movechance" else "conflict zone"
            message = f"{key} is '{chance:g}'; below {CAMP_MOVE_CHANCE} Flee turns every {places} into a camp"
            reading.warn("flee-movechance-camp", where[key], message)
    if any(not month.is_integer() for month in move.harvest_months):
        reading.refuse("flee-setting-value", "harvest_months", where["harvest_months"], "months from 1 to 12")


def _check_hazards(move: MoveRules, reading: SettingsReading) -> None:
    if move.boys_take_risk and not move.children_avoid_hazards:
        message = "BoysTakeRisk does nothing without ChildrenAvoidHazards"
        reading.warn("flee-setting-ignored", reading.where["BoysTakeRisk"], message)


def _warn_matching(move: MoveRules, reading: SettingsReading) -> None:
    """Tell once, at the first of them, what becomes of the rules of matching that are on."""
    rules = {
        "MatchCampReligion": move.match_camp_religion,
        "MatchCampEthnicity": move.match_camp_ethnicity,
        "MatchTownEthnicity": move.match_town_ethnicity,
        "MatchConflictEthnicity": move.match_conflict_ethnicity,
    }
    on = [key for key, is_on in rules.items() if is_on]
    if not on:
        return
    message = (
        f"with {' or '.join(on)} Flee stops once somebody is on the road; here people prefer places with "
        "many of their own, as it documents"
    )
    first = min(on, key=lambda key: reading.where[key].start_mark.line)
    hint = "docs/flee.md has the law, under Optional rules"
    reading.warn("flee-matching", reading.where[first], message, hint)
