"""What has to leave is written first and sent by a sweep: nothing leaves before commit, nothing is lost after it."""

from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db import transaction

from participation.models import OutboxMessage

MAX_ATTEMPTS = 5
BATCH = 100


def put_in_outbox(*, key: str, to: str, subject: str, body: str, now: datetime, forget: bool = False) -> None:
    """Queue one e-mail in the caller's transaction. The same key again changes nothing.

    `forget`: nothing of it stays once it has left, and meanwhile only the hour is known (for what must not tell when
    somebody did something). Then the caller's own data have to keep the cause from happening twice.
    """
    due_at = now.replace(minute=0, second=0, microsecond=0) if forget else now
    subject = " ".join(subject.split())[:200]
    message = OutboxMessage(key=key, to=to, subject=subject, body=body, due_at=due_at, forget=forget)
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)


def relay_outbox(*, now: datetime) -> int:
    """Send what is due and return how many went out.

    Each message is claimed in one short transaction, sent outside any (a silent mail server must not hold a lock), and
    marked in another. The claim puts the next attempt off, so that two relays at once never send the same one; a crash
    in between sends it again then: at least once, never lost.
    """
    due = list(OutboxMessage.objects.due(now).values_list("pk", flat=True)[:BATCH])
    return sum(_send(message, now) for pk in due if (message := _claim(pk, now)))


@transaction.atomic
def _claim(pk: int, now: datetime) -> OutboxMessage | None:
    message = OutboxMessage.objects.due(now).select_for_update(skip_locked=True).filter(pk=pk).first()
    if message:
        message.attempts += 1
        message.due_at = now + timedelta(minutes=2**message.attempts)
        message.save(update_fields=["attempts", "due_at"])
    return message


def _send(message: OutboxMessage, now: datetime) -> bool:
    try:
        EmailMessage(message.subject, message.body, to=[message.to], headers={"X-Outbox-Key": message.key}).send()
    # The mail server's refusals (SMTPException) are OSErrors; a message that cannot be written down at all must not
    # hold up those behind it.
    except (OSError, ValueError) as error:
        message.last_error = str(error)[:300]
        message.dead_at = now if message.attempts >= MAX_ATTEMPTS else None
        message.save(update_fields=["last_error", "dead_at"])
        return False
    if message.forget:
        message.delete()
    else:
        # The text may hold a link that opens something: it goes once it has left.
        message.sent_at, message.body = now, ""
        message.save(update_fields=["sent_at", "body"])
    return True


def send_again(*, message_ids: list[int], now: datetime) -> int:
    """Give dead messages a new life; returns how many there were. Others stay as they are."""
    dead = OutboxMessage.objects.filter(pk__in=message_ids, sent_at=None).exclude(dead_at=None)
    return dead.update(dead_at=None, attempts=0, due_at=now)
