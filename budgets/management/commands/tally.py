"""`manage.py tally FILE [--rule PRESET|JSON] [--json] [--trace FILE] [--compare RULE …]`: count an election file.

The same as `python -m budgets.tally`, with the same exit codes: a file or rule that cannot be read ends with code 2 and
one line on stderr that names the line of the file. Nothing of the site is read or changed.
"""

import sys
from argparse import REMAINDER
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from budgets.tally.__main__ import main


class Command(BaseCommand):
    help = "Count a Pabulib file (.pb or .pb.gz) exactly, by any rule. Reads and changes nothing of the site."

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand every argument on as it stands: the engine's own command reads, explains and refuses them."""
        sys.exit(main(argv[2:]))

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("arguments", nargs=REMAINDER, help="as python -m budgets.tally takes them")

    def handle(self, *args: Any, arguments: list[str], **options: Any) -> None:
        """For `call_command("tally", FILE, "--json", …)`."""
        sys.exit(main(arguments))
