"""From a proposal to a project on the ballot, or to a public reason why not."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from budgets.models import Pot, Project, Round, Submission
from budgets.models.locks import hold_round
from budgets.permissions import may_edit_submission, may_review, may_submit
from participation.accounts.models import User
from participation.actions.audit import record
from participation.actions.outbox import put_in_outbox
from participation.actions.proposals import publish_proposal, start_draft
from participation.models import Proposal
from participation.refusals import Refused


@transaction.atomic
def start_submission(*, by: User, round_id: int, now: datetime) -> Submission:
    """A new draft for this round; an untouched earlier one of the same person is used again.

    Refuses not_resident, round_not_proposing.
    """
    round = Round.objects.select_related("place").get(pk=round_id)
    refused = may_submit(by, round, now)
    if refused:
        raise refused
    untouched = Submission.objects.filter(
        round=round, proposal__author=by, state=Submission.State.DRAFT, proposal__title="", proposal__what=""
    ).first()
    if untouched:
        return untouched
    return Submission.objects.create(round=round, proposal=start_draft(by=by, place_id=round.place_id, now=now))


@transaction.atomic
def submit(*, by: User, submission_id: int, now: datetime) -> Submission:
    """Publish the proposal and hand it in. Refuses already_submitted, round_not_proposing, incomplete_proposal."""
    submission = _locked(submission_id)
    refused = may_edit_submission(by, submission, now)
    if refused:
        raise refused
    publish_proposal(by=by, proposal_id=submission.proposal_id, now=now)
    move(submission, Submission.State.SUBMITTED)
    submission.submitted_at = now
    submission.save(update_fields=["state", "submitted_at"])
    put_in_outbox(
        key=f"submitted:{submission.pk}",
        to=by.email,
        subject=_("We have your idea %(reference)s") % {"reference": submission.proposal.reference},
        body=_(
            "Thank you. Your idea “%(title)s” is now part of “%(round)s”.\n"
            "Its reference is %(reference)s. We will tell you when it has been reviewed."
        )
        % {
            "title": submission.proposal.title,
            "round": submission.round.title,
            "reference": submission.proposal.reference,
        },
        now=now,
    )
    return submission


@transaction.atomic
def accept(
    *,
    by: User,
    submission_id: int,
    now: datetime,
    pot_id: int,
    name: str,
    summary: str,
    cost: int,
    feasibility: str,
) -> Project:
    """Put a submitted proposal on the ballot with a cost (minor units) and the reason why it can be done.

    Refuses ballot_confirmed, wrong_state, proposal_not_public, reason_needed, cost_needed, pot_elsewhere.
    """
    submission = _locked(submission_id)
    refused = may_review(by, submission)
    if refused:
        raise refused
    pot = _costed(submission, pot_id, cost, feasibility)
    proposal = submission.proposal
    if proposal.state != Proposal.State.PUBLISHED or proposal.hidden_at:
        raise Refused("proposal_not_public")
    move(submission, Submission.State.ACCEPTED)
    _decide(submission, by=by, now=now, reason=feasibility)
    project = Project.objects.create(
        round=submission.round,
        pot=pot,
        submission=submission,
        proposal=proposal,
        code=_next_code(submission.round),
        name=name,
        summary=summary,
        cost=cost,
        feasibility=feasibility,
        area=proposal.area,
        latitude=proposal.latitude,
        longitude=proposal.longitude,
    )
    record(
        by=by, action="submission.accepted", target=f"project:{project.pk}", now=now, round=project.round_id,
        place=project.round.place_id,
        name=name, cost=cost, pot=pot.pk,
    )  # fmt: skip
    _tell_author(submission, now, _("“%(title)s” is on the ballot") % {"title": proposal.title}, feasibility)
    return project


@transaction.atomic
def change_project(
    *,
    by: User,
    submission_id: int,
    now: datetime,
    pot_id: int,
    name: str,
    summary: str,
    cost: int,
    feasibility: str,
) -> Project:
    """Correct a project that is on the ballot; it keeps its number.

    Refuses ballot_confirmed, wrong_state, reason_needed, cost_needed, pot_elsewhere.
    """
    submission = _locked(submission_id)
    refused = may_review(by, submission)
    if refused:
        raise refused
    if submission.state != Submission.State.ACCEPTED:
        raise Refused("wrong_state")
    pot = _costed(submission, pot_id, cost, feasibility)
    project = Project.objects.get(submission=submission)
    project.pot, project.name, project.summary = pot, name, summary
    project.cost, project.feasibility = cost, feasibility
    project.save(update_fields=["pot", "name", "summary", "cost", "feasibility"])
    _decide(submission, by=by, now=now, reason=feasibility)
    record(
        by=by, action="project.changed", target=f"project:{project.pk}", now=now, round=project.round_id,
        place=project.round.place_id,
        name=name, cost=cost, pot=pot.pk,
    )  # fmt: skip
    return project


def _costed(submission: Submission, pot_id: int, cost: int, feasibility: str) -> Pot:
    """The pot of the round that pays; refuses what no project can be without."""
    if not feasibility.strip():
        raise Refused("reason_needed", field="feasibility")
    if cost <= 0:
        raise Refused("cost_needed", field="cost")
    pot = Pot.objects.filter(pk=pot_id, round=submission.round).first()
    if pot is None:
        raise Refused("pot_elsewhere", field="pot")
    return pot


@transaction.atomic
def decline(*, by: User, submission_id: int, now: datetime, reason: str) -> Submission:
    """Say in public why a proposal cannot go on the ballot. Refuses ballot_confirmed, wrong_state, reason_needed."""
    submission = _locked(submission_id)
    refused = may_review(by, submission)
    if refused:
        raise refused
    if not reason.strip():
        raise Refused("reason_needed", field="reason")
    move(submission, Submission.State.DECLINED)
    _decide(submission, by=by, now=now, reason=reason)
    record(
        by=by, action="submission.declined", target=f"submission:{submission.pk}", now=now,
        round=submission.round_id, place=submission.round.place_id, name=submission.proposal.title, reason=reason,
    )  # fmt: skip
    _tell_author(
        submission, now, _("“%(title)s” cannot go on the ballot") % {"title": submission.proposal.title}, reason
    )
    return submission


@transaction.atomic
def reconsider(*, by: User, submission_id: int, now: datetime) -> Submission:
    """Open a decided submission again; its project leaves the ballot. Refuses ballot_confirmed, wrong_state."""
    submission = _locked(submission_id)
    refused = may_review(by, submission)
    if refused:
        raise refused
    if submission.state == Submission.State.DRAFT:
        raise Refused("wrong_state")
    move(submission, Submission.State.SUBMITTED)
    Project.objects.filter(submission=submission).delete()
    submission.reason, submission.reviewed_at, submission.reviewed_by = "", None, None
    submission.save(update_fields=["state", "reason", "reviewed_at", "reviewed_by"])
    record(
        by=by, action="submission.reconsidered", target=f"submission:{submission.pk}", now=now,
        round=submission.round_id, place=submission.round.place_id, name=submission.proposal.title,
    )  # fmt: skip
    return submission


def move(submission: Submission, to: Submission.State) -> None:
    if to not in Submission.MOVES[Submission.State(submission.state)]:
        raise Refused("wrong_state")
    submission.state = to


def _locked(submission_id: int) -> Submission:
    """The submission, locked and re-read, with what is needed of its round and proposal.

    The round's exclusive lock comes first: no project comes or goes while its ballot is being confirmed.
    """
    hold_round(Submission.objects.values_list("round_id", flat=True).get(pk=submission_id))
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("round__place__parent__parent", "proposal__area", "proposal__author")
        .get(pk=submission_id)
    )


def _decide(submission: Submission, *, by: User, now: datetime, reason: str) -> None:
    submission.reason, submission.reviewed_at, submission.reviewed_by = reason, now, by
    submission.save(update_fields=["state", "reason", "reviewed_at", "reviewed_by"])


def _next_code(round: Round) -> str:
    """Projects are numbered 1, 2, 3 … in the order in which they were accepted: one more than the highest there is."""
    codes = [int(code) for code in round.projects.values_list("code", flat=True) if code.isdigit()]
    return str(max(codes, default=0) + 1)


def _tell_author(submission: Submission, now: datetime, subject: str, reason: str) -> None:
    author = submission.proposal.author
    if author is None:
        return
    put_in_outbox(
        key=f"reviewed:{submission.pk}:{now.timestamp()}",
        to=author.email,
        subject=subject,
        body=_("Your idea “%(title)s” in “%(round)s” was reviewed.\n\n%(reason)s")
        % {"title": submission.proposal.title, "round": submission.round.title, "reason": reason},
        now=now,
    )
