"""Answering the checklist of a case, and giving the facts it is made from."""

from datetime import date, datetime

from django.db import transaction

from commissioning import rules
from commissioning.actions.cases import lock_case
from commissioning.actions.versions import tell
from commissioning.models import CheckAnswer, Estimate, checklist_of
from commissioning.permissions import may_record
from participation.accounts.models import User
from participation.refusals import Refused


@transaction.atomic
def answer_item(*, by: User, case_id: int, key: str, answer: str, now: datetime, note: str = "") -> CheckAnswer:
    """Add an answer; the latest counts. The same answer again changes nothing.

    Refuses not_allowed, not_yet, estimate_first, not_on_list, and note_needed where a needed item is set aside without a
    word.
    """
    case = lock_case(case_id)
    if refused := may_record(by, case, rules.CHECKING):
        raise refused
    found = checklist_of(case)
    if found is None or found.estimate_missing:
        raise Refused("estimate_first")
    row, note = found.find(key), note.strip()
    if row is None:
        raise Refused("not_on_list")
    if answer == CheckAnswer.Answer.NOT_NEEDED and row.needed and not note:
        raise Refused("note_needed", field="note")
    before = row.answer
    if before and (before.answer, before.note) == (answer, note):
        return before
    made = CheckAnswer.objects.create(
        case=case, key=key, number=before.number + 1 if before else 1, answer=answer, note=note, by=by, at=now
    )
    tell(case, by=by, action="checklist.answered", now=now, item=key, answer=answer)
    return made


@transaction.atomic
def estimate_case(
    *, by: User, case_id: int, gross: int, begins_on: date, now: datetime, kind: str = "", own_limit: int | None = None
) -> Estimate:
    """Say what is bought, given or changed and what it is worth (pence, with VAT): the list follows the latest estimate.

    Refuses not_allowed, not_yet, fact_missing where something is bought and not what.
    """
    case = lock_case(case_id)
    if refused := may_record(by, case, rules.CHECKING):
        raise refused
    if case.route in rules.BUYING and not kind:
        raise Refused("fact_missing", field="kind")
    kind = kind if case.route in rules.BUYING else ""
    made = Estimate.objects.create(
        case=case, number=case.estimates.count() + 1, kind=kind, gross=gross, begins_on=begins_on, own_limit=own_limit,
        by=by, at=now,
    )  # fmt: skip
    tell(case, by=by, action="checklist.estimated", now=now, gross=gross, kind=kind)
    return made
