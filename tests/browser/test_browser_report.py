"""The report in a real browser: it opens from disk, its controls work by mouse and keys, nothing else runs.

Every page is opened by `opened`, which fails a test at its end if the page asked for anything but itself,
said anything to the console, threw an error or opened a dialogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich_scenario import EVIL

from corridor.report.html import write_report
from corridor.scenario.model import Place, Route
from tiny_forecast import build

DESK, PHONE = 1280, 390


@contextmanager
def opened(browser: Any, path: Path, width: int = DESK, **options: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": width, "height": 800}, **options)
    page, heard, asked = context.new_page(), [], []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    yield page
    context.close()
    assert heard == []
    assert asked == [path.as_uri()]


def date_of(page: Any) -> str:
    return page.locator("#live-date").text_content()


def wait_until(page: Any, holds: Callable[[], bool], seconds: int = 15) -> None:
    """Wait, looking from outside: the page's policy lets nothing be evaluated in it again and again."""
    for _ in range(10 * seconds):
        if holds():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"nothing came in {seconds} s")


def overflow(page: Any) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def radius_of(page: Any, place: int) -> float:
    """Return the radius of the circle of people at a place on the map that is shown."""
    return page.evaluate(
        """place => {
          const map = [...document.querySelectorAll('.live-map')].find(m => m.checkVisibility());
          const circle = map.querySelector(`[data-place="${place}"] .people`);
          return circle ? circle.getBoundingClientRect().width / 2 : 0;
        }""",
        place,
    )


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_it_opens_from_disk_and_fits(browser: Any, rich_report: Path, width: int) -> None:
    with opened(browser, rich_report, width) as page:
        assert date_of(page) == "19 November 2016"
        assert page.locator("#live").is_visible()
        assert not page.locator(".stills").is_visible()
        assert overflow(page) == 0
        assert page.evaluate("typeof alerted") == "undefined"


def test_the_flagship_opens_and_fits(browser: Any, mosul_report: Path) -> None:
    assert mosul_report.stat().st_size < 3_000_000
    for width in (DESK, PHONE):
        with opened(browser, mosul_report, width) as page:
            assert overflow(page) == 0
            page.locator("#live-day").press("End")
            assert date_of(page) == "31 January 2017"
            assert page.locator(".live-map:visible .people").count() > 10


def test_the_slider_moves_the_map(browser: Any, rich_report: Path) -> None:
    with opened(browser, rich_report) as page:
        slider, before = page.locator("#live-day"), radius_of(page, 1)
        slider.press("ArrowRight")
        assert date_of(page) == "20 November 2016"
        assert slider.get_attribute("aria-valuetext") == "20 November 2016"
        slider.press("End")
        assert date_of(page) == "29 November 2016"
        assert radius_of(page, 1) > before
        slider.press("Home")
        assert date_of(page) == "20 October 2016"
        assert radius_of(page, 1) == 0


def test_left_and_right_move_a_day_wherever_the_focus_is_on_the_map(browser: Any, rich_report: Path) -> None:
    with opened(browser, rich_report) as page:
        page.locator("#live-play").press("ArrowLeft")
        assert date_of(page) == "18 November 2016"
        page.locator("#live-on").press("ArrowRight")
        assert date_of(page) == "19 November 2016"
        page.locator("#live-on").press("Enter")
        assert date_of(page) == "20 November 2016"
        page.locator("#live-back").click()
        assert date_of(page) == "19 November 2016"


def test_play_runs_to_the_end_and_can_be_stopped(browser: Any, rich_report: Path) -> None:
    with opened(browser, rich_report) as page:
        play = page.locator("#live-play")
        play.press(" ")
        assert play.text_content() == "Pause"
        wait_until(page, lambda: int(page.locator("#live-day").input_value()) >= 32)
        play.press(" ")
        assert play.text_content() == "Play"
        stopped = date_of(page)
        page.wait_for_timeout(600)
        assert date_of(page) == stopped
        play.click()
        wait_until(page, lambda: play.text_content() == "Play")
        assert date_of(page) == "29 November 2016"


def test_who_asks_for_less_motion_gets_no_play(browser: Any, rich_report: Path) -> None:
    with opened(browser, rich_report, reduced_motion="reduce") as page:
        assert not page.locator("#live-play").is_visible()
        page.locator("#live-on").click()
        assert date_of(page) == "20 November 2016"


def test_the_switches_work_by_mouse_and_keys(browser: Any, rich_report: Path) -> None:
    with opened(browser, rich_report) as page:
        status = page.locator("#live-status")
        as_it_is = status.text_content()
        page.get_by_role("radio", name="All futures").press("ArrowRight")
        assert page.get_by_role("radio", name="Slow").is_checked()
        slow = status.text_content()
        assert slow != as_it_is
        page.locator("[name=live-storyline][value='2']").check()
        fast = status.text_content()
        assert fast not in (as_it_is, slow)
        page.get_by_role("radio", name="As it is").press("ArrowRight")
        assert page.locator("[name=live-storyline][value='2']").is_disabled()
        assert page.get_by_role("radio", name="All futures").is_checked()
        assert status.text_content() not in (as_it_is, slow, fast)
        page.get_by_role("radio", name="As it is").check()
        assert status.text_content() == as_it_is


def test_a_place_has_a_card_with_its_name_as_text(browser: Any, rich_report: Path) -> None:
    with opened(browser, rich_report) as page:
        card = page.locator("#live-card")
        page.locator("#live-place").select_option("2")
        assert card.locator("strong").text_content() == EVIL
        assert "Room for 4,000" in card.text_content()
        assert "Rests on one claim" in card.text_content()
        assert card.locator("script, img").count() == 0
        page.locator(".live-map:visible [data-place='0'] .touch").click()
        assert card.locator("strong").text_content() == "Mosul · \u2068الموصل\u2069"
        assert "Trapped here:" in card.text_content()
        assert page.locator("#live-place").input_value() == "0"
        assert page.evaluate("typeof alerted") == "undefined"


def test_without_script_still_maps_stand_in_its_place(browser: Any, rich_report: Path) -> None:
    with opened(browser, rich_report, java_script_enabled=False) as page:
        assert not page.locator("#live").is_visible()
        assert page.locator(".stills svg.map:visible").count() >= 3


def test_no_other_script_can_run(browser: Any, rich_report: Path, tmp_path: Path) -> None:
    """The policy holds even if markup did get in: a script and a handler put in by hand do nothing."""
    text = rich_report.read_text("utf-8")
    intruder = "<script>document.title='in'</script><img src='data:,' onerror=\"document.title='in'\">"
    (tmp_path / "report.html").write_text(text.replace("</main>", f"</main>{intruder}"), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    assert page.title() == EVIL
    assert page.locator("#live").is_visible()
    page.close()


def test_it_prints_with_still_maps(browser: Any, mosul_report: Path) -> None:
    with opened(browser, mosul_report) as page:
        page.emulate_media(media="print")
        assert not page.locator("#live").is_visible()
        assert page.locator(".stills").is_visible()
        printed = page.pdf(prefer_css_page_size=True)
        assert printed.startswith(b"%PDF")
        assert 5 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 20


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("name", ["rich_report", "mosul_report", "arabic_report"])
def test_the_accessibility_checker_finds_nothing_serious(
    browser: Any, request: pytest.FixtureRequest, name: str, width: int
) -> None:
    checker = pytest.importorskip("axe_playwright_python.sync_playwright")
    with opened(browser, request.getfixturevalue(name), width) as page:
        found = checker.Axe().run(page).response["violations"]
        serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
        assert [(fault["id"], [node["html"][:120] for node in fault["nodes"][:3]]) for fault in serious] == []


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_it_reads_from_right_to_left(browser: Any, arabic_report: Path, width: int) -> None:
    with opened(browser, arabic_report, width) as page:
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert overflow(page) == 0
        row = page.locator("#table ~ .scroll tbody tr").first
        first, second = (row.locator("td").nth(number).bounding_box() for number in (0, 1))
        assert first["x"] > second["x"]
        assert page.locator("#live-play").text_content() == "تشغيل"
        before = date_of(page)
        page.locator("#live-play").press("ArrowLeft")
        assert (before, date_of(page)) == ("19 November 2016", "20 November 2016")


def test_four_hundred_sites(browser: Any, tmp_path: Path) -> None:
    places = [Place(name="Home", lat=36, lon=43, kind="town", country="Iraq", population=10**6)]
    places += [
        Place(
            name=f"Camp {n}",
            lat=35 + n % 20 / 10,
            lon=42 + n / 200,
            kind="camp",
            country="Iraq",
            capacity=500,
        )
        for n in range(400)
    ]
    routes = tuple(Route(start="Home", end=place.name, length_km=50) for place in places[1:])
    growth = {(place.name, "in_camp"): [n + 20, n + 200] for n, place in enumerate(places[1:])}
    forecast = build(growth, members=2, n_days=105, places=tuple(places), routes=routes)
    report = write_report(forecast, tmp_path / "report.html")
    assert report.stat().st_size < 3_000_000
    with opened(browser, report, PHONE) as page:
        assert overflow(page) == 0
        assert page.locator("#table ~ details summary").text_content() == "370 more sites"


@pytest.mark.parametrize("members", [1, 2])
def test_an_empty_horizon_and_one_member(browser: Any, tmp_path: Path, members: int) -> None:
    for n_days, name in ((0, "today.html"), (1, "tomorrow.html")):
        report = write_report(build({}, members=members, n_days=n_days), tmp_path / name)
        with opened(browser, report, PHONE) as page:
            assert overflow(page) == 0
            page.locator("#live-on").click()
            page.locator("#live-play").click()


def test_a_missing_font_does_not_matter(browser: Any, rich_report: Path) -> None:
    """No font is named that the page needs: the last of each list is one that every system has."""
    text = rich_report.read_text("utf-8")
    lists = re.findall(r"font(?:-family)?:\s*([^;}]*)", text[text.index("<style>") : text.index("</style>")])
    named = [fonts for fonts in lists if "," in fonts]
    assert named and all(re.search(r"(sans-serif|serif)$", fonts.strip()) for fonts in named)
    assert "@font-face" not in text
