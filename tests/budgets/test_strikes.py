"""Strikes: two people, a public reason, another count; what everyone can check, and what nobody can find out."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from budgets.actions import board, tallies
from budgets.actions.ballots import ballot_of, cast_ballot
from budgets.actions.results import publish_results
from budgets.actions.strikes import confirm_strikes, decline_strikes, propose_strikes
from budgets.actions.sweeps import sweep_rounds
from budgets.actions.tallies import count_round
from budgets.models import BoardEntry, Elector, Result, Round, Strike, Tally, UrnBallot
from participation.accounts.models import User
from participation.models import AuditEvent, OutboxMessage
from tests.budgets.conftest import Town, build_town
from tests.budgets.strikes import CHEAT, cheat, count, organiser, propose, strike, voted_town
from tests.factories import NOW, certify
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def town(db: None) -> Town:
    return voted_town()


def kinds(town: Town) -> list[str]:
    return list(BoardEntry.objects.filter(round=town.round).order_by("seq").values_list("kind", flat=True))


def votes(town: Town) -> dict[str, int]:
    return {row["code"]: row["votes"] for row in Result.objects.get(pot=town.whole).snapshot["projects"]}


def test_a_strike_takes_two_people_and_changes_the_provisional_result(town: Town) -> None:
    sweep_rounds(now=NOW)
    assert votes(town) == {"1": 22, "2": 2, "3": 0}
    leaf = ballot_of(cheat().person, town.round).leaf  # type: ignore[arg-type,union-attr]
    olive = organiser(town)
    ids = propose(town, olive)
    with refuses("second_person"):
        confirm_strikes(by=olive, round_id=town.round.pk, strike_ids=ids, now=NOW)
    with refuses("not_allowed"):
        confirm_strikes(by=town.resident(), round_id=town.round.pk, strike_ids=ids, now=NOW)
    assert cheat().status == Elector.Status.VOTED
    confirm_strikes(by=organiser(town), round_id=town.round.pk, strike_ids=ids, now=NOW)

    assert cheat().status == Elector.Status.STRUCK
    kept = UrnBallot.objects.get(leaf=leaf)
    assert (kept.state, kept.handle, kept.selections, kept.salt) == ("struck", None, "", "")
    entry = BoardEntry.objects.get(kind="strike")
    assert entry.body == {"leaf": leaf, "reason": "Not entitled to vote in this round: Lives elsewhere"}
    message = OutboxMessage.objects.get(key=f"strike:{ids[0]}")
    assert message.to == CHEAT
    assert "Lives elsewhere" in message.body
    assert "register of Hale" not in message.body
    assert f"/rounds/{town.round.slug}/challenge/" in message.body

    assert votes(town) == {"1": 22, "2": 2, "3": 0}, "until it is counted again"
    assert sweep_rounds(now=NOW + timedelta(minutes=1)) == [town.round.slug]
    assert votes(town) == {"1": 22, "2": 1, "3": 0}
    assert {tally.rule for tally in town.whole.tallies.all() if tally.outcome["n_ballots"] == 23} == {
        "greedy",
        "equal-shares",
    }
    assert kinds(town) == ["open", "batch", "close", "result", "strike", "result"]
    assert sweep_rounds(now=NOW + timedelta(minutes=2)) == []
    assert kinds(town)[-2:] == ["strike", "result"]
    published = AuditEvent.objects.filter(action="result.published").latest("seq")
    assert published.data["replaced"]
    assert AuditEvent.objects.get(action="strike.confirmed").data["strikes"] == ids


def test_only_what_lies_in_a_closed_box_is_struck_out(db: None) -> None:
    town = build_town()
    cast_ballot(by=town.resident(email=CHEAT), round_id=town.round.pk, selections={"whole": ["2"]})
    with refuses("box_open"):
        propose(town, organiser(town))
    assert not Strike.objects.exists()


def test_a_worker_or_page_whose_clock_runs_ahead_closes_no_box(db: None) -> None:
    town = build_town()
    cast_ballot(by=town.resident(email=CHEAT), round_id=town.round.pk, selections={"whole": ["2"]})
    later = town.round.voting_closes_at + timedelta(hours=1)
    olive, oscar = organiser(town), organiser(town)
    (proposed,) = propose_strikes(
        by=olive, round_id=town.round.pk, elector_ids=[cheat().pk], now=later, reason="asked", explanation="", note="x"
    )
    with refuses("box_open"):
        confirm_strikes(by=oscar, round_id=town.round.pk, strike_ids=[proposed.pk], now=later)
    assert kinds(town) == ["open"]


def test_a_declined_strike_changes_nothing_and_can_be_proposed_again(town: Town) -> None:
    count(town)
    olive = organiser(town)
    ids = propose(town, olive)
    with refuses("already_struck"):
        propose(town, olive)
    before = kinds(town)
    decline_strikes(by=olive, round_id=town.round.pk, strike_ids=ids, now=NOW)
    with refuses("wrong_state"):
        confirm_strikes(by=organiser(town), round_id=town.round.pk, strike_ids=ids, now=NOW)
    assert kinds(town) == before
    assert propose(town, olive)


def test_the_database_itself_wants_two_people(town: Town) -> None:
    (pk,) = propose(town, organiser(town))
    found = Strike.objects.get(pk=pk)
    with pytest.raises(IntegrityError, match="a_strike_takes_two_people|CHECK"), transaction.atomic():
        Strike.objects.filter(pk=pk).update(state="confirmed", decided_at=NOW, decided_by=found.proposed_by)


def test_struck_together_they_stand_on_the_board_in_the_order_of_their_leaves(town: Town) -> None:
    people = [town.resident() for _ in range(3)]
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=NOW + timedelta(days=1))
    for person in people:
        cast_ballot(by=person, round_id=town.round.pk, selections={"whole": ["3"]})
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=NOW - timedelta(hours=1))
    strike(town, *Elector.objects.filter(person__in=people))
    leaves = [entry.body["leaf"] for entry in BoardEntry.objects.filter(kind="strike").order_by("seq")]
    assert leaves == sorted(leaves)
    assert len(leaves) == 3
    assert board.balance(town.round)["holds"]


def test_a_result_of_other_ballots_than_those_in_the_box_is_not_certified(town: Town) -> None:
    """Between the count after a strike and its publication, the published result still is the one from before."""
    count(town)
    strike(town)
    count_round(round_id=town.round.pk, now=NOW)
    with refuses("not_counted"):
        certify(by=organiser(town), round_id=town.round.pk, now=NOW)
    assert not BoardEntry.objects.filter(kind="result", body__state="certified").exists()
    sweep_rounds(now=NOW)
    certify(by=organiser(town), round_id=town.round.pk, now=NOW)


def test_certifying_waits_for_the_second_person_and_for_the_count(town: Town) -> None:
    count(town)
    third = organiser(town)
    ids = propose(town, organiser(town))
    with refuses("strikes_open"):
        certify(by=third, round_id=town.round.pk, now=NOW)
    confirm_strikes(by=organiser(town), round_id=town.round.pk, strike_ids=ids, now=NOW)
    with refuses("not_counted"):
        certify(by=third, round_id=town.round.pk, now=NOW)
    with refuses("not_counted"):
        publish_results(by=third, round_id=town.round.pk, now=NOW)
    count(town)
    certify(by=third, round_id=town.round.pk, now=NOW)
    with refuses("already_certified"):
        propose(town, third, Elector.objects.filter(status="voted")[0])


def test_whoever_published_the_first_result_does_not_certify_the_second(db: None) -> None:
    town = build_town(counting_rule="greedy", publish_at_close=False)
    for email in (CHEAT, "other@example.org"):
        cast_ballot(by=town.resident(email=email), round_id=town.round.pk, selections={"whole": ["2"]})
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=NOW - timedelta(hours=1))
    town.round.refresh_from_db()
    publisher = organiser(town)
    count_round(round_id=town.round.pk, now=NOW)
    publish_results(by=publisher, round_id=town.round.pk, now=NOW)
    strike(town)
    sweep_rounds(now=NOW)
    assert votes(town)["2"] == 1, "everyone saw the first, so the sweep publishes the second"
    with refuses("same_person"):
        certify(by=publisher, round_id=town.round.pk, now=NOW)


def test_a_count_during_which_a_ballot_was_struck_out_does_not_stand(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_pot = tallies._count_pot
    struck = False

    def slowly(*args: object) -> Tally:
        nonlocal struck
        tally = count_pot(*args)  # type: ignore[arg-type]
        if not struck:
            struck = True
            strike(town)
        return tally

    monkeypatch.setattr(tallies, "_count_pot", slowly)
    sweep_rounds(now=NOW)
    town.round.refresh_from_db()
    assert town.round.counted_at is None
    assert not Result.objects.exists()
    assert sweep_rounds(now=NOW) == [town.round.slug]
    assert votes(town)["2"] == 1


def test_a_failed_comparison_does_not_hold_up_the_recount(town: Town) -> None:
    sweep_rounds(now=NOW)
    Tally.objects.filter(rule="equal-shares").update(state="failed", outcome=None, error="out of memory")
    strike(town)
    assert sweep_rounds(now=NOW) == [town.round.slug]


def test_whoever_was_struck_off_neither_finds_a_ballot_nor_votes_again(town: Town) -> None:
    person = cheat().person
    assert person
    strike(town)
    assert ballot_of(person, town.round) is None
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=NOW + timedelta(days=1))
    with refuses("struck_off"):
        cast_ballot(by=person, round_id=town.round.pk, selections={"whole": ["1"]})


def test_a_missing_ballot_is_found_out_before_anything_is_struck(town: Town) -> None:
    count(town)
    UrnBallot.objects.filter(handle=ballot_of(cheat().person, town.round).handle).delete()  # type: ignore[arg-type,union-attr]
    ids = propose(town, organiser(town))
    with refuses("out_of_balance"):
        confirm_strikes(by=organiser(town), round_id=town.round.pk, strike_ids=ids, now=NOW)
    assert cheat().status == Elector.Status.VOTED


# ── The pages ────────────────────────────────────────────────────────────────
def to(name: str, town: Town) -> str:
    return reverse(f"budgets:{name}", args=[town.round.slug])


def text(answer: object) -> str:
    main = BeautifulSoup(answer.content, "html.parser").find("main")  # type: ignore[attr-defined]
    assert main is not None
    return " ".join(main.get_text(" ").split())


def test_the_way_through_the_pages(town: Town, sign_in: SignIn, client: Client) -> None:
    count(town)
    User.objects.filter(email=CHEAT).update(name="Carl")
    olive, oscar = sign_in(organiser(town)), sign_in(organiser(town))
    roll = text(olive.get(to("electors", town), {"q": "carl"}))
    assert "Carl" in roll
    assert "Has voted" in roll
    assert CHEAT not in roll
    elector = str(cheat().pk)
    form = {
        "elector": elector,
        "reason": "second_ballot",
        "explanation": "",
        "note": "Same handwriting in two letters.",
    }
    assert "Carl" in text(olive.get(to("propose_strike", town), {"elector": elector}))
    assert olive.post(to("propose_strike", town), {**form, "note": ""}).status_code == 422
    assert olive.post(to("propose_strike", town), form).status_code == 302
    assert olive.post(to("propose_strike", town), form).status_code == 409
    assert "someone else has to confirm it" in text(olive.get(to("strikes", town)))
    assert "Decide about a proposed strike" in text(oscar.get("/organise/"))

    ids = list(Strike.objects.values_list("pk", flat=True))
    assert olive.post(to("strikes", town), {"strike": ids, "decision": "confirm"}).status_code == 403
    nothing = oscar.post(to("strikes", town), {"decision": "confirm"})
    assert nothing.status_code == 422
    assert "Choose at least one" in text(nothing)
    done = oscar.post(to("strikes", town), {"strike": ids, "decision": "confirm"}, follow=True)
    assert "1 ballot is struck out." in text(done)
    assert "Ballots were struck out" in text(oscar.get(to("organise_round", town)))
    assert "The votes are being counted again" in text(client.get(to("result", town)))
    assert "Start it here" not in text(client.get(to("result", town)))
    assert oscar.post(to("count_round", town)).status_code == 302, "it can be counted without waiting for the sweep"
    count(town)
    assert "counted again" not in text(client.get(to("result", town)))
    box = text(client.get(to("board", town)))
    assert "A second ballot of the same person" in box
    assert "a strike changes counts that were published before" in box
    assert "Same handwriting" not in box
    assert "Carl" not in box


@pytest.mark.parametrize("page", ["electors", "signals", "strikes", "propose_strike"])
def test_nobody_sees_who_voted_before_the_close(sign_in: SignIn, page: str) -> None:
    town = build_town()
    cast_ballot(by=town.resident(), round_id=town.round.pk, selections={"whole": ["2"]})
    client = sign_in(organiser(town))
    assert client.get(to(page, town)).status_code == 409
    assert client.post(to(page, town)).status_code in {405, 409}


def test_no_page_of_the_reviewers_leads_to_a_ballot(town: Town, sign_in: SignIn) -> None:
    count(town)
    propose(town, organiser(town))
    ballot = ballot_of(cheat().person, town.round)  # type: ignore[arg-type]
    assert ballot
    client = sign_in(organiser(town))
    for page in ("electors", "signals", "strikes"):
        html = client.get(to(page, town)).content.decode()
        for trace in (ballot.leaf, ballot.handle, ballot.salt, str(ballot.pk), "Lights"):
            assert str(trace) not in html


def test_what_is_no_elector_is_left_out(town: Town, sign_in: SignIn) -> None:
    elsewhere = build_town()
    cast_ballot(by=elsewhere.resident(), round_id=elsewhere.round.pk, selections={"whole": ["2"]})
    stranger = Elector.objects.get(round=elsewhere.round)
    client = sign_in(organiser(town))
    for sent in ("nobody", str(stranger.pk)):
        assert "Choose on the list of who voted" in text(client.get(to("propose_strike", town), {"elector": sent}))
        form = {"elector": sent, "reason": "asked", "note": "x"}
        assert client.post(to("propose_strike", town), form).status_code == 409
