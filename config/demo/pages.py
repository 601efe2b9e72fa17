"""Larkmoor's face: the site's settings, and news with blocks that show rounds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.images import ImageFile
from django.utils import timezone
from wagtail.images.models import Image
from wagtail.models import Page, Site
from wagtail.search.index import insert_or_update_object

from budgets.models import Round
from cms.models import ArticleIndexPage, ArticlePage, SiteSettings
from config.demo.pictures import picture
from participation.models import Place

NAME = "Larkmoor Decides"
OPEN = (
    "<p>Crossings, trees, benches, a van that mends lamps: people from all wards have made suggestions. "
    "The council has checked each idea. Now it is your turn.</p>"
)
AGENCIES = (
    "<p>A bench is transport, health and housing at once. So the four largest spenders in Larkmoor share out part of "
    "their money together, and let the people who live here decide.</p>"
)


def dress(*, town: Place, featured: str, say: Callable[[str], None]) -> None:
    """Name the site and write its news, unless someone has done so already."""
    site = Site.objects.get(is_default_site=True)
    settings = SiteSettings.for_site(site)
    if settings.name != NAME and settings.featured_place is None:
        settings.name = NAME
        settings.strapline = "The people of Larkmoor decide what public money does for their town."
        settings.contact_email = "hello@larkmoor.example"
        settings.featured_place = town
        settings.featured_round = Round.objects.filter(place=town, title=featured).first()
        settings.save()
    index = ArticleIndexPage.objects.first()
    if index is None:
        return
    for days, title, slug, summary, scene, alt, body in articles(town):
        if ArticlePage.objects.child_of(index).filter(slug=slug).exists():
            continue
        page = ArticlePage(title=title, slug=slug, date=timezone.localdate() - timedelta(days=days), summary=summary)
        page.image, page.image_alt, page.body = _image(scene, title), alt, body
        index.add_child(instance=page).save_revision().publish()
    # The migration that made the first pages could not tell the search about them.
    for page in Page.objects.filter(depth__gt=1).specific():
        insert_or_update_object(page)
    say("News and settings of the site")


def _image(scene: str, title: str) -> Image:
    return Image.objects.create(title=title, file=ImageFile(picture(scene, title), f"{scene}.jpg"))


def articles(town: Place) -> list[tuple[int, str, str, str, str, str, list[tuple[str, Any]]]]:
    """(days ago, title, slug, summary, picture, what it shows, body). A round that was not seeded is not shown."""
    slugs = dict(Round.objects.filter(place=town).values_list("title", "slug"))

    def show(kind: str, title: str, **more: Any) -> list[tuple[str, Any]]:
        return [(kind, {"round": slugs[title], **more})] if title in slugs else []

    return [
        (
            1,
            "Voting is open: what should happen in our streets?",
            "voting-is-open",
            "Thirteen projects, two pots, and eight days to choose. Here is how to take part.",
            "crossing",
            "A zebra crossing in front of a row of houses",
            [
                ("text", OPEN),
                *show("round_timetable", "Streets for everyone"),
                ("text", "<h2>Some of what you can choose</h2>"),
                *show("round_projects", "Streets for everyone", count=3),
                ("call_to_action", {"heading": "Never done this before?", "text": "It takes about five minutes.",
                                    "button": "How it works", "page": None, "address": "/how-it-works/"}),
            ],
        ),
        (
            38,
            "Swings for wheelchairs, and more ways to play",
            "swings-for-wheelchairs",
            "More than three hundred people voted on where children should play. This is what they decided.",
            "swings",
            "Two children on swings",
            [
                ("text", "<p>The votes were counted by Equal Shares: every voter had the same part of the money.</p>"),
                *show("round_result", "Play for all"),
                ("quote", {"text": "I did not think that people who do not know us would vote for the swing.",
                           "who": "A mother from Fernhill"}),
            ],
        ),
        (
            90,
            "Four agencies, one pot",
            "four-agencies-one-pot",
            "Council, health service, college and housing association now put their money together.",
            "hall",
            "The town hall of Larkmoor",
            [
                ("text", AGENCIES),
            ],
        ),
    ]  # fmt: skip
