"""Priors made from claims: the pool as steps, what stands beside it, writing it out, the flagship's own."""

from __future__ import annotations

import doctest
import io
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from rich.console import Console

from corridor.ensemble.sample import quantile, sample_priors
from corridor.evidence.ledger import make_ledger, pool_ledger
from corridor.report.evidence_terminal import show_entry, show_ledger
from corridor.scenario import abouts, chains, pool, products, units
from corridor.scenario.abouts import Subject, is_outcome
from corridor.scenario.bundled import bundled_folder
from corridor.scenario.load import check_scenario, load_scenario
from corridor.scenario.model import Scenario
from corridor.scenario.pool import pool_claims
from corridor.scenario.write import write_scenario

CLAIMS = """\
id,said_on,about,low,high,unit,kind,source,carried_by,reliability,credibility
council,2024-02-20,population of Amara,850,950,people,estimate,Amara council,,B,2
paper,2024-02-25,population of Amara,850,950,people,estimate,Amara council,a newspaper,C,3
survey,2024-02-27,population of Amara,200,240,families,observation,a survey,,A,1
rumour,2024-02-28,population of Amara,4000,,people,denial,a militia,,E,5
fled,2024-02-28,displaced by 2024-03-10,300,500,people,forecast,an agency,,B,3
week,2024-02-29,date of ceasefire_day,6,10,days,forecast,the mediators,,C,3
peace,2024-02-29,weight of ceasefire,20,40,percent,estimate,the mediators,,C,3
war,2024-02-29,weight of long-fight,60,80,percent,estimate,the mediators,,C,3
"""


def make(tmp_path: Path, priors: str, *, claims: str = CLAIMS, places: str = "900,") -> Path:
    """Return two-towns with other priors and claims; ``places`` is the population of Amara."""
    folder = tmp_path / "two"
    shutil.copytree(bundled_folder("two-towns"), folder)
    text = (folder / "scenario.yaml").read_text("utf-8")
    head, rest = text.split("priors:\n")
    tail = rest[rest.index("provenance:") :]
    (folder / "scenario.yaml").write_text(
        f"{head}priors:\n{priors}\n{tail}".replace("[mediator-week]", "[week]")
    )
    (folder / "claims.csv").write_text(claims)
    for name in ("places.csv", "timeline.csv"):
        path = folder / name
        path.write_text(path.read_text().replace("headcount", "council").replace("mediator-week", "week"))
    path = folder / "places.csv"
    path.write_text(path.read_text().replace("XA01,900,", f"XA01,{places}"))
    return folder


AMARA = "  amara: {distribution: claims, unit: people}\n"
DAY = "  ceasefire_day: {distribution: claims, unit: date}\n"


def loaded(folder: Path) -> Scenario:
    return load_scenario(folder)


def test_a_prior_is_the_pool_of_all_claims_about_it(tmp_path: Path):
    """The outcome and the denial are no part of it, and the newspaper repeats the council."""
    scenario = loaded(make(tmp_path, AMARA + DAY, places="amara,"))
    prior = scenario.priors["amara"]
    chosen = [claim for claim in scenario.claims if claim.id in ("council", "paper", "survey")]
    pooled = pool_claims(chosen, Subject("x", "people"), household_size=5)
    assert (prior.distribution, prior.pool, prior.claims) == ("steps", "linear", ("council", "survey"))
    assert prior.edges == tuple(pooled.edges)
    for probability in (0.0, 0.01, 0.3, 0.5, 0.77, 0.99, 1.0):
        assert quantile(prior, probability) == pytest.approx(pooled.quantile(probability))


def test_dates_are_pooled_in_days_after_they_were_said(tmp_path: Path):
    prior = loaded(make(tmp_path, DAY)).priors["ceasefire_day"]
    said = 738945  # 2024-02-29
    assert quantile(prior, 0.5) == pytest.approx(said + 8, abs=0.2)
    assert said + 4 < quantile(prior, 0.05) < said + 6


def test_weights_of_storylines_come_from_claims(tmp_path: Path):
    folder = make(
        tmp_path,
        DAY + "  peace: {distribution: claims, unit: chance}\n  war: {distribution: claims, unit: chance}\n",
    )
    path = folder / "scenario.yaml"
    path.write_text(
        path.read_text().replace("weight: 3", "weight: war").replace("weight: 1", "weight: peace")
    )
    scenario = loaded(folder)
    assert [line.weight for line in scenario.storylines] == ["war", "peace"]
    assert quantile(scenario.priors["peace"], 0.5) == pytest.approx(0.3, abs=0.01)
    assert quantile(scenario.priors["war"], 1.0) <= 1.0


@pytest.mark.parametrize("order", ["as written", "backwards"])
def test_the_order_of_claims_does_not_matter(tmp_path: Path, order: str):
    head, *rows = CLAIMS.splitlines()
    rows = rows if order == "as written" else rows[::-1]
    folder = make(tmp_path, AMARA + DAY, claims="\n".join([head, *rows]) + "\n", places="amara,")
    prior = loaded(folder).priors["amara"]
    assert quantile(prior, 0.5) == pytest.approx(1046.2, abs=0.1)


def test_bounds_cut_the_pool(tmp_path: Path):
    amara = "  amara: {distribution: claims, unit: people, low: 870, high: 1150}\n"
    prior = loaded(make(tmp_path, amara + DAY, places="amara,")).priors["amara"]
    assert (prior.low, prior.high) == (None, None)
    assert (prior.edges[0], prior.edges[-1]) == (870, 1150)


def test_what_is_written_out_reads_back_equal(tmp_path: Path):
    priors = (
        AMARA.replace("people}", "people, pool: log, about: people of Amara town}")
        + DAY
        + "  share: {distribution: uniform, unit: share, low: 0.2, high: 0.4}\n"
        + "  tol: {distribution: product, unit: people, of: [amara, 1 - share]}\n"
    )
    folder = make(tmp_path, priors, places="amara,")
    path = folder / "places.csv"
    path.write_text(path.read_text().replace("XA02,500,", "XA02,tol,"))
    scenario = loaded(folder)
    write_scenario(scenario, tmp_path / "two-again" / "two")
    again = loaded(tmp_path / "two-again" / "two")
    assert again == scenario
    assert again.priors["amara"].pool == "log"
    values = sample_priors(scenario.priors, seed=1, member=3)
    assert values["tol"] == values["amara"] * (1 - values["share"])


def test_a_pool_whose_claims_are_at_fault_brings_no_second_problem(tmp_path: Path):
    claims = CLAIMS.replace(
        "850,950,people,estimate,Amara council,,B", "950,850,people,estimate,Amara council,,B"
    )
    claims = "\n".join(row for row in claims.splitlines() if not row.startswith(("paper", "survey"))) + "\n"
    checked = check_scenario(make(tmp_path, AMARA + DAY, claims=claims, places="amara,"))
    assert [problem.code for problem in checked.problems if not problem.warning] == ["range-order"]


def shown(scenario: Scenario, name: str = "") -> str:
    ledger = make_ledger(scenario)
    pools, _ = pool_ledger(ledger)
    console = Console(file=io.StringIO(), width=80, no_color=True, force_terminal=False)
    if name:
        show_entry(ledger, next(e for e in ledger.quantities if e.quantity.name == name), pools, console)
    else:
        show_ledger(ledger, pools, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_terminal_tells_a_pool_from_a_judgement(tmp_path: Path):
    own = (
        "  amara: {distribution: uniform, unit: people, low: 800, high: 900, reason: the dead are counted}\n"
    )
    pooled = shown(loaded(make(tmp_path / "a", AMARA + DAY, places="amara,")), "population of Amara")
    judged = shown(loaded(make(tmp_path / "b", own + DAY, places="amara,")), "population of Amara")
    assert "the scenario: the pool" in pooled
    assert "instead of the pool" not in pooled
    assert "instead of the pool: the dead are counted" in judged


MOSUL = load_scenario("mosul-2016")


def test_pools_of_the_flagship_hold_no_outcome_and_nothing_said_later():
    by_id = {claim.id: claim for claim in MOSUL.claims}
    pooled = {name: prior for name, prior in MOSUL.priors.items() if prior.pool}
    assert len(pooled) >= 7
    for prior in pooled.values():
        assert prior.reason
        for claim in prior.claims:
            assert not is_outcome(by_id[claim].about)
            assert by_id[claim].said_on <= MOSUL.issue_date


def test_the_two_banks_hold_the_people_of_the_city():
    for member in range(20):
        values = sample_priors(MOSUL.priors, seed=1, member=member)
        banks = values["mosul_east_people"] + values["mosul_west_people"]
        assert banks == pytest.approx(values["mosul_people"])
        three = ("jadah_capacity", "airstrip_capacity", "haj_ali_capacity")
        assert sum(values[name] for name in three) == pytest.approx(values["southern_places"])


def test_priors_of_the_flagship_that_stand_against_a_pool_say_why():
    ledger = make_ledger(MOSUL)
    pools, _ = pool_ledger(ledger)
    for entry in ledger.quantities:
        priors = [believed for believed in entry.quantity.believed if believed.prior]
        if entry.quantity.name in pools and len(priors) == 1 and entry.quantity.kind == "quantity":
            assert priors[0].prior is not None
            assert priors[0].prior.pool or priors[0].reason, entry.quantity.name


@pytest.mark.parametrize("module", [abouts, chains, pool, products, units])
def test_examples(module: ModuleType):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
