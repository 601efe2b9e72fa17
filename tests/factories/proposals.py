"""Proposals as their authors leave them, and reports about them."""

import factory
from factory.django import DjangoModelFactory

from participation.models import Proposal, Report
from tests.factories.people import UserFactory
from tests.factories.places import PlaceFactory
from tests.factories.time import NOW


class ProposalFactory(DjangoModelFactory[Proposal]):
    """A complete, published proposal; traits: draft, withdrawn, hidden."""

    class Meta:
        model = Proposal

    class Params:
        draft = factory.Trait(state=Proposal.State.DRAFT, published_at=None)
        withdrawn = factory.Trait(state=Proposal.State.WITHDRAWN)
        hidden = factory.Trait(hidden_at=NOW, hidden_reason="It named a child.")

    reference = factory.Sequence(lambda n: f"P-{n:06d}")
    place = factory.SubFactory(PlaceFactory)
    author = factory.SubFactory(UserFactory)
    state = Proposal.State.PUBLISHED
    title = factory.Sequence(lambda n: f"Benches along the river {n}")
    what = "Put three benches where the path bends."
    why = "People who cannot walk far have nowhere to rest."
    beneficiaries = "Older people and parents with small children."
    where = "By the footbridge"
    estimated_cost = "About £900"
    created_at = NOW
    changed_at = NOW
    published_at = NOW


class ReportFactory(DjangoModelFactory[Report]):
    class Meta:
        model = Report

    proposal = factory.SubFactory(ProposalFactory)
    place = factory.SelfAttribute("proposal.place")
    reporter = factory.SubFactory(UserFactory)
    reason = Report.Reason.SPAM
    details = "This is an advertisement."
    reported_at = NOW
