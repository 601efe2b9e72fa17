"""Maps of projects: the wards of a place as SVG paths, points on them, and how many lie in each."""

from collections import Counter
from typing import Any, TypedDict

from django.urls import reverse
from django.utils.translation import ngettext

from budgets.models import Project
from participation.boundaries import draw
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
        return None
    drawing = draw([ward.boundary for ward in wards])
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
    points = []
    for project in projects:
        if project.latitude is None or project.longitude is None:
            continue
        longitude, latitude = float(project.longitude), float(project.latitude)
        if drawing.holds(longitude, latitude):
            x, y = drawing.at(longitude, latitude)
            url = reverse("budgets:project", args=[project.round.slug, project.code])
            points.append({"x": round(x), "y": round(y), "title": project.name, "url": url})
    return {"view_box": f"0 0 {drawing.width} {drawing.height}", "areas": areas, "points": points}
