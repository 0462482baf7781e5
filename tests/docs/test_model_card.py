"""The model card tells the scores that the forecast has, and says what it must not be used for."""

from __future__ import annotations

import pytest
from documented import ROOT
from mosul_figures import figures

CARD = (ROOT / "docs" / "model-card.md").read_text("utf-8")


@pytest.mark.slow
def test_the_figures_of_the_card_are_those_of_the_forecast():
    """If they changed on purpose: ``python tests/docs/mosul_figures.py``, and say so in CHANGELOG.md."""
    assert figures() in CARD


@pytest.mark.parametrize(
    "heading",
    [
        "Purpose",
        "Owners",
        "Data",
        "Method",
        "Performance",
        "Limits",
        "Ethics",
        "What it must not be used for",
    ],
)
def test_the_card_has_every_heading(heading):
    assert f"\n## {heading}\n" in CARD
