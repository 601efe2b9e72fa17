"""Errata: corrections of what a certified round says about itself. They are added to the board; nothing else changes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from budgets.models.rounds import Round


class ErratumQuerySet(models.QuerySet["Erratum"]):
    def published(self) -> "ErratumQuerySet":
        return self.filter(state=Erratum.State.PUBLISHED).order_by("decided_at", "pk")


class Erratum(models.Model):
    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waits for a second person")
        PUBLISHED = "published", _("On the board")
        DROPPED = "dropped", _("Dropped")

    MOVES = {State.PROPOSED: {State.PUBLISHED, State.DROPPED}, State.PUBLISHED: set(), State.DROPPED: set()}

    round = models.ForeignKey(Round, models.CASCADE, related_name="errata")
    text = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ErratumQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        verbose_name_plural = _("errata")
        constraints = [
            models.CheckConstraint(
                name="a_decided_erratum_has_a_time", condition=Q(state="proposed") ^ Q(decided_at__isnull=False)
            ),
            models.CheckConstraint(
                name="an_erratum_takes_two_people", condition=~Q(state="published", decided_by=F("proposed_by"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.text[:60]}"
