"""GeoJSON in, thinned wards and SVG paths out."""

import json
import math
from itertools import pairwise
from typing import Any

import pytest

from participation.boundaries import BadBoundaries, bounds, draw, read_wards, simplify
from tests.factories.places import square
from tests.participation.conftest import geo_file

pytestmark = pytest.mark.pure


def collection(*features: dict[str, Any]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def feature(name: str | None = "Mill", code: str | None = "E05000001", **properties: Any) -> dict[str, Any]:
    named = {"WD25NM": name, "WD25CD": code, **properties}
    return {"type": "Feature", "properties": named, "geometry": square(-2.7, 53.7)}


def test_the_wards_of_preston() -> None:
    wards = read_wards(geo_file("preston_ward25_E07000123.geojson").read_bytes(), council_code="E07000123")
    assert len(wards) == 16
    assert ("Ashton", "E05012193") in {(ward.name, ward.code) for ward in wards}
    drawing = draw([ward.geometry for ward in wards])
    assert 0 < drawing.width <= 1000
    assert all(path.startswith("M") and path.endswith("Z") for path in drawing.paths)
    assert sum(map(len, drawing.paths)) < 15_000


def test_only_wards_of_the_council_are_taken_from_a_file_of_many() -> None:
    text = collection(
        feature("Mill", "E05000001", LAD25CD="E07000001"), feature("Quay", "E05000002", LAD25CD="E07000002")
    )
    assert [ward.name for ward in read_wards(text, council_code="E07000002")] == ["Quay"]
    with pytest.raises(BadBoundaries, match="E07000009"):
        read_wards(text, council_code="E07000009")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "no list of features"),
        (collection(), "no list of features"),
        (json.dumps({"features": [1]}), "Feature 1 has no properties"),
        (collection(feature(name=None)), "Feature 1 has no name"),
        (collection(feature(code="Mill")), "no GSS code"),
        (collection(feature(), feature(code="E05000002")), "same name: Mill"),
        (collection(feature() | {"geometry": {"type": "Point", "coordinates": [1, 2]}}), "neither a Polygon"),
        (collection(feature() | {"geometry": None}), "neither a Polygon"),
        (collection(feature() | {"geometry": square(350_000, 430_000)}), "WGS 84"),
        (collection(feature() | {"geometry": {"type": "Polygon", "coordinates": [[[0, 0]]]}}), "too few"),
        (
            collection(feature() | {"geometry": {"type": "Polygon", "coordinates": [[["a", "b"]] * 5]}}),
            "pair of numbers",
        ),
        (collection(feature() | {"geometry": square(-2.7, 53.7, side=1e-9)}), "smaller than anything"),
        ("[" * 100_000, "not JSON"),
        (collection(feature() | {"geometry": {"type": "Polygon", "coordinates": [[[10**400, 53]] * 5]}}), "WGS 84"),
        (collection(feature() | {"geometry": {"type": "Polygon", "coordinates": [[[-2, -(10**400)]] * 5]}}), "WGS 84"),
        (collection(feature() | {"geometry": square(float("nan"), 53.7)}), "WGS 84"),
        (collection(feature(name="Mill \ud800")), "Feature 1 has a name or code with characters that cannot be shown"),
        (collection(feature(name="Mill\0")), "cannot be shown"),
        (collection(feature(code="E0500000\udfff")), "cannot be shown"),
        (collection(feature(code="E0500000٣")), "no GSS code"),
        (collection(feature(name=["Mill"])), "Feature 1 has no name"),
        (collection(feature(), feature("Quay")), "same code: E05000001"),
    ],
)
def test_a_file_that_is_wrong_says_where(text: str, said: str) -> None:
    with pytest.raises(BadBoundaries, match=said):
        read_wards(text)


def test_names_are_one_line_in_any_letters() -> None:
    text = collection(feature("  Bryn\u00a0\n Tŷ-coch & Ynysddu’r  "))
    assert [ward.name for ward in read_wards(text)] == ["Bryn Tŷ-coch & Ynysddu’r"]


def test_thinning_keeps_within_the_tolerance() -> None:
    ring = [(math.cos(a / 200 * math.tau), math.sin(a / 200 * math.tau)) for a in range(200)]
    ring.append(ring[0])
    thinned = simplify(ring, 0.01)
    assert len(thinned) < 40
    assert (thinned[0], thinned[-1]) == (ring[0], ring[-1])
    for x, y in ring:
        nearest = min(
            abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / math.hypot(bx - ax, by - ay)
            for (ax, ay), (bx, by) in pairwise(thinned)
        )
        assert nearest <= 0.01 + 1e-9


def test_a_drawing_is_north_up_and_places_points() -> None:
    drawing = draw([square(0, 0, side=1), square(1, 0, side=1), None])
    assert (drawing.width, drawing.height) == pytest.approx((1000, 500), abs=1)
    assert drawing.paths[2] == ""
    assert drawing.at(0, 1) == pytest.approx((0, 0), abs=1)
    assert drawing.at(2, 0) == pytest.approx((1000, 500), abs=1)


def test_nothing_to_draw() -> None:
    assert draw([None]).paths == [""]
    assert bounds([None]) is None
    assert bounds([square(1, 2, side=3)]) == (1, 2, 4, 5)
