"""Larkmoor's rounds, lived through in order: announced, proposed, reviewed, confirmed, voted, counted, published.

What people did before now goes through the actions, told that it is an earlier moment. Only the ballots of votes that
are over cannot be cast any more: `config.demo.votes` says how they come into the box.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from budgets.actions.ballots import cast_ballot
from budgets.actions.board import destroy_keys
from budgets.actions.projects import accept, decline, start_submission, submit
from budgets.actions.results import certify_results, publish_results
from budgets.actions.rounds import confirm_ballot, create_round, publish_round, save_pot
from budgets.actions.tallies import count_other_rules, count_round
from budgets.models import Elector, Result, Round, Strike, Submission, Tally
from budgets.models.challenges import challenged_until
from budgets.permissions import entitled_pots
from config.demo import votes
from config.demo.ideas import Idea
from config.demo.pictures import picture
from config.demo.rounds import DemoRound
from config.demo.town import residents, wards
from participation.accounts.models import User
from participation.actions.proposals import save_draft, set_picture
from participation.models import Place

STAGES = ("proposed", "reviewed", "confirmed", "counted", "published", "certified")
PENCE = 100
SIX_DECIMALS = Decimal("0.000001")  # about 10 cm
VOTERS_NOW = 23  # residents who have voted already where voting is open; the others leave room for the visitor


class CountFailed(Exception):  # noqa: N818 - said to whoever seeds the demo
    """The child process that counts did not answer; running the seed again tries again."""


def live_through(
    plan: DemoRound, town: Place, *, now: datetime, organiser: User, second: User, say: Callable[[str], None]
) -> Round:
    """Bring the round as far as its plan says, from wherever an earlier run left it; returns it."""
    story = Story(plan, town, now=now, organiser=organiser)
    round = Round.objects.filter(place=town, title=plan.title).first()
    if round is None:
        say(f"{plan.title}: {len(plan.ideas)} ideas" + (f", {plan.voters} ballots" if plan.voters else ""))
        round = story.begin()
    if round.is_open(now):
        story.vote(round)
    if story.comes_to("counted") and round.counted_at is None:
        story.count(round, minutes=5)
    if story.comes_to("published") and not round.has_result():
        publish_results(by=organiser, round_id=round.pk, now=story.closed + timedelta(minutes=10))
        if not plan.disputed:
            count_other_rules(round_id=round.pk, now=story.closed + timedelta(minutes=15))
    if story.comes_to("certified"):
        story.certify(round, second)
    return Round.objects.with_pots().get(pk=round.pk)


class Story:
    """One round's plan with its moments worked out."""

    def __init__(self, plan: DemoRound, town: Place, *, now: datetime, organiser: User) -> None:
        self.plan, self.town, self.now, self.organiser = plan, town, now, organiser
        evening = now.replace(hour=18, minute=0, second=0, microsecond=0)
        self.opens, self.shaping, self.review, self.voting, self.closed, self.delivery = (
            evening + timedelta(days=days) for days in plan.days
        )
        self.announced = min(self.opens - timedelta(days=7), now - timedelta(days=3))
        self.chance = Random(plan.title)
        self.likings = {idea.title: idea.liking for idea in plan.ideas}
        self.wards = {ward.name: ward for ward in town.children.all()}
        self.people = list(
            User.objects.filter(email__in=[person.email for person in residents()])
            .select_related("residence__area")
            .order_by("email")
        )

    def comes_to(self, stage: str) -> bool:
        return STAGES.index(stage) <= STAGES.index(self.plan.upto)

    @transaction.atomic
    def begin(self) -> Round:
        """From the announcement to the confirmed ballot and the ballots of a vote that is over: all of it or nothing."""
        round = self._announce()
        for number, idea in enumerate(self.plan.ideas):
            self._propose(round, idea, number)
        if self.comes_to("reviewed"):
            self._review(round)
        if self.comes_to("confirmed"):
            round = confirm_ballot(by=self.organiser, round_id=round.pk, now=self.voting - timedelta(days=1))
        self._fill_the_box(round)
        return round

    def count(self, round: Round, *, minutes: int) -> None:
        """By the round's own rule, so many minutes after the close. Raises CountFailed."""
        tallies = count_round(round_id=round.pk, now=self.closed + timedelta(minutes=minutes))
        failed = [tally.error for tally in tallies if tally.state != Tally.State.DONE]
        if failed:
            raise CountFailed(f"{self.plan.title} could not be counted: {failed[0]}")

    def certify(self, round: Round, second: User) -> None:
        """As the second person, after the time for challenges; then the key that led from people to ballots goes."""
        results = Result.objects.of_round(round)
        if not all(result.certified_at for result in results):
            if self.plan.disputed:
                self.settle_dispute(round, second)
            round.refresh_from_db()
            certify_results(by=second, round_id=round.pk, now=challenged_until(round) + timedelta(hours=1))
        destroy_keys(round_id=round.pk)

    def settle_dispute(self, round: Round, second: User) -> None:
        """Ballots are struck out, what is left is counted again, and published anew."""
        if not Strike.objects.of_round(round).exists():
            with transaction.atomic():
                votes.dispute(
                    round, resident=self.people[0], organiser=self.organiser, second=second, closed=self.closed
                )
        self.count(round, minutes=27 * 60)
        publish_results(by=self.organiser, round_id=round.pk, now=self.closed + timedelta(hours=28))
        count_other_rules(round_id=round.pk, now=self.closed + timedelta(hours=29))

    def _announce(self) -> Round:
        plan = self.plan
        round = create_round(
            by=self.organiser,
            place_id=self.town.pk,
            now=self.announced - timedelta(days=7),
            title=plan.title,
            **({"slug": plan.slug} if plan.slug else {}),
            question=plan.question,
            description=plan.description,
            proposing_opens_at=self.opens,
            shaping_opens_at=self.shaping,
            review_opens_at=self.review,
            voting_opens_at=self.voting,
            voting_closes_at=self.closed,
            delivery_opens_at=self.delivery,
            ballot_format=plan.format,
            max_choices=plan.max_choices,
            points=plan.points,
            counting_rule=plan.rule,
            eligibility=Round.Eligibility.POSTCODE if plan.by_postcode else Round.Eligibility.EMAIL,
            publish_at_close=plan.publish_at_close,
        )
        for pot in plan.pots:
            save_pot(
                by=self.organiser,
                round_id=round.pk,
                now=self.announced - timedelta(days=6),
                name=pot.name,
                area_id=self.wards[pot.ward].pk if pot.ward else None,
                funders=[(name, pounds * PENCE) for name, pounds in pot.funders],
            )
        return publish_round(by=self.organiser, round_id=round.pk, now=self.announced)

    def _propose(self, round: Round, idea: Idea, number: int) -> None:
        author = self._author(idea, number)
        last = min(self.shaping, self.now - timedelta(hours=1))
        when = self.opens + (last - self.opens) * (number + 1) / (len(self.plan.ideas) + 1)
        submission = start_submission(by=author, round_id=round.pk, now=when)
        proposal = submission.proposal_id
        longitude, latitude = self._point(idea)
        save_draft(
            by=author,
            proposal_id=proposal,
            now=when,
            title=idea.title,
            what=idea.what,
            why=idea.why,
            beneficiaries=idea.who,
            area=self.wards[idea.ward] if idea.ward else None,
            where=idea.where,
            latitude=latitude,
            longitude=longitude,
            estimated_cost=f"About £{idea.cost:,}",
        )
        file = picture(idea.scene, idea.title)
        set_picture(by=author, proposal_id=proposal, file=file, alt_text=idea.alt, now=when)
        submit(by=author, submission_id=submission.pk, now=when)

    def _author(self, idea: Idea, number: int) -> User:
        """Someone of the ward, so that the idea comes from where it is."""
        names = {person.email for person in residents() if person.ward == idea.ward or not idea.ward}
        near = [user for user in self.people if user.email in names]
        return near[number % len(near)]

    def _point(self, idea: Idea) -> tuple[Decimal | None, Decimal | None]:
        """Longitude and latitude near the middle of the ward; none for what is for the whole town."""
        centre = next((ward.centre for ward in wards() if ward.name == idea.ward), None)
        if centre is None:
            return None, None
        longitude, latitude = (Decimal(degrees + self.chance.uniform(-0.005, 0.005)) for degrees in centre)
        return longitude.quantize(SIX_DECIMALS), latitude.quantize(SIX_DECIMALS)

    def _review(self, round: Round) -> None:
        pots = {pot.name: pot for pot in round.pots.all()}
        first = next(iter(pots.values()))
        ideas = {idea.title: idea for idea in self.plan.ideas}
        submissions = list(Submission.objects.filter(round=round).select_related("proposal").order_by("pk"))
        end = min(self.voting, self.now) - timedelta(days=2)
        for number, submission in enumerate(submissions, start=1):
            idea = ideas[submission.proposal.title]
            when = self.review + (end - self.review) * number / (len(submissions) + 1)
            if idea.verdict == "accept":
                accept(
                    by=self.organiser,
                    submission_id=submission.pk,
                    now=when,
                    pot_id=pots.get(idea.pot, first).pk,
                    name=idea.title,
                    summary=idea.what,
                    cost=idea.cost * PENCE,
                    feasibility=idea.check,
                )
            elif idea.verdict == "decline":
                decline(by=self.organiser, submission_id=submission.pk, now=when, reason=idea.check)

    def vote(self, round: Round) -> None:
        """Residents cast ballots where voting is open, by the ordinary action. Casting the same again changes nothing."""
        for user in self.people[:VOTERS_NOW]:
            if not Elector.objects.filter(round=round, person=user, status=Elector.Status.VOTED).exists():
                chance = Random(f"{round.title} {user.email}")
                chosen = votes.choices(round, entitled_pots(user, round), chance, self.likings)
                cast_ballot(by=user, round_id=round.pk, selections=chosen)

    def _fill_the_box(self, round: Round) -> None:
        areas = list(self.wards.values())
        if self.plan.disputed:
            votes.fill_and_seal(round, self.plan, self.people, areas, self.chance, self.likings)
        elif self.plan.voters:
            votes.fill(round, self.plan, areas, self.chance, self.likings)
