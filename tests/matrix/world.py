"""One place with a round in each state that a URL needs, a second place beside it, and a person for each role."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from budgets.actions.results import publish_results
from budgets.actions.tallies import count_round
from budgets.models import Challenge, Erratum, Project, Round, Submission
from commissioning.actions.awards import record_contract
from commissioning.actions.payments import record_payment
from commissioning.models import Case, Contract, Dispute, Member, Metric, Milestone, Payment, Photo
from commissioning.rules import State
from participation.accounts.models import User
from participation.actions.roles import hash_token
from participation.models import Invitation, Picture, Place, Role
from participation.models.roles import RoleKind
from tests.factories import (
    NOW,
    BallotFactory,
    PlaceFactory,
    PotFactory,
    ProjectFactory,
    ProposalFactory,
    ReportFactory,
    RoleFactory,
    RoundFactory,
    SubmissionFactory,
    UserFactory,
    WardFactory,
    freeze,
    give_second_factor,
    resident_of,
    staff_of,
)
from tests.factories.bodies import BodyFactory
from tests.factories.cases import CaseFactory, award_of, milestone_of

ROLES = (
    "anonymous",
    "resident",
    "foreign resident",
    "organiser",
    "foreign organiser",
    "moderator",
    "commissioner",
    "superuser",
)


@dataclass
class World:
    """Attributes are made when first asked for, so that a test pays only for what its URL needs."""

    def __post_init__(self) -> None:
        self.place: Place = PlaceFactory()
        self.ward: Place = WardFactory(parent=self.place)
        self.elsewhere: Place = PlaceFactory()
        superuser: User = UserFactory(is_staff=True, is_superuser=True)
        give_second_factor(superuser)
        self.people: dict[str, User] = {
            "resident": resident_of(self.ward),
            "foreign resident": resident_of(WardFactory(parent=self.elsewhere)),
            "organiser": staff_of(self.place, RoleKind.ORGANISER),
            "foreign organiser": staff_of(self.elsewhere, RoleKind.ORGANISER),
            "moderator": staff_of(self.place, RoleKind.MODERATOR),
            "commissioner": staff_of(self.place, RoleKind.COMMISSIONER),
            "superuser": superuser,
        }

    def client(self, role: str) -> Client:
        client = Client()
        if role != "anonymous":
            client.force_login(self.people[role])
        return client

    @cached_property
    def proposing(self) -> Round:
        round: Round = RoundFactory(place=self.place)
        PotFactory(round=round)
        return round

    @cached_property
    def draft(self) -> Submission:
        """The resident's idea, still being written."""
        proposal = ProposalFactory(draft=True, place=self.place, author=self.people["resident"])
        submission: Submission = SubmissionFactory(draft=True, round=self.proposing, proposal=proposal)
        return submission

    @cached_property
    def submitted(self) -> Submission:
        proposal = ProposalFactory(place=self.place, author=self.people["resident"])
        submission: Submission = SubmissionFactory(round=self.proposing, proposal=proposal)
        return submission

    @cached_property
    def picture(self) -> Picture:
        return Picture.objects.create(
            proposal=self.submitted.proposal, alt_text="A bench", created_at=NOW, image=ContentFile(jpeg(), "bench.jpg")
        )

    @cached_property
    def hidden(self) -> Round:
        round: Round = RoundFactory(place=self.place, hidden=True)
        PotFactory(round=round)
        return round

    def _with_projects(self, round: Round) -> Round:
        pot = PotFactory(round=round, key="town", amount=250_000)
        PotFactory(round=round, key="mill", area=self.ward, amount=100_000)
        for n in (1, 2, 3):
            ProjectFactory(pot=pot, code=f"p{n}")
        ProjectFactory(pot=round.pots.get(key="mill"), code="m1")
        return freeze(round)

    @cached_property
    def voting(self) -> Round:
        return self._with_projects(RoundFactory(place=self.place, voting=True))

    @cached_property
    def project(self) -> Project:
        return self.voting.projects.get(code="p1")

    @cached_property
    def published(self) -> Round:
        round = self._with_projects(RoundFactory(place=self.place, closed=True))
        for choices in ({"town": ["p1", "p2"]}, {"town": ["p1"], "mill": ["m1"]}, {"town": ["p2", "p3"]}):
            BallotFactory(round=round, choices=choices)
        count_round(round_id=round.pk, now=NOW)
        publish_results(by=self.people["organiser"], round_id=round.pk, now=NOW)
        round.refresh_from_db()
        return round

    @cached_property
    def case(self) -> Case:
        """Of the published round, at the desk of the commissioner."""
        body = BodyFactory(place=self.place)
        Member.objects.create(body=body, user=self.people["commissioner"], desk=Member.Desk.ECONOMY)
        return Case.objects.create(
            round=self.published, project=self.published.projects.get(code="p1"), body=body, title="Benches", voted=100_000,
            opened_at=NOW,
            reply_due_on=NOW.date(),
        )  # fmt: skip

    @cached_property
    def checked(self) -> Case:
        """A third case of that body, on its way to a grant."""
        case: Case = CaseFactory(body=self.case.body, round=self.published)
        return case

    @cached_property
    def contract(self) -> Contract:
        """Of a second case of that body, which is being delivered."""
        body = self.case.body
        case = CaseFactory(body=body, round=self.published, state=State.DELIVERING, route="contract")
        award = award_of(case, self.people["commissioner"])
        return record_contract(
            by=self.people["commissioner"], case_id=case.pk, award_id=award.pk, now=NOW, status="pending",
            description="Ten benches", net=90_000, above_threshold=False,
        )  # fmt: skip

    @cached_property
    def milestone(self) -> Milestone:
        return milestone_of(self.contract.award.case, self.people["commissioner"])

    @cached_property
    def payment(self) -> Payment:
        return record_payment(
            by=self.people["commissioner"], award_id=self.contract.award_id, now=NOW, paid_on=NOW.date(), amount=40_000
        )

    @cached_property
    def metric(self) -> Metric:
        return Metric.objects.create(
            case=self.contract.award.case, title="Trees in Mill Lane", unit="trees", criterion="environment", agreed=40,
            due_on=NOW.date(), at=NOW,
        )  # fmt: skip

    @cached_property
    def dispute(self) -> Dispute:
        return Dispute.objects.create(milestone=self.milestone, text="Two are missing.", at=NOW)

    @cached_property
    def photo(self) -> Photo:
        image = ContentFile(jpeg(), "bench.jpg")
        return Photo.objects.create(milestone=self.milestone, image=image, alt_text="A bench", at=NOW)

    @cached_property
    def challenge(self) -> Challenge:
        return Challenge.objects.create(
            round=self.published, person=self.people["resident"], text="The hall was locked at noon.", handed_in_at=NOW
        )

    @cached_property
    def erratum(self) -> Erratum:
        return Erratum.objects.create(
            round=self.published, text="The swing is in Mill Lane.", proposed_by=None, proposed_at=NOW
        )

    @cached_property
    def report(self) -> int:
        return int(ReportFactory(proposal=self.submitted.proposal).pk)

    @cached_property
    def role(self) -> Role:
        role: Role = RoleFactory(place=self.place, kind=RoleKind.MODERATOR)
        return role

    @cached_property
    def invitation(self) -> Invitation:
        """For the resident, by the token "open-sesame"."""
        return Invitation.objects.create(
            place=self.place, kind=RoleKind.MODERATOR, email=self.people["resident"].email,
            invited_by=self.people["organiser"],
            token_hash=hash_token("open-sesame"), invited_at=NOW, expires_at=NOW.replace(year=NOW.year + 1),
        )  # fmt: skip


def jpeg() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "seagreen").save(out, "JPEG")
    return out.getvalue()
