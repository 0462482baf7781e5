"""`python -m benchmarks [run|people|members|dask ...] [--tiny] [--write]`: measure, print, keep if asked."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.cases import CASES, FULL, TINY
from benchmarks.measure import ROOT

RESULTS = ROOT / "benchmarks" / "results.md"


def main() -> None:
    """Measure the cases named, all of them if none is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all if none is named"
    )
    parser.add_argument(
        "--tiny", action="store_true", help="see that the cases work; the figures mean nothing"
    )
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(ROOT)}")
    asked = parser.parse_args()
    unknown = sorted(set(asked.cases) - set(CASES))
    if unknown:
        parser.error(f"'{unknown[0]}' is no case; there are {', '.join(CASES)}")
    text = ""
    for block in measured_blocks(asked.cases or list(CASES), asked.tiny):
        print(block, end="\n\n", flush=True)
        text += f"    {block}\n\n".replace("\n", "\n    ").rstrip(" ")
    if asked.write:
        RESULTS.write_text(f"# Benchmark results\n\n{text}", encoding="utf-8")


def measured_blocks(names: list[str], tiny: bool) -> Iterator[str]:
    """Yield each case's lines, and at the end where they were measured."""
    for name in names:
        yield "\n".join(CASES[name](TINY if tiny else FULL))
    load = os.getloadavg()[0]
    repeat = " ".join(["python -m benchmarks", *(names if list(CASES) != names else []), *["--tiny"] * tiny])
    yield f"commit {_commit()}; {_machine()}; load average at the end {load:.1f}. Repeat: {repeat}"


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy"))
    return f"{os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}, {packages}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    """Return the short name of the commit, and whether files differ from it; "unknown" outside a checkout."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    changed = " with changes" if git("status", "--porcelain", "--", "src") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed


if __name__ == "__main__":
    main()
