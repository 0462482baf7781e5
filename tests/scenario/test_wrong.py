"""Every way a scenario can be wrong, with the exact text it prints; code, documents and cases agree."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import corridor.scenario
from cases import BASE, HERE, WRONG, Case, build, read_cases
from corridor.problems import format_problems
from corridor.scenario.load import check_scenario

CASES = [case for path in sorted(WRONG.glob("*.txt")) for case in read_cases(path)]

#: Codes of `write_scenario`, which needs no wrong folder; test_write.py has their cases.
WRITING = {"folder-exists", "write-differs"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_prints(case: Case, tmp_path: Path) -> None:
    checked = check_scenario(build(case, tmp_path / "wrong"))
    assert format_problems(checked.problems).replace(str(tmp_path / "wrong"), "FOLDER") == case.expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_gives_a_scenario_only_without_problems(case: Case, tmp_path: Path) -> None:
    checked = check_scenario(build(case, tmp_path / "wrong"))
    assert (checked.scenario is None) == ("Nothing was run." in case.expected)


def test_base_is_right() -> None:
    checked = check_scenario(BASE)
    assert checked.problems == ()
    assert checked.scenario is not None


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 60


def test_each_file_of_cases_shows_its_code() -> None:
    for case in CASES:
        code = case.name.partition(":")[0]
        assert re.search(rf"\[(warning: )?{code}\]", case.expected), case.name


def test_codes_of_source_documents_and_cases_agree() -> None:
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", _problems_page(), flags=re.MULTILINE))
    code = re.compile(r"^(?:\S+ )?\[(?:warning: )?([a-z-]+)\]", flags=re.MULTILINE)
    shown = {found for case in CASES for found in code.findall(case.expected)}
    assert codes_in_source() == documented
    assert shown | WRITING == documented


def _problems_page() -> str:
    return (HERE.parent.parent / "docs" / "problems.md").read_text(encoding="utf-8")


def codes_in_source() -> set[str]:
    """Return every code that the readers, checks and the writer can give, from their syntax trees."""
    folder = Path(corridor.scenario.__path__[0])
    return {code for path in folder.glob("*.py") for code in _codes(ast.parse(path.read_text("utf-8")))}


def _codes(tree: ast.AST) -> set[str]:
    codes = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if name in {"fault", "warn", "_fault", "Problem"} and isinstance(first, ast.Constant):
                codes.add(str(first.value))
    return codes
