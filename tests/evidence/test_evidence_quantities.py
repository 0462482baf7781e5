"""What ``about`` may say, and what it comes to."""

from __future__ import annotations

import pytest

from corridor.evidence.quantities import Resolver, key_of
from corridor.scenario.units import DAYS_PER_MONTH, read_unit


@pytest.mark.parametrize(
    ("about", "kind", "unit"),
    [
        ("population of Amara", "quantity", "people"),
        ("Population  of  amara", "quantity", "people"),
        ("capacity of Birch Camp", "quantity", "people"),
        ("people of fighters and families", "quantity", "people"),
        ("people of children", "quantity", ""),
        ("weight of long", "quantity", ""),
        ("prior siege", "quantity", ""),
        ("prior leaving", "quantity", "1/day"),
        ("prior leave_rate_per_day", "quantity", "1/day"),
        ("prior distance_power", "quantity", ""),
        ("date of entry", "quantity", "date"),
        ("displaced by 2024-03-20", "outcome", "people"),
        ("displaced in the first weeks", "outcome", "people"),
        ("displaced in the worst case", "outcome", "people"),
        ("people in Birch Camp on 2024-03-20", "outcome", "people"),
        ("day Birch Camp is full", "outcome", "date"),
        ("peak trapped", "outcome", "people"),
        ("funds needed", "words", ""),
    ],
)
def test_the_grammar(small, about, kind, unit):
    read = Resolver(small()).read(about)
    assert read.quantity is not None, read.fault
    assert (read.quantity.kind, read.quantity.unit) == (kind, unit)


@pytest.mark.parametrize(
    ("about", "fault", "hint"),
    [
        ("population of Amarra", "'Amarra' is no place of the scenario", "did you mean 'Amara'?"),
        ("capacity of Nowhere", "'Nowhere' is no place of the scenario", "known: Amara, Tol, Birch Camp"),
        ("people of chidlren", "'chidlren' is no group of the scenario", "did you mean 'children'?"),
        ("weight of lnog", "'lnog' is no storyline of the scenario", "did you mean 'long'?"),
        ("prior seige", "'seige' is no prior of the scenario", "did you mean 'siege'?"),
        ("date of siege", "'siege' is no prior of unit date of the scenario", "known: entry"),
        (
            "populaton of Amara",
            "'populaton of Amara' follows no rule of the grammar",
            "did you mean 'population of'?",
        ),
        ("displaced by 2024-13-20", "'2024-13-20' is no date", "months go from 01 to 12"),
        ("day Birch Kamp is full", "'Birch Kamp' is no place of the scenario", "did you mean 'Birch Camp'?"),
    ],
)
def test_what_is_about_nothing(small, about, fault, hint):
    read = Resolver(small()).read(about)
    assert (read.quantity, read.fault, read.hint) == (None, fault, hint)


def test_a_place_and_its_prior_are_one_quantity(small):
    resolver = Resolver(small())
    keys = {key_of(resolver.read(about).quantity) for about in ("population of Amara", "prior amara_people")}
    assert keys == {"prior amara_people"}


def test_what_the_scenario_makes_of_it(small):
    resolver = Resolver(small())
    assert resolver.read("weight of long").quantity.believed[0].value == 0.75
    assert resolver.read("population of Tol").quantity.believed[0].value == 500
    assert resolver.read("population of Amara").quantity.believed[0].prior.high == 1200
    assert resolver.read("capacity of Amara").quantity.believed[0].value is None


def test_a_set_in_words_is_known_by_the_prior_that_names_its_claims(small, claim):
    said = claim(id="x", about="people of gunmen in the hills")
    read = Resolver(small(said)).read(said.about, ("x",))
    assert read.quantity.kind == "set"
    assert [believed.label for believed in read.quantity.believed] == ["people of fighters and families"]
    assert Resolver(small()).read(said.about, ("x",)).quantity is None


def test_a_misspelt_name_is_a_fault_even_where_something_names_the_claim(small, claim):
    said = claim(id="x", about="people of childrn")
    assert Resolver(small(said)).read(said.about, ("x",)).hint == "did you mean 'children'?"


def test_a_claim_that_bears_on_a_quantity(small):
    read = Resolver(small()).read("bearing on weight of long")
    assert read.is_bearing
    assert read.quantity.name == "weight of long"


@pytest.mark.parametrize(
    ("written", "kept_in", "factor"),
    [
        ("families", "people", 6.0),
        ("People", "people", 1.0),
        ("people per day", "people/day", 1.0),
        ("weeks", "day", 7.0),
        ("months", "day", DAYS_PER_MONTH),
        ("percent", "", 0.01),
        ("", "", 1.0),
    ],
)
def test_units(written, kept_in, factor):
    unit = read_unit(written, household_size=6)
    assert (unit.kept_in, unit.factor) == (kept_in, factor)


def test_an_unknown_unit():
    assert read_unit("tents", household_size=6) is None
