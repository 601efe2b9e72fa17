"""What has been paid of an award. A wrong row is answered by one that takes it back: nothing is edited."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissioning.models.awards import Award
from commissioning.models.organisations import Organisation


class PaymentQuerySet(models.QuerySet["Payment"]):
    def total(self) -> int:
        """In minor units; what was taken back is negative."""
        return int(self.aggregate(sum=models.Sum("amount", default=0))["sum"])


class Payment(models.Model):
    award = models.ForeignKey(Award, models.PROTECT, related_name="payments")  # its first version
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    paid_on = models.DateField(_("day of the payment"))
    amount = models.BigIntegerField(_("amount"))  # minor units of the round's currency; negative: takes one back
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    payee = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reference = models.CharField(_("reference in the books"), max_length=100, blank=True)
    note = models.TextField(_("what it is for, or why it is taken back"), blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_payment_pays_or_says_why_it_is_taken_back",
                condition=Q(reverses=None, amount__gt=0) | (Q(reverses__isnull=False, amount__lt=0) & ~Q(note="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.paid_on} {self.amount}"
