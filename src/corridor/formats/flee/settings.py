"""A Flee settings file (YAML) as frozen records with every default filled in.

Keys keep the names they have in Flee, so that a setting can be found in its documentation; each
record below is one section of the file and holds default, range and unit of its keys. Unknown keys
are problems, never silent defaults. A switch must be true or false: Flee takes any text, also
"False", for true. Where Flee reads a key and then does nothing with it, the key is accepted with a
warning.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from corridor.formats.flee.lines import BYTE_ORDER_MARK, Faults, read_text
from corridor.problems import Problem, did_you_mean

Record = TypeVar("Record")

#: Below this move chance Flee turns a place into a camp on loading.
CAMP_MOVE_CHANCE = 0.005
#: Share of a population displaced per day where spawn_mode is pop_ratio and no share is given.
POP_RATIO_DEFAULT = 0.01


def _number(
    default: float,
    *,
    low: float = -math.inf,
    above: float = -math.inf,
    high: float = math.inf,
    expected: str = "",
) -> Any:
    def check(reading: _Reading, key: str, node: Node) -> float | None:
        value = reading.number(node)
        words = expected or _range_words("a number", low, above, high)
        if value is None or not (low <= value <= high and value > above):
            reading.refuse("flee-setting-value", key, node, words)
            return None
        return value

    return field(default=default, metadata={"check": check})


def _whole(default: int, *, low: int | None = None, expected: str = "") -> Any:
    def check(reading: _Reading, key: str, node: Node) -> int | None:
        value = reading.number(node)
        words = expected or _range_words("a whole number", -math.inf if low is None else low)
        if value is None or not value.is_integer() or (low is not None and value < low):
            reading.refuse("flee-setting-value", key, node, words)
            return None
        return int(value)

    return field(default=default, metadata={"check": check})


def _switch(default: bool = False, *, key: str = "") -> Any:
    def check(reading: _Reading, name: str, node: Node) -> bool | None:
        if isinstance(node, ScalarNode) and _tag(node).endswith(":bool"):
            is_on: bool = node.value.lower() in ("true", "yes", "on", "y")
            return is_on
        if isinstance(node, ScalarNode) and _tag(node).endswith(":int") and node.value in ("0", "1"):
            return str(node.value) == "1"
        hint = 'Flee takes any text, also "False", for true' if reading.is_text(node) else ""
        reading.refuse("flee-setting-value", name, node, "true or false", hint)
        return None

    return field(default=default, metadata={"check": check, "key": key})


def _numbers(default: tuple[float, ...], *, low: float = -math.inf, high: float = math.inf) -> Any:
    def check(reading: _Reading, key: str, node: Node) -> tuple[float, ...] | None:
        words = _range_words("a list of numbers", low, -math.inf, high)
        if not isinstance(node, SequenceNode):
            reading.refuse("flee-setting-value", key, node, words)
            return None
        values = tuple(reading.number(item) for item in node.value)
        if any(value is None or not low <= value <= high for value in values):
            reading.refuse("flee-setting-value", key, node, words)
            return None
        return tuple(value for value in values if value is not None)

    return field(default=default, metadata={"check": check})


def _word(default: str, words: tuple[str, ...]) -> Any:
    def check(reading: _Reading, key: str, node: Node) -> str | None:
        word = node.value if isinstance(node, ScalarNode) else ""
        found = word.lower() if word.lower() == "poisson" else word
        if found in words:
            return str(found)
        expected = "one of " + ", ".join(words)
        reading.refuse("flee-setting-value", key, node, expected, did_you_mean(word, words))
        return None

    return field(default=default, metadata={"check": check})


def _range_words(what: str, low: float, above: float = -math.inf, high: float = math.inf) -> str:
    if above > -math.inf:
        return f"{what} above {above:g}"
    if low > -math.inf and high < math.inf:
        return f"{what} from {low:g} to {high:g}"
    return f"{what} of {low:g} or more" if low > -math.inf else what


@dataclass(frozen=True, slots=True)
class ConflictSpawning:
    """Arrivals driven by conflict instead of by the data; not divided by ``hasten``."""

    spawn_mode: str = _word("constant", ("constant", "pop_ratio", "poisson"))
    displaced_per_conflict_day: float = _number(500.0, low=0)  # people; in pop_ratio a share, default 0.01


@dataclass(frozen=True, slots=True)
class FloodSpawning:
    """Arrivals driven by flood levels instead of by the data."""

    spawn_mode: str = _word("pop_ratio", ("constant", "pop_ratio", "poisson"))
    displaced_per_flood_day: tuple[float, ...] = _numbers((0.0, 0.1, 0.2, 0.5, 0.9), low=0)  # by flood level


@dataclass(frozen=True, slots=True)
class FloodRules:
    """How floods change where people go; lists are indexed by flood level, the forecaster's by day."""

    flood_movechances: tuple[float, ...] = _numbers((), low=0)
    flood_loc_weights: tuple[float, ...] = _numbers((), low=0)
    flood_forecaster: bool = _switch()
    flood_forecaster_timescale: int = _whole(0, low=0)  # days
    flood_forecaster_end_time: int = _whole(0, low=0)  # day
    flood_forecaster_weights: tuple[float, ...] = _numbers(())
    flood_awareness_weights: tuple[float, ...] = _numbers(())


@dataclass(frozen=True, slots=True)
class LogLevels:
    """What Flee logs; kept for completeness, it changes no result."""

    agent: int = _whole(0, low=0)
    link: int = _whole(0, low=0)
    camp: int = _whole(0, low=0)
    init: int = _whole(0, low=0)
    conflict: int = _whole(0, low=0)
    idp_totals: int = _whole(0, low=0)
    granularity: str = _word("location", ("location", "region"))


@dataclass(frozen=True, slots=True)
class SpawnRules:
    """Who sets out, when and from where."""

    take_from_population: bool = _switch()
    insert_day0: bool = _switch(True)
    empty_camps_on_day0: bool = _switch()
    conflict_zone_spawning_only: bool = _switch(True)
    flood_zone_spawning_only: bool = _switch()
    sum_from_camps: bool = _switch(True)
    conflict_spawn_decay: tuple[float, ...] = _numbers((), low=0)  # empty: no decay
    conflict_spawn_decay_interval: float = _number(30.0, above=0)  # days per element of the list
    conflict_driven_spawning: ConflictSpawning | None = field(
        default=None, metadata={"section": ConflictSpawning}
    )
    flood_driven_spawn_mode: FloodSpawning | None = field(default=None, metadata={"section": FloodSpawning})
    starvation_driven_spawning: bool = _switch()
    camps_are_sinks: bool = _switch(key="camps_are_sicks")
    read_from_agents_csv_file: bool = _switch()
    average_social_connectivity: float = _number(3.0, low=0)  # without effect

    def decay(self, age_days: float) -> float:
        """Return the factor for a conflict that began ``age_days`` ago; 1 without a list."""
        if not self.conflict_spawn_decay:
            return 1.0
        step = int(age_days / self.conflict_spawn_decay_interval)
        return self.conflict_spawn_decay[min(step, len(self.conflict_spawn_decay) - 1)]


@dataclass(frozen=True, slots=True)
class MoveRules:
    """How people choose and travel. Speeds in km/day, distances in km."""

    max_move_speed: float = _number(360.0, above=0)
    max_walk_speed: float = _number(35.0, above=0)
    max_crossing_speed: float = _number(20.0, above=0)  # without effect
    foreign_weight: float = _number(1.0, low=0)
    camp_weight: float = _number(1.0, low=0)
    conflict_weight: float = _number(10**-0.5, low=0)
    conflict_movechance: float = _number(1.0, low=0, high=1)
    camp_movechance: float = _number(0.001, low=0, high=1)
    idpcamp_movechance: float = _number(0.1, low=0, high=1)
    default_movechance: float = _number(0.3, low=0, high=1)
    awareness_level: int = _whole(1)
    capacity_buffer: float = _number(0.9, low=0, high=1)
    capacity_scaling: float = _number(1.0, above=0)
    avoid_short_stints: bool = _switch()
    start_on_foot: bool = _switch()
    softening: float = _number(10.0, low=0)
    weight_softening: float = _number(0.0, low=0)
    weight_power: float = _number(1.0)
    distance_power: float = _number(1.0)
    pruning_threshold: float = _number(1.0, low=0)
    stay_close_to_home: bool = _switch()
    home_distance_power: float = _number(0.5)
    use_pop_for_loc_weight: bool = _switch()
    pop_power_for_loc_weight: float = _number(0.1)
    movechance_pop_base: float = _number(10000.0, above=0)
    movechance_pop_scale_factor: float = _number(0.0)
    women_avoid_hazards: bool = _switch(key="WomenAvoidHazards")
    children_avoid_hazards: bool = _switch(key="ChildrenAvoidHazards")
    elderly_avoid_hazards: bool = _switch(key="ElderlyAvoidHazards")
    boys_take_risk: bool = _switch(key="BoysTakeRisk")
    match_camp_religion: bool = _switch(key="MatchCampReligion")
    match_camp_ethnicity: bool = _switch(key="MatchCampEthnicity")
    match_town_ethnicity: bool = _switch(key="MatchTownEthnicity")
    match_conflict_ethnicity: bool = _switch(key="MatchConflictEthnicity")
    avg_religion_fraction: float = _number(0.25, above=0)
    fixed_routes: bool = _switch()
    two_system_decision_making: bool = _switch()  # without effect
    use_economic_pull: bool = _switch()
    harvest_months: tuple[float, ...] = _numbers((), low=1, high=12)
    flee_when_starving: bool = _switch()
    avoid_food_deprived_locations: bool = _switch()
    flood_rules: FloodRules | None = field(default=None, metadata={"section": FloodRules})
    use_v1_rules: bool = _switch()


@dataclass(frozen=True, slots=True)
class Optimisations:
    """What trades detail for time."""

    hasten: int = _whole(1, low=1)  # every person simulated stands for this many people


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
_IGNORED_SPELLINGS: Mapping[str, str] = {
    "camps_are_sinks": "the key the program reads is 'camps_are_sicks'",
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


def read_settings(path: Path, faults: Faults, *, hasten: int | None = None) -> FleeSettings:
    """Read a settings file; ``hasten`` overrides the factor in the file. Faults go to ``faults``."""
    root, reading = _compose(path, faults)
    if root is None:
        return FleeSettings(hasten=hasten if hasten and hasten > 0 else 1)
    parts = reading.sections(root)
    move = _with_v1_rules(parts["move_rules"], reading)
    settings = FleeSettings(
        log=parts["log_levels"],
        spawn=parts["spawn_rules"],
        move=move,
        hasten=_chosen_hasten(parts["optimisations"].hasten, hasten, faults),
        default_conflict_intensity=reading.default_intensity,
    )
    _check_together(settings, reading)
    return settings


def _chosen_hasten(in_file: int, argument: int | None, faults: Faults) -> int:
    if argument is None:
        return in_file
    if isinstance(argument, bool) or not isinstance(argument, int) or argument < 1:
        faults.add("flee-setting-value", f"hasten is '{argument}'; it must be a whole number of 1 or more")
        return 1
    return argument


def _compose(path: Path, faults: Faults) -> tuple[MappingNode | None, _Reading]:
    text = read_text(path, faults) or ""
    reading = _Reading(str(path), text.removeprefix(BYTE_ORDER_MARK).splitlines(), faults)
    if not path.is_file():
        return None, reading
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 1)  # as Flee's reader: yes, no, on and off are truth values
    try:
        root = yaml.compose(text.removeprefix(BYTE_ORDER_MARK))
    except YAMLError as error:
        marked = error if isinstance(error, MarkedYAMLError) else MarkedYAMLError(problem=str(error))
        mark = marked.problem_mark or marked.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"is not YAML: {marked.problem or marked.context}"
        excerpt = reading.rows[line - 1] if 0 < line <= len(reading.rows) else ""
        hint = "indent with blanks, two for each level, and write 'key: value'"
        faults.found.append(Problem("flee-settings-yaml", str(path), line, column, message, hint, excerpt, 1))
        return None, reading
    if not isinstance(root, MappingNode):
        message = "holds no settings; sections such as 'move_rules:' were expected"
        hint = "write 'move_rules: {}' to take every default"
        faults.add("flee-settings-empty", message, file=str(path), hint=hint)
        return None, reading
    return root, reading


def _with_v1_rules(move: MoveRules, reading: _Reading) -> MoveRules:
    if not move.use_v1_rules:
        return move
    forced = ", ".join(f"{key} {_plain(value)}" for key, value in _V1_RULES.items())
    node = reading.where["use_v1_rules"]
    reading.warn("flee-v1-rules", node, f"use_v1_rules sets {forced}, whatever the file says")
    return dataclasses.replace(move, **_V1_RULES)  # type: ignore[arg-type]


def _plain(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


@dataclass(slots=True)
class _Reading:
    """One settings file on its way to records: where each key stands, and the faults."""

    file: str
    rows: list[str]
    faults: Faults
    where: dict[str, Node] = field(default_factory=dict)  # key -> node of the key
    refused: set[str] = field(default_factory=set)  # keys with a wrong value
    default_intensity: int = 1

    def sections(self, root: MappingNode) -> dict[str, Any]:
        nodes = self.pairs(root, "")
        known = (*_SECTIONS, "default_conflict_intensity", *_DEAD_TOP_LEVEL)
        for key, (key_node, value_node) in nodes.items():
            if key == "default_conflict_intensity":
                self.default_intensity = self._truncated(key, value_node)
            elif key in _DEAD_TOP_LEVEL:
                self.warn(
                    "flee-setting-ignored", key_node, f"'{key}' is ignored, as by Flee started from a folder"
                )
            elif key not in _SECTIONS:
                self.unknown(key, key_node, known)
        return {name: self.record(cls, name, nodes.get(name)) for name, cls in _SECTIONS.items()}

    def _truncated(self, key: str, node: Node) -> int:
        value = self.number(node)
        if value is None:
            self.refuse("flee-setting-value", key, node, "a number")
            return 1
        if not value.is_integer():
            self.warn(
                "flee-setting-truncated", node, f"{key} is '{node.value}'; Flee cuts it to {int(value)}"
            )
        return int(value)

    def pairs(self, node: MappingNode, section: str) -> dict[str, tuple[Node, Node]]:
        found: dict[str, tuple[Node, Node]] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                first = found[key][0].start_mark.line + 1
                message = f"'{key}' is set a second time (first in line {first}); Flee takes the last"
                self._problem("flee-setting-twice", key_node, message, "delete one of the two")
            found[key] = (key_node, value_node)
        return found

    def record(self, cls: type[Record], name: str, found: tuple[Node, Node] | None) -> Record:
        """Read one section into its record, reporting unknown keys and wrong values."""
        if found is None:
            return cls()
        key_node, node = found
        self.where[name] = key_node
        if not isinstance(node, MappingNode):
            self.refuse(
                "flee-setting-section", name, node if self._has_text(node) else key_node, "a section of keys"
            )
            return cls()
        keys = {item.metadata.get("key") or item.name: item for item in dataclasses.fields(cls)}  # type: ignore[arg-type]
        values: dict[str, Any] = {}
        for key, (inner_key, inner) in self.pairs(node, name).items():
            self.where.setdefault(key, inner_key)
            if key not in keys:
                self.unknown(key, inner_key, keys, section=name)
                continue
            value = self._value(keys[key], key, inner_key, inner)
            if value is not None:
                values[keys[key].name] = value
        return cls(**values)

    def _value(self, item: dataclasses.Field[Any], key: str, key_node: Node, node: Node) -> Any:
        if key in _WITHOUT_EFFECT:
            self.warn("flee-setting-ignored", key_node, f"'{key}' {_WITHOUT_EFFECT[key]}")
        section = item.metadata.get("section")
        if section is None:
            return item.metadata["check"](self, key, node)
        if self._is_off(node):
            return None
        record = self.record(section, key, (key_node, node))
        is_share = isinstance(record, ConflictSpawning) and record.spawn_mode == "pop_ratio"
        if is_share and "displaced_per_conflict_day" not in self.where:
            return dataclasses.replace(record, displaced_per_conflict_day=POP_RATIO_DEFAULT)
        return record

    def unknown(self, key: str, node: Node, known: Iterable[str], *, section: str = "") -> None:
        if key in _IGNORED_SPELLINGS:
            hint = _IGNORED_SPELLINGS[key]
            self.warn("flee-setting-ignored", node, f"'{key}' is ignored, as by Flee", hint)
            return
        home = next((name for name, cls in _SECTIONS.items() if key in _keys(cls) and name != section), "")
        where = f" of {section}" if section else ""
        hint = f"it belongs to the section '{home}'" if home else did_you_mean(key, known)
        hint = hint or (
            f"keys{where}: {', '.join(known)}" if section else f"sections: {', '.join(_SECTIONS)}"
        )
        self._problem("flee-setting-unknown", node, f"'{key}' is not a setting{where}", hint)

    def number(self, node: Node) -> float | None:
        """Return a finite number, also one in quotes as Flee does; None for anything else."""
        if not isinstance(node, ScalarNode) or _tag(node).endswith((":bool", ":null")):
            return None
        try:
            value = float(node.value)
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def is_text(self, node: Node) -> bool:
        return isinstance(node, ScalarNode) and _tag(node).endswith(":str")

    def _is_off(self, node: Node) -> bool:
        return (
            isinstance(node, ScalarNode)
            and _tag(node).endswith(":bool")
            and node.value.lower() in ("false", "no")
        )

    def _has_text(self, node: Node) -> bool:
        return isinstance(node, ScalarNode) and bool(node.value)

    def refuse(self, code: str, key: str, node: Node, expected: str, hint: str = "") -> None:
        self.refused.add(key)
        if isinstance(node, ScalarNode):
            found = f"'{node.value}'" if node.value else "empty"
        else:
            found = "a section" if isinstance(node, MappingNode) else self._written(node)
        self._problem(code, node, f"{key} is {found}; it must be {expected}", hint)

    def _written(self, node: Node) -> str:
        start, end = node.start_mark, node.end_mark
        row = self.rows[start.line] if start.line < len(self.rows) else ""
        return f"'{row[start.column : end.column]}'" if start.line == end.line else "a list"

    def warn(self, code: str, node: Node, message: str, hint: str = "") -> None:
        self._problem(code, node, message, hint, warning=True)

    def _problem(self, code: str, node: Node, message: str, hint: str = "", *, warning: bool = False) -> None:
        start, end = node.start_mark, node.end_mark
        row = self.rows[start.line] if start.line < len(self.rows) else ""
        width = (
            end.column - start.column if start.line == end.line else max(len(row.rstrip()) - start.column, 0)
        )
        position = (start.line + 1, start.column + 1)
        self.faults.found.append(Problem(code, self.file, *position, message, hint, row, width, warning))


def _tag(node: Node) -> str:
    return str(node.tag or "")


def _keys(cls: type) -> set[str]:
    return {item.metadata.get("key") or item.name for item in dataclasses.fields(cls)}


def _check_together(settings: FleeSettings, reading: _Reading) -> None:
    _check_spawning(settings, reading)
    _check_flood(settings, reading)
    _check_moving(settings.move, reading)
    _check_hazards(settings.move, reading)
    if settings.log.granularity == "region" and settings.log.agent >= 1:
        message = "an agent log by region stops Flee; no agent log is written here"
        reading.warn("flee-setting-ignored", reading.where["granularity"], message)


def _check_spawning(settings: FleeSettings, reading: _Reading) -> None:
    spawn, where = settings.spawn, reading.where
    if spawn.conflict_zone_spawning_only and spawn.flood_zone_spawning_only:
        message = "flood_zone_spawning_only and conflict_zone_spawning_only are both on; Flee stops at this"
        hint = "set conflict_zone_spawning_only: false"
        reading._problem("flee-spawn-both", where["flood_zone_spawning_only"], message, hint)
    if not spawn.conflict_zone_spawning_only and not settings.is_flood_mode:
        message = "conflict_zone_spawning_only: false changes nothing: places without conflict keep weight 0"
        reading.warn("flee-setting-ignored", where["conflict_zone_spawning_only"], message)
    if "conflict_spawn_decay" in where.keys() - reading.refused and not spawn.conflict_spawn_decay:
        message = "conflict_spawn_decay is an empty list; no decay is assumed, as in Flee"
        reading.warn("flee-decay-empty", where["conflict_spawn_decay"], message)
    if spawn.camps_are_sinks:
        message = (
            "camps_are_sicks does nothing without, and stops Flee with, a column deactivation_probability"
        )
        reading.warn("flee-setting-ignored", where["camps_are_sicks"], message)
    if not spawn.insert_day0 and spawn.sum_from_camps and settings.arrivals_from == "data":
        message = (
            "without insert_day0, sum_from_camps makes Flee spawn the day-0 total and the sum of the sites"
        )
        reading.warn("flee-day0-twice", where["insert_day0"], message)


def _check_flood(settings: FleeSettings, reading: _Reading) -> None:
    spawn, where = settings.spawn, reading.where
    if settings.move.flood_rules is not None and not settings.is_flood_mode:
        message = "flood_rules need flood_zone_spawning_only: true and a section flood_driven_spawn_mode"
        reading._problem("flee-flood-rules", where["flood_rules"], message)
    if settings.is_flood_mode and settings.move.flood_rules is None:
        message = "flood_zone_spawning_only needs a section flood_rules in move_rules"
        reading._problem("flee-flood-rules", where["flood_zone_spawning_only"], message)
    if settings.is_flood_mode and not spawn.take_from_population:
        message = "flood_driven_spawn_mode needs take_from_population: true"
        reading._problem("flee-flood-rules", where["flood_driven_spawn_mode"], message)


def _check_moving(move: MoveRules, reading: _Reading) -> None:
    where = reading.where
    if move.awareness_level == 0:
        message = "awareness_level is '0'; with 0 nobody ever moves, it must be 1 or more"
        reading._problem(
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


def _check_hazards(move: MoveRules, reading: _Reading) -> None:
    if move.boys_take_risk and not move.children_avoid_hazards:
        message = "BoysTakeRisk does nothing without ChildrenAvoidHazards"
        reading.warn("flee-setting-ignored", reading.where["BoysTakeRisk"], message)
    matching = ("MatchCampReligion", "MatchCampEthnicity", "MatchTownEthnicity", "MatchConflictEthnicity")
    on = (
        move.match_camp_religion,
        move.match_camp_ethnicity,
        move.match_town_ethnicity,
        move.match_conflict_ethnicity,
    )
    for key, is_on in zip(matching, on, strict=True):
        if is_on:
            message = f"{key} stops Flee on the first day on which somebody is on the road"
            reading._problem("flee-matching", reading.where[key], message, f"set {key}: false")
