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
    size_bytes = path.stat().st_size
    if size_bytes > LARGEST_FILE_BYTES:
        found = f"{path.name} has {size_bytes:,} bytes; at most {LARGEST_FILE_BYTES:,} are read"
        findings.fault("file-too-large", whole_file, found)
        return None
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4096]:
        findings.fault("file-encoding", whole_file, f"{path.name} is UTF-16, not UTF-8", _SAVE_AS)
        return None
    if data[:4] == b"PK\x03\x04":
        findings.fault("file-encoding", whole_file, f"{path.name} is a workbook, not a text file", _SAVE_AS)
        return None
    return _decode(path.name, data, findings)


def _decode(name: str, data: bytes, findings: Findings) -> str | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        spot, value = _undecodable_spot(name, data, error.start), data[error.start]
        found = f"byte 0x{value:02X} is not UTF-8; in Latin-1 it would be '{chr(value)}'"
        findings.fault("file-encoding", spot, found, _SAVE_AS)
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
