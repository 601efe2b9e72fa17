"""Clear what has been kept long enough, as the table of `participation.retention` says."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from participation.actions.retention import purge


class Command(BaseCommand):
    help = "Delete what has been kept long enough. Beat does it every night; doing it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how much it would be")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        done = purge(now=timezone.now(), dry_run=dry_run)
        for key, number in done:
            self.stdout.write(f"{key:16} {number}")
        verb = "would go" if dry_run else "gone"
        self.stdout.write(f"{sum(number for _key, number in done)} {verb}")
