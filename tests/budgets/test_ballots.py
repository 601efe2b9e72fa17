"""Casting, through the action and through the pages."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from budgets.actions.ballots import ballot_of, cast_ballot
from budgets.keys import destroy_urn_key
from budgets.models import Elector, Round, UrnBallot
from budgets.proofs import ballot_leaf
from participation.actions.outbox import relay_outbox
from participation.models import OutboxMessage
from participation.refusals import Refused
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW

SignIn = Callable[..., Client]


def cast(town: Town, person: object, **selections: list[str]):
    return cast_ballot(by=person, round_id=town.round.pk, selections=selections)  # type: ignore[arg-type]


def refusal(town: Town, person: object, **selections: list[str]) -> str:
    with pytest.raises(Refused) as caught:
        cast(town, person, **selections)
    return caught.value.code


def test_a_ballot_holds_a_section_per_pot_and_its_receipt_can_be_recomputed(town: Town) -> None:
    person = town.resident()
    done = cast(town, person, whole=["3", "1"], ward=["4"])
    ballot = UrnBallot.objects.get()
    assert ballot.sections() == {"whole": ["1", "3"], "ward": ["4"]}
    assert done.created
    assert done.receipt == ballot.leaf
    assert done.receipt == ballot_leaf(town.round.slug, town.round.rules_hash, ballot.selections, ballot.salt)
    assert Elector.objects.get().status == Elector.Status.VOTED


def test_the_same_ballot_again_gives_the_same_receipt_and_changes_nothing(town: Town) -> None:
    person = town.resident()
    first = cast(town, person, whole=["1", "3"])
    again = cast(town, person, whole=["3", "1"], ward=[])
    assert (again.receipt, again.created) == (first.receipt, False)
    assert UrnBallot.objects.count() == Elector.objects.count() == OutboxMessage.objects.count() == 1


def test_another_ballot_replaces_the_first_where_the_rules_allow(town: Town) -> None:
    person = town.resident()
    first = cast(town, person, whole=["1"])
    second = cast(town, person, whole=["2"])
    assert second.revision == 1
    assert second.receipt != first.receipt
    assert UrnBallot.objects.get().sections() == {"whole": ["2"]}


def test_another_ballot_is_refused_where_the_rules_say_so(db: None) -> None:
    town = build_town(may_revise=False)
    person = town.resident()
    cast(town, person, whole=["1"])
    assert refusal(town, person, whole=["2"]) == "already_voted"
    assert UrnBallot.objects.get().sections() == {"whole": ["1"]}


@pytest.mark.parametrize(
    ("ward", "selections", "code"),
    [
        (0, {}, "nothing_chosen"),
        (0, {"whole": []}, "nothing_chosen"),
        (0, {"whole": ["1", "2", "3"]}, "too_many_choices"),
        (0, {"whole": ["1", "1"]}, "project_twice"),
        (0, {"whole": ["99"]}, "unknown_project"),
        (0, {"whole": ["4"]}, "unknown_project"),  # of the other pot
        (0, {"elsewhere": ["1"]}, "unknown_pot"),
        (1, {"ward": ["4"]}, "not_your_pot"),
    ],
)
def test_what_may_not_stand_leaves_no_trace(town: Town, ward: int, selections: dict[str, list[str]], code: str) -> None:
    assert refusal(town, town.resident(ward), **selections) == code
    assert not UrnBallot.objects.exists()
    assert not Elector.objects.exists()


def test_a_knapsack_may_spend_the_pot_to_the_penny_and_no_more(db: None) -> None:
    town = build_town(knapsack=True)
    person = town.resident()
    with pytest.raises(Refused) as caught:
        cast(town, person, whole=["1", "2"])
    assert caught.value.code == "over_pot"
    assert "£1,000" in str(caught.value)
    cast(town, person, whole=["1", "3"])


def test_who_may_not_vote_is_told_why(town: Town, db: None) -> None:
    from tests.factories import UserFactory, resident_of

    elsewhere = build_town()
    assert refusal(town, UserFactory(), whole=["1"]) == "not_entitled"
    assert refusal(town, resident_of(elsewhere.wards[0]), whole=["1"]) == "not_entitled"


@pytest.mark.parametrize("phase", ["announced", "review", "closed"])
def test_outside_the_voting_time_nothing_is_accepted(db: None, phase: str) -> None:
    town = build_town(**{"voting": False, phase: True})
    assert refusal(town, town.resident(), whole=["1"]) == "round_not_open"


def test_a_struck_elector_cannot_vote_again(town: Town) -> None:
    person = town.resident()
    cast(town, person, whole=["1"])
    Elector.objects.update(status=Elector.Status.STRUCK)
    assert refusal(town, person, whole=["2"]) == "struck_off"


def test_whoever_takes_over_an_erased_account_s_address_has_no_second_ballot(town: Town) -> None:
    first = town.resident(email="one@example.org")
    cast(town, first, whole=["1"])
    first.delete()
    again = town.resident(email="one@example.org")
    assert refusal(town, again, whole=["2"]) == "address_voted"
    assert UrnBallot.objects.count() == 1


def test_the_box_names_nobody(town: Town) -> None:
    person = town.resident(email="secret.person@example.org", name="Secret Person")
    cast(town, person, whole=["1"])
    row = json.dumps(list(UrnBallot.objects.values()), default=str)
    elector = Elector.objects.get()
    for trace in ("secret", "Secret", str(elector.pk), elector.token):
        assert trace not in row
    message = OutboxMessage.objects.get()
    assert UrnBallot.objects.get().leaf not in message.body + message.subject
    assert "Benches" not in message.body


def test_casting_costs_a_constant_number_of_queries(
    town: Town, django_assert_max_num_queries: Callable[..., object]
) -> None:
    person = town.resident()
    # Ten, and the savepoint that stands for the transaction inside a test.
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        cast(town, person, whole=["1", "3"], ward=["4"])


# ── Through the pages ────────────────────────────────────────────────────────
def test_the_way_through_the_pages(town: Town, sign_in: SignIn) -> None:
    person = town.resident()
    client = sign_in(person)
    url = f"/rounds/{town.round.slug}/vote/"
    page = client.get(url)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    ballot = {"pot-whole": ["1", "3"], "pot-ward": ["4"]}
    check = client.post(url, {**ballot, "action": "check"})
    assert b"Benches" in check.content
    assert not UrnBallot.objects.exists()
    refused = client.post(f"{url}check/", ballot)
    assert refused.status_code == 422  # the age is not declared
    done = client.post(f"{url}check/", {**ballot, "old_enough": "on"})
    assert done.status_code == 302
    receipt = client.get(done["Location"])
    assert UrnBallot.objects.get().leaf.encode() in receipt.content
    again = client.get(url)
    assert again.content.count(b" checked") == 3


def test_bad_choices_come_back_ticked_with_what_is_wrong(town: Town, sign_in: SignIn) -> None:
    client = sign_in(town.resident())
    answer = client.post(f"/rounds/{town.round.slug}/vote/", {"pot-whole": ["1", "2", "3"], "action": "check"})
    assert answer.status_code == 422
    assert answer.content.count(b" checked") == 3
    assert "Choose at most 2" in answer.content.decode()


def test_adding_up_needs_no_script(town: Town, sign_in: SignIn) -> None:
    client = sign_in(town.resident())
    answer = client.post(f"/rounds/{town.round.slug}/vote/", {"pot-whole": ["1", "3"], "action": "update"})
    assert answer.status_code == 200
    assert "£9,000" in answer.content.decode()
    assert not UrnBallot.objects.exists()


def test_machines_get_201_then_200_and_a_code_when_refused(town: Town, sign_in: SignIn) -> None:
    client = sign_in(town.resident())
    url, ballot = f"/rounds/{town.round.slug}/vote/check/", {"pot-whole": ["1"], "old_enough": "on"}
    first = client.post(url, ballot, headers={"accept": "application/json"})
    again = client.post(url, ballot, headers={"accept": "application/json"})
    bad = client.post(url, {**ballot, "pot-whole": ["77"]}, headers={"accept": "application/json"})
    assert (first.status_code, again.status_code, bad.status_code) == (201, 200, 422)
    assert first.json()["receipt"] == again.json()["receipt"]
    assert bad.json()["code"] == "unknown_project"
    assert bad.json()["field"] == "whole"


@pytest.mark.parametrize("spoil", ["half of it", "another", "gone", "not to be read"])
def test_a_key_that_is_not_what_it_was_makes_no_second_ballot(town: Town, sign_in: SignIn, spoil: str) -> None:
    person = town.resident()
    client = sign_in(person)
    cast(town, person, whole=["1"])
    file = Path(settings.KEY_DIR) / f"{town.round.rules['board_key']}.urn"
    key = file.read_bytes()
    file.unlink()
    if spoil == "not to be read":
        file.mkdir()
    elif spoil != "gone":
        file.write_bytes(key[:16] if spoil == "half of it" else bytes(32))
    answer = client.post(f"/rounds/{town.round.slug}/vote/check/", {"pot-whole": ["2"], "old_enough": "on"})
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert UrnBallot.objects.get().sections() == {"whole": ["1"]}


def test_a_vote_that_cannot_be_changed_is_shown_and_not_asked_for_again(db: None, sign_in: SignIn) -> None:
    town = build_town(may_revise=False)
    person = town.resident()
    client = sign_in(person)
    cast(town, person, whole=["1"])
    answer = client.get(f"/rounds/{town.round.slug}/vote/")
    assert answer["Location"] == f"/rounds/{town.round.slug}/vote/receipt/"
    assert client.get(answer["Location"]).status_code == 200


def test_when_the_key_is_destroyed_the_receipt_s_page_leads_to_the_box(town: Town, sign_in: SignIn) -> None:
    person = town.resident()
    cast(town, person, whole=["1"])
    destroy_urn_key(town.round.rules["board_key"])
    Round.objects.update(voting_closes_at=NOW)
    for page in ("", ".txt"):
        address = f"/rounds/{town.round.slug}/vote/receipt{page or '/'}"
        answer = sign_in(person).get(address, follow=True)
        assert answer.redirect_chain == [(f"/rounds/{town.round.slug}/box/", 302)]
        assert "Nobody can look up your ballot any more" in answer.content.decode()


def test_everyone_sees_another_order_and_always_the_same(town: Town, sign_in: SignIn) -> None:
    def order(client: Client) -> list[str]:
        sections = client.get(f"/rounds/{town.round.slug}/vote/").context["sections"]
        return [project.code for project, _ticked in sections[0]["lines"]]

    clients = [sign_in(town.resident()) for _ in range(8)]
    orders = [tuple(order(client)) for client in clients]
    assert len(set(orders)) > 1
    assert [tuple(order(client)) for client in clients] == orders


def test_a_visitor_is_sent_to_sign_in_and_comes_back(town: Town, client: Client) -> None:
    answer = client.get(f"/rounds/{town.round.slug}/vote/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/rounds/")


def test_only_the_voter_sees_the_own_ballot(town: Town, sign_in: SignIn) -> None:
    voter, other = town.resident(), town.resident()
    cast(town, voter, whole=["1"])
    assert ballot_of(voter, town.round) is not None
    assert ballot_of(other, town.round) is None
    assert sign_in(other).get(f"/rounds/{town.round.slug}/vote/receipt/").status_code == 302


def test_a_ward_that_was_only_chosen_does_not_stand_for_a_postcode(town: Town) -> None:
    person = town.resident()
    person.residence.postcode_token = ""
    person.residence.save()
    assert refusal(town, person, whole=["1"]) == "not_entitled"


def test_whoever_gets_a_voter_s_old_address_neither_sees_nor_changes_the_ballot(town: Town) -> None:
    first = town.resident(email="shared@example.org")
    receipt = cast(town, first, whole=["1"]).receipt
    first.email = "moved@example.org"
    first.save()
    first.emailaddress_set.update(email=first.email)
    second = town.resident(email="shared@example.org")
    assert refusal(town, second, whole=["2"]) == "address_voted"
    assert UrnBallot.objects.get().sections() == {"whole": ["1"]}
    assert cast(town, first, whole=["1"]).receipt == receipt


def test_the_receipt_mail_leaves_nothing_behind_that_tells_when_someone_voted(town: Town) -> None:
    cast(town, town.resident(), whole=["1"])
    waiting = OutboxMessage.objects.get()
    assert (waiting.due_at.minute, waiting.due_at.second, waiting.due_at.microsecond) == (0, 0, 0)
    assert relay_outbox(now=timezone.now()) == 1
    assert not OutboxMessage.objects.exists()


def test_a_counted_round_takes_no_ballot_whatever_the_clock_says(town: Town) -> None:
    town.round.counted_at = NOW
    town.round.save()
    assert refusal(town, town.resident(), whole=["1"]) == "round_not_open"
