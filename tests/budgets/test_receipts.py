"""The receipt: a ticket to print, a file to keep, a code to check, and nothing on it that tells who voted or when."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from budgets.actions.ballots import cast_ballot
from budgets.templatetags.codes import grouped, in_lines
from tests.budgets.conftest import Town, build_town

pytestmark = pytest.mark.django_db


def voter(client: Client, town: Town, chosen: list[object]) -> str:
    """Signs a resident in who has voted; the receipt."""
    person = town.resident(name="Winifred Lapwing")
    cast = cast_ballot(by=person, round_id=town.round.pk, selections={"whole": chosen})
    client.force_login(person)
    return cast.receipt


def test_the_ticket_shows_the_code_in_groups_of_four(client: Client, town: Town) -> None:
    code = voter(client, town, ["1"])
    page = client.get(reverse("budgets:receipt", args=[town.round.slug])).content.decode()
    ticket = page[page.index('<section class="receipt"') : page.index('<div class="receipt-page__words">')]
    for line in in_lines(grouped(code)):
        assert f"<code>{line}</code>" in ticket
    assert f"http://testserver{reverse('budgets:board', args=[town.round.slug])}" in ticket
    assert "Benches" in ticket
    assert "Winifred" not in ticket


def test_the_file_has_the_code_and_the_way_but_no_name_and_no_choice(client: Client, town: Town) -> None:
    code = voter(client, town, ["1"])
    response = client.get(reverse("budgets:receipt_file", args=[town.round.slug]))
    text = response.content.decode()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="receipt-{town.round.slug}.txt"'
    assert "no-store" in response["Cache-Control"]
    assert code in "".join(text.split())
    assert f"http://testserver{reverse('budgets:board', args=[town.round.slug])}" in text
    assert "Benches" not in text
    assert "Winifred" not in text


def test_without_a_ballot_there_is_no_file(client: Client, town: Town) -> None:
    client.force_login(town.resident())
    response = client.get(reverse("budgets:receipt_file", args=[town.round.slug]))
    assert response.status_code == 302
    assert response["Location"] == reverse("budgets:vote", args=[town.round.slug])


def test_points_stand_on_the_ticket(client: Client) -> None:
    town = build_town(ballot_format="cumulative", points=5)
    voter(client, town, [["1", 3], ["3", 2]])
    page = client.get(reverse("budgets:receipt", args=[town.round.slug])).content.decode()
    assert '<strong class="receipt__says">3 points</strong>' in page


def test_a_code_is_never_in_an_address(client: Client, town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """The form posts it, an address with it is not read, and the answer is kept by no cache."""
    code = voter(client, town, ["1"])
    url = reverse("budgets:board", args=[town.round.slug])
    page = client.get(reverse("budgets:receipt", args=[town.round.slug])).content.decode()
    assert f'<form method="post" action="{url}#check">' in page
    assert '<form method="post"' in client.get(url).content.decode()
    assert "Your ballot is in the box" not in client.get(url, {"receipt": code}).content.decode()
    with caplog.at_level(logging.DEBUG):
        response = client.post(url, {"receipt": code})
    assert "Your ballot is in the box" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert code not in caplog.text
