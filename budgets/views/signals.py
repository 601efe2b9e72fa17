"""Signals: noted when somebody casts a ballot, and read by organisers as plain sentences that prove nothing."""

import secrets
from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from budgets.actions.signals import note_signal
from budgets.models import Elector, Round, Signal
from budgets.models.challenges import challenged_until
from budgets.permissions import may_see_roll
from budgets.views.organise_common import address, find_organised, frame, organiser
from participation.accounts.models import User

COOKIE = "ballot-device"
SHOWN = 100  # groups on the page
ENOUGH = 16  # characters of a hash that tell two apart


# ── Noting ───────────────────────────────────────────────────────────────────
def mark_device(request: HttpRequest, response: HttpResponse, round: Round) -> HttpResponse:
    """Give the browser a random mark for this round, sent back with its ballot pages alone and gone at the close."""
    if COOKIE not in request.COOKIES:
        left = round.voting_closes_at - timezone.now()
        response.set_cookie(
            COOKIE, secrets.token_hex(16), max_age=max(int(left.total_seconds()), 0), httponly=True, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE, path=reverse("budgets:vote", args=[round.slug]),
        )  # fmt: skip
    return response


def note(request: HttpRequest, round: Round) -> None:
    """Note from where this person has just cast a ballot. Whatever is missing is left out; the ballot is in the box."""
    assert isinstance(request.user, User)
    device = request.COOKIES.get(COOKIE, "")[:100]
    note_signal(by=request.user, round=round, address=_address(request), device=device, now=timezone.now())


def _address(request: HttpRequest) -> str:
    """The client's network address as the rate limits see it, behind as many proxies as the settings say."""
    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return ""


# ── Reading ──────────────────────────────────────────────────────────────────
@require_safe
def signals(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands out, the largest groups first, for people to judge."""
    round, now = find_organised(request, slug), timezone.now()
    refused = may_see_roll(organiser(request), round, now)
    if refused:
        raise refused
    noted = Signal.objects.filter(round=round)
    groups = [_burst(round, row) for row in noted.bursts()[:SHOWN]]
    groups += [_device(round, row) for row in noted.shared_devices()[:SHOWN]]
    groups.sort(key=lambda group: -group["electors"])
    until = challenged_until(round)
    context = frame(request, round, groups=groups[:SHOWN], until=until, deleted=now >= until or not noted.exists())
    return render(request, "budgets/signals/list.html", context)


def _burst(round: Round, row: dict[str, Any]) -> dict[str, Any]:
    hour: datetime = row["hour"]
    query = QueryDict(mutable=True)
    query.update(_burst_name(row))
    return {
        "electors": row["electors"],
        "kind": "network",
        "said": ngettext(
            "%(n)s person voted from one network %(when)s.", "%(n)s people voted from one network %(when)s.", row["electors"]
        )
        % {"n": row["electors"], "when": _when(hour)},
        "meaning": _("A library, a care home, a school or a telephone company looks like this too."),
        "url": f"{address(round, 'electors')}?{query.urlencode()}",
    }  # fmt: skip


def _device(round: Round, row: dict[str, Any]) -> dict[str, Any]:
    said = ngettext("%(n)s person voted on one device.", "%(n)s people voted on one device.", row["electors"])
    return {
        "electors": row["electors"],
        "kind": "device",
        "said": said % {"n": row["electors"]},
        "meaning": _("A family’s computer, or one that helpers lend at an event, looks like this too."),
        "url": f"{address(round, 'electors')}?device={_device_name(row)}",
    }


def _when(hour: datetime) -> str:
    begins = timezone.localtime(hour)
    return _("on %(day)s between %(from)s and %(to)s") % {
        "day": date_format(begins, "j F"), "from": f"{begins:%H}", "to": f"{(begins.hour + 1) % 24:02}",
    }  # fmt: skip


def chosen_group(round: Round, data: QueryDict) -> tuple[str, "QuerySet[Signal, UUID] | None"]:
    """The group that the address names, as a sentence, and its electors; none without a name, and 404 where the page of
    signals names no such group now: in which hour somebody voted is nobody's business but for what stands out."""
    noted = Signal.objects.filter(round=round)
    if "device" in data:
        for row in noted.shared_devices():
            if _device_name(row) == data["device"]:
                return _("Only people who voted on one device."), _members(noted, device=row["device"])
        raise Http404
    if "network" in data or "hour" in data:
        for row in noted.bursts():
            if _burst_name(row) == {"network": data.get("network"), "hour": data.get("hour")}:
                members = _members(noted, network=row["network"], hour=row["hour"])
                return _("Only people who voted from one network in one hour."), members
        raise Http404
    return "", None


def _device_name(row: dict[str, Any]) -> str:
    return str(row["device"])[:ENOUGH]


def _burst_name(row: dict[str, Any]) -> dict[str, str]:
    """What its address says about a burst."""
    return {"network": row["network"][:ENOUGH], "hour": str(int(row["hour"].timestamp()))}


def _members(noted: "QuerySet[Signal]", **group: Any) -> "QuerySet[Signal, UUID]":
    return noted.filter(**group).values_list("elector", flat=True)


def hints(round: Round, electors: list[Elector]) -> dict[UUID, list[str]]:
    """For each of these electors what signals say about them, if anything. Three queries."""
    noted = Signal.objects.filter(round=round)
    bursts = {(row["network"], row["hour"]): row["electors"] for row in noted.bursts()}
    devices = {row["device"]: row["electors"] for row in noted.shared_devices()}
    said: dict[UUID, list[str]] = defaultdict(list)
    for signal in noted.filter(elector__in=electors):
        if number := bursts.get((signal.network, signal.hour)):
            said[signal.elector_id].append(_("one of %(n)s from one network in an hour") % {"n": number})
        if number := devices.get(signal.device):
            said[signal.elector_id].append(_("one of %(n)s on one device") % {"n": number})
    return {elector: sorted(set(lines)) for elector, lines in said.items()}
