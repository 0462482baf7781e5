"""One settings file between YAML and records: what a value may be, and where each key stands.

The functions `number`, `whole`, `switch`, `numbers` and `word` make fields of a frozen record that
carry their own range; `SettingsReading` reads a section into such a record and words what does not
fit.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from corridor.formats.flee.lines import Faults
from corridor.problems import Problem, did_you_mean

Record = TypeVar("Record")
#: A whole number that YAML 1.1 does not read as octal, binary, hexadecimal or sexagesimal.
_PLAIN_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_TAGS = "tag:yaml.org,2002:"
#: Tags of what settings hold; Flee's reader stops at every other one.
_PLAIN_TAGS = frozenset(("str", "int", "float", "bool", "null", "timestamp", "seq", "map", "merge", "value"))


_NO_NAMES: Mapping[str, str] = {
    "?": "a list or section stands where the name of a setting belongs",
    "<<": "settings are not merged from elsewhere with <<",
}


def number(
    default: float,
    *,
    low: float = -math.inf,
    above: float = -math.inf,
    high: float = math.inf,
    expected: str = "",
) -> Any:
    """Return a field for a finite number within a range."""

    def check(reading: SettingsReading, key: str, node: Node) -> float | None:
        value = reading.number(node)
        words = expected or _range_words("a number", low, above, high)
        if value is None or not (low <= value <= high and value > above):
            reading.refuse("flee-setting-value", key, node, words)
            return None
        return value

    return field(default=default, metadata={"check": check})


def whole(default: int, *, low: int | None = None, expected: str = "") -> Any:
    """Return a field for a whole number."""

    def check(reading: SettingsReading, key: str, node: Node) -> int | None:
        value = reading.number(node)
        words = expected or _range_words("a whole number", -math.inf if low is None else low)
        if value is None or not value.is_integer() or (low is not None and value < low):
            reading.refuse("flee-setting-value", key, node, words)
            return None
        return int(value)

    return field(default=default, metadata={"check": check})


def switch(default: bool = False, *, key: str = "") -> Any:
    """Return a field for true or false; ``key`` is the key in the file where it is spelt differently."""

    def check(reading: SettingsReading, name: str, node: Node) -> bool | None:
        if isinstance(node, ScalarNode) and _tag(node).endswith(":bool"):
            is_on: bool = node.value.lower() in ("true", "yes", "on")
            return is_on
        if isinstance(node, ScalarNode) and _tag(node).endswith(":int") and node.value in ("0", "1"):
            return str(node.value) == "1"
        hint = 'Flee takes any text, also "False", for true' if reading.is_text(node) else ""
        reading.refuse("flee-setting-value", name, node, "true or false", hint)
        return None

    return field(default=default, metadata={"check": check, "key": key})


def numbers(default: tuple[float, ...], *, low: float = -math.inf, high: float = math.inf) -> Any:
    """Return a field for a list of numbers."""

    def check(reading: SettingsReading, key: str, node: Node) -> tuple[float, ...] | None:
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


def word(default: str, words: tuple[str, ...]) -> Any:
    """Return a field for one of some words; "poisson" in any case."""

    def check(reading: SettingsReading, key: str, node: Node) -> str | None:
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
        return f"{what} above {above:g}" + (f", up to {high:g}" if high < math.inf else "")
    if low > -math.inf and high < math.inf:
        return f"{what} from {low:g} to {high:g}"
    return f"{what} of {low:g} or more" if low > -math.inf else what


@dataclass(slots=True)
class SettingsReading:
    """One settings file on its way to records: where each key stands, and the faults."""

    file: str
    rows: list[str]
    faults: Faults
    sections: Mapping[str, type]  # name -> record
    ignored: Mapping[str, str]  # keys that Flee does not read -> what to do about it
    without_effect: Mapping[str, str]  # keys that Flee reads in vain -> why
    where: dict[str, Node] = field(default_factory=dict)  # key -> node of the key
    refused: set[str] = field(default_factory=set)  # keys with a wrong value

    def pairs(self, node: MappingNode) -> dict[str, tuple[Node, Node]]:
        """Return key -> (node of the key, node of the value); a key set twice is a fault."""
        found: dict[str, tuple[Node, Node]] = {}
        for key_node, value_node in node.value:
            key = key_of(key_node)
            if key in found:
                first = found[key][0].start_mark.line + 1
                message = f"'{key}' is set a second time (first in line {first}); Flee takes the last"
                self.problem("flee-setting-twice", key_node, message, "delete one of the two")
            found[key] = (key_node, at_its_key(key_node, value_node))
        return found

    def record(self, cls: type[Record], name: str, found: tuple[Node, Node] | None) -> Record:
        """Read one section into its record, reporting unknown keys and wrong values."""
        if found is None:
            return cls()
        key_node, node = found
        self.where[name] = key_node
        if not isinstance(node, MappingNode):
            is_empty = isinstance(node, ScalarNode) and not node.value
            at = key_node if is_empty else node
            self.refuse("flee-setting-section", name, node, "a section of keys", at=at)
            return cls()
        keys = {item.metadata.get("key") or item.name: item for item in dataclasses.fields(cls)}  # type: ignore[arg-type]
        values: dict[str, Any] = {}
        for key, (inner_key, inner) in self.pairs(node).items():
            self.where.setdefault(key, inner_key)
            if key not in keys:
                self.unknown(key, inner_key, keys, section=name)
                continue
            value = self._value(keys[key], key, inner_key, inner)
            if value is not None:
                values[keys[key].name] = value
        return cls(**values)

    def _value(self, item: dataclasses.Field[Any], key: str, key_node: Node, node: Node) -> Any:
        if key in self.without_effect:
            self.warn("flee-setting-ignored", key_node, f"'{key}' {self.without_effect[key]}")
        section = item.metadata.get("section")
        if section is None:
            return item.metadata["check"](self, key, node)
        if self._is_off(node):
            return None
        return self.record(section, key, (key_node, node))

    def unknown(self, key: str, node: Node, known: Iterable[str], *, section: str = "") -> None:
        """Report a key that is not a setting, or warn of one that Flee is known to ignore."""
        if key in self.ignored:
            hint = self.ignored[key]
            self.warn("flee-setting-ignored", node, f"'{key}' is ignored, as by Flee", hint)
            return
        home = next(
            (name for name, cls in self.sections.items() if key in record_keys(cls) and name != section), ""
        )
        if key in _NO_NAMES:
            self.problem("flee-setting-unknown", node, _NO_NAMES[key], "write the settings out")
            return
        where = f" of {section}" if section else ""
        hint = f"it belongs to the section '{home}'" if home else did_you_mean(key, known)
        hint = hint or (
            f"keys{where}: {', '.join(known)}" if section else f"sections: {', '.join(self.sections)}"
        )
        self.problem("flee-setting-unknown", node, f"'{key}' is not a setting{where}", hint)

    def number(self, node: Node) -> float | None:
        """Return a finite number, also one in quotes as Flee does; None for anything else."""
        if not isinstance(node, ScalarNode) or _tag(node).endswith((":bool", ":null")):
            return None
        if _tag(node).endswith(":int") and not _PLAIN_WHOLE.fullmatch(node.value):
            return None
        try:
            value = float(node.value)
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def is_text(self, node: Node) -> bool:
        """True for text, also for a word in quotes."""
        return isinstance(node, ScalarNode) and _tag(node).endswith(":str")

    def _is_off(self, node: Node) -> bool:
        return (
            isinstance(node, ScalarNode)
            and _tag(node).endswith(":bool")
            and node.value.lower() in ("false", "no", "off")
        )

    def refuse(
        self, code: str, key: str, node: Node, expected: str, hint: str = "", at: Node | None = None
    ) -> None:
        """Report a wrong value and what was expected, at its own place or at another node."""
        self.refused.add(key)
        if isinstance(node, ScalarNode):
            found = f"'{node.value}'" if node.value else "empty"
        else:
            found = "a section" if isinstance(node, MappingNode) else self._written(node)
        self.problem(code, at or node, f"{key} is {found}; it must be {expected}", hint)

    def _written(self, node: Node) -> str:
        start, end = node.start_mark, node.end_mark
        row = self.rows[start.line] if start.line < len(self.rows) else ""
        return f"'{row[start.column : end.column]}'" if start.line == end.line else "a list"

    def warn(self, code: str, node: Node, message: str, hint: str = "") -> None:
        """Add a warning at a node."""
        self.problem(code, node, message, hint, warning=True)

    def problem(self, code: str, node: Node, message: str, hint: str = "", *, warning: bool = False) -> None:
        """Add a problem at a node."""
        start, end = node.start_mark, node.end_mark
        row = self.rows[start.line] if start.line < len(self.rows) else ""
        width = (
            end.column - start.column if start.line == end.line else max(len(row.rstrip()) - start.column, 0)
        )
        position = (start.line + 1, start.column + 1)
        self.faults.found.append(Problem(code, self.file, *position, message, hint, row, width, warning))


def key_of(node: Node) -> str:
    """Return the key that a node is; "?" where it is a list or a section."""
    return str(node.value) if isinstance(node, ScalarNode) else "?"


def _tag(node: Node) -> str:
    return str(node.tag or "")


def as_flees_reader(root: Node) -> list[Node]:
    """Make plain y, Y, n and N texts, which they are for Flee's reader of YAML 1.1; return all nodes."""
    nodes, seen, waiting = list[Node](), set[int](), [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # named by an anchor
            continue
        seen.add(id(node))
        nodes.append(node)
        if isinstance(node, MappingNode):
            waiting += [inner for pair in reversed(node.value) for inner in reversed(pair)]
        elif isinstance(node, SequenceNode):
            waiting += reversed(node.value)
        elif _tag(node).endswith(":bool") and node.value.lower() in ("y", "n"):
            node.tag = f"{_TAGS}str"
    return nodes


def foreign_tag(node: Node) -> str:
    """Return the tag of a node as it is written if it names no plain value, list or section; else ""."""
    tag = _tag(node)
    return "" if tag.startswith(_TAGS) and tag[len(_TAGS) :] in _PLAIN_TAGS else tag.replace(_TAGS, "!!", 1)


def at_its_key(key_node: Node, node: Node) -> Node:
    """Return the value of a key; one that is empty stands where its key does, not where the next begins."""
    if not isinstance(node, ScalarNode) or node.value or node.style:
        return node
    return ScalarNode(node.tag, node.value, key_node.start_mark, key_node.end_mark)


def record_keys(cls: type) -> set[str]:
    """Return the keys of a record as they are spelt in the file."""
    return {item.metadata.get("key") or item.name for item in dataclasses.fields(cls)}
