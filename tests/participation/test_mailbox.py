"""The mailbox page of the demo: real files of Django's file backend, shown as text."""

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MAILBOX_PAGE = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")


def test_it_is_empty_at_first(client: Client) -> None:
    assert "No e-mail yet" in client.get("/mailbox/").text
    assert client.head("/mailbox/").status_code == 200


def test_it_does_not_exist_on_a_real_site(client: Client, settings: Any) -> None:
    settings.MAILBOX_PAGE = False
    assert client.get("/mailbox/").status_code == 404
    assert client.get("/mailbox/x/").status_code == 404


def test_a_sign_in_code_can_be_copied_and_used(client: Client) -> None:
    person = UserFactory(email="rosa@example.org")
    client.post("/accounts/login/code/", {"email": person.email})
    mail = client.get("/mailbox/").context["page"][0]
    assert (mail.to, bool(mail.code)) == ("rosa@example.org", True)
    assert f'value="{mail.code}"' in client.get(f"/mailbox/{mail.key}/").text
    assert client.post("/accounts/login/code/confirm/", {"code": mail.code})["Location"] == "/account/"


def test_mails_are_text_with_links_and_newest_first(client: Client) -> None:
    with get_connection() as connection:
        EmailMessage("Første", "Hello", to=["a@example.org"], connection=connection).send()
        body = "Look: http://localhost:8000/invitations/abc/ <script>alert(1)</script>\n" + "-" * 79
        EmailMessage("Second", body, to=["b@example.org"], connection=connection).send()
    mails = client.get("/mailbox/").context["page"]
    assert {mail.subject for mail in mails} == {"Første", "Second"}
    key = next(mail.key for mail in mails if mail.subject == "Second")
    page = client.get(f"/mailbox/{key}/").text
    assert '<a href="http://localhost:8000/invitations/abc/"' in page
    assert "&lt;script&gt;" in page
    assert next(mail.code for mail in mails if mail.subject == "Første") is None


@pytest.mark.parametrize("key", ["nothing", "..", "%2e%2e%2fdb", "20260101-1"])
def test_a_key_that_is_none(client: Client, key: str) -> None:
    assert client.get(f"/mailbox/{key}/").status_code == 404
