"""The examples of docs/verification.md and of the docstrings give what they show."""

import doctest
from pathlib import Path

import pytest

from corridor.verify import bands, baselines, counts, scores, table


def test_examples_of_the_page():
    page = Path(__file__).parents[2] / "docs" / "verification.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted > 10
    assert result.failed == 0


@pytest.mark.parametrize("module", [bands, baselines, counts, scores, table])
def test_examples_of_the_docstrings(module):
    assert doctest.testmod(module).failed == 0
