"""What is wrong with an input, in words that let its author mend it.

Every reader collects `Problem` objects and goes on, so that a person sees all faults of all files at once.
`InputError` carries them to the caller; `format_problems` words them for a terminal. This module reads no
file and imports nothing of the package.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in an input, with its place and its likeliest repair.

    A problem stops the run; a warning (``warning=True``) is something a planner would want to know, and says
    what is assumed.
    """

    code: str  # stable and documented in docs/problems.md: "route-distance"
    file: str  # as the user named it; "" where no file is at fault
    line: int  # from 1; 0 where no line is at fault
    column: int  # from 1, in characters, as editors count; 0 where no column is at fault
    message: str  # the value found, in quotes, and what was expected
    hint: str = ""  # the likeliest repair, when one is near
    excerpt: str = ""  # the line as written, "" where there is none
    width: int = 0  # characters of the excerpt at fault, from column
    warning: bool = False

    def format(self) -> str:
        """Return the problem as lines of text: place, code, message, excerpt with a marker, hint."""
        where = (
            ":".join([self.file, *(str(n) for n in (self.line, self.column) if n > 0)]) if self.file else ""
        )
        label = f"[{'warning: ' if self.warning else ''}{self.code}]"
        lines = [" ".join(part for part in (where, label, self.message) if part)]
        if self.excerpt:
            number = str(self.line)
            lines.append(f"    {number} | {self.excerpt}")
            if self.column and self.width:
                lines.append(f"    {' ' * len(number)} | {' ' * (self.column - 1)}{'^' * self.width}")
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)


class InputError(ValueError):
    """An input that cannot be used; ``problems`` holds every fault found, warnings included."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(format_problems(self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        """Travel from a worker as what it was made of: the text alone would not do."""
        return type(self), (self.problems,)


class CorridorRuntimeError(RuntimeError):
    """A failure that is not the fault of the input: a full disk, a lost worker, a mistake of ours."""


def format_problems(problems: Sequence[Problem]) -> str:
    """Word a list of problems for a terminal, faults first, with a closing count.

    >>> print(format_problems([Problem("no-folder", "", 0, 0, "'x' is not a folder")]))
    [no-folder] 'x' is not a folder
    1 problem. Nothing was run.
    """
    faults = [problem for problem in problems if not problem.warning]
    warnings = [problem for problem in problems if problem.warning]
    lines = [problem.format() for problem in (*faults, *warnings)]
    lines.append(_closing_count(faults, warnings))
    return "\n".join(line for line in lines if line)


def _closing_count(faults: Sequence[Problem], warnings: Sequence[Problem]) -> str:
    def count(number: int, word: str) -> str:
        return f"{number} {word}{'' if number == 1 else 's'}"

    if not faults:
        return f"{count(len(warnings), 'warning')}." if warnings else ""
    files = {problem.file for problem in faults if problem.file}
    across = f" in {count(len(files), 'file')}" if files else ""
    extra = f" and {count(len(warnings), 'warning')}" if warnings else ""
    return f"{count(len(faults), 'problem')}{across}{extra}. Nothing was run."


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'?" for the nearest known word, or "" when none is near.

    >>> did_you_mean("camp_are_sinks", ["camps_are_sinks", "softening"])
    "did you mean 'camps_are_sinks'?"
    """
    folded = {candidate.casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(word.casefold().strip(), list(folded), n=1, cutoff=0.6)
    return f"did you mean '{folded[near[0]]}'?" if near else ""
