"""Reporting, hiding and leaving things as they are.

Both decisions lock the proposal first and then its reports, so that two moderators come one after the other and the
second is told that it has been decided.
"""

from datetime import datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from participation.accounts.models import User
from participation.actions.audit import record
from participation.actions.outbox import put_in_outbox
from participation.models import Picture, Proposal, Report
from participation.permissions import Person, may_moderate, may_see_picture, may_see_proposal
from participation.refusals import Refused


@transaction.atomic
def report(
    *,
    by: Person,
    now: datetime,
    reason: str,
    details: str = "",
    proposal_id: int | None = None,
    picture_id: int | None = None,
) -> Report:
    """Ask a moderator to look at a proposal or a picture; also without an account.

    The same person reporting the same thing again while the first report waits changes nothing.
    Refuses `not_there` for what this person cannot see.
    """
    proposal, picture = _reported(by, proposal_id, picture_id)
    reporter = by if isinstance(by, User) else None
    about = {"picture": picture} if picture else {"proposal": proposal}
    waiting = Report.objects.open().filter(reporter=reporter, **about).first() if reporter else None
    return waiting or Report.objects.create(
        place=proposal.place,
        reason=Report.Reason(reason),
        details=details,
        reporter=reporter,
        reported_at=now,
        **about,
    )


def _reported(by: Person, proposal_id: int | None, picture_id: int | None) -> tuple[Proposal, Picture | None]:
    """The proposal, locked, and the picture if that is what the report is about."""
    picture = Picture.objects.filter(pk=picture_id).first() if picture_id else None
    pk = picture.proposal_id if picture else proposal_id
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("place")
    proposal = rows.filter(pk=pk).first() if pk else None
    if proposal is None or (picture_id and picture is None):
        raise Refused("not_there")
    if not (may_see_picture(by, picture) if picture else may_see_proposal(by, proposal)):
        raise Refused("not_there")
    return proposal, picture


@transaction.atomic
def uphold(*, by: User, report_id: int, public_reason: str, now: datetime) -> Report:
    """Hide the proposal or picture from everyone but its author and moderators, with a reason everyone reads.

    Every other open report about the same thing is decided with it. Refuses `has_reports` when it is decided already,
    `reason_needed`, and moderators' own texts and reports (`own_item`).
    """
    decided = _decide(by, report_id, Report.State.UPHELD, public_reason, now)
    target = decided.target
    target.hidden_at, target.hidden_reason = now, public_reason.strip()
    target.save(update_fields=["hidden_at", "hidden_reason"])
    _tell(decided, "emails/report_upheld.txt", _("Your report: it is hidden now"), now)
    _tell_author(decided, now)
    _audit(decided, by, now)
    return decided


@transaction.atomic
def dismiss(*, by: User, report_id: int, public_reason: str, now: datetime) -> Report:
    """Leave the thing as it is, with a reason. Refuses as `uphold` does."""
    decided = _decide(by, report_id, Report.State.DISMISSED, public_reason, now)
    _tell(decided, "emails/report_dismissed.txt", _("Your report: it stays"), now)
    _audit(decided, by, now)
    return decided


def _decide(by: User, report_id: int, state: Report.State, public_reason: str, now: datetime) -> Report:
    """Lock, re-read, check, and move the report and all other open ones about the same thing."""
    about = Report.objects.select_related("picture").get(pk=report_id)
    Proposal.objects.select_for_update().get(pk=about.proposal_id or about.picture.proposal_id)  # type: ignore[union-attr]
    rows = Report.objects.select_for_update(of=("self",)).select_related("place", "proposal", "picture__proposal")
    decided = rows.get(pk=report_id)
    others = rows.open().filter(proposal=decided.proposal_id, picture=decided.picture_id).exclude(pk=report_id)
    together = [decided, *others]
    for one in together:
        if refused := may_moderate(by, one):
            raise refused
    if not public_reason.strip():
        raise Refused("reason_needed", field="public_reason")
    for one in together:
        move(one, state)
        one.decided_by, one.decided_at, one.public_reason = by, now, public_reason.strip()
        one.save(update_fields=["state", "decided_by", "decided_at", "public_reason"])
    return decided


def move(report: Report, to: Report.State) -> None:
    """Change the state of a locked report as its MOVES allow; the caller saves it. A decided report stays decided."""
    if to not in Report.MOVES[Report.State(report.state)]:
        raise Refused("has_reports")
    report.state = to


def _tell(decided: Report, template: str, subject: str, now: datetime) -> None:
    """Tell everyone who reported it and left an account."""
    same = Report.objects.filter(proposal=decided.proposal_id, picture=decided.picture_id, decided_at=now)
    for one in same.select_related("reporter").order_by("pk"):
        if one.reporter:
            body = render_to_string(template, {"report": one, "proposal": decided.about})
            put_in_outbox(key=f"report-decided:{one.pk}", to=one.reporter.email, subject=subject, body=body, now=now)


def _tell_author(decided: Report, now: datetime) -> None:
    proposal = decided.about
    if proposal.author:
        body = render_to_string("emails/hidden.txt", {"report": decided, "proposal": proposal})
        subject = _("Your picture is hidden") if decided.picture_id else _("Your idea is hidden")
        put_in_outbox(key=f"hidden:{decided.pk}", to=proposal.author.email, subject=subject, body=body, now=now)


def _audit(decided: Report, by: User, now: datetime) -> None:
    record(
        by=by,
        action=f"report.{decided.state}",
        target=f"picture:{decided.picture_id}" if decided.picture_id else f"proposal:{decided.proposal_id}",
        now=now,
        place=decided.place_id,
        report=decided.pk,
        reason=decided.public_reason,
    )
