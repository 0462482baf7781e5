"""The `corridor` command in the folder of the test."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from process import run_corridor


@pytest.fixture
def corridor(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``corridor ARGUMENTS`` in the test's folder; keywords go to `subprocess.run`."""
    return partial(run_corridor, tmp_path)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compile the engine once, so that no test of what happens during a run meets the compiler instead."""
    run_corridor(tmp_path_factory.mktemp("compiled"), "run", "two-towns", "--members", "1").check_returncode()
