"""What a reader found out about its files: problems with their spots, and notes on what was taken for what.

A `Spot` is a stretch of one line of one file. `Findings` gathers problems from every reader and check, so
that the author of a scenario sees all of them at once. It words nothing itself and reads no file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from corridor.problems import NearestWords, Problem

#: Characters of a line shown at least; longer lines are cut behind the marked stretch.
EXCERPT_LENGTH = 110


@dataclass(frozen=True, slots=True)
class Spot:
    """A stretch of one line from ``column`` on (from 1, in characters); 0 where nothing is at fault."""

    file: str = ""
    line: int = 0
    column: int = 0
    width: int = 0
    text: str = ""  # the line as written

    @property
    def excerpt(self) -> str:
        """The line fit for showing: no tabs or control characters, cut behind the marked stretch."""
        shown = "".join(character if character.isprintable() else " " for character in self.text.rstrip())
        length = max(EXCERPT_LENGTH, self.column + self.width + 20)
        return shown if len(shown) <= length else shown[: length - 1] + "…"


class Findings:
    """Problems, warnings and notes in the order found."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._notes: dict[str, list[str]] = {}
        self._nearest = NearestWords()

    def fault(self, code: str, spot: Spot, message: str, hint: str = "", *, warning: bool = False) -> None:
        """Add a problem that stops the run, or a warning."""
        self.problems.append(
            Problem(
                code,
                spot.file,
                spot.line,
                spot.column,
                message,
                hint,
                spot.excerpt,
                spot.width,
                warning=warning,
            )
        )

    def take(self, others: Findings, home: str) -> None:
        """Add the problems of ``others``, whose files lie in the folder called ``home``."""
        self.problems.extend(
            replace(problem, file=f"{home}/{problem.file}" if problem.file else "")
            for problem in others.problems
        )

    def warn(self, code: str, spot: Spot, message: str, hint: str = "") -> None:
        """Add something a planner would want to know, and what is assumed."""
        self.fault(code, spot, message, hint, warning=True)

    def nearest(self, word: str, known: Iterable[str]) -> str:
        """Return "did you mean 'x'?", and "" for all but the first words that are looked up."""
        return self._nearest.hint(word, known)

    def note(self, text: str, example: str = "") -> None:
        """Add a note; equal notes are told once, with their number and the first example."""
        self._notes.setdefault(text, []).append(example)

    @property
    def n_faults(self) -> int:
        """Problems so far, warnings not counted."""
        return sum(not problem.warning for problem in self.problems)

    @property
    def notes(self) -> tuple[str, ...]:
        """All notes as sentences."""
        return tuple(_word_note(text, examples) for text, examples in self._notes.items())


def _word_note(text: str, examples: list[str]) -> str:
    if not examples[0]:
        return text
    if len(examples) == 1:
        return f"{text}: {examples[0]}"
    return f"{text}: {examples[0]}, and {len(examples) - 1} more"
