"""Milestones: planned and reported by the body, looked at and disputed by residents."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from commissioning import rules
from commissioning.actions.cases import lock_case
from commissioning.actions.versions import next_version, not_ahead, tell
from commissioning.models import Case, Dispute, Milestone, MilestoneCheck, MilestoneReport, Photo
from commissioning.permissions import may_check, may_dispute, may_hide, may_record
from participation.accounts.models import User
from participation.pictures import Encoded, TooLarge, Unreadable, reencode
from participation.refusals import Refused

Shown = Photo | MilestoneCheck | Dispute
KINDS: dict[str, type[Shown]] = {"photo": Photo, "check": MilestoneCheck, "dispute": Dispute}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sends it, and what it shows."""

    file: BinaryIO
    alt_text: str


@transaction.atomic
def plan_milestone(
    *, by: User, case_id: int, now: datetime, kind: str, title: str, due_on: date, description: str = "",
    replaces_id: int | None = None, change: str = "",
) -> Milestone:  # fmt: skip
    """Plan a milestone, or with `replaces_id` change one. Refuses not_allowed, not_yet, reason_needed, wrong_state."""
    case = lock_case(case_id)
    if refused := may_record(by, case):
        raise refused
    old = case.milestones.get(pk=replaces_id) if replaces_id else None
    milestone = next_version(
        Milestone, old, change=change, by=by, now=now, case=case, kind=kind, title=title.strip(),
        description=description.strip(), due_on=due_on,
    )  # fmt: skip
    action = "milestone.changed" if old else "milestone.planned"
    tell(case, by=by, action=action, now=now, milestone=milestone.first_id, due=due_on.isoformat())
    return milestone


def report_milestone(
    *, by: User, milestone_id: int, now: datetime, status: str, met_on: date | None = None, note: str = "",
    upload: Upload | None = None,
) -> MilestoneReport:  # fmt: skip
    """Say how a milestone stands, by the id of its first version; a photo is encoded anew before the transaction.

    Refuses not_allowed, not_yet, day_ahead, met_on_a_day (met without its day, or a day without being met),
    picture_too_large, picture_unreadable.
    """
    if (status == MilestoneReport.Status.MET) != (met_on is not None):
        raise Refused("met_on_a_day", field="met_on")
    not_ahead(met_on, now, "met_on")
    case_id = Milestone.objects.get(pk=milestone_id).case_id
    if refused := may_record(by, _case(case_id), rules.DELIVERY):
        raise refused
    encoded = _encoded(upload)
    with transaction.atomic():
        case = lock_case(case_id)
        if refused := may_record(by, case, rules.DELIVERY):
            raise refused
        photo = _keep(milestone_id, encoded, upload, now)
        report = MilestoneReport.objects.create(
            milestone_id=milestone_id, status=status, met_on=met_on, note=note.strip(), photo=photo, at=now, by=by
        )
        tell(case, by=by, action="milestone.reported", now=now, milestone=milestone_id, status=status)
    return report


def check_milestone(
    *, by: User, milestone_id: int, now: datetime, seen: bool, text: str = "", named: bool = False,
    upload: Upload | None = None,
) -> MilestoneCheck:  # fmt: skip
    """A resident of the round's place says what they saw; saying it anew replaces what they said, unless that was
    hidden. Refuses sign_in, not_resident, not_yet, hidden_already, picture_…"""
    case_id = Milestone.objects.get(pk=milestone_id).case_id
    if refused := may_check(by, _case(case_id)):
        raise refused
    encoded = _encoded(upload)
    with transaction.atomic():
        case = lock_case(case_id)
        if refused := may_check(by, case):
            raise refused
        before = MilestoneCheck.objects.filter(milestone=milestone_id, by=by).select_related("photo").first()
        if before and before.hidden_at:
            raise Refused("hidden_already")
        said = {"seen": seen, "text": text.strip(), "named": named, "at": now}
        if photo := _keep(milestone_id, encoded, upload, now):
            said["photo"] = photo
        check, _new = MilestoneCheck.objects.update_or_create(milestone_id=milestone_id, by=by, defaults=said)
        if photo and before and before.photo:
            drop_photos([before.photo])
        tell(case, by=by, action="milestone.checked", now=now, milestone=milestone_id, seen=seen)
    return check


@transaction.atomic
def open_dispute(*, by: User, milestone_id: int, text: str, now: datetime) -> Dispute:
    """A resident or an organiser of the place says that it is not as reported.

    Refuses sign_in, not_resident, not_yet, dispute_open (they have one that waits for its answer).
    """
    case = lock_case(Milestone.objects.get(pk=milestone_id).case_id)
    if refused := may_dispute(by, case):
        raise refused
    if Dispute.objects.filter(milestone=milestone_id, by=by, answered_at=None).exists():
        raise Refused("dispute_open")
    dispute = Dispute.objects.create(milestone_id=milestone_id, by=by, text=text.strip(), at=now)
    tell(case, by=by, action="dispute.opened", now=now, milestone=milestone_id, dispute=dispute.pk)
    return dispute


@transaction.atomic
def answer_dispute(*, by: User, dispute_id: int, answer: str, now: datetime) -> Dispute:
    """Answer once, for everyone to read. Refuses not_allowed, wrong_state, reason_needed."""
    case = lock_case(Dispute.objects.select_related("milestone").get(pk=dispute_id).milestone.case_id)
    if refused := may_record(by, case, rules.DELIVERY):
        raise refused
    dispute = Dispute.objects.get(pk=dispute_id)
    if dispute.answered_at:
        raise Refused("wrong_state")
    if not answer.strip():
        raise Refused("reason_needed", field="answer")
    dispute.answer, dispute.answered_at, dispute.answered_by = answer.strip(), now, by
    dispute.save(update_fields=["answer", "answered_at", "answered_by"])
    tell(case, by=by, action="dispute.answered", now=now, dispute=dispute.pk)
    return dispute


@transaction.atomic
def hide(*, by: User, kind: str, pk: int, reason: str, now: datetime) -> Case:
    """Hide a photo, check or dispute from everyone, with a reason that everyone reads.

    By organisers and moderators of the place, not of what is their own. Refuses not_allowed, own_item, wrong_state,
    reason_needed.
    """
    model = KINDS[kind]
    case = lock_case(model._default_manager.select_related("milestone").get(pk=pk).milestone.case_id)
    shown = model._default_manager.get(pk=pk)
    if refused := may_hide(by, case, shown):
        raise refused
    if shown.hidden_at:
        raise Refused("wrong_state")
    if not reason.strip():
        raise Refused("reason_needed", field="reason")
    shown.hidden_at, shown.hidden_reason = now, reason.strip()
    shown.save(update_fields=["hidden_at", "hidden_reason"])
    tell(case, by=by, action=f"{kind}.hidden", now=now, **{kind: pk})
    return case


def drop_photos(photos: list[Photo]) -> None:
    """Delete rows, and their files once the transaction stands."""
    for photo in photos:
        image = photo.image
        transaction.on_commit(lambda name=image.name, storage=image.storage: storage.delete(name))  # type: ignore[misc]
        photo.delete()


def _case(case_id: int) -> Case:
    return Case.objects.select_related("body__place__parent__parent", "round__place").get(pk=case_id)


def _encoded(upload: Upload | None) -> Encoded | None:
    if upload is None:
        return None
    try:
        return reencode(upload.file, max_bytes=settings.PICTURE_MAX_BYTES, max_pixels=settings.PICTURE_MAX_PIXELS)
    except TooLarge as problem:
        raise Refused("picture_too_large", field="photo") from problem
    except Unreadable as problem:
        raise Refused("picture_unreadable", field="photo") from problem


def _keep(milestone_id: int, encoded: Encoded | None, upload: Upload | None, now: datetime) -> Photo | None:
    if encoded is None or upload is None:
        return None
    file = ContentFile(encoded.content, secrets.token_hex(16) + encoded.suffix)
    return Photo.objects.create(milestone_id=milestone_id, image=file, alt_text=upload.alt_text.strip(), at=now)
