"""The command line as a user meets it: a process of its own, its output read through a pipe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

_COLOUR_AND_WIDTH = {"FORCE_COLOR", "NO_COLOR", "COLUMNS"}


def environment() -> dict[str, str]:
    """Return an environment that has this tree's package and nothing of the caller's terminal."""
    kept = {name: value for name, value in os.environ.items() if name not in _COLOUR_AND_WIDTH}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", "TERM": "xterm"}


def run_corridor(
    folder: Path, *arguments: str, seconds: float = 300, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run ``corridor ARGUMENTS`` in a folder and wait for its end."""
    command = [sys.executable, "-m", "corridor", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=seconds, **more
    )


def start_corridor(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start ``corridor ARGUMENTS`` in a folder; it hears Ctrl-C where a background job would not, too."""
    return subprocess.Popen(
        [sys.executable, "-m", "corridor", *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,
    )


def _hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
