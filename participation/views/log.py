"""What staff did, in words: the events of a page with the names of what they are about."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from participation.accounts.models import User
from participation.models import AuditEvent, Place, Proposal

_WORDS: dict[str, str | Promise] = {
    "account.erased": _("Deleted an account"),
    "site.set_up": _("Set up the site"),
    "place.created": _("Added a place"),
    "place.wards_loaded": _("Loaded wards"),
    "role.granted": _("Gave a role"),
    "role.revoked": _("Took a role away"),
    "invitation.sent": _("Sent an invitation"),
    "invitation.accepted": _("Accepted an invitation"),
    "invitation.withdrawn": _("Withdrew an invitation"),
    "report.upheld": _("Hid something that was reported"),
    "report.dismissed": _("Left something that was reported"),
    "round.created": _("Made a round"),
    "round.changed": _("Changed a round"),
    "round.published": _("Published a round"),
    "round.imported": _("Brought in a round from elsewhere"),
    "pot.saved": _("Saved a pot"),
    "pot.removed": _("Removed a pot"),
    "ballot.confirmed": _("Confirmed the ballot"),
    "ballot.reopened": _("Reopened the ballot"),
    "project.changed": _("Changed a project"),
    "submission.accepted": _("Put an idea on the ballot"),
    "submission.declined": _("Declined an idea"),
    "submission.reconsidered": _("Took an idea back into review"),
    "count.asked": _("Asked for another count"),
    "result.published": _("Published a result"),
    "result.certified": _("Certified a result"),
}


@dataclass(frozen=True, slots=True)
class Line:
    event: AuditEvent
    words: str | Promise
    about: str  # a name, or the bare reference such as round:12


def lines(events: Iterable[AuditEvent]) -> list[Line]:
    """Four queries for the names, however many events there are.

    What other apps made, such as a round, is called as it was when it was made: the event of that moment has its title.
    What has a name in the event itself, such as a pot, is called by it.
    """
    events = list(events)
    names: dict[str, str] = {}
    for noun, rows in {
        "user": User.objects.all(),
        "place": Place.objects.defer("boundary"),
        "proposal": Proposal.objects.only("title"),
    }.items():
        wanted = [event.target.partition(":")[2] for event in events if event.target.startswith(f"{noun}:")]
        names |= {f"{noun}:{row.pk}": str(row) for row in rows.filter(pk__in=wanted)}
    unknown = {event.target for event in events} - names.keys()
    made = AuditEvent.objects.filter(target__in=unknown, data__has_key="title").order_by("seq")
    names |= {event.target: event.data["title"] for event in made}
    return [
        Line(
            event,
            _WORDS.get(event.action, event.action),
            names.get(event.target) or _unknown(event),
        )
        for event in events
    ]


def _unknown(event: AuditEvent) -> str:
    """What has a name of its own in the event is called by it; people are known no more once they have gone."""
    if event.target.startswith(("user:", "account:")):
        return str(_("someone who has left"))
    return str(event.data.get("name") or event.target)
