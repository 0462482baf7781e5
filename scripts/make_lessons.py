"""Counts of conflicts into the past cases that come with the package, which hold no count.

    python scripts/make_lessons.py FOLDER...
    python scripts/make_lessons.py FOLDER... --widening

Folders are the conflict instances of FabFlee (https://github.com/djgroen/FabFlee), or scenario folders with
counts. It writes cases.npz, and with --widening (five minutes) widening.csv, into
src/corridor/assimilate/learned, or into the folder named with --out. The same folders give the same file.
Run it where Corridor is installed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corridor.assimilate.conditioned import SPLIT_CENTRES
from corridor.assimilate.learned_cases import LEADS_DAYS, make_table
from corridor.assimilate.past import FADING, HALF_DRIFT, KNOWN
from corridor.assimilate.reading import read_conflict
from corridor.assimilate.soft import FREE_CENTRES, learn
from corridor.verify.counts import CountSeries

LEARNED = Path(__file__).resolve().parents[1] / "src" / "corridor" / "assimilate" / "learned"
#: Centres of the free forecast and of HD, then those of the conditioned mode.
CENTRES = (KNOWN, FADING, HALF_DRIFT, *SPLIT_CENTRES[:2])


def main() -> None:
    """Read the folders and write the files."""
    parser = argparse.ArgumentParser(prog="make_lessons.py", description=__doc__)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--widening", action="store_true", help="write widening.csv as well")
    parser.add_argument("--out", type=Path, default=LEARNED)
    asked = parser.parse_args()
    series = sorted((read_conflict(folder) for folder in asked.folders), key=lambda counts: counts.name)
    with (asked.out / "cases.npz").open("wb") as file:
        np.savez_compressed(file, **make_table(series, CENTRES))  # type: ignore[arg-type]
    if asked.widening:
        (asked.out / "widening.csv").write_text("\n".join(widening(series)) + "\n", "utf-8")


def widening(series: Sequence[CountSeries]) -> list[str]:
    """Return the lines of widening.csv: of all conflicts, and of all without each one in turn."""
    lines = ["of,without,lead_days,widening"]
    for of in ("sites", "total", "split"):
        pool = [counts.in_total() for counts in series] if of == "total" else list(series)
        for without in ("", *(counts.name for counts in series)):
            others = [counts for counts in pool if counts.name != without]
            centres = SPLIT_CENTRES if of == "split" else FREE_CENTRES
            lines += [
                f"{of},{without},{lead},{learn(others, lead, centres=centres).widening}"
                for lead in LEADS_DAYS
            ]
    return lines


if __name__ == "__main__":
    main()
