"""Many voters cast at once over HTTP against `manage.py serve`, each ballot sent twice, the process killed on the way.

The oracle is the client's own log: every receipt it was given must lie in the box, once for each elector.
"""

from __future__ import annotations

import http.client
import json
import random
import signal
import statistics
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections
from django.db.models import Count
from django.test import Client

from benchmarks.drills.load import seconds_until
from budgets.models import Elector, Round, UrnBallot
from tests.factories import PotFactory, ProjectFactory, RoundFactory, UserFactory, freeze
from tests.running import RunningSite

VOTERS, AT_ONCE, KILLS = 150, 20, 2
PATIENCE = 200  # seconds that a voter goes on trying
SECRET = "a" * 32  # double-submit: cookie and header only have to agree


@dataclass(slots=True)
class Log:
    """What the clients were told."""

    receipts: dict[int, set[str]] = field(default_factory=dict)  # voter → every receipt given
    seconds: list[float] = field(default_factory=list)
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Voter:
    number: int
    session: str
    body: str


def drill(folder: Path) -> bool:
    random.seed(11)
    round = RoundFactory(voting=True, anyone=True, max_choices=3)
    pot = PotFactory(round=round, key="town")
    codes = [ProjectFactory(pot=pot, code=f"p{n}").code for n in range(12)]
    freeze(round)
    voters = [voter(number, random.sample(codes, random.randint(1, 3))) for number in range(VOTERS)]
    connections.close_all()
    log = Log()
    with RunningSite("serve", folder / "log") as site:
        path = f"/rounds/{round.slug}/vote/check/"
        with ThreadPoolExecutor(AT_ONCE) as pool:
            # the same ballot twice, far enough apart that some go together and some do not
            sent = [pool.submit(insist, site, path, each, log) for each in voters for _twice in range(2)]
            for kill in range(1, KILLS + 1):
                seconds_until(lambda so_far=kill: len(log.seconds) >= so_far * VOTERS // 2)  # type: ignore[misc]
                take_down_and_up(site)
            for future in sent:
                future.result()
    return judge(round, log)


def voter(number: int, codes: list[str]) -> Voter:
    client = Client()
    client.force_login(UserFactory())
    body = urllib.parse.urlencode([*(("pot-town", code) for code in codes), ("old_enough", "on")])
    return Voter(number, client.cookies["sessionid"].value, body)


def insist(site: RunningSite, path: str, voter: Voter, log: Log) -> None:
    """Send until there is an answer, as a person would who saw an error page."""
    gives_up = time.monotonic() + PATIENCE
    while (started := time.monotonic()) < gives_up:
        try:
            status, answer = post(site.port, path, voter)
        except (OSError, http.client.HTTPException):
            with log.lock:
                log.unanswered += 1
            time.sleep(0.5)
            continue
        with log.lock:
            if status in {200, 201}:
                log.receipts.setdefault(voter.number, set()).add(json.loads(answer)["receipt"])
                log.seconds.append(time.monotonic() - started)
                return
            if status != 503:
                log.refused.append(f"{status} {answer[:200]!r}")
                return
        time.sleep(0.5)
    log.refused.append("no answer at all")


def post(port: int, path: str, voter: Voter) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {
            "Host": f"localhost:{port}", "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={voter.session}; csrftoken={SECRET}", "X-CSRFToken": SECRET,
        }  # fmt: skip
        connection.request("POST", path, voter.body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def take_down_and_up(site: RunningSite) -> None:
    assert site.process is not None
    site.process.send_signal(signal.SIGKILL)
    site.process.wait()
    site.__enter__()


def judge(round: Round, log: Log) -> bool:
    """Receipts against the box."""
    box = set(UrnBallot.objects.filter(round=round).values_list("leaf", flat=True))
    given = {receipt for receipts in log.receipts.values() for receipt in receipts}
    lost = len(given - box)
    several = sum(len(receipts) > 1 for receipts in log.receipts.values())
    double = UrnBallot.objects.filter(round=round).values("handle").annotate(n=Count("pk")).filter(n__gt=1).count()
    voted = Elector.objects.filter(round=round, status=Elector.Status.VOTED).count()
    p95 = statistics.quantiles(log.seconds, n=20)[-1] if len(log.seconds) > 1 else 0.0
    print(f"  {VOTERS} voters, each ballot sent twice, {AT_ONCE} at once, the site killed {KILLS} times")
    print(f"  {log.unanswered} requests met a dead site and were sent again; p95 of the answers {p95:.2f} s")
    print(f"  voters with a receipt {len(log.receipts)}, electors that voted {voted}, ballots in the box {len(box)}")
    print(f"  {lost} lost, {double + several} double, {len(log.refused)} refused {log.refused[:2] or ''}")
    return not lost and not double and not several and not log.refused and len(box) == voted == VOTERS
