"""Signals: what may suggest that one person voted for many. For people to judge, never linked to a ballot, short-lived.

Neither a network address nor a device is stored, only HMACs of them under a key that is not in the database, that is
another one for every round, and that goes with the urn's key: nothing can be compared between rounds.
"""

import hashlib
import hmac
import ipaddress
import uuid
from typing import Any

from django.db import models
from django.db.models import Count

from budgets.models.roll import Elector
from budgets.models.rounds import Round

LEAST_IN_AN_HOUR = 5  # electors from one network: fewer is a family
LEAST_ON_A_DEVICE = 3  # electors on one device: two share one in many homes


class SignalQuerySet(models.QuerySet["Signal"]):
    def bursts(self) -> models.QuerySet[Any, dict[str, Any]]:
        """{"network", "hour", "electors"} where many voted from one network within an hour, the most first."""
        groups: models.QuerySet[Any, Any] = self.exclude(network="").order_by().values("network", "hour")
        groups = groups.annotate(electors=Count("elector", distinct=True)).filter(electors__gte=LEAST_IN_AN_HOUR)
        return groups.order_by("-electors", "hour", "network")

    def shared_devices(self) -> models.QuerySet[Any, dict[str, Any]]:
        """{"device", "electors"} where several voted on one device, the most first."""
        groups: models.QuerySet[Any, Any] = self.exclude(device="").order_by().values("device")
        groups = groups.annotate(electors=Count("elector", distinct=True)).filter(electors__gte=LEAST_ON_A_DEVICE)
        return groups.order_by("-electors", "device")


class Signal(models.Model):
    """Where an elector voted from, in one hour. The key is random: numbers in a row would keep the order of casting."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    round = models.ForeignKey(Round, models.CASCADE, related_name="signals")
    elector = models.ForeignKey(Elector, models.CASCADE, related_name="signals")
    network = models.CharField(max_length=64, blank=True)  # HMAC, hexadecimal; empty where it is not known
    device = models.CharField(max_length=64, blank=True)
    hour = models.DateTimeField()  # its beginning

    objects = SignalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("elector", "network", "device", "hour", name="the_same_signal_is_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.id)


def network_of(address: str) -> str:
    """What counts as one network. IPv4: the whole address, behind which stands a home, a library or a telephone company;
    a /24 would throw together neighbours who have the same provider, and in a local vote that is half the town. IPv6: /48,
    the most that one site is given, because a device changes its address within that by itself. ValueError: no address.
    """
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 48), strict=False))


def sealed(key: bytes, kind: str, value: str) -> str:
    """What is stored of a network or a device, under the round's key; nothing for nothing."""
    if not value:
        return ""
    return hmac.new(key, f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()
