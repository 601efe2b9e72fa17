"""What commissioning knows about a person: which bodies they answer for, which cases they follow and look after."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissioning.models import Case, Follow, Member, NewsStop
from participation.accounts.models import User
from participation.actions.personal_data import yes
from participation.personal_data import Ideas, Part, Section

_LINK = "the link goes, the record of what was decided stays"
_GOES = "goes with the account"
FIELDS = {
    "commissioning.Member.user": _GOES,
    "commissioning.Follow.user": _GOES,
    "commissioning.NewsStop.user": _GOES,
    "commissioning.Case.procurement": _LINK,
    "commissioning.Case.economy": _LINK,
    "commissioning.Step.by": _LINK,
    "commissioning.Estimate.by": _LINK,
    "commissioning.CheckAnswer.by": _LINK,
    "commissioning.Award.by": _LINK,
    "commissioning.Contract.by": _LINK,
}


def erase(person: User, ideas: Ideas, now: datetime) -> None:
    """Everything goes, or loses its link, when the account's row is deleted."""


def export(person: User) -> Iterable[Section]:
    """Three queries."""
    members = Member.objects.filter(user=person).select_related("body__organisation")
    yield Section(
        gettext_lazy("Public bodies you answer for"),
        [{_("Body"): member.body.organisation.name, _("Desk"): str(member.get_desk_display())} for member in members],
    )
    followed = Case.objects.filter(pk__in=Follow.objects.filter(user=person).values("case")).order_by("pk")
    stopped = NewsStop.objects.filter(user=person).exists()
    yield Section(
        gettext_lazy("Projects you follow"),
        [{_("Project"): case.title} for case in followed] + ([{_("Wants no mail"): yes(True)}] if stopped else []),
    )


PART = Part(export=export, erase=erase, fields=FIELDS)
