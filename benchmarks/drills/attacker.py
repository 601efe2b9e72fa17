"""Someone with the whole database of a certified round tries to find out whose ballot is whose.

Every order that the database gives electors (their place in the file, the transaction that wrote them, the bytes of the files,
also where something was deleted) is held against every order it gives ballots. Where ballots only tell their batch, electors
are put into batches by their order: that is the most that an order of voting could tell.
"""

from __future__ import annotations

import math
import uuid
from collections import Counter
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from django.db import connection

from budgets.models import Ballot, Elector, Round, UrnBallot

Truth = dict[str, str]  # elector's id (hexadecimal) → leaf of the ballot


@dataclass(frozen=True, slots=True)
class Finding:
    """`right`: electors given their own ballot; `batch`: electors put into the batch of their ballot."""

    attack: str
    right: int
    batch: int


def chance(sizes: list[int]) -> tuple[float, float]:
    """How many land in the right batch by a random permutation: expected number and standard deviation."""
    total = sum(sizes)
    mean = sum(size * size for size in sizes) / total
    shares = [size / total for size in sizes]
    spread = sum(s * s for s in shares) - 2 * sum(s**3 for s in shares) + sum(s * s for s in shares) ** 2
    return mean, math.sqrt(max(spread, 0.0) * total * total / (total - 1))


def try_everything(round: Round, truth: Truth) -> list[Finding]:
    """All attacks, the most successful one first."""
    batch = dict(Ballot.objects.filter(round=round).values_list("leaf", "batch"))
    electors, ballots = _orders(round, Elector, truth), _orders(round, Ballot, truth)
    ballots["batch, leaf"] = sorted(batch, key=lambda leaf: (batch[leaf], leaf))
    found = []
    for (one, people), (other, leaves) in product(electors.items(), ballots.items()):
        for turned, sequence in (("", leaves), (" backwards", leaves[::-1])):
            pairs = dict(zip(people, sequence, strict=False))
            found.append(_judge(f"{one} ~ {other}{turned}", pairs, truth, batch))
    if connection.vendor == "postgresql":
        found.append(_judge("the same transaction", _same_transaction(round), truth, batch))
    return sorted(found, key=lambda finding: (-finding.right, -finding.batch))


def _judge(attack: str, pairs: dict[str, str], truth: Truth, batch: dict[str, Any]) -> Finding:
    right = sum(truth.get(elector) == leaf for elector, leaf in pairs.items())
    same = sum(elector in truth and batch[truth[elector]] == batch[leaf] for elector, leaf in pairs.items())
    return Finding(attack, right, same)


def _orders(round: Round, model: type[Any], truth: Truth) -> dict[str, list[str]]:
    """Name of the order → electors' ids or ballots' leaves in it."""
    table, key = model._meta.db_table, "id" if model is Elector else "leaf"
    places = ["ctid", "xmin::text::bigint, ctid"] if connection.vendor == "postgresql" else ["rowid"]
    found = {}
    with connection.cursor() as cursor:
        for order in (*places, key):
            cursor.execute(f"SELECT {key} FROM {table} WHERE round_id = %s ORDER BY {order}", [round.pk])
            found[order] = [_plain(value) for (value,) in cursor.fetchall()]
    wanted = list(truth) if model is Elector else list(truth.values())
    for name, data in _files(Elector, "participation_outboxmessage") if model is Elector else _files(Ballot, UrnBallot):
        for side, find in (("first", data.find), ("last", data.rfind)):
            where = {value: max(find(needle) for needle in _needles(value)) for value in wanted}
            seen = [value for value in wanted if where[value] >= 0]
            if seen:
                found[f"{side} bytes in {name}"] = sorted(seen, key=where.__getitem__)
    return found


def _plain(value: Any) -> str:
    return value.hex if isinstance(value, uuid.UUID) else str(value)


def _needles(value: str) -> list[bytes]:
    """As text, and as the sixteen bytes of an id, with and without hyphens."""
    if len(value) != 32:
        return [value.encode()]
    return [value.encode(), str(uuid.UUID(value)).encode(), bytes.fromhex(value)]


def _files(*tables: type[Any] | str) -> list[tuple[str, bytes]]:
    """The raw bytes of the tables, with what was deleted and not yet overwritten. SQLite: of the whole database."""
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        files = [path, *path.parent.glob(f"{path.name}-*")]
        return [(file.name.replace(path.name, "database"), file.read_bytes()) for file in files if file.is_file()]
    names = [table if isinstance(table, str) else table._meta.db_table for table in tables]
    found = []
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        for name in names:
            cursor.execute("SELECT pg_read_binary_file(pg_relation_filepath(%s))", [name])
            row = cursor.fetchone()
            found.append((name, bytes(row[0]) if row else b""))
    return found


def _same_transaction(round: Round) -> dict[str, str]:
    """Elector → ballot where both alone carry a transaction's number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, b.leaf FROM budgets_elector e JOIN budgets_ballot b ON e.xmin = b.xmin "
            "WHERE e.round_id = %s AND b.round_id = %s",
            [round.pk, round.pk],
        )
        rows = [(_plain(elector), str(leaf)) for elector, leaf in cursor.fetchall()]
    often = Counter(elector for elector, _leaf in rows)
    return {elector: leaf for elector, leaf in rows if often[elector] == 1}
