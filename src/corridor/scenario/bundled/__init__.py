"""The scenarios that come with the package: names in, folders and titles out.

Every folder here that has a scenario.yaml is one. `corridor.scenario.load` takes their names in place of a
path.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from ruamel.yaml import YAML

_SETTINGS_FILE = "scenario.yaml"


def bundled_names() -> tuple[str, ...]:
    """Return the names of the bundled scenarios in order of name."""
    return tuple(sorted(folder.name for folder in _home().iterdir() if (folder / _SETTINGS_FILE).is_file()))


def bundled_folder(name: str) -> Path:
    """Return the folder of a bundled scenario.

    Raises
    ------
    ValueError
        If no bundled scenario has this name.
    """
    if name not in bundled_names():
        raise ValueError(f"'{name}' is no bundled scenario; there are {', '.join(bundled_names())}")
    return _home() / name


def bundled_titles() -> dict[str, str]:
    """Return the title of each bundled scenario by name.

    >>> bundled_titles()["two-towns"]
    'Two towns and a camp'
    """
    titles = {}
    for name in bundled_names():
        text = (_home() / name / _SETTINGS_FILE).read_text(encoding="utf-8")
        titles[name] = str(YAML(typ="safe").load(text)["title"])
    return titles


def _home() -> Path:
    return Path(str(resources.files(__name__)))
