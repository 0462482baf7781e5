"""What a scenario cannot hold is refused by name, with the line that asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

import flee_tiny
from corridor.formats.flee import read_flee_counts, read_flee_instance
from corridor.formats.flee.groups_of_scenario import groups_of_scenario
from corridor.formats.flee.importable import check_importable, left_out, residents_left_out
from corridor.formats.flee.scenario import counts_of_sites, scenario_of_flee
from corridor.scenario.write import write_scenario

LOCATIONS = flee_tiny.FILES["input_csv/locations.csv"]
AGES = {
    "demographics_age": "age,Default,Beta\n10,1,1\n16,1,1\n40,1,1\n70,1,1\n",
    "demographics_gender": "gender,Default,CampTwo\nmale,1,3\nfemale,1,1\n",
}


def with_settings(folder: Path, move: str = "", spawn: str = "", **files: str) -> Path:
    """Write the tiny instance with more lines in its settings, and other files."""
    settings = flee_tiny.FILES["settings.yml"]
    settings = settings.replace("move_rules:\n", f"move_rules:\n{move}")
    settings = settings.replace("spawn_rules:\n", f"spawn_rules:\n{spawn}")
    return flee_tiny.write_files(folder, **{"settings": settings, **files})


CODE = "[flee-import-not-supported] "
CASES = {
    "people in tens": (
        {"settings": flee_tiny.FILES["settings.yml"].replace("hasten: 1", "hasten: 10")},
        f"settings.yml:8:3 {CODE}hasten is '10': each person stands for so many; a scenario holds people",
    ),
    "before the first day of all": (
        {
            Path(file).stem: text.replace("2020", "0001")
            for file, text in flee_tiny.FILES.items()
            if "2020" in text
        },
        f"input_csv/sim_period.csv {CODE}the start date is '0001-01-01'; a scenario begins on the "
        "evening before",
    ),
    "blanks in names": (
        {"locations": LOCATIONS + "Beta ,North,Homeland,1.5,10.5,town,,\n"},
        f"input_csv/locations.csv:6 {CODE}'Beta ' and 'Beta' differ only in blanks",
    ),
}


@pytest.mark.parametrize(("files", "words"), CASES.values(), ids=CASES)
def test_what_is_refused(tmp_path: Path, files: dict[str, str], words: str):
    instance = flee_tiny.read(with_settings(tmp_path, **files))
    (problem,) = check_importable(instance)
    assert problem.format().splitlines()[0].replace(f"{tmp_path}/", "") == words
    assert problem.hint


def test_a_town_that_becomes_a_camp_is_not_closed_as_one(tmp_path: Path):
    closures = flee_tiny.FILES["input_csv/closures.csv"] + "camp,Beta,,3,5\n"
    folder = with_settings(tmp_path, closures=closures)
    changes = tmp_path / "changes.csv"
    changes.write_text("Beta,camp,1\n", "utf-8")
    (problem,) = check_importable(flee_tiny.read(folder, location_changes=changes))
    assert problem.format().replace(f"{tmp_path}/", "") == (
        f"input_csv/closures.csv:2 {CODE}'Beta' closes as a camp, which it only becomes by a location "
        "change\n"
        "    hint: say so in location_changes.csv, too: a town on the first day, a camp on the last"
    )


GROUPS = {
    "WomenAvoidHazards": {"men": (1, 0.5), "women": (2, 0.5)},
    "ChildrenAvoidHazards": {"people 0-18": (2, 0.5), "people 19+": (1, 0.5)},
    "ChildrenAvoidHazards BoysTakeRisk": {
        "people 0-14 and women 15-18": (2, 0.375),
        "men 15+": (0, 0.375),
        "women 19+": (1, 0.25),
    },
    "WomenAvoidHazards ChildrenAvoidHazards ElderlyAvoidHazards": {
        "people 0-18 and women 19-59 and men 60+": (2, 0.75),
        "men 19-59": (1, 0.125),
        "women 60+": (4, 0.125),
    },
}


@pytest.mark.parametrize("rules", GROUPS)
def test_groups_are_named_for_who_is_in_them(tmp_path: Path, rules: str):
    move = "".join(f"  {rule}: true\n" for rule in rules.split())
    instance = flee_tiny.read(with_settings(tmp_path, move=move, **AGES))
    groups, at_places = groups_of_scenario(instance)
    told = {
        group.name: (1 if group.destination_power is None else group.destination_power, group.share)
        for group in groups
    }
    assert told == GROUPS[rules]
    assert {row.place for row in at_places} == ({"CampTwo"} if "Women" in rules or "Boys" in rules else set())


#: 50 of "dune" live at Beta; "elm" lives nowhere, and "birch" at every place.
MATCHING = {
    "demographics_religion": "religion,Default\namber,1\nbirch,1\n",
    "demographics_ethnicity": "ethnicity,Default,Beta\ndune,3,1\nelm,1,1\n",
    "locations": LOCATIONS.replace("population\n", "population,dune,birch\n")
    .replace("50000\n", "50000,,70\n")
    .replace("town,,\n", "town,,0,50,7\n")
    .replace("20000\n", "20000,,0.5\n")
    .replace("10000\n", "10000,,1\n"),
}


def test_religion_and_ethnicity_are_kept_where_a_rule_asks_for_them(tmp_path: Path):
    move = "  MatchCampReligion: true\n  MatchTownEthnicity: true\n  avg_religion_fraction: 0.3\n"
    instance = flee_tiny.read(with_settings(tmp_path, move=move, **MATCHING))
    assert check_importable(instance) == []
    scenario = scenario_of_flee(instance, (), name="tiny", provenance={})
    assert [(group.name, group.share) for group in scenario.groups] == [
        ("religion amber, ethnicity dune", 0.375),
        ("religion birch, ethnicity dune", 0.375),
        ("religion amber, ethnicity elm", 0.125),
        ("religion birch, ethnicity elm", 0.125),
    ]
    assert (scenario.groups[1].religion, scenario.groups[1].ethnicity) == ("birch", "dune")
    assert {row.place for row in scenario.groups_at_places} == {"Beta"}
    rules = scenario.rules.flee
    assert rules is not None
    assert (rules.same_religion_at_sites, rules.same_ethnicity_elsewhere) == (1 / 0.3, 10)
    assert (rules.same_ethnicity_at_sites, rules.same_ethnicity_in_fighting) == (0, 0)
    assert [(row.place, row.attribute, row.value, row.people) for row in scenario.composition] == [
        ("Beta", "ethnicity", "dune", 50),
        ("Camp One", "religion", "birch", 0.5),
        ("CampTwo", "religion", "birch", 1),
    ]
    assert residents_left_out(instance, scenario.composition) == [
        "religion of who lives at Alpha, Beta: no rule ever asks for it there"
    ]


def test_values_that_differ_in_blanks_are_refused(tmp_path: Path):
    demographics = {**MATCHING, "demographics_religion": "religion,Default\namber,1\namber ,1\n"}
    move = "  MatchCampReligion: true\n"
    instance = flee_tiny.read(with_settings(tmp_path, move=move, **demographics))
    (problem,) = check_importable(instance)
    assert problem.message == "'amber ' and 'amber' differ only in blanks"


def test_a_change_of_type_to_conflict(tmp_path: Path):
    folder = flee_tiny.write_files(tmp_path)
    changes = folder / "location_changes.csv"
    changes.write_text("Beta,camp,3\nBeta,conflict_zone,5\n", "utf-8")
    assert check_importable(flee_tiny.read(folder, location_changes=changes)) == []
    settings = folder / "settings.yml"
    settings.write_text(f"default_conflict_intensity: 2\n{settings.read_text('utf-8')}", "utf-8")
    instance = flee_tiny.read(folder, location_changes=changes)
    rules = scenario_of_flee(instance, (), name="tiny", provenance={}).rules.flee
    assert rules is not None
    assert rules.place_kind_fighting == 2


def test_hunger_without_effect_is_left_out(tmp_path: Path):
    spawn = "  starvation_driven_spawning: true\n  conflict_driven_spawning: {spawn_mode: constant}\n"
    files = {"region_attributes_IPC": "#Day,North,East\n0,10,10\n40,20,20\n"}
    instance = flee_tiny.read(with_settings(tmp_path, spawn=spawn, **files))
    assert "starvation_driven_spawning: it matters only where the data say how many leave home" in left_out(
        instance, read_flee_counts(tmp_path / "source_data")
    )
    scenario = scenario_of_flee(instance, (), name="tiny", provenance={})
    assert scenario.hunger == ()


def test_pruning_is_left_out_with_fixed_routes(tmp_path: Path):
    move = "  fixed_routes: true\n  pruning_threshold: 4\n"
    instance = flee_tiny.read(with_settings(tmp_path, move=move))
    told = left_out(instance, read_flee_counts(tmp_path / "source_data"))
    assert "pruning_threshold: fixed routes are not pruned" in told
    rules = scenario_of_flee(instance, (), name="tiny", provenance={}).rules.flee
    assert rules is not None
    assert rules.pruning == 1


def test_what_is_left_out_is_told(tmp_path: Path):
    layout = flee_tiny.FILES["source_data/data_layout.csv"] + "Elsewhere,two.csv\n"
    folder = flee_tiny.write_files(tmp_path, data_layout=layout, demographics_age="age,Default\n10,1\n")
    assert left_out(flee_tiny.read(folder), read_flee_counts(folder / "source_data")) == [
        "demographics of 'age': no rule of the settings uses them",
        "the counts of 'Elsewhere', which is no place; its people are among those who leave home",
        "3 counts after the last day",
    ]


def test_counts_are_those_reported(tmp_path: Path):
    """Of two rows on a day the later counts; several files of a site are added up as last known."""
    layout = "total,refugees.csv\nCamp One,one.csv,more.csv\nCampTwo,two.csv\n"
    folder = flee_tiny.write_files(
        tmp_path, data_layout=layout, registration_corrections="CampTwo,2020-01-08\n"
    )
    more = "2019-12-01,7\n2020-01-05,40\n2020-01-05,50\n2020-02-01,90\n"
    (folder / "source_data" / "more.csv").write_text(more, "utf-8")
    (folder / "source_data" / "two.csv").write_text(
        "2020-01-01,200\n2020-01-08,100\n2020-02-01,2000\n", "utf-8"
    )
    instance = flee_tiny.read(folder)
    counts = counts_of_sites(instance, read_flee_counts(folder / "source_data"))
    assert [(str(count.date), count.place, count.people, count.note) for count in counts] == [
        ("2020-01-01", "total", 500, "refugees.csv"),
        ("2019-12-01", "Camp One", 7, "one.csv + more.csv"),
        ("2020-01-01", "Camp One", 307, "one.csv + more.csv"),
        ("2020-01-05", "Camp One", 350, "one.csv + more.csv"),
        ("2020-01-01", "CampTwo", 200, "two.csv"),
        ("2020-01-08", "CampTwo", 100, "two.csv"),
    ]


@pytest.mark.parametrize(
    "name", ["mali2012", "burundi2015", "car2013", "nigeria2016", "ssudan2013", "syria2013"]
)
def test_every_published_instance_becomes_a_scenario(published: Path, tmp_path: Path, name: str):
    folder = published / "instances" / name
    settings = published / "settings" / "modern125.yml"
    instance = read_flee_instance(folder / "input_csv", folder / "source_data", settings)
    assert check_importable(instance) == []
    counts = read_flee_counts(folder / "source_data")
    scenario = scenario_of_flee(instance, counts, name=name, provenance={})
    write_scenario(scenario, tmp_path / name)  # reads it again, and compares
    assert len(scenario.places) == len(instance.places)
    assert 2 * len(scenario.routes) == len(instance.routes)
