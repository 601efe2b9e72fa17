"""The site's settings on every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from cms.models import SiteSettings


def site_settings(request: HttpRequest) -> dict[str, Any]:
    """Read when a template first asks; Wagtail keeps them on the request after that."""
    return {"site_settings": SimpleLazyObject(lambda: SiteSettings.for_request(request))}
