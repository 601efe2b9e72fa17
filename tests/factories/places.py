"""Places: councils, the wards in them, and postcodes."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from participation.models import Place, Postcode


def square(longitude: float, latitude: float, side: float = 0.01) -> dict[str, Any]:
    """A GeoJSON polygon, WGS 84, longitude first, counter-clockwise."""
    east, north = longitude + side, latitude + side
    ring = [[longitude, latitude], [east, latitude], [east, north], [longitude, north], [longitude, latitude]]
    return {"type": "Polygon", "coordinates": [ring]}


class PlaceFactory(DjangoModelFactory[Place]):
    """A council area with a boundary."""

    class Meta:
        model = Place

    kind = Place.Kind.COUNCIL
    name = factory.Sequence(lambda n: f"Thornaby {n}")
    slug = factory.Sequence(lambda n: f"thornaby-{n}")
    gss_code = factory.Sequence(lambda n: f"E07{n:06d}")
    boundary = factory.Sequence(lambda n: square(-2.7 + n % 50 * 0.05, 53.7, side=0.04))


class WardFactory(PlaceFactory):
    """A ward; `parent` is its council."""

    kind = Place.Kind.WARD
    name = factory.Sequence(lambda n: f"Riverside {n}")
    slug = factory.Sequence(lambda n: f"riverside-{n}")
    gss_code = factory.Sequence(lambda n: f"E05{n:06d}")
    boundary = factory.Sequence(lambda n: square(-2.7 + n % 50 * 0.01, 53.7))
    parent = factory.SubFactory(PlaceFactory)


class PostcodeFactory(DjangoModelFactory[Postcode]):
    """A postcode; give `ward` and it takes the codes of the ward and of its council."""

    class Meta:
        model = Postcode

    class Params:
        ward = factory.SubFactory(WardFactory)

    code = factory.Sequence(lambda n: f"ZZ{n % 99 + 1}{n // 99 % 10}AB")
    ward_code = factory.LazyAttribute(lambda o: o.ward.gss_code)
    district_code = factory.LazyAttribute(lambda o: o.ward.parent.gss_code)
    lsoa_code = "E01000001"
    latitude = 53.7
    longitude = -2.7
