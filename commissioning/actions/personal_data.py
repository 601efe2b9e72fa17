"""What commissioning knows about a person: which bodies they answer for, which cases they follow and look after."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissioning.actions.milestones import drop_photos
from commissioning.models import Case, Dispute, Follow, Member, MilestoneCheck, NewsStop, Photo
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
    "commissioning.Milestone.by": _LINK,
    "commissioning.Payment.by": _LINK,
    "commissioning.Metric.by": _LINK,
    "commissioning.Observation.by": _LINK,
    "commissioning.Weighting.by": _LINK,
    "commissioning.MilestoneReport.by": _LINK,
    "commissioning.MilestoneCheck.by": _GOES,
    "commissioning.Dispute.by": "the link goes, the words and their answer stay",
    "commissioning.Dispute.answered_by": _LINK,
}


def erase(person: User, ideas: Ideas, now: datetime) -> None:
    """Everything goes, or loses its link, when the account's row is deleted; photos of what somebody saw go first."""
    drop_photos(list(Photo.objects.filter(check_of__by=person)))


def export(person: User) -> Iterable[Section]:
    """Five queries."""
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
    checks = MilestoneCheck.objects.filter(by=person).select_related("milestone")
    yield Section(
        gettext_lazy("What you saw of deliveries"),
        [
            {_("Milestone"): check.milestone.title, _("Seen"): yes(check.seen), _("Your words"): check.text}
            for check in checks
        ],
    )
    disputes = Dispute.objects.filter(by=person).select_related("milestone")
    yield Section(
        gettext_lazy("Reports that you disputed"),
        [
            {_("Milestone"): item.milestone.title, _("Your words"): item.text, _("Answer"): item.answer}
            for item in disputes
        ],
    )


PART = Part(export=export, erase=erase, fields=FIELDS)
