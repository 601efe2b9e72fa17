"""What participation, and the packages for accounts and administration below it, know about a person."""

import re
from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participation.accounts.models import User
from participation.actions.mailbox import forget_mails_to
from participation.actions.proposals import delete_pictures, delete_proposals, move
from participation.models import AuditEvent, Invitation, OutboxMessage, Picture, Proposal, Report, Residence, Role
from participation.personal_data import Ideas, Part, Row, Section

_GOES = "goes with the account"
_LINK = "the link goes, the record of what was decided stays"
FIELDS = {
    "accounts.User.email": _GOES,
    "accounts.User_groups.user": _GOES,
    "accounts.User_user_permissions.user": _GOES,
    "account.EmailAddress.user": _GOES,
    "account.EmailAddress.email": _GOES,
    "mfa.Authenticator.user": _GOES,
    "usersessions.UserSession.user": _GOES,
    "usersessions.UserSession.ip": _GOES,
    "admin.LogEntry.user": _GOES,
    "participation.Residence.user": _GOES,
    "participation.Role.user": _GOES,
    "participation.Role.granted_by": _LINK,
    "participation.Invitation.email": "invitations to the person's addresses are deleted",
    "participation.Invitation.invited_by": "open ones are withdrawn; the link goes",
    "participation.Invitation.accepted_by": "deleted with the invitation to the address; otherwise the link goes",
    "participation.AuditEvent.actor": "the link goes; the line keeps the name under which a member of staff decided",
    "participation.Proposal.author": "drafts are deleted; published ideas stand without the name or are withdrawn",
    "participation.Report.reporter": "the link goes; the report is a moderator's to decide",
    "participation.Report.decided_by": _LINK,
    "participation.OutboxMessage.to": "mails to the person's addresses are deleted, sent or not",
}


# ── Erasing ──────────────────────────────────────────────────────────────────
def erase(person: User, ideas: Ideas, now: datetime) -> None:
    """All that does not go by itself when the person's row is deleted."""
    addresses = addresses_of(person)
    _erase_ideas(person, ideas, now)
    Invitation.objects.open(now).filter(invited_by=person).update(revoked_at=now)
    Invitation.objects.filter(email__in=addresses).delete()
    OutboxMessage.objects.filter(to__in=addresses).delete()
    Session.objects.filter(session_key__in=UserSession.objects.filter(user=person).values("session_key")).delete()
    _erase_from_admin_log(person)
    transaction.on_commit(lambda: forget_mails_to(addresses))


def addresses_of(person: User) -> set[str]:
    """The confirmed addresses of the account, in small letters. One that is not confirmed may be somebody else's."""
    known = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return {address.lower() for address in known}


def _erase_ideas(person: User, ideas: Ideas, now: datetime) -> None:
    mine = Proposal.objects.select_for_update().filter(author=person)
    delete_proposals(mine.filter(state=Proposal.State.DRAFT))
    if ideas is not Ideas.KEEP:
        # Hidden ones stay for their time: they are what a moderator decided about, and nobody sees them.
        delete_pictures(Picture.objects.filter(proposal__author=person, hidden_at=None))
    if ideas is Ideas.WITHDRAW:
        for proposal in mine.filter(state=Proposal.State.PUBLISHED):
            move(proposal, Proposal.State.WITHDRAWN)
            proposal.changed_at = now
            proposal.save(update_fields=["state", "changed_at"])


def _erase_from_admin_log(person: User) -> None:
    """The technical admin writes the name of what was changed, here the person's, into its log."""
    owned: tuple[tuple[type[models.Model], str], ...] = (
        (User, "pk"), (EmailAddress, "user"), (Authenticator, "user"), (UserSession, "user"), (Residence, "user"),
    )  # fmt: skip
    for model, field in owned:
        ids = [str(pk) for pk in model._default_manager.filter(**{field: person.pk}).values_list("pk", flat=True)]
        about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
        about.update(object_repr="", change_message="")


# ── Showing ──────────────────────────────────────────────────────────────────
def export(person: User) -> Iterable[Section]:
    """A constant number of queries."""
    yield _account(person)
    yield _residence(person)
    yield _signing_in(person)
    yield Section(
        gettext_lazy("Where you are signed in"),
        [
            {
                _("Network address"): str(session.ip),
                _("Browser"): session.user_agent,
                _("Since"): moment(session.created_at),
                _("Last seen"): moment(session.last_seen_at),
            }
            for session in UserSession.objects.filter(user=person).order_by("pk")
        ],
    )
    yield _ideas(person)
    yield _reports(person)
    yield from _staff(person)
    yield _mails(person)


def moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j F Y, H:i") if at else _("never")


def yes(value: object) -> str:
    return _("yes") if value else _("no")


def _account(person: User) -> Section:
    rows: list[Row] = [
        {
            _("Name others see"): person.public_name,
            _("E-mail address"): person.email,
            _("Joined"): moment(person.date_joined),
            _("Last signed in"): moment(person.last_login),
            _("Administers the site"): yes(person.is_superuser or person.is_staff),
            _("Groups of editors"): ", ".join(person.groups.values_list("name", flat=True)) or _("none"),
        }
    ]
    rows += [
        {_("Address"): known.email, _("Confirmed"): yes(known.verified), _("Used for mails"): yes(known.primary)}
        for known in EmailAddress.objects.filter(user=person).order_by("pk")
    ]
    return Section(gettext_lazy("Your account"), rows)


def _residence(person: User) -> Section:
    residences = Residence.objects.filter(user=person).select_related("area__parent__parent")
    rows = [
        {
            _("Area"): ", ".join(place.name for place in residence.area.lineage()),
            _("Given on"): moment(residence.confirmed_at),
            _("Found by your postcode"): yes(residence.postcode_token),
        }
        for residence in residences.defer("area__boundary", "area__parent__boundary", "area__parent__parent__boundary")
    ]
    note = gettext_lazy(
        "The postcode itself is not kept. A scrambled form of it is, so that we notice when you give another one."
    )
    return Section(gettext_lazy("Where you live"), rows, note)


def _signing_in(person: User) -> Section:
    rows: list[Row] = [
        {_("Password"): _("set") if person.has_usable_password() else _("none: you sign in with a code")}
    ]
    rows += [
        {
            _("Second step"): str(factor.get_type_display()),
            _("Set up on"): moment(factor.created_at),
            _("Last used"): moment(factor.last_used_at),
        }
        for factor in Authenticator.objects.filter(user=person).order_by("pk")
    ]
    note = gettext_lazy(
        "Passwords and the secrets of second steps are not in this file: nobody should carry them about."
    )
    return Section(gettext_lazy("How you sign in"), rows, note)


def _ideas(person: User) -> Section:
    mine = Proposal.objects.filter(author=person).select_related("place", "area").prefetch_related("pictures")
    mine = mine.defer("place__boundary", "area__boundary").order_by("pk")
    return Section(gettext_lazy("Your ideas"), [_idea(proposal) for proposal in mine])


def _idea(proposal: Proposal) -> Row:
    point = "" if proposal.latitude is None else f"{proposal.latitude}, {proposal.longitude}"
    pictures = [
        f"{settings.SITE_URL}{picture.get_absolute_url()} ({picture.alt_text})" for picture in proposal.pictures.all()
    ]
    return {
        _("Reference"): proposal.reference,
        _("State"): str(proposal.get_state_display()),
        _("Place"): str(proposal.area or proposal.place),
        _("Title"): proposal.title,
        _("What should happen"): proposal.what,
        _("Why it is needed"): proposal.why,
        _("Who benefits"): proposal.beneficiaries,
        _("Where exactly"): proposal.where,
        _("Point on the map"): point,
        _("What it may cost"): proposal.estimated_cost,
        _("Pictures"): "\n".join(pictures),
        _("Begun"): moment(proposal.created_at),
        _("Last changed"): moment(proposal.changed_at),
        _("Published"): moment(proposal.published_at),
        _("Hidden by a moderator, because"): proposal.hidden_reason,
    }


def _reports(person: User) -> Section:
    reports = Report.objects.filter(reporter=person).select_related("proposal", "picture__proposal").order_by("pk")
    rows = [
        {
            _("About"): report.about.reference,
            _("Reason"): str(report.get_reason_display()),
            _("Details"): report.details,
            _("Reported"): moment(report.reported_at),
            _("State"): str(report.get_state_display()),
        }
        for report in reports
    ]
    return Section(gettext_lazy("What you have reported"), rows)


def _staff(person: User) -> Iterable[Section]:
    yield Section(
        gettext_lazy("Your roles"),
        [
            {_("Role"): str(role.get_kind_display()), _("Place"): role.place.name, _("Since"): moment(role.granted_at)}
            for role in Role.objects.filter(user=person).select_related("place").order_by("pk")
        ],
    )
    yield Section(
        gettext_lazy("Invitations to you"),
        [
            {
                _("Role"): str(invitation.get_kind_display()),
                _("Place"): invitation.place.name,
                _("Sent to"): invitation.email,
                _("Sent"): moment(invitation.invited_at),
                _("Accepted"): moment(invitation.accepted_at),
            }
            for invitation in Invitation.objects.filter(email__in=addresses_of(person)).select_related("place")
        ],
    )
    yield Section(
        gettext_lazy("What you did as a member of staff"),
        [
            {_("When"): moment(event.at), _("What"): re.sub(r"[._]", " ", event.action), _("About"): event.target}
            for event in AuditEvent.objects.filter(actor=person).order_by("seq")
        ],
        gettext_lazy("These lines stay, with the name you had: decisions about public money can be traced."),
    )


def _mails(person: User) -> Section:
    mails = OutboxMessage.objects.filter(to__in=addresses_of(person)).exclude(forget=True).order_by("pk")
    rows = [
        {_("To"): mail.to, _("Subject"): mail.subject, _("Sent"): moment(mail.sent_at), _("Text"): mail.body}
        for mail in mails
    ]
    note = gettext_lazy("Their text is deleted as soon as they have left. Codes and receipts of votes are not listed.")
    return Section(gettext_lazy("E-mails we sent you"), rows, note)


PART = Part(export=export, erase=erase, fields=FIELDS)
