"""The roll once the box is open: nothing in it tells any more in which order people voted."""

from django.db import connection, transaction

from budgets.models import Elector, UrnBallot
from participation.models import OutboxMessage

# Whatever rewrites a table waits for its readers, and all that vote wait behind it: better none of it while a backup runs.
_PATIENCE = "200ms"

_ROLL, _URN, _OUTBOX = (model._meta.db_table for model in (Elector, UrnBallot, OutboxMessage))


def write_roll_anew(*, round_id: int) -> None:
    """Put the electors of a certified round into a random order, all by one transaction, and forget the old one.

    A row of the roll is made when somebody votes, and ballots tell their batch: the place of the rows in the file, or the
    transactions that wrote them, would say to which batch of ballots each person's belongs. May be done again at any time.
    Raises OperationalError where somebody reads one of the tables for longer than casts should wait.
    """
    if connection.vendor != "postgresql":
        _shuffle_in_sqlite(round_id)
        return
    with connection.cursor() as cursor:
        # Every row gets a new version, by this one transaction.
        cursor.execute(f"UPDATE {_ROLL} SET status = status WHERE round_id = %s", [round_id])  # noqa: S608 - names of ours
        if not connection.in_atomic_block:
            cursor.execute(f"SET lock_timeout = '{_PATIENCE}'")
            try:
                # All write the table into a new file; the roll in the order of its random ids.
                cursor.execute(f"CLUSTER {_ROLL} USING {_ROLL}_pkey")
                cursor.execute(f"VACUUM (FULL) {_URN}")
                # Of the mails that told people that their ballot was received.
                cursor.execute(f"VACUUM (FULL) {_OUTBOX}")
            finally:
                cursor.execute("RESET lock_timeout")


@transaction.atomic
def _shuffle_in_sqlite(round_id: int) -> None:
    """Rows lie in the order of their numbers, so each gets a random one. Within a page of the file they still lie as they
    came in, which was the old order, so once more, from the random one; and the indexes are built anew, in order. What all
    of them leave behind is overwritten (secure_delete)."""
    with connection.cursor() as cursor:
        for _turn in range(2):
            cursor.execute(f"UPDATE {_ROLL} SET rowid = random() WHERE round_id = %s", [round_id])  # noqa: S608 - see above
        cursor.execute(f"REINDEX {_ROLL}")
