"""The pages a new site starts with, news, and what stands on none of them."""

import io
from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from PIL import Image as Pillow
from wagtail.images.models import Image
from wagtail.models import Page, Site

from cms.models import ArticleIndexPage, ArticlePage, GuidePage, HomePage, SiteSettings

pytestmark = pytest.mark.django_db

FOOTER = ["/privacy/", "/cookies/", "/accessibility/", "/terms/", "/contact/"]


# Wagtail leaves it to the collector to close a picture's file after scaling it.
scales_pictures = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def image():
    file = io.BytesIO()
    Pillow.new("RGB", (1400, 900), "#8fb573").save(file, "JPEG")
    return Image.objects.create(title="A lawn", file=ImageFile(file, "lawn.jpg"))


def article(**fields):
    defaults = {"title": "Benches are up", "slug": "benches", "summary": "Eight of them.", "date": date(2026, 5, 1)}
    return ArticleIndexPage.objects.get().add_child(instance=ArticlePage(**defaults | fields))


@pytest.mark.parametrize("address", [*FOOTER, "/how-it-works/", "/how-your-vote-is-counted/", "/news/", "/"])
def test_pages_of_a_new_site(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1
    assert not response.cookies, "a visitor who only reads gets no cookie"
    assert b" style=" not in response.content
    assert b"<script>" not in response.content


def test_every_link_of_the_footer_leads_somewhere(client):
    content = client.get("/").content.decode()
    for address in FOOTER:
        assert f'href="{address}"' in content


def test_the_seeded_tree_is_sound():
    assert not any(HomePage.find_problems())
    assert HomePage.objects.get().get_children_count() == 8
    assert all(guide.body for guide in GuidePage.objects.all())
    HomePage.objects.get().add_child(instance=GuidePage(title="Something new", slug="something-new"))
    assert not any(HomePage.find_problems())


def test_a_tree_that_somebody_has_changed_is_left_alone():
    seed = import_module("cms.migrations.0002_seed_pages").seed
    before = list(Page.objects.order_by("path").values_list("pk", "path", "title"))
    seed(apps, None)
    assert list(Page.objects.order_by("path").values_list("pk", "path", "title")) == before


def test_a_tree_that_is_only_a_root_gets_its_pages(client):
    seed = import_module("cms.migrations.0002_seed_pages").seed
    HomePage.objects.get().delete()
    Site.objects.all().delete()
    seed(apps, None)
    assert not any(Page.find_problems())
    assert client.get("/how-it-works/").status_code == 200


def test_privacy_says_what_is_kept(client):
    content = client.get("/privacy/").content.decode()
    assert "keep the ward, not the postcode" in content


def test_accessibility_is_honest_about_what_was_not_tested(client):
    assert "No outside expert has audited this site yet" in client.get("/accessibility/").content.decode()


def test_contact_shows_the_address_of_the_settings(client):
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.contact_email = "help@example.org"
    settings.save()
    assert 'href="mailto:help@example.org"' in client.get("/contact/").content.decode()


@scales_pictures
def test_an_article_with_its_picture(client, image):
    page = article(image=image, image_alt="A lawn with benches")
    content = client.get(page.url).content.decode()
    assert 'alt="A lawn with benches"' in content
    assert 'width="1280"' in content
    assert "Benches are up" in client.get("/news/").content.decode()
    assert "Benches are up" in client.get("/").content.decode()


def test_a_picture_needs_words(image):
    with pytest.raises(ValidationError) as refused:
        ArticlePage(title="Benches", slug="b", summary="s", image=image).clean()
    assert "image_alt" in refused.value.message_dict


@scales_pictures
def test_scaled_pictures_are_served_and_originals_are_not(client, image):
    scaled = image.get_rendition("width-400|format-jpeg")
    response = client.get(scaled.url)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert "immutable" in response["Cache-Control"]
    assert client.get(image.file.url).status_code == 404
    for path in ("../secret_key.secret", "..%2fdb.sqlite3", "nothing.jpg", "../original_images/lawn.jpg"):
        assert client.get(f"/media/images/{path}").status_code == 404


def test_news_is_shown_in_pages(client):
    for number in range(12):
        article(title=f"News {number}", slug=f"n{number}", date=date(2026, 1, 1 + number))
    first, second = client.get("/news/"), client.get("/news/?page=2")
    assert "News 11" in first.content.decode()
    assert "News 0" not in first.content.decode()
    assert "News 0" in second.content.decode()


@scales_pictures
def test_the_logo_stands_in_the_place_of_the_name(client, image):
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.name, settings.logo = "Larkmoor Decides", image
    settings.save()
    content = client.get("/").content.decode()
    assert f'src="{settings.logo_url}" alt="Larkmoor Decides"' in content
    assert client.get(settings.logo_url)["Content-Type"] == "image/png"
