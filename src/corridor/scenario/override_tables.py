"""Tables of a what-if laid over those of its base: rows added, replaced and removed; one table comes out.

A row says in the column ``change`` what it does; blank means ``add`` in timeline.csv and ``replace`` in every
other table. A row that is replaced keeps every cell that the what-if leaves blank, and its number, so that
ranges keep their names and therefore their random numbers. Says what changed in sentences; checks no value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corridor.problems import did_you_mean
from corridor.scenario.changes import EXPLAINING, row_added, row_removed, row_replaced, subject
from corridor.scenario.findings import Findings
from corridor.scenario.records import (
    CLAIMS,
    COMPOSITION,
    COUNTS,
    DISPLACED,
    GROUPS,
    HUNGER,
    PLACES,
    ROUTES,
    TIMELINE,
)
from corridor.scenario.tables import Row, Shape, Table

CHANGES = ("add", "replace", "remove")
#: The columns that say which row of the base is meant.
KEYS: dict[str, tuple[str, ...]] = {
    PLACES.file: ("name",),
    ROUTES.file: ("from", "to"),
    TIMELINE.file: ("storyline", "date", "kind", "place", "to"),
    CLAIMS.file: ("id",),
    COUNTS.file: ("date", "place"),
    DISPLACED.file: ("date",),
    GROUPS.file: ("place", "group"),
    HUNGER.file: ("date", "admin"),
    COMPOSITION.file: ("place", "attribute", "value"),
}
#: In a key column of a row that replaces or removes: whatever the base has there.
ANY = "*"
#: In any other column: blank from now on.
BLANK = "-"
_FIRST_ROW = 2
_MOST_NAMED = 4  # rows of the base named in a hint


def override_shape(shape: Shape) -> Shape:
    """Return the columns of a table in a what-if: its keys are needed, all others may be there."""
    needed = tuple(column for column in KEYS[shape.file] if column in shape.required)
    others = tuple(column for column in shape.columns if column not in needed)
    return Shape(shape.file, needed, (*others, "change"))


def merge_table(
    shape: Shape, base: Table | None, over: Table | None, base_name: str, findings: Findings
) -> tuple[Table | None, list[str]]:
    """Return the table of the base with the changes of the what-if, and each change as a sentence."""
    if over is None:
        return base, []
    merger = _Merger(shape, base.rows if base else (), base_name, findings)
    for row in over.rows if over.is_complete else ():
        merger.take(row)
    is_complete = merger.is_complete and over.is_complete and (base is None or base.is_complete)
    is_whole = over.is_whole and (base is None or base.is_whole)
    rows = merger.rows
    return Table(rows, is_complete, is_whole, bool(rows)), merger.sentences


class _Merger:
    """The rows of one table of the base, while those of a what-if are laid over them."""

    def __init__(self, shape: Shape, base: Sequence[Row], base_name: str, findings: Findings) -> None:
        self.shape, self.base, self.base_name, self.findings = shape, base, base_name, findings
        self.keys = KEYS[shape.file]
        self.kept: dict[int, Row] = dict(enumerate(base))
        self.changed_by: dict[int, Row] = {}  # rows of the base, by position
        self.added: list[Row] = []
        self.sentences: list[str] = []
        self.is_complete = True

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of the base that are left, then those added."""
        return (*self.kept.values(), *self.added)

    def take(self, row: Row) -> None:
        """Do what a row of the what-if says."""
        usual = "add" if self.shape is TIMELINE else "replace"
        change = row["change"] or usual
        if change not in CHANGES:
            message = f"change is '{change}'; it must be one of {', '.join(CHANGES)}"
            hint = did_you_mean(change, CHANGES) or f"blank means {usual}"
            self.findings.fault("not-a-choice", row.spot("change"), message, hint)
        elif change == "add":
            self._add(row)
        else:
            self._change(row, change)

    # --- rows that are new --------------------------------------------------------------------------
    def _add(self, row: Row) -> None:
        there = [self.base[at] for at in self._matches(row)]
        there += [other for other in self.added if self._is_same(row, other)]
        if there:
            first = there[0]
            message = f"{_same(first)} is there already, in line {first.line} of {first.file}"
            self.findings.fault("change-twice", row.whole, message, "with change: replace it is changed")
            return
        missing = [column for column in self.shape.required if column not in row.positions]
        if missing:
            needed = ", ".join(self.shape.required)
            message = f"column '{missing[0]}' is missing; a row that is added needs {needed}"
            self.findings.fault("column-missing", row.whole, message)
            self.is_complete = False
            return
        number = max((other.number for other in (*self.base, *self.added)), default=_FIRST_ROW - 1) + 1
        texts = {column: _text(text) for column, text in row.texts.items() if column != "change"}
        self.added.append(replace(row, number=number, texts=texts))
        self.sentences.append(row_added(self.added[-1]))

    # --- rows of the base ---------------------------------------------------------------------------
    def _change(self, row: Row, change: str) -> None:
        found = self._matches(row)
        if change == "remove":
            found = [at for at in found if self._states(row, self.base[at])]
        if not found:
            message = f"'{self.base_name}' has no such row: {_key_in_words(row, self.keys)}"
            self.findings.fault("change-missing", row.whole, message, self._hint(row))
        for at in found:
            if at in self.changed_by:
                line = self.changed_by[at].line
                message = f"line {line} changes {_same(self.base[at])} already"
                self.findings.fault("change-twice", row.whole, message, "make one row of the two")
            elif change == "remove":
                self.sentences.append(row_removed(self.base[at]))
                del self.kept[at]
            else:
                self._replace(row, at)
            self.changed_by.setdefault(at, row)

    def _replace(self, row: Row, at: int) -> None:
        before = self.base[at]
        stated = [column for column in self._values(row) if row[column]]
        texts = {**before.texts, **{column: _text(row[column]) for column in stated}}
        positions = {column: row.positions[column] for column in stated}
        after = replace(row, number=before.number, texts=texts, positions=positions, under=before)
        differing = [column for column in stated if before[column] != after[column]]
        if not differing:
            message = f"{_same(before)} is the same in '{self.base_name}': the row changes nothing"
            hint = f"a blank cell keeps what is there; {BLANK} makes it blank" if not stated else ""
            self.findings.fault("change-nothing", row.whole, message, hint)
            return
        self.kept[at] = after
        self.sentences.append(row_replaced(before, after, differing))

    def _values(self, row: Row) -> list[str]:
        return [column for column in row.positions if column not in self.keys and column != "change"]

    # --- which row is meant -------------------------------------------------------------------------
    def _matches(self, row: Row) -> list[int]:
        """Return the rows of the base with this key; a road's ends may stand the other way round."""
        found = [at for at, other in enumerate(self.base) if self._fits(row, other, is_turned=False)]
        if not found:
            found = [at for at, other in enumerate(self.base) if self._fits(row, other, is_turned=True)]
        return found

    def _fits(self, row: Row, other: Row, *, is_turned: bool) -> bool:
        ends = {"from": "to", "to": "from"} if self.shape is ROUTES else {"place": "to", "to": "place"}
        if is_turned and not set(ends) <= set(self.keys):
            return False
        if is_turned and self.shape is TIMELINE and not other["to"]:
            return False
        pairs = ((column, ends.get(column, column) if is_turned else column) for column in self.keys)
        return all(row[column] in (ANY, other[opposite]) for column, opposite in pairs)

    def _is_same(self, row: Row, other: Row) -> bool:
        return all(row[column] == other[column] for column in self.keys)

    def _states(self, row: Row, other: Row) -> bool:
        """Tell whether a row that is to be removed has all that is stated of it."""
        stated = [column for column in self._values(row) if row[column] and column not in EXPLAINING]
        return all(_text(row[column]) == other[column] for column in stated)

    def _hint(self, row: Row) -> str:
        """Return the rows of the base that may be meant."""
        if self.shape is PLACES:
            names = [other["name"] for other in self.base]
            return did_you_mean(row["name"], names) or "with change: add it is a new place"
        column = {ROUTES.file: "from", TIMELINE.file: "place"}.get(self.shape.file, self.keys[0])
        wanted = {row["from"], row["to"]} if self.shape is ROUTES else {row[column]}
        near = [other for other in self.base if wanted & {other[column], other["to"]}]
        if self.shape is TIMELINE:
            near = [other for other in near if other["kind"] == row["kind"]]
        if not near:
            return f"'{self.base_name}' has nothing like it; with change: add it is new"
        named = [_key_in_words(other, self.keys) for other in near[:_MOST_NAMED]]
        more = f", and {len(near) - _MOST_NAMED} more" if len(near) > _MOST_NAMED else ""
        return f"there is {' / '.join(named)}{more}"


def _text(text: str) -> str:
    return "" if text == BLANK else text


def _key_in_words(row: Row, keys: Sequence[str]) -> str:
    return ", ".join(f"{column} '{row[column]}'" for column in keys if row[column])


def _same(row: Row) -> str:
    return "this event" if row.file.endswith(TIMELINE.file) else subject(row)
