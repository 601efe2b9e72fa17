"""What is never edited: a change is a further row that says why, and the row before it stays."""

from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

V = TypeVar("V", bound=models.Model)


class VersionQuerySet(models.QuerySet[V]):
    def current(self) -> Self:
        """The versions that nothing replaces."""
        return self.filter(replaced_by=None)

    def known_as(self, first_id: int) -> Self:
        """All versions of the one whose first is this."""
        return self.filter(Q(pk=first_id) | Q(origin=first_id))


class Version(models.Model):
    """One version of something. Whatever belongs to it points at its first version: that is what it is known by."""

    origin = models.ForeignKey("self", models.PROTECT, null=True, related_name="versions")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    version = models.PositiveIntegerField(default=1)
    change = models.TextField(_("why it was changed, shown to everyone"), blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    if TYPE_CHECKING:
        origin_id: int | None

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="a_further_%(class)s_says_what_it_replaces_and_why",
                condition=Q(version=1, origin=None, replaces=None, change="")
                | (Q(version__gt=1, origin__isnull=False, replaces__isnull=False) & ~Q(change="")),
            )
        ]

    @property
    def first_id(self) -> int:
        """The id of its first version."""
        return self.origin_id or self.pk


def in_order(name: str, first: str, last: str) -> models.CheckConstraint:
    """Both days, where both are known, in this order."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{first}__isnull": True}) | Q(**{f"{last}__gte": models.F(first)}) | Q(**{last: None}),
    )
