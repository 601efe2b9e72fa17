"""Every factory makes a row that the database accepts, on both databases."""

import pytest

from tests import factories
from tests.factories import NOW, BallotFactory, PotFactory, ProjectFactory, RoundFactory, freeze

TRAITS = ["announced", "shaping", "review", "voting", "closed", "delivery", "hidden", "imported", "knapsack", "anyone"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in factories.__all__ if name.endswith("Factory")])
def test_a_factory_makes_a_valid_row(name: str) -> None:
    row = getattr(factories, name)()
    row.refresh_from_db()
    assert str(row)


@pytest.mark.django_db
@pytest.mark.parametrize("trait", TRAITS)
def test_a_round_in_each_phase(trait: str) -> None:
    assert RoundFactory(**{trait: True}).pk


@pytest.mark.django_db
def test_a_frozen_voting_round_is_open() -> None:
    round = RoundFactory(voting=True)
    project = ProjectFactory(pot=PotFactory(round=round))
    freeze(round)
    assert round.is_open(NOW)
    ballot = BallotFactory(round=round, choices={project.pot.key: [project.code]})
    assert ballot.selections == f'{{"{project.pot.key}":["{project.code}"]}}'
