"""Work that kills who does it; in a file of its own, which the workers of a test can import."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class DeadlyJob:
    """Stands for members that need more memory than a worker has."""

    def prepare(self) -> Callable[[range], bytes]:
        """Return what ends the process."""
        return lambda block: os._exit(1)
