"""Where a page leads next, and how often someone may press its button."""

from posixpath import normpath
from urllib.parse import quote, unquote, urlsplit

from allauth.core import ratelimit
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from participation.refusals import Refused

LONGEST = 1800  # characters of an address, quoted: Django redirects to no more than 2,048 with what stands round it


def next_url(request: HttpRequest, default: str) -> str:
    """The address in `next` if it is the path of a page of this site, else the default."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe and _leads_on(wanted) else default


def _leads_on(address: str) -> bool:
    """A path, not a name or a whole address; not endless; and not to the page that signs out."""
    if not address.startswith("/") or len(quote(address, safe="")) > LONGEST:
        return False
    path = normpath(unquote(urlsplit(address).path.replace("\\", "/")))
    return path != normpath(reverse("account_logout"))


def limit(request: HttpRequest, action: str) -> None:
    """Refuse `too_many` once the rate of this action (ACCOUNT_RATE_LIMITS) is used up."""
    if not ratelimit.consume(request, action=action):
        raise Refused("too_many")
