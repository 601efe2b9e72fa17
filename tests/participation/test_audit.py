"""The chain of what staff did: any change to it shows."""

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from participation.actions.audit import first_broken_event, record
from participation.models import AuditEvent
from tests.factories import UserFactory
from tests.threads import in_threads

pytestmark = pytest.mark.django_db


def test_a_chain_of_events_holds(now: datetime) -> None:
    person = UserFactory(name="Omar")
    for number in range(3):
        record(by=person if number else None, action="thing.done", target=f"thing:{number}", now=now, number=number)
    assert first_broken_event() is None
    assert [event.actor_label for event in AuditEvent.objects.order_by("seq")] == ["system", "Omar", "Omar"]
    person.delete()
    assert first_broken_event() is None


@pytest.mark.parametrize(
    "change",
    [{"action": "other"}, {"target": "x"}, {"data": {"number": 9}}, {"actor_label": "Eve"}, {"hash": "0" * 64}],
)
def test_a_changed_event_breaks_it(now: datetime, change: dict[str, Any]) -> None:
    for number in range(3):
        record(by=None, action="thing.done", target="thing:1", now=now, number=number)
    AuditEvent.objects.filter(seq=2).update(**change)
    assert first_broken_event() in {2, 3}


def test_a_missing_event_breaks_it(now: datetime) -> None:
    for _each in range(3):
        record(by=None, action="thing.done", target="thing:1", now=now)
    AuditEvent.objects.filter(seq=2).delete()
    assert first_broken_event() == 3


@pytest.mark.django_db(transaction=True)
def test_an_event_belongs_to_a_transaction(now: datetime) -> None:
    with pytest.raises(RuntimeError):
        record(by=None, action="thing.done", target="thing:1", now=now)


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_chain(now: datetime) -> None:
    def write() -> None:
        with transaction.atomic():
            record(by=None, action="thing.done", target="thing:1", now=now)

    in_threads([write] * 8)
    assert list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 9))
    assert first_broken_event() is None
