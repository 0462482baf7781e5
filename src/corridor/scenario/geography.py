"""Distances between places on the globe, in a straight line. Coordinates in degrees in, kilometres out."""

from __future__ import annotations

import math

#: Mean radius of the Earth, IUGG (Moritz 2000, Geodetic Reference System 1980).
EARTH_RADIUS_KM = 6371.0088


def great_circle_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the shortest distance over the ground between two points, in km (haversine).

    >>> round(great_circle_km(36.34, 43.13, 36.19, 44.01), 1)
    80.6
    """
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    half_lat = (other_phi - phi) / 2
    half_lon = math.radians(other_lon - lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(phi) * math.cos(other_phi) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))
