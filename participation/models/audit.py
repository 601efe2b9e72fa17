"""What staff did, as an append-only chain: each event carries the hash of the one before."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """Written only by `participation.actions.audit.record`; never changed, never deleted."""

    seq = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # Survives the erasure of the account that the foreign key pointed at, and keeps the hash valid.
    actor_label = models.CharField(max_length=80)
    action = models.CharField(_("action"), max_length=60)  # such as role.granted
    target = models.CharField(_("about"), max_length=120)  # such as round:12
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.target}"
