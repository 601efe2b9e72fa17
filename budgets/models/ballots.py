"""Ballots: one record per elector with a section per pot. No user, no network address, no time."""

import hashlib
import json
import uuid

from django.db import models
from django.db.models import Count

from budgets.models.rounds import Round
from budgets.rules import canonical


def ballot_leaf(round_slug: str, rules_hash: str, selections: str, salt: str) -> str:
    """SHA-256(0x00 ‖ canonical JSON of round, rules, selections, salt), hexadecimal (RFC 6962's leaf prefix)."""
    document = {
        "round": round_slug,
        "rules_hash": rules_hash,
        "salt": salt,
        "selections": json.loads(selections),
        "v": 1,
    }
    return hashlib.sha256(b"\x00" + canonical(document).encode()).hexdigest()


class BallotQuerySet(models.QuerySet["Ballot"]):
    def grouped(self) -> models.QuerySet["Ballot", tuple[str, int]]:
        """Identical ballots once, with how many there are: (canonical selections, count)."""
        return self.order_by().values_list("selections").annotate(weight=Count("pk"))


class Ballot(models.Model):
    """Written only by `budgets.actions.ballots.cast_ballot` and by imports; corrections are revisions by the elector."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    round = models.ForeignKey(Round, models.CASCADE, related_name="ballots")
    # HMAC(urn key, round, elector): makes casting idempotent without naming the elector. Null on imported ballots.
    handle = models.CharField(max_length=64, null=True)
    # Canonical JSON (sorted keys, no spaces): {"<pot key>": ["<project code>", …sorted]}
    selections = models.TextField()
    salt = models.CharField(max_length=32)  # 128 bits, hexadecimal
    leaf = models.CharField(max_length=64)  # SHA-256, hexadecimal: the receipt
    revision = models.PositiveIntegerField(default=0)

    objects = BallotQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("round", "handle", name="one_ballot_per_elector")]

    def __str__(self) -> str:
        return str(self.id)

    def sections(self) -> dict[str, list[str]]:
        """Pot key → project codes."""
        chosen: dict[str, list[str]] = json.loads(self.selections)
        return chosen


class BallotCount(models.Model):
    """ "Ballots so far" as last refreshed: a number that lags by some seconds, so that it tells nothing about anyone."""

    round = models.OneToOneField(Round, models.CASCADE, related_name="ballot_count")
    ballots = models.PositiveIntegerField(default=0)
    refreshed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.ballots)
