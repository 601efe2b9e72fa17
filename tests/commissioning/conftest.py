"""A town whose vote is certified: two funded projects, and a council that has to answer for them."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from budgets.actions.results import publish_results
from budgets.actions.tallies import count_round
from commissioning.actions.cases import open_cases
from commissioning.models import Body, Case
from participation.accounts.models import User
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, certify, staff_of
from tests.factories.bodies import BodyFactory, member_of


@dataclass
class Desk:
    town: Town
    body: Body
    cora: User  # answers for the body
    olive: User  # organiser

    def case(self, code: str = "1") -> Case:
        return Case.objects.get(project__code=code)


@pytest.fixture
def certified(db: None) -> Desk:
    """Benches and trees of the whole pot are funded; the swing of the ward's pot too. Nothing is opened yet."""
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    for n in range(5):
        BallotFactory(round=town.round, choices={"whole": ["1", "3"] if n else ["2"], "ward": ["4"]})
    count_round(round_id=town.round.pk, now=NOW)
    publish_results(by=None, round_id=town.round.pk, now=NOW)
    olive = staff_of(town.place, "organiser")
    certify(by=olive, round_id=town.round.pk, now=NOW + timedelta(hours=1))
    body = BodyFactory(place=town.place)
    return Desk(town, body, member_of(body), olive)


@pytest.fixture
def desk(certified: Desk) -> Desk:
    open_cases(round_id=certified.town.round.pk, now=NOW)
    return certified
