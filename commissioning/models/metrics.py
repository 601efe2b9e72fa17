"""What a delivery is measured by: agreed beforehand and observed, in its own unit; and how much each criterion weighs."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from budgets.models import Round
from commissioning.models.bodies import Body
from commissioning.models.cases import Case
from commissioning.models.versions import Version, VersionQuerySet


class Criterion(models.TextChoices):
    ENVIRONMENT = "environment", _("Environment")
    WELLBEING = "wellbeing", _("Well-being")
    EMPLOYMENT = "employment", _("Local employment")
    COMMUNITY = "community", _("Community development")


class Weighting(models.Model):
    """How much each criterion weighs for a body in a round, in hundredths; declared before its first award there."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="weightings")
    round = models.ForeignKey(Round, models.PROTECT, related_name="weightings")
    environment = models.PositiveSmallIntegerField(Criterion.ENVIRONMENT.label)
    wellbeing = models.PositiveSmallIntegerField(Criterion.WELLBEING.label)
    employment = models.PositiveSmallIntegerField(Criterion.EMPLOYMENT.label)
    community = models.PositiveSmallIntegerField(Criterion.COMMUNITY.label)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint("body", "round", name="one_weighting_for_a_body_and_round"),
            models.CheckConstraint(
                name="weights_come_to_a_hundred",
                condition=Q(environment=100 - F("wellbeing") - F("employment") - F("community")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.environment}/{self.wellbeing}/{self.employment}/{self.community}"


class MetricQuerySet(VersionQuerySet["Metric"]):
    pass


class Metric(Version):
    class Unit(models.TextChoices):
        JOBS = "jobs", _("jobs")
        APPRENTICESHIPS = "apprenticeships", _("apprenticeships")
        HOURS = "hours", _("hours given")
        PEOPLE = "people", _("people reached")
        CARBON = "kgCO2e", _("kg CO₂e avoided")
        TREES = "trees", _("trees planted")
        LOCAL = "localSpend", _("£ spent locally")
        SAVED = "saved", _("£ saved")

    case = models.ForeignKey(Case, models.PROTECT, related_name="metrics")
    title = models.CharField(_("what is measured"), max_length=200)
    unit = models.CharField(_("unit"), max_length=20, choices=Unit.choices)
    criterion = models.CharField(_("criterion it serves"), max_length=20, choices=Criterion.choices)
    agreed = models.DecimalField(_("agreed"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])
    due_on = models.DateField(_("by when"))

    objects = MetricQuerySet.as_manager()

    class Meta(Version.Meta):
        ordering = ["pk"]
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(name="something_is_agreed", condition=Q(agreed__gt=0)),
        ]

    def __str__(self) -> str:
        return self.title


class Observation(models.Model):
    """The total so far, as measured on a day; the latest counts, and a wrong one is answered by another."""

    metric = models.ForeignKey(Metric, models.PROTECT, related_name="observations")  # its first version
    value = models.DecimalField(_("total so far"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])
    measured_on = models.DateField(_("day it was measured"))
    evidence = models.TextField(_("how it is known"))
    link = models.URLField(_("address of the evidence"), max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    if TYPE_CHECKING:
        metric_id: int

    class Meta:
        ordering = ["measured_on", "pk"]
        constraints = [
            models.CheckConstraint(name="an_observation_has_evidence", condition=Q(value__gte=0) & ~Q(evidence=""))
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.value}"
