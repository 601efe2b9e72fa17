"""Electors and ballots, for tests that need many without casting each: real ones go through `cast_ballot`."""

import json
from typing import Any

import factory
from factory.django import DjangoModelFactory

from budgets.models import Elector, UrnBallot
from budgets.proofs import ballot_leaf
from tests.factories.people import UserFactory
from tests.factories.rounds import RoundFactory


class ElectorFactory(DjangoModelFactory[Elector]):
    class Meta:
        model = Elector

    round = factory.SubFactory(RoundFactory, voting=True)
    person = factory.SubFactory(UserFactory)
    token = factory.Sequence(lambda n: f"{n:064x}")
    assurance = Elector.Assurance.POSTCODE


class BallotFactory(DjangoModelFactory[UrnBallot]):
    """A ballot in the urn, and its elector; `choices={pot key: [project codes]}` says what it holds."""

    class Meta:
        model = UrnBallot
        skip_postgeneration_save = True

    class Params:
        choices: dict[str, Any] = {}

    round = factory.SubFactory(RoundFactory, voting=True)
    handle = factory.Sequence(lambda n: f"{n:064x}")
    selections = factory.LazyAttribute(
        lambda o: json.dumps({k: sorted(v) for k, v in o.choices.items()}, sort_keys=True, separators=(",", ":"))
    )
    salt = factory.Sequence(lambda n: f"{n:032x}")
    leaf = factory.LazyAttribute(lambda o: ballot_leaf(o.round.slug, o.round.rules_hash, o.selections, o.salt))

    @factory.post_generation
    def elector(self: UrnBallot, create: bool, extracted: Any, **kwargs: Any) -> None:  # type: ignore[misc]
        if create:
            ElectorFactory(round=self.round, person=None, status=Elector.Status.VOTED)
