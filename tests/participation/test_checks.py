"""What a real site must not be started with."""

from typing import Any

import pytest
from django.core.checks import run_checks

PRODUCTION = {
    "STAFF_WITHOUT_SECOND_FACTOR": False,
    "MAILBOX_PAGE": False,
    "TRUSTED_PROXY_COUNT_SET": True,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
}


def found(settings: Any, **changed: Any) -> set[str]:
    for name, value in (PRODUCTION | changed).items():
        setattr(settings, name, value)
    messages = run_checks(include_deployment_checks=True)
    return {str(message.id) for message in messages if str(message.id).startswith("participation.")}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"STAFF_WITHOUT_SECOND_FACTOR": True}, "participation.E001"),
        ({"MAILBOX_PAGE": True}, "participation.E002"),
        ({"TRUSTED_PROXY_COUNT_SET": False}, "participation.W001"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}, "participation.W002"),
    ],
)
def test_each_is_found(settings: Any, changed: dict[str, Any], code: str) -> None:
    assert code not in found(settings)
    assert code in found(settings, **changed)


def test_sqlite_says_which_journal_and_why(settings: Any) -> None:
    from django.db import connection

    assert ("participation.I001" in found(settings)) == (connection.vendor == "sqlite")
