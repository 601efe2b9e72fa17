"""What every page needs to know."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from participation.accounts.models import User
from participation.models import Role
from participation.models.roles import RoleKind

Link = tuple[str, str | Promise]

_WORK: dict[str, list[tuple[str, str | Promise]]] = {
    RoleKind.ORGANISER: [("budgets:organise", _("Run rounds")), ("participation:roles", _("Places and roles"))],
    RoleKind.MODERATOR: [("participation:moderate", _("Reports"))],
    RoleKind.COMMISSIONER: [("commissioning:desk", _("Your cases")), ("budgets:commission", _("Outcomes"))],
}
_ADMINISTRATION: list[tuple[str, str | Promise]] = [
    ("participation:setup_steps", _("Set up the site")),
    ("participation:roles", _("Places and roles")),
    ("wagtailadmin_home", _("Edit pages")),
    ("admin:index", _("Technical admin")),
]


def site(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {
        "demo": settings.DEMO,
        "mailbox_page": settings.MAILBOX_PAGE,
        # A function, so that only pages that show the header ask for it.
        "staff_links": cache(lambda: staff_links(user)) if isinstance(user, User) else [],
    }


def staff_links(user: User) -> list[Link]:
    """The work pages of the roles a person holds; one query, asked only by pages that show the header."""
    kinds = set(Role.objects.filter(user=user).values_list("kind", flat=True))
    names = [link for kind, links in _WORK.items() if kind in kinds for link in links]
    if user.is_superuser:
        names += _ADMINISTRATION
    return [(reverse(name), label) for name, label in dict(names).items()]
