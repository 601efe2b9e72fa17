"""The council's colours as a style sheet that browsers may keep."""

import pytest
from wagtail.models import Site

from cms.models import SiteSettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def coloured():
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.brand = "#5b2a6e"
    settings.save()
    return settings


def test_an_unchanged_site_loads_no_theme(client):
    assert client.get("/theme.css").content == b""
    assert b"/theme.css" not in client.get("/").content


def test_the_colours_are_served_as_custom_properties(client, coloured):
    response = client.get("/theme.css")
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "--brand: #5b2a6e;" in response.content.decode()


def test_pages_link_a_version_that_browsers_keep_for_good(client, coloured):
    assert coloured.theme_url in client.get("/").content.decode()
    assert "immutable" in client.get(coloured.theme_url)["Cache-Control"]


def test_another_version_is_asked_for_anew(client, coloured):
    response = client.get("/theme.css?v=old")
    assert "no-cache" in response["Cache-Control"]
    assert client.get("/theme.css", headers={"if-none-match": response["ETag"]}).status_code == 304


def test_new_colours_have_a_new_address(coloured):
    before = coloured.theme_url
    coloured.ink = "#101010"
    assert coloured.theme_url != before
