"""Types of requests, for mypy alone."""

from django.http import HttpRequest

from participation.accounts.models import User


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` gets."""

    user: User
