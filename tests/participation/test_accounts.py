"""One's own page, name, postcode and ward; and where signing in leads."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from participation.accounts.models import User
from participation.models import Residence
from tests.factories import PostcodeFactory, ProposalFactory, RoleFactory, UserFactory
from tests.participation.conftest import Signer, Town

pytestmark = pytest.mark.django_db
POSTCODE, WARD = "/account/postcode/", "/account/ward/"


def test_the_account_page_leads_everywhere(sign_in: Signer, town: Town) -> None:
    person = town.resident(name="Rosa")
    mine = ProposalFactory(author=person, draft=True, title="")
    RoleFactory(user=person, place=town.place, kind="moderator")
    page = sign_in(person).get("/account/")
    for text in ("Hello, Rosa", "Mill, Larkmoor", mine.reference, "Untitled idea", "/moderate/", "Second step: on"):
        assert text in page.text
    assert "/organise/" not in page.text
    assert "no-store" in page["Cache-Control"]


def test_someone_without_a_ward_is_asked_for_a_postcode(sign_in: Signer, client: Client) -> None:
    assert "Add your postcode" in sign_in(UserFactory(), second_factor=False).get("/account/").text
    assert client.get("/account/")["Location"] == f"{reverse('account_login')}?next=/account/"


def test_signing_in_by_code_leads_to_the_account_page(client: Client, mailoutbox: Any) -> None:
    person = UserFactory(email="rosa@example.org")
    client.post(reverse("account_request_login_code"), {"email": person.email})
    code = re.search(r"(?m)^([A-Z0-9-]{4,12})$", mailoutbox[-1].body)
    assert code
    answer = client.post(reverse("account_confirm_login_code"), {"code": code[1]})
    assert answer["Location"] == "/account/"


def test_a_name_is_changed(sign_in: Signer) -> None:
    person = UserFactory()
    client = sign_in(person)
    assert client.get("/account/name/").status_code == 200
    assert client.post("/account/name/", {"name": ""}).status_code == 422
    assert client.post("/account/name/", {"name": "  Rosa   R. "})["Location"] == "/account/"
    assert User.objects.get(pk=person.pk).name == "Rosa R."


def test_a_postcode_finds_the_ward_and_goes_on(sign_in: Signer, town: Town) -> None:
    PostcodeFactory(code="ZZ11AA", ward=town.wards[1])
    person = UserFactory()
    client = sign_in(person)
    assert client.get(POSTCODE, {"next": "/rounds/"}).context["next"] == "/rounds/"
    answer = client.post(POSTCODE, {"postcode": "zz1 1aa", "next": "/rounds/"})
    assert answer["Location"] == "/rounds/"
    assert person.residence.area == town.wards[1]
    assert client.post(POSTCODE, {"postcode": "zz1 1aa", "next": "https://evil.example/"})["Location"] == "/account/"


@pytest.mark.parametrize(
    "next_page",
    [
        "foo",
        "account",
        "participation:place",
        "rounds/",
        "https://testserver/rounds/",
        "//evil.example/",
        "/\\evil.example/",
        "https://evil.example/",
        "javascript:alert(1)",
        "/accounts/logout/",
        "/accounts/logout",
        "/accounts/./logout/?next=/",
        "/rounds/../accounts/%6Cogout/",
        "/accounts\\logout/",
        "/rounds/?" + "x" * 3000,
        "/rounds/?" + "é" * 700,
    ],
)
def test_what_is_no_address_of_a_page_leads_to_the_account(sign_in: Signer, town: Town, next_page: str) -> None:
    PostcodeFactory(code="ZZ11AA", ward=town.wards[1])
    PostcodeFactory(code="ZZ11AB", ward_code="E05999999", district_code=town.place.gss_code)
    client = sign_in(UserFactory())
    there = client.post(POSTCODE, {"postcode": "zz1 1aa", "next": next_page})["Location"]
    assert there == "/account/"
    assert client.post(POSTCODE, {"postcode": "zz1 1ab", "next": next_page})["Location"].startswith(WARD)
    assert client.post(WARD, {"area": town.wards[0].pk, "next": next_page})["Location"] == there


def test_an_unknown_postcode_stays_in_the_field(sign_in: Signer, town: Town) -> None:
    PostcodeFactory(code="ZZ11AA", ward=town.wards[1])
    page = sign_in(UserFactory()).post(POSTCODE, {"postcode": "PR99 9XX"})
    assert page.status_code == 422
    assert 'value="PR99 9XX"' in page.text
    assert "We do not know this postcode" in page.text
    assert sign_in(UserFactory()).post(POSTCODE, {"postcode": ""}).status_code == 422


def test_a_postcode_that_gives_only_the_council_leads_to_the_wards(sign_in: Signer, town: Town) -> None:
    PostcodeFactory(code="ZZ11AA", ward_code="E05999999", district_code=town.place.gss_code)
    person = UserFactory()
    client = sign_in(person)
    assert client.get(WARD)["Location"] == POSTCODE
    answer = client.post(POSTCODE, {"postcode": "ZZ1 1AA", "next": "/rounds/"})
    assert answer["Location"] == "/account/ward/?next=%2Frounds%2F"
    page = client.get(answer["Location"])
    assert [str(area) for area in page.context["form"].fields["area"].queryset] == ["Mill", "Quay"]
    assert client.post(WARD, {"area": ""}).status_code == 422
    assert client.post(WARD, {"area": town.wards[0].pk, "next": "/rounds/"})["Location"] == "/rounds/"
    assert Residence.objects.get(user=person).area == town.wards[0]


def test_without_postcodes_the_ward_is_chosen_from_the_list(sign_in: Signer, town: Town) -> None:
    person = UserFactory()
    client = sign_in(person)
    assert "Which ward do you live in?" in client.get(POSTCODE).text
    assert client.post(POSTCODE, {"area": town.wards[0].pk})["Location"] == "/account/"
    assert Residence.objects.get(user=person).area == town.wards[0]


def test_the_work_menu_costs_one_query_and_only_for_people(
    sign_in: Signer, client: Client, town: Town, django_assert_num_queries: Any, rf: Any, administrator: User
) -> None:
    from participation.views.context import site, staff_links

    organiser = town.staff("organiser")
    with django_assert_num_queries(1):
        labels = [str(label) for _url, label in staff_links(organiser)]
    assert labels == ["Run rounds", "Places and roles"]
    assert "Technical admin" in [str(label) for _url, label in staff_links(administrator)]
    request = rf.get("/")
    with django_assert_num_queries(0):
        assert site(request)["staff_links"] == []


def test_pages_are_there_for_those_who_ask_for_the_head_alone(sign_in: Signer, client: Client, town: Town) -> None:
    proposal = ProposalFactory(place=town.place)
    for url in ("/proposals/", proposal.get_absolute_url(), "/places/larkmoor/", "/places/larkmoor/boundaries.json"):
        answer = client.head(url)
        assert (answer.status_code, answer.content) == (200, b""), url
        assert client.post(url).status_code == 405
    assert sign_in(UserFactory()).head("/account/").status_code == 200
    organiser = sign_in(town.staff("organiser"))
    assert [organiser.head(url).status_code for url in ("/roles/", "/roles/larkmoor/log/")] == [200, 200]
    assert sign_in(town.staff("moderator")).head("/moderate/").status_code == 200
