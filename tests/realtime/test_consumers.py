"""The socket of a round, spoken to as a browser does: through the origin check, the session and the routing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import OperationalError, transaction
from django.test import Client

from participation.events import Changed, announce
from realtime import consumers
from realtime.consumers import NOT_THERE, NOT_UNDERSTOOD, TOO_FAST, TOO_MANY
from realtime.limits import BURST, SOCKETS_PER_PERSON
from tests.factories import RoundFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = (b"origin", b"http://localhost")


def socket(slug: str, *, headers: list[tuple[bytes, bytes]] | None = None) -> WebsocketCommunicator:
    from config.asgi import application

    return WebsocketCommunicator(application, f"/ws/rounds/{slug}/", headers=headers or [ORIGIN])


@database_sync_to_async
def make_round(**fields: Any) -> Any:
    return RoundFactory(voting=True, **fields)


@database_sync_to_async
def change(round_id: int, version: int) -> None:
    with transaction.atomic():
        announce(Changed("round", round_id, version))


@pytest.fixture
async def watched() -> AsyncIterator[tuple[Any, WebsocketCommunicator]]:
    round = await make_round()
    line = socket(round.slug)
    assert (await line.connect(timeout=10))[0]
    yield round, line
    await line.disconnect(timeout=10)


async def closed_with(line: WebsocketCommunicator) -> int:
    message = await line.receive_output(timeout=10)
    assert message["type"] == "websocket.close"
    return int(message["code"])


async def test_a_change_is_told_after_its_commit(watched: tuple[Any, WebsocketCommunicator]) -> None:
    round, line = watched
    await change(round.pk, 12)
    assert json.loads(await line.receive_from(timeout=10)) == {"type": "round.changed", "version": 12}


async def test_a_change_that_is_rolled_back_is_not_told(watched: tuple[Any, WebsocketCommunicator]) -> None:
    round, line = watched

    @database_sync_to_async
    def undone() -> None:
        with transaction.atomic():
            announce(Changed("round", round.pk, 13))
            transaction.set_rollback(True)

    await undone()
    assert await line.receive_nothing(timeout=0.3)


async def test_other_rounds_stay_quiet(watched: tuple[Any, WebsocketCommunicator]) -> None:
    round, line = watched
    await change(round.pk + 1, 3)
    assert await line.receive_nothing(timeout=0.3)


@pytest.mark.parametrize("hidden", [True, False])
async def test_only_public_rounds_have_a_socket(hidden: bool) -> None:
    round = await make_round(hidden=True) if hidden else None
    line = socket(round.slug if round else "no-such-round")
    await line.connect(timeout=10)
    assert await closed_with(line) == NOT_THERE


async def test_another_site_may_not_open_it() -> None:
    round = await make_round()
    line = socket(round.slug, headers=[(b"origin", b"https://elsewhere.example")])
    assert not (await line.connect(timeout=10))[0]


@pytest.mark.parametrize("junk", [b"\x00\xff\x00", "not json", "[1]", "[" * 5000])
async def test_junk_closes_the_socket(watched: tuple[Any, WebsocketCommunicator], junk: bytes | str) -> None:
    _round, line = watched
    await (line.send_to(bytes_data=junk) if isinstance(junk, bytes) else line.send_to(text_data=junk))
    assert await closed_with(line) == NOT_UNDERSTOOD


async def test_a_command_is_refused_by_name(watched: tuple[Any, WebsocketCommunicator]) -> None:
    _round, line = watched
    await line.send_to(text_data='{"type": "ballot.cast"}')
    assert json.loads(await line.receive_from(timeout=10)) == {"type": "refused", "code": "unknown_command"}


async def test_a_flood_closes_the_socket(watched: tuple[Any, WebsocketCommunicator]) -> None:
    _round, line = watched
    for _ in range(int(BURST) * 2):
        await line.send_to(text_data="{}")
    answers = [await line.receive_output(timeout=10) for _ in range(int(BURST) + 1)]
    while answers[-1]["type"] != "websocket.close":
        answers.append(await line.receive_output(timeout=10))
    assert answers[-1]["code"] == TOO_FAST
    assert len(answers) < BURST * 2


@database_sync_to_async
def headers_of_someone() -> list[tuple[bytes, bytes]]:
    client = Client()
    client.force_login(UserFactory())
    return [ORIGIN, (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode())]


async def test_a_sixth_socket_of_one_person_is_closed() -> None:
    round, headers = await make_round(), await headers_of_someone()
    lines = [socket(round.slug, headers=headers) for _ in range(SOCKETS_PER_PERSON + 1)]
    for line in lines:
        await line.connect(timeout=10)
    assert await closed_with(lines[-1]) == TOO_MANY
    for line in lines[:-1]:
        await line.disconnect(timeout=10)
    again = socket(round.slug, headers=headers)
    await again.connect(timeout=10)
    assert await again.receive_nothing(timeout=0.2)
    await again.disconnect(timeout=10)


@pytest.mark.parametrize("broken", ["watched_round", "round_group"])
async def test_sockets_that_fail_to_open_take_no_place(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    round, headers = await make_round(), await headers_of_someone()

    def fail(_argument: Any) -> None:
        raise OperationalError("the server is starting up")

    with monkeypatch.context() as patch:
        patch.setattr(consumers, broken, fail)
        for _each in range(SOCKETS_PER_PERSON):
            with pytest.raises(OperationalError):
                await socket(round.slug, headers=headers).connect()
    line = socket(round.slug, headers=headers)
    assert (await line.connect())[0]
    assert await line.receive_nothing(timeout=0.2)
    await line.disconnect()


async def test_a_socket_that_breaks_while_open_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    round, headers = await make_round(), await headers_of_someone()

    def fail(_text: str) -> bool:
        raise OperationalError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(consumers, "_is_object", fail)
        for _each in range(SOCKETS_PER_PERSON):
            line = socket(round.slug, headers=headers)
            assert (await line.connect())[0]
            await line.send_to(text_data="{}")
            with pytest.raises(OperationalError):
                await line.receive_output(timeout=3)
    line = socket(round.slug, headers=headers)
    assert (await line.connect())[0]
    assert await line.receive_nothing(timeout=0.2)
    await line.disconnect()
