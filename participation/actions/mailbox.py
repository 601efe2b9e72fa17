"""E-mails that a demo or a developer's machine writes to files instead of sending them."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from email.utils import getaddresses
from pathlib import Path

from django.conf import settings

FILE_MAIL = "django.core.mail.backends.filebased.EmailBackend"
_TO = re.compile(rb"(?mi)^To: (.+)$")
# How the file backend separates the messages of one connection; a mail's own text may hold such a line too.
_LINE = b"-" * 79
_BETWEEN = re.compile(rb"\n-{79}\n(?=Content-Type:|\Z)")


def mail_goes_to_files() -> bool:
    return bool(settings.EMAIL_BACKEND == FILE_MAIL)


def mails_in(path: Path) -> list[bytes]:
    """The messages in one file, as they would have been sent."""
    return [part for part in _BETWEEN.split(path.read_bytes()) if part.strip()]


def forget_mails_to(addresses: Collection[str]) -> None:
    """Take the mails to any of these addresses (in small letters) out of their files."""
    for path in _files():
        mails = mails_in(path)
        others = [mail for mail in mails if not _recipients(mail) & set(addresses)]
        if not others:
            path.unlink(missing_ok=True)
        elif len(others) < len(mails):
            path.write_bytes(b"".join(mail + b"\n" + _LINE + b"\n" for mail in others))


def _recipients(mail: bytes) -> set[str]:
    header = _TO.search(mail)
    found = getaddresses([header[1].decode(errors="replace")]) if header else []
    return {address.lower() for _name, address in found}


def count_mails(before: datetime) -> int:
    return len(_older(before))


def clear_mails(before: datetime) -> int:
    """Remove the files last written before that moment; how many."""
    older = _older(before)
    for path in older:
        path.unlink(missing_ok=True)
    return len(older)


def _older(before: datetime) -> list[Path]:
    return [path for path in _files() if path.stat().st_mtime < before.timestamp()]


def _files() -> Iterator[Path]:
    folder = Path(settings.EMAIL_FILE_PATH)
    return folder.glob("*.log") if mail_goes_to_files() and folder.is_dir() else iter(())
