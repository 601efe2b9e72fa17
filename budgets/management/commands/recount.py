"""`manage.py recount`: count the ballots of every published result again and compare."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from budgets.actions.tallies import recount
from budgets.models import Result


class Command(BaseCommand):
    help = "Derive every published result from its ballots again; exit code 1 if one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        differing = 0
        for result in Result.objects.select_related("pot__round", "tally").order_by("pk"):
            difference = recount(result)
            differing += difference is not None
            self.stdout.write(f"{result.pot.round.slug}, {result.pot}: {difference or 'the same'}")
        if differing:
            self.stderr.write(f"{differing} published results could not be derived again.")
            sys.exit(1)
