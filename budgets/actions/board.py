"""The board of a round's ballot box: sealing ballots into it, closing the box, and what is written besides."""

from itertools import islice
from random import SystemRandom
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Model

from budgets.actions.roll import write_roll_anew
from budgets.keys import destroy_urn_key, sign
from budgets.models import Ballot, BoardEntry, Elector, Round, UrnBallot
from budgets.models.locks import hold_round
from budgets.models.urn import counted_ballots
from budgets.proofs import entry_hash, root
from participation.refusals import Refused

FIRST = "0" * 64
CHUNK = 2000  # ballots written at once
# Fewer would tell by the time of a batch who is in it.
LEAST_BATCH = 20

Kind = BoardEntry.Kind


def write(round: Round, kind: str, body: dict[str, Any]) -> BoardEntry:
    """Add one entry to the board, signed where it is a checkpoint. The caller holds the round's exclusive lock.

    Raises KeyGoneError where the board's key cannot be reached.
    """
    last = BoardEntry.objects.filter(round=round).order_by("-seq").first()
    seq, previous = (last.seq + 1, last.hash) if last else (0, FIRST)
    hash = entry_hash({"round": round.slug, "seq": seq, "kind": kind, "body": body, "previous": previous})
    signature = sign(round.rules["board_key"], hash) if kind in BoardEntry.SIGNED else ""
    return BoardEntry.objects.create(
        round=round, seq=seq, kind=kind, body=body, previous=previous, hash=hash, signature=signature
    )


def seal(*, round_id: int) -> int:
    """Put ballots that came in since the last batch on the board, if there are enough; how many it were. As many as a
    batch needs, drawn by lot, always stay behind: the last batch, at the close, must not be a single late voter.

    They are deleted and written again in the order of their leaves, in a transaction of their own: nothing in the
    table tells any more which was cast when or together with which row of the roll. Takes the exclusive lock.
    """
    with transaction.atomic():
        hold_round(round_id)
        round = Round.objects.get(pk=round_id)
        sealed = _seal(round, LEAST_BATCH) if _unsealed(round) >= 2 * LEAST_BATCH else 0
    if sealed:
        sweep_out_the_dead()
    return sealed


def close(round: Round) -> BoardEntry:
    """Seal what is left and close the board to ballots. The caller holds the exclusive lock and knows that it is time.

    Doing it again finds the entry there.
    """
    if closed := BoardEntry.objects.filter(round=round, kind=Kind.CLOSE).first():
        return closed
    _seal(round)
    transaction.on_commit(sweep_out_the_dead, robust=True)
    leaves = sorted(UrnBallot.objects.filter(round=round).standing().values_list("leaf", flat=True))
    replaced = UrnBallot.objects.filter(round=round, state=UrnBallot.State.SUPERSEDED)
    body = {
        "ballots": len(leaves),
        "root": root(leaves),
        "superseded": sorted(replaced.values_list("leaf", flat=True)),
        "voted": voted(round),
    }
    return write(round, Kind.CLOSE, body)


def strike_out(round: Round, reasons: dict[str, str]) -> None:
    """Strike the ballots under these handles, each for its public reason, and say so on the board, in the order of the
    leaves. Of such a ballot only the leaf is kept, because it stands on the board: what it held is erased for good.
    The caller holds the exclusive lock and has closed the board. Refuses out_of_balance where a ballot is missing.
    """
    ballots = list(UrnBallot.objects.filter(round=round, handle__in=reasons).standing().order_by("leaf"))
    if len(ballots) != len(reasons):
        raise Refused("out_of_balance")
    for ballot in ballots:
        assert ballot.handle is not None
        write(round, Kind.STRIKE, {"leaf": ballot.leaf, "reason": reasons[ballot.handle]})
        ballot.state, ballot.handle = UrnBallot.State.STRUCK, None
        ballot.selections = ballot.salt = ""
    UrnBallot.objects.bulk_update(ballots, ["state", "handle", "selections", "salt"], batch_size=CHUNK)


def strikes_on(round: Round) -> int:
    """How many ballots the board says were struck out."""
    return BoardEntry.objects.filter(round=round, kind=Kind.STRIKE).count()


def write_result(round: Round, state: str, pots: list[dict[str, Any]]) -> BoardEntry:
    """Say on the board what was counted and what came of it. The caller holds the exclusive lock."""
    leaves = sorted(counted_ballots(round).values_list("leaf", flat=True))
    return write(round, Kind.RESULT, {"state": state, "ballots": len(leaves), "root": root(leaves), "pots": pots})


def open_box(round: Round, pots: list[dict[str, Any]]) -> None:
    """Make the ballots of a certified result public: all written at once, in the order of their leaves, without anything
    that led to an elector; and empty the urn. The caller holds the exclusive lock. Refuses out_of_balance.
    """
    sheet = balance(round)
    if not sheet["holds"]:
        raise Refused("out_of_balance")
    write_result(round, "certified", pots)
    standing = UrnBallot.objects.filter(round=round).standing().order_by("leaf")
    rows = standing.values("selections", "salt", "leaf", "batch").iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        Ballot.objects.bulk_create(Ballot(round=round, **row) for row in chunk)
    UrnBallot.objects.filter(round=round).delete()


def destroy_keys(*, round_id: int) -> bool:
    """Destroy the key to the electors' handles of a certified round, and say so on the board; whether it was done now.

    First the roll is written anew, so that what the board says is true of everything that led to a ballot. Doing it
    again, or after a crash between these, ends at the same. Takes the exclusive lock.
    """
    write_roll_anew(round_id=round_id)
    with transaction.atomic():
        hold_round(round_id)
        round = Round.objects.get(pk=round_id)
        if BoardEntry.objects.filter(round=round, kind=Kind.KEY_DESTROYED).exists() or not is_certified(round):
            return False
        destroy_urn_key(round.rules["board_key"])
        write(round, Kind.KEY_DESTROYED, {})
    sweep_out_the_dead()
    return True


def is_certified(round: Round) -> bool:
    return BoardEntry.objects.filter(round=round, kind=Kind.RESULT, body__state="certified").exists()


def balance(round: Round) -> dict[str, Any]:
    """Do electors, ballots and leaves agree? {"voted": {channel: n}, "ballots", "leaves", "superseded", "struck", "holds"}.

    Every elector who voted has one ballot; every leaf on the board is a ballot, was replaced, or was struck.
    """
    states = dict(UrnBallot.objects.filter(round=round).order_by().values_list("state").annotate(n=Count("pk")))
    used = voted(round)
    ballots, superseded, struck = (states.get(state, 0) for state in UrnBallot.State.values)
    batches = BoardEntry.objects.filter(round=round, kind=Kind.BATCH).values_list("body", flat=True)
    leaves = sum(len(body["leaves"]) for body in batches)
    holds = sum(used.values()) == ballots and leaves - superseded - struck == ballots
    return {
        "voted": used,
        "ballots": ballots,
        "leaves": leaves,
        "superseded": superseded,
        "struck": struck,
        "holds": holds,
    }


def voted(round: Round) -> dict[str, int]:
    """Electors on the roll whose ballot is in the box, by channel."""
    used = round.electors.filter(status=Elector.Status.VOTED).order_by()
    return dict(used.values_list("channel").annotate(n=Count("pk")).order_by("channel"))


def _unsealed(round: Round) -> int:
    return UrnBallot.objects.filter(round=round, batch=None).count()


def _seal(round: Round, left: int = 0) -> int:
    """Seal all that is not sealed but `left` ballots, drawn by lot. What changed votes left on the board is written anew with
    them: each such row was made by the transaction that changed a ballot."""
    waiting = list(UrnBallot.objects.filter(round=round, batch=None))
    drawn = SystemRandom().sample(waiting, max(0, len(waiting) - left))
    rows = sorted(drawn, key=lambda row: row.leaf)
    if not rows:
        return 0
    leaves = [row.leaf for row in rows]
    entry = write(round, Kind.BATCH, {"leaves": leaves, "root": root(leaves)})
    for row in rows:
        row.batch = entry.seq
    anew = [*rows, *UrnBallot.objects.filter(round=round, state=UrnBallot.State.SUPERSEDED)]
    UrnBallot.objects.filter(pk__in=[row.pk for row in anew]).delete()
    UrnBallot.objects.bulk_create(sorted(anew, key=lambda row: row.leaf))
    return len(rows)


def sweep_out_the_dead(table: type[Model] = UrnBallot) -> None:
    """PostgreSQL keeps deleted rows, in the order they were cast, until they are vacuumed."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {connection.ops.quote_name(table._meta.db_table)}")
