"""The two folders of a Flee instance: where a whole folder is wrong, that is told, not each file of it."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from corridor.formats.flee.lines import Faults

#: Files that every ``input_csv`` has, and the one that every ``source_data`` has.
INPUT_FILES = ("sim_period.csv", "locations.csv", "routes.csv", "closures.csv", "conflicts.csv")
LAYOUT = "data_layout.csv"


def check_folders(input_csv: Path, source_data: Path, faults: Faults) -> bool:
    """Report a folder that is not there, or that has none of the files which make it what it should be.

    Return whether both may be read.
    """
    before = faults.n_fatal
    for folder, names in ((input_csv, INPUT_FILES), (source_data, (LAYOUT,))):
        if not folder.is_dir():
            message = "is a file; a folder was expected" if folder.exists() else "there is no such folder"
            hint = "name the folder in which it is" if folder.exists() else _near_folder(folder)
            faults.add("flee-folder-missing", message, file=str(folder), hint=hint)
        elif not _has_any(folder, names) and (elsewhere := _where(folder, names)):
            said = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
            message = f"the folder has {'none of ' if len(names) > 1 else 'no '}{said}"
            faults.add("flee-folder-wrong", message, file=str(folder), hint=elsewhere)
    return faults.n_fatal == before


def _has_any(folder: Path, names: tuple[str, ...]) -> bool:
    """Return whether a folder has one of some files; not if it may not be read."""
    return any(os.path.exists(folder / name) for name in names)


def _where(folder: Path, names: tuple[str, ...]) -> str:
    """Return a hint where the files are, or "" if nothing tells and one file only is missing."""
    other = (LAYOUT,) if names is INPUT_FILES else INPUT_FILES
    if _has_any(folder, other):
        return "INPUT_CSV comes first, then SOURCE_DATA: are the two folders swapped?"
    for inside in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        if _has_any(inside, names):
            return f"its folder '{inside.name}' has {'them' if len(names) > 1 else 'it'}: name that one"
    if _has_any(folder.parent, names):
        return f"the folder above it has {'them' if len(names) > 1 else 'it'}: name that one"
    return "name the folder that has them" if len(names) > 1 else ""


def _near_folder(folder: Path) -> str:
    """Return a hint naming a folder beside it with a similar name."""
    if not folder.parent.is_dir():
        return f"there is no folder '{folder.parent}' either"
    names = sorted(entry.name for entry in folder.parent.iterdir() if entry.is_dir())
    near = difflib.get_close_matches(folder.name, names, n=1, cutoff=0.6)
    return f"there is '{near[0]}'" if near else ""
