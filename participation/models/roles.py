"""Who may do what in a place."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from participation.models.places import Place


class RoleKind(models.TextChoices):
    """Roles granted by someone. "Resident" is not granted: a postcode in the place makes it so."""

    ORGANISER = "organiser", _("Organiser")
    MODERATOR = "moderator", _("Moderator")
    COMMISSIONER = "commissioner", _("Commissioner")


class RoleQuerySet(models.QuerySet["Role"]):
    def held(self, user_id: int, kind: str, place: Place) -> "RoleQuerySet":
        """A role in a place counts in every place below it."""
        return self.filter(user_id=user_id, kind=kind, place__in=[p.pk for p in place.lineage()])


class Role(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="roles")
    place = models.ForeignKey(Place, models.CASCADE, related_name="roles")
    kind = models.CharField(_("role"), max_length=20, choices=RoleKind.choices)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField()

    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("user", "place", "kind", name="a_role_is_held_once")]

    def __str__(self) -> str:
        return f"{self.user} – {self.get_kind_display()} – {self.place}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime) -> "InvitationQuerySet":
        """Still worth something: not taken, not withdrawn, not expired."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """An e-mail address asked to take a role. The link's token is stored only as a hash."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="invitations")
    kind = models.CharField(_("role"), max_length=20, choices=RoleKind.choices)
    email = models.EmailField(_("e-mail address"))
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.email} as {self.get_kind_display()} of {self.place}"
