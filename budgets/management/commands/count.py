"""`manage.py count ROUND [--rule NAME] [--publish]`: count a closed round now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from budgets.actions.results import publish_results
from budgets.actions.tallies import count_round
from budgets.models import Round, Tally
from budgets.tally.explain import money
from budgets.tally.rules import PRESETS
from participation.refusals import Refused


class Command(BaseCommand):
    help = "Count a closed round and print the winners; --publish for imported and demo rounds only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", help="the round's slug")
        parser.add_argument("--rule", choices=sorted(PRESETS), help="another rule than the round's own")
        parser.add_argument("--publish", action="store_true", help="publish the result on the site")

    def handle(self, *args: Any, round: str, rule: str | None, publish: bool, **options: Any) -> None:
        found = Round.objects.filter(slug=round).first()
        if found is None:
            raise CommandError(f"There is no round “{round}”.")
        if publish and not (found.is_imported or settings.DEMO):
            raise CommandError(str(Refused("publish_needs_import")))
        now = timezone.now()
        try:
            tallies = count_round(round_id=found.pk, now=now, rule=rule)
            for tally in tallies:
                self._print(tally, found.currency)
            if publish:
                publish_results(by=None, round_id=found.pk, now=now, rule=rule)
                self.stdout.write(f"Published: {settings.SITE_URL}{found.get_absolute_url()}")
        except Refused as refused:
            raise CommandError(str(refused)) from refused

    def _print(self, tally: Tally, currency: str) -> None:
        if tally.state != Tally.State.DONE:
            raise CommandError(f"{tally.pot}: could not be counted: {tally.error or 'another count is running'}")
        names = {row["id"]: row["name"] for row in tally.outcome["projects"]}
        self.stdout.write(
            f"{tally.pot}: {len(tally.outcome['selected'])} winners by {tally.rule} for "
            f"{money(tally.outcome['cost'], currency)} of {money(tally.pot.amount, currency)}, "
            f"{tally.outcome['n_ballots']} ballots"
        )
        for code in tally.outcome["selected"]:
            self.stdout.write(f"  {code}  {names[code]}")
