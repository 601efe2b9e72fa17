"""Maps of projects: the wards of a place as SVG paths, points on them, and how many lie in each."""

from collections import Counter
from typing import Any, TypedDict

from django.urls import reverse
from django.utils.translation import ngettext

from budgets.models import Project
from participation.boundaries import Drawing, draw
from participation.models import Place

LEVELS = 4


class WardMap(TypedDict):
    """For components/ward_map.html."""

    view_box: str
    areas: list[dict[str, Any]]
    points: list[dict[str, Any]]


def projects_map(place: Place, projects: list[Project]) -> WardMap | None:
    """Where these projects are; None where the place has no drawn wards. One query."""
    wards = list(place.children.exclude(boundary=None))
    if not wards:
        return _points_alone(projects)
    drawing = draw([ward.boundary for ward in wards])
    points = _points(drawing, projects)
    if not points and any(project.latitude is not None for project in projects):
        return _points_alone(projects)  # an imported election of another place
    count = Counter(project.area_id for project in projects)
    most = max((count[ward.pk] for ward in wards), default=0)
    areas = [
        {
            "name": ward.name,
            "path": path,
            "value": count[ward.pk],
            "display": ngettext("%(n)s project", "%(n)s projects", count[ward.pk]) % {"n": count[ward.pk]},
            "level": -(-LEVELS * count[ward.pk] // most) if most else 0,
        }
        for ward, path in zip(wards, drawing.paths, strict=True)
    ]
    return {"view_box": f"0 0 {drawing.width} {drawing.height}", "areas": areas, "points": points}


def _points(drawing: Drawing, projects: list[Project]) -> list[dict[str, Any]]:
    """The projects that lie on the drawing."""
    points = []
    for project in projects:
        if project.latitude is None or project.longitude is None:
            continue
        x, y = drawing.at(float(project.longitude), float(project.latitude))
        if 0 <= x <= drawing.width and 0 <= y <= drawing.height:
            url = reverse("budgets:project", args=[project.round.slug, project.code])
            points.append({"x": round(x), "y": round(y), "title": project.name, "url": url})
    return points


def _points_alone(projects: list[Project]) -> WardMap | None:
    """Where no ward is drawn: the points in the rectangle they span, with a margin."""
    spots = [
        (float(p.longitude), float(p.latitude)) for p in projects if p.longitude is not None and p.latitude is not None
    ]
    if len(spots) < 2:
        return None
    west, east = min(x for x, _y in spots), max(x for x, _y in spots)
    south, north = min(y for _x, y in spots), max(y for _x, y in spots)
    edge = max(east - west, north - south) / 20 or 0.001
    box = [
        [west - edge, south - edge], [east + edge, south - edge], [east + edge, north + edge],
        [west - edge, north + edge], [west - edge, south - edge],
    ]  # fmt: skip
    drawing = draw([{"type": "Polygon", "coordinates": [box]}])
    return {"view_box": f"0 0 {drawing.width} {drawing.height}", "areas": [], "points": _points(drawing, projects)}
