"""Faces that are not Wagtail pages."""

from pathlib import PurePosixPath

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe
from wagtail.images.models import Rendition

from cms.models import SiteSettings
from cms.styleguide import samples

YEAR = 365 * 24 * 3600
CONTENT_TYPES = {
    ".gif": "image/gif", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
}  # fmt: skip


def theme_version(request: HttpRequest) -> str:
    return f'"{SiteSettings.for_request(request).theme_version}"'


@require_safe
@condition(etag_func=theme_version)
def theme_css(request: HttpRequest) -> HttpResponse:
    """The council's colours. Under its versioned address it never changes; without the version it is asked for anew."""
    site = SiteSettings.for_request(request)
    response = HttpResponse(site.theme_css, content_type="text/css; charset=utf-8")
    if request.GET.get("v") == site.theme_version:
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, public=True, no_cache=True)
    return response


@require_safe
def image(request: HttpRequest, path: str) -> HttpResponse:
    """A picture an editor put on a page, as Wagtail scaled it; the originals, as cameras wrote them, are not served."""
    rendition = get_object_or_404(Rendition, file=f"images/{path}")
    kind = CONTENT_TYPES.get(PurePosixPath(path).suffix.lower())
    if kind is None:
        raise Http404
    try:
        with rendition.file.open("rb") as file:
            response = HttpResponse(file.read(), content_type=kind)
    except FileNotFoundError as missing:
        raise Http404 from missing
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide.html", samples())
