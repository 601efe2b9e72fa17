"""What a real site must not be started with. Run by `manage.py check --deploy`."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, register
from django.core.checks import Warning as Caution
from django.db import connection

FILE_MAIL = "django.core.mail.backends.filebased.EmailBackend"


@register(deploy=True)
def staff_need_a_second_factor(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.STAFF_WITHOUT_SECOND_FACTOR:
        return []
    hint = "Only the demo does this. Unset GOOD_LOCAL_DEMO."
    return [Error("Staff may sign in without a second factor.", hint=hint, id="participation.E001")]


@register(deploy=True)
def mailbox_is_closed(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.MAILBOX_PAGE:
        return []
    hint = "Unset GOOD_LOCAL_DEMO and DEBUG."
    return [Error("The mailbox page shows everyone's mail to everyone.", hint=hint, id="participation.E002")]


@register(deploy=True)
def proxies_are_counted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Behind an uncounted proxy all people share one network address, and one person's tries lock out everyone."""
    if settings.TRUSTED_PROXY_COUNT_SET:
        return []
    hint = "Set TRUSTED_PROXY_COUNT: 0 without a reverse proxy, 1 behind one."
    return [Caution("Nobody said how many proxies stand before this site.", hint=hint, id="participation.W001")]


@register(deploy=True)
def mail_leaves(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND != FILE_MAIL:
        return []
    hint = "Set EMAIL_URL, such as smtp+tls://user:password@mail.example.org:587."
    return [Caution("E-mails are written to files: nobody gets a sign-in code.", hint=hint, id="participation.W002")]


@register(deploy=True)
def sqlite_journal(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Says which journal SQLite uses here, and why."""
    if connection.vendor != "sqlite":
        return []
    version, journal = sqlite3.sqlite_version, settings.SQLITE_JOURNAL
    why = (
        "this version resets its write-ahead log safely"
        if journal == "WAL"
        else "versions before 3.51.3 can corrupt a database when the write-ahead log is reset"
    )
    message = f"SQLite {version} keeps a {journal} journal: {why}."
    return [Info(message, hint="With more than one process, use PostgreSQL.", id="participation.I001")]
