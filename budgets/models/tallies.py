"""A tally: one computed count of one pot, kept for good and keyed by what went in."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from budgets.models.rounds import Pot


class Tally(models.Model):
    class State(models.TextChoices):
        RUNNING = "running", _("Being counted")
        DONE = "done", _("Counted")
        FAILED = "failed", _("Could not be counted")

    MOVES = {State.RUNNING: {State.DONE, State.FAILED}, State.FAILED: {State.RUNNING}, State.DONE: set()}

    pot = models.ForeignKey(Pot, models.CASCADE, related_name="tallies")
    rule = models.CharField(max_length=60)  # the preset's name
    rule_digest = models.CharField(max_length=64)
    version = models.CharField(max_length=40)  # of the counting engine
    election_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RUNNING)
    outcome: Any = models.JSONField(null=True)  # what budgets.tally.count returned, as JSON
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = _("tallies")
        constraints = [
            models.UniqueConstraint(
                "pot", "rule_digest", "version", "election_digest", name="the_same_count_is_one_row"
            ),
            models.CheckConstraint(
                name="a_tally_that_is_done_has_an_outcome", condition=~Q(state="done") | Q(outcome__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pot} by {self.rule}"
