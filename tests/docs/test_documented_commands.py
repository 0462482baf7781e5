"""What the pages a newcomer reads tell to type is run and compared; every link leads somewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from documented import ROOT, page_as_it_runs

PAGES = (
    *("README.md", "docs/tutorial.md", "docs/how-to.md", "docs/report.md"),
    *("docs/needs.md", "docs/what-ifs.md"),
)
MINE = (
    *PAGES,
    "CHANGELOG.md",
    "docs/index.md",
    "docs/model-card.md",
    "docs/dependencies.md",
    "docs/performance.md",
)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_its_commands_show(page, tmp_path):
    """If the outputs changed on purpose: ``python tests/docs/documented.py PAGE`` and read what it wrote."""
    text = (ROOT / page).read_text("utf-8")
    assert page_as_it_runs(text, tmp_path) == text


def test_what_a_page_shows_is_compared(tmp_path):
    """A wrong number, a lost line and a failing command are each found; ``...`` stands for lines."""
    right = (
        "```console\n$ printf 'a\\nb\\nc\\n'\na\n...\nc\n```\n\n"
        "```python\nprint(6 * 7)\n```\n\n```text\n42\n```\n"
    )
    (tmp_path / "1").mkdir()
    assert page_as_it_runs(right, tmp_path / "1") == right
    for number, wrong in enumerate(
        [right.replace("42", "43"), right.replace("\nc\n```", "\nd\n```")], start=2
    ):
        (tmp_path / str(number)).mkdir()
        assert page_as_it_runs(wrong, tmp_path / str(number)) != wrong
    (tmp_path / "4").mkdir()
    with pytest.raises(AssertionError, match="exit status 1"):
        page_as_it_runs("```console\n$ false\n```\n", tmp_path / "4")
    (tmp_path / "5").mkdir()
    told = "```console\n$ false\n$ echo $?\n1\n```\n"
    assert page_as_it_runs(told, tmp_path / "5") == told


@pytest.mark.parametrize("target", ["demo", "test", "lint", "bench"])
def test_make_knows_its_targets(target):
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_readme_names_the_two_targets():
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text


@pytest.mark.parametrize("page", MINE)
def test_links_lead_somewhere(page):
    path = ROOT / page
    text = path.read_text("utf-8")
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


def test_no_page_names_a_machine():
    """Paths of the machine on which a page was written do not belong in it."""
    for page in MINE:
        text = (ROOT / page).read_text("utf-8")
        assert not re.search(r"/(?:tmp|root|home|work)/", text), page


def test_the_picture_is_small():
    assert 10_000 < Path(ROOT / "docs/images/mosul-2016.png").stat().st_size < 400_000
