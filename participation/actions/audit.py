"""The one writer of audit events."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from participation.accounts.models import User
from participation.models import AuditEvent

GENESIS = "0" * 64
_CHAIN_LOCK = 7_146_001  # any number, used for nothing else


def record(*, by: User | None, action: str, target: str, now: datetime, **data: Any) -> AuditEvent:
    """Append one event to the chain, inside the caller's transaction.

    Takes the chain's lock (PostgreSQL: an advisory lock held until commit; SQLite: the write lock the transaction has
    already), so call it last. `data` must be JSON: ids, codes, sums; never selections, codes or tokens.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event belongs to the transaction of what it records")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
    last = AuditEvent.objects.order_by("-seq").values_list("seq", "hash").first()
    seq, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
    actor = by.public_name if by else "system"
    event = AuditEvent(
        seq=seq, at=now, actor=by, actor_label=actor, action=action, target=target, data=data, previous_hash=previous
    )
    event.hash = event_hash(event)
    event.save(force_insert=True)
    return event


def event_hash(event: AuditEvent) -> str:
    """SHA-256 over the canonical JSON of everything but the foreign key, which erasure may clear."""
    body = [
        event.seq,
        event.at.isoformat(),
        event.actor_label,
        event.action,
        event.target,
        event.data,
        event.previous_hash,
    ]
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def first_broken_event() -> int | None:
    """The `seq` of the first event that does not fit the chain, or None when the whole chain holds."""
    previous, expected = GENESIS, 1
    for event in AuditEvent.objects.order_by("seq").iterator():
        if event.seq != expected or event.previous_hash != previous or event.hash != event_hash(event):
            return event.seq
        previous, expected = event.hash, expected + 1
    return None
