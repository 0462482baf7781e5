"""Ctrl-C as an exception of our own, which can say what is kept."""

from __future__ import annotations


class Stopped(BaseException):
    """The user pressed Ctrl-C. No KeyboardInterrupt, which Typer would answer in its own words.

    ``kept`` says what is left of the work; "" where nothing was written.
    """

    def __init__(self, kept: str = "") -> None:
        super().__init__(kept)
        self.kept = kept
