"""A round, people who are signed in, and how they cast their ballots over HTTP and note every answer."""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from budgets.models import Round
from participation.accounts.models import User
from participation.models import Place, Residence
from tests.factories import NOW, PlaceFactory, PotFactory, ProjectFactory, RoundFactory, WardFactory, freeze
from tests.running import RunningSite

Choices = dict[str, list[str]]  # pot key → project codes

PATIENCE = 300  # seconds that a voter goes on trying
SECRET = "a" * 32  # double-submit: cookie and header only have to agree
PROJECTS = {"town": 12, "ward": 4}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def size(name: str, default: int) -> int:
    """A figure of the drill, such as VOTERS, from the environment."""
    return int(os.environ.get(name, default))


@dataclass(slots=True)
class Voter:
    """`choices`: the ballots this person casts one after the other; the last one counts."""

    number: int
    session: str
    choices: list[Choices]
    twice: bool = False  # sends everything twice, at once


@dataclass(frozen=True, slots=True)
class Receipt:
    voter: int
    revision: int  # which of the voter's ballots
    leaf: str
    created: bool
    seconds: float


@dataclass(slots=True)
class Log:
    """What the clients were told: the oracle, outside the site and its database."""

    receipts: list[Receipt] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)  # voter, what the site said
    unanswered: int = 0
    busy: int = 0
    over: bool = False  # the drill has failed: nobody insists any longer
    lock: threading.Lock = field(default_factory=threading.Lock)

    def leaves(self, voter: Voter, revision: int) -> set[str]:
        return {r.leaf for r in self.receipts if (r.voter, r.revision) == (voter.number, revision)}

    def of(self, voters: list[Voter]) -> dict[tuple[int, int], set[str]]:
        """(voter, which ballot) → every receipt that was given for it."""
        given: dict[tuple[int, int], set[str]] = {(v.number, n): set() for v in voters for n in range(len(v.choices))}
        for receipt in self.receipts:
            given[receipt.voter, receipt.revision].add(receipt.leaf)
        return given


def voting_round(*, frozen: bool = True) -> tuple[Round, Place]:
    """A round that is open, for people with a postcode, with a pot for all and one for the ward; and the ward."""
    place = PlaceFactory()
    ward = WardFactory(parent=place)
    round = RoundFactory(place=place, voting=True, max_choices=3, counting_rule="equal-shares")
    for key, number in PROJECTS.items():
        pot = PotFactory(round=round, key=key, amount=2_000_000, area=ward if key == "ward" else None)
        for n in range(number):
            ProjectFactory(pot=pot, code=f"{key}{n}", submission=None, cost=300_000 + 70_000 * n)
    return freeze(round) if frozen else round, ward


def some_choices(chance: random.Random) -> Choices:
    def some(key: str, least: int) -> list[str]:
        return sorted(f"{key}{n}" for n in chance.sample(range(PROJECTS[key]), chance.randint(least, 3)))

    return {"town": some("town", 1), "ward": some("ward", 0)}


def make_voters(number: int, ward: Place, chance: random.Random) -> list[Voter]:
    """People of the ward, written in bulk; each has a session as if signed in by a code."""
    first = User.objects.count()
    password = make_password(None)
    people = User.objects.bulk_create(
        [
            User(email=f"voter{n}@example.org", password=password, name=f"Voter {n}")
            for n in range(first, first + number)
        ]
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, primary=True, verified=True) for person in people
    )
    Residence.objects.bulk_create(
        Residence(user=person, area=ward, postcode_token=f"{person.pk:064x}", confirmed_at=NOW) for person in people
    )
    sessions = [_session(person) for person in people]
    Session.objects.bulk_create(sessions)
    return [Voter(n, session.session_key, [some_choices(chance)]) for n, session in enumerate(sessions)]


def _session(person: User) -> Session:
    data = {
        SESSION_KEY: str(person.pk),
        BACKEND_SESSION_KEY: BACKEND,
        HASH_SESSION_KEY: person.get_session_auth_hash(),
    }
    store = SessionStore()
    return Session(
        session_key=store._get_new_session_key(),  # type: ignore[attr-defined]
        session_data=store.encode(data),
        expire_date=timezone.now() + timezone.timedelta(days=1),
    )


def insist(site: RunningSite, path: str, voter: Voter, log: Log, revision: int = 0) -> None:
    """Send a ballot until there is an answer, as a person would who saw an error page or none."""
    gives_up = time.monotonic() + PATIENCE
    while (started := time.monotonic()) < gives_up and not log.over:
        try:
            status, answer = cast(site.port, path, voter.session, voter.choices[revision])
        except (OSError, http.client.HTTPException):
            with log.lock:
                log.unanswered += 1
        else:
            if note(log, voter, revision, status, answer, time.monotonic() - started):
                return
        time.sleep(random.uniform(0.2, 0.8))
    with log.lock:
        log.refused.append((voter.number, "no answer at all"))


def note(log: Log, voter: Voter, revision: int, status: int, answer: bytes, seconds: float) -> bool:
    """Write down an answer; whether it was one. 503 is an invitation to come back."""
    with log.lock:
        if status == 503:
            log.busy += 1
        elif status in {200, 201}:
            leaf = json.loads(answer)["receipt"]
            log.receipts.append(Receipt(voter.number, revision, leaf, status == 201, seconds))
        else:
            log.refused.append((voter.number, f"{status} {answer[:300]!r}"))
    return status != 503


def cast(port: int, path: str, session: str, choices: Choices, timeout: float = 60) -> tuple[int, bytes]:
    """One request; the status and the body of its answer."""
    chosen = [(f"pot-{key}", code) for key, codes in choices.items() for code in codes]
    body = urllib.parse.urlencode([*chosen, ("old_enough", "on")])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        headers = {
            "Host": f"localhost:{port}", "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={session}; csrftoken={SECRET}", "X-CSRFToken": SECRET,
        }  # fmt: skip
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def at_once(calls: list[Callable[[], None]]) -> None:
    """All of them at the same time."""
    threads = [threading.Thread(target=call, daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
