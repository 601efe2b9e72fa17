"""A database that does not answer, addresses that mean nothing, caches that must keep nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.factories import UserFactory


@contextmanager
def silent_database() -> Iterator[None]:
    """Every query fails as it does when the server is gone."""

    def fail(*args: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.parametrize("address", ["/", "/rounds/", "/account/", "/organise/"])
def test_without_a_database_everyone_is_asked_to_come_back(sign_in: Callable[..., Client], address: str) -> None:
    client = sign_in(UserFactory())
    client.raise_request_exception = False
    with silent_database():
        answer = client.get(address)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"


@pytest.mark.parametrize("address", ["/rounds/?place=%00", "/proposals/?q=%00", "/proposals/%00/", "/%00"])
def test_no_address_holds_a_nul(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


def test_private_pages_are_kept_by_no_cache(sign_in: Callable[..., Client]) -> None:
    client = sign_in(UserFactory())
    for address in ("/account/", "/accounts/email/", "/organise/", "/commission/"):
        assert "no-store" in client.get(address)["Cache-Control"], address
