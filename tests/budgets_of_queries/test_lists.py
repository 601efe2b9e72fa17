"""A page with a list costs the same queries at 2 rows and at 200, and few of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.actions.results import publish_results
from budgets.actions.tallies import count_round
from budgets.models import Round, Submission
from participation.models import Place, Proposal
from participation.models.roles import RoleKind
from tests.factories import (
    NOW,
    BallotFactory,
    PotFactory,
    ProjectFactory,
    ProposalFactory,
    ReportFactory,
    RoleFactory,
    RoundFactory,
    SubmissionFactory,
    WardFactory,
    freeze,
)
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.once]
MOST = 15
FEW, MANY = 2, 200

Page = tuple[str, str]  # role, address


def proposals(world: World, size: int) -> Page:
    ProposalFactory.create_batch(size, place=world.place, area=world.ward)
    return "anonymous", reverse("participation:proposals")


def place(world: World, size: int) -> Page:
    ProposalFactory.create_batch(size, place=world.place, area=world.ward)
    WardFactory.create_batch(size, parent=world.place)
    RoundFactory.create_batch(min(size, 50), place=world.place)
    return "anonymous", reverse("participation:place", args=[world.place.slug])


def mine(world: World, size: int) -> Page:
    ProposalFactory.create_batch(size, place=world.place, author=world.people["resident"])
    return "resident", reverse("participation:account")


def moderate(world: World, size: int) -> Page:
    for proposal in ProposalFactory.create_batch(size, place=world.place):
        ReportFactory(proposal=proposal)
    return "moderator", reverse("participation:moderate")


def place_roles(world: World, size: int) -> Page:
    RoleFactory.create_batch(size, place=world.place, kind=RoleKind.MODERATOR)
    return "organiser", reverse("participation:place_roles", args=[world.place.slug])


def roles(world: World, size: int) -> Page:
    WardFactory.create_batch(size, parent=world.place)
    return "organiser", reverse("participation:roles")


def rounds(world: World, size: int) -> Page:
    for round in RoundFactory.create_batch(size, place=world.place):
        PotFactory(round=round)
    return "anonymous", reverse("budgets:rounds")


def organise(world: World, size: int) -> Page:
    for round in RoundFactory.create_batch(size, place=world.place):
        PotFactory(round=round)
    return "organiser", reverse("budgets:organise")


def ideas(world: World, size: int) -> Page:
    SubmissionFactory.create_batch(size, round=world.proposing)
    return "anonymous", reverse("budgets:ideas", args=[world.proposing.slug])


def review(world: World, size: int) -> Page:
    SubmissionFactory.create_batch(size, round=world.proposing)
    return "organiser", reverse("budgets:review", args=[world.proposing.slug])


def pots(world: World, size: int) -> Page:
    PotFactory.create_batch(size, round=world.proposing)
    return "organiser", reverse("budgets:pots", args=[world.proposing.slug])


def _ballot(place: Place, size: int, **fields: object) -> Round:
    round: Round = RoundFactory(place=place, **fields)
    pot = PotFactory(round=round, amount=size * 50_000)
    ProjectFactory.create_batch(size, pot=pot)
    return freeze(round)


def open_round(world: World, size: int) -> Page:
    return "anonymous", _ballot(world.place, size, voting=True).get_absolute_url()


def projects(world: World, size: int) -> Page:
    return "anonymous", reverse("budgets:projects", args=[_ballot(world.place, size, voting=True).slug])


def vote(world: World, size: int) -> Page:
    return "resident", reverse("budgets:vote", args=[_ballot(world.place, size, voting=True).slug])


def _counted(world: World, size: int) -> Round:
    round = _ballot(world.place, size, closed=True)
    pot = round.pots.get()
    for project in pot.projects.all():
        BallotFactory(round=round, choices={pot.key: [project.code]})
    count_round(round_id=round.pk, now=NOW)
    publish_results(by=world.people["organiser"], round_id=round.pk, now=NOW)
    return round


def result(world: World, size: int) -> Page:
    return "anonymous", reverse("budgets:result", args=[_counted(world, size).slug])


def replay(world: World, size: int) -> Page:
    round = _counted(world, size)
    return "anonymous", reverse("budgets:replay", args=[round.slug, round.pots.get().key]) + "?step=1"


def what_if(world: World, size: int) -> Page:
    round = _counted(world, size)
    count_round(round_id=round.pk, now=NOW, rule="greedy")
    return "anonymous", reverse("budgets:what_if", args=[round.slug, round.pots.get().key])


def commission(world: World, size: int) -> Page:
    for _ in range(min(size, 12)):
        _counted(world, 2)
    return "commissioner", reverse("budgets:commission")


PAGES: list[Callable[[World, int], Page]] = [
    proposals, place, mine, moderate, place_roles, roles, rounds, organise, ideas, review, pots, open_round, projects, vote,
    result, replay, what_if, commission,
]  # fmt: skip


def queries(client: Client, url: str) -> list[str]:
    client.get(url)  # sessions, sites and content types are asked for once
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_list_costs_the_same_however_long_it_is(page: Callable[[World, int], Page]) -> None:
    counts = {}
    for size in (FEW, MANY):
        world = World()
        role, url = page(world, size)
        asked = queries(world.client(role), url)
        counts[size] = len(asked)
        assert len(asked) <= MOST, "\n".join(asked)
    # one more where a second page of a list has to be counted
    assert counts[MANY] <= counts[FEW] + 1, counts


def test_there_is_something_in_the_lists() -> None:
    world = World()
    _role, url = ideas(world, FEW)
    body = world.client("anonymous").get(url).content.decode()
    titles = Submission.objects.values_list("proposal__title", flat=True)
    assert all(title in body for title in titles)
    assert Proposal.objects.count() == FEW
