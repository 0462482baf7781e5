"""The cold start knows nothing that was not known on the issue day."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from corridor.assimilate.cold import TOLD, UNIFORM, blinded, cold_start, cold_views
from corridor.assimilate.hindcast import flee_hindcast, read_instance
from corridor.assimilate.reading import read_conflict
from corridor.assimilate.suite import hindcasts_of
from flee_tiny import read, write_files


@pytest.fixture(scope="module")
def instance(shared):
    return read_instance(shared / "flee" / "instances" / "mali2012")


def test_what_came_later_changes_no_share(instance):
    """Capacities, counts, later fighting and later closures are changed; the views stay the same to the
    last bit."""
    later = [switch for switch in instance.switches if switch.day > 30]
    changed = dataclasses.replace(
        instance,
        places=tuple(
            dataclasses.replace(place, capacity=place.capacity * 3 + 5 if place.is_camp else place.capacity)
            for place in instance.places
        ),
        series=tuple(dataclasses.replace(series, people=series.people * 7 + 3) for series in instance.series),
        switches=tuple(switch for switch in instance.switches if switch.day <= 30),
        closures=tuple(
            dataclasses.replace(
                closure, end_day=closure.end_day + 50 if closure.end_day > 30 else closure.end_day
            )
            for closure in instance.closures
            if closure.start_day <= 30
        ),
    )
    assert later
    one, two = (cold_views(each, 30, [60, 90], seed=1) for each in (instance, changed))
    assert {name: split.tobytes() for name, split in one.items()} == {
        name: split.tobytes() for name, split in two.items()
    }


def test_shares_are_shares(instance):
    for split in cold_views(instance, 30, [60], seed=1).values():
        assert split.sum(axis=1) == pytest.approx([1.0])
        assert (split >= 0).all()


def test_the_blind_instance_has_no_counts(instance):
    blind = blinded(instance, 30, 100)
    assert all(place.capacity == -1 for place in blind.places)
    assert sum(series.people.sum() for series in blind.series) == 0
    assert blind.n_days == 100


def test_the_errors_of_a_cold_start(instance, shared):
    counts = read_conflict(shared / "flee" / "instances" / "mali2012")
    people = flee_hindcast(instance, replicates=2).people.mean(axis=0)
    errors = cold_start(instance, counts, {day: people[day] for day in (60, 90, 120)})
    truth = counts.truth([60, 90, 120])
    shares = truth / truth.sum(axis=1, keepdims=True)
    assert errors[UNIFORM] == pytest.approx(np.abs(shares - 1 / 7).sum(axis=1).mean())
    assert all(0 < error < 2 for error in errors.values())
    assert TOLD in errors


def test_a_record_too_short_for_a_target_gives_nothing(tmp_path):
    folder = write_files(tmp_path)
    assert cold_start(read(folder), read_conflict(folder)) == {}


def test_an_instance_that_the_law_cannot_run_is_left_out_by_name(tmp_path):
    """Its counts can be scored all the same."""
    folder = write_files(tmp_path / "tiny", routes="#name1,name2,distance\nN0,nowhere,10\n")
    found, notes = hindcasts_of([read_conflict(folder)], [str(folder)], None)
    assert found == {}
    assert len(notes) == 1
    assert notes[0].startswith("tiny: Flee's law and the cold start are left out: ")
