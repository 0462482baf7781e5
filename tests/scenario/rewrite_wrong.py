"""Writes the expected texts of `wrong` anew, after a change of wording; whoever runs it reads the diff.

Run: PYTHONPATH=src python tests/scenario/rewrite_wrong.py
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from cases import WRONG, Case, build, read_cases, write_cases
from corridor.problems import format_problems
from corridor.scenario.load import check_scenario


def with_text_of_today(case: Case) -> Case:
    """Return the case with the text that it prints now."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "wrong"
        text = format_problems(check_scenario(build(case, folder)).problems)
        return replace(case, expected=text.replace(str(folder), "FOLDER"))


if __name__ == "__main__":
    for path in sorted(WRONG.glob("*.txt")):
        write_cases(path, [with_text_of_today(case) for case in read_cases(path)])
