"""What has to leave is written first, sent once, tried again, and dies in the open."""

from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from participation.actions.outbox import MAX_ATTEMPTS, put_in_outbox, relay_outbox, send_again
from participation.models import OutboxMessage
from participation.tasks import relay_outbox as relay_task
from tests.threads import in_threads

pytestmark = pytest.mark.django_db


class BrokenBackend(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("the line is dead")


def put(now: datetime, key: str = "hello:1") -> None:
    put_in_outbox(key=key, to="a@example.org", subject="Hello", body="Body", now=now)


def test_the_same_cause_sends_once(now: datetime, mailoutbox: Any) -> None:
    put(now)
    put(now)
    assert [relay_outbox(now=now), relay_outbox(now=now)] == [1, 0]
    assert (mailoutbox[0].subject, mailoutbox[0].to) == ("Hello", ["a@example.org"])


def test_what_is_rolled_back_never_leaves(now: datetime, mailoutbox: Any) -> None:
    with transaction.atomic():
        put(now)
        transaction.set_rollback(True)
    assert relay_outbox(now=now) == 0


def test_a_dead_server_is_tried_again_later_and_then_given_up(now: datetime, settings: Any, mailoutbox: Any) -> None:
    put(now)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    moment = now
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert relay_outbox(now=moment) == 0
        message = OutboxMessage.objects.get()
        assert (message.attempts, message.last_error) == (attempt, "the line is dead")
        assert relay_outbox(now=moment) == 0  # not due again yet
        moment += timedelta(days=1)
    assert message.dead_at
    settings.EMAIL_BACKEND = working
    assert relay_outbox(now=moment) == 0
    assert send_again(message_ids=[message.pk], now=moment) == 1
    assert send_again(message_ids=[message.pk], now=moment) == 0
    assert relay_outbox(now=moment) == 1
    assert len(mailoutbox) == 1


def test_a_mail_that_cannot_be_written_does_not_hold_up_the_others(now: datetime, mailoutbox: Any) -> None:
    put_in_outbox(key="bad", to="a\n@example.org", subject="Hello", body="x", now=now)
    put(now)
    assert relay_outbox(now=now) == 1
    assert "newlines" in OutboxMessage.objects.get(key="bad").last_error


def test_a_line_break_in_a_title_reaches_no_header(now: datetime, mailoutbox: Any) -> None:
    put_in_outbox(key="two", to="a@example.org", subject="Two\r\nBcc: b@example.org", body="x", now=now)
    assert relay_outbox(now=now) == 1
    assert mailoutbox[0].subject == "Two Bcc: b@example.org"


def test_the_task_may_run_twice(now: datetime, mailoutbox: Any) -> None:
    put(now)
    assert [relay_task(), relay_task()] == [1, 0]


@pytest.mark.django_db(transaction=True)
def test_two_relays_at_once_send_each_mail_once(now: datetime, mailoutbox: Any) -> None:
    for number in range(10):
        put(now, f"hello:{number}")
    assert sum(in_threads([lambda: relay_outbox(now=now)] * 3)) == 10
    assert len(mailoutbox) == 10
