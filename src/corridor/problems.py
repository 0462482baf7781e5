"""What is wrong with an input, in words that let its author mend it.

Every reader collects `Problem` objects and goes on, so that a person sees all faults of all files at once.
`InputError` carries them to the caller; `format_problems` words them for a terminal. This module reads no
file and imports nothing of the package.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

#: Problems of one code shown of one file; the others are counted.
MOST_ALIKE = 5
#: Words for which the nearest known one is looked up: each is compared with all of them, which takes time.
MOST_LOOKUPS = 100
#: Characters of an excerpt shown at least, and of its marked stretch at most; of a longer word, too.
MOST_SHOWN, MOST_MARKED = 240, 60
_LONG_WORD = re.compile(rf"([^\s/]{{{MOST_MARKED}}})[^\s/]{{40,}}?(?='?[;,.]?(?:\s|$))")


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
        lines = [" ".join(part for part in (where, label, _shown(self.message)) if part)]
        if self.excerpt:
            number = str(self.line)
            excerpt, width = self._marked()
            lines.append(f"    {number} | {excerpt}")
            if self.column and width:
                lines.append(f"    {' ' * len(number)} | {' ' * (self.column - 1)}{'^' * width}")
        if self.hint:
            lines.append(f"    hint: {_shown(self.hint)}")
        return "\n".join(lines)

    def _marked(self) -> tuple[str, int]:
        """Return the excerpt fit for showing, a blank for what cannot be printed, and the width to mark."""
        text = "".join(character if character.isprintable() else " " for character in self.excerpt)
        width = min(self.width, MOST_MARKED)
        most = max(MOST_SHOWN, self.column + width + 20)
        return (text if len(text) <= most else f"{text[: most - 1]}…"), width


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
    lines = [*_some_of_each(faults), *_some_of_each(warnings)]
    lines.append(_closing_count(faults, warnings))
    return "\n".join(line for line in lines if line)


def _some_of_each(problems: Sequence[Problem]) -> Iterator[str]:
    """Word the first problems of each code and file; the number of the others stands after the last shown."""
    alike = Counter((problem.file, problem.code) for problem in problems)
    shown = Counter[tuple[str, str]]()
    for problem in problems:
        kind = problem.file, problem.code
        shown[kind] += 1
        if shown[kind] <= MOST_ALIKE:
            yield problem.format()
        if shown[kind] == MOST_ALIKE < alike[kind]:
            yield f"    ... and {alike[kind] - MOST_ALIKE} more like this"


def _shown(text: str) -> str:
    """Return a text fit for a terminal: what cannot be seen is named by its code, and words have an end."""
    seen = (c if c.isprintable() else " " if c in "\t\n" else f"<U+{ord(c):04X}>" for c in text)
    return _LONG_WORD.sub(r"\1…", "".join(seen))


def _closing_count(faults: Sequence[Problem], warnings: Sequence[Problem]) -> str:
    def count(number: int, word: str) -> str:
        return f"{number} {word}{'' if number == 1 else 's'}"

    if not faults:
        return f"{count(len(warnings), 'warning')}." if warnings else ""
    files = {problem.file for problem in faults if problem.file}
    across = f" in {count(len(files), 'file')}" if files else ""
    extra = f" and {count(len(warnings), 'warning')}" if warnings else ""
    return f"{count(len(faults), 'problem')}{across}{extra}. Nothing was run."


class NearestWords:
    """Looks up what misspelt words may mean, as long as they are few."""

    def __init__(self) -> None:
        self._n_lookups = 0

    def hint(self, word: str, known: Iterable[str]) -> str:
        """Return "did you mean 'x'?" for the first `MOST_LOOKUPS` words, and "" for all others."""
        self._n_lookups += 1
        return did_you_mean(word, known) if self._n_lookups <= MOST_LOOKUPS else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'?" for the nearest known word, or "" when none is near.

    >>> did_you_mean("camp_are_sinks", ["camps_are_sinks", "softening"])
    "did you mean 'camps_are_sinks'?"
    """
    folded = {_folded(candidate): candidate for candidate in known}
    near = difflib.get_close_matches(_folded(word).strip(), list(folded), n=1, cutoff=0.6)
    return _meant(word, folded[near[0]]) if near else ""


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word.casefold())


def _meant(word: str, found: str) -> str:
    """Return a question that shows what differs, also where the two look alike."""
    if found.strip() == word:
        return f"it is listed as '{found}', with a blank"
    if unicodedata.normalize("NFC", word) != unicodedata.normalize("NFC", found) or word == found:
        return f"did you mean '{found}'?"
    here, there = (_codes(set(word) - set(found)), _codes(set(found) - set(word)))
    return f"did you mean '{found}'? It looks alike: here is {here}, there {there}"


def _codes(characters: set[str]) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in sorted(characters))
