"""Errata: a correction is proposed by one organiser and put on the board of a certified round by another."""

from datetime import datetime

from django.db import transaction

from budgets.actions import board
from budgets.models import BoardEntry, Erratum, Round
from budgets.models.locks import hold_round
from budgets.permissions import may_confirm, may_correct
from participation.accounts.models import User
from participation.actions.audit import record
from participation.events import Changed, announce
from participation.refusals import Refused


@transaction.atomic
def propose_erratum(*, by: User, round_id: int, now: datetime, text: str) -> Erratum:
    """Refuses not_allowed, has_no_board, not_certified."""
    round = Round.objects.select_related("place__parent__parent").get(pk=round_id)
    refused = may_correct(by, round)
    if refused:
        raise refused
    erratum = Erratum.objects.create(round=round, text=text, proposed_by=by, proposed_at=now)
    _write_down(erratum, "erratum.proposed", by, now)
    return erratum


@transaction.atomic
def publish_erratum(*, by: User, erratum_id: int, now: datetime) -> Erratum:
    """Put it on the board, as the second person. Takes the round's exclusive lock.

    Refuses not_allowed, second_person, wrong_state; raises KeyGoneError.
    """
    erratum = _proposed(by, erratum_id)
    refused = may_confirm(by, erratum)
    if refused:
        raise refused
    board.write(erratum.round, BoardEntry.Kind.ERRATUM, {"text": erratum.text})
    _decide(erratum, Erratum.State.PUBLISHED, by, now)
    _write_down(erratum, "erratum.published", by, now)
    announce(Changed("round", erratum.round_id, int(now.timestamp())))
    return erratum


@transaction.atomic
def drop_erratum(*, by: User, erratum_id: int, now: datetime) -> Erratum:
    """Leave it; whoever proposed it may do so too. Refuses not_allowed, wrong_state."""
    erratum = _proposed(by, erratum_id)
    _decide(erratum, Erratum.State.DROPPED, by, now)
    _write_down(erratum, "erratum.dropped", by, now)
    return erratum


def _proposed(by: User, erratum_id: int) -> Erratum:
    """The erratum, which waits for a decision, under its round's exclusive lock."""
    hold_round(Erratum.objects.values_list("round_id", flat=True).get(pk=erratum_id))
    rows = Erratum.objects.select_for_update(of=("self",)).select_related("round__place__parent__parent")
    erratum = rows.get(pk=erratum_id)
    refused = may_correct(by, erratum.round)
    if refused:
        raise refused
    if erratum.state != Erratum.State.PROPOSED:
        raise Refused("wrong_state")
    return erratum


def _decide(erratum: Erratum, state: Erratum.State, by: User, now: datetime) -> None:
    erratum.state, erratum.decided_by, erratum.decided_at = state, by, now
    erratum.save(update_fields=["state", "decided_by", "decided_at"])


def _write_down(erratum: Erratum, action: str, by: User, now: datetime) -> None:
    record(
        by=by, action=action, target=f"erratum:{erratum.pk}", now=now, round=erratum.round_id,
        place=erratum.round.place_id,
    )  # fmt: skip
