"""Where a page leads next, and how often someone may press its button."""

from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from participation.refusals import Refused


def next_url(request: HttpRequest, default: str) -> str:
    """The address in `next` if it is on this site, else the default."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else default


def limit(request: HttpRequest, action: str) -> None:
    """Refuse `too_many` once the rate of this action (ACCOUNT_RATE_LIMITS) is used up."""
    if not ratelimit.consume(request, action=action):
        raise Refused("too_many")
