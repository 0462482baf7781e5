"""A headless Chromium, and reports to open in it: a small one with all a scenario can say, and Mosul's.

The browser is Debian's ``chromium``, or what CORRIDOR_CHROMIUM names; without one these tests are skipped.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich_scenario import EVIL, FromTheRight, rich_forecast

from corridor.report.html import write_report

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str | None:
    """Return the browser to drive, or None."""
    named = os.environ.get("CORRIDOR_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium found; install it or name it in CORRIDOR_CHROMIUM")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def rich_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two storylines, a what-if that follows one of them, names from right to left and names with markup."""
    what_ifs = {EVIL: rich_forecast(2, followed="a")}
    return write_report(rich_forecast(), tmp_path_factory.mktemp("rich") / "report.html", what_ifs=what_ifs)


@pytest.fixture(scope="session")
def arabic_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(
        rich_forecast(), tmp_path_factory.mktemp("arabic") / "report.html", texts=FromTheRight()
    )


@pytest.fixture(scope="session")
def mosul_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flagship with few members: the page is as long as with many."""
    from corridor.ensemble.run import run
    from corridor.scenario.load import load_scenario

    forecast = run(load_scenario("mosul-2016"), members=8, seed=1)
    return write_report(forecast, tmp_path_factory.mktemp("mosul") / "report.html")
