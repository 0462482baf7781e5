"""What a what-if changes, in plain sentences: rows and settings as they were and as they are, words out.

The sentences are kept in the scenario and told wherever it is compared with its base. Values are told as
their author wrote them; nothing is looked up or checked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corridor.scenario.tables import Row

#: Cells that explain and do not change what is simulated: told only as "another note".
EXPLAINING = frozenset({"claims", "note", "title", "story", "reason", "description", "local_name"})
_LONGEST_VALUE = 60  # characters


def row_added(row: Row) -> str:
    """Return "new place 'Tol': camp, capacity 300" and the like; an event as it is."""
    if row.file.endswith("timeline.csv"):
        return event_in_words(row)
    told = [
        text if column == "kind" else f"{column} {text}"
        for column, text in row.texts.items()
        if text and column not in EXPLAINING and column not in _ALREADY_TOLD
    ]
    return f"new {subject(row)}{': ' if told else ''}{', '.join(told)}"


def row_removed(row: Row) -> str:
    """Return "no longer: ..." for an event, "removed: ..." for anything else."""
    if row.file.endswith("timeline.csv"):
        return f"no longer: {event_in_words(row)}"
    return f"removed: {subject(row)}"


def row_replaced(before: Row, after: Row, columns: Sequence[str]) -> str:
    """Return what the named columns of a row are now, and what they were."""
    told = [_cell_changed(column, before[column], after[column]) for column in columns]
    what = event_in_words(before) if before.file.endswith("timeline.csv") else subject(before)
    return f"{what}: {', '.join(told)}"


def _cell_changed(column: str, was: str, now: str) -> str:
    if column in EXPLAINING:
        return f"another {column}"
    return f"{column} is {now or 'blank'} (was {was or 'blank'})"


_ALREADY_TOLD = frozenset(
    {
        *("name", "from", "to", "id", "lat", "lon", "date", "place", "group", "country", "admin"),
        *("attribute", "value"),
    }
)


def subject(row: Row) -> str:
    """Return what a row of a table is about: "the road Amara - Tol"."""
    file = row.file.rpartition("/")[2]
    if file == "places.csv":
        return f"place '{row['name']}'"
    if file == "routes.csv":
        return f"road {row['from']} – {row['to']}"
    if file == "claims.csv":
        return f"claim '{row['id']}'"
    if file == "counts.csv":
        return f"count of {row['date']} at '{row['place']}'"
    if file == "groups.csv":
        return f"'{row['group']}' at '{row['place']}'"
    if file == "composition.csv":
        return f"people of {row['attribute']} '{row['value']}' who live at '{row['place']}'"
    if file == "hunger.csv":
        return f"hunger in {row['admin']} on {row['date']}"
    return f"people displaced on {row['date']}"


def event_in_words(row: Row) -> str:
    """Return an event as a sentence: "from 2016-10-19 the road Amara – Tol is closed"."""
    date, place, value = row["date"], row["place"], row["value"]
    both = f"{place} – {row['to']}" if row["to"] else place
    about = {
        "fighting": f"fighting at {place} is {value}",
        "control": f"{row['actor']} holds {place}",
        "siege": f"the siege of {place} is {value}",
        "route": f"the road {both} is {value}",
        "route_one_way": f"the way from {place} to {row['to']} is {value}",
        "site": f"{place} is {value}",
        "forced_route": f"everybody at {place} takes the road to {row['to']}: {value}",
        "place_kind": f"{place} is of kind {value}",
        "flood": f"the flood at {place} is of level {value}",
        "capacity": f"{place} has room for {value}",
        "throughput": f"{both} lets through {value} a day",
    }.get(row["kind"], f"{row['kind']} at {both} is {value}")
    only = f" (storyline {row['storyline']})" if row["storyline"] else ""
    return f"from {date} {about}{only}"


#: Parts of scenario.yaml that hold many things of one kind, and what one of them is called.
_PARTS = {"rules": "rule", "priors": "prior", "storylines": "storyline", "groups": "group"}


def setting_changed(path: Sequence[str], was: Any, now: Any) -> str:
    """Return what a setting is now, and what it was; None stands for a setting that was not there."""
    part, *names = path
    before = "was not given" if was is None else f"was {_value(was)}"
    if not names:
        return f"{part}: others than before" if part in _PARTS else f"{part} is {_value(now)} ({before})"
    if part == "rules":
        return f"rule {' for '.join(names)} is {_value(now)} ({before})"
    name, *keys = names
    what = f"{_PARTS.get(part, part)} '{name}'"
    if keys:
        changed = f"another {keys[0]}" if keys[0] in EXPLAINING else f"{keys[0]} is {_value(now)} ({before})"
        return f"{what}: {changed}"
    if part == "priors":
        return f"new {what}: {_value(now)}" if was is None else f"{what} is {_value(now)} ({before})"
    return f"new {what}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = [
            str(item) if key == "distribution" else f"{key} {_value(item)}"
            for key, item in value.items()
            if key not in EXPLAINING and key != "unit"
        ]
        text = ", ".join(parts)
    elif isinstance(value, list):
        text = "; ".join(_value(item) for item in value) or "empty"
    else:
        text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
