"""Checks of the rules in plain words that scenario.yaml has under `triggers`."""

from __future__ import annotations

from corridor.problems import InputError
from corridor.scenario.check_places import place_names
from corridor.scenario.findings import Findings
from corridor.scenario.model import Place
from corridor.scenario.records import Rows
from corridor.scenario.settings import Settings
from corridor.scenario.triggers import read_rule


def check_triggers(settings: Settings, places: Rows[Place], findings: Findings) -> None:
    """Check that every rule can be understood and is about a place there is; silent where places are not."""
    if settings.heading is None or place_names(places) is None or len(places.good) < len(places.all):
        return
    for at, rule in enumerate(settings.heading.triggers):
        try:
            read_rule(rule, places.records)
        except InputError as error:
            spot = settings.tree.spot(("triggers", at))
            for problem in error.problems:
                findings.fault(problem.code, spot, problem.message, problem.hint)
