"""Who is told apart in a scenario under the law flee: its groups, and with months of harvest their homes.

In harvest people are counted at home, and those who farm stop: so the engine has a group for each group of
the scenario, home, and whether they farm, in the order of `corridor.formats.flee.groups`, as the random
numbers depend on it. Results are kept by the groups of the scenario.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridor.scenario.model import Place, Scenario

_Key = tuple[int, int, bool]  # group of the scenario, home, farms


@dataclass(frozen=True)
class ToldApart:
    """The groups of the engine."""

    weight: NDArray[np.float64]  # [places, groups]
    group: NDArray[np.int64]  # [groups] row in the scenario
    home: NDArray[np.int64]  # [groups] place; empty where it does not matter
    farms: NDArray[np.bool_]  # [groups]
    of_listed: dict[tuple[str, str], int]  # (place, group of the scenario) -> group


def told_apart(scenario: Scenario, places: Sequence[Place], shares: NDArray[np.float64]) -> ToldApart:
    """Return who is told apart; ``shares`` are those of the scenario's groups, [places, groups]."""
    rules = scenario.rules.flee
    assert rules is not None
    rows = {group.name: row for row, group in enumerate(scenario.groups)}
    listed = [(row.place, row.group) for row in scenario.groups_at_places if row.people is not None]
    if not rules.harvest_months:
        groups = np.arange(len(scenario.groups))
        none = np.zeros(0, np.int64)
        return ToldApart(shares, groups, none, none.astype(np.bool_), {key: rows[key[1]] for key in listed})
    farmers = [1.0 if rules.harvest_stops_all else place.farmer_share or 0.0 for place in places]
    index = {place.name: row for row, place in enumerate(places)}
    of_listed = {key: (rows[key[1]], index[key[0]], farmers[index[key[0]]] > 0.0) for key in listed}
    share_of: dict[_Key, float] = {}
    for group in rows.values():
        if shares[:, group].any() or group not in {key[0] for key in of_listed.values()}:
            share_of.update(_by_home(group, farmers))
    for key in of_listed.values():
        share_of.setdefault(key, 0.0)
    column = {key: number for number, key in enumerate(share_of)}
    weight = np.zeros((len(places), len(column)))
    for (group, home, farms), number in column.items():
        weight[home, number] = shares[home, group] * share_of[group, home, farms]
    keys = list(column)
    return ToldApart(
        weight,
        np.array([group for group, _, _ in keys], np.int64),
        np.array([home for _, home, _ in keys], np.int64),
        np.array([farms for _, _, farms in keys], np.bool_),
        {name: column[key] for name, key in of_listed.items()},
    )


def _by_home(group: int, farmers: Sequence[float]) -> Iterator[tuple[_Key, float]]:
    """Yield each home of a group with the share of those who farm, and with that of the others."""
    for home, share in enumerate(farmers):
        for farms, part in ((True, share), (False, 1.0 - share)):
            if part > 0.0:
                yield (group, home, farms), part
