"""The Flee instance of four places that tests/formats works with, for the tests of other folders."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from corridor.formats.flee import FleeInstance, read_flee_instance

_PATH = Path(__file__).parent / "formats" / "conftest.py"


def _read_files() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("flee_tiny_files", _PATH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look for it there
    spec.loader.exec_module(module)
    return dict(module.TINY)


FILES = _read_files()


def write_files(folder: Path, **changed: str) -> Path:
    """Write the instance to a folder; a keyword is a file without folder and ending, and its text."""
    for file, text in FILES.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.pop(path.stem, text), "utf-8")
    for stem, text in changed.items():
        (folder / "input_csv" / f"{stem}.csv").write_text(text, "utf-8")
    return folder


def read(folder: Path, **more: Any) -> FleeInstance:
    """Read the instance of a folder."""
    return read_flee_instance(folder / "input_csv", folder / "source_data", folder / "settings.yml", **more)
