"""The pages that editors write: home, news and guides."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from cms import home
from cms.blocks import body_blocks

PER_PAGE = 10


class HomePage(Page):
    """Leads with the open question. What it shows of rounds comes from the rounds; an editor adds words and blocks."""

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.ArticleIndexPage", "cms.GuidePage"]
    template = "cms/pages/home.html"

    welcome = models.CharField(
        _("heading while no round is on"), max_length=120, default="Decide together how public money is spent"
    )
    introduction = RichTextField(
        _("introduction"),
        blank=True,
        features=["bold", "italic", "link", "ul"],
        help_text=_("Two or three sentences for someone who comes here for the first time."),
    )
    body = StreamField(body_blocks(), blank=True, verbose_name=_("more on the page"))

    content_panels = [*Page.content_panels, FieldPanel("welcome"), FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        articles = list(ArticlePage.objects.live().descendant_of(self).latest_first()[:3])
        # An article lies directly below the news: their address is its own, less the last part.
        news_url = articles[0].get_url(request).rsplit("/", 2)[0] + "/" if articles else ""
        return context | home.read(request, now=timezone.now()) | {"articles": articles, "news_url": news_url}


class GuidePage(Page):
    """A standing page: how it works, privacy, and the like."""

    template = "cms/pages/guide.html"
    parent_page_types = ["cms.HomePage", "cms.GuidePage"]
    subpage_types = ["cms.GuidePage"]

    introduction = models.TextField(_("introduction"), blank=True, max_length=400)
    body = StreamField(body_blocks(), blank=True, verbose_name=_("content"))

    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("guide")
        verbose_name_plural = _("guides")

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        """The guides above this one: (address, title)."""
        return [(page.url, page.title) for page in self.get_ancestors().filter(depth__gt=2)]


class ArticleIndexPage(Page):
    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.ArticlePage"]
    template = "cms/pages/article_index.html"

    class Meta:
        verbose_name = _("news")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        articles = ArticlePage.objects.live().child_of(self).latest_first()
        return context | {"articles": Paginator(articles, PER_PAGE).get_page(request.GET.get("page"))}


class ArticleQuerySet(PageQuerySet):
    def latest_first(self) -> "ArticleQuerySet":
        return self.select_related("image").prefetch_related("image__renditions").order_by("-date", "-pk")


class ArticlePage(Page):
    parent_page_types = ["cms.ArticleIndexPage"]
    subpage_types: list[str] = []
    template = "cms/pages/article.html"

    date = models.DateField(_("date"), default=timezone.localdate)
    summary = models.TextField(_("summary"), max_length=300, help_text=_("Two sentences, shown in lists."))
    image = models.ForeignKey(
        "wagtailimages.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    image_alt = models.CharField(
        _("what the picture shows"), max_length=250, blank=True, help_text=_("For people who cannot see it.")
    )
    body = StreamField(body_blocks(), blank=True, verbose_name=_("content"))

    content_panels = [
        *Page.content_panels,
        FieldPanel("date"),
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("image"), FieldPanel("image_alt")], heading=_("Picture")),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]

    objects = PageManager.from_queryset(ArticleQuerySet)()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    def clean(self) -> None:
        """Refuse a picture without a description."""
        super().clean()
        if self.image and not self.image_alt.strip():
            raise ValidationError({"image_alt": _("Say what the picture shows, for people who cannot see it.")})
