"""What all tests share: where the figures outside the repository lie, and compiled code that is never older
than its source.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def _drop_stale_compiled_code() -> None:
    """Remove cached machine code of the engine if any of its files has changed.

    Numba looks only at the file of the function it compiles, not at the files of the functions that one
    calls.
    """
    engine = ROOT / "src" / "corridor" / "engine"
    cache = engine / "__pycache__"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(engine.glob("*.py")))).hexdigest()
    stamp = cache / "sources.sha256"
    if stamp.is_file() and stamp.read_text() == digest:
        return
    for compiled in [*cache.glob("*.nbi"), *cache.glob("*.nbc")]:
        compiled.unlink(missing_ok=True)
    cache.mkdir(exist_ok=True)
    stamp.write_text(digest)


_drop_stale_compiled_code()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of figures beside the repository; tests that need it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder 'shared' is not beside the repository")
    return SHARED
