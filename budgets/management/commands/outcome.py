"""`manage.py outcome ROUND --format csv|json|pb`: the published outcome on standard output."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from budgets.models import Result, Round
from budgets.models.urn import grouped_ballots
from budgets.outcomes import as_text


class Command(BaseCommand):
    help = "Print the published outcome of a round."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", help="the round's slug")
        parser.add_argument("--format", choices=["csv", "json", "pb"], default="csv")
        parser.add_argument("--pot", help="one pot's short name; .pb needs it where there are several")

    def handle(self, *args: Any, round: str, format: str, pot: str | None, **options: Any) -> None:
        found = Round.objects.filter(slug=round).first()
        if found is None:
            raise CommandError(f"There is no round “{round}”.")
        results = Result.objects.of_round(found)
        if pot:
            results = results.filter(pot__key=pot)
        if not results:
            raise CommandError(f"“{round}” has no published result{f' for the pot “{pot}”' if pot else ''} yet.")
        if format == "pb" and len(results) > 1:
            keys = ", ".join(result.pot.key for result in results)
            raise CommandError(f"A .pb file holds one pot. Choose with --pot one of: {keys}")
        ballots = grouped_ballots(found) if format == "pb" else []
        text = as_text(format, [r.snapshot for r in results], [r.state for r in results], ballots)
        self.stdout.write(text, ending="")
