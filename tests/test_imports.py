"""The folders show the flow: each imports only from those above it, and the command line imports late."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
PACKAGE = SOURCE / "corridor"

#: Each may import from itself and from those before it; CONTRIBUTING.md has the same list.
ORDER = (
    "problems",
    "engine",
    "scenario",
    "evidence",
    "formats",
    "ensemble",
    "verify",
    "assimilate",
    "needs",
    "report",
    "web",
    "cli",
)
#: They gather the package's names (the first imports them when first used), so they stand above all.
ABOVE_ALL = ("__init__", "__main__")


def layer_of(path: Path) -> str:
    """Return the folder, or the module, of the package's root that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of all that a file imports, in functions and for typing too."""
    package = [*path.relative_to(SOURCE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def wrong_imports(path: Path) -> Iterator[str]:
    """Yield, in words, what a file may not import."""
    layer = layer_of(path)
    for line, module in imported_modules(path):
        parts = module.split(".")
        if parts[0] != "corridor" or len(parts) == 1 or parts[1] not in ORDER or layer in ABOVE_ALL:
            continue
        if ORDER.index(parts[1]) > ORDER.index(layer):
            yield f"{path.relative_to(SOURCE)}:{line} imports {module}, which is below {layer}"


def test_folders_import_only_from_those_above_them():
    files = sorted(PACKAGE.rglob("*.py"))
    assert {layer_of(path) for path in files} <= {*ORDER, *ABOVE_ALL}
    assert [wrong for path in files for wrong in wrong_imports(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "from corridor.ensemble.run import run",
        "import corridor.cli.main",
        "from corridor import report",
        "from ..web import server",
        "def f():\n    from corridor.verify import scores",
        "if TYPE_CHECKING:\n    from corridor.scenario.model import Scenario",
    ],
)
def test_a_wrong_import_is_found_wherever_it_stands(
    line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "corridor")
    path = tmp_path / "corridor" / "engine" / "wrong.py"
    path.parent.mkdir(parents=True)
    path.write_text(f"import numpy\nfrom corridor.problems import Problem\nfrom . import arrays\n{line}\n")
    assert len(list(wrong_imports(path))) == 1


@pytest.mark.parametrize("module", ["corridor", "corridor.cli.main"])
def test_the_command_line_starts_without_what_is_slow_to_import(module: str):
    """``corridor --help`` answers at once."""
    slow = ["dask", "distributed", "matplotlib", "numba", "numcodecs", "pandas", "scipy", "xarray", "zarr"]
    program = f"import sys, {module}; print([name for name in {slow} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
