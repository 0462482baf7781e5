"""Where a settings file names a key: a problem about a setting, with the line that it stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from corridor.formats.flee.model import FleeInstance
from corridor.problems import Problem


def settings_lines(instance: FleeInstance) -> list[str]:
    """Return the lines of the settings file of an instance; none if it is gone."""
    file = Path(instance.settings_file)
    return file.read_text("utf-8").splitlines() if file.is_file() else []


def problem_of_setting(
    code: str,
    instance: FleeInstance,
    lines: Sequence[str],
    key: str,
    message: str,
    hint: str = "",
    *,
    warning: bool = False,
) -> Problem:
    """Return a problem at the line of the settings that names a key, if one does."""
    pattern = re.compile(rf"(?<![\w-]){key}(?=\s*:)")
    for number, line in enumerate(lines, start=1):
        if match := pattern.search(line.split("#")[0]):
            place = (instance.settings_file, number, match.start() + 1)
            return Problem(code, *place, message, hint, line, len(key), warning)
    return Problem(code, instance.settings_file, 0, 0, message, hint, warning=warning)
