"""The English words of evidence and sensitivity studies, a part of `corridor.report.texts.Texts`."""

from __future__ import annotations


class EvidenceTexts:
    """English."""

    # --- what the forecast rests on ---------------------------------------------------------------
    rests_spoken = "What reports speak of"
    rests_key = (
        "Each bar is what one source said, a dot a single figure, an arrow an open end; after the source "
        "stand its grade (reliability A–F, credibility 1–6) and its weight in the pool. The shape behind the "
        "bars is what the forecast believes; a dashed one is the pool where a person took something else."
    )
    rests_pooled = "Pooled from {n} claims."
    rests_pooled_one = "Taken from one claim."
    rests_override = "A person's judgement instead of the pool:"
    rests_number = "Taken as one number:"
    rests_judged = "No figure is pooled:"
    rests_parts = "A claim about a whole; of its parts the forecast has {parts}."
    rests_worth = "Knowing it would narrow “{outcome}” by {share} % ({interval} %)."
    rests_bearing = "Bears on it: {source} ({grade}), {kind}: {figure}."
    rests_forecast_has = "The forecast: 90 %"
    rests_pool_is = "Together: 90 %"
    rests_no_weight = "not pooled"
    rests_judged_head = "What rests on a stated reason, not on a figure anybody gave"
    rests_expected_head = "What others expected"
    rests_expected_note = (
        "These are no inputs: they stand beside the forecast, to be scored like any forecast."
    )
    prior_steps = "{low} to {high} in nine of ten, pooled from claims"
    prior_product = "the product {factors}"

    # --- what matters most ------------------------------------------------------------------------
    worth_head = "What matters most"
    worth_issued = "{title}; issued {issue}"
    worth_chart_title = "By how much knowing one quantity narrows the 90 % band"
    worth_outcome = "What matters most for: {outcome}"
    worth_band = "The 90 % band of the forecast is {band}, middle estimate {middle}."
    worth_best = (
        "If you can settle one thing, settle {title} (now {now}): it would narrow the 90 % band from {band} "
        "to about {narrower} on average, by {share} % (interval {interval} %)."
    )
    worth_disputed = "Of the quantities for which reports give figures, these tell most: {lines}."
    worth_disputed_one = "Of the quantities for which reports give figures, this one tells most: {lines}."
    worth_disputed_line = (
        "{title} (now {now}), with {total} % of the variance in all, which alone would narrow the band by "
        "{share} % ({interval} %)"
    )
    worth_none = "No single quantity, if it were known, would narrow the band beyond doubt."
    worth_storyline = (
        "To know which storyline comes true would narrow it to about {narrower}, by {share} % "
        "({interval} %); that cannot be looked up today."
    )
    worth_storyline_weak = (
        "To know which storyline comes true would hardly narrow it ({interval} %); that cannot be looked up "
        "today."
    )
    worth_chance = (
        "Chance alone, with every quantity and the storyline known, makes up {share} % of the variance."
    )
    worth_constant = "All futures agree on {value}: there is nothing to settle."
    worth_never = "In {share} % of the futures it does not happen by {date}; these count as the day after."
    worth_range = "{low}–{high}"
    worth_later = "after {date}"
    worth_later_short = "later"
    worth_design = (
        "{futures} simulated futures: {plain} as a forecast's members, sorted into {classes} classes by each "
        "quantity; the rest in Saltelli's design on {base} rows. Seed {seed}, Corridor {version}."
    )
    worth_quantity = "Quantity"
    worth_claims = "Claims"
    worth_share = "Narrows the band by"
    worth_then = "Band then"
    worth_first = "Alone"
    worth_total = "In all"
    worth_variance = "Share of the variance"
    worth_notes = (
        "“Narrows the band by” is what knowing the quantity would take off the width of the 90 % band on "
        "average, with a 90 % interval. “Alone” and “in all” are the Sobol indices of first and total order: "
        "the share of the variance that goes with the quantity by itself, and with everything it acts "
        "together with; ± half of a 90 % interval. Quantities without them were not studied one by one."
    )
    worth_chart_desc = "{title}: narrows the band by {share} % ({interval} %), to {narrower}."
