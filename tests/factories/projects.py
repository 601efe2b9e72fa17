"""Submissions and the projects they become."""

import factory
from factory.django import DjangoModelFactory

from budgets.models import Project, Submission
from tests.factories.proposals import ProposalFactory
from tests.factories.rounds import PotFactory, RoundFactory
from tests.factories.time import NOW


class SubmissionFactory(DjangoModelFactory[Submission]):
    """A published proposal that waits for review in a round."""

    class Meta:
        model = Submission

    class Params:
        draft = factory.Trait(
            state=Submission.State.DRAFT,
            submitted_at=None,
            proposal=factory.SubFactory(ProposalFactory, draft=True, place=factory.SelfAttribute("..round.place")),
        )
        accepted = factory.Trait(state=Submission.State.ACCEPTED, reviewed_at=NOW, reason="It can be built.")
        declined = factory.Trait(state=Submission.State.DECLINED, reviewed_at=NOW, reason="The land is not ours.")

    round = factory.SubFactory(RoundFactory)
    proposal = factory.SubFactory(ProposalFactory, place=factory.SelfAttribute("..round.place"))
    state = Submission.State.SUBMITTED
    submitted_at = NOW


class ProjectFactory(DjangoModelFactory[Project]):
    """A project of £1,000 on the ballot of the pot's round, from an accepted submission."""

    class Meta:
        model = Project

    pot = factory.SubFactory(PotFactory)
    round = factory.SelfAttribute("pot.round")
    submission = factory.SubFactory(SubmissionFactory, accepted=True, round=factory.SelfAttribute("..round"))
    proposal = factory.LazyAttribute(lambda o: o.submission.proposal if o.submission else None)
    code = factory.Sequence(lambda n: f"p{n}")
    name = factory.LazyAttribute(lambda o: o.proposal.title if o.proposal else f"Project {o.code}")
    summary = "Three benches where the path bends."
    cost = 100_000  # £1,000 in pence
    feasibility = "The parks team can do it in a week."
