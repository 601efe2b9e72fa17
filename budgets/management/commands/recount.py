"""`manage.py recount`: count the ballots of every published result again and compare."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from budgets.actions.tallies import recount, recount_box
from budgets.models import Result, Round


class Command(BaseCommand):
    help = "Derive every published result from its ballots again; exit code 1 if one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        differing = 0
        for round in Round.objects.filter(pots__result__isnull=False).distinct().order_by("pk"):
            root, ballots, difference = recount_box(round)
            self.stdout.write(f"{round.slug}: root {root}, {ballots} ballots: {difference or 'as published'}")
            differing += difference is not None
            for result in Result.objects.of_round(round).select_related("pot__round", "tally"):
                difference = recount(result)
                differing += difference is not None
                self.stdout.write(f"{round.slug}, {result.pot}: {difference or 'the same'}")
        if differing:
            self.stderr.write(f"{differing} published results could not be derived again.")
            sys.exit(1)
