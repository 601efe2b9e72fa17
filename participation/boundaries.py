"""Boundaries: read wards from GeoJSON, thin their outlines, draw them as SVG paths. Numbers in, numbers out.

Coordinates are WGS 84 degrees, longitude first, as GeoJSON says.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = list[Point]
Geometry: TypeAlias = dict[str, Any]

KEPT_DETAIL = 0.00008  # degrees, about 9 m: what a stored outline may be off by
MAX_POINTS = 400_000
TALLEST = 1.4  # a picture is at most so many times as high as wide
_CODE = re.compile(r"(?i)^wd\d\dcd$")
_NAME = re.compile(r"(?i)^wd\d\dnm$")
_COUNCIL = re.compile(r"(?i)^lad\d\dcd$")


class BadBoundaries(Exception):  # noqa: N818 - said to a person: what is wrong with the file
    """The file is not what it should be; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Ward:
    """One ward of a file. `code` is its GSS code or None, `geometry` a thinned Polygon or MultiPolygon or None."""

    name: str
    code: str | None = None
    geometry: Geometry | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG: the size of its view box, and one path for each geometry given (empty where there was none)."""

    width: int
    height: int
    paths: list[str]
    west: float
    north: float
    units: tuple[float, float]  # for one degree of longitude, of latitude

    def at(self, longitude: float, latitude: float) -> Point:
        """Where a point of the earth stands in the view box."""
        return (longitude - self.west) * self.units[0], (self.north - latitude) * self.units[1]


def read_wards(text: str | bytes, *, council_code: str | None = None) -> list[Ward]:
    """The wards of a GeoJSON FeatureCollection with WDxxCD and WDxxNM (or `code` and `name`) properties.

    Of a file that says which council each ward lies in (LADxxCD), only those of `council_code` are taken.
    Raises BadBoundaries.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise BadBoundaries(_("This is not a GeoJSON file: it is not JSON.")) from problem
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise BadBoundaries(_("This is not a GeoJSON file of areas: it has no list of features."))
    wards = [ward for n, feature in enumerate(features, 1) if (ward := _read_ward(feature, n, council_code))]
    if not wards:
        raise BadBoundaries(_("No ward in this file lies in the council area %(code)s.") % {"code": council_code})
    names = [ward.name for ward in wards]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadBoundaries(_("Two areas have the same name: %(name)s.") % {"name": min(twice)})
    codes = [ward.code for ward in wards if ward.code]
    if twice := {code for code in codes if codes.count(code) > 1}:
        raise BadBoundaries(_("Two areas have the same code: %(code)s.") % {"code": min(twice)})
    return wards


def _read_ward(feature: object, number: int, council_code: str | None) -> Ward | None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(properties, dict):
        raise BadBoundaries(_("Feature %(number)s has no properties.") % {"number": number})
    council = _property(properties, _COUNCIL)
    if council and council_code and council != council_code:
        return None
    name = _property(properties, _NAME) or _text(properties.get("name"))
    code = _property(properties, _CODE) or _text(properties.get("code")) or None
    if not f"{name}{code}".isprintable():  # half characters, zeros: neither database nor page can hold them
        raise BadBoundaries(
            _("Feature %(number)s has a name or code with characters that cannot be shown.") % {"number": number}
        )
    if not name:
        raise BadBoundaries(
            _("Feature %(number)s has no name: a property such as WD25NM is needed.") % {"number": number}
        )
    if code and not re.fullmatch(r"[EWSNK][0-9]{8}", code):
        raise BadBoundaries(
            _("Feature %(number)s (%(name)s) has the code %(code)s, which is no GSS code.")
            % {"number": number, "name": name, "code": code[:20]}
        )
    try:
        return Ward(name[:100], code, thin(feature.get("geometry")))
    except BadBoundaries as problem:
        raise BadBoundaries(
            _("Feature %(number)s (%(name)s): %(problem)s") % {"number": number, "name": name, "problem": problem}
        ) from problem


def _property(properties: Mapping[str, Any], pattern: re.Pattern[str]) -> str:
    return next((text for key, value in properties.items() if pattern.match(key) and (text := _text(value))), "")


def _text(value: object) -> str:
    """In one line; nothing of what is neither text nor a number."""
    return " ".join(str(value).split()) if value and isinstance(value, str | int | float) else ""


def thin(geometry: object) -> Geometry:
    """Check a Polygon or MultiPolygon and return it as a MultiPolygon with no more points than it needs."""
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        raise BadBoundaries(_("it is neither a Polygon nor a MultiPolygon."))
    given = geometry.get("coordinates")
    polygons = [given] if geometry["type"] == "Polygon" else given
    if not isinstance(polygons, list) or not polygons:
        raise BadBoundaries(_("it has no coordinates."))
    thinned = [[_thin_ring(ring) for ring in polygon] for polygon in polygons if isinstance(polygon, list)]
    kept = [[ring for ring in polygon if len(ring) >= 4] for polygon in thinned]
    kept = [polygon for polygon in kept if polygon]
    if not kept:
        raise BadBoundaries(_("it is smaller than anything that can be drawn."))
    return {"type": "MultiPolygon", "coordinates": kept}


def _thin_ring(ring: object) -> list[list[float]]:
    if not isinstance(ring, list) or not 4 <= len(ring) <= MAX_POINTS:
        raise BadBoundaries(_("one of its rings has too few or too many points."))
    points = [_point(pair) for pair in ring]
    return [[round(x, 5), round(y, 5)] for x, y in simplify(points, KEPT_DETAIL)]


def _point(pair: object) -> Point:
    if not isinstance(pair, list) or len(pair) < 2 or not all(isinstance(n, int | float) for n in pair[:2]):
        raise BadBoundaries(_("one of its points is not a pair of numbers."))
    longitude, latitude = pair[:2]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise BadBoundaries(_("its coordinates are not degrees. Save the file in WGS 84 (EPSG:4326)."))
    return float(longitude), float(latitude)  # only now: a whole number may be longer than a float holds


def simplify(points: Ring, tolerance: float) -> Ring:
    """Ramer–Douglas–Peucker without recursion: no point left out lies farther than `tolerance` from the line kept.

    A closed ring is split at the point farthest from its start, so that it does not fall together into one line.
    """
    if len(points) < 4:
        return points
    far = max(range(len(points)), key=lambda i: math.dist(points[i], points[0]))
    keep = {0, far, len(points) - 1}
    spans = [(0, far), (far, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        index, distance = _farthest(points, first, last)
        if distance > tolerance:
            keep.add(index)
            spans += [(first, index), (index, last)]
    return [points[i] for i in sorted(keep)]


def _farthest(points: Ring, first: int, last: int) -> tuple[int, float]:
    """The index between `first` and `last` that lies farthest from the line through them, and how far."""
    (ax, ay), (bx, by) = points[first], points[last]
    length = math.hypot(bx - ax, by - ay)
    best, most = first + 1, -1.0
    for i in range(first + 1, last):
        x, y = points[i]
        away = abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length if length else math.hypot(x - ax, y - ay)
        if away > most:
            best, most = i, away
    return best, most


def draw(geometries: list[Geometry | None], *, width: int = 1000) -> Drawing:
    """Project the geometries onto one picture `width` units wide, north up, simplified to about one unit."""
    box = bounds(geometries)
    if box is None:
        return Drawing(0, 0, ["" for _geometry in geometries], 0, 0, (0, 0))
    west, south, east, north = box
    # A degree of longitude is shorter than one of latitude by the cosine of the latitude.
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = width / max((east - west) * squeeze, (north - south) / TALLEST, 1e-9)
    size = math.ceil((east - west) * squeeze * scale), math.ceil((north - south) * scale)
    frame = Drawing(*size, [], west, north, (squeeze * scale, scale))
    paths = ["".join(_path([frame.at(*p) for p in ring]) for ring in _rings(g)) if g else "" for g in geometries]
    return replace(frame, paths=paths)


def _rings(geometry: Geometry) -> Iterator[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        for ring in polygon:
            yield [(float(p[0]), float(p[1])) for p in ring]


def _path(ring: Ring) -> str:
    corners = simplify(ring, 0.8)
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in corners[:-1]) + "Z"


def bounds(geometries: list[Geometry | None]) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees; None without any geometry."""
    points = [point for geometry in geometries if geometry for ring in _rings(geometry) for point in ring]
    if not points:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)
