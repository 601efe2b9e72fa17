"""`manage.py backup FILE`: a copy of the SQLite database that is whole, taken while the site runs."""

import sqlite3
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

PAGES_AT_ONCE = 200  # with a pause between, so that voters are not kept waiting
PAUSE = 0.05


class Command(BaseCommand):
    help = "Copy the SQLite database to FILE through its backup interface, while the site runs. PostgreSQL has pg_dump."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("This site uses PostgreSQL: back it up with pg_dump (see deploy/README.md).")
        if file.exists():
            raise CommandError(f"{file} exists already. Choose another name.")
        if not file.absolute().parent.is_dir():
            raise CommandError(f"There is no folder {file.absolute().parent}.")
        copy_database(Path(connection.settings_dict["NAME"]), file)
        self.stdout.write(f"Copied to {file}, {file.stat().st_size:,} bytes, and checked.")


def copy_database(source: Path, target: Path) -> None:
    """Copy to a file beside the target, check it, then give it its name: a backup with a name is a whole one."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reader,
        closing(sqlite3.connect(part)) as writer,
    ):
        reader.backup(writer, pages=PAGES_AT_ONCE, sleep=PAUSE)
        (verdict,) = writer.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise CommandError(f"The copy is damaged ({verdict}). Look after the original.")
    part.rename(target)
