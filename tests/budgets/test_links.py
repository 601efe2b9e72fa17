"""After certification nothing in the database tells whose ballot is whose. `benchmarks/links.py` tries it with more people."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.drills.attacker import Truth, chance, try_everything
from budgets.actions.ballots import cast_ballot
from budgets.actions.board import LEAST_BATCH, seal
from budgets.actions.sweeps import sweep_boards, sweep_rounds
from budgets.actions.tallies import count_round
from budgets.models import Elector, Round
from participation.actions.outbox import relay_outbox
from tests.budgets.conftest import Town, build_town
from tests.factories import certify, staff_of

pytestmark = pytest.mark.django_db(transaction=True)
BATCHES = 3


def vote(town: Town) -> Truth:
    """People vote one after the other, and are sealed as soon as there are enough; who cast which."""
    truth = {}
    for number in range(LEAST_BATCH * BATCHES):
        person = town.resident()
        done = cast_ballot(by=person, round_id=town.round.pk, selections={"whole": ["1"] if number % 3 else ["2", "3"]})
        truth[Elector.objects.get(person=person).pk.hex] = done.receipt
        if number % LEAST_BATCH == LEAST_BATCH - 1:
            relay_outbox(now=timezone.now())
            seal(round_id=town.round.pk)
    return truth


def open_the_box(town: Town) -> None:
    now = timezone.now()
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=now - timedelta(seconds=1))
    sweep_rounds(now=now)
    certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=now)


@pytest.mark.postgres
def test_what_the_close_deletes_is_swept_out() -> None:
    """PostgreSQL keeps deleted rows in the order of casting; nothing else comes by between the close and the certificate."""
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    with CaptureQueriesContext(connection) as asked:
        count_round(round_id=town.round.pk, now=timezone.now())
    assert 'VACUUM "budgets_urnballot"' in [query["sql"] for query in asked]


def test_nobody_finds_out_from_the_database_whose_ballot_is_whose() -> None:
    town = build_town(counting_rule="greedy")
    truth = vote(town)
    open_the_box(town)
    by_chance, spread = chance([LEAST_BATCH] * BATCHES)
    sweep_boards(now=timezone.now())
    findings = try_everything(town.round, truth)
    assert len(findings) > 10
    for finding in findings:
        assert finding.batch < by_chance + 5 * spread, finding
        assert finding.right < 10, finding
