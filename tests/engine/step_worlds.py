"""Small Flee instances drawn at random, with all settings that both the engine and the twin know."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from step_families import add_families
from step_twin import simulate

from corridor.engine.step_arrays import StepSizes
from corridor.engine.stepwise import simulate_steps
from corridor.ensemble.flee import BLOCK_PLACES, step_setup
from corridor.formats.flee import FleeInstance, data_table, read_flee_instance

#: Tables for a few dozen people.
SMALL = StepSizes(cohorts=256, plans=256, ways=512)


def random_instance(
    folder: Path,
    seed: int,
    *,
    is_tight: bool,
    is_busy: bool = False,
    days: int = 8,
    with_families: bool = False,
) -> FleeInstance:
    """Write an instance to a folder and read it; in a tight one the camps fill within the days.

    In a busy one people also leave camps in numbers, some towns have a capacity, and some roads are short.
    With the optional rules it is one instance in two of Flee as it runs, the others as meant.
    """
    rng = random.Random(seed)
    names, kinds = _places(rng)
    camps = [name for name, kind in zip(names, kinds, strict=True) if "camp" in kind]
    files = {
        "input_csv/locations.csv": _locations(rng, names, kinds, is_tight),
        "input_csv/routes.csv": _routes(rng, names),
        "input_csv/closures.csv": _closures(rng, names, kinds, days),
        "input_csv/conflicts.csv": _conflicts(rng, names, kinds, days),
        "input_csv/sim_period.csv": f"StartDate,2020-01-01\nLength,{days}\n",
        "input_csv/demographics_age.csv": "age,Default,Zone0\n10,2,1\n16,1,1\n40,3,1\n70,1,2\n",
        "input_csv/demographics_gender.csv": "gender,Default\nfemale,1\nmale,1\n",
        "settings.yml": _settings(rng),
        **_series(rng, camps, days),
    }
    if is_busy:
        _make_busy(files, random.Random(seed + 10_000), kinds, days)
    if with_families:
        add_families(files, seed, names, kinds, days)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    law = "as-meant" if with_families and seed % 2 else "as-run"
    return read_flee_instance(folder / "input_csv", folder / "source_data", folder / "settings.yml", law=law)


def _places(rng: random.Random) -> tuple[list[str], list[str]]:
    kinds = (
        ["conflict_zone"] * rng.randint(1, 2) + ["town"] * rng.randint(1, 3) + ["camp"] * rng.randint(1, 2)
    )
    kinds += rng.sample(["idpcamp", "marker", "forwarding_hub"], rng.randint(0, 2))
    short = {"conflict_zone": "Zone", "town": "Town", "camp": "Camp", "idpcamp": "Tents", "marker": "Marker"}
    return [f"{short.get(kind, 'Hub')}{row}" for row, kind in enumerate(kinds)], kinds


def _locations(rng: random.Random, names: list[str], kinds: list[str], is_tight: bool) -> str:
    rows = ["#name,region,country,lat,lon,type,date,pop,trade_volume,hdi,capacity_per_day"]
    for name, kind in zip(names, kinds, strict=True):
        country = "Home" if kind in ("conflict_zone", "idpcamp") or rng.random() < 0.5 else "Abroad"
        number = rng.randint(100, 900)
        added = 0
        if "camp" in kind:
            number = rng.randint(25, 60) if is_tight else 100_000
            added = rng.choice([0, 0, 3])
        date = "0" if kind == "conflict_zone" else ""
        lat, lon = rng.uniform(0, 6), rng.uniform(0, 6)
        cells = [name, "R", country, f"{lat:.3f}", f"{lon:.3f}", kind, date, number]
        rows.append(",".join(map(str, [*cells, f"{rng.uniform(0, 2):.2f}", f"{rng.random():.2f}", added])))
    return "\n".join(rows) + "\n"


def _routes(rng: random.Random, names: list[str]) -> str:
    pairs = {(rng.randrange(row), row) for row in range(1, len(names))}
    while len(pairs) < min(len(names) + 1, len(names) * (len(names) - 1) // 2):
        pairs.add(tuple(sorted(rng.sample(range(len(names)), 2))))  # type: ignore[arg-type]
    rows = ["#name1,name2,distance,redirection,max_move_speed,walk_probability"]
    own = rng.random() < 0.3
    for a, b in sorted(pairs):
        km = rng.choice([100.0, rng.uniform(10, 60), rng.uniform(60, 130), rng.uniform(130, 260)])
        speed = rng.choice([60, 100, 140]) if own else 100
        walking = rng.choice([0, 0.3, 1]) if own else 0
        rows.append(f"{names[a]},{names[b]},{km:.3f},{rng.choice([0, 0, 0, 1, 2])},{speed},{walking}")
    return "\n".join(rows) + "\n"


def _closures(rng: random.Random, names: list[str], kinds: list[str], days: int) -> str:
    rows = ["#type,name1,name2,start,end"]
    towns = [name for name, kind in zip(names, kinds, strict=True) if kind != "conflict_zone"]
    for _ in range(rng.randint(0, 2)):
        start = rng.randint(1, days - 3)
        end = rng.choice([-1, start + rng.randint(1, 3)])
        rows.append(f"location,{rng.choice(towns)},,{start},{end}")
    camp = kinds.index("camp")
    if rng.random() < 0.3:
        rows.append(f"camp,{names[camp]},,2,{rng.choice([-1, 5])}")
    return "\n".join(rows) + "\n"


def _conflicts(rng: random.Random, names: list[str], kinds: list[str], days: int) -> str:
    rows = [",".join(["#Day", *names])]
    towns = [name for name, kind in zip(names, kinds, strict=True) if kind == "town"]
    other, start, end = rng.choice(towns), rng.randint(0, 3), rng.randint(4, days)
    value = rng.choice([0.4, 1, 2])
    typed = rng.choice([0, 1])
    for day in range(days):
        values = [typed if name == "Zone0" else 0 for name in names]
        values[names.index(other)] = value if start <= day < end else 0
        rows.append(",".join(map(str, [day, *values])))
    return "\n".join(rows) + "\n"


def _series(rng: random.Random, camps: list[str], days: int) -> dict[str, str]:
    texts, total = {}, [0, 0, 0]
    for camp in camps:
        counts = [rng.randint(0, 8), rng.randint(5, 30), rng.randint(5, 60)]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        texts[f"source_data/{camp}.csv"] = _dated(counts, days)
    layout = ["total,refugees.csv", *(f"{camp},{camp}.csv" for camp in camps)]
    return {
        **texts,
        "source_data/refugees.csv": _dated(total, days),
        "source_data/data_layout.csv": "\n".join(layout) + "\n",
    }


def _dated(counts: list[int], days: int) -> str:
    dates = ("2020-01-01", f"2020-01-0{1 + days // 2}", "2020-01-10")
    return "".join(f"{date},{count}\n" for date, count in zip(dates, counts, strict=True))


def _settings(rng: random.Random) -> str:
    age_rules = rng.random() < 0.4
    children = age_rules and rng.random() < 0.7
    move: dict[str, Any] = {
        "max_move_speed": 100,
        "max_walk_speed": rng.choice([20, 35, 100]),
        "start_on_foot": rng.random() < 0.5,
        "avoid_short_stints": rng.random() < 0.5,
        "awareness_level": rng.choice([1, 1, 2, 3]),
        "default_movechance": rng.choice([0.3, 0.7, 1]),
        "camp_movechance": rng.choice([0.001, 0.1]),
        "conflict_movechance": rng.choice([0.8, 1]),
        "foreign_weight": rng.choice([1, 2]),
        "camp_weight": rng.choice([1, 2]),
        "conflict_weight": rng.choice([0.1, 0.5]),
        "softening": rng.choice([1, 36]),
        "weight_softening": rng.choice([0, 0, 0.3]),
        "weight_power": rng.choice([1, 1, 1.5]),
        "distance_power": rng.choice([0.75, 1]),
        "pruning_threshold": rng.choice([1, 1, 1.5, 4]),
        "capacity_scaling": rng.choice([1, 1.25]),
        "capacity_buffer": rng.choice([0.5, 0.9]),
        "stay_close_to_home": rng.random() < 0.3,
        "use_pop_for_loc_weight": rng.random() < 0.3,
        "pop_power_for_loc_weight": 0.2,
        "use_economic_pull": rng.random() < 0.3,
        "movechance_pop_base": 500,
        "movechance_pop_scale_factor": rng.choice([0, 0, 0.3]),
        "ChildrenAvoidHazards": children,
        "BoysTakeRisk": children and rng.random() < 0.5,
        "ElderlyAvoidHazards": age_rules,
        "WomenAvoidHazards": age_rules and rng.random() < 0.5,
    }
    insert = rng.random() < 0.8
    spawn: dict[str, Any] = {
        "insert_day0": insert,
        "sum_from_camps": insert and rng.random() < 0.8,
        "empty_camps_on_day0": rng.random() < 0.2,
        "take_from_population": rng.random() < 0.3,
        "conflict_spawn_decay": rng.choice(["[1.0]", "[1.0, 0.5, 0.1]"]),
        "conflict_spawn_decay_interval": rng.choice([2, 3]),
    }
    if rng.random() < 0.2:
        mode, people = rng.choice([("constant", 5), ("pop_ratio", 0.02), ("poisson", 4)])
        spawn["conflict_driven_spawning"] = f"{{spawn_mode: {mode}, displaced_per_conflict_day: {people}}}"
    lines = ["spawn_rules:", *_lines(spawn), "move_rules:", *_lines(move)]
    return "\n".join(lines) + "\n"


def _make_busy(files: dict[str, str], rng: random.Random, kinds: list[str], days: int) -> None:
    """Let people leave camps and full towns in numbers, on roads of which some are short or close a day."""
    header, *rows = files["input_csv/locations.csv"].splitlines()
    for row, kind in enumerate(kinds):
        if kind in ("town", "conflict_zone") and rng.random() < 0.5:
            rows[row] = rows[row].rpartition(",")[0] + f",{rng.choice([2, 5, 20])}"
    files["input_csv/locations.csv"] = "\n".join([header, *rows]) + "\n"
    header, *rows = files["input_csv/routes.csv"].splitlines()
    for row, text in enumerate(rows):
        if rng.random() < 0.4:
            cells = text.split(",")
            rows[row] = ",".join([*cells[:2], str(rng.choice([5, 20, 50])), *cells[3:]])
    files["input_csv/routes.csv"] = "\n".join([header, *rows]) + "\n"
    pairs = ["Home,Home"]
    if "Abroad" in files["input_csv/locations.csv"]:
        pairs += ["Home,Abroad", "Abroad,Home"]
    day, pair = rng.randrange(1, days), rng.choice(pairs)
    files["input_csv/closures.csv"] += f"country,{pair},{day},{rng.choice([day, day + 1])}\n"
    text = files["settings.yml"].replace(
        "camp_movechance: 0.001", f"camp_movechance: {rng.choice([0.2, 0.5])}"
    )
    text += f"  idpcamp_movechance: {rng.choice([0.1, 0.4])}\n"
    if rng.random() < 0.4 and "conflict_driven" not in text:
        driven = f"{{spawn_mode: {rng.choice(['constant', 'poisson'])}, displaced_per_conflict_day: 12}}"
        text = text.replace("spawn_rules:\n", f"spawn_rules:\n  conflict_driven_spawning: {driven}\n")
    files["settings.yml"] = text


def _lines(values: dict[str, Any]) -> list[str]:
    return [
        f"  {key}: {str(value).lower() if isinstance(value, bool) else value}"
        for key, value in values.items()
    ]


def engine_futures(
    instance: FleeInstance, futures: int, seed: int, *, block_places: int = BLOCK_PLACES
) -> NDArray[np.int64]:
    """Return the numbers of many futures of the engine, [futures, numbers]."""
    setup, leg_row = step_setup(instance, data_table(instance))
    setup = setup._replace(block_places=block_places)
    rows = []
    for member in range(futures):
        kept = simulate_steps(setup, n_days=instance.n_days, seed=seed, member=member, sizes=SMALL)
        rows.append(np.concatenate([kept.standing.ravel(), kept.flows[:, leg_row].ravel(), kept.created]))
    return np.array(rows)


def twin_futures(instance: FleeInstance, futures: int, seed: int) -> NDArray[np.int64]:
    """Return the numbers of many futures of the twin, [futures, numbers]."""
    table = data_table(instance)
    rows = []
    for member in range(futures):
        kept = simulate(instance, table, seed * 1_000_003 + member)
        rows.append(np.concatenate([kept.standing.ravel(), kept.entered.ravel(), kept.created]))
    return np.array(rows)
