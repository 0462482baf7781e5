"""Flee's optional rules, drawn at random into the files of a random small instance."""

from __future__ import annotations

import random

#: The dates of the series, moved so that the third day is the last of January.
_MOVED = {"2020-01-01": "2020-01-29", "2020-01-05": "2020-02-02", "2020-01-10": "2020-02-07"}


def add_families(files: dict[str, str], seed: int, names: list[str], kinds: list[str], days: int) -> None:
    """Switch on some of the optional rules, with the files they need."""
    rng = random.Random(f"families {seed}")
    spawn: dict[str, object] = {}
    move: dict[str, object] = {}
    _add_columns(rng, files, names)
    if rng.random() < 0.5:
        _add_food(rng, files, spawn, move, days)
    if rng.random() < 0.45:
        _add_floods(rng, files, spawn, move, names, kinds, days)
    if rng.random() < 0.4:
        _add_fixed_routes(rng, files, move)
    if rng.random() < 0.35:
        _add_harvest(rng, files, move)
    if rng.random() < 0.4:
        spawn[rng.choice(["camps_are_sicks", "camps_are_sinks"])] = "true"
    if rng.random() < 0.4:
        _add_people(rng, files, spawn, names)
    if rng.random() < 0.2:
        move["weight_power"] = -0.5
    if rng.random() < 0.2:
        move["movechance_pop_scale_factor"] = -0.3
    if rng.random() < 0.5:
        _remove_a_redirection(rng, files, days)
    if rng.random() < 0.5:
        _add_matching(rng, files, move)
    files["settings.yml"] = _with_rules(files["settings.yml"], spawn, move)


def _with_rules(text: str, spawn: dict[str, object], move: dict[str, object]) -> str:
    kept = [line for line in text.splitlines() if line.split(":")[0].strip() not in {*spawn, *move}]
    lines = []
    for line in kept:
        lines.append(line)
        added = {"spawn_rules:": spawn, "move_rules:": move}.get(line, {})
        lines += [f"  {key}: {value}" for key, value in added.items() if value is not None]
    return "\n".join(lines) + "\n"


def _add_columns(rng: random.Random, files: dict[str, str], names: list[str]) -> None:
    """Give half the places another region, and all of them farmers and a chance to stay for good."""
    header, *rows = files["input_csv/locations.csv"].splitlines()
    changed = []
    for row in rows:
        cells = row.split(",")
        cells[1] = rng.choice(["R", "S"])
        changed.append(",".join([*cells, rng.choice(["0.2", "0.5", ""]), rng.choice(["0.3", "1", ""])]))
    header = f"{header},deactivation_probability,farmer_fraction"
    files["input_csv/locations.csv"] = "\n".join([header, *changed]) + "\n"


def _add_food(
    rng: random.Random,
    files: dict[str, str],
    spawn: dict[str, object],
    move: dict[str, object],
    days: int,
) -> None:
    rows = [(0, 10, 60), (3, 90, 20), (days + 1, 30, 50)]
    table = "".join(f"{day},{r},{s}\n" for day, r, s in rows)
    files["input_csv/region_attributes_IPC.csv"] = "#Day,R,S\n" + table
    spawn["starvation_driven_spawning"] = str(rng.random() < 0.6).lower()
    spawn["conflict_zone_spawning_only"] = str(rng.random() < 0.5).lower()
    move["flee_when_starving"] = str(rng.random() < 0.6).lower()
    move["avoid_food_deprived_locations"] = str(rng.random() < 0.6).lower()


def _add_floods(
    rng: random.Random,
    files: dict[str, str],
    spawn: dict[str, object],
    move: dict[str, object],
    names: list[str],
    kinds: list[str],
    days: int,
) -> None:
    """Let floods decide who leaves; a town becomes a flood zone."""
    town = names[kinds.index("town")]
    locations = files["input_csv/locations.csv"].splitlines()
    zone = [row.replace(",town,", ",flood_zone,") if row.startswith(f"{town},") else row for row in locations]
    files["input_csv/locations.csv"] = "\n".join(zone) + "\n"
    homes = [name for name, kind in zip(names, kinds, strict=True) if kind in ("conflict_zone", "town")]
    wet = [town, *rng.sample([name for name in homes if name != town], min(2, len(homes) - 1))]
    rows = [
        ",".join([str(day), *(f"{max(0.0, rng.uniform(-1.5, 2.9)):.1f}" for _ in wet)])
        for day in range(days + 5)
    ]
    files["input_csv/flood_level.csv"] = "\n".join([",".join(["#Day", *wet]), *rows]) + "\n"
    layout = files["source_data/data_layout.csv"]
    others = [name for name in names if f"{name}.csv" not in layout]
    files["source_data/data_layout.csv"] = layout + "".join(f"{name},none.csv\n" for name in others)
    files["source_data/none.csv"] = "2020-01-01,0\n2020-01-10,0\n"
    mode, people = rng.choice(
        [
            ("pop_ratio", "[0, 0.02, 0.05, 0.1]"),
            ("constant", "[0, 4, 9.5, 12]"),
            ("poisson", "[0, 3.5, 7, 9]"),
        ]
    )
    spawn["take_from_population"] = "true"
    spawn["conflict_zone_spawning_only"] = "false"
    spawn["flood_zone_spawning_only"] = "true"
    spawn["conflict_driven_spawning"] = None
    spawn["starvation_driven_spawning"] = None
    spawn["flood_driven_spawn_mode"] = f"{{spawn_mode: {mode}, displaced_per_flood_day: {people}}}"
    rules = "flood_movechances: [0, 0.3, 0.8, 1], flood_loc_weights: [1, 0.7, 0.3, 0.1]"
    if rng.random() < 0.6:
        end, scale = rng.choice([4, days + 2]), rng.choice([2, 3])
        weights = ", ".join(f"{rng.uniform(0.5, 2):.2f}" for _ in range(days + 5))
        rules += f", flood_forecaster: true, flood_forecaster_timescale: {scale}"
        rules += f", flood_forecaster_end_time: {end}, flood_forecaster_weights: [{weights}]"
        rules += ", flood_awareness_weights: [0.2, 0.6, 1]"
        files["input_csv/demographics_floodawareness.csv"] = (
            f"floodawareness,Default,{town}\n0,1,2\n1,1,1\n2,2,1\n"
        )
    move["flood_rules"] = f"{{{rules}}}"


def _add_fixed_routes(rng: random.Random, files: dict[str, str], move: dict[str, object]) -> None:
    """Fixed routes, with chains along the roads from one place to the next but one."""
    move["fixed_routes"] = "true"
    roads: dict[str, list[str]] = {}
    for row in files["input_csv/routes.csv"].splitlines()[1:]:
        start, end = row.split(",")[:2]
        roads.setdefault(start, []).append(end)
        roads.setdefault(end, []).append(start)
    chains = []
    for _ in range(rng.randint(0, 3)):
        chain = [rng.choice(sorted(roads))]
        while len(chain) < 4 and (ahead := [end for end in roads[chain[-1]] if end not in chain]):
            chain.append(rng.choice(sorted(ahead)))
        chains.append(",".join(chain))
    files["input_csv/major_routes.csv"] = "".join(f"{chain}\n" for chain in chains)


def _add_harvest(rng: random.Random, files: dict[str, str], move: dict[str, object]) -> None:
    move["harvest_months"] = rng.choice(["[1]", "[2]", "[3]"])
    for name in (*(name for name in files if name.startswith("source_data/")), "input_csv/sim_period.csv"):
        for old, new in _MOVED.items():
            files[name] = files[name].replace(old, new)


def _add_people(
    rng: random.Random, files: dict[str, str], spawn: dict[str, object], names: list[str]
) -> None:
    """People of agents.csv, at places where all farm or none does."""
    farmers = {
        row.split(",")[0]: row.split(",")[-1] for row in files["input_csv/locations.csv"].splitlines()[1:]
    }
    where = [name for name in names if farmers[name] in ("", "1")]
    if not where:
        return
    spawn["read_from_agents_csv_file"] = "true"
    rows = []
    for _ in range(20):
        age, gender, aware = (
            rng.choice([10, 16, 40, 70]),
            rng.choice(["male", "female"]),
            rng.choice([0, 1, 2]),
        )
        rows.append(f"{rng.choice(where)},{age},{gender},{aware}")
    files["input_csv/agents.csv"] = "location,age,gender,floodawareness\n" + "\n".join(rows) + "\n"


def _remove_a_redirection(rng: random.Random, files: dict[str, str], days: int) -> None:
    flagged = [
        row.split(",")[:2]
        for row in files["input_csv/routes.csv"].splitlines()[1:]
        if row.split(",")[3] in ("1", "2")
    ]
    if flagged:
        a, b = rng.choice(flagged)
        end = rng.choice([-1, days - 2])
        files["input_csv/closures.csv"] += f"remove_forced_redirection,{a},{b},3,{end}\n"


#: The value "birch" is a religion and an ethnicity, with one column.
_RELIGIONS, _ETHNICITIES = ("amber", "birch", "cedar"), ("birch", "dune")


def _add_matching(rng: random.Random, files: dict[str, str], move: dict[str, object]) -> None:
    """Matching by religion and ethnicity; some values live somewhere, one is known from agents.csv alone."""
    rules = ["MatchCampReligion", "MatchCampEthnicity", "MatchTownEthnicity", "MatchConflictEthnicity"]
    for key in rng.sample(rules, rng.randint(1, 4)):
        move[key] = "true"
    move["avg_religion_fraction"] = rng.choice([0.25, 0.5])
    for attribute, known in (("religion", _RELIGIONS), ("ethnicity", _ETHNICITIES)):
        rows = [f"{value},{rng.randint(1, 3)},{rng.randint(0, 3) + (value == 'birch')}\n" for value in known]
        files[f"input_csv/demographics_{attribute}.csv"] = f"{attribute},Default,Zone0\n" + "".join(rows)
    living = rng.sample(sorted({*_RELIGIONS, *_ETHNICITIES}), rng.randint(0, 3))
    header, *places = files["input_csv/locations.csv"].splitlines()
    numbers = [",".join([place, *(str(rng.choice(["", 0, 4, 12.5])) for _ in living)]) for place in places]
    files["input_csv/locations.csv"] = "\n".join([",".join([header, *living]), *numbers]) + "\n"
    if "input_csv/agents.csv" in files:
        header, *people = files["input_csv/agents.csv"].splitlines()
        drawn = [f"{row},{rng.choice(_RELIGIONS)},{rng.choice([*_ETHNICITIES, 'elm'])}" for row in people]
        rows = [f"{header},religion,ethnicity", *drawn]
        files["input_csv/agents.csv"] = "\n".join(rows) + "\n"
