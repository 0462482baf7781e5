"""The commands of the section on importing in docs/flee.md, run on the instance of four places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documented import ROOT, page_as_it_runs

import flee_tiny
from corridor.scenario.check_law import FLEE_LISTS, FLEE_RULES
from corridor.scenario.load import check_scenario
from corridor.scenario.model import FleeRules


@pytest.mark.slow
def test_the_section_shows_what_its_commands_show(tmp_path: Path):
    flee_tiny.write_files(tmp_path / "tiny", closures="location,CampTwo,,3,8\n")
    page = (ROOT / "docs" / "flee.md").read_text("utf-8")
    section = page.partition("## Importing\n")[2].partition("\n## ")[0]
    assert section.count("$ corridor") == 4
    assert page_as_it_runs(section, tmp_path) == section


def test_the_section_on_importing_from_python(tmp_path, monkeypatch):
    flee_tiny.write_files(tmp_path / "tiny")
    page = (ROOT / "docs" / "flee.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page.partition("## Importing\n")[2], flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks[0], "docs/flee.md", "exec"), {})
    assert check_scenario("from-python").scenario is not None


def test_every_rule_of_the_law_flee_is_documented_and_checked():
    page = (ROOT / "docs" / "scenario.md").read_text("utf-8")
    section = page.partition("## The law flee\n")[2].partition("\n## ")[0]
    assert [name for name in FleeRules.model_fields if f"`{name}`" not in section] == []
    fields = {name: str(field.annotation) for name, field in FleeRules.model_fields.items()}
    numbers = {name for name, annotation in fields.items() if "float" in annotation}
    lists = {name for name in numbers if "tuple" in fields[name]}
    assert (numbers - lists, lists) == (set(FLEE_RULES), set(FLEE_LISTS))
