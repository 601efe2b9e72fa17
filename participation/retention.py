"""What is kept, why, for how long, and how it goes: one table, from which the nightly purge and the public page are made.

Each app registers its entries in its `ready()`. A period stands once, here in the entry: the page says it and the purge
goes by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as people say it: months of the calendar and days."""

    months: int = 0
    days: int = 0

    def before(self, now: datetime) -> datetime:
        """The moment that lies this long before `now`; at the end of a shorter month, its 28th."""
        years, month = divmod(now.year * 12 + now.month - 1 - self.months, 12)
        day = now.day if month + 1 == now.month else min(now.day, 28)
        return now.replace(year=years, month=month + 1, day=day) - timedelta(days=self.days)

    def __str__(self) -> str:
        if self.months:
            return ngettext("%(n)d month", "%(n)d months", self.months) % {"n": self.months}
        return ngettext("%(n)d day", "%(n)d days", self.days) % {"n": self.days}


class Group:
    """The headings of the page, in this order."""

    ACCOUNT = _("Your account")
    IDEAS = _("Ideas and reports")
    VOTING = _("Voting")
    STAFF = _("People who run the site")
    TECHNICAL = _("Behind the scenes")

    ALL = (ACCOUNT, IDEAS, VOTING, STAFF, TECHNICAL)


@dataclass(frozen=True, slots=True)
class Purge:
    """How what is older than a moment is found and goes. Both are given that moment; both return a number of things."""

    count: Callable[[datetime], int]
    clear: Callable[[datetime], int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table. Without a `purge` it goes by itself or stays, and `until` says so."""

    key: str  # stable, for the command and the log
    group: Text
    what: Text
    why: Text
    until: Text  # with %(period)s where there is one
    period: Period | None = None
    purge: Purge | None = None
    applies: Callable[[], bool] = lambda: True

    @property
    def how_long(self) -> str:
        text = str(self.until)
        return text % {"period": self.period} if self.period else text


_entries: dict[str, Entry] = {}


def register(*entries: Entry) -> None:
    """Registering the same key again replaces its entry."""
    for entry in entries:
        if entry.purge and not entry.period:
            raise ValueError(f"{entry.key} is purged after no period")
        _entries[entry.key] = entry


def entries() -> list[Entry]:
    """Those that apply to this site, in the order of the groups."""
    order = {str(group): number for number, group in enumerate(Group.ALL)}
    return sorted((entry for entry in _entries.values() if entry.applies()), key=lambda e: order[str(e.group)])
