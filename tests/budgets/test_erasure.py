"""Deleting the account of somebody who voted: the count, the board and the bundle stay, and there is no second vote."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import IntegrityError, OperationalError

from budgets.actions.ballots import ballot_of, cast_ballot
from budgets.actions.board import balance
from budgets.actions.bundles import board_lines
from budgets.actions.sweeps import sweep_boards, sweep_rounds
from budgets.models import Ballot, Elector, Result, Round, Submission, UrnBallot
from participation.accounts.models import User
from participation.actions.erasure import erase_account
from participation.models import OutboxMessage, Proposal
from participation.personal_data import Ideas, parts
from tests.budgets.conftest import Town, build_town, seal_all
from tests.factories import NOW, ProposalFactory, RoundFactory, SubmissionFactory, UserFactory, certify, staff_of
from tests.refusals import refuses
from tests.threads import in_threads

ADDRESS = "quillon.vantage@example.org"


@pytest.fixture
def voted(db: None) -> Town:
    """Twenty-five people have voted, one of them by ADDRESS, for the benches alone."""
    town = build_town(counting_rule="greedy", challenge_days=0)
    cast(town, town.resident(email=ADDRESS), whole=["1"])
    for n in range(24):
        cast(town, town.resident(), whole=["2", "3"] if n % 3 else ["1"], ward=["4"])
    return town


def cast(town: Town, person: User, **selections: list[str]) -> Any:
    return cast_ballot(by=person, round_id=town.round.pk, selections=selections)


def erase(address: str = ADDRESS) -> None:
    erase_account(by=User.objects.get(email=address), ideas=Ideas.KEEP, now=NOW)


def close_and_certify(town: Town) -> None:
    """The deadline is moved, since the database's own clock decides about it."""
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=NOW - timedelta(minutes=5))
    sweep_rounds(now=NOW)
    certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW)
    sweep_boards(now=NOW)


def verified(town: Town, folder: Path) -> str:
    call_command("bundle", town.round.slug, "--out", str(folder))
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def what_is_public(town: Town) -> tuple[Any, ...]:
    results = Result.objects.filter(pot__round=town.round).order_by("pot")
    return (
        "".join(board_lines(town.round)),
        list(results.values_list("snapshot", "tally__outcome")),
        list(Ballot.objects.order_by("leaf").values_list("leaf", "selections", "salt")),
        balance(town.round)["voted"],
    )


# ── The vote stays ───────────────────────────────────────────────────────────
def test_a_bundle_is_the_same_before_and_after(voted: Town, tmp_path: Path) -> None:
    organiser = staff_of(voted.place, "organiser")
    close_and_certify(voted)
    Result.objects.update(published_by=organiser)
    before, said = what_is_public(voted), verified(voted, tmp_path / "before")
    erase()
    erase(organiser.email)
    assert what_is_public(voted) == before
    assert verified(voted, tmp_path / "after") == said
    files = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("before", "after")]
    assert files[0] == files[1]
    call_command("recount")


@pytest.mark.parametrize("sealed", [False, True])
def test_who_leaves_while_voting_is_open_is_counted(voted: Town, tmp_path: Path, sealed: bool) -> None:
    if sealed:
        seal_all(voted)
    voters = Elector.objects.filter(status=Elector.Status.VOTED).count()
    urn = set(UrnBallot.objects.values_list("handle", "leaf", "selections", "state"))
    board = "".join(board_lines(voted.round))
    elector = Elector.objects.get(person__email=ADDRESS)
    erase()
    assert set(UrnBallot.objects.values_list("handle", "leaf", "selections", "state")) == urn
    assert "".join(board_lines(voted.round)) == board
    elector.refresh_from_db()
    assert (elector.person, elector.status) == (None, Elector.Status.VOTED)
    assert balance(voted.round)["voted"] == {"web": voters}
    close_and_certify(voted)
    assert Ballot.objects.count() == voters
    assert f"ballots {voters}, replaced 0, struck 0" in verified(voted, tmp_path / "bundle")


def test_the_receipt_mail_of_a_vote_goes_with_the_account(voted: Town) -> None:
    assert OutboxMessage.objects.filter(to=ADDRESS, key__startswith="vote:").exists()
    erase()
    assert [message.key[:7] for message in OutboxMessage.objects.filter(to=ADDRESS)] == ["erased:"]


# ── No second vote ───────────────────────────────────────────────────────────
def test_signing_up_again_gives_no_second_vote_and_no_hold_on_the_first(voted: Town) -> None:
    erase()
    again = voted.resident(email=ADDRESS)
    for choice in ("2", "1"):  # another vote, and the very same
        with refuses("address_voted"):
            cast(voted, again, whole=[choice])
    assert ballot_of(again, voted.round) is None
    assert UrnBallot.objects.count() == 25
    close_and_certify(voted)
    with refuses("round_not_open"):
        cast(voted, voted.resident(email="someone.new@example.org"), whole=["2"])
    assert Ballot.objects.count() == 25


def test_nor_does_it_where_votes_cannot_be_changed(db: None) -> None:
    town = build_town(may_revise=False)
    cast(town, town.resident(email=ADDRESS), whole=["1"])
    erase()
    with refuses("address_voted"):
        cast(town, town.resident(email=ADDRESS), whole=["2"])


@pytest.mark.parametrize("then", ["moved.vantage@example.org", ADDRESS])
def test_nor_does_another_address_of_the_account(voted: Town, then: str) -> None:
    """They voted by one address, changed to another and left: neither votes again."""
    person = User.objects.get(email=ADDRESS)
    moved = EmailAddress.objects.create(user=person, email="moved.vantage@example.org", verified=True)
    person.email = moved.email
    person.save()
    erase(moved.email)
    with refuses("address_voted"):
        cast(voted, voted.resident(email=then), whole=["2"])
    assert balance(voted.round)["voted"] == {"web": 25}
    assert UrnBallot.objects.count() == 25


def test_whoever_has_not_voted_may_leave_and_come_back(voted: Town) -> None:
    newcomer = voted.resident(email="late@example.org")
    Elector.objects.create(
        round=voted.round, person=newcomer, token=Elector.token_for(voted.round.pk, "email:late@example.org"),
        assurance="postcode",
    )  # fmt: skip
    erase("late@example.org")
    assert Elector.objects.count() == 25
    assert cast(voted, voted.resident(email="late@example.org"), whole=["2"]).created


def test_an_address_that_was_never_confirmed_is_not_kept_from_voting(voted: Town) -> None:
    EmailAddress.objects.create(user=User.objects.get(email=ADDRESS), email="victim@example.org", verified=False)
    erase()
    assert cast(voted, voted.resident(email="victim@example.org"), whole=["2"]).created


@pytest.mark.django_db(transaction=True)
def test_leaving_and_voting_at_once_ends_with_a_whole_vote_or_none(administrator: User) -> None:
    town = build_town()
    people = [town.resident() for _n in range(6)]

    def vote(person: User) -> Any:
        try:
            return cast(town, person, whole=["1"]).created
        except (IntegrityError, OperationalError):
            return "nobody there"  # the person had gone before the vote was in

    def leave(person: User) -> None:
        erase_account(by=person, ideas=Ideas.KEEP, now=NOW)

    calls: list[Callable[[], Any]] = []
    for person in people:
        calls += [lambda person=person: vote(person), lambda person=person: leave(person)]  # type: ignore[misc]
    answers = in_threads(calls)
    assert set(answers) <= {True, None, "nobody there", "not_entitled"}
    assert not User.objects.filter(pk__in=[person.pk for person in people]).exists()
    assert balance(town.round)["holds"] or UrnBallot.objects.filter(batch=None).exists()
    assert UrnBallot.objects.count() == answers.count(True)
    assert Elector.objects.filter(status="voted", person=None).count() == answers.count(True)


# ── What else budgets knows ──────────────────────────────────────────────────
def test_the_file_of_one_s_data_says_that_one_voted_and_not_what(voted: Town) -> None:
    person = User.objects.get(email=ADDRESS)
    proposal = ProposalFactory(author=person, title="A slide", what="A slide for the park.")
    SubmissionFactory(proposal=proposal, round=RoundFactory(place=voted.place))
    text = " ".join(
        f"{name}={value}"
        for part in parts()
        for section in part.export(person)
        for row in section.rows
        for name, value in row.items()
    )
    assert f"Round={voted.round.title} You have voted=yes" in text
    ballot, elector = ballot_of(person, voted.round), Elector.objects.get(person=person)
    assert ballot is not None
    for secret in ("Benches", ballot.leaf, ballot.handle, ballot.salt, elector.token, str(elector.pk)):
        assert str(secret) not in text


def test_drafts_leave_their_rounds_and_what_is_on_a_ballot_stays(db: None) -> None:
    town = build_town()
    person = UserFactory(email=ADDRESS)
    round = RoundFactory(place=town.place)
    SubmissionFactory(draft=True, round=round, proposal=ProposalFactory(draft=True, author=person, place=town.place))
    on_ballot = SubmissionFactory(round=round, proposal=ProposalFactory(author=person, place=town.place))
    town.benches.proposal = on_ballot.proposal
    town.benches.save()
    erase_account(by=person, ideas=Ideas.WITHDRAW, now=NOW)
    assert Submission.objects.get() == on_ballot
    on_ballot.proposal.refresh_from_db()
    assert (on_ballot.proposal.state, on_ballot.proposal.author) == (Proposal.State.WITHDRAWN, None)
    town.benches.refresh_from_db()
    assert town.benches.idea == on_ballot.proposal
