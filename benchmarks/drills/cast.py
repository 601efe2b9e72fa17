"""5,000 people cast over HTTP, 200 at a time; a tenth sends everything twice at once and a tenth changes the vote; web
processes are killed and PostgreSQL is restarted without a farewell while they do, and batches are sealed all along.

On SQLite the killed process is the whole site. The oracle is the clients' own log: every receipt, and what was chosen.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from django.db import connections
from django.utils import timezone

from benchmarks.drills.box import finish, problems_of_the_box, receipts_of
from benchmarks.drills.load import seconds_until
from benchmarks.drills.restart import pid_of
from benchmarks.drills.voters import Log, Voter, insist, make_voters, size, some_choices, voting_round
from budgets.models import BoardEntry, Round
from tests.running import RunningSite
from tests.services import Services

TWICE = CHANGES = 0.1
PATIENCE = 900.0  # seconds until the next share of the ballots has come in


def drill(folder: Path, services: Services | None) -> bool:
    seed, number = size("SEED", random.randrange(10**6)), size("VOTERS", 5000)
    clients, kills = size("CLIENTS", 200), size("KILLS", 5)
    print(f"  SEED={seed} VOTERS={number} CLIENTS={clients} KILLS={kills}")
    chance = random.Random(seed)
    round, ward = voting_round()
    voters = make_voters(number, ward, chance)
    for voter in voters:
        lot = chance.random()
        voter.twice = lot < TWICE
        if lot > 1 - CHANGES:
            voter.choices.append(some_choices(chance))
    connections.close_all()
    log = Log()
    with RunningSite("up" if services else "serve", folder / "log", stop_seconds=120) as site:
        faults = faults_for(site, services, kills)
        seconds = vote(site, f"/rounds/{round.slug}/vote/check/", voters, log, clients, faults)
        seconds_until(lambda: _batches(round) >= 1, 60)
        print(f"  {_batches(round)} batches were sealed by the sweeps while people voted")
    answers(voters, log, seconds)
    return judge(round, voters, log, folder)


def faults_for(site: RunningSite, services: Services | None, kills: int) -> list[Callable[[], None]]:
    if services is None:
        return [lambda: take_down_and_up(site)] * kills
    restart = lambda: services.postgres_control("restart", "-m", "immediate")  # noqa: E731 - one of two
    return [lambda: kill_web(site), restart] * kills


def kill_web(site: RunningSite) -> None:
    """The supervisor starts another."""
    pid = pid_of(site, "web")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    seconds_until(lambda: pid_of(site, "web") != pid)


def take_down_and_up(site: RunningSite) -> None:
    """It counts as up when it listens: everyone asks at once, and its health has to wait in line."""
    assert site.process is not None
    site.process.send_signal(signal.SIGKILL)
    site.process.wait()
    site.start()
    seconds_until(lambda: "Good Local is at" in site.log.read_text())


def vote(
    site: RunningSite, path: str, voters: list[Voter], log: Log, clients: int, faults: list[Callable[[], None]]
) -> float:
    """Everyone votes, and each fault comes when its share of the ballots is in; how many seconds it took."""
    started = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        sent = [pool.submit(one, site, path, voter, log) for voter in voters]
        try:
            for number, fault in enumerate(faults, start=1):
                share = len(voters) * number // (len(faults) + 1)
                seconds_until(lambda share=share: len(log.receipts) >= share, PATIENCE)  # type: ignore[misc]
                fault()
        except BaseException:
            log.over = True
            raise
        for future in sent:
            future.result()
    return time.monotonic() - started


def one(site: RunningSite, path: str, voter: Voter, log: Log) -> None:
    """Each ballot in turn; another copy of it at the same moment where the voter clicks twice."""
    for revision in range(len(voter.choices)):
        copy = threading.Thread(target=insist, args=(site, path, voter, log, revision))
        if voter.twice:
            copy.start()
        insist(site, path, voter, log, revision)
        if voter.twice:
            copy.join()


def _batches(round: Round) -> int:
    return BoardEntry.objects.filter(round=round, kind=BoardEntry.Kind.BATCH).count()


def answers(voters: list[Voter], log: Log, seconds: float) -> None:
    times = sorted(receipt.seconds for receipt in log.receipts)
    twice, changed = sum(voter.twice for voter in voters), sum(len(voter.choices) > 1 for voter in voters)
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
    print(f"  {len(voters)} voters in {seconds:.0f} s; {twice} sent everything twice, {changed} changed their vote")
    created = sum(receipt.created for receipt in log.receipts)
    print(f"  {len(times)} receipts, {created} of them for a new ballot; p50 {p50:.2f} s, p95 {p95:.2f} s")
    print(f"  {log.unanswered} requests met a dead site and {log.busy} were asked to come back (503): all sent again")


def judge(round: Round, voters: list[Voter], log: Log, folder: Path) -> bool:
    said, found = receipts_of(voters, log)
    found += problems_of_the_box(round, said)
    Round.objects.filter(pk=round.pk).update(voting_closes_at=timezone.now() - timedelta(seconds=1))
    found += finish(round, said, folder)
    print(f"  {len(said)} acknowledged, in the box and counted" if not found else "  " + "\n  ".join(found))
    return not found
