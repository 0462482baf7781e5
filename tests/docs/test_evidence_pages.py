"""What the pages on evidence and sensitivity tell to type is run and compared; their links lead somewhere."""

from __future__ import annotations

import re

import pytest
from documented import ROOT, page_as_it_runs

PAGES = ("docs/evidence.md", "docs/sensitivity.md")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_its_commands_show(page, tmp_path):
    """Under a minute each. If outputs changed on purpose: ``python tests/docs/documented.py PAGE``."""
    text = (ROOT / page).read_text("utf-8")
    assert page_as_it_runs(text, tmp_path) == text


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    path = ROOT / page
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8"))]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []
