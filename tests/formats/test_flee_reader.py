"""What a Flee instance becomes when read: places, routes, closures, settings, tables and quirks."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from corridor.formats.flee import FleeSettings, data_table, quirks, read_flee_instance
from corridor.problems import InputError

LOCATIONS, ROUTES, CLOSURES = "input_csv/locations.csv", "input_csv/routes.csv", "input_csv/closures.csv"
SETTINGS = "settings.yml"

WARNINGS = {
    "burundi2015": ["flee-closure-location", "flee-closure-order", "flee-redirection-unused"],
    "car2013": ["flee-layout-place", "flee-site-unreachable"],
    "mali2012": [],
    "nigeria2016": ["flee-series-order"] * 3,
    "ssudan2013": ["flee-closure-location"] * 3 + ["flee-closure-overlap"],
    "syria2013": [],
}


@pytest.mark.parametrize("name", sorted(WARNINGS))
def test_published_instances_are_read_with_these_warnings(published: Path, name: str):
    folder = published / "instances" / name
    instance = read_flee_instance(
        folder / "input_csv", folder / "source_data", published / "settings" / "modern125.yml"
    )
    assert sorted(warning.code for warning in instance.warnings) == WARNINGS[name]
    assert all(warning.warning for warning in instance.warnings)


@pytest.mark.parametrize("name", sorted(WARNINGS))
def test_published_instances_are_read_as_meant(published: Path, name: str):
    folder, settings = published / "instances" / name, published / "settings" / "modern125.yml"
    instance = read_flee_instance(folder / "input_csv", folder / "source_data", settings, law="as-meant")
    told = [warning.message for warning in instance.warnings if warning.code == "flee-closure-order"]
    ends_early = "end is day 0, before the start (101); the redirection ends for good"
    assert told == ([ends_early] if name == "burundi2015" else [])


def test_published_quirks(published: Path):
    def of(name: str, settings: str = "modern125") -> str:
        folder = published / "instances" / name
        yml = published / "settings" / f"{settings}.yml"
        return "\n".join(quirks(read_flee_instance(folder / "input_csv", folder / "source_data", yml)))

    burundi = of("burundi2015")
    assert "location closure 'Bujumbura' closes every road of it for 91 days (days 0 to 90)" in burundi
    assert "forced redirection on 'Nyarugusu-Kagunga', 'Nyarugusu-Nduta' is read by no rule" in burundi
    assert "'Bossobolo' of data_layout.csv is no place, but its people count in the arrivals" in of("car2013")
    assert "'Inke': its 2 files are merged by Flee's rule, which is not their sum" in of("car2013")
    assert "'niger.csv:24', 'cameroon.csv:25', 'chad.csv:24'" in of("nigeria2016")
    assert "both close Tierkidi-Kule: the first end to come opens it" in of("ssudan2013")
    assert "As-Sweida (a town in locations.csv, in conflict from day 38)" in of("syria2013")
    assert "'Mopti-Mentao': exactly as long as a day's 360 km" in of("mali2012", "classic125")


def test_places_hold_what_flee_holds_after_loading(tiny):
    alpha, beta, one, _ = tiny.read(hasten=3).places
    assert (alpha.population, alpha.capacity, alpha.conflict_intensity) == (50000 // 3, -1, 1.0)
    assert (alpha.is_town, alpha.is_camp, alpha.move_chance) == (False, False, 1.0)
    assert (beta.is_town, beta.population, beta.move_chance) == (True, 0, 0.5)
    assert (one.is_camp, one.population, one.capacity, one.move_chance) == (True, 0, 20000 // 3, 0.001)
    assert [place.is_foreign for place in (alpha, beta, one)] == [False, False, True]


@pytest.mark.parametrize(
    ("kind", "flags", "chance"),
    [
        ("Refugee_Camp", "is_camp", 0.001),
        ("idpcamp", "is_camp is_idp_camp", 0.1),
        ("forwarding_hub", "is_forward", 1.0),
        ("MARKER", "is_marker", 1.0),
        ("flood_zone", "is_flood_zone", 0.5),
        ("default", "is_town", 0.5),
        ("conflict_camp", "is_camp", 0.001),
    ],
)
def test_type_is_the_first_known_word_in_it(tiny, kind: str, flags: str, chance: float):
    tiny.replace(LOCATIONS, "camp,,10000", f"{kind},,10000")
    tiny.replace("source_data/data_layout.csv", "CampTwo,two.csv\n", "CampTwo,two.csv\n")
    place = tiny.read().places[3]
    names = (
        "is_camp",
        "is_idp_camp",
        "is_town",
        "is_marker",
        "is_forward",
        "is_flood_zone",
        "is_conflict_type",
    )
    assert [name for name in names if getattr(place, name)] == flags.split()
    assert place.move_chance == chance
    assert (place.population, place.capacity) == ((0, 10000) if place.is_camp else (10000, -1))


def test_a_dated_conflict_zone_is_loaded_as_a_town(tiny):
    tiny.replace(
        LOCATIONS, "Beta,North,Homeland,1.5,10.5,town,,", "Beta,North,Homeland,1.5,10.5,conflict_zone,5,900"
    )
    beta = tiny.read().places[1]
    assert (beta.is_town, beta.is_conflict_type, beta.conflict_intensity, beta.population) == (
        True,
        False,
        0.0,
        900,
    )


def test_a_row_of_routes_goes_both_ways(tiny):
    tiny.replace(ROUTES, "150,0", "150,2")
    instance = tiny.read()
    assert [instance.route_name(index) for index in range(6)] == [
        "Alpha-Beta", "Beta-Alpha", "Beta-Camp One", "Camp One-Beta", "Beta-CampTwo", "CampTwo-Beta",
    ]  # fmt: skip
    assert [route.forced_redirection for route in instance.routes] == [
        False,
        False,
        False,
        True,
        False,
        False,
    ]


def test_redirection_1_builds_the_road_twice(tiny):
    tiny.replace(ROUTES, "150,0", "150,1")
    instance = tiny.read()
    assert [route.forced_redirection for route in instance.routes[2:6]] == [True, False, False, False]
    assert len(instance.routes) == 8
    assert any("exists twice" in line for line in quirks(instance))


def test_attributes_of_routes_and_places(tiny):
    tiny.replace(ROUTES, "redirection", "redirection,max_move_speed,walk_probability,surface")
    rows = [("100,0", "100,0,50,0.5,mud"), ("150,0", "150,0,60,0,tar"), ("300,", "300,,70,1,tar")]
    for old, new in rows:
        tiny.replace(ROUTES, old, new)
    routes = tiny.read().routes
    assert [(route.max_move_speed, route.walk_probability) for route in routes[::2]] == [
        (50, 0.5),
        (60, 0),
        (70, 1),
    ]
    assert routes[1].attributes["surface"] == "mud"


def test_closures_are_resolved_to_routes_and_camps(tiny):
    tiny.append(CLOSURES, "country,Abroad,Homeland,2,5\nlocation,CampTwo,x,6,9\ncamp,Camp One,,1,4\n")
    border, place, camp = tiny.read().closures
    assert (border.routes, place.routes, camp.routes) == ((2, 3, 4, 5), (4, 5), ())
    assert (border.place, camp.place, camp.start_day, camp.end_day) == (-1, 2, 1, 4)


def test_settings_take_the_defaults_of_flee(tiny):
    tiny.write(SETTINGS, "move_rules: {}\n")
    settings = tiny.read().settings
    assert settings == FleeSettings()
    move = settings.move
    speeds = (move.max_move_speed, move.max_walk_speed, move.max_crossing_speed)
    assert speeds == (360, 35, 20)
    chances = (
        move.conflict_movechance,
        move.camp_movechance,
        move.idpcamp_movechance,
        move.default_movechance,
    )
    assert chances == (1.0, 0.001, 0.1, 0.3)
    assert (move.conflict_weight, move.softening, move.capacity_buffer) == (10**-0.5, 10, 0.9)
    spawn = settings.spawn
    assert (spawn.insert_day0, spawn.sum_from_camps, spawn.conflict_zone_spawning_only) == (True, True, True)
    assert (spawn.conflict_spawn_decay, spawn.conflict_spawn_decay_interval) == ((), 30)


def test_v1_rules_override_the_file(tiny):
    tiny.setting("move_rules", "use_v1_rules: yes")
    tiny.setting("move_rules", "start_on_foot: true")
    instance = tiny.read()
    move = instance.settings.move
    assert (move.max_move_speed, move.start_on_foot, move.camp_weight, move.conflict_weight) == (
        200,
        False,
        2,
        0.25,
    )
    assert [warning.code for warning in instance.warnings] == ["flee-v1-rules"]


@pytest.mark.parametrize(
    ("section", "displaced"),
    [("{}", 500.0), ("{spawn_mode: pop_ratio}", 0.01), ("{displaced_per_conflict_day: 20}", 20.0)],
)
def test_conflict_driven_spawning_has_a_default_for_each_mode(tiny, section: str, displaced: float):
    tiny.setting("spawn_rules", f"conflict_driven_spawning: {section}")
    spawning = tiny.read().settings.spawn.conflict_driven_spawning
    assert spawning is not None and spawning.displaced_per_conflict_day == displaced


def test_decay_takes_its_last_factor_for_ever(tiny):
    spawn = tiny.read().settings.spawn
    assert [spawn.decay(age) for age in (0, 89, 90, 119, 120, 5000)] == [1, 1, 0.5, 0.5, 0.1, 0.1]


def test_optional_tables(tiny):
    tiny.write("input_csv/demographics_age.csv", "age,Default,Alpha\n10,1,1\n40,3,0\n")
    tiny.write("input_csv/region_attributes_IPC.csv", "#Day,North,East\n0,10,20\n30,40,20\n")
    tiny.write("input_csv/agents.csv", "location,age\nBeta,12\n")
    tiny.write("input_csv/major_routes.csv", "Alpha,Beta,CampTwo\n")
    tiny.setting("spawn_rules", "read_from_agents_csv_file: true")
    tiny.setting("move_rules", "fixed_routes: true")
    instance = tiny.read()
    (age,) = instance.demographics
    assert (age.values, age.default, age.by_place["Alpha"]) == (("10", "40"), (0.25, 0.75), (1.0, 0.0))
    assert instance.food is not None and instance.food.percent.tolist() == [[10, 20], [40, 20]]
    assert [(person.place, dict(person.attributes)) for person in instance.people] == [(1, {"age": "12"})]
    assert instance.major_routes == ((0, 1, 3),)


def test_a_link_closure_is_told_by_the_law(tiny):
    tiny.append(CLOSURES, "link,Alpha,Beta,2,10\n")
    (warning,) = tiny.read(law="as-meant").warnings
    assert warning.message == (
        "a 'link' closure has no effect in Flee; as meant the route Alpha-Beta is closed both ways"
    )
    assert warning.hint == ""


def test_place_changes_come_from_a_file_that_is_named(tiny):
    changes = tiny.folder / "changes.csv"
    changes.write_text("Beta,conflict_zone,3\n")
    folders = (tiny.folder / "input_csv", tiny.folder / "source_data", tiny.folder / SETTINGS)
    (change,) = read_flee_instance(*folders, location_changes=changes).place_changes
    assert (change.day, change.place, change.is_conflict, change.conflict_intensity) == (3, 1, True, 1.0)


FLOOD_SETTINGS = """\
spawn_rules:
  conflict_zone_spawning_only: false
  flood_zone_spawning_only: true
  take_from_population: true
  flood_driven_spawn_mode: {spawn_mode: pop_ratio}
move_rules:
  flood_rules: {flood_movechances: [0, 0.2, 0.5, 0.8, 1], flood_loc_weights: [1, 0.8, 0.5, 0.2, 0.1]}
"""


def test_floods_are_read_instead_of_conflicts(tiny):
    tiny.write(SETTINGS, FLOOD_SETTINGS)
    tiny.write("source_data/data_layout.csv", "total,refugees.csv\nCamp One,one.csv\nCampTwo,two.csv\n"
               "Alpha,two.csv\nBeta,two.csv\n")  # fmt: skip
    levels = "".join(f"{day},{day % 4},0\n" for day in range(20))
    tiny.write("input_csv/flood_level.csv", "#Day,Alpha,Beta\n" + levels)
    tiny.path("input_csv/conflicts.csv").unlink()
    instance = tiny.read()
    assert instance.settings.arrivals_from == "flood"
    assert instance.flood is not None and instance.flood.level[:5, 0].tolist() == [0, 1, 2, 3, 0]
    assert instance.sites == (0, 1, 2, 3)
    tiny.replace("input_csv/flood_level.csv", "\n3,3,0\n", "\n3,3.7,0\n")
    flood = tiny.read().flood
    assert (flood.level[3, 0], flood.as_written[3, 0]) == (3, 3.7)
    tiny.replace("input_csv/flood_level.csv", "\n3,3.7,0\n", "\n3,5,0\n")
    with pytest.raises(InputError, match=r"flood level is '5'; lists of this length end with level 4"):
        tiny.read()


@pytest.mark.parametrize(
    ("capacity", "line"),
    [
        (1000, "'Camp One': the people of day 0 count twice against the capacity"),
        (
            540,
            "'Camp One': full from the start, because the people of day 0 count twice against the capacity",
        ),
        (300, "'Camp One': the people of day 0 use up the capacity, which makes it unlimited"),
    ],
)
def test_quirks_of_capacity(tiny, capacity: int, line: str):
    tiny.replace(LOCATIONS, "20000", str(capacity))
    tiny.replace(LOCATIONS, "10000", "0")
    assert line in quirks(tiny.read())


def test_quirks_name_what_was_ignored(tiny):
    tiny.append(CLOSURES, "link,Alpha,Beta,2,10\n")
    tiny.replace("input_csv/conflicts.csv", "\n5,1,", "\n5,0.5,")
    lines = quirks(tiny.read())
    assert "link closure Alpha-Beta has no effect: the road stays open" in lines
    assert "2 changes of intensity after the start of a conflict are ignored, at 'Alpha'" in lines


TOKENS = (
    b",",
    b"\n",
    b'"',
    b"#",
    b"",
    b"-1",
    b"nan",
    b"Beta",
    b"\xff",
    b";",
    b":",
    b"1e400",
    b"9" * 30,
    b"\x00",
    b"[",
)


def test_no_damage_ends_in_anything_but_words(tiny):
    """Random damage to random files: always an instance with tables and quirks, or an InputError."""
    draw = random.Random(20200101)
    whole = {path: path.read_bytes() for path in sorted(tiny.folder.rglob("*.*")) if path.is_file()}
    refused = 0
    for _ in range(400):
        path = draw.choice(sorted(whole))
        content = whole[path]
        for _ in range(draw.choice((1, 1, 2, 5))):
            start = draw.randrange(len(content) + 1)
            content = content[:start] + draw.choice(TOKENS) + content[start + draw.choice((0, 0, 1, 3, 10)) :]
        path.write_bytes(content)
        try:
            instance = tiny.read()
            data_table(instance)
            quirks(instance)
        except InputError as error:
            refused += 1
            assert str(error).endswith("Nothing was run.")
        path.write_bytes(whole[path])
    assert 200 < refused < 400


@pytest.mark.parametrize("cell", ["nan", "inf", "-1", "1_0", "1e400"])
def test_an_intensity_is_a_finite_number_in_whatever_column(tiny, cell: str):
    """What Python takes for a number and Flee's tables do not hold; the other cells of the row are usual."""
    tiny.replace("input_csv/conflicts.csv", "\n3,1,0,0,0\n", f"\n3,1,0,{cell},0\n")
    with pytest.raises(InputError) as raised:
        tiny.read()
    (problem,) = raised.value.problems
    assert (problem.code, problem.line, problem.column) == ("flee-conflict-value", 5, 7)
