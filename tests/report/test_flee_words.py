"""What report and model card say of a scenario under the law flee."""

from __future__ import annotations

from pathlib import Path

from corridor.report.flee_words import leaving_in_words, optional_rules_in_words
from corridor.report.texts import ENGLISH
from corridor.scenario.load import load_scenario
from corridor.scenario.model import Scenario

SETTINGS = """\
title: T
issue_date: 2016-10-01
horizon: 2016-10-31
rules:
  law: flee
  flee:
    home_country: Iraq
    departures: constant
"""
FILES = {
    "places.csv": "name,lat,lon,kind,country,admin,population,stay_chance\n"
    "Amara,36.00,43.00,town,Iraq,North,1000,\nKhazer,36.10,43.10,camp,Iraq,North,,0.1\n",
    "routes.csv": "from,to,length_km,forced_to\nAmara,Khazer,20,Khazer\n",
    "hunger.csv": "date,admin,percent\n2016-10-05,North,30\n",
}


def scenario_with(folder: Path, rules: str, event: str, **files: str) -> Scenario:
    texts = {**FILES, "scenario.yaml": SETTINGS + rules, **files}
    texts["timeline.csv"] = f"storyline,date,kind,place,value\n,2016-10-05,{event},Amara,1\n"
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return load_scenario(folder)


def test_every_optional_rule_is_told(tmp_path: Path):
    rules = """\
    flood_displaced_per_day: [0, 10]
    flood_move_chance: [0, 1]
    flood_attraction: [1, 0.5]
    flood_forecast_days: 3
    flood_forecast_weights: [1, 1, 1]
    hunger_moves_on: true
    hunger_repels: true
    fixed_routes: true
    harvest_months: [10]
    harvest_stops_all: true
    same_religion_at_sites: 4
    same_ethnicity_elsewhere: 10
groups:
  - {name: all, share: 1, religion: amber, ethnicity: dune}
"""
    scenario = scenario_with(tmp_path, rules, "flood")
    assert scenario.rules.flee is not None
    assert leaving_in_words(scenario.rules.flee, ENGLISH) == "People leave flooded places."
    assert list(optional_rules_in_words(scenario, ENGLISH)) == [
        "Lack of food makes people move on and keeps people from places.",
        "A flood also decides how many move on from a place, and how few go there.",
        "Floods are foreseen 3 days ahead, as far as people are aware of it.",
        "Each place has fixed routes to its destinations.",
        "In months of harvest everybody stops, and is counted at home.",
        "People prefer places where many share their religion and ethnicity; who belongs to whom is "
        "sensitive, and no more of it than is needed should be passed on.",
        "Some roads are taken by everybody at their start.",
        "Some people stay in a site for good.",
    ]


def test_without_optional_rules_nothing_is_told(tmp_path: Path):
    plain = {
        "places.csv": FILES["places.csv"].replace(",0.1", ","),
        "routes.csv": "from,to,length_km\nAmara,Khazer,20\n",
    }
    scenario = scenario_with(tmp_path, "    displaced_per_day: 40\n", "fighting", **plain)
    assert scenario.rules.flee is not None
    assert leaving_in_words(scenario.rules.flee, ENGLISH) == "People leave places where there is fighting."
    assert list(optional_rules_in_words(scenario, ENGLISH)) == []
