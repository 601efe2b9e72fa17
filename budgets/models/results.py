"""A result: a tally made public, frozen as a snapshot. Pages, blocks and exports read nothing else."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from budgets.models.rounds import Pot, Round
from budgets.models.tallies import Tally


class ResultQuerySet(models.QuerySet["Result"]):
    def of_round(self, round: Round) -> "ResultQuerySet":
        """The published result of each pot, in the order of the pots."""
        return self.filter(pot__round=round).select_related("pot").order_by("pot__position", "pot_id")

    def certified(self) -> "ResultQuerySet":
        return self.filter(state=Result.State.CERTIFIED)

    def outdated(self) -> "ResultQuerySet":
        """Provisional results of rounds run here whose pot has been counted again by the same rule: other ballots, after
        some were struck out, or the same ones with another outcome. A count that began before a strike is none."""
        again = Tally.objects.filter(
            ~Q(election_digest=OuterRef("tally__election_digest"))
            | (
                Q(finished_at__gt=OuterRef("tally__finished_at"))
                & (
                    ~Q(outcome__selected=OuterRef("tally__outcome__selected"))
                    | ~Q(outcome__cost=OuterRef("tally__outcome__cost"))
                )
            ),
            pot=OuterRef("pot"),
            rule=OuterRef("tally__rule"),
            state=Tally.State.DONE,
            strikes__gte=OuterRef("tally__strikes"),
        )
        own = self.filter(pot__round__origin=Round.Origin.OWN, pot__round__recount_due=False)
        return own.filter(Exists(again), state=Result.State.PROVISIONAL)


class Result(models.Model):
    class State(models.TextChoices):
        PROVISIONAL = "provisional", _("Provisional")
        CERTIFIED = "certified", _("Certified")

    MOVES = {State.PROVISIONAL: {State.CERTIFIED}, State.CERTIFIED: set()}

    pot = models.OneToOneField(Pot, models.PROTECT, related_name="result")
    tally = models.ForeignKey(Tally, models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=State.choices, default=State.PROVISIONAL)
    snapshot: Any = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    certified_at = models.DateTimeField(null=True)
    certified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = ResultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_certified_result_has_a_time", condition=Q(state="provisional") ^ Q(certified_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pot}: {self.get_state_display()}"
