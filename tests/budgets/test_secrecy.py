"""Before the close nothing that anyone can reach depends on what people chose.

The same people vote twice over in the same world, once for one thing and once for another, and everything that the site says
to each role is compared byte for byte: pages, files, admin, sockets, mails, log. Receipts are random: any two count as one.
"""

import logging
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from budgets.actions.ballots import cast_ballot
from budgets.actions.board import LEAST_BATCH
from budgets.actions.results import publish_results
from budgets.actions.sweeps import refresh_ballot_counts, sweep_boards
from budgets.actions.tallies import count_round
from budgets.models import Round
from participation import events
from participation.accounts.models import User
from participation.models import OutboxMessage
from tests.factories import NOW, resident_of
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Ballot = dict[str, list[str]]
ONE: Ballot = {"town": ["p1"]}
OTHER: Ballot = {"town": ["p2", "p3"], "mill": ["m1"]}
VOTERS = 2 * LEAST_BATCH + 3
ADMIN = ("/admin/", "/cms/")
# Who did not vote themselves (voters see their own ballot), and which addresses are theirs to look at.
ROLES: dict[str, Callable[[str], bool]] = {
    "anonymous": lambda address: not address.startswith((*ADMIN, "/organise/")),
    "organiser": lambda address: not address.startswith(ADMIN),
    "superuser": lambda address: address.startswith(ADMIN),
}
# What is different from one request to the next for everyone: tokens, receipts, hashes (also as pages write them), ids.
RANDOM = re.compile(
    rb"\b[A-Za-z0-9]{64}\b|(?:[0-9a-f]{4} ){15}[0-9a-f]{4}|[0-9a-f]{8}(?=\xe2\x80\xa6)|[0-9a-f]{32}|[0-9a-f-]{36}"
)
# After a vote it is empty, or the vote would stand in it. That a page was looked at says nothing.
OWN = {"budgets:vote", "budgets:check_vote", "budgets:receipt", "budgets:receipt_file"}


@dataclass
class Seen:
    """Everything that the site said, under a name for each thing."""

    said: dict[str, bytes] = field(default_factory=dict)

    def note(self, name: str, content: Any) -> None:
        plain = content if isinstance(content, bytes) else repr(content).encode()
        # The size as it was on the wire, too.
        self.said[name] = b"%d bytes: %s" % (len(plain), RANDOM.sub(b"*", plain))


def differing(one: Seen, other: Seen) -> list[str]:
    assert one.said.keys() == other.said.keys()
    return [name for name in one.said if one.said[name] != other.said[name]]


@pytest.fixture
def world() -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        world = World()
        assert world.project.round == world.voting, "made before anyone votes, and so outside what is undone"
        yield world


def addresses(world: World) -> list[str]:
    """Every address of the app about this round, and whatever is not about any: a new kind of address needs its value here."""
    round = world.voting
    pot = round.pots.get(key="town")
    values: dict[str, list[Any]] = {
        "slug": [round.slug], "pot": ["town"], "kind": ["csv", "json", "pb"], "code": ["p1"], "pk": [pot.pk],
        "reference": [world.project.submission.proposal.reference], "name": ["ballots.jsonl"],  # type: ignore[union-attr]
    }  # fmt: skip
    found = []
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and resolver.namespace == "budgets":
            for pattern in resolver.url_patterns:
                assert isinstance(pattern, URLPattern)
                if f"budgets:{pattern.name}" not in OWN:
                    found += reversed_with(f"budgets:{pattern.name}", pattern, values)
    models = [model._meta for model in admin.site._registry]
    found += [reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist") for meta in models]
    found += [f"/admin/budgets/urnballot/?selections__contains={code}" for code in ("p1", "p2")]
    found += [f"/admin/budgets/urnballot/?round__urn__selections__contains={code}" for code in ("p1", "p2")]
    return [
        *found,
        "/",
        "/healthz",
        "/sitemap.xml",
        "/proposals/",
        "/cms/",
        "/account/",
        f"/places/{world.place.slug}/",
    ]


def reversed_with(name: str, pattern: URLPattern, values: dict[str, list[Any]]) -> list[str]:
    wanted = list(pattern.pattern.regex.groupindex)
    combinations: list[dict[str, Any]] = [{}]
    for parameter in wanted:
        combinations = [{**known, parameter: value} for known in combinations for value in values[parameter]]
    return [reverse(name, kwargs=known) for known in combinations]


def body(response: HttpResponse) -> bytes:
    """Status, headers and content, also of what is streamed."""
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    headers = sorted((name, value) for name, value in response.headers.items() if name != "Set-Cookie")
    return repr((response.status_code, headers)).encode() + content


Commit = Callable[..., Any]


def look(world: World, voters: list[User], choices: Ballot, caplog: pytest.LogCaptureFixture, commit: Commit) -> Seen:
    """Everyone casts, half of them after another ballot; the sweeps run; then every role looks at everything."""
    seen, told, round = Seen(), [], world.voting
    cache.clear()
    caplog.clear()
    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.DEBUG), commit(execute=True):
        patch.setattr(events, "_listeners", [told.append])
        for number, voter in enumerate(voters):
            if number % 2:
                cast_ballot(by=voter, round_id=round.pk, selections={"town": ["p3"]})
            if number > 2:
                cast_ballot(by=voter, round_id=round.pk, selections=choices)
        for number, voter in enumerate(voters[:3]):
            through_the_pages(seen, f"voter {number}", voter, round, choices)
        sweep_boards(now=NOW)
        refresh_ballot_counts(now=NOW)
    everything = addresses(world)
    for role, theirs in ROLES.items():
        client = world.client(role)
        for address in filter(theirs, everything):
            random.seed(address)  # which projects the page of a round shows as examples
            seen.note(f"{role} {address}", body(client.get(address)))  # type: ignore[arg-type]
    seen.note("sockets", told)
    mails = OutboxMessage.objects.order_by("key").values_list("to", "subject", "body", "due_at", "forget")
    seen.note("mails", sorted(map(repr, mails)))
    seen.note("log", [record.getMessage() for record in caplog.records if record.name != "django.request"])
    return seen


def through_the_pages(seen: Seen, name: str, voter: User, round: Round, choices: Ballot) -> None:
    """What a program is told when it casts: a receipt, and nothing about the ballot."""
    client = Client(headers={"accept": "application/json"})
    client.force_login(voter)
    fields = {f"pot-{pot}": codes for pot, codes in choices.items()}
    for turn in range(2):
        answer = client.post(f"/rounds/{round.slug}/vote/check/", {**fields, "old_enough": "on"})
        assert answer.status_code in {200, 201}
        seen.note(f"{name} {turn}", body(answer))  # type: ignore[arg-type]


def test_before_the_close_nothing_tells_what_people_chose(
    world: World, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Commit
) -> None:
    voters = [resident_of(world.ward) for _ in range(VOTERS)]
    seen = []
    for choices in (ONE, OTHER):
        with transaction.atomic():
            seen.append(look(world, voters, choices, caplog, django_capture_on_commit_callbacks))
            transaction.set_rollback(True)
    assert len(seen[0].said) > 120
    assert differing(*seen) == []


def test_after_the_close_the_same_comparison_finds_the_result(world: World) -> None:
    """Or it would find nothing before it either."""
    voters = [resident_of(world.ward) for _ in range(3)]
    seen = []
    for choices in (ONE, OTHER):
        with transaction.atomic():
            for voter in voters:
                cast_ballot(by=voter, round_id=world.voting.pk, selections=choices)
            Round.objects.filter(pk=world.voting.pk).update(voting_closes_at=NOW)
            count_round(round_id=world.voting.pk, now=NOW)
            publish_results(by=None, round_id=world.voting.pk, now=NOW)
            seen.append(Seen())
            seen[-1].note("result", world.client("anonymous").get(f"/rounds/{world.voting.slug}/result/").content)
            transaction.set_rollback(True)
    assert differing(*seen) == ["result"]
