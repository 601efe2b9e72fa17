"""A small town that votes: two wards, a pot for everyone and one for the first ward."""

from dataclasses import dataclass

import pytest

from budgets.actions import sweeps, tallies
from budgets.actions.board import LEAST_BATCH, seal
from budgets.models import Pot, Project, Round, UrnBallot
from participation.accounts.models import User
from participation.models import Place
from tests.factories import (
    BallotFactory,
    PlaceFactory,
    PotFactory,
    ProjectFactory,
    RoundFactory,
    WardFactory,
    freeze,
    resident_of,
)


@pytest.fixture(autouse=True)
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule to compare with is a process of its own: two of them show as much as all."""
    for module in (tallies, sweeps):
        monkeypatch.setattr(module, "COMPARED", ("equal-shares", "greedy"))


@dataclass
class Town:
    place: Place
    wards: list[Place]
    round: Round
    whole: Pot
    ward: Pot
    benches: Project  # £6,000 of the whole pot of £10,000
    lights: Project  # £5,000 of it
    trees: Project  # £3,000 of it
    swing: Project  # £2,000 of the ward's £4,000

    def resident(self, ward: int = 0, **fields: object) -> User:
        return resident_of(self.wards[ward], **fields)


def build_town(**round_fields: object) -> Town:
    place = PlaceFactory()
    wards = [WardFactory(parent=place), WardFactory(parent=place)]
    round = RoundFactory(place=place, **{"voting": True, "max_choices": 2, **round_fields})
    whole = PotFactory(round=round, key="whole", name="Whole town", amount=1_000_000)
    ward = PotFactory(round=round, key="ward", name="First ward", amount=400_000, area=wards[0])

    def project(pot: Pot, code: str, name: str, cost: int) -> Project:
        return ProjectFactory(pot=pot, code=code, name=name, cost=cost, submission=None)

    town = Town(
        place, wards, round, whole, ward,
        benches=project(whole, "1", "Benches", 600_000),
        lights=project(whole, "2", "Lights", 500_000),
        trees=project(whole, "3", "Trees", 300_000),
        swing=project(ward, "4", "Swing", 200_000),
    )  # fmt: skip
    freeze(round)
    return town


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


def seal_all(town: Town) -> None:
    """Let more people vote until every ballot that is in the box now stands on the board: each batch leaves some behind."""
    mine = list(UrnBallot.objects.filter(round=town.round, batch=None).values_list("leaf", flat=True))
    while not seal(round_id=town.round.pk) or UrnBallot.objects.filter(leaf__in=mine, batch=None).exists():
        for _ in range(LEAST_BATCH):
            BallotFactory(round=town.round, choices={"whole": ["1"]})
