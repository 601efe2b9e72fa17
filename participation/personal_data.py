"""What is known about a person, app by app: each registers how it shows that to the person and how it erases it.

An app registers in its `ready()`; apps that know others come first, as in INSTALLED_APPS, so that budgets is asked before
the proposals it points at are touched. `fields` names every column of any table that points at a person or holds an
address, with one sentence on what becomes of it: a test compares them with the tables there are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from participation.accounts.models import User

Text = str | Promise
Row = Mapping[str, str]  # a readable name → what is known


class Ideas(StrEnum):
    """What shall become of the ideas that a person has published, when the account goes."""

    KEEP = "keep"  # words and pictures stand, without the name
    WORDS = "words"  # the words stand, the pictures go
    WITHDRAW = "withdraw"  # taken back; the words go some days later, unless they are part of a decision


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing that is known about a person, in readable names; `note` says why it is there or not."""

    title: Text
    rows: Sequence[Row]
    note: Text = ""


Export = Callable[["User"], Iterable[Section]]
Erase = Callable[["User", Ideas, datetime], None]


@dataclass(frozen=True, slots=True)
class Part:
    """What one app does. `erase` runs inside the transaction that then deletes the account, with its row locked."""

    export: Export
    erase: Erase
    fields: Mapping[str, str]  # such as budgets.Elector.person


_parts: dict[str, Part] = {}


def register(app: str, part: Part) -> None:
    """Registering the same app again replaces its part."""
    _parts[app] = part


def parts() -> list[Part]:
    return list(_parts.values())
