"""2,000 casts around the close, from two seconds before it until two seconds after; the site's own sweep closes the box and
counts meanwhile. Every ballot that got a receipt is counted, and none that was told that voting is over.

One voter's cast is sent in time and held up behind a lock until after the close: it comes too late.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, connections, transaction
from django.utils import timezone

from benchmarks.drills.box import finish, problems_of_the_box, receipts_of
from benchmarks.drills.load import seconds_until
from benchmarks.drills.voters import Log, Voter, insist, make_voters, size, some_choices, voting_round
from budgets.models import Elector, Round
from tests.factories import freeze
from tests.running import RunningSite
from tests.services import Services

CLIENTS = 200
SPREAD = 2.0  # seconds before and after the close
HELD = (0.7, 0.8)  # seconds before and after the close between which the lock is held
AHEAD = 8.0  # seconds from the round's opening to its close
TOO_LATE = "round_not_open"


def drill(folder: Path, services: Services | None) -> bool:
    seed, number = size("SEED", random.randrange(10**6)), size("CASTS", 2000)
    print(f"  SEED={seed} CASTS={number}")
    chance = random.Random(seed)
    round, ward = voting_round(frozen=False)
    voters = make_voters(number + 1, ward, chance)
    held = voters.pop()
    held.choices.append(some_choices(chance))
    log = Log()
    with RunningSite("up" if services else "serve", folder / "log", stop_seconds=120) as site:
        closes = timezone.now() + timedelta(seconds=AHEAD)
        Round.objects.filter(pk=round.pk).update(voting_closes_at=closes)
        round.refresh_from_db()
        freeze(round)
        path = f"/rounds/{round.slug}/vote/check/"
        insist(site, path, held, log)
        connections.close_all()
        with ThreadPoolExecutor(CLIENTS + 2) as pool:
            lock = pool.submit(hold, round, closes)
            late = pool.submit(at, closes - timedelta(seconds=HELD[0] / 2), site, path, held, log, 1)
            moments = sorted(chance.uniform(-SPREAD, SPREAD) for _ in voters)
            sent = [
                pool.submit(at, closes + timedelta(seconds=moment), site, path, voter, log, 0)
                for moment, voter in zip(moments, voters, strict=True)
            ]
            for future in (lock, late, *sent):
                future.result()
        waited = seconds_until(lambda: Round.objects.filter(pk=round.pk, counted_at__isnull=False).exists())
        print(f"  counted by the sweep within {waited:.1f} s of the last answer")
    return judge(round, voters, held, log, folder)


def at(moment: datetime, site: RunningSite, path: str, voter: Voter, log: Log, revision: int) -> None:
    time.sleep(max(0.0, (moment - timezone.now()).total_seconds()))
    insist(site, path, voter, log, revision)


def hold(round: Round, closes: datetime) -> None:
    """Hold the row of the one voter who has voted (PostgreSQL), or the whole database (SQLite), across the close."""
    time.sleep(max(0.0, (closes - timezone.now()).total_seconds() - HELD[0]))
    with the_lock(round):
        time.sleep(max(0.0, (closes - timezone.now()).total_seconds() + HELD[1]))
    connections.close_all()


@contextmanager
def the_lock(round: Round) -> Iterator[None]:
    with transaction.atomic():  # on SQLite this is the lock already
        if connection.vendor == "postgresql":
            list(
                Elector.objects.select_for_update().filter(round=round, status=Elector.Status.VOTED).order_by("pk")[:1]
            )
        yield


def judge(round: Round, voters: list[Voter], held: Voter, log: Log, folder: Path) -> bool:
    late = {voter for voter, said in log.refused if said.startswith("409") and TOO_LATE in said}
    was_late = held.number in late
    log.refused = [(voter, said) for voter, said in log.refused if voter not in late]
    held.choices.pop()  # the first one stands
    in_time = [*(voter for voter in voters if voter.number not in late), held]
    said, found = receipts_of(in_time, log)
    found += problems_of_the_box(round, said)
    found += [] if was_late else ["the cast that was held up past the close was accepted"]
    found += [] if 0 < len(late) - was_late < len(voters) else ["all came in time, or all too late: nothing was shown"]
    found += finish(round, said, folder)
    print(f"  {len(said)} in time and counted, {len(late)} too late and not; {log.busy} asked to come back (503) first")
    print("  the cast that was held up past the close came too late" if not found else "  " + "\n  ".join(found))
    return not found
