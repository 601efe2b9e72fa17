"""Strikes: an elector is struck off the roll of a closed round, and the ballot with them. Two people decide."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from budgets.models.roll import Elector
from budgets.models.rounds import Round


class StrikeQuerySet(models.QuerySet["Strike"]):
    def of_round(self, round: Round) -> "StrikeQuerySet":
        return self.filter(elector__round=round)

    def waiting(self) -> "StrikeQuerySet":
        """Those that a second person has to decide about."""
        return self.filter(state=Strike.State.PROPOSED)


class Strike(models.Model):
    """Names the elector and never a ballot: which leaf was struck stands on the board alone."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waits for a second person")
        CONFIRMED = "confirmed", _("Struck out")
        DECLINED = "declined", _("Not struck out")

    MOVES = {State.PROPOSED: {State.CONFIRMED, State.DECLINED}, State.CONFIRMED: set(), State.DECLINED: set()}

    class Reason(models.TextChoices):
        NOT_ENTITLED = "not_entitled", _("Not entitled to vote in this round")
        SECOND_BALLOT = "second_ballot", _("A second ballot of the same person")
        NO_PERSON = "no_person", _("No real person stands behind the account")
        SOMEONE_ELSE = "someone_else", _("Cast by someone else than the voter")
        ASKED = "asked", _("The voter asked for it")

    elector = models.ForeignKey(Elector, models.CASCADE, related_name="strikes")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    explanation = models.CharField(max_length=300, blank=True)  # public, with the reason
    note = models.TextField()  # for organisers: what it rests on
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = StrikeQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["elector"], condition=~Q(state="declined"), name="one_standing_strike_per_elector"
            ),
            models.CheckConstraint(
                name="a_decided_strike_has_a_time", condition=Q(state="proposed") ^ Q(decided_at__isnull=False)
            ),
            models.CheckConstraint(
                name="a_strike_takes_two_people", condition=~Q(state="confirmed", decided_by=F("proposed_by"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.elector_id}: {self.get_state_display()}"

    def public_reason(self) -> str:
        """As it stands on the board."""
        label = str(self.Reason(self.reason).label)
        return f"{label}: {self.explanation}" if self.explanation else label
