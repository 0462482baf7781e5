"""What of Flee's law is not there yet, told for one instance: refused rather than passed over.

`check_supported` returns a problem (`flee-not-supported`) for every rule that is switched on and that the
engine does not have, and a warning for every log that Flee would write and Corridor does not. docs/flee.md
has the same list.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corridor.engine.step_cohorts import MOST_GROUPS
from corridor.formats.flee import FleeInstance
from corridor.formats.flee.groups import FARMERS, farmer_share, n_groups
from corridor.formats.flee.matching import attributes_matched
from corridor.formats.flee.setting_lines import problem_of_setting, settings_lines
from corridor.problems import Problem

CODE = "flee-not-supported"
#: Kilometres a day beyond which a day's journey does not fit the engine's order of arrivals.
FASTEST_KM_PER_DAY = 2000.0


def check_supported(instance: FleeInstance) -> list[Problem]:
    """Return a problem for each rule that is needed and not there, and warnings for logs not written."""
    text = settings_lines(instance)
    told = (*_speeds(instance), *_groups(instance), *_farmers(instance))
    found = [problem_of_setting(CODE, instance, text, *words) for words in told]
    found += [*_routes(instance), *_logs(instance, text)]
    return found


def _speeds(instance: FleeInstance) -> Iterator[tuple[str, str]]:
    """Yield (setting, what is wrong) for speeds that Flee accepts and the engine does not."""
    for key in ("max_move_speed", "max_walk_speed"):
        speed = getattr(instance.settings.move, key)
        if speed > FASTEST_KM_PER_DAY:
            yield key, f"{key} is '{speed:g}' km/day; the engine goes up to {FASTEST_KM_PER_DAY:g}"


def _groups(instance: FleeInstance) -> Iterator[tuple[str, str]]:
    """Yield (setting, what is wrong) where there are more groups of people than the engine can name."""
    matched = attributes_matched(instance.settings.move)
    has_homes = bool(instance.settings.move.harvest_months)
    if not (matched or has_homes) or n_groups(instance) <= MOST_GROUPS:
        return
    if has_homes:
        message = "harvest_months: with so many places and groups the homes cannot be told apart"
        yield "harvest_months", f"{message} (at most {MOST_GROUPS} together)"
    else:
        message = f"with so many kinds of {' and '.join(matched)} people cannot be told apart"
        yield "move_rules", f"{message} (at most {MOST_GROUPS} groups)"


def _farmers(instance: FleeInstance) -> Iterator[tuple[str, str]]:
    """Yield (setting, what is wrong) where it is not known who of the people of agents.csv farms."""
    if not instance.settings.move.harvest_months or instance.law == "as-run":
        return
    homes = {instance.places[person.place].name for person in instance.people}
    shared = [place for place in instance.places if place.name in homes and 0 < farmer_share(place) < 1]
    if shared:
        message = f"who of the people of agents.csv at '{shared[0].name}' is a farmer is not known"
        yield "harvest_months", f"{message}; as meant, {FARMERS} must be 0 or 1 there"


def _routes(instance: FleeInstance) -> Iterator[Problem]:
    """Roads that are too fast."""
    file = str(Path(instance.input_csv) / "routes.csv")
    for route in instance.routes[::2]:
        if (route.max_move_speed or 0.0) > FASTEST_KM_PER_DAY:
            speed = f"max_move_speed is '{route.max_move_speed:g}' km/day"
            message = f"{speed}; the engine goes up to {FASTEST_KM_PER_DAY:g}"
            yield Problem(CODE, file, route.line, 0, message)


def _logs(instance: FleeInstance, text: list[str]) -> Iterator[Problem]:
    log = instance.settings.log
    for key, level, file in (("agent", log.agent, "agents.out.0"), ("link", log.link, "links.out.0")):
        if level > 0:
            yield problem_of_setting(
                CODE, instance, text, key, f"the log '{file}' is not written", warning=True
            )
