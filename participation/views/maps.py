"""What `components/ward_map.html` draws."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from participation.boundaries import Drawing, draw
from participation.models import Place, Proposal

LEVELS = 4  # shades


def map_of_ideas(here: Place, wards: list[Place]) -> dict[str, Any] | None:
    """The wards (with `proposal_count`), each as dark as it has ideas, or the place alone; None without boundaries."""
    areas = [ward for ward in wards if ward.boundary] or ([here] if here.boundary else [])
    counts = [getattr(area, "proposal_count", 0) for area in areas]
    most = max(counts, default=0)
    drawing = draw([area.boundary for area in areas])
    shapes = [
        {
            "name": area.name,
            "url": area.get_absolute_url() if area != here else None,
            "path": path,
            "value": count,
            "display": ngettext("%(count)d idea", "%(count)d ideas", count) % {"count": count},
            "level": -(-LEVELS * count // most) if most else 0,  # rounded up, so that one idea shows
        }
        for area, path, count in zip(areas, drawing.paths, counts, strict=True)
    ]
    drawn = _map(drawing, _("Ideas in each ward of %(place)s") % {"place": here.name}, shapes)
    return drawn and {**drawn, "legend": _legend(most)}


def _legend(most: int) -> list[dict[str, Any]]:
    """What the shades mean; nothing where there is but one."""
    steps = {0: 0} | {-(-LEVELS * count // most): count for count in range(1, most + 1)} if most else {}
    lowest = {level: 1 + max((c for other, c in steps.items() if other < level), default=-1) for level in steps}
    return [
        {"level": level, "label": str(count) if lowest[level] == count else f"{lowest[level]}–{count}"}
        for level, count in steps.items()
    ]


def map_of_point(proposal: Proposal) -> dict[str, Any] | None:
    """Where a proposal is: its point, and its ward among the others; None without a point or boundaries."""
    if proposal.latitude is None or proposal.longitude is None:
        return None
    areas = list(Place.objects.filter(parent=proposal.place_id).exclude(boundary=None))
    drawing = draw([area.boundary for area in areas])
    shapes = [
        {
            "name": area.name,
            "path": path,
            "display": _("this idea") if area.pk == proposal.area_id else "–",
            "level": 2 if area.pk == proposal.area_id else 0,
        }
        for area, path in zip(areas, drawing.paths, strict=True)
    ]
    x, y = drawing.at(float(proposal.longitude), float(proposal.latitude))
    point = {"x": round(x), "y": round(y), "title": proposal.title}
    drawn = _map(drawing, _("Where the idea is"), shapes)
    return drawn and {**drawn, "points": [point], "point_radius": 22}


def _map(drawing: Drawing, title: str, shapes: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not drawing.width:
        return None
    # A little room round it, for the outline's own width.
    return {"view_box": f"-4 -4 {drawing.width + 8} {drawing.height + 8}", "title": title, "areas": shapes}
