"""Challenges of a vote: handed in by residents, answered by organisers before the result is certified."""

from datetime import datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from budgets.models import Challenge, Round
from budgets.models.locks import share_round
from budgets.permissions import may_answer, may_challenge
from participation.accounts.models import User
from participation.actions.audit import record
from participation.actions.outbox import put_in_outbox
from participation.refusals import Refused


@transaction.atomic
def hand_in_challenge(*, by: User, round_id: int, now: datetime, text: str) -> Challenge:
    """Tell the organisers that something is wrong with the vote. One at a time for each person.

    Takes the round's shared lock: certifying waits for it, casting does not. Refuses sign_in, no_challenge_now,
    challenge_waiting.
    """
    share_round(round_id)
    round = Round.objects.get(pk=round_id)
    refused = may_challenge(by, round, now)
    if refused:
        raise refused
    row = Challenge(round=round, person=by, text=text, handed_in_at=now)
    # The constraint keeps a second one out, also one sent at the same moment.
    Challenge.objects.bulk_create([row], ignore_conflicts=True)
    kept = Challenge.objects.unanswered().get(round=round, person=by)
    if (kept.text, kept.handed_in_at) != (text, now):
        raise Refused("challenge_waiting")
    return kept


@transaction.atomic
def answer_challenge(*, by: User, challenge_id: int, now: datetime, answer: str) -> Challenge:
    """Answer it, once, and mail the answer to the person. Locks its row. Refuses not_allowed, wrong_state."""
    rows = Challenge.objects.select_for_update(of=("self",)).select_related("round__place__parent__parent", "person")
    challenge = rows.get(pk=challenge_id)
    refused = may_answer(by, challenge)
    if refused:
        raise refused
    challenge.answer, challenge.answered_at, challenge.answered_by = answer, now, by
    challenge.save(update_fields=["answer", "answered_at", "answered_by"])
    if challenge.person:
        body = render_to_string("emails/challenge_answered.txt", {"challenge": challenge, "round": challenge.round})
        subject = _("An answer to what you told us about “%(round)s”") % {"round": challenge.round.title}
        put_in_outbox(key=f"challenge:{challenge.pk}", to=challenge.person.email, subject=subject, body=body, now=now)
    record(
        by=by, action="challenge.answered", target=f"challenge:{challenge.pk}", now=now,
        round=challenge.round_id, place=challenge.round.place_id,
    )  # fmt: skip
    return challenge
