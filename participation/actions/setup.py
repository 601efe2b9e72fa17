"""The first administrator of an empty site."""

import hmac
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction

from participation.accounts.models import User
from participation.actions.audit import record
from participation.refusals import Refused

_SETUP_LOCK = 7_146_002  # any number, used for nothing else


@transaction.atomic
def set_up_site(*, code: str, name: str, email: str, password: str, now: datetime) -> User:
    """Make the administrator of a site that has none, for whoever has read the code in the terminal.

    Holds a lock (SQLite: the write lock), so that of two at once one is told `already_set_up`.
    Refuses `wrong_setup_code`. The address counts as confirmed: there may be no mail server yet.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SETUP_LOCK])
    if User.objects.filter(is_superuser=True).exists():
        raise Refused("already_set_up")
    if not hmac.compare_digest(code.strip().encode(), settings.SETUP_CODE.encode()):
        raise Refused("wrong_setup_code", field="code")
    if User.objects.filter(email__iexact=email).exists():
        raise Refused("address_taken", field="email")
    user = User.objects.create_superuser(email, password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    record(by=user, action="site.set_up", target=f"user:{user.pk}", now=now)
    return user
