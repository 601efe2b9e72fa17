"""What is given to whom for a case, and the contracts under it. Names as in 360Giving 1.4 and OCDS 1.1."""

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from commissioning.models.cases import Case
from commissioning.models.organisations import Organisation
from commissioning.models.versions import Version, VersionQuerySet, in_order
from participation.models import Place


class AwardQuerySet(VersionQuerySet["Award"]):
    def total(self) -> int:
        """What the current awards come to, in minor units, without those called off."""
        standing = self.current().filter(status=Award.Status.ACTIVE)
        return int(standing.aggregate(sum=Sum("amount", default=0))["sum"])


class Award(Version):
    """A grant, or an award that leads to contracts."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Stands")
        CANCELLED = "cancelled", _("Called off")

    case = models.ForeignKey(Case, models.PROTECT, related_name="awards")
    kind = models.CharField(_("kind"), max_length=20, choices=Case.Route.choices)
    status = models.CharField(_("does it stand?"), max_length=20, choices=Status.choices, default=Status.ACTIVE)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("what it is for"))
    amount = models.PositiveBigIntegerField(_("amount, without VAT"))  # minor units of the round's currency
    awarded_on = models.DateField(_("day of the award"))
    recipient = models.ForeignKey(Organisation, models.PROTECT, related_name="awards_received")
    funder = models.ForeignKey(Organisation, models.PROTECT, related_name="awards_given")
    starts_on = models.DateField(_("planned start"), null=True)
    ends_on = models.DateField(_("planned end"), null=True)
    from_open_call = models.BooleanField(_("there was an open call"))
    area = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+", verbose_name=_("area that benefits"))

    objects = AwardQuerySet.as_manager()

    class Meta(Version.Meta):
        ordering = ["pk"]
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(name="an_award_is_of_some_money", condition=Q(amount__gt=0)),
            in_order("an_award_starts_before_it_ends", "starts_on", "ends_on"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def standing(self) -> int:
        """Its amount in minor units, nothing once it is called off."""
        return self.amount if self.status == self.Status.ACTIVE else 0


class ContractQuerySet(VersionQuerySet["Contract"]):
    def total(self) -> int:
        """The net value of the current contracts in minor units, without those that never came into force."""
        standing = self.current().exclude(status=Contract.Status.CANCELLED)
        return int(standing.aggregate(sum=Sum("net", default=0))["sum"])


class Contract(Version):
    """A contract under an award; its supplier is the award's recipient."""

    class Status(models.TextChoices):
        PENDING = "pending", _("To be signed")
        ACTIVE = "active", _("In force")
        CANCELLED = "cancelled", _("Never came into force")
        TERMINATED = "terminated", _("Ended")

    award = models.ForeignKey(Award, models.PROTECT, related_name="contracts")  # its first version
    status = models.CharField(_("state"), max_length=20, choices=Status.choices)
    description = models.TextField(_("what it covers"))
    net = models.PositiveBigIntegerField(_("value without VAT"))  # minor units
    gross = models.PositiveBigIntegerField(_("value with VAT"), null=True)
    above_threshold = models.BooleanField(_("above the threshold of the Procurement Act"))
    signed_on = models.DateField(_("day of signing"), null=True)
    starts_on = models.DateField(_("start"), null=True)
    ends_on = models.DateField(_("end"), null=True)

    objects = ContractQuerySet.as_manager()

    class Meta(Version.Meta):
        ordering = ["pk"]
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(name="a_contract_is_of_some_money", condition=Q(net__gt=0)),
            models.CheckConstraint(
                name="vat_makes_no_contract_cheaper", condition=Q(gross=None) | Q(gross__gte=models.F("net"))
            ),
            models.CheckConstraint(
                name="a_contract_in_force_is_signed",
                condition=~Q(status__in=["active", "terminated"]) | Q(signed_on__isnull=False),
            ),
            in_order("a_contract_starts_before_it_ends", "starts_on", "ends_on"),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def standing(self) -> int:
        """Its net value in minor units, nothing where it never came into force."""
        return 0 if self.status == self.Status.CANCELLED else self.net
