"""The ledger: what it gathers, and the exact words of everything that can be wrong with it."""

from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path

import pytest

import corridor.evidence
from corridor.evidence.ledger import claim_rows, make_ledger, pool_entry, pool_ledger
from corridor.problems import format_problems
from corridor.scenario.bundled import bundled_folder
from corridor.scenario.chains import carriers, origins, repeated_carrier
from corridor.scenario.load import load_scenario

DOCS = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"


def words(ledger):
    return format_problems([problem for problem in ledger.problems if problem.code != "quantity-unsupported"])


def test_claims_go_where_they_belong(small, claim):
    ledger = make_ledger(
        small(
            claim(id="a", low=900, high=1100),
            claim(id="b", about="prior amara_people", low=700, source="a mayor"),
            claim(id="c", about="displaced by 2024-03-20", low=300),
            claim(id="d", about="price of bread", low=3, unit="USD"),
            claim(id="e", about="bearing on weight of long", low=3, unit="months"),
        )
    )
    assert words(ledger) == ""
    assert [[c.id for c in entry.claims] for entry in ledger.quantities] == [["a", "b"], []]
    assert [c.id for c in ledger.quantities[1].bearing] == ["e"]
    assert [[c.id for c in entry.claims] for entry in ledger.outcomes] == [["c"]]
    assert [[c.id for c in entry.claims] for entry in ledger.words] == [["d"]]
    assert "amara_people" not in [assumption.name for assumption in ledger.assumptions]
    assert ledger.n_claims == 5


def test_what_was_known_on_a_day(small, claim):
    scenario = small(claim(id="a", low=900), claim(id="b", low=950, said_on=dt.date(2024, 2, 25), source="y"))
    ledger = make_ledger(scenario, until=dt.date(2024, 2, 24))
    assert [c.id for c in ledger.quantities[0].claims] == ["a"]


WRONG = {
    "about-unknown": (
        {"about": "population of Amarra", "low": 5},
        "claims.csv [about-unknown] about is 'population of Amarra': 'Amarra' is no place of the scenario\n"
        "    hint: did you mean 'Amara'?\n"
        "1 problem in 1 file. Nothing was run.",
    ),
    "unit-unknown": (
        {"low": 5, "unit": "famlies"},
        "claims.csv [unit-unknown] 'famlies' is no known unit\n"
        "    hint: did you mean 'families'?\n"
        "1 problem in 1 file. Nothing was run.",
    ),
    "unit-unfit": (
        {"low": 5, "unit": "days"},
        "claims.csv [unit-unfit] 'days' does not fit 'population of Amara', which is in people or families\n"
        "    hint: if it is no value of it, write about: bearing on population of Amara\n"
        "1 problem in 1 file. Nothing was run.",
    ),
    "range-order": (
        {"low": 9, "high": 5},
        "claims.csv [range-order] low is 9 and high is 5; low must not be above high\n"
        "1 problem in 1 file. Nothing was run.",
    ),
    "claim-out-of-range": (
        {"about": "weight of long", "high": 140, "unit": "%"},
        "claims.csv [claim-out-of-range] high is 140; 'weight of long' lies between 0 and 1\n"
        "1 problem in 1 file. Nothing was run.",
    ),
    "chain-circular": (
        {"low": 5, "source": "an agency", "carried_by": "a broadcaster > An Agency"},
        "claims.csv [chain-circular] 'An Agency' stands twice in the chain "
        "'an agency > a broadcaster > An Agency'\n"
        "    hint: list each carrier once, in the order in which they handed it on\n"
        "1 problem in 1 file. Nothing was run.",
    ),
    "claim-late": (
        {"low": 5, "said_on": dt.date(2024, 3, 2)},
        "claims.csv [warning: claim-late] said_on is 2024-03-02, after the issue date 2024-03-01\n"
        "    hint: a forecast made that day cannot have known it\n"
        "1 warning.",
    ),
}


@pytest.mark.parametrize("code", WRONG)
def test_each_fault_has_its_words(small, claim, code):
    changes, expected = WRONG[code]
    assert words(make_ledger(small(claim(**changes)))) == expected


def test_one_origin_through_two_outlets(small, claim):
    scenario = small(
        claim(id="a", low=900, source="UN (Grande)", carried_by="an agency"),
        claim(id="b", low=900, source="UN", carried_by="a newspaper"),
    )
    assert words(make_ledger(scenario)) == (
        "claims.csv [warning: claim-same-origin] 'b' and 'a' have one origin, 'UN (Grande)'\n"
        "    hint: they count as one voice\n"
        "1 warning."
    )


def test_a_prior_with_neither_claim_nor_reason(small):
    ledger = make_ledger(small())
    assert format_problems(ledger.problems) == (
        "scenario.yaml [warning: quantity-unsupported] 'bare' has neither a claim nor a stated reason\n"
        "    hint: add a reason, or the claims it rests on\n"
        "1 warning."
    )


def test_all_faults_at_once(small, claim):
    claims = [claim(**{"id": code, "source": code, **changes}) for code, (changes, _) in WRONG.items()]
    assert {problem.code for problem in make_ledger(small(*claims)).problems} >= set(WRONG)


def test_pools_that_fail_are_named_and_the_others_kept(small, claim):
    scenario = small(
        claim(id="a", low=10, high=11, source="x"),
        claim(id="b", low=900, high=950, source="y"),
        claim(id="c", about="prior siege", low=0.5, high=0.6, unit="share"),
    )
    pools, problems = pool_ledger(make_ledger(scenario), method="log")
    assert [problem.code for problem in problems] == ["pool-no-overlap"]
    assert list(pools) == ["prior siege"]


def test_an_entry_without_figures_has_no_pool(small, claim):
    (entry,) = make_ledger(small(claim())).quantities
    assert pool_entry(entry, household_size=6) is None


def test_the_chain_of_carriers(claim):
    assert carriers(claim(carried_by="an agency > a broadcaster; a blog")) == (
        "an agency",
        "a broadcaster",
        "a blog",
    )
    assert carriers(claim(carried_by="none")) == ()
    assert repeated_carrier(claim(source="A", carried_by="b > c")) == ""
    assert repeated_carrier(claim(source="A", carried_by="b > a")) == "a"


def test_origins_are_transitive(claim):
    claims = [
        claim(id="a", source="a militia", carried_by="an agency", low=5),
        claim(id="b", source="a mayor", low=5),
        claim(id="c", source="an agency", carried_by="a daily", low=5),
        claim(id="d", source="a daily", low=5),
    ]
    assert origins(claims) == [0, 1, 0, 0]


def test_rows_give_line_and_column():
    rows = claim_rows(bundled_folder("two-towns"))
    assert (rows["headcount"].line, rows["headcount"].spot("unit").column) == (2, 42)
    assert claim_rows(Path("no such folder")) == {}


def test_mosul_has_claims_about_its_quantities():
    scenario = load_scenario("mosul-2016")
    ledger = make_ledger(scenario, rows=claim_rows(bundled_folder("mosul-2016")))
    assert ledger.n_claims == len(scenario.claims) >= 40
    names = [entry.quantity.name for entry in ledger.quantities]
    assert {"population of Mosul", "people of armed men in Mosul", "capacity of Zelikan camp"} <= set(names)
    (city,) = (entry for entry in ledger.quantities if entry.quantity.name == "population of Mosul")
    low, high = pool_entry(city, household_size=6).band(0.9)
    assert low < 750_000 < 1_500_000 < high
    assert not [p for p in ledger.problems if not p.warning]


def test_every_code_is_documented_and_shown():
    folder = Path(corridor.evidence.__path__[0])
    in_source = {code for path in folder.rglob("*.py") for code in codes(ast.parse(path.read_text("utf-8")))}
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", DOCS.read_text("utf-8"), flags=re.MULTILINE))
    assert in_source == documented
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [code for code in in_source if code not in tests] == []


def codes(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"fault", "warn", "_fault", "_warn", "Problem"} and isinstance(
                node.args[0], ast.Constant
            ):
                yield str(node.args[0].value)
