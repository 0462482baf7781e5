"""The lines about quirks of Flee: told where one touches an instance, with its numbers, and only there."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from corridor.formats.flee import quirks

LOCATIONS, ROUTES, CLOSURES = "input_csv/locations.csv", "input_csv/routes.csv", "input_csv/closures.csv"
CONFLICTS = "input_csv/conflicts.csv"
SETTINGS = "settings.yml"


def about(lines: Iterable[str], *words: str) -> list[str]:
    """Return the lines in which one of these words occurs."""
    return [line for line in lines if any(word in line for word in words)]


def with_column(tiny, file: str, name: str, cells: tuple[str, ...]) -> None:
    """Add a free column to a table, a cell for each row."""
    header, *rows = tiny.path(file).read_text().splitlines()
    filled = [f"{row},{cell}" for row, cell in zip(rows, cells, strict=True)]
    tiny.write(file, "\n".join([f"{header},{name}", *filled]) + "\n")


# Closures


@pytest.mark.parametrize(
    ("row", "lines"),
    [
        (
            "location,Beta,,2,5",
            [
                "location closure 'Beta' closes every road of it for 3 days (days 2 to 4), 6 directions in "
                "and out"
            ],
        ),
        (
            "location,Beta,,2,500",
            [
                "location closure 'Beta' closes every road of it from day 2 to the end, 6 directions in and "
                "out"
            ],
        ),
        (
            "location,Beta,,2,2",
            [
                "location closure 'Beta' closes every road of it on day 2 and opens it at once, which sends "
                "back who is on it, 6 directions in and out"
            ],
        ),
        ("camp,CampTwo,,2,2", ["camp closure 'CampTwo' opens it again at once, on day 2"]),
        ("location,Beta,,500,600", []),
        ("camp,CampTwo,,20,21", []),
        ("link,Beta,CampTwo,30,-1", []),
    ],
)
def test_closures(tiny, row: str, lines: list[str]):
    tiny.append(CLOSURES, f"{row}\n")
    assert about(quirks(tiny.read()), " closure ") == lines


def test_two_closures_of_one_road_matter_if_one_ends_in_time(tiny):
    tiny.append(CLOSURES, "location,Beta,,2,500\ncountry,Homeland,Abroad,4,600\n")
    assert about(quirks(tiny.read()), "both close") == []
    tiny.replace(CLOSURES, "4,600", "4,19")
    assert about(quirks(tiny.read()), "both close") == [
        "closures of lines 2 and 3 both close Beta-Camp One: the first end to come opens it, although the "
        "other still holds"
    ]


def test_a_link_closure_by_law(tiny):
    tiny.append(CLOSURES, "link,Beta,CampTwo,2,-1\n")
    line = "link closure Beta-CampTwo has no effect: the road stays open"
    assert about(quirks(tiny.read()), "link closure") == [line]
    assert about(quirks(tiny.read(law="as-meant")), "link closure") == [
        f"{line}; as meant both directions are closed"
    ]


# Roads


@pytest.mark.parametrize("law", ["as-run", "as-meant"])
def test_forced_redirections_are_told_as_flee_has_them_under_both_laws(tiny, law):
    tiny.replace(ROUTES, "100,0", "100,2")
    tiny.replace(ROUTES, "150,0", "150,1")
    assert about(quirks(tiny.read(law=law)), "redirection") == [
        "forced redirection on 'Beta-Alpha', 'Beta-Camp One' is read by no rule of movement",
        "road Beta-Camp One exists twice because of its forced redirection 1, which doubles its weight",
    ]


def test_roads_of_a_day_and_of_days(tiny):
    tiny.replace(ROUTES, "100,0", "800,0")
    tiny.replace(ROUTES, "150,0", "1200,0")
    tiny.replace(ROUTES, "300,", "400,")
    assert about(quirks(tiny.read()), "exactly", "shorter") == [
        "'Beta-CampTwo': exactly as long as a day's 400 km, which takes two days, not one",
        "'Alpha-Beta': exactly as long as 2 days of 400 km, which takes 3 days, not 2",
        "'Beta-Camp One': exactly as long as 3 days of 400 km, which takes 4 days, not 3",
    ]


def test_roads_have_their_own_speed(tiny):
    with_column(tiny, ROUTES, "max_move_speed", ("100", "600", "200"))
    assert about(quirks(tiny.read()), "exactly", "shorter") == [
        "'Alpha-Beta': exactly as long as a day's 100 km, which takes two days, not one",
        "1 road is shorter than a day's 600 km: who arrives with time to spare has the full 600 km again for "
        "the next road of the same day",
    ]
    tiny.replace(ROUTES, ",,200", ",,900")
    assert about(quirks(tiny.read()), "shorter") == [
        "2 roads are shorter than a day's distance on them: who arrives with time to spare has a full day's "
        "distance again for the next road of the same day"
    ]


def test_first_roads_on_foot(tiny):
    """Alpha is in conflict, and people stand in the camps on day 0; nobody begins in Beta."""
    tiny.setting("move_rules", "start_on_foot: true")
    tiny.replace(ROUTES, "100,0", "70,0")
    tiny.replace(ROUTES, "150,0", "35,0")
    assert about(quirks(tiny.read()), "exactly") == [
        "'Camp One-Beta': on foot, as a first road, exactly as long as a day's 35 km, which takes two days, "
        "not one",
        "'Alpha-Beta': on foot, as a first road, exactly as long as 2 days of 35 km, which takes 3 days, not "
        "2",
    ]
    tiny.setting("spawn_rules", "empty_camps_on_day0: true")
    assert len(about(quirks(tiny.read()), "exactly")) == 1


def test_roads_on_which_some_walk(tiny):
    with_column(tiny, ROUTES, "walk_probability", ("0", "0.5", "0"))
    tiny.replace(ROUTES, "100,0,", "35,0,")
    tiny.replace(ROUTES, "150,0,", "35,0,")
    assert about(quirks(tiny.read()), "exactly") == [
        "'Beta-Camp One': on foot exactly as long as a day's 35 km, which takes two days, not one"
    ]


def test_a_road_that_is_built_twice_is_one_road(tiny):
    tiny.replace(ROUTES, "150,0", "150,1")
    tiny.replace(ROUTES, "100,0", "500,0")
    tiny.replace(ROUTES, "300,", "500,")
    (line,) = about(quirks(tiny.read()), "shorter")
    assert line.startswith("1 road is shorter than a day's 400 km: ")


# Conflict


@pytest.mark.parametrize(
    ("date", "told"),
    [
        (3, "Beta (day 3 in locations.csv, in conflict from day 5)"),
        (5, ""),
    ],
)
def test_a_date_of_conflict_that_conflicts_csv_does_not_bear_out(tiny, date: int, told: str):
    tiny.replace(LOCATIONS, "town,,", f"conflict_zone,{date},100")
    rows = "".join(f"{day},1,{int(day >= 5)},0,0\n" for day in range(20))
    tiny.write(CONFLICTS, f"#Day,Alpha,Beta,Camp One,CampTwo\n{rows}")
    start = "the conflict date of locations.csv starts nothing, conflicts.csv decides: "
    assert about(quirks(tiny.read()), "conflict date") == ([start + told] if told else [])


@pytest.mark.parametrize(
    ("mode", "words"),
    [("", "nobody sets out"), ("pop_ratio", "nobody sets out"), ("constant", "people set out"),
     ("poisson", "people set out")],
)  # fmt: skip
def test_a_camp_in_conflict(tiny, mode: str, words: str):
    if mode:
        tiny.setting("spawn_rules", f"conflict_driven_spawning: {{spawn_mode: {mode}}}")
    tiny.replace(CONFLICTS, "\n5,1,0,0,0", "\n5,1,0,1,0")
    too = "" if words.startswith("nobody") else ", too"
    assert about(quirks(tiny.read()), "a camp in conflicts.csv") == [
        f"'Camp One': a camp in conflicts.csv keeps its capacity, and {words} there{too}"
    ]


LATE = "departures follow it one day late, except on days when a conflict starts or ends"


@pytest.mark.parametrize(
    ("factors", "every", "driven", "told"),
    [
        ("1, 0.5", 30, False, ""),  # not reached in 20 days
        ("1, 0.5", 19, False, f"{LATE}; and it weakens how much an old conflict repels people, too"),
        ("1, 0.5", 20, False, ""),
        ("0.5, 0.5", 5, False, "it weakens how much an old conflict repels people, too"),
        ("1, 0.5", 5, True, "no departures follow it, but it weakens how much an old conflict repels people"),
        ("1, 0.5", 30, True, ""),
        ("1, 1", 5, False, ""),
    ],
)
def test_decay_is_told_as_far_as_it_is_reached(tiny, factors: str, every: int, driven: bool, told: str):
    tiny.replace(SETTINGS, "1.0,1.0,1.0,0.5,0.1", factors)
    tiny.setting("spawn_rules", f"conflict_spawn_decay_interval: {every}")
    if driven:
        tiny.setting("spawn_rules", "conflict_driven_spawning: {}")
    expected = [f"decay {factors} every {every} days: {told}"] if told else []
    assert about(quirks(tiny.read()), "decay ") == expected


# Who people are, and when


@pytest.mark.parametrize(("month", "is_told"), [(1, True), (7, False)])
def test_harvest_is_told_if_a_day_lies_in_it(tiny, month: int, is_told: bool):
    tiny.setting("move_rules", f"harvest_months: [{month}]")
    assert bool(about(quirks(tiny.read()), "harvest")) == is_told


@pytest.mark.parametrize(
    ("ages", "genders", "is_told"),
    [("10,1\n45,1", "male,1\nfemale,1", True), ("10,1\n45,1", "male,0\nfemale,1", False),
     ("10,1\n12,1", "male,1\nfemale,1", False), ("16,1\n45,0", "male,1", False)],
)  # fmt: skip
def test_boys_are_told_of_if_there_are_grown_men(tiny, ages: str, genders: str, is_told: bool):
    tiny.setting("move_rules", "BoysTakeRisk: true")
    tiny.setting("move_rules", "ChildrenAvoidHazards: true")
    tiny.write("input_csv/demographics_age.csv", f"age,Default\n{ages}\n")
    tiny.write("input_csv/demographics_gender.csv", f"gender,Default\n{genders}\n")
    assert bool(about(quirks(tiny.read()), "BoysTakeRisk")) == is_told


def test_boys_are_told_of_if_listed_people_are_grown_men(tiny):
    for rule in ("BoysTakeRisk", "ChildrenAvoidHazards"):
        tiny.setting("move_rules", f"{rule}: true")
    tiny.setting("spawn_rules", "read_from_agents_csv_file: true")
    tiny.write("input_csv/demographics_age.csv", "age,Default\n10,1\n")
    tiny.write("input_csv/demographics_gender.csv", "gender,Default\nmale,1\n")
    tiny.write("input_csv/agents.csv", "location,age,gender\nBeta,40,female\n")
    assert about(quirks(tiny.read()), "BoysTakeRisk") == []
    tiny.append("input_csv/agents.csv", "Beta,40,male\n")
    assert len(about(quirks(tiny.read()), "BoysTakeRisk")) == 1


# Room


@pytest.mark.parametrize(
    ("capacity", "per_day", "told"),
    [
        ("0", "50", ""),  # 50 on day 0
        ("0", "0", "'Camp One': no capacity in locations.csv (after division by hasten), which means "
         "unlimited"),
        (  # 200 - 300 + 40 = -60 on day 0, 20 on day 2
            "200",
            "40",
            "'Camp One' (before day 2): the people of day 0 use up the capacity, which makes it unlimited",
        ),
        ("200", "1", "'Camp One': the people of day 0 use up the capacity, which makes it unlimited"),
        ("200", "150", "'Camp One': full from the start, because the people of day 0 count twice against the "
         "capacity"),
    ],
)  # fmt: skip
def test_capacity_that_grows(tiny, capacity: str, per_day: str, told: str):
    tiny.replace(LOCATIONS, "20000", capacity)
    with_column(tiny, LOCATIONS, "capacity_per_day", ("", "", per_day, ""))
    assert about(quirks(tiny.read()), "'Camp One'") == ([told] if told else [])


def test_camps_that_start_empty(tiny):
    tiny.setting("spawn_rules", "empty_camps_on_day0: true")
    assert about(quirks(tiny.read()), "capacity") == [
        "'Camp One', 'CampTwo': the capacity is reduced by the people of day 0, although the camps start "
        "empty"
    ]


def test_in_a_flood_only_camps_lack_a_capacity(tiny):
    tiny.write(
        SETTINGS,
        "spawn_rules:\n  conflict_zone_spawning_only: false\n  flood_zone_spawning_only: true\n"
        "  take_from_population: true\n  flood_driven_spawn_mode: {spawn_mode: pop_ratio}\n"
        "move_rules:\n  flood_rules: {flood_movechances: [0, 0.2], flood_loc_weights: [1, 0.8]}\n",
    )
    tiny.append("source_data/data_layout.csv", "Alpha,two.csv\nBeta,two.csv\n")
    tiny.write("input_csv/flood_level.csv", "#Day,Alpha\n" + "".join(f"{day},0\n" for day in range(20)))
    assert about(quirks(tiny.read()), "no capacity") == []
    tiny.replace(LOCATIONS, "20000", "0")
    (line,) = about(quirks(tiny.read()), "no capacity")
    assert line.startswith("'Camp One': ")
