"""The law: arrays in, arrays out, one member at a time. Knows no scenario, no name, no date, no plot.

On import, machine code that was compiled from other sources than these is removed: Numba looks only at the
file of the function that it keeps, not at the files of the functions which that one calls.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path


def _drop_stale_compiled_code() -> None:
    engine = Path(__file__).resolve().parent
    cache = engine / "__pycache__"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(engine.glob("*.py")))).hexdigest()
    stamp = cache / "sources.sha256"
    with suppress(OSError):  # where nothing can be written, nothing was kept here either
        if stamp.is_file() and stamp.read_text() == digest:
            return
        for compiled in [*cache.glob("*.nbi"), *cache.glob("*.nbc")]:
            compiled.unlink(missing_ok=True)
        cache.mkdir(exist_ok=True)
        stamp.write_text(digest)


_drop_stale_compiled_code()
