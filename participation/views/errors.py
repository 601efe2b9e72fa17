"""Error pages: what happened and what to do, and what was typed is not lost."""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template import loader

from participation.refusals import Refused

JSON = "application/json"
# A database that is gone, busy, locked, or for reading only: what a database says that cannot answer at the moment.
SILENT = (OperationalError, InterfaceError, InternalError)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Too much at once is refused like anything else, before a view could do so; the rest is nobody's honest mistake."""
    if not isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return HttpResponseBadRequest()
    refused = Refused("too_large")
    if is_for_a_client(request):
        return refused_as_json(refused)
    return render(request, "refused.html", {"refused": refused}, status=refused.status)


def is_for_a_client(request: HttpRequest) -> bool:
    """Whether a program asks, which wants JSON, and not a person with a browser."""
    return JSON in (request.content_type, request.headers.get("accept"))


def refused_as_json(refused: Refused) -> JsonResponse:
    """{"code": stable, "field" at fault or null, "message"}; a client that is not signed in gets 401."""
    answer = {"code": refused.code, "field": refused.field, "message": str(refused)}
    return JsonResponse(answer, status=401 if refused.code == "sign_in" else refused.status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the context processors: they may be what failed. A database that cannot answer is no fault."""
    if isinstance(sys.exc_info()[1], SILENT):
        return busy(request)
    return HttpResponseServerError(loader.get_template("500.html").render({}, None))


def busy(request: HttpRequest) -> HttpResponse:
    """The database does not answer just now: come back in ten seconds. Asks nothing of it."""
    refused = Refused("busy")
    if is_for_a_client(request):
        return come_back(refused_as_json(refused))
    page = loader.get_template("503.html").render({}, None)
    return come_back(HttpResponse(page, status=503, headers={"Cache-Control": "no-store"}))


def come_back(response: HttpResponse) -> HttpResponse:
    """Every 503 says when."""
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", "10")
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
