"""The audit trail of a round as sentences."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from budgets.forms.rounds import LABELS
from budgets.models import Round
from budgets.tally.explain import money
from participation.models import AuditEvent

SENTENCES: dict[str, str | Promise] = {
    "round.created": _("made the round"),
    "round.changed": _("changed the round"),
    "round.published": _("showed the round to everyone"),
    "round.imported": _("imported the round from a file"),
    "pot.saved": _("saved a pot"),
    "pot.removed": _("removed a pot"),
    "submission.accepted": _("put an idea on the ballot"),
    "submission.declined": _("declined an idea"),
    "submission.reconsidered": _("opened a decision again"),
    "project.changed": _("changed a project"),
    "ballot.confirmed": _("confirmed the ballot"),
    "ballot.reopened": _("reopened the ballot"),
    "count.asked": _("asked for the count"),
    "result.published": _("published the result"),
    "result.certified": _("certified the result"),
    "challenge.answered": _("answered a challenge"),
    "strike.proposed": _("proposed to strike ballots out"),
    "strike.confirmed": _("struck ballots out"),
    "strike.declined": _("left ballots in that were proposed to be struck out"),
    "erratum.proposed": _("proposed a correction"),
    "erratum.published": _("put a correction on the board"),
    "erratum.dropped": _("dropped a correction"),
}


class Line(NamedTuple):
    who: str
    did: str | Promise
    details: str
    at: datetime


def trail(round: Round, events: Iterable[AuditEvent]) -> list[Line]:
    """Each event as a line; an action that has no sentence here is named by its code."""
    return [
        Line(
            str(_("The site")) if event.actor_id is None and event.actor_label == "system" else event.actor_label,
            SENTENCES.get(event.action, event.action),
            _details(round, event),
            event.at,
        )
        for event in events
    ]


def _details(round: Round, event: AuditEvent) -> str:
    """The name, the sum, the fields or the hash that the event carries."""
    data = event.data
    said = [str(data[name]) for name in ("name", "reason", "rules_hash") if data.get(name)]
    said += [money(data[name], round.currency) for name in ("cost", "amount") if name in data]
    said += [str(LABELS.get(field, field)) for field in data.get("fields", [])]
    return ", ".join(said)
