"""The workbook read back: what is on its sheets, that no name becomes a formula, and that it opens."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from corridor.ensemble.run import run
from corridor.needs.needs import needs_of
from corridor.needs.table import gap_rows, need_rows, write_needs_csv
from corridor.problems import CorridorRuntimeError
from corridor.report.digest import band
from corridor.report.workbook import write_workbook
from corridor.scenario.load import load_scenario
from corridor.scenario.model import Group, Place, Storyline

SHEETS = ["Cover", "Summary", "Sites", "Arrivals", "Trapped", "Totals"]
NEEDS_SHEETS = ["Needs", "Gaps", "Standards"]


def read(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


def rows_of(book: Workbook, sheet: str) -> list[dict[str, object]]:
    """Return the rows below the header, by title of the column."""
    header, *rows = list(book[sheet].iter_rows(min_row=2, values_only=True))
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture
def written(usual, tmp_path):
    """The workbook of the usual forecast, with its needs."""
    return read(write_workbook(usual, tmp_path / "forecast.xlsx", needs_of(usual)))


def test_sheets(usual, written, tmp_path):
    assert written.sheetnames == SHEETS + NEEDS_SHEETS
    assert read(write_workbook(usual, tmp_path / "plain.xlsx")).sheetnames == SHEETS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["forecast.xlsx", "plain.xlsx"]


def test_the_cover_says_what_it_is_and_what_it_is_not_for(written):
    cover = {row[0]: row[1] for row in written["Cover"].iter_rows(values_only=True) if row[0] and row[1]}
    assert "must not be used to decide about single persons" in cover["What this must not be used for"]
    wanted = {
        "Scenario": "tiny",
        "Issue date": "2016-10-20",
        "Last day": "2016-11-29",
        "Futures (members)": "20",
        "Seed": "7",
        "Corridor version": "0.1.0",
        "Household": "5 people",
    }
    assert {name: cover[name] for name in wanted} == wanted
    assert written["Cover"]["A1"].value == "A tiny crisis"


def test_sheets_can_be_read_and_filtered(written):
    for name in [*SHEETS[1:], *NEEDS_SHEETS]:
        sheet = written[name]
        assert sheet.freeze_panes == "B3", name
        assert sheet.auto_filter.ref.startswith("A2:"), name
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row)), name
        assert sheet.column_dimensions["A"].width > 15, name
    assert written["Sites"]["F3"].number_format == "#,##0"
    assert written["Sites"]["D3"].number_format == "yyyy-mm-dd"
    assert written["Sites"]["D3"].value == dt.datetime(2016, 10, 20)


def test_sites_have_the_quantiles_of_the_forecast(usual, written):
    """On the last day; the P-code is the key by which tables are joined."""
    last = next(
        row
        for row in rows_of(written, "Sites")
        if row["Place"] == "Zelikan" and row["Date"] == dt.datetime(2016, 11, 29)
    )
    quantiles = band(usual.occupancy("Zelikan"))[:, -1]
    told = [last[name] for name in ("5 %", "25 %", "middle", "75 %", "95 %")]
    assert told == [int(value + 0.5) for value in quantiles]
    assert (last["P-code"], last["Kind"], last["Capacity"]) == ("P3", "camp", 400)


def test_towns_have_every_seventh_day(forecast_of, tmp_path):
    forecast = forecast_of({("Home", "in_host_community"): [30], ("Khazer", "in_camp"): [30]})
    book = read(write_workbook(forecast, tmp_path / "towns.xlsx"))
    days = {"Home": [], "Khazer": []}
    for row in rows_of(book, "Sites"):
        days[row["Place"]].append((row["Date"].date() - dt.date(2016, 10, 20)).days)
    assert days == {"Home": [0, 7, 14, 21, 28, 35, 40], "Khazer": list(range(41))}
    assert "towns every seventh day and the last." in book["Sites"]["A1"].value


def test_numbers_below_ten_are_masked_unless_wanted(usual, tmp_path):
    needs = needs_of(usual)
    masked = read(write_workbook(usual, tmp_path / "masked.xlsx", needs))
    plain = read(write_workbook(usual, tmp_path / "plain.xlsx", needs, tells_small=True))
    numbers = {"5 %", "25 %", "middle", "75 %", "95 %", "Now"}
    for sheet in ("Sites", "Arrivals", "Trapped", "Totals"):
        pairs = [
            (told[name], exact[name])
            for told, exact in zip(rows_of(masked, sheet), rows_of(plain, sheet), strict=True)
            for name in numbers & set(told)
        ]
        small = [told for told, exact in pairs if 0 < exact < 10]
        assert small and set(small) == {"<10"}, sheet
        assert all(told == exact for told, exact in pairs if not 0 < exact < 10), sheet
    people = {
        (row["Place"], row["Date"]): row["middle"]
        for row in rows_of(plain, "Needs")
        if row["Indicator"] == "people"
    }
    hidden = 0
    for row in rows_of(masked, "Needs"):
        if row["Indicator"] == "water_full":
            is_small = 0 < people[row["Place"], row["Date"]] < 10
            assert (row["middle"] == "<10 people") == is_small
            hidden += is_small
    assert hidden > 0


def test_no_name_becomes_a_formula(forecast_of, tmp_path):
    names = ['=HYPERLINK("http://example.org")', "+1+1", "-2", "@SUM(A1)", "=1/0\x07", "مخيم"]
    places = tuple(
        Place(name=name, id="=P", lat=36 + at / 10, lon=43, kind="camp", country="X", capacity=5)
        for at, name in enumerate(names)
    )
    forecast = forecast_of(
        {(name, "in_camp"): [300] * 2 for name in names},
        members=2,
        places=places,
        routes=(),
        title="=cmd|' /C calc'!A0",
        groups=(Group(name="all", share=1.0),),
        storylines=(Storyline(name="only", title="=1+1"),),
        provenance={"=A1": "@evil"},
    )
    needs = needs_of(forecast)
    book = read(write_workbook(forecast, tmp_path / "evil.xlsx", needs))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    found = {row["Place"] for row in rows_of(book, "Sites")}
    assert found == {name.replace("\x07", " ") for name in names}
    assert book["Cover"]["A1"].value == "=cmd|' /C calc'!A0"
    text = write_needs_csv(needs, tmp_path / "evil.csv").read_text("utf-8")
    assert not any(line.startswith(("=", "+", "-", "@", '"=')) for line in text.splitlines())


def test_the_sheet_of_needs_is_that_of_the_csv(usual, written, tmp_path):
    needs = needs_of(usual)
    assert len(rows_of(written, "Needs")) == len(list(need_rows(needs)))
    assert len(rows_of(written, "Gaps")) == len(list(gap_rows(needs)))
    lines = write_needs_csv(needs, tmp_path / "needs.csv").read_text("utf-8").splitlines()
    assert len(lines) == len(list(need_rows(needs))) + 1
    assert lines[0] == "place,place_id,group,date,indicator,title,unit,q05,q25,q50,q75,q95"
    day_1 = [line for line in lines if line.startswith("Khazer,P2,all,2016-11-29,tents,")]
    assert day_1 == ["Khazer,P2,all,2016-11-29,tents,Family tents,tents,4,36,40,40,40"]


def test_many_rows_are_told_by_the_week(usual, tmp_path, monkeypatch):
    rows_a_day = len(needs_of(usual).rows)
    monkeypatch.setattr("corridor.report.workbook.MOST_ROWS", 7 * rows_a_day)
    book = read(write_workbook(usual, tmp_path / "weekly.xlsx", needs_of(usual)))
    dates = sorted({row["Date"] for row in rows_of(book, "Needs")})
    assert [(date - dates[0]).days for date in dates] == [0, 7, 14, 21, 28, 35, 40]
    assert "Every seventh day and the last; corridor needs tells every day." in book["Needs"]["A1"].value
    monkeypatch.setattr("corridor.report.workbook.MOST_ROWS", 4 * rows_a_day)
    book = read(write_workbook(usual, tmp_path / "fortnights.xlsx", needs_of(usual)))
    dates = sorted({row["Date"] for row in rows_of(book, "Needs")})
    assert [(date - dates[0]).days for date in dates] == [0, 14, 28, 40]
    monkeypatch.setattr("corridor.report.workbook.MOST_ROWS", 0)
    book = read(write_workbook(usual, tmp_path / "monthly.xlsx", needs_of(usual)))
    assert len({row["Date"] for row in rows_of(book, "Gaps")}) == 3
    assert "Every fourth week" in book["Gaps"]["A1"].value


def test_a_workbook_without_groups_says_who_tells_them(tmp_path):
    forecast = run(load_scenario("two-towns"), members=2, seed=1)
    book = read(write_workbook(forecast, tmp_path / "all.xlsx", needs_of(forecast, by_group=False)))
    assert {row["Group"] for row in rows_of(book, "Needs")} == {"all"}
    assert book["Needs"]["A1"].value.endswith("Every day; corridor needs tells every group.")


def test_standards_stand_with_their_sources(written):
    rows = rows_of(written, "Standards")
    water = next(row for row in rows if row["Indicator"] == "water_full")
    assert (water["Value"], water["Unit"], water["Per"], water["Phase"]) == (
        "15",
        "litres",
        "person/day",
        "acute",
    )
    assert all(row["Source"] for row in rows)


def test_one_member_and_nobody_displaced(forecast_of, tmp_path):
    forecast = forecast_of({("Khazer", "in_camp"): [0]}, members=1)
    book = read(write_workbook(forecast, tmp_path / "nobody.xlsx", needs_of(forecast)))
    assert rows_of(book, "Trapped") == []


def test_nothing_is_left_behind_where_it_cannot_be_written(usual, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CorridorRuntimeError, match="could not be written"):
        write_workbook(usual, tmp_path / "file" / "forecast.xlsx")
    with pytest.raises(CorridorRuntimeError, match="could not be written"):
        write_needs_csv(needs_of(usual), tmp_path / "file" / "needs.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_same_forecast_gives_the_same_bytes(usual, tmp_path):
    first = write_workbook(usual, tmp_path / "first.xlsx", needs_of(usual))
    second = write_workbook(usual, tmp_path / "second.xlsx", needs_of(usual))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}  # not when it was written
    assert read(first).properties.created == dt.datetime(2016, 10, 20)


def test_every_part_is_well_formed_and_named(usual, tmp_path):
    """Each part is XML, each sheet is listed among the content types, and no cell is a formula."""
    path = write_workbook(usual, tmp_path / "forecast.xlsx", needs_of(usual))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert all(ElementTree.fromstring(text) is not None for text in parts.values())
    sheets = [name for name in parts if name.startswith("xl/worksheets/")]
    assert len(sheets) == len(SHEETS + NEEDS_SHEETS)
    assert all(f'PartName="/{name}"' in parts["[Content_Types].xml"].decode() for name in sheets)
    assert not any(b"<f>" in text for text in parts.values())


def convert(path: Path, kind: str, folder: Path) -> Path:
    """Let LibreOffice open a workbook and write it in another form."""
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    done = subprocess.run(
        [*command, "--convert-to", kind, "--outdir", str(folder / kind), str(path)],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0
    assert "Error" not in done.stderr
    return folder / kind / f"{path.stem}.{kind}"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_every_cell_as_it_was_written(usual, tmp_path):
    """Opened and saved again, without a question: all sheets, values, dates and filters.

    What stays in view is not kept by a LibreOffice without a window, of whatever workbook.
    """
    path = write_workbook(usual, tmp_path / "forecast.xlsx", needs_of(usual))
    before, after = read(path), read(convert(path, "xlsx", tmp_path))
    assert after.sheetnames == before.sheetnames
    for sheet in before:
        assert list(after[sheet.title].values) == list(sheet.values), sheet.title
        assert after[sheet.title].auto_filter.ref == sheet.auto_filter.ref
    assert convert(path, "pdf", tmp_path).read_bytes().startswith(b"%PDF")
