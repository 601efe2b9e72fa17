"""A backup is whole, private, and never overwrites another."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import PlaceFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.once  # PostgreSQL is backed up by pg_dump
def test_a_backup_holds_what_was_there(tmp_path: Path) -> None:
    place = PlaceFactory()
    target = tmp_path / "copy.sqlite3"
    call_command("backup", target, verbosity=0)
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT name FROM participation_place").fetchall() == [(place.name,)]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.once  # PostgreSQL is backed up by pg_dump
def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite3"
    target.write_text("the last good one")
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", target)
    assert target.read_text() == "the last good one"


def test_a_missing_folder_or_another_database_is_one_sentence(tmp_path: Path) -> None:
    expected = "There is no folder" if connection.vendor == "sqlite" else "pg_dump"
    with pytest.raises(CommandError, match=expected):
        call_command("backup", tmp_path / "nowhere" / "copy.sqlite3")
