"""A what-if read over its base: what it keeps, what it changes, and how it says so."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from cases import BASE
from corridor.problems import InputError
from corridor.scenario.bundled import bundled_names
from corridor.scenario.load import check_scenario, load_scenario
from corridor.scenario.model import Scenario
from corridor.scenario.write import write_scenario


@pytest.fixture
def read(tmp_path: Path):
    """Write a what-if of the base beside it, as file -> text, and read it."""
    shutil.copytree(BASE, tmp_path / "base")

    def write_and_read(name: str = "if", settings: str = "", base: str = "base", **tables: str) -> Scenario:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "scenario.yaml").write_text(f"extends: {base}\n{settings}", "utf-8")
        for table, text in tables.items():
            (folder / f"{table}.csv").write_text(text, "utf-8")
        return load_scenario(folder)

    return write_and_read


def changed(before: Scenario, after: Scenario) -> set[str]:
    return {name for name in Scenario.model_fields if getattr(before, name) != getattr(after, name)}


def test_only_what_is_stated_differs(read):
    base = load_scenario(BASE)
    made = read(places="name,capacity\nKhazer,9000\n")
    assert changed(base, made) == {"name", "title", "places", "what_if"}
    assert (made.name, made.title) == ("if", "Base (if)")
    assert [place.capacity for place in made.places] == [None, None, 9000]
    assert made.places[2].model_copy(update={"capacity": 500.0}) == base.places[2]
    assert made.what_if.extends == ("base",)
    assert made.what_if.changes == ("place 'Khazer': capacity is 9000 (was 500)",)
    assert made.what_if.places == ("Amara", "Khazer", "Tol")


def test_settings_are_changed_by_key(read):
    made = read(
        settings=(
            "title: What if\nhorizon: 2016-11-30\n"
            "storylines:\n  - name: slow\n    weight: 0\n  - name: third\n    title: Third\n"
            "rules:\n  leave_rate_per_day: 0.5\n  attraction: {camp: 3}\n"
            "priors:\n  delay: {distribution: fixed, unit: day, value: 4}\n"
            "triggers: [more than 50 trapped]\n"
        )
    )
    assert [(line.name, line.title, line.weight) for line in made.storylines] == [
        ("slow", "Slow", 0.0),
        ("fast", "Fast", 1.0),
        ("third", "Third", 1.0),
    ]
    assert made.rules.attraction["camp"] == 3 and made.rules.attraction["town"] == 1
    assert set(made.priors) == {"leave_rate", "city_entry", "delay"}
    assert made.triggers == ("more than 50 trapped",)
    assert made.what_if.changes == (
        "horizon is 2016-11-30 (was 2016-12-31)",
        "storyline 'slow': weight is 0 (was not given)",
        "new storyline 'third'",
        "rule leave_rate_per_day is 0.5 (was leave_rate)",
        "rule attraction is camp 3 (was not given)",
        "prior 'delay' is fixed, value 4 (was triangular, low 1, mode 2, high 5)",
        "triggers is more than 50 trapped (was not given)",
    )


def test_events_are_added_replaced_and_removed(read):
    made = read(
        timeline=(
            "change,storyline,date,kind,place,to,value,note\n"
            ",slow,2016-10-09,route,Khazer,Tol,closed,\n"
            "replace,,2016-10-05,fighting,Amara,,2,harder\n"
            "remove,*,*,route,Khazer,Amara,,\n"
        )
    )
    assert [(event.kind, event.place, event.value, event.note) for event in made.events] == [
        ("fighting", "Amara", 2.0, "harder"),
        ("control", "Amara", 0.0, ""),
        ("route", "Khazer", 0.0, ""),
    ]
    assert made.what_if.changes == (
        "from 2016-10-09 the road Khazer – Tol is closed (storyline slow)",
        "from 2016-10-05 fighting at Amara is 1: value is 2 (was 1), another note",
        "no longer: from city_entry the road Amara – Khazer is closed (storyline fast)",
    )


def test_a_removal_may_say_more_than_the_key(read):
    """Only the row with this value is removed, though the key fits it whatever the value."""
    with pytest.raises(InputError, match="change-missing"):
        read(timeline="change,storyline,date,kind,place,to,value\nremove,*,*,route,Amara,Khazer,open\n")


def test_a_dash_makes_a_cell_blank_and_a_road_has_no_direction(read):
    made = read(places="name,control\nTol,-\n", routes="from,to,throughput_per_day\nTol,Khazer,50\n")
    assert made.places[1].control == ""
    assert (made.routes[1].start, made.routes[1].throughput_per_day) == ("Khazer", 50.0)
    assert made.what_if.changes == (
        "place 'Tol': control is blank (was south)",
        "road Khazer – Tol: throughput_per_day is 50 (was blank)",
    )


def test_each_file_has_its_own_separator(read, tmp_path):
    """A decimal comma of the base stays one, whatever separates the cells of the what-if."""
    path = tmp_path / "base" / "places.csv"
    path.write_text(path.read_text("utf-8").replace(",", ";").replace("36.20;", "36,20;"), "utf-8")
    made = read(places="name,capacity\nTol,9000\n")
    assert (made.places[1].lat, made.places[1].capacity) == (36.2, 9000)


def test_ranges_keep_their_names_when_rows_before_them_go(read, tmp_path):
    """A range is drawn by its name: a removed row above it must not give it other random numbers."""
    with (tmp_path / "base" / "timeline.csv").open("a", encoding="utf-8") as file:
        file.write(",2016-10-20..2016-10-30,fighting,Amara,,0,\n")
    base = load_scenario(tmp_path / "base")
    made = read(
        timeline=(
            "change,storyline,date,kind,place,to,value\n"
            "remove,fast,*,route,Amara,Khazer,\nadd,,2016-11-01..2016-11-09,fighting,Amara,,1\n"
        )
    )
    assert "timeline.csv:5:date" in base.priors
    assert base.priors["timeline.csv:5:date"] == made.priors["timeline.csv:5:date"]
    assert [event.when[0].prior for event in made.events[-2:]] == [
        "timeline.csv:5:date",
        "timeline.csv:6:date",
    ]
    write_scenario(made, tmp_path / "written" / "if")
    written = load_scenario(tmp_path / "written" / "if")
    assert written.priors == made.priors
    assert [event.when for event in written.events] == [event.when for event in made.events]


def test_a_what_if_of_a_what_if(read):
    read(name="first", places="change,name,lat,lon,kind,country\nadd,Aaa,36.1,43.1,camp,Iraq\n",
         routes="change,from,to,length_km\nadd,Aaa,Khazer,5\n")  # fmt: skip
    made = read(name="second", base="first", places="name,capacity\nAaa,70\n")
    assert made.what_if.extends == ("base", "first")
    assert made.what_if.changes == (
        "new place 'Aaa': camp",
        "new road Aaa – Khazer: length_km 5",
        "place 'Aaa': capacity is 70 (was blank)",
    )
    assert made.numbered_places == ("Amara", "Khazer", "Tol", "Aaa")
    assert made.what_if.places == ("Amara", "Khazer", "Tol", "Aaa")


def test_a_removed_place_leaves_its_number(read):
    made = read(
        places="change,name\nremove,Tol\n",
        routes="change,from,to\nremove,Khazer,Tol\n",
        timeline="change,storyline,date,kind,place,to\nremove,slow,*,control,Amara,\n",
    )
    assert [place.name for place in made.places] == ["Amara", "Khazer"]
    assert made.numbered_places == ("Amara", "Khazer", "Tol")


@pytest.mark.parametrize("name", [name for name in bundled_names() if name.startswith("mosul-2016-")])
def test_the_bundled_what_ifs_extend_mosul(name):
    checked = check_scenario(name)
    assert checked.scenario is not None
    assert {problem.code for problem in checked.problems} <= {"event-may-miss", "prior-unused"}
    assert checked.scenario.what_if.extends == ("mosul-2016",)
    assert 1 <= len(checked.scenario.what_if.changes) <= 6
    base = load_scenario("mosul-2016")
    assert checked.scenario.claims == base.claims and checked.scenario.counts == base.counts
    assert {**base.priors, **checked.scenario.priors} == checked.scenario.priors


def test_a_written_what_if_stands_alone(read, tmp_path):
    made = read(places="name,capacity\nKhazer,9000\n")
    write_scenario(made, tmp_path / "alone" / "if")
    shutil.rmtree(tmp_path / "base")
    assert load_scenario(tmp_path / "alone" / "if") == made
    assert (
        "extends:" not in (tmp_path / "alone" / "if" / "scenario.yaml").read_text("utf-8").split("what_if")[0]
    )


def test_a_what_if_of_a_what_if_that_was_written_out(read, tmp_path):
    """What is known of the first base is kept, and so are the numbers of the places."""
    first = read(
        places="change,name,lat,lon,kind,country\nadd,Aaa,36.1,43.1,camp,Iraq\n",
        routes="change,from,to,length_km\nadd,Aaa,Khazer,5\n",
    )
    write_scenario(first, tmp_path / "written")
    made = read(name="second", base="written", places="name,capacity\nAaa,70\n")
    assert made.what_if.extends == ("base", "if")
    assert made.what_if.changes == (*first.what_if.changes, "place 'Aaa': capacity is 70 (was blank)")
    assert made.numbered_places == first.numbered_places == ("Amara", "Khazer", "Tol", "Aaa")


FILES = {
    "scenario.yaml": (
        "extends: base\ntitle: x\nhorizon: 2016-11-30\n"
        "storylines:\n  - name: slow\n    weight: 0\n  - name: third\n    title: Third\n"
        "groups:\n  - name: children\n    leave_factor: 2\n"
        "rules:\n  leave_rate_per_day: 0.5\n  attraction: {camp: 3}\n"
        "priors:\n  delay: {distribution: fixed, unit: day, value: 4}\n"
        "triggers: [more than 50 trapped]\nprovenance: {a: b}\n"
    ),
    "places.csv": "change,name,capacity,control\nreplace,Khazer,9000,-\nadd,Q,1,x\n",
    "routes.csv": "change,from,to,length_km\nreplace,Tol,Khazer,30\nremove,Amara,Khazer,\n",
    "timeline.csv": "change,storyline,date,kind,place,to,value\nremove,*,*,route,Amara,Khazer,\n",
    "counts.csv": "change,date,place,people\nremove,2016-10-20,Khazer,\n",
}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_what_if_holds_it_is_read_or_refused_in_words(seed, tmp_path):
    """Forty damaged what-ifs each: characters lost and added, lines in another order, pieces cut out."""
    rng = random.Random(seed)
    shutil.copytree(BASE, tmp_path / "base")
    for number in range(40):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in FILES.items():
            (folder / name).write_text(damaged(text, rng), "utf-8")
        checked = check_scenario(folder)
        assert (checked.scenario is None) == any(not problem.warning for problem in checked.problems)
        assert all(problem.format() for problem in checked.problems)


def damaged(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice([0, 1, 2, 3])):
        at, other = sorted((rng.randrange(len(text)), rng.randrange(len(text))))
        lines = text.split("\n")
        rng.shuffle(lines)
        text = rng.choice(
            [
                text[:at] + text[at + 1 :],
                text[:at] + rng.choice(',;:\n-[]{}"*#& \t0x') + text[at:],
                "\n".join(lines),
                text[:at] + text[other:],
            ]
        )
        text = text or "x"
    return text
