"""A case: what a public body does about one funded project, from the result to what was learned."""

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from budgets.models import Project, Round
from commissioning import rules
from commissioning.models.bodies import Body
from participation.models import Place

if TYPE_CHECKING:
    from participation.accounts.models import User

_UNANSWERED = sorted(state.value for state in rules.UNANSWERED)  # as migrations write it


def overdue(today: date) -> Q:
    """Not answered by the day it should have been: the same as `Case.is_overdue`."""
    return Q(state__in=_UNANSWERED, reply_due_on__lt=today)


class CaseQuerySet(models.QuerySet["Case"]):
    def listed(self) -> "CaseQuerySet":
        """All that a card needs."""
        return (
            self.select_related("body__organisation", "project__area", "project__proposal", "round__place")
            .prefetch_related("project__proposal__pictures")
            .defer("round__rules", "round__place__boundary")
        )

    def of_member(self, user: "User") -> "CaseQuerySet":
        return self.filter(body__members__user=user.pk)

    def within(self, place: Place) -> "CaseQuerySet":
        return self.filter(round__place__in=Place.objects.within(place))

    def overdue(self, today: date) -> "CaseQuerySet":
        """Not answered by the day it should have been."""
        return self.filter(overdue(today))


class Case(models.Model):
    """Opened by `commissioning.actions.cases.open_cases`, moved by `move_case` alone: one state after the other."""

    class State(models.TextChoices):
        SENT = rules.State.SENT, _("Sent")
        RECEIVED = rules.State.RECEIVED, _("Received")
        ACCEPTED = rules.State.ACCEPTED, _("Accepted")
        CHANGED = rules.State.CHANGED, _("Accepted with changes")
        DECLINED = rules.State.DECLINED, _("Declined")
        ROUTED = rules.State.ROUTED, _("Way chosen")
        CHECKED = rules.State.CHECKED, _("Market checked")
        AWARDED = rules.State.AWARDED, _("Awarded")
        DELIVERING = rules.State.DELIVERING, _("Being delivered")
        CLOSED = rules.State.CLOSED, _("Delivered")
        LEARNED = rules.State.LEARNED, _("Learned from")

    class Route(models.TextChoices):
        GRANT = rules.Route.GRANT, _("Grant")
        CONTRACT = rules.Route.CONTRACT, _("Contract")
        IN_HOUSE = rules.Route.IN_HOUSE, _("Done by the body itself")
        ASSET = rules.Route.ASSET, _("Community asset transfer")
        VARIATION = rules.Route.VARIATION, _("Change to an existing contract")

    class Basis(models.TextChoices):
        ADVISORY = "advisory", _("The vote advises; the body decides")
        DELEGATED = "delegated", _("The body has promised to do what the vote says")

    MOVES = rules.MOVES

    round = models.ForeignKey(Round, models.PROTECT, related_name="cases")
    project = models.OneToOneField(Project, models.PROTECT, related_name="case")
    body = models.ForeignKey(Body, models.PROTECT, related_name="cases")
    state = models.CharField(max_length=20, choices=State.choices, default=State.SENT)
    title = models.CharField(_("title"), max_length=500)
    voted = models.PositiveBigIntegerField(_("what the vote gave it"))  # minor units
    opened_at = models.DateTimeField()
    reply_due_on = models.DateField(_("answer due"))
    answered_on = models.DateField(null=True)

    # The decision.
    reason = models.TextField(_("reason, shown to everyone"), blank=True)
    amount = models.PositiveBigIntegerField(_("amount accepted"), null=True)  # minor units
    decided_by = models.CharField(_("who decided"), max_length=200, blank=True)
    decided_on = models.DateField(_("day of the decision"), null=True)
    legal_basis = models.CharField(_("standing of the vote"), max_length=20, choices=Basis.choices, blank=True)
    decision_reference = models.CharField(_("reference of the decision"), max_length=200, blank=True)
    budget_line = models.CharField(_("budget line"), max_length=200, blank=True)
    strategy = models.CharField(_("strategy or plan it serves"), max_length=300, blank=True)
    equality_note = models.TextField(_("who could be affected differently, and what is done about it"), blank=True)

    # The way to it.
    route = models.CharField(_("how it is commissioned"), max_length=20, choices=Route.choices, blank=True)
    market_note = models.TextField(_("what the look at the market found"), blank=True)
    procurement = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    economy = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["reply_due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="an_answered_case_says_when",
                condition=Q(state__in=_UNANSWERED, answered_on=None)
                | (~Q(state__in=_UNANSWERED) & Q(answered_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_change_or_refusal_has_a_reason", condition=~Q(state__in=["changed", "declined"]) | ~Q(reason="")
            ),
        ]
        indexes = [models.Index(fields=["body", "state"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("commissioning:case", args=[self.pk])

    def is_overdue(self, today: date) -> bool:
        return self.state in rules.UNANSWERED and self.reply_due_on < today


class Step(models.Model):
    """One move of a case, kept for good: the timeline that everyone sees."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=Case.State.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    says = models.TextField(_("what is said with it, to everyone"), blank=True)
    told_at = models.DateTimeField(null=True, db_index=True)  # when the people concerned were told

    class Meta:
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint("case", "number", name="one_step_per_number"),
            models.UniqueConstraint("case", "state", name="no_state_twice"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number} {self.state}"
