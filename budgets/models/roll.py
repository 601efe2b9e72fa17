"""The roll: who is entitled to one ballot, and whether they have used it. Never what they chose, never when."""

import hashlib
import hmac
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from budgets.models.rounds import Round
from participation.models import Place


class Elector(models.Model):
    class Status(models.TextChoices):
        ELIGIBLE = "eligible", _("May vote")
        ISSUED_PAPER = "issued_paper", _("Has a paper ballot")
        VOTED = "voted", _("Has voted")
        STRUCK = "struck", _("Struck off")
        CLOSED = (
            "closed",
            _("Other address of a deleted account that has voted"),
        )  # nobody's; keeps the address from voting

    class Assurance(models.TextChoices):
        EMAIL = "email", _("E-mail")
        POSTCODE = "postcode", _("E-mail and postcode")

    class Channel(models.TextChoices):
        WEB = "web", _("Web")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    round = models.ForeignKey(Round, models.CASCADE, related_name="electors")
    # Null after erasure: the token below still stops a second ballot.
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="electors")
    token = models.CharField(max_length=64)  # HMAC(IDENTITY_KEY, round, normalised identifier)
    assurance = models.CharField(max_length=20, choices=Assurance.choices)
    area = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ELIGIBLE)
    channel = models.CharField(max_length=20, choices=Channel.choices, default=Channel.WEB)

    class Meta:
        constraints = [
            models.UniqueConstraint("round", "person", name="one_elector_per_person"),
            models.UniqueConstraint("round", "token", name="one_elector_per_identity"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @staticmethod
    def token_for(round_id: int, identifier: str) -> str:
        """HMAC-SHA-256, hexadecimal, of a normalised identifier such as `email:ann@example.org`, for one round only."""
        message = f"roll|{round_id}|{identifier}"
        return hmac.new(settings.IDENTITY_KEY.encode(), message.encode(), hashlib.sha256).hexdigest()
