"""The files of a scenario folder, read but not checked: settings and tables, those of its bases underneath.

A folder whose scenario.yaml has `extends` is a what-if: its base is read first, and what the folder states is
laid over it. What stands in a base is named by the base's folder in every problem.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from corridor.problems import did_you_mean
from corridor.scenario.bundled import bundled_folder, bundled_names
from corridor.scenario.files import read_text
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import WhatIf, number_places
from corridor.scenario.override_settings import merge_settings
from corridor.scenario.override_tables import merge_table, override_shape
from corridor.scenario.records import DISPLACED, PLACES, ROUTES, SHAPES, TIMELINE
from corridor.scenario.tables import Row, Shape, Table, read_table
from corridor.scenario.yaml_tree import YamlTree, read_yaml

SETTINGS_FILE = "scenario.yaml"
ALL_FILES = (SETTINGS_FILE, *(shape.file for shape in SHAPES))
_NEEDED = (SETTINGS_FILE, PLACES.file, ROUTES.file, TIMELINE.file)
#: Files that people keep beside a scenario and that are passed over without a word.
_BYSTANDERS = (".md", ".txt", ".rst")


@dataclass(frozen=True)
class Sources:
    """What the files say; None where one is missing or cannot be read at all."""

    name: str
    tree: YamlTree | None
    tables: dict[str, Table | None]
    has_displaced: bool
    what_if: WhatIf | None = None  # None where nothing is extended

    @property
    def numbered_places(self) -> tuple[str, ...]:
        """Names of the places in the order of their numbers."""
        places = self.tables[PLACES.file]
        names = [row["name"] for row in places.rows if row["name"]] if places else []
        before = self.what_if.places if self.what_if else ()
        law = self.tree.get(("rules", "law")) if self.tree else None
        return number_places(before, names, in_file_order=law == "flee")


def read_sources(folder: Path, findings: Findings, chain: tuple[Path, ...] = ()) -> Sources:
    """Read the files of ``folder``, which exists, and of what it extends; ``chain`` extends this one."""
    tree = _read_tree(folder, findings)
    if tree is None or ("extends" not in tree.data and ("extends",) not in tree.empty):
        _check_files(folder, _NEEDED, findings)
        tables = {shape.file: _read_table(folder, shape, findings) for shape in SHAPES}
        return Sources(
            _name(tree, folder), tree, tables, (folder / DISPLACED.file).is_file(), _stated_what_if(tree)
        )
    _check_files(folder, (SETTINGS_FILE,), findings)
    if "what_if" in tree.data:
        message = "'what_if' is not a setting of a folder that extends another"
        findings.fault("setting-unknown", tree.key_spot(("what_if",)), message, "delete it")
    over = {shape.file: _read_table(folder, shape, findings, is_override=True) for shape in SHAPES}
    base_folder = _find_base(tree, folder, (*chain, folder.resolve()), findings)
    if base_folder is None:
        return Sources(_name(tree, folder), None, dict.fromkeys(over), False)
    base_findings = Findings()
    base = read_sources(base_folder, base_findings, (*chain, folder.resolve()))
    findings.take(base_findings, base.name)
    if base.tree is None or base_findings.n_faults:
        return Sources(_name(tree, folder), None, dict.fromkeys(over), False)
    return _laid_over(_renamed(base), folder, tree, over, findings)


def _laid_over(
    base: Sources, folder: Path, tree: YamlTree, over: dict[str, Table | None], findings: Findings
) -> Sources:
    """Return a base with a what-if laid over it."""
    assert base.tree is not None
    name, n_before = _name(tree, folder), findings.n_faults
    merged_tree, sentences = merge_settings(base.tree, tree, base.name, name, findings)
    tables: dict[str, Table | None] = {}
    for shape in SHAPES:
        tables[shape.file], told = merge_table(
            shape, base.tables[shape.file], over[shape.file], base.name, findings
        )
        sentences += told
    if not sentences and findings.n_faults == n_before:
        message = f"'{name}' changes nothing of '{base.name}'"
        hint = "state a setting or a row that differs; docs/what-ifs.md shows how"
        findings.fault("change-nothing", tree.spot(("extends",)), message, hint)
    before = base.what_if
    what_if = WhatIf(
        extends=(*(before.extends if before else ()), base.name),
        changes=(*(before.changes if before else ()), *sentences),
        places=base.numbered_places,
    )
    has_displaced = base.has_displaced or (folder / DISPLACED.file).is_file()
    return Sources(name, merged_tree, tables, has_displaced, what_if)


def _name(tree: YamlTree | None, folder: Path) -> str:
    stated = tree.data.get("name") if tree is not None else None
    return stated if isinstance(stated, str) and stated else folder.resolve().name


def _stated_what_if(tree: YamlTree | None) -> WhatIf | None:
    """Return what a scenario that was written out says of its base; a fault in it is told by the settings."""
    try:
        stated = tree.data.get("what_if") if tree is not None else None
        return None if stated is None else WhatIf.model_validate(stated)
    except ValidationError:
        return None


# --- the base --------------------------------------------------------------------------------------
def _find_base(tree: YamlTree, folder: Path, chain: tuple[Path, ...], findings: Findings) -> Path | None:
    """Return the folder that is extended: beside the what-if, below or above it, or a bundled scenario."""
    if ("extends",) in tree.empty:
        return None  # a fault of its own
    named, spot = tree.data["extends"], tree.spot(("extends",))
    if not isinstance(named, str):
        message = f"extends is {named if isinstance(named, int | float) else 'not a text'}; it must be a name"
        findings.fault("setting-text", spot, message, "name a bundled scenario or a folder")
        return None
    found = next((path for path in (folder / named, folder.resolve().parent / named) if path.is_dir()), None)
    if found is None and named in bundled_names():
        found = bundled_folder(named)
    if found is None:
        names = bundled_names()
        hint = did_you_mean(named, names) or f"bundled scenarios: {', '.join(names)}"
        message = f"extends is '{named}', which is neither a folder beside this one nor a bundled scenario"
        findings.fault("extends-missing", spot, message, hint)
    elif found.resolve() in chain:
        circle = ", which extends ".join(f"'{path.name}'" for path in (*chain[1:], found.resolve()))
        message = f"'{chain[0].name}' extends {circle}"
        findings.fault("extends-circle", spot, message, "extend a scenario that has all its files")
        return None
    return found


def _renamed(base: Sources) -> Sources:
    """Return the base with its name before the names of its files."""

    def spot_in_base(spot: Spot) -> Spot:
        return replace(spot, file=_in_folder(base.name, spot.file))

    def row_in_base(row: Row) -> Row:
        under = None if row.under is None else row_in_base(row.under)
        return replace(row, file=_in_folder(base.name, row.file), under=under)

    assert base.tree is not None
    tree = replace(
        base.tree,
        spots={path: spot_in_base(spot) for path, spot in base.tree.spots.items()},
        keys={path: spot_in_base(spot) for path, spot in base.tree.keys.items()},
    )
    tables = {
        file: None if table is None else replace(table, rows=tuple(map(row_in_base, table.rows)))
        for file, table in base.tables.items()
    }
    return replace(base, tree=tree, tables=tables)


def _in_folder(name: str, file: str) -> str:
    return file if "/" in file else f"{name}/{file}"


# --- the files of one folder -------------------------------------------------------------------------
def _check_files(folder: Path, needed: tuple[str, ...], findings: Findings) -> None:
    paths = [path for path in folder.iterdir() if path.is_file() or path.name in ALL_FILES]
    names = sorted(path.name for path in paths if not path.name.startswith("."))
    strangers = [name for name in names if name not in ALL_FILES and not name.lower().endswith(_BYSTANDERS)]
    for name in needed:
        if name not in names:
            near = _near_file(name, strangers)
            hint = f"rename '{near}' to {name}" if near else f"a scenario has {', '.join(_NEEDED)}"
            findings.fault(
                "file-missing", Spot(name), f"there is no {name} in '{folder.resolve().name}'", hint
            )
    for name in strangers:
        near = _near_file(name, ALL_FILES)
        hint = f"did you mean '{near}'?" if near else f"files of a scenario: {', '.join(ALL_FILES)}"
        findings.warn("file-unknown", Spot(name), f"'{name}' is no file of a scenario; it is not read", hint)


def _near_file(name: str, others: Iterable[str]) -> str:
    """Return the file whose name is nearest before its ending, "" where none is near."""
    stems = {Path(other).stem.casefold(): other for other in others}
    near = difflib.get_close_matches(Path(name).stem.casefold(), list(stems), n=1, cutoff=0.7)
    return stems[near[0]] if near else ""


def _read_tree(folder: Path, findings: Findings) -> YamlTree | None:
    path = folder / SETTINGS_FILE
    text = read_text(path, findings) if path.exists() else None
    return None if text is None else read_yaml(SETTINGS_FILE, text, findings)


def _read_table(folder: Path, shape: Shape, findings: Findings, *, is_override: bool = False) -> Table | None:
    if not (folder / shape.file).exists():
        return None
    table = read_table(folder, override_shape(shape) if is_override else shape, findings)
    if table is not None and not table.has_records:
        is_needed = shape in (PLACES, ROUTES) and not is_override
        message = f"{shape.file} has a header and no rows"
        findings.fault("table-empty", Spot(shape.file), message, warning=not is_needed)
    return table
