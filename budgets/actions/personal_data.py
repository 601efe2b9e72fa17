"""What budgets knows about a person: that they are on a roll, and where their ideas stand. Never what they chose."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Challenge, Elector, Round, Submission
from participation.accounts.models import User
from participation.actions.personal_data import addresses_of, moment, yes
from participation.personal_data import Ideas, Part, Section

_LINK = "the link goes, the record of what was decided stays"
FIELDS = {
    "budgets.Elector.person": "the row stays without the person if it was used; its token stops a second vote",
    "budgets.Challenge.person": "the link goes; the text stays with the answer until its time is over",
    "budgets.Challenge.answered_by": _LINK,
    "budgets.Strike.proposed_by": _LINK,
    "budgets.Strike.decided_by": _LINK,
    "budgets.Erratum.proposed_by": _LINK,
    "budgets.Erratum.decided_by": _LINK,
    "budgets.Round.created_by": _LINK,
    "budgets.Submission.reviewed_by": _LINK,
    "budgets.Result.published_by": _LINK,
    "budgets.Result.certified_by": _LINK,
}


def erase(person: User, ideas: Ideas, now: datetime) -> None:
    """Rows of the roll that were never used go; used ones lose the person when the account's row is deleted.

    The urn is left alone: nothing in it names anybody, and the ballot counts.
    """
    mine = Elector.objects.filter(person=person)
    mine.filter(status=Elector.Status.ELIGIBLE).delete()
    used = mine.exclude(round__voting_closes_at__lte=now).select_related("round")
    Elector.objects.bulk_create(
        (_closed(elector.round, address) for elector in used for address in addresses_of(person)), ignore_conflicts=True
    )


def _closed(round: Round, address: str) -> Elector:
    """A row that keeps another address of somebody who voted from voting as a new person. Used for nothing else: an
    address that has a row already, such as the one that voted, keeps it."""
    token = Elector.token_for(round.pk, f"email:{address}")
    return Elector(round=round, token=token, assurance=Elector.Assurance.EMAIL, status=Elector.Status.CLOSED)


def export(person: User) -> Iterable[Section]:
    """Three queries."""
    submissions = Submission.objects.filter(proposal__author=person).select_related("round", "proposal").order_by("pk")
    yield Section(
        gettext_lazy("Your ideas in rounds"),
        [
            {
                _("Round"): submission.round.title,
                _("Idea"): submission.proposal.reference,
                _("State"): str(submission.get_state_display()),
                _("Handed in"): moment(submission.submitted_at),
                _("Reviewed"): moment(submission.reviewed_at),
                _("What the review said"): submission.reason,
            }
            for submission in submissions
        ],
    )
    electors = Elector.objects.filter(person=person).select_related("round", "area").defer("area__boundary")
    yield Section(
        gettext_lazy("Rounds you are on the roll of"),
        [
            {
                _("Round"): elector.round.title,
                _("You have voted"): yes(elector.status == Elector.Status.VOTED),
                _("Where it stands"): str(elector.get_status_display()),
                _("Known by"): str(elector.get_assurance_display()),
                _("How"): str(elector.get_channel_display()),
                _("Area"): elector.area.name if elector.area else "",
            }
            for elector in electors.order_by("round__voting_opens_at", "round_id")
        ],
        gettext_lazy(
            "What you chose and when you voted is not in this file. The roll does not know it. While a round is open, the "
            "page of your receipt shows your ballot to you alone; a file that proves how somebody voted could be asked for "
            "or bought."
        ),
    )

    yield Section(
        gettext_lazy("What you said is wrong with a vote"),
        [
            {
                _("Round"): challenge.round.title,
                _("What you wrote"): challenge.text,
                _("Handed in"): moment(challenge.handed_in_at),
                _("Answer"): challenge.answer,
                _("Answered"): moment(challenge.answered_at),
            }
            for challenge in Challenge.objects.filter(person=person).select_related("round").order_by("pk")
        ],
    )


PART = Part(export=export, erase=erase, fields=FIELDS)
