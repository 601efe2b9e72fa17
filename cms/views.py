"""Faces that are not Wagtail pages."""

from pathlib import PurePosixPath

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe
from django.views.static import serve

from cms.models import SiteSettings
from cms.styleguide import samples

YEAR = 365 * 24 * 3600


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
def image(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture an editor put on a page, as Wagtail scaled it; the originals, as cameras wrote them, are not served."""
    if PurePosixPath(path).suffix.lower().lstrip(".") not in settings.WAGTAILIMAGES_EXTENSIONS:
        raise Http404
    response = serve(request, path, document_root=settings.MEDIA_ROOT / "images")
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide.html", samples())
