"""Locks of a round and the database's clock. Where they are taken is written in the docstring of each action."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

_CASTING, _COUNTING = 7_146_101, 7_146_102  # advisory lock classes, used for nothing else
_LIMITS = "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '5s'; "
_counting_here: set[int] = set()
_counting_guard = threading.Lock()


def share_round(round_id: int) -> None:
    """Taken by every cast: many may hold it at once, none while the closer does. PostgreSQL: until commit, at most
    three seconds' wait. SQLite: a transaction that writes is alone anyway (BEGIN IMMEDIATE)."""
    _lock_round("pg_advisory_xact_lock_shared", round_id)


def hold_round(round_id: int) -> None:
    """Taken by whoever changes or closes a round: waits for the casts under way and keeps new ones out until commit."""
    _lock_round("pg_advisory_xact_lock", round_id)


def _lock_round(function: str, round_id: int) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a round is locked inside a transaction")
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        # One message: constants and a whole number, nothing to quote.
        cursor.execute(f"{_LIMITS}SELECT {function}({_CASTING}, {int(round_id)})")


def database_now() -> datetime:
    """The moment by the one clock that decides about deadlines. PostgreSQL: `clock_timestamp()`, because `now()` is the
    transaction's start and would let in a ballot that waited for a lock past the close. SQLite runs on this machine."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


@contextmanager
def alone_counting(pot_id: int) -> Iterator[bool]:
    """Yields True to one counter of this pot at a time, False to the others; freed when its holder dies.

    PostgreSQL: a session lock. SQLite: a lock in this process; a second process would only compute the same row again.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_COUNTING, pot_id])
            row = cursor.fetchone()
            got = bool(row and row[0])
            try:
                yield got
            finally:
                if got:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_COUNTING, pot_id])
        return
    with _counting_guard:
        got = pot_id not in _counting_here
        _counting_here.add(pot_id)
    try:
        yield got
    finally:
        if got:
            with _counting_guard:
                _counting_here.discard(pot_id)
