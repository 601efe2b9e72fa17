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
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

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


def sqlite_copy(cache_folder: Path, name: str) -> None:
    """Copy the migrated file; make it first where this set of migrations has none."""
    template = cache_folder / f"migrated-{migrations_digest()}.sqlite3"
    with locked(cache_folder / "lock"):
        if not template.exists():
            for old in cache_folder.glob("migrated-*"):
                old.unlink()
            fresh = template.with_suffix(f".{os.getpid()}")
            use_database(str(fresh))
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            fresh.rename(template)
        shutil.copyfile(template, name)
    use_database(name)


def postgres_copy(name: str) -> None:
    """`CREATE DATABASE … TEMPLATE`: the template lives as long as the server that the session started."""
    server, template = settings.DATABASES["default"]["NAME"], "migrated"

    def server_side(sql: str) -> bool:
        use_database(server)
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return bool(cursor.fetchone()) if cursor.description else False

    with locked(Path(settings.VAR_DIR) / "lock"):
        if not server_side(f"SELECT 1 FROM pg_database WHERE datname = '{template}'"):
            server_side(f"CREATE DATABASE {template}")
            use_database(template)
            call_command("migrate", verbosity=0, interactive=False)
        server_side(f"CREATE DATABASE {name} TEMPLATE {template}")
    use_database(name)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Generator[None]:
    """Migrating costs half a minute, so it happens once for each set of migrations and is copied from then on."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            sqlite_copy(request.config.cache.mkdir("database"), str(Path(settings.VAR_DIR) / f"test-{worker}.sqlite3"))
        else:
            postgres_copy(f"test_{worker}")
    yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture
def wagtail_root(request: pytest.FixtureRequest) -> None:
    """Wagtail's locale, root page and default site again, after a transactional test has flushed them away."""
    request.getfixturevalue("transactional_db")
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Locale, Page, Site

    ContentType.objects.clear_cache()
    Site.clear_site_root_paths_cache()
    locale, _made = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root", locale=locale))
    if not Site.objects.exists():
        home = root.get_children().first() or root.add_child(instance=Page(title="Home", slug="home", locale=locale))
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Rate limits and cached numbers never leak from one test into the next."""
    yield
    if settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        cache.clear()


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
