"""Ballots: one record per elector with a section per pot. No user, no network address, no time."""

import json
import uuid

from django.db import models

from budgets.models.rounds import Round


class AnyBallot(models.Model):
    """What a ballot is, in the urn and in public."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    # Canonical JSON (sorted keys, no spaces): {"<pot key>": ["<project code>", …sorted]}
    selections = models.TextField()
    salt = models.CharField(max_length=32)  # 128 bits, hexadecimal
    leaf = models.CharField(max_length=64)  # SHA-256, hexadecimal: the receipt
    batch = models.PositiveIntegerField(null=True)  # the number of the board's entry that lists the leaf

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)

    def sections(self) -> dict[str, list[str]]:
        """Pot key → project codes."""
        chosen: dict[str, list[str]] = json.loads(self.selections)
        return chosen


class Ballot(AnyBallot):
    """A ballot that is public: of a certified result, written once in the order of the leaves, or imported.

    Until then it lies in the urn (`models/urn.py`). Nothing leads from here to an elector.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="ballots")

    class Meta:
        constraints = [models.UniqueConstraint("round", "leaf", name="one_ballot_per_leaf")]


class BallotCount(models.Model):
    """ "Ballots so far" as last refreshed: a number that lags by some seconds, so that it tells nothing about anyone."""

    round = models.OneToOneField(Round, models.CASCADE, related_name="ballot_count")
    ballots = models.PositiveIntegerField(default=0)
    refreshed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.ballots)
