"""Granting and revoking roles, and asking people by e-mail to take one. All of it is audited.

Every action locks the place first: two people changing its roles at once come one after the other.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from participation.accounts.models import User
from participation.actions.audit import record
from participation.actions.outbox import put_in_outbox
from participation.models import Invitation, Place, Role
from participation.models.roles import RoleKind
from participation.permissions import may_accept_invitation, may_manage_roles
from participation.refusals import Refused

INVITATION_LASTS = timedelta(days=14)


@transaction.atomic
def grant_role(*, by: User, user_id: int, place_id: int, kind: str, now: datetime) -> Role:
    """Give a person a role in a place and everything below it. Refuses `already_granted`."""
    place = _locked_place(by, place_id)
    user = User.objects.get(pk=user_id)
    role = _grant(user, place, RoleKind(kind), granted_by=by, now=now)
    record(by=by, action="role.granted", target=f"user:{user.pk}", now=now, place=place.pk, role=role.kind)
    body = render_to_string(
        "emails/role_granted.txt", {"role": role, "by": by, "url": settings.SITE_URL + reverse("participation:account")}
    )
    subject = _("You are now %(role)s of %(place)s") % {"role": role.get_kind_display().lower(), "place": place.name}
    put_in_outbox(key=f"role-granted:{role.pk}", to=user.email, subject=subject, body=body, now=now)
    return role


def _grant(user: User, place: Place, kind: RoleKind, *, granted_by: User | None, now: datetime) -> Role:
    role, created = Role.objects.get_or_create(
        user=user, place=place, kind=kind, defaults={"granted_by": granted_by, "granted_at": now}
    )
    if not created:
        raise Refused("already_granted", field="email", name=user.public_name)
    return role


@transaction.atomic
def revoke_role(*, by: User, role_id: int, now: datetime) -> None:
    """Take a role away, and with it the open invitations that this person could send by it alone.

    A role that is gone already changes nothing. Refuses `last_organiser`.
    """
    role = Role.objects.filter(pk=role_id).first()
    if role is None:
        return
    place = _locked_place(by, role.place_id)
    role = Role.objects.filter(pk=role_id).first()  # again: now nobody else can take it away
    if role is None:
        return
    if role.kind == RoleKind.ORGANISER and not _other_organisers(role, place):
        raise Refused("last_organiser")
    user, kind = role.user, role.kind
    role.delete()
    ended = _end_invitations(user, place, now) if kind == RoleKind.ORGANISER else []
    record(by=by, action="role.revoked", target=f"user:{user.pk}", now=now, place=place.pk, role=kind)
    for invitation in ended:
        _record_withdrawal(by, invitation, now)


def _end_invitations(sender: User, place: Place, now: datetime) -> list[Invitation]:
    """Withdraw what this person sent within the place and may not send any more. Locks these invitations."""
    sent = Invitation.objects.open(now).filter(invited_by=sender, place__in=Place.objects.within(place))
    locked = sent.select_for_update(of=("self",)).select_related("place__parent__parent").order_by("pk")
    ended = [invitation for invitation in locked if may_manage_roles(sender, invitation.place)]
    Invitation.objects.filter(pk__in=[invitation.pk for invitation in ended]).update(revoked_at=now)
    return ended


def _record_withdrawal(by: User, invitation: Invitation, now: datetime) -> None:
    target = f"invitation:{invitation.pk}"
    record(by=by, action="invitation.withdrawn", target=target, now=now, place=invitation.place_id)


def _other_organisers(role: Role, place: Place) -> bool:
    """Someone else organises this place, or one it lies in."""
    places = [above.pk for above in place.lineage()]
    others = Role.objects.filter(kind=RoleKind.ORGANISER, place__in=places, user__is_active=True)
    return others.exclude(user_id=role.user_id).exists()


@transaction.atomic
def invite(*, by: User, place_id: int, email: str, kind: str, now: datetime) -> Invitation:
    """Mail a link that gives the role to whoever can read that address; it works once, for 14 days.

    The token is kept only as a hash. An invitation for the same role that is still open is replaced by the new one.
    Refuses `already_granted`.
    """
    place = _locked_place(by, place_id)
    kind, email = RoleKind(kind), email.strip().lower()
    holder = Role.objects.filter(user__email__iexact=email, place=place, kind=kind).select_related("user").first()
    if holder:
        raise Refused("already_granted", field="email", name=holder.user.public_name)
    Invitation.objects.open(now).filter(place=place, kind=kind, email=email).update(revoked_at=now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        place=place,
        kind=kind,
        email=email,
        token_hash=hash_token(token),
        invited_by=by,
        invited_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    url = settings.SITE_URL + reverse("participation:invitation", args=[token])
    body = render_to_string("emails/invitation.txt", {"invitation": invitation, "by": by, "url": url})
    subject = _("Will you be %(role)s of %(place)s?") % {
        "role": invitation.get_kind_display().lower(),
        "place": place.name,
    }
    put_in_outbox(key=f"invitation:{invitation.pk}", to=email, subject=subject, body=body, now=now)
    target = f"invitation:{invitation.pk}"
    record(by=by, action="invitation.sent", target=target, now=now, place=place.pk, role=kind.value)
    return invitation


@transaction.atomic
def withdraw_invitation(*, by: User, invitation_id: int, now: datetime) -> None:
    """Make an open invitation worthless. One that is used, expired or withdrawn stays as it is."""
    invitation = Invitation.objects.get(pk=invitation_id)
    _locked_place(by, invitation.place_id)
    if Invitation.objects.open(now).filter(pk=invitation_id).update(revoked_at=now):
        _record_withdrawal(by, invitation, now)


@transaction.atomic
def accept_invitation(*, by: User, token: str, now: datetime) -> Role:
    """Take the role offered. Locks the place, then the invitation; accepting one's own again changes nothing.

    Refuses `invitation_used` (also where the sender may no longer give roles there), `invitation_expired` and
    `invitation_other_address`.
    """
    found = Invitation.objects.filter(token_hash=hash_token(token)).first()
    if found is None:
        raise Refused("invitation_used")
    place = Place.objects.select_for_update().get(pk=found.place_id)
    invitation = Invitation.objects.select_for_update().get(pk=found.pk)
    if invitation.accepted_by_id == by.pk and (role := _held(by, invitation)):
        return role
    if refused := may_accept_invitation(by, invitation, now):
        raise refused
    role, _created = Role.objects.get_or_create(
        user=by,
        place=place,
        kind=invitation.kind,
        defaults={"granted_by_id": invitation.invited_by_id, "granted_at": now},
    )
    invitation.accepted_at, invitation.accepted_by = now, by
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    target = f"invitation:{invitation.pk}"
    record(by=by, action="invitation.accepted", target=target, now=now, place=place.pk, role=invitation.kind)
    return role


def _held(user: User, invitation: Invitation) -> Role | None:
    return Role.objects.filter(user=user, place_id=invitation.place_id, kind=invitation.kind).first()


def hash_token(token: str) -> str:
    """A token has 256 random bits: a plain hash is enough to make the table useless to whoever copies it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _locked_place(by: User, place_id: int) -> Place:
    place = Place.objects.select_for_update().get(pk=place_id)
    if refused := may_manage_roles(by, place):
        raise refused
    return place
