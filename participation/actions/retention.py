"""The purge, and what participation and the packages below it keep for how long."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from participation.accounts.models import User
from participation.actions.mailbox import clear_mails, count_mails, mail_goes_to_files
from participation.actions.proposals import delete_pictures, delete_proposals
from participation.models import Invitation, OutboxMessage, Picture, Proposal, Report
from participation.retention import Entry, Group, Period, Purge, entries

CHUNK = 500  # rows in one transaction: short ones, so that nobody waits
SESSION = timedelta(seconds=settings.SESSION_COOKIE_AGE)
PICTURES = "pictures"

logger = logging.getLogger(__name__)


def purge(*, now: datetime, dry_run: bool = False) -> list[tuple[str, int]]:
    """Clear what has been kept long enough; (key, how many things) of each entry that is purged.

    May run at any time and twice at once: each entry goes by the clock and the tables alone. Nothing depends on it but
    that old things go: what must not work any more, such as an invitation, is refused by its own date.
    """
    done = []
    for entry in entries():
        if entry.purge is None or entry.period is None:
            continue
        before = entry.period.before(now)
        number = entry.purge.count(before) if dry_run else entry.purge.clear(before)
        if number and not dry_run:
            logger.info("purged %s: %d", entry.key, number)
        done.append((entry.key, number))
    return done


def rows(find: Callable[[datetime], QuerySet[Any]], clear: Callable[[QuerySet[Any]], object] | None = None) -> Purge:
    """Purge what `find` finds, some rows in each transaction; by deleting, or by `clear`, after which it is not found."""

    def count(before: datetime) -> int:
        return find(before).count()

    def clear_all(before: datetime) -> int:
        return sum(_clear_some(find(before), clear) for _round in range(-(-find(before).count() // CHUNK)))

    return Purge(count, clear_all)


@transaction.atomic
def _clear_some(found: QuerySet[Any], clear: Callable[[QuerySet[Any]], object] | None) -> int:
    model = found.model
    ids = list(found.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    some = model._default_manager.filter(pk__in=ids)
    if clear:
        clear(some)
    else:
        some.delete()
    return len(ids)


# ── What is found ────────────────────────────────────────────────────────────
def never_confirmed(before: datetime) -> QuerySet[User]:
    """People who signed up and never proved to read their address, so that nobody could ever sign in."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    new = User.objects.filter(date_joined__lt=before, last_login=None, is_staff=False, is_superuser=False)
    return new.filter(~Exists(confirmed), roles=None, proposals=None)


def dead_sessions(before: datetime) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=before + SESSION)


def lost_devices(before: datetime) -> QuerySet[Any]:
    """Rows of the list of devices whose session is gone."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gte=before + SESSION)
    found: QuerySet[Any] = UserSession.objects.filter(~Exists(alive), last_seen_at__lt=before)
    return found


def sent_mails(before: datetime) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(sent_at__lt=before)


def dead_mails(before: datetime) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(dead_at__lt=before)


def old_drafts(before: datetime) -> QuerySet[Proposal]:
    return Proposal.objects.filter(state=Proposal.State.DRAFT, changed_at__lt=before)


def hidden_pictures(before: datetime) -> QuerySet[Picture]:
    return Picture.objects.filter(hidden_at__lt=before)


def decided_reports(before: datetime) -> QuerySet[Report]:
    return Report.objects.filter(decided_at__lt=before)


def old_invitations(before: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(Q(accepted_at__lt=before) | Q(revoked_at__lt=before) | Q(expires_at__lt=before))


def admin_log(before: datetime) -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(action_time__lt=before)


# ── What lies elsewhere than in rows ─────────────────────────────────────────
def _stray_pictures(before: datetime) -> Iterator[str]:
    """Files of pictures that no row names, such as after a power cut between the two."""
    try:
        _folders, names = default_storage.listdir(PICTURES)
    except FileNotFoundError:
        return
    known = set(Picture.objects.values_list("image", flat=True))
    for name in names:
        path = f"{PICTURES}/{name}"
        if path not in known and default_storage.get_modified_time(path) < before:
            yield path


def _count_stray_pictures(before: datetime) -> int:
    return len(list(_stray_pictures(before)))


def _clear_stray_pictures(before: datetime) -> int:
    stray = list(_stray_pictures(before))
    for path in stray:
        default_storage.delete(path)
    return len(stray)


def _count_limits(before: datetime) -> int:
    return _expired_limits("SELECT COUNT(*)", before)


def _clear_limits(before: datetime) -> int:
    number = _count_limits(before)
    _expired_limits("DELETE", before)
    return number


def _expired_limits(verb: str, before: datetime) -> int:
    """The cache's table, which Django itself tidies only when it is full. Redis forgets by itself."""
    cache = caches["default"]
    if not isinstance(cache, DatabaseCache):
        return 0
    table = connection.ops.quote_name(cache._table)  # type: ignore[attr-defined]  # which the stubs do not know
    expired = connection.ops.adapt_datetimefield_value(before.replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(f"{verb} FROM {table} WHERE expires < %s", [expired])  # two fixed verbs
        return int(cursor.fetchone()[0]) if verb.startswith("SELECT") else 0


# ── The table ────────────────────────────────────────────────────────────────
ENTRIES = (
    Entry(
        "account", Group.ACCOUNT,
        _("Your account: e-mail address, the name others see, how you sign in, the area you live in"),
        _("To let you in, to tell you about your own ideas and votes, and to know which rounds are for you."),
        _("Until you delete your account."),
    ),
    Entry(
        "unconfirmed", Group.ACCOUNT,
        _("Accounts whose e-mail address was never confirmed"),
        _("So that you can finish signing up."),
        _("%(period)s after signing up."),
        Period(days=30), rows(never_confirmed),
    ),
    Entry(
        "sessions", Group.ACCOUNT,
        _("Where you are signed in: a session, with the codes you asked for to sign in"),
        _("So that the site knows your browser from page to page. A code works for three minutes."),
        _("%(period)s after the session was last renewed, or until you sign out."),
        Period(days=SESSION.days), rows(dead_sessions),
    ),
    Entry(
        "devices", Group.ACCOUNT,
        _("Network address and kind of browser of your sessions"),
        _("So that you see where you are signed in, and can end it."),
        _("As long as the session; at most %(period)s after it was last seen."),
        Period(days=SESSION.days), rows(lost_devices),
    ),
    Entry(
        "sent-mails", Group.ACCOUNT,
        _("That we sent you an e-mail: address and subject. The text goes as soon as it has left"),
        _("To see whether mails go out, and never to send one twice."),
        _("%(period)s after it was sent; mails about a vote at once."),
        Period(days=90), rows(sent_mails),
    ),
    Entry(
        "dead-mails", Group.ACCOUNT,
        _("E-mails that could not be delivered"),
        _("So that they can be sent once the mail server is well again."),
        _("%(period)s after the last try."),
        Period(days=30), rows(dead_mails),
    ),
    Entry(
        "mail-files", Group.ACCOUNT,
        _("E-mails written to the mailbox of this trial site"),
        _("This site sends no real e-mail."),
        _("%(period)s."),
        Period(days=30), Purge(count_mails, clear_mails), applies=mail_goes_to_files,
    ),
    Entry(
        "drafts", Group.IDEAS,
        _("Ideas that you began and never handed in, with their pictures"),
        _("So that you can go on where you stopped."),
        _("%(period)s after you last changed them."),
        Period(months=12), rows(old_drafts, delete_proposals),
    ),
    Entry(
        "ideas", Group.IDEAS,
        _("Ideas that you have published"),
        _("They are part of a public conversation. When your account goes, your name goes from them."),
        _("As long as the site runs, unless you take them back."),
    ),
    Entry(
        "hidden-pictures", Group.IDEAS,
        _("Pictures that a moderator has hidden"),
        _("So that the decision can be looked at again if somebody complains."),
        _("%(period)s after they were hidden."),
        Period(months=12), rows(hidden_pictures, delete_pictures),
    ),
    Entry(
        "reports", Group.IDEAS,
        _("Reports about ideas and pictures, and what became of them"),
        _("So that the decision can be looked at again if somebody complains."),
        _("%(period)s after the decision."),
        Period(months=12), rows(decided_reports),
    ),
    Entry(
        "stray-pictures", Group.IDEAS,
        _("Files of pictures that are no longer used"),
        _("They have no use. Files are normally deleted together with the idea; this finds what was left behind."),
        _("%(period)s."),
        Period(days=1), Purge(_count_stray_pictures, _clear_stray_pictures),
    ),
    Entry(
        "roles", Group.STAFF,
        _("Who holds which role"),
        _("To know who may decide what."),
        _("Until the role is taken away or the account is deleted."),
    ),
    Entry(
        "invitations", Group.STAFF,
        _("Invitations to take a role, with the e-mail address"),
        _("So that whoever can read that address can accept."),
        _("%(period)s after it was accepted, withdrawn or ran out."),
        Period(days=30), rows(old_invitations),
    ),
    Entry(
        "log", Group.STAFF,
        _("What staff did: a line for each decision, with the name of the member of staff"),
        _("Decisions about public money have to be traceable. Each line proves the one before, so none can be taken out."),
        _("As long as the site runs."),
    ),
    Entry(
        "admin-log", Group.STAFF,
        _("What administrators changed in the technical admin"),
        _("To find out who changed what, when something goes wrong."),
        _("%(period)s after the change."),
        Period(months=24), rows(admin_log),
    ),
    Entry(
        "limits", Group.TECHNICAL,
        _("How often something was tried in a short time, by network address or account"),
        _("So that nobody can guess codes or flood the site."),
        _("At most an hour; what has run out goes after %(period)s."),
        Period(days=1), Purge(_count_limits, _clear_limits),
    ),
    Entry(
        "copies", Group.TECHNICAL,
        _("Copies of the database in case it is lost"),
        _("So that no idea and no vote is lost when a machine breaks."),
        _("A month, by whoever runs the server. What you delete is in older copies until then."),
    ),
)  # fmt: skip
