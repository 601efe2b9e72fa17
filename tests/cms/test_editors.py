"""The CMS: who enters, and that it cannot change accounts behind allauth's back."""

import pytest
from django.contrib.auth.models import Group

from tests.factories import UserFactory, give_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(client, administrator):
    give_second_factor(administrator)
    client.force_login(administrator)
    return client


@pytest.mark.parametrize(
    "address",
    ["/cms/", "/cms/users/", "/cms/account/", "/cms/pages/", "/cms/images/", "/cms/settings/cms/sitesettings/"],
)
def test_pages_for_editors_open(admin_client, address):
    assert admin_client.get(address, follow=True).status_code == 200


def test_editing_a_person_changes_only_groups(admin_client, administrator):
    person, editors = UserFactory(name="Ann"), Group.objects.get(name="Editors")
    address = f"/cms/users/edit/{person.pk}/"
    assert admin_client.get(address).status_code == 200
    stolen = {"groups": [editors.pk], "email": "x@example.org", "is_superuser": "on", "password1": "x", "name": "Bob"}
    admin_client.post(address, stolen)
    person.refresh_from_db()
    assert list(person.groups.all()) == [editors]
    assert (person.name, person.is_superuser, person.has_usable_password()) == ("Ann", False, False)
    assert person.email != "x@example.org"


def test_nobody_is_added_or_deleted_here(admin_client):
    person = UserFactory()
    admin_client.post("/cms/users/new/", {"email": "new@example.org"})
    admin_client.post(f"/cms/users/delete/{person.pk}/")
    assert type(person).objects.filter(pk=person.pk).exists()
    assert not type(person).objects.filter(email="new@example.org").exists()


def test_editors_need_a_second_factor(client):
    editor = UserFactory()
    editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(editor)
    assert client.get("/cms/").headers["Location"] == "/accounts/2fa/"
    give_second_factor(editor)
    assert client.get("/cms/").status_code == 200


def test_residents_do_not_enter(client):
    client.force_login(UserFactory())
    assert client.get("/cms/").status_code in {302, 403}


def test_page_editor_opens_for_each_kind_of_page(admin_client):
    from wagtail.models import Page

    for page in Page.objects.filter(depth__gt=1):
        assert admin_client.get(f"/cms/pages/{page.pk}/edit/").status_code == 200, page
