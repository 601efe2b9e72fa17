"""Pages and the site's settings."""

from cms.models.pages import ArticleIndexPage, ArticlePage, GuidePage, HomePage
from cms.models.settings import SiteSettings

__all__ = ["ArticleIndexPage", "ArticlePage", "GuidePage", "HomePage", "SiteSettings"]
