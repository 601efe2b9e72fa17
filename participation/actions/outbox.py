"""What has to leave is written first and sent by a sweep: nothing leaves before commit, nothing is lost after it."""

from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db import transaction

from participation.models import OutboxMessage

MAX_ATTEMPTS = 5
BATCH = 100


def put_in_outbox(*, key: str, to: str, subject: str, body: str, now: datetime) -> None:
    """Queue one e-mail in the caller's transaction. The same key again changes nothing."""
    OutboxMessage.objects.bulk_create(
        [OutboxMessage(key=key, to=to, subject=subject, body=body, due_at=now)], ignore_conflicts=True
    )


def relay_outbox(*, now: datetime) -> int:
    """Send what is due, one transaction each, and return how many went out.

    Two relays at once never send the same message: the row is locked (skipping those another holds). A crash between
    sending and commit sends that one again: at least once, never lost.
    """
    sent = 0
    for pk in list(OutboxMessage.objects.due(now).values_list("pk", flat=True)[:BATCH]):
        sent += _send_one(pk, now)
    return sent


@transaction.atomic
def _send_one(pk: int, now: datetime) -> bool:
    message = (
        OutboxMessage.objects.select_for_update(skip_locked=True).filter(pk=pk, sent_at=None, dead_at=None).first()
    )
    if message is None:
        return False
    message.attempts += 1
    try:
        EmailMessage(message.subject, message.body, to=[message.to], headers={"X-Outbox-Key": message.key}).send()
    # The mail server's refusals (SMTPException) are OSErrors; a message that cannot be written down at all must not
    # hold up those behind it.
    except (OSError, ValueError) as error:
        message.last_error = str(error)[:300]
        message.due_at = now + timedelta(minutes=2**message.attempts)
        if message.attempts >= MAX_ATTEMPTS:
            message.dead_at = now
    else:
        # The text may hold a link that opens something: it goes once it has left.
        message.sent_at, message.body = now, ""
    message.save()
    return message.sent_at is not None


def send_again(*, message_ids: list[int], now: datetime) -> int:
    """Give dead messages a new life; returns how many there were. Others stay as they are."""
    dead = OutboxMessage.objects.filter(pk__in=message_ids, sent_at=None).exclude(dead_at=None)
    return dead.update(dead_at=None, attempts=0, due_at=now)
