"""Error pages: what happened and what to do, and what was typed is not lost."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the context processors: they may be what failed. A database that cannot answer is no fault."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return busy()
    return HttpResponseServerError(loader.get_template("500.html").render({}, None))


def busy() -> HttpResponse:
    """The database does not answer just now: come back in ten seconds. Asks nothing of it."""
    page = loader.get_template("503.html").render({}, None)
    return HttpResponse(page, status=503, headers={"Retry-After": "10", "Cache-Control": "no-store"})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
