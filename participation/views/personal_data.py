"""What we know about you: as a page, and to take away."""

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from participation.accounts.models import User
from participation.personal_data import Section, parts
from participation.views.navigation import limit
from participation.views.requests import SignedInRequest


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def own_data(request: SignedInRequest) -> HttpResponse:
    """The page lists the kinds of data; POST gives all of it as a ZIP file, made in memory and kept nowhere."""
    if request.method == "POST":
        limit(request, "own_data")
        response = HttpResponse(_archive(request.user), content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="my-data.zip"'
        return response
    return render(request, "participation/personal_data/own_data.html", {"sections": known(request.user)})


def known(person: User) -> list[Section]:
    """Every kind of data of which there is something. The apps registered last know most about the person alone."""
    return [section for part in reversed(parts()) for section in part.export(person) if section.rows]


def _archive(person: User) -> bytes:
    sections = known(person)
    context = {"sections": sections, "site": settings.SITE_URL, "now": timezone.localtime()}
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", render_to_string("participation/personal_data/readme.txt", context))
        archive.writestr("my-data.html", render_to_string("participation/personal_data/my_data.html", context))
        archive.writestr("my-data.json", json.dumps(_as_json(sections), ensure_ascii=False, indent=2) + "\n")
    return file.getvalue()


def _as_json(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """[{"title", "note", "rows": [{readable name: text}]}], as on the page."""
    return [
        {
            "title": str(section.title),
            "note": str(section.note),
            "rows": [{str(name): str(value) for name, value in row.items()} for row in section.rows],
        }
        for section in sections
    ]
