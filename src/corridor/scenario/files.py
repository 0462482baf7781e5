"""A file of the scenario folder as text: bytes in, decoded text out, or a problem.

Takes UTF-8 with or without a byte order mark and nothing else; names what a file seems to be instead. Splits
no rows and knows no format.
"""

from __future__ import annotations

from pathlib import Path

from corridor.scenario.findings import Findings, Spot

#: Larger files are refused: a scenario is written by people. Bytes.
LARGEST_FILE_BYTES = 50_000_000

_SAVE_AS = "in the spreadsheet choose Save as, CSV UTF-8"


def read_text(path: Path, findings: Findings) -> str | None:
    """Return the text of ``path`` without its byte order mark, or None where a problem was found."""
    whole_file = Spot(path.name)
    if path.is_dir():
        findings.fault("file-unreadable", whole_file, f"{path.name} is a folder; a file was expected")
        return None
    try:
        size_bytes = path.stat().st_size
        data = path.read_bytes() if size_bytes <= LARGEST_FILE_BYTES else b""
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or error}"
        findings.fault("file-unreadable", whole_file, message, "check who may read it")
        return None
    if size_bytes > LARGEST_FILE_BYTES:
        found = f"{path.name} has {size_bytes:,} bytes; at most {LARGEST_FILE_BYTES:,} are read"
        findings.fault("file-too-large", whole_file, found)
        return None
    if what := no_text(data):
        findings.fault("file-encoding", whole_file, f"{path.name} is {what}", save_as(path))
        return None
    return _decode(path, data, findings)


def no_text(data: bytes) -> str:
    """Return what the content of a file is that is no text in UTF-8 or a like encoding; "" for a text."""
    start = data[:4096]
    n_zero = start.count(0)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or 3 * max(start[::2].count(0), start[1::2].count(0)) > len(
        start
    ):
        return "UTF-16, not UTF-8"
    if data[:4] == b"PK\x03\x04":
        return "a workbook, not a text file"
    n_control = sum(start.count(code) for code in range(32) if code not in b"\t\n\v\f\r")
    return "no text file" if 20 * max(n_zero, n_control) > len(start) > 40 else ""


def save_as(path: Path) -> str:
    """Return how to get a file in UTF-8."""
    return _SAVE_AS if path.suffix == ".csv" else "save it as UTF-8 in a text editor"


def _decode(path: Path, data: bytes, findings: Findings) -> str | None:
    name = path.name
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        spot, value = _undecodable_spot(name, data, error.start), data[error.start]
        found = f"byte 0x{value:02X} is not UTF-8; in Latin-1 it would be '{chr(value)}'"
        findings.fault("file-encoding", spot, found, save_as(path))
        return None
    if "\x00" in text:
        spot = _undecodable_spot(name, data, data.index(b"\x00"))
        findings.fault(
            "file-encoding", spot, "the character U+0000 does not belong in a text file", "delete it"
        )
        return None
    if not text.strip(" \t\r\n,;"):
        findings.fault("empty-file", Spot(name), f"{name} is empty")
        return None
    return text


def _undecodable_spot(name: str, data: bytes, position: int) -> Spot:
    start = data.rfind(b"\n", 0, position) + 1
    end = data.find(b"\n", position)
    line = data[start : end if end >= 0 else len(data)]
    before = data[start:position].decode("utf-8-sig").removeprefix("\ufeff")
    shown = before + line[position - start :].decode("latin-1")
    return Spot(name, data.count(b"\n", 0, position) + 1, len(before) + 1, 1, shown.rstrip())
