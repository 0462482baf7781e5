"""The axis on the terminal: what each kind of claim looks like on it, and where."""

from __future__ import annotations

import io

import pytest
from claims_by_hand import make_claim, make_scenario
from rich.console import Console

from corridor.evidence.ledger import make_ledger, pool_ledger
from corridor.report.evidence_terminal import Axis, show_ledger


@pytest.mark.parametrize(
    ("low", "high", "bar"),
    [
        (0, 10, "━━━━━━━━━━"),
        (2, 4, "  ━━━"),
        (5, 5, "     ●"),
        (5, None, "     ━▶"),
        (9, None, "         ━"),
        (None, 5, "    ◀━"),
        (None, 0, "━"),
        (-5, 20, "━━━━━━━━━━"),
    ],
)
def test_a_bar(low, high, bar):
    assert Axis(0, 10, columns=10).bar(low, high) == bar


def test_the_figures_of_a_quantity_stand_on_one_axis():
    claims = (
        make_claim(id="a", low=800, high=1000),
        make_claim(id="b", low=200, high=200, unit="families", source="UN", credibility=2),
        make_claim(id="c", low=990, high=1010, source="x", kind="denial"),
    )
    ledger = make_ledger(make_scenario(*claims))
    pools, _ = pool_ledger(ledger)
    written = io.StringIO()
    show_ledger(ledger, pools, Console(file=written, width=80, no_color=True))
    lines = written.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    council, united, denied = (
        next(line for line in lines if f"  {name} " in line) for name in ("town council", "UN", "x")
    )
    assert council.split()[2:6] == ["A1", "57", "%", "800–1,000"]
    assert united.split()[1:5] == ["A2", "43", "%", "1,200"]
    assert denied.split()[1:3] == ["A1", "-"]
    assert "┄" in denied
    assert united.index("●") > council.index("━")
    assert any("denial, denies a figure" in line for line in lines)
