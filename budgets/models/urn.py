"""The urn: ballots while a round is open, until its result is certified. No user, no network address, no time."""

import hashlib
import hmac
from typing import Any

from django.db import models
from django.db.models import Count, Q

from budgets.keys import urn_key
from budgets.models.ballots import AnyBallot, Ballot
from budgets.models.roll import Elector
from budgets.models.rounds import Round


def handle_of(elector: Elector, round: Round) -> str:
    """Under which name this elector's ballot lies in the urn; leads nowhere without the urn's key (KeyGoneError)."""
    message = f"urn|{round.pk}|{elector.pk}"
    return hmac.new(urn_key(round.rules["board_key"]), message.encode(), hashlib.sha256).hexdigest()


class UrnQuerySet(models.QuerySet["UrnBallot"]):
    def standing(self) -> "UrnQuerySet":
        """The ballots that count: not replaced by a later one, not struck."""
        return self.filter(state=UrnBallot.State.STANDING)


class UrnBallot(AnyBallot):
    """Written only by `budgets.actions.ballots.cast_ballot`; emptied when the result is certified."""

    class State(models.TextChoices):
        STANDING = "standing"
        SUPERSEDED = "superseded"  # the elector cast another; only the leaf is kept, because it stands on the board
        STRUCK = "struck"  # nor is more kept of one that was struck out

    round = models.ForeignKey(Round, models.CASCADE, related_name="urn")
    # HMAC(urn key, round, elector): makes casting idempotent without naming the elector.
    handle = models.CharField(max_length=64, null=True)
    revision = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State.choices, default=State.STANDING)

    objects = UrnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("round", "handle", name="one_ballot_in_the_urn_per_elector"),
            models.UniqueConstraint("round", "leaf", name="one_place_in_the_urn_per_leaf"),
            models.CheckConstraint(
                name="only_a_standing_ballot_has_a_handle", condition=Q(state="standing") ^ Q(handle__isnull=True)
            ),
        ]
        indexes = [models.Index(fields=["round", "batch"])]


def counted_ballots(round: Round) -> models.QuerySet[Any]:
    """The ballots that count: the public ones of a certified or imported round, otherwise those standing in the urn."""
    if round.is_imported or round.ballots.exists():
        return Ballot.objects.filter(round=round)
    return UrnBallot.objects.filter(round=round).standing()


def grouped_ballots(round: Round) -> models.QuerySet[Any, tuple[str, int]]:
    """The same, identical ballots once: (canonical selections, how many)."""
    ballots = counted_ballots(round).order_by().values_list("selections")
    grouped: models.QuerySet[Any, tuple[str, int]] = ballots.annotate(weight=Count("pk"))
    return grouped
