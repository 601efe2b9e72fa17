"""Who may do what with a round, and when; and the sentence for every refusal of this app."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from budgets.models import Challenge, Elector, Erratum, Result, Round, Strike, Submission
from budgets.models.challenges import challenged_until
from budgets.rules import Problem
from budgets.tally.explain import money
from participation.models import Place, Proposal, Residence
from participation.permissions import ORGANISER, Person, holds, may_propose, require
from participation.refusals import Refused, register

register(
    403,
    {
        "not_entitled": _("This vote is for people who live in %(place)s. Add your postcode to your account first."),
        "not_your_pot": _("The pot “%(pot)s” is for the people of another area."),
        "struck_off": _("You cannot vote in this round. Please contact the organisers: they can see why."),
        "second_person": _("Whoever proposed this cannot also confirm it. A second organiser has to."),
        "same_person": _(
            "Whoever published a result or vouched for it cannot also certify it. A second organiser has to."
        ),
    },
)
register(
    409,
    {
        "round_not_proposing": _("Ideas can be handed in only while the round is open for them."),
        "round_not_open": _("Voting is not open now. The round's page says when it is."),
        "address_voted": _(
            "A ballot has been cast with this e-mail address by another account. If it was not yours, "
            "please contact the organisers."
        ),
        "already_voted": _("You have voted already, and this round does not allow votes to be changed."),
        "paper_issued": _("You have been given a paper ballot. Hand it back to the organisers to vote here."),
        "ballot_confirmed": _(
            "The ballot has been confirmed. Reopen it first; once voting has started it stays as it is."
        ),
        "voting_started": _("Voting has started: the rules stay as they are until the result."),
        "not_confirmed": _("Confirm the ballot first."),
        "not_closed": _("Voting is still open. It can be counted when it has closed."),
        "not_counted": _("This has not been counted yet."),
        "not_certified": _("The result has not been certified yet."),
        "challenge_open": _("The result can be challenged until %(until)s. It can be certified after that."),
        "challenges_unanswered": _(
            "Somebody challenged this vote. Answer every challenge before the result is certified."
        ),
        "strikes_open": _("A proposed strike waits for a second person. Confirm or decline it before you certify."),
        "no_challenge_now": _("The vote can be challenged from its opening until the time for challenges ends."),
        "challenge_waiting": _("You have told us something already. You can write again when it has been answered."),
        "box_open": _("Voting is still open. Who has voted is looked at when the box is closed."),
        "already_certified": _("The result is certified: no ballot can be struck out any more."),
        "already_struck": _("For one of these people a strike has been proposed or confirmed already."),
        "not_voted": _("One of these people has not voted, so there is nothing to strike out."),
        "has_no_board": _("This round came from a file: its ballots were never in a ballot box here."),
        "out_of_balance": _(
            "The ballots in the box and the people who voted do not add up. This has to be cleared up first."
        ),
        "publish_needs_import": _("Only imported and demo rounds can be published from the command line."),
        "pot_in_use": _("Projects draw on this pot. Move them to another one first."),
        "already_submitted": _("This idea has been handed in already."),
        "already_counted": _("This has been counted. The same ballots give the same result."),
        "already_published": _("This has been published already."),
        "proposal_not_public": _("This idea has been taken back or hidden, so it cannot go on the ballot. Decline it."),
        "problems_left": _("Some things have to be put right first. They are listed below."),
    },
)
register(
    429,
    {"too_many_changes": _("You have changed your vote as often as anyone can. Your last choices stand and count.")},
)
register(
    503,
    {
        "keys_unreachable": _(
            "The ballot box cannot be reached at the moment. Nothing was changed. Try again in a few minutes; "
            "if it lasts, tell the organisers."
        ),
    },
)
register(
    400,
    {
        "not_json": _("The body is not JSON, or a key stands in it twice."),
        "wrong_type": _("This field has the wrong type."),
        "unknown_field": _("A ballot has no such field: it has “selections” and “old_enough”."),
    },
)
register(
    422,
    {
        # the ballot
        "nothing_chosen": _("Choose at least one project."),
        "unknown_pot": _("This round has no such pot."),
        "unknown_project": _("There is no project “%(project)s” in the pot “%(pot)s”."),
        "project_twice": _("A project is chosen twice in the pot “%(pot)s”."),
        "over_pot": _("Your choices in “%(pot)s” cost %(over)s more than the pot holds. Take something out."),
        "too_many_choices": _("You have chosen %(chosen)s projects in “%(pot)s”. Choose at most %(most)s."),
        "wrong_shape": _("The choices in “%(pot)s” cannot be read as a ballot of this round."),
        "bad_points": _("Points for “%(project)s” in “%(pot)s”: enter a whole number from 0 to %(most)s."),
        "too_many_points": _(
            "You have given %(given)s points in “%(pot)s”, which is %(over)s too many. Share out at most %(most)s."
        ),
        "bad_rank": _("The place of “%(project)s” in “%(pot)s” has to be a whole number from 1 to %(most)s."),
        "rank_twice": _("Two projects in “%(pot)s” are in place %(place)s. Give each a place of its own."),
        "age_not_declared": _("Confirm that you are old enough to vote."),
        # the round
        "dates_out_of_order": _("The dates are out of order: each step has to come after the one before."),
        "voting_is_over": _("The voting time is over before it began. Choose a later end."),
        "no_pot": _("There is no pot yet. Add at least one with the money to share out."),
        "undecided_submissions": _("Ideas that still wait for a review: %(number)s."),
        "ideas_still_open": _(
            "People can still hand in ideas. What comes in after you confirm is reviewed only if you reopen the ballot."
        ),
        "empty_pot": _("Nobody has paid into “%(pot)s” yet. Add who pays in and how much."),
        "no_project": _("There is no project in “%(pot)s” yet."),
        "project_without_cost": _("“%(project)s” has no cost."),
        "dearer_than_pot": _("“%(project)s” costs %(over)s more than “%(pot)s” holds: it can never win."),
        "nobody_eligible": _(
            "Nobody could vote on “%(pot)s”: no postcode of the area is loaded. "
            "Load the postcodes or let people vote by e-mail alone."
        ),
        "everything_fits": _("All projects in “%(pot)s” fit together, so there is nothing to decide."),
        "cost_needed": _("Enter what the project costs, in pounds."),
        "pot_elsewhere": _("This pot belongs to another round."),
        "pot_name_taken": _("There is a pot with this name already. Give it another one."),
        "funder_twice": _("A funder pays into a pot once. Put the sums together."),
    },
)


def refusal(problem: Problem) -> Refused:
    """A problem found by `budgets.rules` as a refusal, its sums of money written out."""
    params = dict(problem.params)
    if currency := params.pop("currency", None):
        params["over"] = money(params["over"], currency)
    return Refused(problem.code, field=problem.where or None, **params)


def may_organise(user: Person, place: Place) -> Refused | None:
    return require(user, ORGANISER, place)


def may_change_rules(user: Person, round: Round) -> Refused | None:
    """Timetable, ballot, pots and projects: by an organiser, until the ballot is confirmed."""
    refused = may_organise(user, round.place)
    if refused:
        return refused
    return Refused("ballot_confirmed") if round.rules_frozen_at or round.is_imported else None


def may_see_round(user: Person, round: Round) -> bool:
    """A round that is not announced yet exists only for its organisers."""
    return round.published_at is not None or holds(user, ORGANISER, round.place)


def may_submit(user: Person, round: Round, now: datetime) -> Refused | None:
    refused = may_propose(user, round.place)
    if refused:
        return refused
    is_time = round.published_at and round.proposing_opens_at <= now < round.shaping_opens_at
    return None if is_time else Refused("round_not_proposing")


def may_edit_submission(user: Person, submission: Submission, now: datetime) -> Refused | None:
    """The author, while it is a draft and the round takes ideas."""
    if not user.is_authenticated:
        return Refused("sign_in")
    if submission.proposal.author_id != user.pk:
        return Refused("not_yours")
    if submission.state != Submission.State.DRAFT or submission.proposal.state != Proposal.State.DRAFT:
        return Refused("already_submitted")
    return may_submit(user, submission.round, now)


def may_review(user: Person, submission: Submission) -> Refused | None:
    return may_change_rules(user, submission.round)


def may_vote(user: Person, round: Round, now: datetime) -> Refused | None:
    """Whether this person could cast a ballot at `now`, before anything is locked: for pages."""
    if not user.is_authenticated:
        return Refused("sign_in")
    return _may_vote(round, entitled_area(user, round), now)


def _may_vote(round: Round, area: Place | None, now: datetime) -> Refused | None:
    if round.is_imported or not round.is_open(now):
        return Refused("round_not_open")
    if round.eligibility == Round.Eligibility.POSTCODE and not area:
        return Refused("not_entitled", place=round.place.name)
    return None


def may_cast(round: Round, elector: Elector, area: Place | None, now: datetime) -> Refused | None:
    """The decision inside the casting transaction: `elector` is locked, `area` where the voter lives (`entitled_area`),
    `now` the database's clock."""
    if elector.status == Elector.Status.STRUCK:
        return Refused("struck_off")
    if elector.status == Elector.Status.ISSUED_PAPER:
        return Refused("paper_issued")
    return _may_vote(round, area, now)


def entitled_area(user: Person, round: Round) -> Place | None:
    """The area of the person's residence, if it lies in the round's place.

    Where the round asks for a postcode, a ward that was only chosen from a list does not count.
    """
    if not user.is_authenticated:
        return None
    residences = Residence.objects.filter(user_id=user.pk)
    if round.eligibility == Round.Eligibility.POSTCODE:
        residences = residences.by_postcode()
    # A boundary may weigh more than everything else that a cast reads.
    boundaries = ("area__boundary", "area__parent__boundary", "area__parent__parent__boundary")
    residence = residences.select_related("area__parent__parent").defer(*boundaries).first()
    return residence.area if residence and round.place in residence.area.lineage() else None


def entitled_pots(user: Person, round: Round) -> list[str]:
    """Keys of the pots this person may vote on: those for everyone, and those of the areas they live in."""
    return pots_of(entitled_area(user, round), round)


def pots_of(area: Place | None, round: Round) -> list[str]:
    """The same for someone who is known to live in `area`."""
    if area is None and round.eligibility == Round.Eligibility.POSTCODE:
        return []
    lineage = {place.slug for place in area.lineage()} if area else set()
    return [pot["key"] for pot in round.rules["pots"] if pot["area"] is None or pot["area"] in lineage]


def may_count(user: Person, round: Round, now: datetime) -> Refused | None:
    """An organiser, once voting is over; the sweep does it without anyone."""
    refused = may_organise(user, round.place)
    if refused:
        return refused
    if round.rules_frozen_at is None:
        return Refused("not_confirmed")
    if not round.is_imported and now < round.voting_closes_at:
        return Refused("not_closed")
    return Refused("already_counted") if round.counted_at and not round.recount_due else None


def may_publish(user: Person, round: Round) -> Refused | None:
    return may_organise(user, round.place)


def may_certify(user: Person, result: Result) -> Refused | None:
    """An organiser of the place, and not the one who published."""
    round = result.pot.round
    refused = may_organise(user, round.place)
    if refused:
        return refused
    return Refused("same_person") if user.pk == result.published_by_id else None


def may_open_box(round: Round, now: datetime) -> Refused | None:
    """Whether nothing is left that could still change the result. The caller holds the round's exclusive lock."""
    if round.recount_due:
        return Refused("not_counted")
    until = challenged_until(round)
    if now < until:
        return Refused("challenge_open", until=date_format(timezone.localtime(until), "j F Y, H:i"))
    if round.challenges.unanswered().exists():
        return Refused("challenges_unanswered")
    return Refused("strikes_open") if Strike.objects.of_round(round).waiting().exists() else None


def may_challenge(user: Person, round: Round, now: datetime) -> Refused | None:
    """Anyone who is signed in, from the opening of the vote to the end of the time for challenges, which does
    not end before there is a result; and somebody who was
    struck off until the result is certified."""
    if not user.is_authenticated:
        return Refused("sign_in")
    if round.rules is None or round.is_imported or now < round.voting_opens_at or _is_certified(round):
        return Refused("no_challenge_now")
    in_time = now < max(challenged_until(round), round.voting_closes_at) or not Result.objects.of_round(round).exists()
    was_struck = round.electors.filter(person_id=user.pk, status=Elector.Status.STRUCK)
    return None if in_time or was_struck.exists() else Refused("no_challenge_now")


def may_answer(user: Person, challenge: Challenge) -> Refused | None:
    refused = may_organise(user, challenge.round.place)
    if refused:
        return refused
    return Refused("wrong_state") if challenge.answered_at else None


def may_see_roll(user: Person, round: Round, now: datetime) -> Refused | None:
    """Who voted, and signals about it: organisers, once the box is closed. Before, it would be a count too early."""
    refused = may_organise(user, round.place)
    if refused:
        return refused
    if round.is_imported:
        return Refused("has_no_board")
    return None if round.rules and now >= round.voting_closes_at else Refused("box_open")


def may_strike(user: Person, round: Round, now: datetime) -> Refused | None:
    """Propose a strike, or decline one: an organiser, from the close until the result is certified."""
    refused = may_see_roll(user, round, now)
    if refused:
        return refused
    return Refused("already_certified") if _is_certified(round) else None


def may_correct(user: Person, round: Round) -> Refused | None:
    """Add an erratum: an organiser, once the result is certified and nothing else can be changed."""
    refused = may_organise(user, round.place)
    if refused:
        return refused
    if round.is_imported:
        return Refused("has_no_board")
    return None if _is_certified(round) else Refused("not_certified")


def may_confirm(user: Person, proposed: Strike | Erratum) -> Refused | None:
    """The second of two people: not the one who proposed it."""
    return Refused("second_person") if user.pk == proposed.proposed_by_id else None


def _is_certified(round: Round) -> bool:
    return Result.objects.of_round(round).certified().exists()


def watched_round(slug: str) -> int | None:
    """The id behind the address of a public round, for those who are only told that it changed; None for any other."""
    return Round.objects.public().filter(slug=slug).values_list("pk", flat=True).first()
