"""scenario.yaml as plain data that knows where it stands: text in, mappings, lists and scalars out.

ruamel.yaml composes the nodes; every key and value gets its spot from them (loaded objects know where a value
begins, not its end). Dates, true and false stay text: whoever needs them reads them. Keys given twice, keys
without a value, aliases and tags are problems. Knows no setting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from corridor.scenario.findings import Findings, Spot

Path = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"


@dataclass
class YamlTree:
    """Plain data with spots: ``spots`` of values, ``keys`` of the keys before them, by path."""

    file: str
    lines: list[str]
    data: Any = None
    spots: dict[Path, Spot] = field(default_factory=dict)
    keys: dict[Path, Spot] = field(default_factory=dict)
    empty: set[Path] = field(default_factory=set)  # keys without a value, reported already

    def spot(self, path: Path) -> Spot:
        """Return where the value at ``path`` stands, or the nearest one around it."""
        while path and path not in self.spots:
            path = path[:-1]
        return self.spots.get(path, Spot(self.file))

    def key_spot(self, path: Path) -> Spot:
        """Return where the key of ``path`` stands, or its value where it has none, as in a list."""
        return self.keys.get(path) or self.spot(path)

    def get(self, path: Path) -> Any:
        """Return the value at ``path``, None where there is none."""
        value = self.data
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def read_yaml(file: str, text: str, findings: Findings) -> YamlTree | None:
    """Return the data of ``text``, None where it is no YAML at all."""
    tree = YamlTree(file, text.split("\n"))
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        _report_syntax(tree, error, findings)
        return None
    except RecursionError:
        findings.fault("yaml-syntax", Spot(file), "lists or mappings are nested too deeply")
        return None
    except ReaderError as error:
        start = text.rfind("\n", 0, error.position) + 1
        line = text.count("\n", 0, error.position)
        spot = Spot(file, line + 1, error.position - start + 1, 1, tree.lines[line])
        findings.fault(
            "yaml-syntax", spot, f"a character that no text has: U+{ord(text[error.position]):04X}"
        )
        return None
    if not isinstance(node, MappingNode):
        message = f"{file} must hold settings, one 'key: value' a line"
        findings.fault("yaml-syntax", Spot(file), message, "begin with 'title: ...'")
        return None
    tree.data = _Builder(tree, findings).build(node, ())
    return tree


def _report_syntax(tree: YamlTree, error: MarkedYAMLError, findings: Findings) -> None:
    mark = error.problem_mark or error.context_mark
    spot = Spot(tree.file)
    if mark is not None:
        line = tree.lines[mark.line] if mark.line < len(tree.lines) else ""
        spot = Spot(tree.file, mark.line + 1, mark.column + 1, 1, line)
    if "\t" in spot.text[: spot.column]:
        findings.fault(
            "yaml-tab", spot, "a tab stands where YAML takes blanks only", "indent with two blanks"
        )
        return
    context = f"{error.context}: " if error.context else ""
    hint = "a text with ': ' or ' #' in it needs quotes; lines of one mapping start in one column"
    findings.fault("yaml-syntax", spot, f"{context}{error.problem}", hint)


class _Builder:
    """Walks the nodes once and fills in a `YamlTree`."""

    def __init__(self, tree: YamlTree, findings: Findings) -> None:
        self.tree = tree
        self.findings = findings
        self.seen: set[int] = set()

    def build(self, node: Node, path: Path) -> Any:
        """Return the plain data of ``node`` and file its spots."""
        self.tree.spots[path] = self.spot_of(node)
        if id(node) in self.seen:
            self.tree.empty.add(path)
            message = "an alias (*name) is not read here"
            self.findings.fault("yaml-alias", self.tree.key_spot(path), message, "write the value out")
            return ""
        self.seen.add(id(node))
        if isinstance(node, MappingNode):
            return self.build_mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, at)) for at, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return self.read_scalar(node, path)

    def build_mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        """Return a mapping without the keys that have no value."""
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            below, spot = (*path, key), self.spot_of(key_node)
            if key == "?":
                message = "a list or mapping stands where the name of a setting belongs"
                self.findings.fault("yaml-syntax", spot, message, "write 'key: value'")
                continue
            if key in data or below in self.tree.empty:
                first = self.tree.keys[below].line
                message = f"'{key}' is there twice, first in line {first}"
                self.findings.fault("setting-twice", spot, message, "delete one of the two")
                continue
            self.tree.keys[below] = spot
            if value_node.tag == f"{_TAG}null":
                self.tree.empty.add(below)
                message, hint = f"'{key}' has no value", "give it one, or delete the line"
                self.findings.fault("setting-empty", spot, message, hint)
            else:
                data[key] = self.build(value_node, below)
        return data

    def read_scalar(self, node: ScalarNode, path: Path) -> Any:
        """Return a number where YAML sees one, and else the text."""
        text, kind = str(node.value), str(node.tag).removeprefix(_TAG)
        if kind == "int":
            return _whole_number(text)
        if kind == "float":
            return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        if kind not in {"str", "bool", "timestamp", "null"}:
            spot = self.tree.spots[path]
            self.findings.fault(
                "yaml-tag", spot, f"'{node.tag}' is a tag, which is not read here", "delete it"
            )
        return text

    def spot_of(self, node: Node) -> Spot:
        """Return the first line of a node, marked up to its end."""
        start, end = node.start_mark, node.end_mark
        line = self.tree.lines[start.line].rstrip("\r") if start.line < len(self.tree.lines) else ""
        last = end.column if end.line == start.line else len(line)
        return Spot(self.tree.file, start.line + 1, start.column + 1, max(1, last - start.column), line)


def _whole_number(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text  # octal and hexadecimal numbers: nobody means them here
