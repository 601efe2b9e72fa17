"""Challenges: somebody says that something is wrong with a vote, and the organisers answer before it is certified."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from budgets.models.rounds import Round


def challenged_until(round: Round) -> datetime:
    """Until when the result can be challenged: so many days after it was first shown, as the frozen rules say; before that,
    the earliest that this can be."""
    return round.challengeable_until or round.voting_closes_at + timedelta(days=round.challenge_days)


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def unanswered(self) -> "ChallengeQuerySet":
        return self.filter(answered_at=None)


class Challenge(models.Model):
    """Seen by whoever handed it in and by the organisers; everyone sees only how many there were and were answered."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="challenges")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="challenges")
    text = models.TextField()
    handed_in_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        ordering = ["-handed_in_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "person"], condition=Q(answered_at=None), name="one_open_challenge_per_person"
            ),
            models.CheckConstraint(
                name="an_answered_challenge_has_an_answer",
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.text[:60]}"
