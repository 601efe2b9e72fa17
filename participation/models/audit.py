"""What staff did, as an append-only chain: each event carries the hash of the one before."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from participation.models.places import Place


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def about(self, place: Place) -> "AuditEventQuerySet":
        """What names the place, or one below it, in its data; and everything else about the things those events are
        about, such as all that happened to a round that was made there.
        """
        named = Q(data__place__in=list(Place.objects.within(place).values_list("pk", flat=True)))
        things = AuditEvent.objects.filter(named).exclude(target__startswith="user:").values("target")
        return self.filter(named | Q(target__in=things))

    def about_thing(self, noun: str, pk: int) -> "AuditEventQuerySet":
        """What was done to this thing, and to its parts: their events name it in their data."""
        return self.filter(Q(target=f"{noun}:{pk}") | Q(**{f"data__{noun}": pk}))


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

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.target}"
