"""The three cases, each of which returns lines of text: a run of the flagship, cost by people, cost by members."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Measured, Task, measure

FLAGSHIP = "mosul-2016"


@dataclass(frozen=True)
class Size:
    """How much a case measures; `FULL` for figures to be told, `TINY` to see that a case works."""

    members: int
    calls: int  # per measurement, the first included
    people: tuple[float, ...]
    members_steps: tuple[int, ...]
    compiles: bool  # measure the first call with nothing compiled, which takes half a minute


FULL = Size(200, 6, (1e4, 1e5, 1e6, 1e7), (25, 50, 100, 200, 400), True)
TINY = Size(2, 3, (1e4, 2e4), (1, 2), False)


def measure_run(size: Size) -> list[str]:
    """Case 1: a run of the flagship: first call, later calls, memory, one and two workers."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) if size.compiles else None
        if size.compiles:
            cold = measure(Task(FLAGSHIP, size.members, 1, 1), code)
            lines.append(f"nothing compiled yet: first call {cold.first:.1f} s (compiles), 1 worker")
        for workers in (1, 2):
            warm = measure(Task(FLAGSHIP, size.members, workers, size.calls), code)
            lines.append(
                f"{workers} worker{'s' * (workers > 1)}: "
                f"first call of a process {warm.first:.2f} s; {_later(warm)}"
            )
    return [_title("run", warm, f"{size.members} members"), *lines]


def measure_people(size: Size) -> list[str]:
    """Case 2: cost against the number of people, on the roads of the flagship."""
    found = [measure(Task(FLAGSHIP, size.members, 1, size.calls, people=people)) for people in size.people]
    least = found[0].median_later
    lines = [
        f"{round(one.people):>10,} people: {_later(one)}; {one.median_later / least:.2f} times the first"
        for one in found
    ]
    return [_title("cost against people", found[0], f"{size.members} members, 1 worker"), *lines]


def measure_members(size: Size) -> list[str]:
    """Case 3: cost against the number of members."""
    found = {members: measure(Task(FLAGSHIP, members, 1, size.calls)) for members in size.members_steps}
    lines = [
        f"{members:>5,} members: {_later(one)}; {1000 * one.median_later / members:.0f} ms a member"
        for members, one in found.items()
    ]
    return [_title("cost against members", next(iter(found.values())), "1 worker"), *lines]


CASES = {"run": measure_run, "people": measure_people, "members": measure_members}


def _title(what: str, one: Measured, how: str) -> str:
    return f'{what}, scenario "{FLAGSHIP}" ({one.places} places, {one.routes} routes, {one.days} days), {how}'


def _later(one: Measured) -> str:
    """Word the later calls of a measurement."""
    low, high = min(one.later), max(one.later)
    return (
        f"later calls {one.median_later:.2f} s, median of {len(one.later)}, range {low:.2f}-{high:.2f}; "
        f"peak memory {one.peak_bytes / 1e6:.0f} MB"
    )
