"""An empty site leads its first administrator to the first round."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from participation.accounts.models import User
from participation.actions.setup import set_up_site
from participation.models import AuditEvent, Role
from tests.factories import RoleFactory, UserFactory, WardFactory
from tests.participation.conftest import Signer
from tests.threads import in_threads

pytestmark = pytest.mark.django_db
ANSWERS = {"name": "Ada", "email": "ada@example.org", "password": "correct horse battery"}


@pytest.fixture
def visitor(settings: Any) -> Client:
    """Somebody who comes to a site that nobody administers yet."""
    settings.SETUP_CODE = "open-the-door"
    return Client()


def test_every_page_leads_to_the_set_up(visitor: Client) -> None:
    for url in ("/proposals/", "/accounts/login/", "/nowhere/"):
        assert visitor.get(url)["Location"] == "/setup/"
    assert visitor.get("/setup/").status_code == 200
    assert visitor.get("/healthz").status_code == 200


def test_the_first_administrator_is_made_and_signed_in(visitor: Client) -> None:
    answer = visitor.post("/setup/", ANSWERS | {"code": " open-the-door "}, follow=True)
    assert answer.redirect_chain[-1][0] == "/setup/steps/"
    user = User.objects.get()
    assert (user.is_superuser, user.is_staff, user.name) == (True, True, "Ada")
    assert EmailAddress.objects.get(user=user).verified
    assert AuditEvent.objects.get().action == "site.set_up"
    assert visitor.get("/proposals/").status_code == 200
    assert Client().get("/setup/")["Location"] == "/setup/steps/"
    assert Client().post("/setup/", ANSWERS | {"code": "open-the-door", "email": "eve@example.org"}).status_code == 302
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "guess"}, "code"),
        ({"password": "short"}, "password"),
        ({"email": "ada"}, "email"),
        ({"email": f"ada@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example.org"}, "email"),
        ({"name": ""}, "name"),
    ],
)
def test_a_wrong_answer_is_said_and_the_others_are_kept(visitor: Client, wrong: dict[str, str], field: str) -> None:
    page = visitor.post("/setup/", ANSWERS | {"code": "open-the-door"} | wrong)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not User.objects.exists()
    if field != "email":
        assert "ada@example.org" in page.text
    assert "correct horse battery" not in page.text


def test_an_address_that_is_taken_is_said(visitor: Client) -> None:
    UserFactory(email="ada@example.org")
    page = visitor.post("/setup/", ANSWERS | {"code": "open-the-door"})
    assert (page.status_code, list(page.context["form"].errors)) == (409, ["email"])


def test_guessing_the_code_is_limited(visitor: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"set_up": "3/10m/ip"}
    answers = [visitor.post("/setup/", ANSWERS | {"code": f"guess {n}"}).status_code for n in range(5)]
    assert answers == [422, 422, 422, 429, 429]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_becomes_administrator(settings: Any) -> None:
    settings.SETUP_CODE = "open-the-door"

    def set_up(number: int) -> Any:
        answers = ANSWERS | {"email": f"ada{number}@example.org"}
        return lambda: set_up_site(code="open-the-door", now=timezone.now(), **answers).email

    answers = in_threads([set_up(number) for number in range(3)])
    assert answers.count("already_set_up") == 2
    assert User.objects.filter(is_superuser=True).count() == 1


# ── The steps ────────────────────────────────────────────────────────────────
def kinds(client: Client) -> list[str]:
    return [task.kind for task in client.get("/setup/steps/").context["tasks"]]


def test_the_steps_are_read_off_the_data(sign_in: Signer, administrator: User) -> None:
    before = sign_in(administrator, second_factor=False)
    assert kinds(before) == ["todo", "wait", "wait", "wait", "wait", "wait"]
    assert before.head("/setup/steps/").status_code == 200
    admin = sign_in(administrator)
    assert kinds(admin) == ["done", "todo", "wait", "wait", "wait", "wait"]
    admin.post("/roles/new/", {"name": "Larkmoor", "gss_code": ""})
    assert kinds(admin) == ["done", "done", "todo", "wait", "todo", "wait"]
    admin.post("/roles/larkmoor/wards/", {"names": "Mill\nQuay"})
    assert kinds(admin) == ["done", "done", "done", "wait", "todo", "wait"]
    assert "Make me organiser of Larkmoor" in admin.get("/setup/steps/").text
    admin.post(reverse("participation:become_organiser", args=["larkmoor"]))
    assert Role.objects.get(user=administrator).kind == "organiser"
    assert kinds(admin) == ["done", "done", "done", "wait", "done", "todo"]
    page = admin.get("/setup/steps/")
    assert reverse("budgets:new_round") in page.text
    assert "Make me organiser" not in page.text


def test_only_administrators_see_the_steps(sign_in: Signer, client: Client) -> None:
    ward = WardFactory()
    assert sign_in(RoleFactory(place=ward.parent).user).get("/setup/steps/").status_code == 403
    assert client.get("/setup/steps/").status_code == 302
    become = reverse("participation:become_organiser", args=[ward.parent.slug])
    assert sign_in(UserFactory()).post(become).status_code == 403
