"""Load the wards of a council from GeoJSON."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from participation.actions.places import load_boundaries
from participation.boundaries import BadBoundaries, read_wards
from participation.models import Place
from participation.refusals import Refused


class Command(BaseCommand):
    help = "Add or update the wards of a council from FILE (GeoJSON, WGS 84, with WDxxCD and WDxxNM properties)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--place", required=True, metavar="SLUG", help="the council area the wards lie in")

    def handle(self, *args: Any, file: Path, place: str, **options: Any) -> None:
        council = Place.objects.councils().filter(slug=place).first()
        if council is None:
            known = ", ".join(Place.objects.councils().values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no council area {place!r} here (there are: {known}).")
        try:
            wards = read_wards(file.read_bytes(), council_code=council.gss_code)
            added, changed = load_boundaries(by=None, place_id=council.pk, wards=wards, now=timezone.now())
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror or problem}") from problem
        except (BadBoundaries, Refused) as problem:
            raise CommandError(f"{file}: {problem}") from problem
        self.stdout.write(f"{council.name}: {added} wards added, {changed} changed, {len(wards)} in the file.")
