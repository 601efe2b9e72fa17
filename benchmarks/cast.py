"""How fast ballots go into the box, over HTTP against the real server: casts a second, how long a voter waits, and the
processor time and the queries that one cast costs, on PostgreSQL (`up --web 2`) and on SQLite (`serve`).

    python benchmarks/cast.py [postgresql|sqlite]      VOTERS=2000 CLIENTS=50

The clients run on the same cores as the site and the database, so what the site could do alone is more.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.drills import BOTH  # noqa: E402 - after the path
from benchmarks.drills.stage import load, stage  # noqa: E402

AIM = {"postgresql": 100, "sqlite": 60}  # casts a second on two cores
WARM = 40  # casts before the clock starts


def main(database: str) -> bool:
    with stage(database, 600) as (folder, services):
        from django.db import connections

        from benchmarks.drills.cast import one
        from benchmarks.drills.restart import pid_of
        from benchmarks.drills.voters import Log, make_voters, size, voting_round
        from tests.running import RunningSite

        number, clients = size("VOTERS", 1500), size("CLIENTS", 32)
        round, ward = voting_round()
        voters = make_voters(number + WARM, ward, random.Random(1))
        print(f"{database}: {queries(round, ward)} queries in one request; {number} voters, {clients} at once")
        connections.close_all()
        log = Log()
        running = RunningSite("up" if services else "serve", folder / "log")
        running.command += ["--web", "2"] if services else []
        with running as site:
            assert site.process is not None
            path = f"/rounds/{round.slug}/vote/check/"
            # In `serve` the worker and beat are in the same process.
            webs = [pid_of(site, name) for name in ("web", "web2")] if services else [site.process.pid]
            watched = {"web": webs} | ({"database": [services.postgres_process()]} if services else {})
            with ThreadPoolExecutor(clients) as pool:
                list(pool.map(lambda voter: one(site, path, voter, log), voters[:WARM]))
                log = Log()
                before, started = {name: cpu_seconds(pids) for name, pids in watched.items()}, time.monotonic()
                list(pool.map(lambda voter: one(site, path, voter, log), voters[WARM:]))
                seconds = time.monotonic() - started
            cpu = {name: (cpu_seconds(pids) - before[name]) / number * 1000 for name, pids in watched.items()}
        times = sorted(receipt.seconds for receipt in log.receipts)
        print(
            f"  {len(times) / seconds:.0f} casts/s (aim {AIM[database]}); p50 {statistics.median(times) * 1000:.0f} ms, "
            f"p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms; CPU per cast: "
            + ", ".join(f"{name} {spent:.1f} ms" for name, spent in cpu.items())
        )
        print(f"  {log.busy} answered 503, {log.unanswered} not at all, {len(log.refused)} refused; {load()}")
        return len(times) == number


def queries(round: object, ward: object) -> int:
    """Of one whole request of somebody who is signed in, the transaction's beginning and end among them."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tests.factories import resident_of

    client = Client(headers={"host": "localhost", "accept": "application/json"})
    found = 0
    for _turn in range(2):  # the first one in a process also asks who administers the site
        client.force_login(resident_of(ward))  # type: ignore[arg-type]
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(f"/rounds/{round.slug}/vote/check/", {"pot-town": ["town1"], "old_enough": "on"})  # type: ignore[attr-defined]
        assert answer.status_code == 201, answer.content
        found = len(captured)
    return found


def cpu_seconds(pids: list[int | None]) -> float:
    """Processor time of these processes and of all that they started, those that have ended among them."""
    children: dict[int, list[int]] = {}
    spent: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(rest[1]), []).append(number)
        spent[number] = sum(map(int, rest[11:15]))
    ticks, tree = 0, [pid for pid in pids if pid]
    while tree:
        process = tree.pop()
        ticks += spent.get(process, 0)
        tree += children.get(process, [])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(0 if main(sys.argv[1]) else 1)
    # one process each: settings are read once
    sys.exit(max(subprocess.run([sys.executable, __file__, database], check=False).returncode for database in BOTH))
