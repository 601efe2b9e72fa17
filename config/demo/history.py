"""Larkmoor's rounds, lived through in order: announced, proposed, reviewed, confirmed, voted, counted, published.

What people did before now goes through the actions, told that it is an earlier moment. Only the ballots of votes that
are over cannot be cast any more; they are laid in the box as an import does, with a row of the roll for each.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from budgets.actions.ballots import cast_ballot
from budgets.actions.projects import accept, decline, start_submission, submit
from budgets.actions.results import certify_results, publish_results
from budgets.actions.rounds import confirm_ballot, create_round, publish_round, save_pot
from budgets.actions.tallies import count_other_rules, count_round
from budgets.models import Elector, Round, Submission, Tally, UrnBallot
from budgets.models.challenges import challenged_until
from budgets.models.urn import handle_of
from budgets.permissions import entitled_pots
from budgets.proofs import ballot_leaf
from budgets.rules import canonical, canonical_selections
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
        tallies = count_round(round_id=round.pk, now=story.closed + timedelta(minutes=5))
        failed = [tally.error for tally in tallies if tally.state != Tally.State.DONE]
        if failed:
            raise CountFailed(f"{plan.title} could not be counted: {failed[0]}")
    if story.comes_to("published") and not round.has_result():
        publish_results(by=organiser, round_id=round.pk, now=story.closed + timedelta(minutes=10))
        count_other_rules(round_id=round.pk, now=story.closed + timedelta(minutes=15))
    round = Round.objects.with_pots().get(pk=round.pk)
    if story.comes_to("certified") and not all(pot.result.certified_at for pot in round.pots.all()):
        certify_results(by=second, round_id=round.pk, now=challenged_until(round) + timedelta(hours=1))
    return round


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
        self.people = list(User.objects.filter(email__in=[person.email for person in residents()]).order_by("email"))

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

    def _announce(self) -> Round:
        plan = self.plan
        round = create_round(
            by=self.organiser,
            place_id=self.town.pk,
            now=self.announced - timedelta(days=7),
            title=plan.title,
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
                cast_ballot(
                    by=user, round_id=round.pk, selections=self._choices(round, entitled_pots(user, round), chance)
                )

    def _fill_the_box(self, round: Round) -> None:
        """The ballots of a vote that is over, each with its row of the roll."""
        pots = [pot["key"] for pot in round.rules["pots"]] if self.plan.voters else []
        areas = list(self.wards.values())
        electors, ballots = [], []
        for number in range(self.plan.voters):
            elector = Elector(
                round=round,
                token=Elector.token_for(round.pk, f"email:voter{number:04d}@larkmoor.example"),
                assurance=Elector.Assurance.POSTCODE,
                area=self.chance.choice(areas),
                status=Elector.Status.VOTED,
            )
            selections = canonical(canonical_selections(self.plan.format, self._choices(round, pots, self.chance)))
            electors.append(elector)
            ballots.append(_in_urn(round, elector, selections))
        Elector.objects.bulk_create(electors)
        # In the order of their random ids, so that the table does not tell who voted when.
        UrnBallot.objects.bulk_create(sorted(ballots, key=lambda ballot: ballot.id))

    def _choices(self, round: Round, pots: list[str], chance: Random) -> dict[str, list[str]]:
        """What someone might choose: well-liked projects more often, and only as much as the ballot allows."""
        chosen: dict[str, list[str]] = {}
        for section in round.rules["pots"]:
            if section["key"] not in pots:
                continue
            liked = sorted(section["projects"], key=lambda p: -(chance.random() ** (1 / self.likings[p["name"]])))
            left, most = section["amount"], chance.randint(1, round.rules["ballot"]["max_choices"])
            codes: list[str] = []
            for project in liked:
                if round.rules["ballot"]["format"] == "knapsack":
                    if project["cost"] <= left:
                        left -= project["cost"]
                        codes.append(project["code"])
                elif len(codes) < most:
                    codes.append(project["code"])
            chosen[section["key"]] = codes
        return chosen


def _in_urn(round: Round, elector: Elector, selections: str) -> UrnBallot:
    salt = secrets.token_hex(16)
    leaf = ballot_leaf(round.slug, round.rules_hash, selections, salt)
    handle = handle_of(elector, round)
    return UrnBallot(round=round, handle=handle, selections=selections, salt=salt, leaf=leaf)
