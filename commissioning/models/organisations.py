"""Organisations that commission, pay, or are paid, known by their number in a public register (org-id.guide)."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    class Scheme(models.TextChoices):
        """The registers of org-id.guide that fit here, and what their numbers look like (`NUMBERS`)."""

        COMPANY = "GB-COH", _("Companies House")
        CHARITY = "GB-CHC", _("Charity Commission for England and Wales")
        CHARITY_SCOTLAND = "GB-SC", _("Scottish Charity Regulator")
        CHARITY_NI = "GB-NIC", _("Charity Commission for Northern Ireland")
        MUTUAL = "GB-MPR", _("Mutuals Public Register")
        COUNCIL_ENGLAND = "GB-LAE", _("Register of councils in England")
        COUNCIL_SCOTLAND = "GB-LAS", _("Register of councils in Scotland")
        COUNCIL_WALES = "GB-PLA", _("Register of councils in Wales")
        COUNCIL_NI = "GB-LANI", _("Register of councils in Northern Ireland")
        NHS = "GB-NHS", _("NHS organisation data")
        EDUCATION = "GB-EDU", _("Get information about schools")
        PROVIDER = "GB-UKPRN", _("UK register of learning providers")

    NUMBERS = {
        Scheme.COMPANY: r"(?:[0-9]{8}|[A-Z]{2}[0-9]{6}|[A-Z]{2}[0-9]{5}[A-Z])",
        Scheme.CHARITY: r"[0-9]{6,7}(?:-[0-9]{1,3})?",
        Scheme.CHARITY_SCOTLAND: r"SC[0-9]{6}",
        Scheme.CHARITY_NI: r"[0-9]{6}",
        Scheme.PROVIDER: r"[0-9]{8}",
    }

    scheme = models.CharField(_("register"), max_length=12, choices=Scheme.choices, blank=True)
    number = models.CharField(_("number in the register"), max_length=40, blank=True)
    name = models.CharField(_("legal name"), max_length=200)
    postcode = models.CharField(
        _("postcode"), max_length=8, blank=True,
        validators=[RegexValidator(r"^[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}$", _("A postcode looks like PR1 2RL."))],
    )  # fmt: skip
    is_vcse = models.BooleanField(_("a charity, community or social enterprise"), default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("scheme", "number", condition=~Q(number=""), name="one_organisation_per_number"),
            models.CheckConstraint(
                name="a_number_stands_in_a_register",
                condition=Q(scheme="", number="") | (~Q(scheme="") & ~Q(number="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def org_id(self) -> str:
        """Such as GB-COH-01234567; empty without a register."""
        return f"{self.scheme}-{self.number}" if self.number else ""
