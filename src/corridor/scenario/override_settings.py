"""scenario.yaml of a what-if laid over that of its base: settings that are stated replace those of the base.

Rules and provenance are changed key by key, storylines and groups entry by entry (by ``name``) and key by
key, priors one by one, everything else as a whole. Spots stay where the text stands, in the what-if or in its
base. Says what changed in sentences; checks no value.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from corridor.scenario.changes import setting_changed
from corridor.scenario.findings import Findings
from corridor.scenario.yaml_tree import Path, YamlTree

#: Settings that are never inherited, or that say nothing of what is simulated.
_OWN = ("name", "extends", "what_if")
_EXPLAINING = ("title", "description", "provenance")
_RULES_BY_KEY = ("attraction", "move_chance", "control_attraction", "flee")


def merge_settings(
    base: YamlTree, over: YamlTree, base_name: str, name: str, findings: Findings
) -> tuple[YamlTree, list[str]]:
    """Return the settings of the base with those of the what-if, and each change as a sentence.

    ``name`` is what the what-if is called where it has no title of its own.
    """
    merger = _Merger(base, over, base_name, findings)
    for key in over.data:
        if key == "name":
            merger.put((key,), (key,))
        elif key not in _OWN:
            merger.take(key)
    if "title" not in over.data and "title" in base.data:
        merger.out.data["title"] = f"{base.data['title']} ({name})"
    return merger.out, merger.sentences


class _Merger:
    """The settings of the base, while those of a what-if are laid over them."""

    def __init__(self, base: YamlTree, over: YamlTree, base_name: str, findings: Findings) -> None:
        self.base, self.over, self.base_name, self.findings = base, over, base_name, findings
        self.out = YamlTree(
            over.file,
            over.lines,
            copy.deepcopy(base.data),
            dict(base.spots),
            dict(base.keys),
            set(base.empty),
        )
        self.out.empty |= {path for path in over.empty if len(path) == 1}
        for key in _OWN:
            self.out.data.pop(key, None)
        self.sentences: list[str] = []

    def take(self, key: str) -> None:
        """Lay one setting of the what-if over the base."""
        was, now = self.base.data.get(key), self.over.data[key]
        if isinstance(was, dict) and isinstance(now, dict):
            for path in self._paths(key, was, now):
                self.change(path, path, tuple(str(step) for step in path))
        elif key in ("storylines", "groups") and _are_entries(was) and isinstance(now, list):
            self._take_entries(key, was, now)
        else:
            self.change((key,), (key,), (key,))

    def _paths(self, key: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Path]:
        """Yield the paths that are replaced as a whole."""
        for name, value in now.items():
            is_by_key = key == "rules" and name in _RULES_BY_KEY
            if is_by_key and isinstance(value, dict) and isinstance(was.get(name), dict):
                yield from ((key, name, below) for below in value)
            else:
                yield key, name

    def _take_entries(self, part: str, was: list[Any], now: list[Any]) -> None:
        places = {str(entry["name"]): at for at, entry in enumerate(was) if "name" in entry}
        for at, entry in enumerate(now):
            name = str(entry.get("name")) if isinstance(entry, dict) else ""
            if name not in places:
                end = len(self.out.data[part])
                self.change((part, end), (part, at), (part, name))
                continue
            stated = [key for key in entry if key != "name"]
            if not stated:
                self._report((part, at), f"'{name}' of {part}")
            for key in stated:
                self.change((part, places[name], key), (part, at, key), (part, name, key))

    def change(self, path: Path, source: Path, told: tuple[str, ...]) -> None:
        """Replace the value at ``path`` by the what-if's at ``source``, unless it is the same."""
        was, now = self.base.get(path), self.over.get(source)
        is_explaining = path[0] in _EXPLAINING
        if was == now and was is not None and not is_explaining:
            self._report(source, " for ".join(told[1:]) or told[0])
            return
        self.put(path, source)
        if not is_explaining:
            self.sentences.append(setting_changed(told, was, now))

    def _report(self, source: Path, what: str) -> None:
        message = f"{what} is the same in '{self.base_name}': it changes nothing"
        self.findings.fault("change-nothing", self.over.key_spot(source), message, "delete it")

    def put(self, path: Path, source: Path) -> None:
        """Set the value at ``path`` and its spots."""
        holder = self.out.data
        for step in path[:-1]:
            holder = holder[step]
        value = copy.deepcopy(self.over.get(source))
        if isinstance(holder, list) and path[-1] == len(holder):
            holder.append(value)
        else:
            holder[path[-1]] = value
        for spots, others in ((self.out.spots, self.over.spots), (self.out.keys, self.over.keys)):
            for old in [old for old in spots if old[: len(path)] == path]:
                del spots[old]
            for new in [new for new in others if new[: len(source)] == source]:
                spots[(*path, *new[len(source) :])] = others[new]
        self.out.empty |= {
            (*path, *empty[len(source) :]) for empty in self.over.empty if empty[: len(source)] == source
        }


def _are_entries(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)
