"""A tally: one computed count of one pot, kept for good and keyed by what went in."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from budgets.models.rounds import Pot


class TallyQuerySet(models.QuerySet["Tally"]):
    def light(self) -> "TallyQuerySet":
        """Without the long documents, for pages that only say how far a count is."""
        return self.defer("outcome", "analysis")


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
    # How many ballots had been struck out, at least, when these were read: one more, and they are not the box any more.
    strikes = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RUNNING)
    outcome: Any = models.JSONField(null=True)  # what budgets.tally.count returned, as JSON
    # What `budgets.tally.analysis` found about the outcome, once that is done; {"failed": why} where it could not be.
    analysis: Any = models.JSONField(null=True)
    # While it is counted: {"stage", "step", "share": minor units a voter or absent, "at": when this was said}.
    progress: Any = models.JSONField(null=True, editable=False)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = TallyQuerySet.as_manager()

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
