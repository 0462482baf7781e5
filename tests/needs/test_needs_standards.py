"""The standards that come with Corridor, and every way a file of one's own can be wrong."""

from __future__ import annotations

import csv
import re
import textwrap
from pathlib import Path

import pytest

from corridor.needs.standards import load_standards, read_months, standards_names
from corridor.needs.stocks import load_stocks
from corridor.problems import InputError
from corridor.scenario.load import load_scenario

HEADER = "indicator,title,value,low,high,unit,per,phase,months,kg,kg_source,source\n"
GOOD = "water,Water,15,,,litres,person/day,,,,,a book\n"


def problems_of(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as raised:
        load_standards(path)
    return raised.value


def test_bundled_standards_have_a_source_for_every_value_and_weight():
    standards = load_standards()
    assert standards_names() == ("sphere-2018",)
    assert len(standards.indicators) >= 20
    assert all(row.source for row in standards.rows)
    assert all(row.url for row in standards.rows if row.basis != "assumption")
    assert all(row.kg_source for row in standards.rows if row.kg)
    assert all(
        "check before quoting" in row.note for row in standards.rows if row.basis == "general-knowledge"
    )


def test_bundled_values_are_those_of_the_compiled_figures(shared):
    """The same number, unit and source stand in the figures beside the repository."""
    with (shared / "mosul-2016" / "needs_standards.csv").open(encoding="utf-8") as file:
        compiled = {row["indicator"]: row for row in csv.DictReader(file)}
    with (shared / "mosul-2016" / "sources.csv").open(encoding="utf-8") as file:
        urls = {row["id"]: row["url"] for row in csv.DictReader(file)}
    rows = load_standards().indicators
    pairs = {
        "water, survival total, low": rows["water_survival"][0],
        "water, UNHCR emergency standard": rows["water_full"][0],
        "water, UNHCR post-emergency standard": rows["water_full"][1],
        "energy": rows["food_energy"][0],
        "covered space, warm climate": rows["covered_space"][0],
        "people per communal toilet, first phase": rows["latrines"][0],
        "people per toilet, medium term": rows["latrines"][1],
        "people per tap": rows["taps"][0],
        "health centre": rows["health_posts"][0],
        "blankets, warm climate": rows["blankets"][0],
        "blankets, cold climate": rows["blankets"][1],
    }
    for name, row in pairs.items():
        assert row.low == row.high == float(compiled[name]["value"]), name
        assert row.url == urls[compiled[name]["source"]], name
        assert (row.basis == "general-knowledge") == ("general-knowledge" in compiled[name]["note"]), name


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            "water,Water,15,,,litre,person/day,,,,,a book\n",
            "mine.csv:2:18 [standard-unit] unit is 'litre', which is not known\n"
            "    2 | water,Water,15,,,litre,person/day,,,,,a book\n"
            "      |                  ^^^^^\n"
            "    hint: did you mean 'litres'?",
        ),
        (
            "water,Water,15,,,litres,persn/day,,,,,a book\n",
            "[standard-per] per is 'persn/day', which is not known\n",
        ),
        ("water,Water,15,,,litres,person,,,,,a book\n", "litres are used up day by day; per is 'person'"),
        ("space,Space,15,,,m2,person/day,,,,,a book\n", "space is not used up; per is 'person/day'"),
        ("taps,Taps,250,,,people,person,,,,,a book\n", "people share a facility, so per must name it"),
        ("water,Water,-5,,,litres,person/day,,,,,a book\n", "value is '-5'; it must be a number above 0"),
        ("taps,Taps,0,,,people,tap,,,,,a book\n", "value is '0'; it must be a number above 0"),
        ("water,Water,many,,,litres,person/day,,,,,a book\n", "[not-a-number] value is 'many'"),
        (
            "water,Water,,,,litres,person/day,,,,,a book\n",
            "[standard-value] a row has either a value, or low",
        ),
        ("water,Water,5,3,9,litres,person/day,,,,,a book\n", "[standard-value] a row has either a value"),
        ("water,Water,,9,3,litres,person/day,,,,,a book\n", "[range-order] low is '9' and high '3'"),
        ("water,Water,15,,,litres,person/day,acut,,,,a book\n", "hint: did you mean 'acute'?"),
        ("water,Water,15,,,litres,person/day,,13,,,a book\n", "[standard-months] months is '13'"),
        ("water,Water,15,,,litres,person/day,,,,,\n", "[cell-empty] source is blank; it is needed"),
        ("tents,Tents,1,,,tents,household,,,55,,a book\n", "a weight is given without its source"),
        (GOOD + GOOD, "[standard-twice] 'water' is given in line 2 already, for the same days"),
        (
            GOOD + "water,Aqua,15,,,litres,person/day,longer,,,,a book\n",
            "[standard-differs] 'water' has another title, unit or per than in line 2",
        ),
        (
            "tents,Tents,1,,,tents,household,,,55,a book,a book\n",
            "[standard-missing] mine.csv has no row 'truck', which other rows need",
        ),
        (
            "water,Water,15,,,litres,person/day,acute,,,,a book\n",
            "[standard-missing] mine.csv has no row 'acute_days', which other rows need",
        ),
        (
            "truck,Truck,9,,,tonnes,load,,,,,a book\n",
            "'truck' is in 'tonnes' per 'load'; it must be in kg per",
        ),
        ("", "[table-empty] mine.csv has no standards"),
    ],
)
def test_a_wrong_row_is_told_with_its_repair(tmp_path, rows, words):
    assert words in str(problems_of(tmp_path, HEADER + rows))


def test_all_problems_are_told_at_once(tmp_path):
    rows = "a,A,-1,,,litres,person/day,,,,,s\nb,B,1,,,stone,person,,,,,s\nc,C,1,,,sets,persn,,,,,s\n"
    assert [problem.code for problem in problems_of(tmp_path, HEADER + rows).problems] == [
        "out-of-range",
        "standard-unit",
        "standard-per",
    ]


def test_unknown_columns_and_names_are_problems(tmp_path):
    wrong = HEADER.replace("value", "valeu") + GOOD
    assert "hint: did you mean 'value'?" in str(problems_of(tmp_path, wrong))
    with pytest.raises(InputError, match="did you mean 'sphere-2018'"):
        load_standards("sphere-2081")


def test_rows_of_one_indicator_may_differ_by_phase_and_months(standards_of):
    standards = standards_of(
        "water,Water,15,,,litres,person/day,acute,,,,a book",
        "water,Water,20,,,litres,person/day,longer,,,,a book",
        "blankets,Blankets,1,,,pieces,person,,4-10,,,a book",
        "blankets,Blankets,2,,,pieces,person,,11-3,,,a book",
        "acute_days,Acute phase,30,,,days,site,,,,,a book",
    )
    assert [len(rows) for rows in standards.indicators.values()] == [2, 2]
    assert standards.acute_days == 30


def test_the_examples_of_the_page_can_be_read(tmp_path):
    """The indented blocks of docs/needs.md: standards, then stocks."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "needs.md").read_text("utf-8")
    blocks = re.findall(r"(?:^    \S.*\n)+", page, flags=re.MULTILINE)
    own, stocks = (textwrap.dedent(block) for block in blocks)
    (tmp_path / "mine.csv").write_text(own, "utf-8")
    assert list(load_standards(tmp_path / "mine.csv").indicators) == ["bread"]
    (tmp_path / "stocks.csv").write_text(stocks, "utf-8")
    scenario = load_scenario("two-towns")
    read = load_stocks(tmp_path / "stocks.csv", scenario, load_standards())
    assert [(stock.place, stock.quantity, stock.is_heap, stock.day) for stock in read] == [
        ("Birch Camp", 3000, False, 0),
        ("all", 40, False, 4),
    ]


def test_the_page_has_every_code_of_a_problem():
    root = Path(__file__).resolve().parents[2]
    page = (root / "docs" / "needs.md").read_text("utf-8") + (root / "docs" / "problems.md").read_text(
        "utf-8"
    )
    sources = [*(root / "src" / "corridor" / "needs").glob("*.py"), root / "src/corridor/cli/needs.py"]
    pattern = re.compile(r'(?:fault|Problem|_fault)\(\s*\[?\s*"([a-z-]+)"')
    codes = {code for path in sources for code in pattern.findall(path.read_text("utf-8"))}
    assert len(codes) > 15
    assert {code for code in codes if f"`{code}`" not in page} == set()


@pytest.mark.parametrize(
    ("text", "months"),
    [("11-3", [1, 2, 3, 11, 12]), ("4", [4]), ("1;4-6", [1, 4, 5, 6]), ("0", []), ("winter", [])],
)
def test_months(text, months):
    assert sorted(read_months(text)) == months
