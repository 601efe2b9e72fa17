"""Fill the demo with Larkmoor: a town, its people, and a round in each phase."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from budgets.actions.sweeps import refresh_ballot_counts
from config.demo.cases import commission
from config.demo.history import CountFailed, live_through
from config.demo.pages import dress
from config.demo.rounds import FEATURED, ROUNDS
from config.demo.settle import settle
from config.demo.town import NAMED
from participation.accounts.models import User
from participation.models import OutboxMessage

PASSWORD = "larkmoor-demo"  # noqa: S105 - of accounts that exist only in the demo; printed when it is seeded


class Command(BaseCommand):
    help = (
        "Seed the demo: the fictional town of Larkmoor with a round in each phase (only with GOOD_LOCAL_DEMO=1). "
        "What is there already stays as it is; a run that was interrupted goes on where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rounds", nargs="*", metavar="TITLE", help="only the rounds with these titles")

    def handle(self, *args: Any, rounds: list[str] | None, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("seed_demo fills a demo only. Set GOOD_LOCAL_DEMO=1, or run: make demo")
        now = timezone.now()
        town = settle(now=now, password=PASSWORD, say=self.say)
        organiser, second = (User.objects.get(email=f"{name}@larkmoor.example") for name in ("organiser", "organiser2"))
        for plan in ROUNDS:
            if rounds is None or plan.title in rounds:
                try:
                    live_through(plan, town, now=now, organiser=organiser, second=second, say=self.say)
                except CountFailed as failure:
                    raise CommandError(f"{failure} Run the same command again to go on.") from failure
        commissioner = User.objects.get(email="commissioner@larkmoor.example")
        commission(town, now=now, organiser=organiser, commissioner=commissioner)
        refresh_ballot_counts(now=now)
        dress(town=town, featured=FEATURED, say=self.say)
        # Nobody reads the mail of fictional people, and the mailbox page should show what the visitor causes.
        OutboxMessage.objects.filter(to__endswith="@larkmoor.example", sent_at=None).update(sent_at=now)
        self.say_how_to_sign_in()

    def say(self, line: str) -> None:
        self.stdout.write(f"      {line}")
        self.stdout.flush()

    def say_how_to_sign_in(self) -> None:
        site = f"http://localhost:{os.environ.get('PORT') or 8000}"
        width = max(len(person.email) for person in NAMED)
        lines = ["", f"  Larkmoor:  {site}/", f"  Sign in:   {site}/accounts/login/"]
        lines.append(f"             “Use a password instead”; the password of all is {PASSWORD}")
        for person in NAMED:
            roles = "administrator" if person.is_administrator else ", ".join(person.roles) or "resident"
            lines.append(f"             {person.email:<{width}}   {roles}")
        lines += [f"  E-mails:   {site}/mailbox/", f"  Pages:     {site}/cms/   (as administrator)", ""]
        self.stdout.write("\n".join(lines))
