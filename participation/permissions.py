"""Who may do what, and when: `may_*` functions return a `Refused` to raise, or None.

A role in a place counts in every place below it. Nobody has a role by being an administrator of the software.
"""

from datetime import datetime
from typing import TypeAlias

from django.contrib.auth.models import AnonymousUser

from participation.accounts.models import User
from participation.models import Invitation, Picture, Place, Proposal, Report, Residence, Role
from participation.models.roles import RoleKind
from participation.refusals import Refused

Person: TypeAlias = User | AnonymousUser

ORGANISER, MODERATOR, COMMISSIONER = RoleKind.ORGANISER, RoleKind.MODERATOR, RoleKind.COMMISSIONER


def holds(user: Person, kind: str, place: Place) -> bool:
    return user.is_authenticated and Role.objects.held(user.pk, kind, place).exists()


def is_staff_anywhere(user: Person) -> bool:
    """Holds any granted role, edits pages or administers the software: needs a second factor."""
    return user.is_authenticated and (
        user.is_staff or user.is_superuser or Role.objects.filter(user_id=user.pk).exists() or user.groups.exists()
    )


def require(user: Person, kind: str, place: Place) -> Refused | None:
    if not user.is_authenticated:
        return Refused("sign_in")
    return None if holds(user, kind, place) else Refused("not_allowed")


def is_resident(user: Person, place: Place) -> bool:
    """Lives in the place: the area of the residence is the place or lies in it."""
    if not user.is_authenticated:
        return False
    return Residence.objects.filter(user_id=user.pk, area__in=Place.objects.within(place)).exists()


def may_manage_roles(user: Person, place: Place) -> Refused | None:
    """Administrators of the software, and organisers within their place."""
    if user.is_authenticated and user.is_superuser:
        return None
    return require(user, ORGANISER, place)


def may_manage_place(user: Person, place: Place | None) -> Refused | None:
    """A new council only by an administrator; wards and boundaries also by the place's organisers."""
    if user.is_authenticated and user.is_superuser:
        return None
    return Refused("not_allowed") if place is None else require(user, ORGANISER, place)


def may_propose(user: Person, place: Place) -> Refused | None:
    if not user.is_authenticated:
        return Refused("sign_in")
    return None if is_resident(user, place) else Refused("not_resident", place=place.name)


def may_edit_proposal(user: Person, proposal: Proposal) -> Refused | None:
    if not user.is_authenticated:
        return Refused("sign_in")
    if proposal.author_id != user.pk:
        return Refused("not_yours")
    return None if proposal.state == Proposal.State.DRAFT else Refused("wrong_state")


def may_withdraw_proposal(user: Person, proposal: Proposal) -> Refused | None:
    if not user.is_authenticated:
        return Refused("sign_in")
    if proposal.author_id != user.pk:
        return Refused("not_yours")
    return Refused("wrong_state") if proposal.state == Proposal.State.DRAFT else None


def may_see_proposal(user: Person, proposal: Proposal) -> bool:
    """Drafts only by their author; hidden ones also by moderators. Anyone else is told that it does not exist."""
    if proposal.state != Proposal.State.DRAFT and proposal.hidden_at is None:
        return True
    if user.is_authenticated and proposal.author_id == user.pk:
        return True
    return proposal.state != Proposal.State.DRAFT and holds(user, MODERATOR, proposal.place)


def may_see_picture(user: Person, picture: Picture) -> bool:
    if not may_see_proposal(user, picture.proposal):
        return False
    if picture.hidden_at is None:
        return True
    return user.is_authenticated and (
        picture.proposal.author_id == user.pk or holds(user, MODERATOR, picture.proposal.place)
    )


def may_moderate(user: Person, report: Report) -> Refused | None:
    """Moderators of the place, but never about their own text or their own report."""
    refused = require(user, MODERATOR, report.place)
    if refused:
        return refused
    proposal = report.proposal or (report.picture.proposal if report.picture else None)
    if user.pk in {report.reporter_id, proposal.author_id if proposal else None}:
        return Refused("own_item")
    return None


def may_accept_invitation(user: Person, invitation: Invitation, now: datetime) -> Refused | None:
    if not user.is_authenticated:
        return Refused("sign_in")
    if invitation.accepted_at or invitation.revoked_at:
        return Refused("invitation_used")
    if invitation.expires_at <= now:
        return Refused("invitation_expired")
    if not _still_stands(invitation):
        return Refused("invitation_used")
    if User.objects.with_address(invitation.email) != user:
        return Refused("invitation_other_address")
    return None


def _still_stands(invitation: Invitation) -> bool:
    """Nobody gives through an invitation what they may no longer give."""
    sender = invitation.invited_by
    return sender is not None and sender.is_active and may_manage_roles(sender, invitation.place) is None


def may_erase_person(user: Person, person: User) -> Refused | None:
    """Administrators alone: accounts belong to no place, and an organiser must not be able to remove voters.

    Not another administrator's account: they delete their own, or somebody takes that from them first.
    """
    if not user.is_authenticated or not user.is_superuser:
        return Refused("not_allowed")
    return Refused("is_administrator") if person.is_superuser else None


def organises_alone(person: User) -> list[Place]:
    """The places that would have no organiser without this person, neither there nor in a place above."""
    mine = Role.objects.filter(user=person, kind=ORGANISER).select_related("place__parent__parent")
    others = Role.objects.filter(kind=ORGANISER, user__is_active=True).exclude(user=person)
    led = set(others.values_list("place_id", flat=True))
    return [role.place for role in mine if not led & {place.pk for place in role.place.lineage()}]
