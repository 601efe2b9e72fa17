"""Settings of the test run: the same site, faster hashing, memory for mail and cache, its own data folder."""

import os
import tempfile

os.environ.setdefault("GOOD_LOCAL_VAR", tempfile.mkdtemp(prefix="good-local-test-"))

from config.settings import *  # noqa: F403
from config.settings import CACHES, CHANNEL_LAYERS, DATABASES, REDIS_URL, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
MEDIA_ROOT = VAR_DIR / "media"  # noqa: F405
if REDIS_URL:
    # Channels are not kept apart by the number of the Redis database.
    CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = os.environ.get("PYTEST_XDIST_WORKER", "main")
else:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads in the race tests need connections of their own to one database.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}  # noqa: F405
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA synchronous=OFF; PRAGMA secure_delete=ON; PRAGMA recursive_triggers=ON;"
    )
else:
    DATABASES["default"]["OPTIONS"].pop("pool", None)
