"""Middleware: refusals as pages, the second factor of staff, the first run, and the admin's looser content policy."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from participation.accounts.models import User
from participation.permissions import is_staff_anywhere
from participation.refusals import Refused
from participation.views.errors import SILENT, busy, come_back

GetResponse = Callable[[HttpRequest], HttpResponse]

# The Wagtail and Django admins still need inline script and style (wagtail#1288).
ADMIN_PREFIXES = ("/cms/", "/admin/")
PRIVATE_PREFIXES = ("/account/", "/accounts/", "/organise/", "/moderate/", "/commission/", "/roles/", "/setup/")
STAFF_PREFIXES = (*ADMIN_PREFIXES, "/organise/", "/moderate/", "/commission/", "/roles/")
_ADMIN_POLICY = {
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "frame-ancestors": ["'self'"],
    "frame-src": ["'self'"],
}


def admin_policy(get_response: GetResponse) -> GetResponse:
    """Let the two admins have their own content security policy; everything else keeps the strict one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(ADMIN_PREFIXES):
            response._csp_replace = _ADMIN_POLICY  # type: ignore[attr-defined]  # read by CSPMiddleware
            response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    return middleware


def no_nul(get_response: GetResponse) -> GetResponse:
    """No address holds the character NUL, and PostgreSQL takes no text that does."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest()
        return get_response(request)

    return middleware


def private_pages(get_response: GetResponse) -> GetResponse:
    """Pages of accounts and of staff are kept by no cache, shared or the browser's own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(PRIVATE_PREFIXES):
            patch_cache_control(response, no_store=True, private=True)
        return response

    return middleware


class refusals:  # noqa: N801 - named like the function middlewares beside it
    """Show a `Refused` that no view caught as a page with its status; a database that cannot answer as 503."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return come_back(self.get_response(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            if exception.code == "sign_in":
                return redirect_to_login(request.get_full_path())
            return render(request, "refused.html", {"refused": exception}, status=exception.status)
        if isinstance(exception, SILENT):
            return busy(request)
        return None


def staff_second_factor(get_response: GetResponse) -> GetResponse:
    """Send staff without a second factor to set one up before any staff page opens."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if (
            request.path.startswith(STAFF_PREFIXES)
            and request.user.is_authenticated
            and not settings.STAFF_WITHOUT_SECOND_FACTOR
            and is_staff_anywhere(request.user)
            and not has_second_factor(request.user)
        ):
            messages.info(request, _("Your role needs a second step at sign-in. Set it up once, then go on."))
            return redirect("mfa_index")
        return get_response(request)

    return middleware


def has_second_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user))


def first_run(get_response: GetResponse) -> GetResponse:
    """While nobody administers the site, every page leads to its set-up. Asked of the database until the answer is yes."""
    done = False

    def middleware(request: HttpRequest) -> HttpResponse:
        nonlocal done
        if not done:
            done = User.objects.filter(is_superuser=True).exists()
            if not done and not request.path.startswith(("/setup/", "/static/", "/theme.css", "/healthz")):
                return redirect("participation:setup")
        return get_response(request)

    return middleware
