"""Needs and triggers on a terminal of 80 columns: what each site needs on a day, where room runs short, and
when rules fire.

Everything is printed through the console that is passed in, which knows whether there is colour and what it
can encode. Numbers are rounded to two digits here and nowhere before.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corridor.needs.needs import ALL_GROUPS, TOTAL, Gap, Need, Needs
from corridor.needs.standards import VEHICLES
from corridor.needs.triggers import ACTS_FROM, Outcome
from corridor.report.texts import ENGLISH, Texts, rounded

#: Sites shown; the files hold all.
MOST_SITES = 12
#: Days after the issue date shown for a trigger, where they lie within the forecast, and the last.
TRIGGER_DAYS = (7, 14, 28, 56, 84)
#: Share of futures from which a lack of room is told.
_TOLD_FROM = 0.05
#: Columns of the table of sites: head, unit told, factor from the unit of the need.
_COLUMNS = {
    "water_full": ("water", "m3/day", 0.001),
    "food_ration": ("food", "t/day", 0.001),
    "family_plots": ("plots", "", 1.0),
    "latrines": ("latrines", "", 1.0),
    "blankets": ("blankets", "", 1.0),
}
_SITE_WIDTH, _NUMBER_WIDTH, _TITLE_WIDTH = 20, 9, 32
_MIDDLE, _LOW, _HIGH = 2, 0, 4  # rows of the quantiles
_TOLD = [_LOW, _MIDDLE, _HIGH]


# --- needs ------------------------------------------------------------------------------------------------
def show_needs(
    needs: Needs, console: Console, *, date: dt.date, place: str | None = None, texts: Texts = ENGLISH
) -> None:
    """Print what is needed on a day: a line a site, or everything for one place.

    Parameters
    ----------
    needs : Needs
    console : rich.console.Console
    date : datetime.date
        One of ``needs.dates``.
    place : str, optional
        A place of ``needs``; all sites if not given.
    texts : Texts
        The language.
    """
    day = needs.dates.index(date)
    _print(console, texts.ask_head.format(title=needs.scenario.title), "bold")
    lead = texts.ask_lead.format(
        issue=texts.full_date(needs.dates[0]),
        standards=needs.standards.name,
        size=needs.scenario.household_size,
        members=needs.n_members,
    )
    _print(console, lead, "dim")
    if needs.n_members == 1:
        _print(console, texts.single_caution, "italic")
    if place is None:
        _show_sites(needs, console, day, texts)
    else:
        _show_place(needs, console, day, place, texts)


def _show_sites(needs: Needs, console: Console, day: int, texts: Texts) -> None:
    told = texts.date(needs.dates[day], needs.dates[0])
    _print(console, texts.ask_on.format(date=told), "dim")
    console.print()
    names = _most_people_first(needs, day)
    columns = _columns(needs)
    heads = [texts.ask_people, *(f"{head}\n{unit}" for head, unit, _ in columns.values())]
    table = _table(console, texts.ask_site, _SITE_WIDTH, heads, _NUMBER_WIDTH)
    for name in [*names[:MOST_SITES], TOTAL]:
        factors = {"people": 1.0, **{key: factor for key, (_, _, factor) in columns.items()}}
        pairs = [_told(needs.of(name, key), day, factor, texts) for key, factor in factors.items()]
        row = [_two_lines(console, middle, wide) for middle, wide in pairs]
        title = texts.everywhere if name == TOTAL else name
        table.add_row(_short(console, title, _SITE_WIDTH), *row)
    console.print(table)
    if len(names) > MOST_SITES:
        _print(console, texts.ask_more.format(n=len(names) - MOST_SITES), "dim")
    if any(needs.of(name, key).is_small[_TOLD, day].any() for name in names[:MOST_SITES] for key in columns):
        _print(console, texts.ask_few_note, "dim")
    _show_carried(needs, console, day, TOTAL, texts)
    _show_room(needs, console, day, names, texts)
    _show_stocks(needs, console, day, texts)


def _most_people_first(needs: Needs, day: int) -> list[str]:
    people = {name: needs.of(name, "people").quantiles[:, day] for name in needs.places}
    return sorted(people, key=lambda name: (-people[name][_MIDDLE], -people[name][_HIGH], name))


def _columns(needs: Needs) -> dict[str, tuple[str, str, float]]:
    """Return the indicators of the table: the usual ones, or the first ones of the user's standards."""
    known = needs.standards.indicators
    usual = {key: told for key, told in _COLUMNS.items() if key in known}
    if len(usual) >= 3:
        return usual
    first = list(known)[: len(_COLUMNS)]
    return {
        key: (known[key][0].title[:_NUMBER_WIDTH], known[key][0].need_unit[:_NUMBER_WIDTH], 1.0)
        for key in first
    }


def _two_lines(console: Console, first: str, second: str) -> Text:
    return Text.assemble(_text(console, first, ""), "\n", _text(console, second, "dim"))


def _told(
    row: Need | Gap, day: int, factor: float, texts: Texts, ends: tuple[int, int] = (_LOW, _HIGH)
) -> tuple[str, str]:
    """Return the middle and a range in words; what stands for fewer than ten people is told as few."""

    def amount(level: int) -> str:
        value = float(row.quantiles[level, day])
        if row.is_small[level, day] and not texts.tells_small:
            return texts.number(value) if row.unit == "people" else texts.ask_few
        return texts.amount(value * factor)

    low, high = ends
    if row.is_small[[low, high], day].any() and not texts.tells_small:
        first, last = amount(low), amount(high)
        return amount(_MIDDLE), first if first == last else f"{first}–{last}"
    values = row.quantiles[:, day] * factor
    return amount(_MIDDLE), texts.amounts(float(values[low]), float(values[high]))


def _show_carried(needs: Needs, console: Console, day: int, place: str, texts: Texts) -> None:
    """Print tonnes and loads, by vehicle: what is carried every day, and what equips everybody once."""
    carried = {need.indicator: need for need in needs.rows if (need.place, need.group) == (place, ALL_GROUPS)}
    console.print()
    head = texts.carry_head_all if place == TOTAL else texts.carry_head
    for vehicle in VEHICLES:
        for often, template in (("_a_day", texts.carry_daily), ("", texts.carry_once)):
            tonnes, loads = (carried.get(f"{vehicle}_{what}{often}") for what in ("tonnes", "loads"))
            if tonnes is None or loads is None:
                continue
            if head:
                _print(console, head, "bold")
            head = ""
            weight, number = _with_range(tonnes, day, texts), _with_range(loads, day, texts)
            _item(console, template.format(vehicle=vehicle, tonnes=weight, loads=number))


def _with_range(need: Need, day: int, texts: Texts) -> str:
    middle, wide = _told(need, day, 1.0, texts)
    return middle if middle == wide else f"{middle} ({wide})"


def _show_room(needs: Needs, console: Console, day: int, names: Sequence[str], texts: Texts) -> None:
    gaps = [gap for name in names if (gap := needs.gap(name, "room"))]
    short = sorted((gap for gap in gaps if gap.chance >= _TOLD_FROM), key=lambda gap: -gap.chance)
    console.print()
    if not short:
        _print(console, texts.room_none if gaps else texts.room_unknown)
    else:
        _print(console, texts.room_head, "bold")
    for gap in short[:MOST_SITES]:
        _item(console, _room_words(needs, gap, day, texts))
    homeless = needs.gap(TOTAL, "no_place")
    if homeless is not None and homeless.chance > 0:
        people = texts.range(float(homeless.quantiles[_LOW, day]), float(homeless.quantiles[_HIGH, day]))
        told = texts.date(needs.dates[day], needs.dates[0])
        _print(console, texts.room_note.format(date=told, range=people))


def _room_words(needs: Needs, gap: Gap, day: int, texts: Texts) -> str:
    low, high = float(gap.quantiles[_LOW, day]), float(gap.quantiles[_HIGH, day])
    template = texts.room_line if rounded(high) else texts.room_line_none
    return template.format(
        place=gap.place,
        share=texts.share(gap.chance),
        half=_half_words(needs, gap, texts),
        date=texts.date(needs.dates[day], needs.dates[0]),
        range=texts.range(low, high),
    )


def _half_words(needs: Needs, gap: Gap, texts: Texts) -> str:
    half = gap.day_open_in(ACTS_FROM)
    if half is None:
        return ""
    return texts.room_half.format(date=texts.date(needs.dates[half], needs.dates[0]))


def _show_stocks(needs: Needs, console: Console, day: int, texts: Texts, place: str | None = None) -> None:
    gaps = [gap for gap in needs.gaps if gap.indicator not in ("room", "plots", "no_place")]
    gaps = [gap for gap in gaps if place in (None, gap.place)]
    if not gaps:
        return
    console.print()
    _print(console, texts.stock_head, "bold")
    for gap in gaps:
        _, wide = _told(gap, day, 1.0, texts)
        words = texts.stock_line.format(
            place=texts.everywhere if gap.place == TOTAL else gap.place,
            title=gap.title,
            share=texts.share(gap.chance),
            half=_half_words(needs, gap, texts),
            date=texts.date(needs.dates[day], needs.dates[0]),
            range=wide,
            unit=gap.unit,
        )
        _item(console, words)


def _show_place(needs: Needs, console: Console, day: int, place: str, texts: Texts) -> None:
    console.print()
    told = texts.date(needs.dates[day], needs.dates[0])
    _print(console, texts.ask_at.format(place=place, date=told), "bold")
    heads = (texts.ask_middle, texts.ask_half, texts.ask_wide)
    table = _table(console, texts.ask_need, _TITLE_WIDTH, heads, _NUMBER_WIDTH)
    table.add_column(texts.ask_unit, no_wrap=True, width=15)
    for need in needs.rows:
        is_carried = need.indicator.startswith(tuple(f"{vehicle}_" for vehicle in VEHICLES))
        if (need.place, need.group) == (place, ALL_GROUPS) and not is_carried:
            middle, wide = _told(need, day, 1.0, texts)
            _, half = _told(need, day, 1.0, texts, (1, 3))
            numbers = [_text(console, words, "") for words in (middle, half, wide)]
            unit = _short(console, need.unit, 15)
            table.add_row(_short(console, need.title, _TITLE_WIDTH), *numbers, unit)
    console.print(table)
    groups = [
        need
        for need in needs.rows
        if need.place == place and need.indicator == "people" and need.group != ALL_GROUPS
    ]
    if groups:
        console.print()
        _print(console, texts.groups_head, "bold")
    for need in groups:
        _item(console, texts.group_line.format(group=need.group, people=_with_range(need, day, texts)))
    _show_carried(needs, console, day, place, texts)
    _show_room(needs, console, day, [place], texts)
    _show_stocks(needs, console, day, texts, place)


# --- triggers ---------------------------------------------------------------------------------------------
def show_triggers(outcomes: Sequence[Outcome], console: Console, *, texts: Texts = ENGLISH) -> None:
    """Print how likely each trigger has fired by when, its lead time, and what the counts say."""
    if any(outcome.n_members == 1 for outcome in outcomes):
        _print(console, texts.single_caution, "italic")
        console.print()
    for outcome in outcomes:
        _print(console, outcome.trigger.rule, "bold")
        console.print(_chances(outcome, console, texts))
        _print(console, _lead_words(outcome, texts))
        for place, chance, half in outcome.by_place:
            by = texts.room_half.format(date=texts.date(half, outcome.dates[0])) if half else ""
            words = texts.trigger_site.format(place=place, share=texts.share(chance), half=by)
            _item(console, words)
        if outcome.verdicts:
            counted = outcome.tally()
            _print(console, texts.trigger_counts.format(n=len(outcome.verdicts), **counted))
        else:
            _print(console, texts.trigger_no_counts.format(why=outcome.cannot_tell))
        console.print()
    if any(outcome.verdicts for outcome in outcomes):
        _print(console, texts.trigger_note, "dim")


def _chances(outcome: Outcome, console: Console, texts: Texts) -> Table:
    last = len(outcome.dates) - 1
    days = [*(day for day in TRIGGER_DAYS if day < last), last]
    heads = [texts.short_date(outcome.dates[day]) for day in days]
    table = _table(console, texts.trigger_by, 8, heads, 10)
    chances = (texts.short_share(float(outcome.fired_by[day])) for day in days)
    table.add_row("", *(_text(console, chance, "") for chance in chances))
    return table


def _lead_words(outcome: Outcome, texts: Texts) -> str:
    issue, last = outcome.dates[0], outcome.dates[-1]
    half, likely = outcome.first_day(0.5), outcome.first_day(0.8)
    if half is None:
        return texts.trigger_half_never.format(date=texts.date(last, issue)) + "."
    first = texts.trigger_half_now if half == 0 else texts.trigger_half
    words = first.format(date=texts.date(outcome.dates[half], issue), days=_days(half, texts))
    if likely is None:
        return words + texts.trigger_likely_never
    second = texts.trigger_likely_now if likely == 0 else texts.trigger_likely
    return words + second.format(date=texts.date(outcome.dates[likely], issue), days=_days(likely, texts))


def _days(days: int, texts: Texts) -> str:
    return texts.trigger_day if days == 1 else texts.trigger_days.format(n=days)


# --- printing ---------------------------------------------------------------------------------------------
def _table(console: Console, first: str, width: int, heads: Sequence[str], number_width: int) -> Table:
    """Return a table: a column of names and columns of numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), collapse_padding=True)
    table.add_column(_text(console, first, ""), no_wrap=True, width=width)
    for head in heads:
        table.add_column(_text(console, head, ""), justify="right", no_wrap=True, width=number_width)
    return table


def _short(console: Console, title: str, width: int) -> Text:
    return _text(console, title if len(title) <= width else title[: width - 1] + "…", "")


def _item(console: Console, words: str) -> None:
    """Print a line of a list; what does not fit goes on indented."""
    lines = textwrap.wrap(words, console.width - 2) or [""]
    _print(console, "\n".join(f"  {line}" for line in lines))


def _print(console: Console, words: str, style: str = "") -> None:
    console.print(_text(console, words, style))


def _text(console: Console, words: str, style: str) -> Text:
    return Text(_ascii(words) if console.options.ascii_only else words, style=style)


def _ascii(words: str) -> str:
    signs = str.maketrans({"–": "-", "“": '"', "”": '"', "’": "'", "…": "."})
    return words.translate(signs).encode("ascii", "replace").decode("ascii")
