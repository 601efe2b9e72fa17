"""Fixtures every test may use: one migrated database copied for each worker, a client of a site that is set up."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client, TransactionTestCase

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

    from participation.accounts.models import User

# Playwright keeps an event loop in the main thread, beside which Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


# ── One migration for all ────────────────────────────────────────────────────
def migrations_digest() -> str:
    """Changes with any migration of any installed app: the name of the cached database."""
    digest = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda c: c.label):
        folder = Path(config.path) / "migrations"
        for path in sorted(folder.glob("*.py")):
            digest.update(f"{config.label}/{path.name}".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def use_database(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def build_tables() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", "cache", verbosity=0)  # for the sites that tests start beside themselves


class SqliteCopy:
    """A copy of the migrated file; `restore` copies it again."""

    def __init__(self, cache_folder: Path, name: str) -> None:
        cached = cache_folder / f"migrated-{migrations_digest()}.sqlite3"
        self.name = str(Path(settings.VAR_DIR) / f"{name}.sqlite3")
        # one of our own: another run may replace the cached one while this one goes on
        self.template = Path(settings.VAR_DIR) / f"{name}-template.sqlite3"
        with locked(cache_folder / "lock"):
            if not cached.exists():
                self._migrate(cache_folder, cached)
            shutil.copyfile(cached, self.template)
        self.restore()
        use_database(self.name)

    def _migrate(self, cache_folder: Path, cached: Path) -> None:
        for old in cache_folder.glob("migrated-*"):
            old.unlink()
        fresh = cached.with_suffix(f".{os.getpid()}")
        use_database(str(fresh))
        build_tables()
        connection.close()
        fresh.rename(cached)

    def restore(self) -> None:
        connections.close_all()
        shutil.copyfile(self.template, self.name)


class PostgresCopy:
    """`CREATE DATABASE … TEMPLATE`; the template lives as long as the server that the session started."""

    template = "migrated"

    def __init__(self, name: str) -> None:
        self.name, self.server = name, settings.DATABASES["default"]["NAME"]
        with locked(Path(settings.VAR_DIR) / "lock"):
            if not self._ask(f"SELECT 1 FROM pg_database WHERE datname = '{self.template}'"):
                self._ask(f"CREATE DATABASE {self.template}")
                use_database(self.template)
                build_tables()
        self.restore()

    def _ask(self, sql: str) -> bool:
        use_database(self.server)
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return bool(cursor.fetchone()) if cursor.description else False

    def restore(self) -> None:
        connections.close_all()
        with locked(Path(settings.VAR_DIR) / "lock"):  # a template is copied by one at a time
            self._ask(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            self._ask(f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
        use_database(self.name)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Generator[None]:
    """Migrating costs half a minute, so it happens once for each set of migrations and is copied from then on.

    After a transactional test the copy is made anew: quicker than Django's flush, and what the migrations put there
    (Wagtail's root page, site and locale) is there again.
    """
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock():
        is_sqlite = connection.vendor == "sqlite"
        copy = SqliteCopy(request.config.cache.mkdir("database"), name) if is_sqlite else PostgresCopy(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: copy.restore())
        yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Rate limits, cached numbers and scaled pictures never leak from one test into the next."""
    yield
    for name in settings.CACHES:
        caches[name].clear()


# ── People and time ──────────────────────────────────────────────────────────
@pytest.fixture
def now() -> datetime:
    """The moment the factories build around; `time_machine.travel(now)` makes it the clock's."""
    from tests.factories import NOW

    return NOW


@pytest.fixture
def administrator(db: None) -> User:
    """Somebody administers the site: until then every page leads to the set-up."""
    from tests.factories import UserFactory

    return UserFactory(email="administrator@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def client(administrator: User) -> Client:
    """A visitor of a site that has been set up."""
    return Client()


@pytest.fixture
def sign_in(administrator: User) -> Callable[..., Client]:
    """`sign_in(user)` gives a client with that person's session; staff pass their second factor on the way."""

    def make(user: User, *, second_factor: bool = True) -> Client:
        from tests.factories import give_second_factor

        if second_factor:
            give_second_factor(user)
        client = Client()
        client.force_login(user)
        return client

    return make
