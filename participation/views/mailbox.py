"""The mailbox of a demo or a developer's machine: e-mails that were written to files instead of being sent."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import wraps
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from participation.actions.mailbox import mails_in

PER_PAGE = 25
_CODE = re.compile(r"(?m)^[ \t]*([A-Z0-9]{4,12}(?:-[A-Z0-9]{2,8})?)[ \t]*$")


@dataclass(frozen=True, slots=True)
class Mail:
    """`key` is the file's name without its ending, and the message's number in it."""

    key: str
    subject: str
    to: str
    at: datetime | None
    body: str

    @property
    def code(self) -> str | None:
        """A sign-in code: it stands alone on its line and holds a digit or has two parts."""
        codes = _CODE.findall(self.body)
        return codes[0] if codes else None


class View(Protocol):
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse: ...


def only_where_allowed(view: View) -> View:
    """Elsewhere the page does not exist: it shows everyone's mail."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.MAILBOX_PAGE:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_where_allowed
@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(read_mails(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "participation/mailbox/list.html", {"page": page})


@only_where_allowed
@never_cache
@require_safe
def mailbox_message(request: HttpRequest, key: str) -> HttpResponse:
    mail = next((mail for mail in read_mails() if mail.key == key), None)
    if mail is None:
        raise Http404
    return render(request, "participation/mailbox/message.html", {"mail": mail})


def read_mails() -> list[Mail]:
    """Newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    mails = [mail for path in folder.glob("*.log") for mail in _read_file(path)] if folder.is_dir() else []
    return sorted(mails, key=lambda mail: (mail.at.timestamp() if mail.at else 0, mail.key), reverse=True)


def _read_file(path: Path) -> list[Mail]:
    return [_read(f"{path.stem}-{number}", mail) for number, mail in enumerate(mails_in(path), 1)]


def _read(key: str, content: bytes) -> Mail:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(preferencelist=("plain", "html"))
    date = str(message["Date"] or "")
    return Mail(
        key=key,
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        at=parsedate_to_datetime(date) if date else None,
        body=body.get_content().strip() if body else "",
    )
