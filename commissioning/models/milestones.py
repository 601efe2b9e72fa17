"""Steps of a delivery: what its body says of each, what residents see there, and what they dispute."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commissioning.models.cases import Case
from commissioning.models.versions import Version, VersionQuerySet


class MilestoneQuerySet(VersionQuerySet["Milestone"]):
    pass


class Milestone(Version):
    class Kind(models.TextChoices):
        """OCDS 1.1, milestoneType; those that a delivery has."""

        DELIVERY = "delivery", _("Delivery")
        ENGAGEMENT = "engagement", _("Taking part")
        APPROVAL = "approval", _("Permission")
        REPORTING = "reporting", _("Report")
        PAYMENT = "payment", _("Payment")

    case = models.ForeignKey(Case, models.PROTECT, related_name="milestones")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("what will be there"), blank=True)
    due_on = models.DateField(_("due"))

    objects = MilestoneQuerySet.as_manager()

    class Meta(Version.Meta):
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return self.title


class Hideable(models.Model):
    """Shown to everyone until somebody of the place hides it, with a reason that everyone reads."""

    hidden_at = models.DateTimeField(null=True, editable=False)
    hidden_reason = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="a_hidden_%(class)s_has_a_reason", condition=Q(hidden_at=None) | ~Q(hidden_reason="")
            )
        ]


class Photo(Hideable):
    """A photo of a milestone as we encoded it anew: no location, no camera, a random name."""

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="photos")  # its first version
    image = models.ImageField(upload_to="photos/", width_field="width", height_field="height")
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    alt_text = models.CharField(_("what the photo shows"), max_length=250)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.alt_text

    def get_absolute_url(self) -> str:
        return reverse("commissioning:photo", args=[self.pk])


class MilestoneReport(models.Model):
    """What the body says of a milestone; the latest one counts."""

    class Status(models.TextChoices):
        """OCDS 1.1, milestoneStatus."""

        SCHEDULED = "scheduled", _("Planned")
        MET = "met", _("Done")
        PARTLY = "partiallyMet", _("Partly done")
        NOT_MET = "notMet", _("Not done")

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="reports")  # its first version
    status = models.CharField(_("how does it stand?"), max_length=20, choices=Status.choices)
    met_on = models.DateField(_("day it was done"), null=True)
    note = models.TextField(_("what is said with it"), blank=True)
    photo = models.OneToOneField(Photo, models.SET_NULL, null=True, related_name="report")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="a_milestone_is_met_on_a_day",
                condition=Q(status="met", met_on__isnull=False) | (~Q(status="met") & Q(met_on=None)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.status}"

    def is_late(self, due_on: date) -> bool:
        return self.met_on is not None and self.met_on > due_on


class MilestoneCheck(Hideable):
    """What one resident saw there; they may say it anew. It goes with their account."""

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="checks")  # its first version
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen = models.BooleanField(_("have you seen it?"))
    text = models.TextField(_("what you saw"), blank=True)
    named = models.BooleanField(_("show my name"), default=False)
    photo = models.OneToOneField(Photo, models.SET_NULL, null=True, related_name="check_of")
    at = models.DateTimeField()

    class Meta(Hideable.Meta):
        ordering = ["pk"]
        constraints = [
            *Hideable.Meta.constraints,
            models.UniqueConstraint("milestone", "by", name="a_person_checks_a_milestone_once"),
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.seen}"


class Dispute(Hideable):
    """Somebody says that what is reported is not so; the body answers, for everyone to read."""

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="disputes")  # its first version
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(_("what is not as it was reported?"))
    at = models.DateTimeField()
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta(Hideable.Meta):
        ordering = ["pk"]
        constraints = [
            *Hideable.Meta.constraints,
            models.CheckConstraint(
                name="an_answered_dispute_has_its_answer",
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
            ),
            models.UniqueConstraint(
                "milestone", "by", condition=Q(answered_at=None), name="one_open_dispute_for_each_person"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
