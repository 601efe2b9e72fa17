"""Bodies that commission: councils, NHS trusts, colleges; and who answers for them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissioning.models.organisations import Organisation
from participation.models import Place


class BodyQuerySet(models.QuerySet["Body"]):
    def serving(self, place: Place) -> "BodyQuerySet":
        """Bodies of this place or of one it lies in."""
        return self.filter(place__in=[p.pk for p in place.lineage()])

    def answered_by(self, user_id: int) -> "BodyQuerySet":
        return self.filter(members__user=user_id)


class Body(models.Model):
    """An organisation that commissions in a place. It has two desks, because procurement and economic development
    together see more than either alone (Jackson and McInroy, CLES, 2017)."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="body")
    place = models.ForeignKey(Place, models.PROTECT, related_name="bodies")
    reply_days = models.PositiveSmallIntegerField(
        _("days to answer a result"), default=28, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )

    objects = BodyQuerySet.as_manager()

    class Meta:
        ordering = ["organisation__name"]
        verbose_name_plural = _("bodies")
        constraints = [
            models.CheckConstraint(
                name="a_body_has_time_to_answer", condition=Q(reply_days__gte=1, reply_days__lte=365)
            )
        ]

    def __str__(self) -> str:
        return self.organisation.name


class Member(models.Model):
    """Someone who answers for a body."""

    class Desk(models.TextChoices):
        PROCUREMENT = "procurement", _("Procurement")
        ECONOMY = "economy", _("Economic development")

    body = models.ForeignKey(Body, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    desk = models.CharField(_("desk"), max_length=20, choices=Desk.choices)

    class Meta:
        constraints = [models.UniqueConstraint("body", "user", name="a_member_sits_at_one_desk")]

    def __str__(self) -> str:
        return f"{self.user} – {self.body}"
