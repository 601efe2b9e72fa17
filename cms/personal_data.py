"""What the CMS knows about the people who edit pages."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.models import EditingSession, FormState
from wagtail.models import Comment, CommentReply, ModelLogEntry, Page, PageLogEntry
from wagtail.users.models import UserProfile

from participation.accounts.models import User
from participation.actions.personal_data import moment
from participation.actions.retention import rows
from participation.personal_data import Ideas, Part, Section
from participation.retention import Entry, Group, Period

GOES = "goes with the account"
LINK = "the link goes, what was written stays"
FIELDS = {
    "cms.SiteSettings.contact_email": "the council's own address, shown on every page",
    "wagtailusers.UserProfile.user": GOES,
    "wagtailadmin.EditingSession.user": GOES,
    "wagtailadmin.FormState.user": GOES,
    "wagtailcore.APIToken.user": GOES,
    "wagtailcore.Comment.user": GOES,
    "wagtailcore.Comment.resolved_by": LINK,
    "wagtailcore.CommentReply.user": GOES,
    "wagtailcore.PageSubscription.user": GOES,
    "wagtailcore.ModelLogEntry.user": LINK,
    "wagtailcore.PageLogEntry.user": LINK,
    "wagtailcore.Revision.user": LINK,
    "wagtailcore.Page.owner": LINK,
    "wagtailcore.Page.locked_by": LINK,
    "wagtailcore.TaskState.finished_by": LINK,
    "wagtailcore.WorkflowState.requested_by": LINK,
    "wagtailcore.UploadedFile.uploaded_by_user": LINK,
    "wagtaildocs.Document.uploaded_by_user": LINK,
    "wagtailimages.Image.uploaded_by_user": LINK,
}


def erase(person: User, ideas: Ideas, now: datetime) -> None:
    """What the database does not see to: Wagtail's logs point at people without a constraint, and have their names."""
    for profile in UserProfile.objects.filter(user=person).exclude(avatar=""):
        transaction.on_commit(partial(profile.avatar.storage.delete, profile.avatar.name))
    for log in (ModelLogEntry, PageLogEntry):
        log.objects.filter(user=person).update(user=None)
    ModelLogEntry.objects.for_instance(person).update(label="", data={})


def export(person: User) -> Iterable[Section]:
    """Six queries."""
    yield Section(
        gettext_lazy("Your work on pages"),
        [
            {_("When"): moment(entry.timestamp), _("What"): str(entry.message), _("About"): entry.label}
            for log in (PageLogEntry, ModelLogEntry)
            for entry in log.objects.filter(user=person).order_by("timestamp")
        ],
    )
    yield Section(
        gettext_lazy("Pages you own"),
        [{_("Page"): page.title} for page in Page.objects.filter(owner=person).order_by("pk")],
    )
    yield Section(
        gettext_lazy("Your comments on pages"),
        [
            {_("When"): moment(comment.created_at), _("Text"): comment.text}
            for kind in (Comment, CommentReply)
            for comment in kind.objects.filter(user=person).order_by("pk")
        ],
    )


def stale_forms(before: datetime):
    return FormState.objects.filter(last_updated_at__lt=before)


def stale_editing(before: datetime):
    return EditingSession.objects.filter(last_seen_at__lt=before)


PART = Part(export=export, erase=erase, fields=FIELDS)
ENTRIES = (
    Entry(
        "pages", Group.STAFF,
        gettext_lazy("Who wrote which version of a page of this site"),
        gettext_lazy("So that editors can go back to an earlier version and ask each other."),
        gettext_lazy("As long as the page; without the name once the account is deleted."),
    ),
    Entry(
        "page-forms", Group.STAFF,
        gettext_lazy("What an editor has typed and not saved"),
        gettext_lazy("So that nothing is lost when the connection breaks."),
        gettext_lazy("%(period)s after the last change."),
        Period(days=7), rows(stale_forms),
    ),
    Entry(
        "page-editing", Group.STAFF,
        gettext_lazy("That an editor has a page open"),
        gettext_lazy("So that two editors do not overwrite each other."),
        gettext_lazy("%(period)s."),
        Period(days=1), rows(stale_editing),
    ),
)  # fmt: skip
