"""Changing what is never edited: the next version of it, and the day it says something happened on."""

from datetime import date, datetime
from typing import Any, TypeVar

from django.utils import timezone

from commissioning.models import Case
from commissioning.models.versions import Version
from participation.accounts.models import User
from participation.actions.audit import record
from participation.events import Changed, announce
from participation.refusals import Refused

V = TypeVar("V", bound=Version)


def next_version(kind: type[V], old: V | None, /, *, change: str, by: User, now: datetime, **facts: Any) -> V:
    """The first version, or the one after `old`. Refuses wrong_state where another change was quicker, and
    reason_needed. The caller holds the lock of the case."""
    if old is None:
        return kind.objects.create(by=by, at=now, **facts)  # type: ignore[attr-defined,no-any-return]
    if kind.objects.filter(replaces=old).exists():  # type: ignore[attr-defined]
        raise Refused("wrong_state")
    if not change.strip():
        raise Refused("reason_needed", field="change")
    return kind.objects.create(  # type: ignore[attr-defined,no-any-return]
        origin_id=old.first_id, replaces=old, version=old.version + 1, change=change.strip(), by=by, at=now, **facts
    )


def in_order(starts_on: date | None, ends_on: date | None) -> None:
    """Refuses dates_order."""
    if starts_on and ends_on and ends_on < starts_on:
        raise Refused("dates_order", field="ends_on")


def not_ahead(day: date | None, now: datetime, field: str) -> None:
    """Refuses day_ahead: what has happened has happened."""
    if day and day > timezone.localtime(now).date():
        raise Refused("day_ahead", field=field)


def tell(case: Case, *, by: User, action: str, now: datetime, **data: Any) -> None:
    """The audit line of a write to a case, and the announcement. Called last."""
    record(
        by=by, action=action, target=f"case:{case.pk}", now=now, place=case.round.place_id, round=case.round_id, **data
    )
    announce(Changed("case", case.pk, int(now.timestamp())))
