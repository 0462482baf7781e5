"""Large Flee instances: what is read once, and where looking for likely repairs ends."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from corridor.formats.flee import lines
from corridor.problems import MOST_LOOKUPS, InputError


@pytest.mark.parametrize("more", [2, 40])
def test_a_file_is_read_as_often_whatever_the_number_of_places(tiny, monkeypatch, more: int):
    """Places in conflict and sites without roads each get a warning with its line."""
    towns = "".join(f"T{n},North,Homeland,1.0,10.0,conflict_zone,0,\n" for n in range(more))
    sites = "".join(f"S{n},East,Abroad,2.0,11.0,camp,,100\n" for n in range(more))
    tiny.append("input_csv/locations.csv", towns + sites)
    tiny.append("source_data/data_layout.csv", "".join(f"S{n},one.csv\n" for n in range(more)))
    read: Counter[str] = Counter()
    read_text = lines.read_text

    def counted(path: Path, *arguments, **options):
        read[path.name] += 1
        return read_text(path, *arguments, **options)

    monkeypatch.setattr(lines, "read_text", counted)
    warned = Counter(warning.code for warning in tiny.read().warnings if warning.line)
    assert warned["flee-no-way-out"] == warned["flee-site-unreachable"] == more
    assert read["locations.csv"] <= 4


def test_the_nearest_place_is_looked_up_for_the_first_hundred_names(tiny):
    tiny.append("input_csv/routes.csv", "Betta,CampTwo,100\n" * (MOST_LOOKUPS + 20))
    with pytest.raises(InputError) as raised:
        tiny.read()
    hints = [problem.hint for problem in raised.value.problems if problem.code == "flee-place-unknown"]
    assert hints == ["did you mean 'Beta'?"] * MOST_LOOKUPS + [""] * 20
