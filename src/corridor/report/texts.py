"""Every English word of the report in one place, with the habits of the language.

Numbers, dates, ranges and chances are worded here too. Another language is a subclass of `Texts` that
overrides what differs. Templates use ``str.format`` fields; a template never adds figures of its own.
"""

from __future__ import annotations

import datetime as dt
import math

#: Counts and forecasts below this are told as "fewer than ten": they may point to persons.
LEAST_TOLD = 10
#: Numbers from which millions are told in words.
_MILLION = 1_000_000


def rounded(value: float, digits: int = 2) -> int:
    """Round to significant digits, halves up.

    >>> [rounded(x) for x in (0, 7, 94, 95.5, 12_345, 194_999, 1_250_000)]
    [0, 7, 94, 96, 12000, 190000, 1300000]
    """
    if value < 0.5:
        return 0
    step = 10 ** max(0, math.floor(math.log10(value)) + 1 - digits)
    whole = math.floor(value / step + 0.5) * step
    return int(whole)


class Texts:
    """English."""

    language = "en"
    direction = "ltr"

    def __init__(self, *, tells_small: bool = False) -> None:
        self.tells_small = tells_small  # numbers from 1 to 9 as they are; else "<10" and "fewer than ten"

    months = (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    )  # fmt: skip

    # --- sentences of the forecast ----------------------------------------------------------------
    headline = "By {date}, {range} will probably have been displaced; most likely {middle}."
    headline_wide = "Very probably it will be {wide}."
    headline_nobody = "By {date}, probably nobody will have been displaced."
    headline_unlikely = (
        "By {date}, probably nobody will have been displaced; very probably not more than {high}."
    )
    headline_none_ever = "Nobody is displaced by {date} in any of the {members} simulated futures."
    headline_single = "In the one simulated future, {people} have been displaced by {date}."
    nobody_single = "In the one simulated future, nobody has been displaced by {date}."
    later = "By {date}, it will probably be {bare}, and very probably {wide}."
    later_single = "By {date}, it is {middle}."
    terms = "“Probably” means in half of the simulated futures, “very probably” in nine of ten."
    single_caution = "One future does not say how sure this is. Simulate many to see ranges."
    few_caution = "Only {members} futures were simulated, so the ranges are rough."

    most_arrive = "Most people arrive at {place}: probably {range} more than now by {date}{others}."
    most_arrive_others = "; then at {others}"
    most_arrive_single = "Most people arrive at {place}: {people} more than now by {date}{others}."
    and_word = "and"

    full_now = "Full already: {places}."
    first_full = "{place} fills first: full by {date} {share}."
    first_full_slow = "{place} fills first: full by {date} {share}, and by {later} {later_share}."
    may_fill = "{place} is the likeliest site to fill: full by {date} {share}."
    none_fills = "No site is likely to be full by {date}."
    none_fills_ever = "No site is full by {date} in any simulated future."
    fills_single = "{place} fills first, on {date}."
    none_fills_single = "No site is full by {date}."
    no_capacity = "When sites fill is not known: no capacity is given for any of them."

    trapped_peak = "About {date}, {range} will probably want to leave home and find no way out{where}."
    trapped_growing = (
        "On {date}, the last day looked at, {range} will probably want to leave home and find no way "
        "out{where}; "
        "the number is still growing."
    )
    trapped_where = ", most of them in {place}"
    trapped_unlikely = "Probably nobody is trapped; {share} somebody is, at most {most} about {date}."
    trapped_none = "Nobody is trapped in any of the simulated futures."
    trapped_single = "About {date}, {people} want to leave home and find no way out{where}."
    trapped_none_single = "Nobody is trapped."

    left_area = "By {date}, {range} will probably have left the area{where}."
    left_area_unlikely = "Probably nobody leaves the area by {date}; {share} somebody does."
    left_area_where = ", most of them for {place}"
    left_area_single = "By {date}, {people} have left the area{where}."
    returned = "By {date}, {range} will probably have returned home."
    storyline = "{title}: probably {range} displaced by {date}; {count}."
    storyline_single = "{title}: {people} displaced by {date}; one future."
    futures = "{n} of {members} futures"

    # --- numbers in words -------------------------------------------------------------------------
    nobody = "nobody"
    few = "fewer than ten people"
    few_short = "fewer than ten"
    range_between = "between {low} and {high}"
    range_up_to = "up to {high}"
    range_about = "about {middle}"
    range_of_people = "{range} people"
    people_word = "{number} people"
    million = "{number} million"
    in_all = "in all futures"
    in_nearly_all = "in nearly all futures"
    in_ten = "in {n} of 10 futures"
    in_few = "in fewer than 1 of 20 futures"
    in_none = "in none of the futures"

    # --- the table --------------------------------------------------------------------------------
    table_site = "Site"
    table_now = "Now"
    table_room = "Room for"
    table_chance = "Chance it fills"
    table_half = "Full in half of futures by"
    table_total = "Newly displaced, all places"
    table_hosts = "In towns and host communities"
    table_all_sites = "All sites"
    table_weeks = "in {weeks} weeks"
    table_days = "in {days} days"
    table_not_known = "not known"
    table_never = "–"
    table_10 = "{n} of 10"
    table_all = "all"
    table_nearly_all = "nearly all"
    table_under = "<1 of 20"
    table_none = "none"
    table_title = "What to prepare for, by site"
    table_caption = (
        "People expected at each site at the end of the day: the middle of the futures, and below it the "
        "range that holds "
        "8 of 10 of them. People waiting at the gate are counted. A site is full at 95 % of its capacity."
    )

    # --- the terminal -----------------------------------------------------------------------------
    terminal_full = "full by"
    terminal_room = "room"
    terminal_now = "now"
    terminal_note = (
        "Middle of the futures; below it the range of 8 of 10. Last column: full in half of the futures by,"
        " and how often "
        "at all. Curve: the middle from {start} to {end}, 0 to {top}."
    )
    terminal_more = "and {n} more, in the files"
    terminal_no_sites = "The scenario has no sites."

    # --- the report -------------------------------------------------------------------------------
    issued = "Forecast issued {issue}, looking ahead to {horizon}"
    map_head = "Where people are, and the roads they take"
    map_lead = (
        "The middle of the futures on three days. People who live at a place and stay there are not drawn."
    )
    map_title = "Map of {date}"
    map_desc = "On {date}, middle of the futures: {facts}. Newly displaced: {total}."
    map_fact = "{place} {people} people"
    map_fact_trapped = "{place} {people} trapped"
    map_no_people = "nobody away from home"
    map_key_people = "{n} people present"
    map_key_room = "room for {n}"
    map_key_full = "dark ring: full"
    map_key_trapped = "{n} trapped"
    map_key_flow = "{n} on the road that week"
    map_key_closed = "closed road"
    map_outside_frame = "Beyond the map: {places}."
    map_outside_place = "{place} ({people})"
    map_source = (
        "Roads are drawn straight between places; their width is the middle of the futures in the seven "
        "days up to the "
        "date. A road is shown closed if it is so in half of the futures or more."
    )
    map_card = "{place}: {range}"
    map_card_room = ", room for {room}"
    map_card_trapped = "{place}: {range} trapped"
    map_scale = "{km} km"
    all_head = "All places together"
    displaced_title = "Newly displaced: {range} by {date}"
    displaced_unit = "people away from home who were at home on {issue}"
    trapped_title = "Trapped: {range} about {date}"
    trapped_unit = "people who want to leave home and find no way out"
    sites_head = "People by site"
    sites_lead = (
        "Dark tint: half of the futures. Light tint: nine of ten. Thin line: the middle. Grey line: "
        "capacity. Dots: what was "
        "counted; open dots came after the issue date, the forecast did not see them."
    )
    sites_lead_no_counts = (
        "Dark tint: half of the futures. Light tint: nine of ten. Thin line: the middle. Grey line: capacity."
    )
    sites_tier = "Sites, on a scale to {top} people"
    hosts_tier = "Towns and host communities, on a scale to {top} people"
    hosts_more = "Fewer people are taken in by {places}; the table of quantiles has their numbers."
    sites_few = "Fewer than ten people are expected at {places}."
    small_title = "{range} on {date}"
    small_half_full = "; full in half of the futures by {date}"
    small_full = "; full at some time {share}"
    small_capacity_above = "room for {room}, above the chart"
    chart_desc = "{date}: half of the futures hold {range}, nine of ten {wide}, middle {middle}."
    chart_desc_counts = "Counted: {counts}."
    chart_desc_capacity = "Capacity {room}."
    label_middle = "middle {number}"
    label_half = "half of the futures"
    label_wide = "nine of ten"
    label_capacity = "capacity {number}"
    label_counted = "counted"
    chart_source = "Source: Corridor {version}, {members} futures, seed {seed}."
    chart_source_counts = " Dots: {counted_by}."
    chart_source_base = (
        " Dots are what was counted less the {base} counted by {issue}, so that both start from the same day."
    )
    storylines_head = "How the crisis may unfold"
    storylines_lead = "Newly displaced if the crisis takes this course. All on one scale, 0 to {top} people."
    storyline_share = "{n} of {members} futures"
    storyline_none = "no future followed this storyline"
    rests_head = "What the forecast rests on"
    rests_lead = (
        "Quantities that are not known. Each simulated future takes its own value from these ranges. The "
        "number of claims says "
        "how many reports stand behind a range."
    )
    rests_none = "The scenario states every quantity as known; no ranges are given."
    rests_name = "Quantity"
    rests_range = "Range"
    rests_unit = "Unit"
    rests_reason = "Why"
    rests_claims = "Claims"
    claims_title = "The {n} claims of the scenario"
    claims_title_one = "The one claim of the scenario"
    claims_id = "Id"
    claims_said = "Said on"
    claims_about = "About"
    claims_figure = "Figure"
    claims_source = "Source"
    claims_grade = "Grade"
    claims_link = "read it"
    claims_note = (
        "Grade: reliability of the source, A (best) to F (cannot be judged), and credibility of the "
        "statement, 1 (confirmed) to 6 "
        "(cannot be judged); the Admiralty code."
    )
    prior_between = "{low} to {high}"
    prior_triangular = "{low} to {high}, most likely {mode}"
    prior_lognormal = "about {median}; above {p95} in 1 of 20"
    prior_beta = "about {mean}, between {low} and {high}"
    prior_fixed = "{value}"
    past_head = "How good such forecasts were"
    past_none = (
        "This forecast has not been scored. No past performance is given here, so treat the ranges as what "
        "the scenario's "
        "assumptions imply, not as proven."
    )
    past_seen = (
        "Of {n} counts made after the issue date, {half} lie in the 50 % band and {wide} in the 90 % band. "
        "If the bands are right, about {want_half} and {want_wide} would. "
        "Counts of neighbouring days say much the same: they are worth fewer than they are."
    )
    past_seen_one = "One count was made after the issue date. It lies {where}."
    past_inside = "in the 50 % band"
    past_between = "in the 90 % band, outside the 50 % band"
    past_outside = "outside the 90 % band"
    method_head = "Method"
    method = (
        "Corridor simulates {members} futures day by day. In each, people at places under fire leave at a "
        "rate that grows with "
        "the fighting; who finds no open way out is trapped; the others choose where to go by how far it "
        "is, how much room there "
        "is and who holds the place, and travel along open roads. What is not known (dates, rates, "
        "capacities) differs from future to "
        "future as the ranges above say. A band holds the stated share of futures: with the 50 % band a "
        "quarter of the futures lie "
        "above it and a quarter below. Newly displaced are people away from home on that day who were not "
        "on the issue date; who "
        "has returned is not among them. Forecast figures are rounded to two digits."
    )
    method_small = " Figures below ten are shown as “<10”."
    fact_scenario = "Scenario"
    fact_issue = "Issue date"
    fact_horizon = "Last day"
    fact_members = "Futures (members)"
    fact_seed = "Seed"
    fact_version = "Corridor version"
    fact_places = "Places, routes"
    fact_places_value = "{places}, {routes}"
    fact_claims = "Claims, counts"
    fact_claims_value = "{claims}, {counts}"
    must_not_head = "What this must not be used for"
    must_not = (
        "This forecast must not be used to decide about single persons or families, to pick targets, to "
        "close a way out, or to hold "
        "people back. It does not say who will move, and it does not replace asking the people concerned."
    )
    map_alt_key = "Key to the map"

    def date(self, date: dt.date, since: dt.date) -> str:
        """Return a date in a sentence; with its year if that differs from the year of ``since``."""
        year = f" {date.year}" if date.year != since.year else ""
        return f"{date.day} {self.months[date.month - 1]}{year}"

    def full_date(self, date: dt.date) -> str:
        """Return a date with its year."""
        return f"{date.day} {self.months[date.month - 1]} {date.year}"

    def short_date(self, date: dt.date) -> str:
        """Return a date on a chart: 20 Nov."""
        return f"{date.day} {self.months[date.month - 1][:3]}"

    def number(self, value: float, digits: int = 2) -> str:
        """Return a number rounded to significant digits, with separators; ``<10`` where small numbers are "
        "not told."""
        whole = rounded(value, digits)
        return f"<{LEAST_TOLD}" if 0 < whole < LEAST_TOLD and not self.tells_small else f"{whole:,}"

    def exact(self, value: float) -> str:
        """Return a count or a capacity as given, with separators; ``<10`` where small numbers are not "
        "told."""
        return self.number(value, digits=12)

    def compact(self, value: float) -> str:
        """Return a number in at most five characters for narrow columns: 12k, 5.9k, 1.2m."""
        whole = rounded(value)
        unit, sign = _unit(whole)
        return f"{_short(whole / unit)}{sign}" if sign else self.number(whole)

    def compact_range(self, low: float, high: float) -> str:
        """Return a range in at most eight characters: 13–42k, 0.9–2k, 78–2.4k."""
        first, last = rounded(low), rounded(high)
        unit, sign = _unit(last)
        if first == last:
            return self.compact(high)
        if sign and first >= unit / 10:
            return f"{_short(first / unit)}–{_short(last / unit)}{sign}"
        return f"{self.compact(low)}–{self.compact(high)}"

    def words(self, value: float) -> str:
        """Return a number for a sentence: 45,000 or 1.2 million."""
        whole = rounded(value)
        return self.million.format(number=f"{whole / _MILLION:g}") if whole >= _MILLION else f"{whole:,}"

    def middle(self, value: float) -> str:
        """Return a number of people for a sentence that has said "people" before."""
        whole = rounded(value)
        if whole == 0:
            return self.nobody
        return self.few_short if whole < LEAST_TOLD and not self.tells_small else self.words(value)

    def people(self, value: float) -> str:
        """Return a number of people for a sentence."""
        whole = rounded(value)
        if whole == 0:
            return self.nobody
        if whole < LEAST_TOLD and not self.tells_small:
            return self.few
        return self.people_word.format(number=self.words(value))

    def range(self, low: float, high: float) -> str:
        """Return a range of people for a sentence, without the digits that are not known."""
        if rounded(high) < (1 if self.tells_small else LEAST_TOLD):
            return self.people(high)
        return self.range_of_people.format(range=self.bare_range(low, high))

    def bare_range(self, low: float, high: float) -> str:
        """Return a range for a sentence that has said "people" before."""
        least = 1 if self.tells_small else LEAST_TOLD
        if rounded(high) < least:
            return self.middle(high)
        if rounded(low) < least:
            return self.range_up_to.format(high=self.words(high))
        if rounded(low) == rounded(high):
            return self.range_about.format(middle=self.words(high))
        return self.range_between.format(low=self.words(low), high=self.words(high))

    def short_range(self, low: float, high: float) -> str:
        """Return a range for a table or a chart: 5,900–12,000."""
        first, last = self.number(low), self.number(high)
        return first if first == last else f"{first}–{last}"

    def share(self, share: float) -> str:
        """Return in how many futures something happens, as a person would say it."""
        if share <= 0.0 or share >= 1.0:
            return self.in_all if share >= 1.0 else self.in_none
        if share >= 0.95:
            return self.in_nearly_all
        return self.in_few if share < 0.05 else self.in_ten.format(n=_tenths(share))

    def short_share(self, share: float) -> str:
        """Return in how many futures something happens, for a table."""
        if share <= 0.0 or share >= 1.0:
            return self.table_all if share >= 1.0 else self.table_none
        if share >= 0.95:
            return self.table_nearly_all
        return self.table_under if share < 0.05 else self.table_10.format(n=_tenths(share))

    def listing(self, names: list[str]) -> str:
        """Return names as a list in a sentence: a, b and c."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.and_word} {names[-1]}"


def _unit(whole: int) -> tuple[int, str]:
    return (_MILLION, "m") if whole >= _MILLION else (1000, "k") if whole >= 1000 else (1, "")


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _tenths(share: float) -> int:
    return min(9, max(1, math.floor(share * 10 + 0.5)))


ENGLISH = Texts()
