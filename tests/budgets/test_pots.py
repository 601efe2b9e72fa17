"""Pots: money as it is typed, the page with its funders, and what the action refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from budgets.actions.rounds import remove_pot, save_pot
from budgets.forms.money import MoneyField
from budgets.models import Pot, Round
from participation.accounts.models import User
from tests.factories import (
    NOW,
    PlaceFactory,
    PotFactory,
    ProjectFactory,
    RoundFactory,
    WardFactory,
    freeze,
    staff_of,
)
from tests.refusals import refuses


@pytest.mark.pure
@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("£60,000", 6_000_000),
        ("60000", 6_000_000),
        ("60,000.50", 6_000_050),
        (" £ 1,250.5 ", 125_050),
        ("60 000", 6_000_000),
        ("60\u00a0000", 6_000_000),
        ("0.01", 1),
        ("1,234,567.89", 123_456_789),
        ("", None),
    ],
)
def test_money_is_understood(typed: str, pence: int | None) -> None:
    assert MoneyField(required=False).clean(typed) == pence


@pytest.mark.pure
@pytest.mark.parametrize(
    "typed", ["6,00", "60k", "-5", "1.234", "1,2345", "60.000,50", "£", "lots", "0", "0.00", "1e6", "٣", "1" * 20]
)
def test_money_is_refused_kindly(typed: str) -> None:
    if typed == "£":
        assert MoneyField(required=False).clean(typed) is None
        with pytest.raises(ValidationError):
            MoneyField().clean(typed)
        return
    with pytest.raises(ValidationError) as caught:
        MoneyField(required=False).clean(typed)
    assert "Enter" in caught.value.messages[0] or "noughts" in caught.value.messages[0]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("pence", "shown"), [(6_000_000, "60,000"), (125_050, "1,250.50"), (1, "0.01"), ("6,00", "6,00"), (None, None)]
)
def test_money_is_shown_as_it_is_typed(pence: Any, shown: Any) -> None:
    assert MoneyField().prepare_value(pence) == shown


@pytest.fixture
def round(db: None) -> Round:
    return RoundFactory(review=True)


@pytest.fixture
def olive(round: Round) -> User:
    return staff_of(round.place, "organiser", name="Olive")


@pytest.fixture
def organiser(sign_in: Callable[..., Client], olive: User) -> Client:
    return sign_in(olive)


def rows(*pairs: tuple[str, str], **fields: str) -> dict[str, str]:
    """What the form of a pot sends."""
    sent = {"rows": str(max(len(pairs), 5)), "name": "The whole town", "area": "", "action": "save", **fields}
    for number, (funder, amount) in enumerate(pairs):
        sent |= {f"funder_{number}": funder, f"amount_{number}": amount}
    return sent


def test_several_agencies_pay_into_one_pot(organiser: Client, round: Round) -> None:
    sent = rows(("The council", "£45,000"), ("", ""), ("The health trust", "15000.50"))
    answer = organiser.post(reverse("budgets:add_pot", args=[round.slug]), sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("budgets:pots", args=[round.slug]))
    pot = round.pots.get()
    assert (pot.key, pot.amount, pot.area) == ("the-whole-town", 6_000_050, None)
    assert [(f.name, f.amount) for f in pot.funders.all()] == [
        ("The council", 4_500_000),
        ("The health trust", 1_500_050),
    ]
    page = organiser.get(reverse("budgets:pots", args=[round.slug])).content.decode()
    assert "£60,000.50" in page
    assert "The health trust" in page


def test_what_was_typed_is_kept_beside_the_error(organiser: Client, round: Round) -> None:
    sent = rows(("The council", "60k"), ("The health trust", ""), ("", "500"), ("the council", "5"), name="")
    answer = organiser.post(reverse("budgets:add_pot", args=[round.slug]), sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="60k"' in page
    assert answer.context["form"].errors.keys() == {"name", "amount_0", "amount_1", "funder_2", "funder_3"}
    assert "Enter how much The health trust pays in." in page
    assert not round.pots.exists()


def test_another_row_without_scripts(organiser: Client, round: Round) -> None:
    sent = rows(("The council", "not yet"), name="Town", action="add")
    answer = organiser.post(reverse("budgets:add_pot", args=[round.slug]), sent)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'name="funder_5"' in page
    assert 'value="not yet"' in page
    assert 'name="rows" value="6"' in page
    assert "There is a problem" not in page


@pytest.mark.parametrize("sent", ["-3", "900", "9" * 30, "", "x", "²"])
def test_a_number_of_rows_from_elsewhere(organiser: Client, round: Round, sent: str) -> None:
    answer = organiser.post(reverse("budgets:add_pot", args=[round.slug]), rows(("A", "5")) | {"rows": sent})
    assert answer.status_code in {302, 422}


def test_a_pot_is_changed_and_keeps_its_key(organiser: Client, round: Round) -> None:
    ward = WardFactory(parent=round.place)
    pot = PotFactory(round=round, key="town", name="Town")
    address = reverse("budgets:edit_pot", args=[round.slug, pot.pk])
    assert 'value="15,000"' in organiser.get(address).content.decode()
    sent = rows(("The council", "10"), name="Ward money", area=str(ward.pk))
    assert organiser.post(address, sent).status_code == 302
    pot.refresh_from_db()
    assert (pot.key, pot.name, pot.amount, pot.area) == ("town", "Ward money", 1_000, ward)
    assert pot.funders.count() == 1


def test_two_pots_of_one_name_are_refused_in_the_form(organiser: Client, round: Round) -> None:
    PotFactory(round=round, name="The whole town")
    answer = organiser.post(reverse("budgets:add_pot", args=[round.slug]), rows(("The council", "5")))
    assert answer.status_code == 422
    assert "There is a pot with this name already." in answer.content.decode()


def test_a_ward_of_another_place(organiser: Client, olive: User, round: Round) -> None:
    elsewhere = WardFactory()
    sent = rows(("The council", "5"), area=str(elsewhere.pk))
    assert organiser.post(reverse("budgets:add_pot", args=[round.slug]), sent).status_code == 422
    with refuses("area_elsewhere"):
        save_pot(by=olive, round_id=round.pk, now=NOW, name="A", area_id=elsewhere.pk, funders=[])


def test_a_funder_pays_once(olive: User, round: Round) -> None:
    with refuses("funder_twice"):
        save_pot(by=olive, round_id=round.pk, now=NOW, name="A", area_id=None, funders=[("A", 1), ("A", 2)])
    assert not Pot.objects.exists()


def test_removing_asks_once_more(organiser: Client, round: Round) -> None:
    pot = PotFactory(round=round)
    address = reverse("budgets:remove_pot", args=[round.slug, pot.pk])
    assert "This cannot be undone." in organiser.get(address).content.decode()
    assert round.pots.exists()
    assert organiser.post(address).status_code == 302
    assert not round.pots.exists()


def test_a_pot_with_projects_stays(organiser: Client, olive: User, round: Round) -> None:
    pot = ProjectFactory(pot=PotFactory(round=round)).pot
    answer = organiser.post(reverse("budgets:remove_pot", args=[round.slug, pot.pk]))
    assert answer.status_code == 409
    assert "Projects draw on this pot." in answer.content.decode()
    with refuses("pot_in_use"):
        remove_pot(by=olive, round_id=round.pk, pot_id=pot.pk, now=NOW)


def test_the_pots_of_a_confirmed_ballot_stay(organiser: Client, round: Round) -> None:
    pot = ProjectFactory(pot=PotFactory(round=round)).pot
    freeze(round)
    sent = rows(("The council", "1"))
    for address in (
        reverse("budgets:add_pot", args=[round.slug]),
        reverse("budgets:edit_pot", args=[round.slug, pot.pk]),
        reverse("budgets:remove_pot", args=[round.slug, pot.pk]),
    ):
        answer = organiser.post(address, sent)
        assert answer.status_code == 409
        assert "The ballot has been confirmed." in answer.content.decode()
    pot.refresh_from_db()
    assert pot.amount == 2_000_000
    assert round.pots.count() == 1


def test_a_pot_of_another_round_is_not_there(organiser: Client, round: Round) -> None:
    other = PotFactory(round=RoundFactory(place=PlaceFactory()))
    assert organiser.get(reverse("budgets:edit_pot", args=[round.slug, other.pk])).status_code == 404
    assert organiser.post(reverse("budgets:remove_pot", args=[round.slug, other.pk])).status_code == 404
