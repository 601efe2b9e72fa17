"""The place tree, its boundaries and its pages."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from participation.actions.places import create_place, load_boundaries
from participation.boundaries import Ward, thin
from participation.models import AuditEvent, Place
from tests.factories import PlaceFactory, PostcodeFactory, ProposalFactory, UserFactory, WardFactory
from tests.factories.places import square
from tests.participation.conftest import Signer, Town, geo_file
from tests.refusals import refuses

pytestmark = pytest.mark.django_db


# ── Actions ──────────────────────────────────────────────────────────────────
def test_a_council_is_added_by_an_administrator_alone(administrator: Any, town: Town, now: datetime) -> None:
    organiser = town.staff("organiser")
    with refuses("not_allowed"):
        create_place(by=organiser, now=now, kind="council", name="Elsewhere")
    place = create_place(by=administrator, now=now, kind="council", name=" New   Larkmoor ", gss_code="E07000999")
    assert (place.name, place.slug) == ("New Larkmoor", "new-larkmoor")
    ward = create_place(by=organiser, now=now, kind="ward", name="Quarry Hill", parent_id=town.place.pk)
    assert ward.slug == "larkmoor-quarry-hill"
    assert AuditEvent.objects.filter(action="place.created").count() == 2


def test_names_and_codes_are_used_once(administrator: Any, town: Town, now: datetime) -> None:
    def add(**fields: Any) -> Place:
        return create_place(by=administrator, now=now, **fields)

    with refuses("place_exists"):
        add(kind="ward", name="MILL", parent_id=town.place.pk)
    with refuses("gss_taken"):
        add(kind="council", name="Other", gss_code=town.place.gss_code)
    with refuses("bad_gss_code"):
        add(kind="council", name="Other", gss_code="12345")
    with refuses("bad_place"):
        add(kind="council", name="x" * 101)
    assert add(kind="council", name="New").slug == "new-2"  # /roles/new/ is a page
    assert add(kind="council", name="Lark-moor!").slug == "lark-moor"
    assert add(kind="council", name="Lark moor").slug == "lark-moor-2"


def test_a_file_adds_wards_and_brings_known_ones_up_to_date(town: Town, now: datetime) -> None:
    organiser, mill = town.staff("organiser"), town.wards[0]
    outline = thin(square(-2.5, 53.5))
    wards = [Ward("Mill Lane", mill.gss_code, outline), Ward("Harbour", "E05000900", outline)]
    assert load_boundaries(by=organiser, place_id=town.place.pk, wards=wards, now=now) == (1, 1)
    mill.refresh_from_db()
    assert (mill.name, mill.boundary) == ("Mill Lane", outline)
    assert load_boundaries(by=organiser, place_id=town.place.pk, wards=wards, now=now) == (0, 0)
    assert AuditEvent.objects.filter(action="place.wards_loaded").count() == 1


def test_a_ward_without_a_code_is_known_by_its_name(town: Town, now: datetime) -> None:
    Place.objects.filter(pk=town.wards[0].pk).update(gss_code=None, boundary=None)
    assert load_boundaries(by=None, place_id=town.place.pk, wards=[Ward("mill", "E05000901")], now=now) == (0, 1)
    assert Place.objects.get(pk=town.wards[0].pk).gss_code == "E05000901"
    assert load_boundaries(by=None, place_id=town.place.pk, wards=[Ward("mill")], now=now) == (0, 0)


def test_wards_of_others_are_left_alone(town: Town, now: datetime) -> None:
    foreign = WardFactory()
    with refuses("gss_taken"):
        load_boundaries(by=None, place_id=town.place.pk, wards=[Ward("Mine", foreign.gss_code)], now=now)
    Place.objects.filter(parent=town.place).update(gss_code=None)
    with refuses("gss_taken"):
        twice = [Ward("Mill", "E05000900"), Ward("Quay", "E05000900")]
        load_boundaries(by=None, place_id=town.place.pk, wards=twice, now=now)
    with refuses("not_a_council"):
        load_boundaries(by=None, place_id=town.wards[0].pk, wards=[Ward("Mine")], now=now)
    with refuses("not_allowed"):
        load_boundaries(by=town.staff("moderator"), place_id=town.place.pk, wards=[Ward("Mine")], now=now)


def test_the_code_of_an_area_elsewhere_cannot_be_claimed(town: Town, now: datetime) -> None:
    elsewhere, codeless = PlaceFactory(gss_code="E07000888"), PlaceFactory(gss_code=None)
    PostcodeFactory(code="ZZ11AA", ward_code="E05000888", district_code=elsewhere.gss_code)
    PostcodeFactory(code="ZZ11AB", ward_code="E05000777", district_code=town.place.gss_code)
    PostcodeFactory(code="ZZ11AC", ward_code="E05000666", district_code="E07000666")
    Place.objects.filter(pk=town.wards[0].pk).update(gss_code=None)
    organiser = town.staff("organiser")
    for code in ("E05000888", "E07000666"):  # a ward of another council; a whole district
        for ward in (Ward("Mill", code), Ward("New", code)):
            with refuses("gss_elsewhere"):
                load_boundaries(by=organiser, place_id=town.place.pk, wards=[ward], now=now)
        with refuses("gss_elsewhere"):
            create_place(by=organiser, now=now, kind="ward", name="New", parent_id=town.place.pk, gss_code=code)
    for code in ("E05000888", "E05000777", "E07000666"):  # others here have these postcodes; no ward is a district
        with refuses("gss_elsewhere"):
            load_boundaries(by=None, place_id=codeless.pk, wards=[Ward("New", code)], now=now)
    assert load_boundaries(by=None, place_id=codeless.pk, wards=[Ward("Free", "E05000666")], now=now) == (1, 0)
    assert load_boundaries(by=None, place_id=town.place.pk, wards=[Ward("Mill", "E05000777")], now=now) == (0, 1)


def test_names_may_be_swapped_and_passed_on(town: Town, now: datetime) -> None:
    mill, quay = town.wards
    wards = [Ward("Mill", "E05000900"), Ward("Mill", quay.gss_code), Ward("Quay", mill.gss_code)]
    assert load_boundaries(by=None, place_id=town.place.pk, wards=wards[1:], now=now) == (0, 2)
    names = dict(Place.objects.filter(parent=town.place).values_list("gss_code", "name"))
    assert names == {mill.gss_code: "Quay", quay.gss_code: "Mill"}
    wards = [Ward("Mill", "E05000900"), Ward("Harbour", quay.gss_code)]  # the name goes on to a new ward
    assert load_boundaries(by=None, place_id=town.place.pk, wards=wards, now=now) == (1, 1)
    names = dict(Place.objects.filter(parent=town.place).values_list("gss_code", "name"))
    assert names == {mill.gss_code: "Quay", quay.gss_code: "Harbour", "E05000900": "Mill"}


@pytest.mark.parametrize("name", ["Quay", "QUAY"])
def test_a_name_that_another_ward_keeps_is_refused(sign_in: Signer, town: Town, now: datetime, name: str) -> None:
    mill, quay = town.wards
    with refuses("place_exists"):
        load_boundaries(by=None, place_id=town.place.pk, wards=[Ward(name, mill.gss_code)], now=now)
    features = [{"properties": {"name": name, "code": mill.gss_code}, "geometry": square(-2.6, 53.6)}]
    page = sign_in(town.staff("organiser")).post(
        reverse("participation:wards", args=["larkmoor"]),
        {"file": upload("wards.geojson", json.dumps({"features": features}))},
    )
    assert (page.status_code, f"There is a place called {name} already." in page.text) == (422, True)
    mill.refresh_from_db()
    assert mill.name == "Mill"


def test_names_that_are_the_same_but_for_their_case_never_break_the_page(sign_in: Signer, town: Town) -> None:
    organiser = sign_in(town.staff("organiser"))
    url = reverse("participation:wards", args=["larkmoor"])
    for names in ("\u0130\ni\u0307", "\u0130\ni\u0307", "i\u0307", "\u0130", "STRASSE\nStraße", "straße", "mill\nMILL"):
        assert organiser.post(url, {"names": names}).status_code in {302, 422}


# ── The command ──────────────────────────────────────────────────────────────
def test_the_wards_of_preston_are_loaded_once(capsys: Any) -> None:
    PlaceFactory(name="Preston", slug="preston", gss_code="E07000123")
    file = str(geo_file("preston_ward25_E07000123.geojson"))
    call_command("import_boundaries", file, place="preston")
    call_command("import_boundaries", file, place="preston")
    assert capsys.readouterr().out.splitlines() == [
        "Preston: 16 wards added, 0 changed, 16 in the file.",
        "Preston: 0 wards added, 0 changed, 16 in the file.",
    ]
    assert Place.objects.filter(parent__slug="preston", boundary__isnull=False).count() == 16


def test_the_command_says_in_one_line_what_is_wrong(town: Town, tmp_path: Path) -> None:
    bad = tmp_path / "bad.geojson"
    bad.write_text("{")
    with pytest.raises(CommandError, match="no council area 'nowhere' here .there are: larkmoor"):
        call_command("import_boundaries", str(bad), place="nowhere")
    with pytest.raises(CommandError, match="it is not JSON"):
        call_command("import_boundaries", str(bad), place="larkmoor")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_boundaries", str(tmp_path / "missing"), place="larkmoor")


# ── Pages ────────────────────────────────────────────────────────────────────
def test_the_page_of_a_place_shows_its_wards_as_map_and_list(client: Client, town: Town) -> None:
    ProposalFactory.create_batch(2, place=town.place, area=town.wards[0])
    ProposalFactory(place=town.place, title="For the whole town")
    page = client.get(town.place.get_absolute_url())
    shapes = {area["name"]: (area["display"], area["level"]) for area in page.context["map"]["areas"]}
    assert shapes == {"Mill": ("2 ideas", 4), "Quay": ("0 ideas", 0)}
    assert page.context["proposal_count"] == 3
    assert "For the whole town" in page.text
    assert f"/rounds/?place={town.place.slug}" in page.text
    ward = client.get(town.wards[0].get_absolute_url())
    assert ward.context["proposal_count"] == 2
    assert client.get("/places/nowhere/").status_code == 404


def test_a_place_without_boundaries_has_a_list(client: Client) -> None:
    place = PlaceFactory(boundary=None)
    WardFactory(parent=place, boundary=None, name="Unmapped ward")
    page = client.get(place.get_absolute_url())
    assert page.context["map"] is None
    assert "Unmapped ward" in page.text


@pytest.mark.parametrize("count", [2, 200])
def test_the_page_costs_the_same_with_many(
    client: Client, town: Town, count: int, django_assert_max_num_queries: Any
) -> None:
    ProposalFactory.create_batch(count, place=town.place, area=town.wards[0])
    client.get(town.place.get_absolute_url())
    with django_assert_max_num_queries(15):
        client.get(town.place.get_absolute_url())


def test_boundaries_are_served_as_geojson(client: Client, town: Town) -> None:
    answer = client.get(reverse("participation:boundaries", args=["larkmoor"]))
    assert {feature["properties"]["name"] for feature in answer.json()["features"]} == {"Mill", "Quay"}
    assert "public" in answer["Cache-Control"]


def upload(name: str, content: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode(), "application/geo+json")


def test_organisers_add_wards_by_name_and_by_file(sign_in: Signer, town: Town) -> None:
    organiser = sign_in(town.staff("organiser"))
    url = reverse("participation:wards", args=["larkmoor"])
    assert organiser.get(url).status_code == 200
    organiser.post(url, {"names": "Harbour\n\n  Quarry   Hill \nHarbour"})
    names = {"Mill", "Quay", "Harbour", "Quarry Hill"}
    assert set(Place.objects.filter(parent=town.place).values_list("name", flat=True)) == names
    features = [{"properties": {"name": "Harbour", "code": "E05000777"}, "geometry": square(-2.6, 53.6)}]
    organiser.post(url, {"file": upload("wards.geojson", json.dumps({"features": features}))})
    harbour = Place.objects.get(name="Harbour")
    assert harbour.gss_code == "E05000777"
    assert harbour.boundary


def test_what_is_wrong_with_wards_is_said_in_the_form(sign_in: Signer, town: Town) -> None:
    organiser = sign_in(town.staff("organiser"))
    url = reverse("participation:wards", args=["larkmoor"])
    nothing = organiser.post(url, {})
    assert (nothing.status_code, "Write at least one name" in nothing.text) == (422, True)
    broken = organiser.post(url, {"names": "Kept as typed", "file": upload("x.geojson", "{")})
    assert broken.status_code == 422
    assert "it is not JSON" in broken.text
    assert "Kept as typed" in broken.text
    assert organiser.post(url, {"names": "x" * 101}).status_code == 422


def test_who_may_not_add_places(sign_in: Signer, client: Client, town: Town) -> None:
    wards, new = reverse("participation:wards", args=["larkmoor"]), reverse("participation:new_place")
    for person in (UserFactory(), town.staff("moderator")):
        assert sign_in(person).get(wards).status_code == 403
        assert sign_in(person).get(new).status_code == 403
    assert client.get(wards).status_code == 302


def test_an_administrator_adds_a_council_and_goes_on_to_its_wards(sign_in: Signer, administrator: Any) -> None:
    url = reverse("participation:new_place")
    admin = sign_in(administrator)
    assert admin.get(url).status_code == 200
    added = admin.post(url, {"name": "Larkmoor", "gss_code": ""})
    assert added["Location"] == reverse("participation:wards", args=["larkmoor"])
    again = admin.post(url, {"name": "Larkmoor", "gss_code": ""})
    assert again.status_code == 422
    assert "Larkmoor" in again.text
