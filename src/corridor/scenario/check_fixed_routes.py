"""Checks of the fixed routes of the law flee: chains of places along roads, and rules that go together.

Takes the rules with their spots, and the places and routes.
"""

from __future__ import annotations

from itertools import pairwise

from corridor.scenario.check_places import place_names
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import FleeRules, Place, Route
from corridor.scenario.records import Rows
from corridor.scenario.settings import Settings

#: Up to this `pruning` no way is left out.
NO_PRUNING = 1.001


def check_fixed_routes(
    settings: Settings, flee: FleeRules, places: Rows[Place], routes: Rows[Route], findings: Findings
) -> None:
    """Check the rules about fixed routes, and each chain of ``major_routes``."""
    spots = settings.tree.key_spot
    if not flee.fixed_routes:
        for rule in ("fixed_routes_as_run", "major_routes"):
            if getattr(flee, rule):
                message = f"{rule} has no effect without fixed_routes"
                spot = spots(("rules", "flee", rule))
                findings.fault("law-unfit", spot, message, "set fixed_routes: true, or delete it")
    elif isinstance(flee.pruning, str) or flee.pruning > NO_PRUNING:
        message = "pruning has no effect: fixed routes are not pruned"
        findings.fault("law-unfit", spots(("rules", "flee", "pruning")), message, "delete it")
    known, ways = place_names(places), routes.known("from", "to")
    for at, chain in enumerate(flee.major_routes):
        path = ("rules", "flee", "major_routes", at)
        _check_chain(chain, settings.tree.spot(path), known, ways, findings)


def _check_chain(
    chain: tuple[str, ...],
    spot: Spot,
    known: frozenset[str] | None,
    ways: frozenset[tuple[str, ...]] | None,
    findings: Findings,
) -> None:
    if len(chain) < 2 or len(set(chain)) < len(chain):
        message = f"the chain {', '.join(chain)} must name two places at least, and each once"
        findings.fault("major-route", spot, message)
        return
    strange = [name for name in chain if known is not None and name not in known]
    for name in strange:
        hint = findings.nearest(name, known or ()) or "every place has a row in places.csv"
        findings.fault("place-unknown", spot, f"major_routes has '{name}', which is no place", hint)
    if strange or ways is None:
        return
    for start, end in pairwise(chain):
        if (start, end) not in ways and (end, start) not in ways:
            message = f"there is no route between '{start}' and '{end}', which a major route needs"
            findings.fault("route-unknown", spot, message, "routes.csv holds all routes")
