"""One run of Flee itself through its public API, in Flee's own environment: no part of Corridor is imported.

    python flee_driver.py INPUT_CSV SOURCE_DATA SETTINGS.yml [SEED]

Written for the release on PyPI (3.1), which names the file of conflicts in its settings, knows no
``capacity_scaling``, and does not take who is there on day 0 from the capacity: here it does as the commit
behind the reference output. Prints one line of JSON: processor seconds of reading, of the
days, and in all; people created; peak memory. With a seed, for both of Flee's generators, also the sites and
who stands there at the end of each day.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import time
from typing import Any


def main(input_csv: str, source_data: str, settings: str, seed: int | None = None) -> dict[str, Any]:
    """Run an instance and return what it cost."""
    import numpy as np
    import yaml  # type: ignore[import-untyped, unused-ignore]
    from flee import InputGeography, flee, spawning  # type: ignore[import-not-found]
    from flee.datamanager import handle_refugee_data, read_period  # type: ignore[import-not-found]
    from flee.SimulationSettings import SimulationSettings  # type: ignore[import-not-found]

    if seed is not None:
        random.seed(seed)
        np.random.seed(seed)
    started = time.process_time()
    start_date, n_days = read_period.read_conflict_period(os.path.join(input_csv, "sim_period.csv"))
    SimulationSettings.ReadFromYML(settings)
    SimulationSettings.ConflictInputFile = os.path.join(input_csv, "conflicts.csv")
    world, geography = flee.Ecosystem(), InputGeography.InputGeography()
    geography.ReadConflictInputCSV(os.path.join(input_csv, "conflicts.csv"))
    geography.ReadLocationsFromCSV(os.path.join(input_csv, "locations.csv"))
    geography.ReadLinksFromCSV(os.path.join(input_csv, "routes.csv"))
    geography.ReadClosuresFromCSV(os.path.join(input_csv, "closures.csv"))
    world, places = geography.StoreInputGeographyInEcosystem(e=world)
    counts: Any = handle_refugee_data.RefugeeTable(
        csvformat="generic",
        data_directory=source_data,
        start_date=start_date,
        data_layout="data_layout.csv",
        population_scaledown_factor=SimulationSettings.optimisations["PopulationScaleDownFactor"],
    )
    counts.ReadL1Corrections(os.path.join(input_csv, "registration_corrections.csv"))
    sites = world.get_camp_names()
    for name in sites:
        spawning.add_initial_refugees(world, counts, places[name])
    with open(settings, encoding="utf-8") as file:
        scaling = (yaml.safe_load(file).get("move_rules") or {}).get("capacity_scaling", 1.0)
    for place in world.locations:
        if place.capacity > 0 and place.name in sites:
            place.capacity -= int(counts.get_field(place.name, 0, FullInterpolation=True))
        place.capacity *= scaling
    read, standing = time.process_time(), []
    for day in range(n_days):
        geography.AddNewConflictZones(e=world, time=day)
        spawning.spawn_daily_displaced(world, day, counts, SumFromCamps=True)
        spawning.refresh_spawn_weights(world)
        world.enact_border_closures(time=day)
        world.evolve()
        standing.append([places[name].numAgents for name in sites])
    ended = time.process_time()
    told = {"sites": sites, "standing": standing} if seed is not None else {}
    return {
        **told,
        "read_seconds": read - started,
        "days_seconds": ended - read,
        "process_seconds": ended,
        "people": world.numAgents(),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        * (1 if sys.platform == "darwin" else 1024),
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:4], *map(int, sys.argv[4:5]))))
