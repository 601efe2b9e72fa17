"""`manage.py import_pb FILE --place SLUG`: a round from a Pabulib election file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from budgets.actions.imports import import_election
from budgets.tally.pb import PbError
from participation.models import Place

DEMO_PLACE = "larkmoor"


class Command(BaseCommand):
    help = "Make a round of a Pabulib file (.pb or .pb.gz), ready to count and publish. The last line is its slug."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--place", default=DEMO_PLACE, help="slug of the place it belongs to (default: the demo's)")

    def handle(self, *args: Any, file: str, place: str, **options: Any) -> None:
        found = Place.objects.filter(slug=place).first()
        if found is None:
            raise CommandError(f"There is no place “{place}”. Name one of this site with --place SLUG.")
        try:
            round, repairs = import_election(source=file, place_id=found.pk, now=timezone.now())
        except PbError as error:
            raise CommandError(f"{file}: {error}") from error
        except OSError as error:
            raise CommandError(f"{file}: cannot be read ({error.strerror})") from error
        for repair in repairs[:20]:
            self.stderr.write(repair)
        if len(repairs) > 20:
            self.stderr.write(f"… and {len(repairs) - 20} more repairs")
        self.stdout.write(f"{round.projects.count()} projects and {round.ballots.count()} ballots imported")
        self.stdout.write(round.slug)
