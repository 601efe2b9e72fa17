"""Where a place lies, for templates."""

from django import template

from participation.boundaries import bounds
from participation.models import Place

register = template.Library()


@register.simple_tag
def point_bounds(place: Place) -> str:
    """`south,west,north,east` in degrees of a place with its wards, as js/picker-map.js reads it; empty if unknown."""
    areas = Place.objects.within(place).exclude(boundary=None).values_list("boundary", flat=True)
    box = bounds(list(areas))
    if box is None:
        return ""
    west, south, east, north = box
    return f"{south:.5f},{west:.5f},{north:.5f},{east:.5f}"
