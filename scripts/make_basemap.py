"""Natural Earth into the two small base maps of the report: the world, coarse, and Iraq with Syria, fine.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    apt-get download libmagics++-data && dpkg -x libmagics++-data_*.deb magics
    python scripts/make_basemap.py package magics/usr/share/magics src/corridor/report/basemap

Countries come from world-atlas (TopoJSON of Natural Earth 4.1), boundary lines with their class and rivers
from the shapefiles of the Debian package. Natural Earth is in the public domain (naturalearthdata.com/about/
terms-of-use); boundaries are as Natural Earth draws them, de facto, with lines it calls disputed, indefinite
or of control kept apart so that a map can dot them. Lines are thinned, numbers rounded, and each line written
as its first point and the steps that follow, in fractions of a degree. The same sources give the same bytes.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

Point = tuple[float, float]
Line = list[Point]
Box = tuple[float, float, float, float]  # west, south, east, north

WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
IRAQ_SYRIA: Box = (36.0, 31.0, 48.0, 39.0)
SOURCE = "Natural Earth (public domain), from world-atlas 2.0.2 and libmagics++-data 4.13"
#: Classes of boundary lines that stand in Magics' files and are no boundaries.
LEFT_OUT = {"ForgetMagics", "Lease limit"}
#: Names of one river along its course, told by its English name.
ENGLISH = {"Dicle": "Tigris", "Firat": "Euphrates", "Al Furat": "Euphrates"}
_LEAST_SHARE = 1e-9


# --- reading ----------------------------------------------------------------------------------------------


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a dBASE file, names of columns in lower case."""
    data = path.read_bytes()
    count, head, length = struct.unpack("<IHH", data[4:12])
    columns, at = [], 32
    while data[at] != 0x0D:
        columns.append((data[at : at + 11].split(b"\0")[0].decode().lower(), data[at + 16]))
        at += 32
    rows = []
    for row in range(count):
        start, found = head + row * length + 1, {}
        for name, width in columns:
            found[name] = data[start : start + width].decode("utf-8", "replace").strip()
            start += width
        rows.append(found)
    return rows


def read_lines(path: Path) -> Iterator[list[Line]]:
    """Yield the parts of each poly-line of a shapefile; an empty record has none."""
    data, index = path.read_bytes(), path.with_suffix(".shx").read_bytes()
    for record in range((len(index) - 100) // 8):
        offset, words = struct.unpack_from(">ii", index, 100 + 8 * record)
        body = data[2 * offset + 8 : 2 * offset + 8 + 2 * words]
        if struct.unpack("<i", body[:4])[0] == 0:
            yield []
            continue
        n_parts, n_points = struct.unpack("<ii", body[36:44])
        starts = [*struct.unpack(f"<{n_parts}i", body[44 : 44 + 4 * n_parts]), n_points]
        points = np.frombuffer(body[44 + 4 * n_parts :], "<f8", 2 * n_points).reshape(-1, 2).tolist()
        yield [[(x, y) for x, y in points[a:b]] for a, b in pairwise(starts)]


def read_countries(path: Path, tolerance: float) -> list[tuple[str, list[Line]]]:
    """Return the name and rings of each country of a TopoJSON file, borders thinned once for both sides."""
    topology = json.loads(path.read_text("utf-8"))
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        points = np.cumsum(np.array(steps, float), axis=0) * (sx, sy) + (tx, ty)
        arcs.append(thinned([(x, y) for x, y in points.tolist()], tolerance))

    def ring(indices: Sequence[int]) -> Line:
        line: Line = []
        for index in indices:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            line.extend(arc if not line else arc[1:])
        return line

    found = []
    for shape in topology["objects"]["countries"]["geometries"]:
        if not shape.get("arcs"):
            continue
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        rings = [ring(indices) for polygon in polygons for indices in polygon]
        found.append((shape["properties"]["name"], rings))
    return found


# --- thinning and cutting ---------------------------------------------------------------------------------


def thinned(line: Line, tolerance: float) -> Line:
    """Return a line without the points that lie within the tolerance of it (Douglas and Peucker 1973)."""
    points = np.array(line)
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        along, between = points[last] - points[first], points[first + 1 : last] - points[first]
        length = float(np.hypot(*along))
        if length < _LEAST_SHARE:
            distance = np.hypot(between[:, 0], between[:, 1])
        else:
            distance = np.abs(along[0] * between[:, 1] - along[1] * between[:, 0]) / length
        farthest = int(distance.argmax())
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return [line[i] for i in np.flatnonzero(keep)]


def cut_ring(ring: Line, box: Box) -> Line:
    """Return the part of a polygon inside a box (Sutherland and Hodgman 1974)."""
    west, south, east, north = box
    for axis, limit, sign in ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1)):
        inside = [sign * (point[axis] - limit) >= 0 for point in ring]
        cut: Line = []
        for i, point in enumerate(ring):
            before, was_inside = ring[i - 1], inside[i - 1]
            if inside[i] != was_inside:
                share = (limit - before[axis]) / (point[axis] - before[axis])
                cut.append(tuple(b + share * (p - b) for b, p in zip(before, point, strict=True)))  # type: ignore[arg-type]
            if inside[i]:
                cut.append(point)
        ring = cut
    return ring


def cut_line(line: Line, box: Box) -> list[Line]:
    """Return the pieces of a line that are in a box, each with one point beyond its edge."""
    west, south, east, north = box
    pieces: list[Line] = []
    inside = [west <= x <= east and south <= y <= north for x, y in line]
    for i, point in enumerate(line):
        near = inside[i] or any(inside[max(0, i - 1) : i + 2])
        if not near:
            continue
        if pieces and i > 0 and (inside[i] or inside[i - 1]) and pieces[-1][-1] == line[i - 1]:
            pieces[-1].append(point)
        else:
            pieces.append([point])
    return [piece for piece in pieces if len(piece) > 1]


# --- writing ----------------------------------------------------------------------------------------------


def steps_of(line: Line, per_degree: int) -> list[int]:
    """Return a line as whole numbers: the first point, then the steps; points that fall together are one."""
    points = np.rint(np.array(line) * per_degree).astype(int)
    moved = np.diff(points, axis=0)
    kept = moved[(moved != 0).any(axis=1)]
    return [*points[0].tolist(), *kept.ravel().tolist()] if len(kept) else []


def base_map(
    atlas: Path, magics: Path, scale: str, box: Box, per_degree: int, tolerance: float
) -> dict[str, Any]:
    """Return one base map as it is stored."""
    countries = []
    for name, rings in read_countries(atlas / f"countries-{scale}.json", tolerance):
        cut = [
            steps_of(part, per_degree) for part in (cut_ring(ring, box) for ring in rings) if len(part) > 2
        ]
        kept = [ring for ring in cut if len(ring) >= 6]
        if kept:
            countries.append([name, kept])
    folder = magics / scale
    lines: dict[str, list[list[int]]] = {"borders": [], "disputed": []}
    for row, parts in _records(folder / f"ne_{scale}_admin_0_boundary_lines_land"):
        if row["featurecla"] in LEFT_OUT:
            continue
        kind = "borders" if row["featurecla"].startswith("International") else "disputed"
        lines[kind] += _stored(parts, box, per_degree, tolerance)
    rivers: dict[str, list[list[int]]] = {}
    for row, parts in _records(folder / f"ne_{scale}_rivers_lake_centerlines"):
        name = row["name"] if row["name"].isascii() and "?" not in row["name"] else ""
        rivers.setdefault(ENGLISH.get(name, name), []).extend(_stored(parts, box, per_degree, tolerance))
    named = [[name, parts] for name, parts in sorted(rivers.items()) if parts]
    made = {"source": SOURCE, "box": box, "per_degree": per_degree, "countries": sorted(countries)}
    return {**made, **lines, "rivers": named}


def _records(path: Path) -> Iterator[tuple[dict[str, str], list[Line]]]:
    yield from zip(read_table(path.with_suffix(".dbf")), read_lines(path.with_suffix(".shp")), strict=True)


def _stored(parts: list[Line], box: Box, per_degree: int, tolerance: float) -> list[list[int]]:
    pieces = [piece for line in parts for piece in cut_line(line, box)]
    stored = [steps_of(thinned(piece, tolerance), per_degree) for piece in pieces]
    return [steps for steps in stored if len(steps) >= 4]


def main(atlas: str, magics: str, target: str) -> None:
    """Write both base maps."""
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    for name, scale, box, per_degree, tolerance in (
        ("world", "50m", WORLD, 50, 0.02),
        ("iraq-syria", "10m", IRAQ_SYRIA, 500, 0.003),
    ):
        made = base_map(Path(atlas), Path(magics), scale, box, per_degree, tolerance)
        path = folder / f"{name}.json"
        path.write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
        print(f"{path}: {path.stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: make_basemap.py WORLD_ATLAS_FOLDER MAGICS_FOLDER TARGET_FOLDER")
    main(*sys.argv[1:])
