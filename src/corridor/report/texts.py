"""Every English word of the report in one place, with the habits of the language.

Numbers, dates, ranges and chances are worded here too. Another language is a subclass of `Texts` that
overrides what differs. Templates use ``str.format`` fields; a template never adds figures of its own.
"""

from __future__ import annotations

import datetime as dt
import math
import unicodedata

from corridor.report.evidence_texts import EvidenceTexts

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


def isolated(name: str) -> str:
    """Return a name that does not turn the words round it: one written from right to left is set apart.

    >>> isolated("Erbil"), isolated("أربيل") == "\u2068أربيل\u2069"
    ('Erbil', True)
    """
    is_rtl = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in name)
    return f"\u2068{name}\u2069" if is_rtl else name


class Texts(EvidenceTexts):
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
    headline = "By {date}, {range} will probably have been displaced; middle estimate {middle}."
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
    table_more = "{n} more sites"
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
    terminal_must_not = (
        "Not for decisions about persons, for targeting, or for stopping people: see corridor card."
    )

    # --- the report -------------------------------------------------------------------------------
    not_for = (
        "For planning help. Not for decisions about single persons or families, for targeting, or for "
        "stopping people."
    )
    issued = "Forecast issued {issue}, looking ahead to {horizon}"
    map_head = "Where people are, and the roads they take"
    map_lead = "The middle of the futures. People who live at a place and stay there are not drawn."
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
        "date, arrows the way most of them go. A road is shown closed if it is so in half of the futures or "
        "more."
    )
    map_endorse = "Base map: Natural Earth. Boundaries and names do not imply endorsement."
    plot_scales = "Scales differ: read the numbers."
    plot_bands = "Dark tint: half of the futures. Light tint: nine of ten. Thin line: the middle."
    map_base = "Base map: {source}. Boundaries and names do not imply endorsement."
    map_no_base = "No base map: the places do not lie in the countries they name."
    map_key_disputed = "disputed border or line of control"
    map_card = "{place}: {range}"
    map_card_room = ", room for {room}"
    map_card_trapped = "{place}: {range} trapped"
    map_scale = "{km} km"
    all_head = "All places together"
    displaced_title = "Newly displaced: {range} by {date}"
    displaced_unit = "people away from home who were at home on {issue}"
    trapped_title = "Trapped: {range} about {date}"
    trapped_unit = "people who want to leave home and find no way out"
    sites_head = "Arrivals: people at each site"
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
    sites_more = "Smaller charts are left out for {places}; the table of quantiles has their numbers."
    other_places = "{n} others"
    sites_few = "Fewer than ten people are expected at {places}."
    small_title = "{range} on {date}"
    small_half_full = "; full in half of the futures by {date}"
    small_full = "; full at some time {share}"
    small_busiest = "; in the busiest week {range} arrive"
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
    storylines_head = "How the crisis may unfold: storylines side by side"
    storylines_lead = "Newly displaced if the crisis takes this course. All on one scale, 0 to {top} people."
    storyline_share = "{n} of {members} futures"
    storyline_none = "no future followed this storyline"
    what_if_head = "What if"
    what_if_effect = "{name}: what it changes"
    what_if_count = "{members} futures, on the same random numbers"
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
        "is and who holds the place, and travel along open roads."
    )
    method_flee = (
        "Corridor simulates {members} futures day by day, under the law of Flee. {leaving} Who does not get "
        "away from home is trapped; the others look a few roads ahead, choose where to go by how far it is, "
        "how much room there is and whether there is fighting, and decide anew at every place.{more}"
    )
    method_bands = (
        " What is not known (dates, rates, "
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
    fact_claims_said = "Claims said"
    fact_counts_made = "Counts made"
    fact_dates = "{first} to {last}"
    fact_claims_value = "{claims}, {counts}"
    must_not_head = "What this must not be used for"
    must_not = (
        "This forecast must not be used to decide about single persons or families, to pick targets, to "
        "close a way out, or to hold "
        "people back. It does not say who will move, and it does not replace asking the people concerned."
    )
    map_alt_key = "Key to the map"

    # --- what-ifs ---------------------------------------------------------------------------------
    compare_head = "{other} against {base}"
    compare_title = "What if"
    compare_lead = "{members} futures of each on the same random numbers, seed {seed}; {issue} to {horizon}."
    compare_changes = "What is changed:"
    compare_no_changes = "No change is on record: neither extends the other."
    compare_more_changes = "and {n} more"
    compare_effects = "What that does:"
    compare_same = "Nothing: all futures are the same to the last day."
    compare_hardly = "Hardly anything: on average fewer than ten people are elsewhere at any place."
    compare_from = "Until {date} all futures are the same."
    compare_from_start = "Futures differ from the first day on."
    compare_total = (
        "{what}: on average {change} about {date}, {base} without it; {band} in nine of ten futures."
    )
    compare_trapped = "Trapped"
    compare_displaced = "Newly displaced"
    compare_left = "Left the area"
    compare_returned = "Returned home"
    compare_places_more = "More people at {places}."
    compare_places_fewer = "Fewer people at {places}."
    compare_place = "{place} ({number} about {date})"
    compare_full_sooner = "{place} is full in half of the futures by {date}, not by {before}."
    compare_full_now = "{place} is full in half of the futures by {date}, without it in fewer."
    compare_full_no_more = (
        "{place} is full in fewer than half of the futures, without it in half by {before}."
    )
    compare_full_share = "{place} is full at some time {share}, without it {before}."
    compare_more = "{number} more"
    compare_fewer = "{number} fewer"
    compare_equal = "as many"
    compare_band_between = "between {low} and {high}"
    compare_narrower = (
        "Without the same random numbers the ranges would be {low} to {high} times as wide, {middle} "
        "times in the "
        "middle of these rows: independent runs need {futures} times as many futures to say the same."
    )
    compare_narrower_one = (
        "Without the same random numbers the range would be {middle} times as wide: independent runs need "
        "{futures} times as many futures to say the same."
    )
    compare_place_head = "Place"
    compare_most = "most on"
    compare_without = "without"
    compare_with = "with"
    compare_change = "change"
    compare_band = "9 of 10 futures"
    compare_independent = "unpaired"
    compare_note = (
        "Averages over the futures, on the day on which they differ most. Range: nine of ten futures, each "
        "against the one with the same random numbers; unpaired: against any other, as independent runs "
        "would."
    )
    compare_note_on = (
        "Averages over the futures on {date}. Range: nine of ten futures, each against the one with the same "
        "random numbers; unpaired: against any other, as independent runs would."
    )
    compare_trapped_at = "{place}, trapped"
    compare_chart = "Change, {what}"
    compare_chart_desc = (
        "Change of {what} from {start} to {end}: on average {change} about {date}; {band} in nine of ten "
        "futures."
    )
    compare_chart_key = (
        "Line: average change. Dark: nine of ten futures on the same random numbers. Light: the same of "
        "unpaired futures. Above the line for nought: more with it."
    )
    compare_few = "few"
    compare_people_at = "people at {place}"
    what_if_line = "A what-if of {base}: {changes}."

    # --- the model card ---------------------------------------------------------------------------
    card_title = "Model card: {title}"
    card_lead = (
        "Made by corridor card, version {version}, from the scenario {name}{forecast}. The headings are "
        "those of "
        "OCHA's peer review framework for predictive analytics. Neither Corridor nor this scenario has been "
        "peer reviewed."
    )
    card_lead_forecast = " and its forecast of {members} futures, seed {seed}"
    card_purpose = "Purpose"
    card_purpose_text = (
        "To help people who prepare for displacement: how many may leave, which way, where and when they may "
        "arrive, who may be unable to leave, which sites may fill, and how sure that is. Its users are "
        "information-management officers, contingency planners and researchers. A forecast is one input to a "
        "decision that people take; nothing follows from it by itself."
    )
    card_what_if = "A what-if of {base}. It asks what would differ, and says nothing of how likely that is:"
    card_owners = "Owners"
    card_owners_text = (
        "Who wrote the scenario owns its assumptions; who passes a forecast on answers for saying what it "
        "assumes. The Corridor authors write the code (Apache 2.0)."
    )
    card_provenance = "{what}: {where}"
    card_data = "Data"
    card_personal = "Personal data: none. Groups and places only; nobody can be looked up."
    card_dates = "Issued {issue}, to {horizon}: {days} days."
    card_no_late_claims = "No claim is later than the issue date."
    card_late_claims = "{n} of the claims were said after the issue date."
    card_places = "{places} places, {sites} of them sites; {routes} roads; {events} dated events."
    card_people = (
        "{people} people live at {homes} places, by the middle of what is believed; groups: {groups}."
    )
    card_group = "{title} ({share})"
    card_group_apart = "{title} (counted apart)"
    card_claims = "{n} claims, said from {first} to {last}, by {sources} sources: {kinds}."
    card_no_claims = "No claims: nothing is on record about who said what."
    card_grades = "Grades of the sources, A (best) to F (cannot be judged): {grades}."
    card_priors = (
        "{n} quantities are not known and drawn anew for each future: {with_claims} rest on claims, "
        "{with_reason} on a stated reason alone, {bare} on neither."
    )
    card_no_priors = "Every quantity is stated as known; the futures differ by chance alone."
    card_counts = "{n} counts: {before} made by the issue date, {after} after it, for checking only."
    card_no_counts = "No counts: the forecast cannot be checked."
    card_method = "Method"
    card_method_text = (
        "A stochastic simulation, one step a day: leaving home under fire, being held back, choosing "
        "where to go, "
        "travelling on roads with limits, arriving while there is room, returning. People are drawn as "
        "numbers, "
        "never as persons. Each future draws a storyline and a value of each quantity that is not known. "
        "Nothing "
        "is fitted. A band of 50 % holds half of the futures; that is a statement about the assumptions."
    )
    card_method_flee = (
        "A stochastic simulation under the law of Flee, one step a day: leaving home, looking a few roads "
        "ahead, choosing anew at every place, travelling, and being turned away from sites that are full. "
        "Nobody returns home. People are drawn as numbers, never as persons. Nothing is fitted. A band of "
        "50 % holds half of the futures; that is a statement about the assumptions."
    )
    card_assimilated = (
        "The futures were then drawn anew, so that those stand for the crisis that fit what was counted up "
        "to {date}; counts up to that day are therefore not scored below."
    )
    flee_left_as_given = "How many leave home each day is given."
    flee_left_by_fighting = "People leave places where there is fighting."
    flee_left_by_floods = "People leave flooded places."
    flee_hunger = "Lack of food {does}."
    flee_hunger_displaces = "adds to how many leave a place"
    flee_hunger_moves_on = "makes people move on"
    flee_hunger_repels = "keeps people from places"
    flee_floods = "A flood also decides how many move on from a place, and how few go there."
    flee_flood_forecasts = "Floods are foreseen {days} days ahead, as far as people are aware of it."
    flee_fixed_routes = "Each place has fixed routes to its destinations."
    flee_harvest = "In months of harvest those who farm stop, and are counted at home."
    flee_harvest_all = "In months of harvest everybody stops, and is counted at home."
    flee_matching = (
        "People prefer places where many share their {what}; who belongs to whom is sensitive, and no more "
        "of it than is needed should be passed on."
    )
    flee_religion = "religion"
    flee_ethnicity = "ethnicity"
    flee_forced_roads = "Some roads are taken by everybody at their start."
    flee_stay = "Some people stay in a site for good."
    card_given = "How many leave each day is given by the scenario and not forecast."
    card_storylines = "How the crisis may unfold:"
    card_storyline = "{title}: {weight} of the futures. {reason}"
    card_storyline_prior = "{title}: its weight is not known either ({weight}). {reason}"
    card_performance = "Performance"
    card_performance_none = (
        "None is known. No forecast of this scenario has been set against counts made after its issue date."
    )
    card_performance_ask = "Name the folder of a run in place of the scenario to have its counts scored here."
    card_where = "Counted"
    card_where_total = "All places together"
    card_n_counts = "Counts"
    card_in_50 = "In the 50 % band"
    card_in_90 = "In the 90 % band"
    card_last_count = "Last count"
    card_last_band = "90 % band that day"
    card_performance_note = (
        "If the bands are right, about half and nine of ten of the counts lie in them. Counts of "
        "neighbouring days "
        "say much the same, so that they are worth fewer than they are; one crisis says nothing of the "
        "next one. "
        "Totals are told above the last one counted by the issue date."
    )
    card_limits = "Limits"
    card_limits_list = (
        "It forecasts what its scenario lets happen: a road, a site or a turn of events that is not in it "
        "happens in "
        "no future.",
        "No births, deaths, injuries or captures; no families that stay together; no word of mouth, "
        "weather or "
        "markets.",
        "People choose by distance, kind of place, room and holder. Kinship, sect, money and papers enter "
        "only as "
        "factors that someone wrote down.",
        "Storyline weights and most quantities are argued, not measured.",
        "Small numbers are not reliable: a site expected to receive dozens may receive none or thousands.",
        "An issue date passes: in a moving crisis a forecast should be made anew after a few weeks.",
    )
    card_no_capacity = "When {n} of the {sites} sites fill is not known: no capacity is given for {places}."
    card_single = "One future says nothing of how sure it is."
    card_ethics = "Ethics"
    card_ethics_list = (
        "Whom it may help: displaced people, if tents, water and staff are where they arrive. Whom it may "
        "harm: "
        "displaced people, if those who would stop or hurt them learn where they will be; communities "
        "told that "
        "they will receive many; people for whom nothing is prepared because a number was low.",
        "Before publishing a forecast of a crisis that goes on, ask those affected and protection staff "
        "what it "
        "gives away. Share coarser tables, or none, if in doubt.",
        "A low forecast is no reason to withdraw preparedness: look at the upper end of the 90 % band, "
        "and at who "
        "is trapped.",
        "Where naming a source may endanger it, do not write it into the scenario.",
    )
    card_small = "Numbers below ten people are shown as <10, here and in reports and workbooks."
    card_must_not_list = (
        "Targeting of any kind, military or police, or advice to those who besiege, block or attack.",
        "Stopping, turning back or containing people who flee.",
        "Decisions about individuals or families: asylum, screening, detention, aid. It knows no person.",
        "Judging groups, such as who is taken for a member of an armed group.",
        "Propaganda: a forecast as proof of guilt, success or threat, or one storyline without the others.",
        "Automatic release of money or action without a person who reads the assumptions.",
        "Being passed on as fact, without the bands, the issue date and the assumptions.",
    )

    # --- needs and triggers on a terminal ---------------------------------------------------------
    ask_head = "What people need: {title}"
    ask_lead = "Issued {issue}; standards {standards}; households of {size:g}; {members} futures."
    ask_on = "On {date}: the middle of the futures; below it the range of nine of ten."
    ask_at = "{place} on {date}"
    ask_site = "Site"
    ask_people = "people"
    ask_need = "Need"
    ask_unit = "unit"
    ask_middle = "middle"
    ask_half = "half"
    ask_wide = "9 of 10"
    ask_more = "and {n} more; --out writes all"
    ask_few = "few"
    ask_few_note = "few: for fewer than ten people."
    everywhere = "All of these"
    carry_head = "To carry there:"
    carry_head_all = "To carry, for all of these:"
    carry_daily = "by {vehicle}, every day: {tonnes} tonnes, loads: {loads}"
    carry_once = "by {vehicle}, to equip everybody once: {tonnes} tonnes, loads: {loads}"
    room_head = "Where room runs short (more people than places):"
    room_line = "{place}: {share}{half}; on {date} {range} too many"
    room_line_none = "{place}: {share}{half}"
    room_half = ", in half of the futures by {date}"
    room_none = "No site has more people than places in more than 1 of 20 futures."
    room_unknown = "No capacity is known, so that it cannot be said where room runs short."
    room_note = (
        "Who finds a site full goes elsewhere, so the lack shows at other places: in no site and with no "
        "host on {date}: {range}."
    )
    stock_head = "Against the stocks:"
    stock_line = "{place}, {title}: short {share}{half}; on {date} {range} {unit}"
    groups_head = "Of these people:"
    group_line = "{group}: {people}"
    trigger_by = "fired by"
    trigger_half = "In half of the futures by {date}, {days} after the issue date"
    trigger_half_now = "In half of the futures on the issue date already"
    trigger_half_never = "Not in half of the futures by {date}"
    trigger_likely = "; in 8 of 10 by {date}, {days} after it."
    trigger_likely_now = "; in 8 of 10 on that date too."
    trigger_likely_never = "; not in 8 of 10."
    trigger_days = "{n} days"
    trigger_day = "1 day"
    trigger_counts = (
        "Against {n} counts: would have fired rightly {rightly}, wrongly {wrongly}, not when it should "
        "{missed}, rightly not {quiet}."
    )
    trigger_no_counts = "Right or wrong cannot be told: {why}."
    trigger_note = (
        "A rule would have fired for the day of a count if its chance was half or more. Counts of "
        "neighbouring days say much the same: they are worth fewer than they are."
    )
    trigger_site = "{place}: {share}{half}"

    # --- the moving map ---------------------------------------------------------------------------
    live_what_if = "What if"
    live_as_is = "As it is"
    live_storyline = "Storyline"
    live_all_storylines = "All futures"
    live_day = "Day"
    live_back = "One day back"
    live_on = "One day on"
    live_play = "Play"
    live_pause = "Pause"
    live_place = "Place"
    live_no_place = "choose here or on the map"
    live_displaced = "Newly displaced: {range}, middle {middle}."
    live_trapped = "Trapped: {range}, middle {middle}."
    live_most = "Most people at {places}."
    live_beyond = "Beyond the map: {places}."
    live_person_list = "{place} ({people})"
    live_people = "People: {range}, middle {middle}"
    live_place_trapped = "Trapped here: {range}, middle {middle}"
    live_room = "Room for {room}"
    live_half_full = "Full in half of the futures by {date}"
    live_not_half_full = "Not full in half of the futures"
    live_few = "<10"
    live_claims = "Rests on {n} claims"
    live_one_claim = "Rests on one claim"
    live_no_claims = "No claim is named for it"
    live_note = "Ranges hold half of the futures. Left and right keys move the day."
    live_stepped = "Of a forecast of this size, not every day is shown here."

    # --- triggers in the report -------------------------------------------------------------------
    rules_head = "When rules raise the alarm"
    rules_lead = (
        "The rules of the scenario, and in how many futures each has fired by a date. The last columns give "
        "the date by which it has fired in half and in 8 of 10 of the futures, and the days until then."
    )
    rules_rule = "Rule"
    rules_by = "by {date}"
    rules_half = "In half by"
    rules_likely = "In 8 of 10 by"

    # --- needs in the report ----------------------------------------------------------------------
    needs_title = "What people will need"
    needs_lead = (
        "For the people expected on {date}: the middle of the futures, and below it the range that holds "
        "nine of ten. By the standards {standards}, households of {size:g}."
    )
    needs_sums = "All sites together, by date"
    needs_date = "Date"
    needs_people = "People"
    needs_room = "Beyond capacity"
    needs_all = "All sites"
    needs_few = "few"
    needs_more = "Other sites are in the sums; the workbook has them all."
    needs_none = "The scenario has no sites, so there is nowhere to tell needs for."
    needs_columns = (
        ("water_full", "Water", "m³ a day", 0.001),
        ("food_ration", "Food", "tonnes a day", 0.001),
        ("family_plots", "Family plots", "", 1.0),
        ("latrines", "Latrines", "", 1.0),
        ("blankets", "Blankets", "", 1.0),
    )

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

    def amount(self, value: float) -> str:
        """Return an amount with two digits in at most five characters: 0.56, 1.9, 51, 2.9k, 1.2m.

        >>> [Texts().amount(value) for value in (0, 0.556, 1.94, 51.4, 2870, 999_999)]
        ['0', '0.56', '1.9', '51', '2.9k', '1m']
        """
        if value <= 0:
            return "0"
        digits = 1 - math.floor(math.log10(value))
        short = round(value, digits)
        for size, sign in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
            if short >= size:
                return f"{short / size:.1f}".removesuffix(".0") + sign
        return f"{short:.{max(0, digits)}f}".rstrip("0").rstrip(".") if digits > 0 else f"{short:.0f}"

    def amounts(self, low: float, high: float) -> str:
        """Return a range of amounts in as few characters as can be: 13-42k, 0.9-2.1."""
        first, last = self.amount(low), self.amount(high)
        if first == last:
            return first
        if first[-1] == last[-1] and last[-1] in "km":
            first = first[:-1]
        return f"{first}–{last}"

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
