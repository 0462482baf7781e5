"""The skill of Corridor's forecasts of counts, conflict by conflict, each forecast from the others alone.

First the plain baselines, as the study that defined them gives them; then one table of all models, free;
then the split alone, the totals told. Folders are Flee instances or scenarios with counts; those of
``shared/flee`` beside the repository if none is named.

    python -m benchmarks.skill
    python -m benchmarks.skill FOLDER FOLDER --out skill
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from corridor.assimilate.backtest import LEADS_DAYS
from corridor.assimilate.reading import read_conflict
from corridor.cli.backtest import run_backtest
from corridor.problems import InputError
from corridor.verify import Baseline, table_of
from corridor.verify.counts import CountSeries

INSTANCES = Path(__file__).resolve().parents[2] / "shared" / "flee" / "instances"
#: rCRPS of the study, ../shared/forecast-findings.md, at 30, 60 and 90 days.
PUBLISHED = {
    Baseline.PERSISTENCE: (0.152, 0.202, 0.248),
    Baseline.HALF_DRIFT: (0.139, 0.181, 0.227),
    Baseline.PP: (0.130, 0.165, 0.196),
    Baseline.RP: (0.124, 0.156, 0.186),
    Baseline.HD: (0.122, 0.150, 0.175),
}
STUDIED = ("burundi2015", "car2013", "mali2012", "nigeria2016", "ssudan2013", "syria2013")


def main() -> None:
    """Print the tables; write scores and pages if a folder is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.skill", description=__doc__)
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="Flee instances or scenario folders")
    parser.add_argument("--out", type=Path, help="folder for free/ and conditioned/, each scores and a page")
    parser.add_argument("--no-hindcast", action="store_true", help="without Flee's law and the cold start")
    asked = parser.parse_args()
    folders = asked.folders or sorted(str(path) for path in INSTANCES.glob("*") if path.is_dir())
    if not folders:
        parser.error(f"name folders: {INSTANCES} is not there")
    started = time.perf_counter()
    try:
        report(folders, asked.out, told=not asked.no_hindcast)
    except InputError as error:
        sys.exit(str(error))
    print(f"\n{time.perf_counter() - started:.0f} s")


def report(folders: Sequence[str], out: Path | None, *, told: bool) -> None:
    """Print all tables of the folders."""
    series = [read_conflict(folder) for folder in folders]
    print(baselines(series))
    for mode, words in (("free", "Free"), ("conditioned", "Conditioned: the total is told")):
        print(f"\n# {words}\n", flush=True)
        target = out / mode if out is not None else None
        run_backtest(series, folders, LEADS_DAYS, every=14, mode=mode, told=told, settings=None, out=target)


def baselines(series: Sequence[CountSeries]) -> str:
    """Return the baselines alone, beside the study's figures where these are its six conflicts."""
    if len(series) < 2:
        return "The baselines alone need two conflicts or more."
    table = table_of(series)
    lines = [f"# Baselines\n\n{table.to_markdown()}"]
    if tuple(sorted(counts.name for counts in series)) == STUDIED:
        off = max(
            abs(table.mean(baseline, lead) - published)
            for baseline, row in PUBLISHED.items()
            for lead, published in zip((30, 60, 90), row, strict=True)
        )
        lines.append(f"Largest difference from the study's means: {off:.4f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
