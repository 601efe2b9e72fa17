"""Load a postcode directory (ONSPD or NSPL as CSV, plain or gzipped)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from participation.actions.postcodes import import_postcodes
from participation.postcodes import BadPostcodeFile, digest, read_postcodes
from participation.refusals import Refused


class Command(BaseCommand):
    help = (
        "Load postcodes from FILE (CSV or CSV.GZ with the columns pcds, lad…, wd… and, if there, lsoa21…, lat, long). "
        "An interrupted import goes on where it stopped; the same file again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            loaded = import_postcodes(
                rows=read_postcodes(file),
                digest=digest(file),
                file_name=file.name,
                now=timezone.now(),
                progress=self.progress,
            )
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror or problem}") from problem
        except (BadPostcodeFile, Refused) as problem:
            raise CommandError(f"{file}: {problem}") from problem
        self.stdout.write(f"{file.name}: {loaded:,} postcodes loaded." if loaded else f"{file.name}: loaded before.")

    def progress(self, rows: int) -> None:
        self.stdout.write(f"{rows:,} rows", ending="\r" if self.stdout.isatty() else "\n")
        self.stdout.flush()
