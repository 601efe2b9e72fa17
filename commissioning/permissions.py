"""Who may do what with a case; and the sentence for every refusal of this app."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from commissioning import rules
from commissioning.models import Body, Case, Dispute, Member, MilestoneCheck, Photo
from participation.models import Place
from participation.permissions import COMMISSIONER, MODERATOR, ORGANISER, Person, holds, is_resident
from participation.refusals import Refused, register

register(
    409,
    {
        "state_skipped": _("A case moves one step at a time. Reload the page to see where it stands."),
        "answer_first": _("Answer the residents first: accept, accept with changes, or decline."),
        "award_first": _("Record first who is given what: an award."),
        "milestone_first": _("Plan at least one milestone, so that everyone can see how the delivery goes."),
        "dispute_open": _("You have said so already. The public body has to answer that first."),
        "weights_frozen": _("The weights were frozen by your first award in this round."),
        "hidden_already": _("What you said here was hidden by a moderator. It cannot be said anew."),
        "not_yet": _("This can be recorded once the case has come further. Take its next step first."),
        "grant_has_no_contract": _("Only an award on the way of a contract has contracts. This one is another kind."),
        "checklist_open": _("The checklist still waits for you: %(count)d of what is needed before the award is open."),
        "estimate_first": _("Say first what is bought and what it is worth: the checklist depends on it."),
        "not_on_list": _("This is not on the list of this case any more. Reload the page."),
        "called_off": _("This award has been called off."),
    },
)
register(
    422,
    {
        "fact_missing": _("This step needs more: fill in what is marked."),
        "bad_number": _("This is not a number of that register. Check every digit, zeros in front included."),
        "member_needs_role": _("%(name)s has to be a commissioner of %(place)s first."),
        "no_such_person": _("There is no account with this e-mail address."),
        "note_needed": _("Say in the note why this is not needed: the rules ask for it."),
        "over_accepted": _("With this, the awards come to %(over)s more than the amount that was accepted."),
        "over_award": _("With this, it comes to %(over)s more than the award."),
        "below_spent": _("%(over)s more than this is paid or under contract already."),
        "dates_order": _("The end cannot lie before the start."),
        "day_ahead": _("This day has not come yet."),
        "met_on_a_day": _("Give the day if it is done, and only then."),
        "weights_sum": _("Together the weights have to be 100; these come to %(sum)d."),
        "unit_stays": _("What is counted cannot be changed. Agree another measure instead."),
        "outcome_first": _("No saving without its outcome: record first what became better for people or place."),
        "vat_below": _("The value with VAT cannot be less than the value without it."),
        "body_exists": _("This organisation is a commissioning body here already."),
    },
)


def answers_for(user: Person, body: Body) -> bool:
    """A member of the body who is a commissioner of its place."""
    if not user.is_authenticated or not Member.objects.filter(body=body, user=user.pk).exists():
        return False
    return holds(user, COMMISSIONER, body.place)


def may_manage_bodies(user: Person, place: Place) -> Refused | None:
    """Organisers of the place, and administrators."""
    if not user.is_authenticated:
        return Refused("sign_in")
    return None if user.is_superuser or holds(user, ORGANISER, place) else Refused("not_allowed")


def may_record(user: Person, case: Case, states: Collection[rules.State] = rules.RECORDING) -> Refused | None:
    """A member of the case's body, as soon as the case stands in one of `states`."""
    if not user.is_authenticated:
        return Refused("sign_in")
    if not answers_for(user, case.body):
        return Refused("not_allowed")
    return None if case.state in states else Refused("not_yet")


def may_move(user: Person, case: Case, to: rules.State) -> Refused | None:
    """A member of the case's body, to a state that comes next."""
    if not user.is_authenticated:
        return Refused("sign_in")
    if not answers_for(user, case.body):
        return Refused("not_allowed")
    if to not in rules.MOVES[rules.State(case.state)]:
        return Refused("answer_first" if case.state == rules.State.RECEIVED else "state_skipped")
    return None


def may_check(user: Person, case: Case) -> Refused | None:
    """Residents of the round's place, once it is being delivered."""
    if not user.is_authenticated:
        return Refused("sign_in")
    if not is_resident(user, case.round.place):
        return Refused("not_resident", place=case.round.place.name)
    return None if case.state in rules.DELIVERY else Refused("not_yet")


def may_dispute(user: Person, case: Case) -> Refused | None:
    """As `may_check`; and organisers of the place."""
    if not holds(user, ORGANISER, case.round.place):
        return may_check(user, case)
    return None if case.state in rules.DELIVERY else Refused("not_yet")


def may_hide_here(user: Person, case: Case) -> bool:
    """Organisers and moderators of the round's place."""
    return holds(user, MODERATOR, case.round.place) or holds(user, ORGANISER, case.round.place)


def may_hide(user: Person, case: Case, shown: Photo | MilestoneCheck | Dispute) -> Refused | None:
    """Organisers and moderators of the place, but never what they wrote or showed themselves."""
    if not user.is_authenticated:
        return Refused("sign_in")
    if not may_hide_here(user, case):
        return Refused("not_allowed")
    if isinstance(shown, Photo):
        own = MilestoneCheck.objects.filter(photo=shown, by=user.pk).exists()
    else:
        own = shown.by_id == user.pk
    return Refused("own_item") if own else None
