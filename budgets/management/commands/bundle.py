"""`manage.py bundle ROUND --out DIR`: everything that anyone needs to check a certified round."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from budgets.actions.bundles import write_bundle
from budgets.models import Round
from participation.refusals import Refused


class Command(BaseCommand):
    help = "Write a certified round's ballots, board, result and trace into a folder with a program that checks them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", help="the round's slug")
        parser.add_argument("--out", type=Path, required=True, help="a folder that does not exist yet, or is empty")

    def handle(self, *args: Any, round: str, out: Path, **options: Any) -> None:
        found = Round.objects.filter(slug=round).first()
        if found is None:
            raise CommandError(f"There is no round “{round}”.")
        try:
            names = write_bundle(round_id=found.pk, folder=out)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except FileExistsError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(names)} files in {out}. Check them with: python {out / 'verify.py'} {out}")
