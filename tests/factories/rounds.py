"""Rounds in each phase, with their pots and funders. Times are relative to NOW."""

from datetime import datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from budgets import rules
from budgets.actions import board
from budgets.keys import make_keys
from budgets.models import Funder, Pot, Round
from tests.factories.places import PlaceFactory
from tests.factories.time import NOW

DAY = timedelta(days=1)


def timetable(now: datetime, *days: float) -> dict[str, datetime]:
    """Six moments as days from `now`: proposing, shaping, review, voting, close, delivery."""
    names = ("proposing_opens_at", "shaping_opens_at", "review_opens_at", "voting_opens_at", "voting_closes_at")
    return {name: now + day * DAY for name, day in zip((*names, "delivery_opens_at"), days, strict=True)}


def freeze(round: Round, now: datetime = NOW) -> Round:
    """Freeze the rules as they stand, without asking anyone: call it once pots and projects exist."""
    round.rules = round.configuration("a seed for tests", board_key=make_keys())
    round.rules_hash = rules.digest(round.rules)
    round.rules_frozen_at = now
    round.save()
    board.write(round, "open", {"rules_hash": round.rules_hash, "board_key": round.rules["board_key"]})
    return round


class RoundFactory(DjangoModelFactory[Round]):
    """A public round where people propose ideas; traits name the other phases.

    `voting` and `closed` rounds still need `freeze(round)` once their pots and projects exist: without frozen rules a
    round stays in review.
    """

    class Meta:
        model = Round

    class Params:
        announced = factory.Trait(**timetable(NOW, 10, 20, 25, 30, 40, 50))
        shaping = factory.Trait(**timetable(NOW, -10, -1, 10, 20, 30, 40))
        review = factory.Trait(**timetable(NOW, -20, -10, -1, 10, 20, 30))
        voting = factory.Trait(**timetable(NOW, -30, -20, -10, -1, 10, 20))
        closed = factory.Trait(**timetable(NOW, -40, -30, -20, -10, -1, 10))
        delivery = factory.Trait(**timetable(NOW, -60, -50, -40, -30, -20, -10))
        hidden = factory.Trait(published_at=None)
        imported = factory.Trait(origin=Round.Origin.IMPORTED)
        knapsack = factory.Trait(ballot_format=Round.Format.KNAPSACK)
        anyone = factory.Trait(eligibility=Round.Eligibility.EMAIL)

    place = factory.SubFactory(PlaceFactory)
    slug = factory.Sequence(lambda n: f"round-{n}")
    title = factory.Sequence(lambda n: f"Our streets {n}")
    question = "What would make our streets better?"
    description = "Forty thousand pounds for small things in every ward."
    created_at = NOW - 60 * DAY
    challenge_days = 0  # so that a test need not wait to certify
    published_at = NOW - 50 * DAY
    proposing_opens_at = NOW - 5 * DAY
    shaping_opens_at = NOW + 5 * DAY
    review_opens_at = NOW + 10 * DAY
    voting_opens_at = NOW + 20 * DAY
    voting_closes_at = NOW + 30 * DAY
    delivery_opens_at = NOW + 40 * DAY


class PotFactory(DjangoModelFactory[Pot]):
    """A pot of £20,000 that two agencies pay into; `funders` gives other ones as [(name, pence), …]."""

    class Meta:
        model = Pot
        skip_postgeneration_save = True

    round = factory.SubFactory(RoundFactory)
    key = factory.Sequence(lambda n: f"pot-{n}")
    name = factory.Sequence(lambda n: f"The whole town {n}")
    amount = 2_000_000  # £20,000 in pence

    @factory.post_generation
    def funders(self: Pot, create: bool, extracted: list[tuple[str, int]] | None, **kwargs: Any) -> None:  # type: ignore[misc]
        if not create:
            return
        part = self.amount // 4
        for name, amount in extracted or [("The council", self.amount - part), ("The housing association", part)]:
            FunderFactory(pot=self, name=name, amount=amount)


class FunderFactory(DjangoModelFactory[Funder]):
    class Meta:
        model = Funder

    pot = factory.SubFactory(PotFactory)
    name = factory.Sequence(lambda n: f"Agency {n}")
    amount = 100_000
