"""Put the home page in the place of Wagtail's welcome page, with the pages that every public site must have below it.

Runs once, on a new database. A site whose tree somebody has changed already is left as it is.
"""

import json
import uuid

from django.conf import settings
from django.db import migrations
from django.utils import timezone

from . import _guides, _notices

STEP = 4  # characters of a materialised path for each level
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

INTRODUCTION = (
    "<p>The council and its partners put money into a pot, and the people who live here decide what it is spent on. "
    "You suggest, talk, choose and vote. Each step is open: who decided, by which rule, and what became of it.</p>"
)


def guides() -> list[tuple[str, str, str, list]]:
    """(slug, title, introduction, blocks) in the order of the footer."""
    return [
        ("how-it-works", "How it works", "From a sum of money to something you can walk past: six steps.", _guides.HOW_IT_WORKS),
        ("how-your-vote-is-counted", "How your vote is counted", "Six steps from your choice to a result that anyone can check.", _guides.HOW_COUNTED),
        ("privacy", "Privacy", "We keep as little as we can, and say what it is.", _notices.PRIVACY),
        ("cookies", "Cookies", "Only what the site needs to work.", _notices.COOKIES),
        ("accessibility", "Accessibility statement", "Everyone should be able to take part.", _notices.ACCESSIBILITY),
        ("terms", "Terms of use", "Free to use, and fair to each other.", _guides.TERMS),
        ("contact", "Contact us", "People answer, not machines.", _guides.CONTACT),
    ]


def path_of(parent: str, number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return parent + digits.rjust(STEP, "0")


def stream(blocks: list) -> str:
    """Blocks as Wagtail stores them: each with its type, value and an id; items of lists likewise."""
    return json.dumps([{"type": kind, "value": _items(value), "id": str(uuid.uuid4())} for kind, value in blocks])


def _items(value):
    if not isinstance(value, dict):
        return value
    return {
        name: [{"type": "item", "value": item, "id": str(uuid.uuid4())} for item in items] if isinstance(items, list) else items
        for name, items in value.items()
    }


def seed(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    Locale = apps.get_model("wagtailcore", "Locale")
    root = Page.objects.filter(depth=1).first()
    below = list(Page.objects.filter(depth=2))
    plain = ContentType.objects.filter(app_label="wagtailcore", model="page").first()
    if root is None or any(page.content_type_id != getattr(plain, "pk", None) for page in below) or len(below) > 1:
        return
    locale, _made = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    now = timezone.now()

    def make(model: str, title: str, slug: str, path: str, url_path: str, children: int = 0, **fields):
        kind, _made = ContentType.objects.get_or_create(app_label="cms", model=model.lower())
        return apps.get_model("cms", model).objects.create(
            title=title, draft_title=title, slug=slug, path=path, depth=len(path) // STEP, numchild=children,
            url_path=url_path, content_type=kind, locale=locale, live=True, has_unpublished_changes=False,
            first_published_at=now, last_published_at=now, show_in_menus=False, **fields,
        )  # fmt: skip

    pages = guides()
    Site.objects.filter(root_page__in=below).update(root_page=root)
    Page.objects.filter(depth=2).delete()
    home = make("HomePage", "Home", "home", path_of(root.path, 1), "/home/", len(pages) + 1, introduction=INTRODUCTION, body="[]")
    for number, (slug, title, introduction, blocks) in enumerate(pages, start=1):
        make("GuidePage", title, slug, path_of(home.path, number), f"/home/{slug}/", introduction=introduction, body=stream(blocks))
    make("ArticleIndexPage", "News", "news", path_of(home.path, len(pages) + 1), "/home/news/")
    Page.objects.filter(pk=root.pk).update(numchild=1)
    site = Site.objects.filter(is_default_site=True).first()
    if site:
        Site.objects.filter(pk=site.pk).update(root_page_id=home.pk)
    else:
        Site.objects.create(hostname="localhost", port=80, root_page_id=home.pk, is_default_site=True)


def remove(apps, schema_editor):
    """Leave the pages: people may have written in them."""


class Migration(migrations.Migration):
    dependencies = [("cms", "0001_pages_and_settings"), ("wagtailcore", "0098_apitoken")]
    operations = [migrations.RunPython(seed, remove)]
