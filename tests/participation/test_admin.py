"""The technical admin opens, and cannot change what only the pages of the site may."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from participation.accounts.models import User
from participation.actions.outbox import put_in_outbox
from participation.actions.roles import grant_role
from participation.models import OutboxMessage
from tests.factories import PlaceFactory, UserFactory
from tests.participation.conftest import Signer

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(sign_in: Signer, administrator: User) -> Client:
    client: Client = sign_in(administrator)
    return client


@pytest.mark.parametrize(
    "model",
    [
        "accounts_user",
        "participation_place",
        "participation_role",
        "participation_auditevent",
        "participation_outboxmessage",
    ],
)
def test_every_list_and_every_row_opens(
    admin: Client, administrator: User, now: datetime, model: str, django_assert_max_num_queries: Any
) -> None:
    grant_role(by=administrator, user_id=administrator.pk, place_id=PlaceFactory().pk, kind="organiser", now=now)
    with django_assert_max_num_queries(20):
        listed = admin.get(reverse(f"admin:{model}_changelist"), {"q": "x"})
    assert listed.status_code == 200
    row = admin.get(reverse(f"admin:{model}_changelist")).context["cl"].queryset.first()
    assert admin.get(reverse(f"admin:{model}_change", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("model", ["participation_role", "participation_auditevent", "participation_outboxmessage"])
def test_nothing_is_added_there(admin: Client, model: str) -> None:
    assert admin.get(reverse(f"admin:{model}_add")).status_code == 403


def test_a_person_is_added_by_e_mail(admin: Client) -> None:
    url = reverse("admin:accounts_user_add")
    assert admin.get(url).status_code == 200
    password = "correct horse battery"
    answers = {"email": "new@example.org", "usable_password": "true", "password1": password, "password2": password}
    answer = admin.post(url, answers)
    person = User.objects.get(email="new@example.org")
    assert answer["Location"] == reverse("admin:accounts_user_change", args=[person.pk])
    assert person.check_password(password)


def test_a_dead_mail_is_sent_again(admin: Client, now: datetime) -> None:
    put_in_outbox(key="x", to="a@example.org", subject="Hello", body="A secret link", now=now)
    OutboxMessage.objects.update(dead_at=now, attempts=5)
    message = OutboxMessage.objects.get()
    assert "A secret link" not in admin.get(reverse("admin:participation_outboxmessage_change", args=[message.pk])).text
    admin.post(
        reverse("admin:participation_outboxmessage_changelist"), {"action": "revive", "_selected_action": [message.pk]}
    )
    assert OutboxMessage.objects.get().dead_at is None


def test_others_do_not_get_in(client: Client, sign_in: Signer) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    assert sign_in(UserFactory()).get("/admin/", follow=True).status_code == 403
