"""Can someone with the whole database of a certified round tell whose ballot is whose? Every order that the database and its
files still hold is tried, before the roll is written anew and after; a random permutation gets one ballot right on average.

    python benchmarks/links.py [postgresql|sqlite]      VOTERS=400

What it cannot judge is what other tables tell about when somebody was here, such as sign-ups and sessions: together with a
note of when each batch appeared they may tell the batch (twenty or more ballots), never the ballot.
"""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.drills import BOTH  # noqa: E402 - after the path
from benchmarks.drills.stage import load, stage  # noqa: E402

SIGMAS = 5


def main(database: str) -> bool:
    with stage(database, 600):
        from collections import Counter

        from django.db import connection, connections
        from django.utils import timezone

        from benchmarks.drills.attacker import chance, try_everything
        from benchmarks.drills.voters import size, voting_round
        from budgets.actions.results import certify_results, publish_results
        from budgets.actions.sweeps import sweep_boards, sweep_rounds
        from budgets.models import Ballot, Round
        from participation.models.roles import RoleKind
        from tests.factories import staff_of

        number = size("VOTERS", 400)
        round, ward = voting_round()
        truth = vote(round, ward, number)
        now = timezone.now()
        Round.objects.filter(pk=round.pk).update(voting_closes_at=now - timedelta(seconds=1))
        first, second = (staff_of(round.place, RoleKind.ORGANISER) for _ in range(2))
        sweep_rounds(now=now)
        publish_results(by=first, round_id=round.pk, now=now)
        certify_results(by=second, round_id=round.pk, now=now)
        mean, spread = chance(list(Counter(Ballot.objects.values_list("batch", flat=True)).values()))
        print(f"{database}: {number} electors in {Ballot.objects.values('batch').distinct().count()} batches")
        print(f"  by chance: 1 ballot right (at most {1 + SIGMAS}), {mean:.0f} ± {spread:.0f} in the right batch")
        for title in ("while the roll lies as people voted", "once the box is open and the key destroyed"):
            connections.close_all()
            findings = try_everything(round, truth)
            most = max(findings, key=lambda finding: finding.batch)
            print(f"  {title}, {len(findings)} attacks; the best by ballots and by batches:")
            for finding in (findings[0], most):
                print(f"    {finding.right:5} right, {finding.batch:5} in the right batch: {finding.attack}")
            sweep_boards(now=now)
        print(f"  {load()}; {connection.vendor} {connection.get_database_version()}")
        return findings[0].right <= 1 + 2 * SIGMAS and most.batch <= mean + SIGMAS * spread


def vote(round: object, ward: object, number: int) -> dict[str, str]:
    """Everyone casts, one after the other; now and then the sweep seals. Elector → leaf."""
    from django.utils import timezone

    from benchmarks.drills.voters import make_voters, some_choices
    from budgets.actions.ballots import cast_ballot
    from budgets.actions.sweeps import sweep_boards
    from budgets.models import Elector
    from participation.accounts.models import User
    from participation.actions.outbox import relay_outbox

    chance, truth = random.Random(4), {}
    make_voters(number, ward, chance)  # type: ignore[arg-type]
    people = list(User.objects.filter(email__startswith="voter"))
    chance.shuffle(people)  # people do not vote in the order in which they signed up
    for turn, person in enumerate(people, start=1):
        done = cast_ballot(by=person, round_id=round.pk, selections=some_choices(chance))  # type: ignore[attr-defined]
        truth[Elector.objects.get(person=person).pk.hex] = done.receipt
        if turn % 25 == 0:
            now = timezone.now()
            relay_outbox(now=now)
            sweep_boards(now=now)
    return truth


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(0 if main(sys.argv[1]) else 1)
    sys.exit(max(subprocess.run([sys.executable, __file__, database], check=False).returncode for database in BOTH))
