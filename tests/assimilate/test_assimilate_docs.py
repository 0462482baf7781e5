"""docs/assimilation.md: its example gives what it shows, and its commands are commands."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from typer.testing import CliRunner

from corridor.cli.main import app

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "assimilation.md"


def test_the_page_shows_what_its_code_prints(tmp_path):
    path = ROOT / "tests" / "docs" / "documented.py"
    spec = importlib.util.spec_from_file_location("documented_page", path)
    assert spec is not None and spec.loader is not None
    documented = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(documented)
    text = PAGE.read_text("utf-8")
    assert "```python" in text
    assert documented.page_as_it_runs(text, tmp_path) == text


def test_commands_and_options_of_the_page_exist():
    calls = re.findall(r"^    corridor (\w+) .*?((?: --[\w-]+)?.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {name for name, _ in calls} == {"run", "reissue", "backtest"}
    for name, rest in calls:
        shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output
        for option in re.findall(r"--[\w-]+", rest):
            assert option in shown, (name, option)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#\s]+)\)", PAGE.read_text("utf-8")):
        assert (PAGE.parent / target).exists(), target
