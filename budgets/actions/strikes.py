"""Striking electors off the roll of a closed round, and their ballots out of its box. Two people decide."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from budgets.actions import board
from budgets.models import Elector, Round, Strike
from budgets.models.locks import database_now, hold_round
from budgets.models.urn import handle_of
from budgets.permissions import may_confirm, may_strike
from participation.accounts.models import User
from participation.actions.audit import record
from participation.actions.outbox import put_in_outbox
from participation.events import Changed, announce
from participation.refusals import Refused


@transaction.atomic
def propose_strikes(
    *, by: User, round_id: int, elector_ids: Sequence[UUID], now: datetime, reason: str, explanation: str, note: str
) -> list[Strike]:
    """Propose to strike these electors off, for one public `reason` with an `explanation`; the `note` is for organisers.

    Takes the round's exclusive lock. Refuses not_allowed, box_open, already_certified, not_voted, already_struck.
    """
    round = _locked(round_id)
    refused = may_strike(by, round, now)
    if refused:
        raise refused
    electors = list(Elector.objects.filter(round=round, pk__in=elector_ids, status=Elector.Status.VOTED))
    if not electors or len(electors) != len(set(elector_ids)):
        raise Refused("not_voted")
    strikes = [
        Strike(elector=elector, reason=reason, explanation=explanation, note=note, proposed_by=by, proposed_at=now)
        for elector in electors
    ]
    try:
        with transaction.atomic():
            Strike.objects.bulk_create(strikes)
    except IntegrityError as error:
        raise Refused("already_struck") from error
    _write_down(round, "strike.proposed", strikes, by, now)
    return strikes


@transaction.atomic
def confirm_strikes(*, by: User, round_id: int, strike_ids: Sequence[int], now: datetime) -> list[Strike]:
    """Strike these electors off, all of them at once, as the second person, and let the round be counted again.

    Their ballots are struck out (`board.strike_out`): what they held is erased for good. Several at once reveal less
    than one alone, because a published count changes by all of them together. Whoever is struck off is told by e-mail.
    Takes the round's exclusive lock, then the rows of the strikes and of the electors. Refuses not_allowed, box_open,
    already_certified, second_person, wrong_state, and out_of_balance; raises KeyGoneError.
    """
    round, strikes = _proposed(by, round_id, strike_ids, now)
    # By the clock that casts obey: nobody's ballot may come in after the board is closed.
    if database_now() < round.voting_closes_at:
        raise Refused("box_open")
    for strike in strikes:
        refused = may_confirm(by, strike)
        if refused:
            raise refused
    board.close(round)
    electors = Elector.objects.select_for_update(of=("self",)).filter(pk__in=[strike.elector_id for strike in strikes])
    voted = {elector.pk: elector for elector in electors.order_by("pk") if elector.status == Elector.Status.VOTED}
    if len(voted) != len(strikes):
        raise Refused("wrong_state")
    board.strike_out(round, {handle_of(voted[strike.elector_id], round): strike.public_reason() for strike in strikes})
    Elector.objects.filter(pk__in=voted).update(status=Elector.Status.STRUCK)
    _decide(strikes, Strike.State.CONFIRMED, by, now)
    Round.objects.filter(pk=round.pk).update(recount_due=True)
    for strike in strikes:
        _tell(round, strike, now)
    _write_down(round, "strike.confirmed", strikes, by, now)
    announce(Changed("round", round.pk, int(now.timestamp())))
    transaction.on_commit(board.sweep_out_the_dead)
    return strikes


@transaction.atomic
def decline_strikes(*, by: User, round_id: int, strike_ids: Sequence[int], now: datetime) -> list[Strike]:
    """Leave these ballots in; whoever proposed a strike may take it back like this too. Takes the round's exclusive lock.
    Refuses not_allowed, box_open, already_certified, wrong_state."""
    round, strikes = _proposed(by, round_id, strike_ids, now)
    _decide(strikes, Strike.State.DECLINED, by, now)
    _write_down(round, "strike.declined", strikes, by, now)
    return strikes


def _locked(round_id: int) -> Round:
    hold_round(round_id)
    return Round.objects.select_related("place__parent__parent").get(pk=round_id)


def _proposed(by: User, round_id: int, strike_ids: Sequence[int], now: datetime) -> tuple[Round, list[Strike]]:
    """The locked round and these strikes of it, which all wait for a decision."""
    round = _locked(round_id)
    refused = may_strike(by, round, now)
    if refused:
        raise refused
    rows = Strike.objects.of_round(round).waiting().filter(pk__in=strike_ids).select_for_update(of=("self",))
    strikes = list(rows.select_related("elector__person").order_by("pk"))
    if not strikes or len(strikes) != len(set(strike_ids)):
        raise Refused("wrong_state")
    return round, strikes


def _decide(strikes: list[Strike], state: Strike.State, by: User, now: datetime) -> None:
    for strike in strikes:
        strike.state, strike.decided_by, strike.decided_at = state, by, now
        strike.save(update_fields=["state", "decided_by", "decided_at"])


def _tell(round: Round, strike: Strike, now: datetime) -> None:
    """Why, and how to object. Nobody is told whose account is gone."""
    person = strike.elector.person
    if person is None:
        return
    url = settings.SITE_URL + reverse("budgets:challenge", args=[round.slug])
    body = render_to_string("emails/struck_off.txt", {"round": round, "reason": strike.public_reason(), "url": url})
    subject = _("Your ballot does not count: %(round)s") % {"round": round.title}
    put_in_outbox(key=f"strike:{strike.pk}", to=person.email, subject=subject, body=body, now=now)


def _write_down(round: Round, action: str, strikes: list[Strike], by: User, now: datetime) -> None:
    record(
        by=by, action=action, target=f"round:{round.pk}", now=now, place=round.place_id,
        strikes=[strike.pk for strike in strikes],
    )  # fmt: skip
