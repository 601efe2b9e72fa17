"""What has to leave: written in the transaction that caused it, sent by a sweep."""

from django.db import models
from django.db.models import Q


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, now: object) -> "OutboxQuerySet":
        return self.filter(sent_at=None, dead_at=None, due_at__lte=now).order_by("due_at", "pk")


class OutboxMessage(models.Model):
    """One e-mail. `key` makes it unique: the same cause never sends twice."""

    key = models.CharField(max_length=150, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    due_at = models.DateTimeField()
    forget = models.BooleanField(default=False)  # delete the row once it has left
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(sent_at=None, dead_at=None), name="outbox_due")]

    def __str__(self) -> str:
        return self.key
