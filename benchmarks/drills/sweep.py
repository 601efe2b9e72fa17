"""kill -9 the worker while it counts: the tally stays "running" until a sweep of the next worker finishes it."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

from benchmarks.drills.load import seconds_until
from benchmarks.drills.restart import pid_of
from budgets.models import Result, Round, Tally, UrnBallot
from tests.factories import NOW, BallotFactory, PotFactory, ProjectFactory, RoundFactory, freeze
from tests.running import RunningSite
from tests.services import Services

PROJECTS, BALLOTS, CHOICES = 100, 15_000, 8


def drill(folder: Path, services: Services | None) -> bool:
    random.seed(7)
    round = big_round()
    with RunningSite("up", folder / "log") as site:
        waited = seconds_until(lambda: Tally.objects.filter(pot__round=round).exists())
        worker = pid_of(site, "worker")
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        states = list(Tally.objects.filter(pot__round=round).values_list("state", flat=True))
        print(f"  the count of {BALLOTS:,} ballots began after {waited:.1f} s; worker killed, the tally was {states}")
        seconds_until(lambda: pid_of(site, "worker") != worker)
        finished = seconds_until(lambda: Result.objects.filter(pot__round=round).exists(), 200)
        tallies = Tally.objects.filter(pot__round=round, rule=round.counting_rule)
        print(
            f"  counted and published {finished:.1f} s after the next worker came; tallies by this rule: {tallies.count()}"
        )
        return states == [Tally.State.RUNNING] and tallies.count() == 1 and tallies[0].state == Tally.State.DONE


def big_round() -> Round:
    round: Round = RoundFactory(closed=True, max_choices=CHOICES)
    pot = PotFactory(round=round, amount=40_000_000)
    codes = [f"p{n}" for n in range(PROJECTS)]
    for code in codes:
        ProjectFactory(pot=pot, submission=None, code=code, cost=random.randint(100_000, 4_000_000))
    freeze(round, NOW)
    rows = (
        BallotFactory.build(round=round, choices={pot.key: random.sample(codes, random.randint(1, CHOICES))})
        for _ in range(BALLOTS)
    )
    UrnBallot.objects.bulk_create(rows, batch_size=2_000)
    return round
