"""The page on what-ifs tells the figures that the bundled what-ifs have."""

from __future__ import annotations

import pytest
from what_if_figures import PAGE, SENTENCES, figures

from corridor.scenario.bundled import bundled_names


@pytest.mark.slow
def test_the_figures_of_the_page_are_those_of_the_what_ifs():
    """If they changed on purpose: ``python tests/docs/what_if_figures.py``, and read what it wrote.

    Four runs of 100 members: about 40 s of processor time.
    """
    assert PAGE.read_text("utf-8").endswith(figures())


def test_each_bundled_what_if_has_its_sentence():
    assert set(SENTENCES) == {name for name in bundled_names() if name.startswith("mosul-2016-")}
    page = PAGE.read_text("utf-8")
    assert all(f"**{sentence}**" in page for sentence in SENTENCES.values())
