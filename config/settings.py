"""One settings file, driven by the environment.

Without any variable it is the embedded default: one process, SQLite, in-memory broker and channel layer, data under
`var/`. `DATABASE_URL` and `REDIS_URL` turn the same code into separate processes. `deploy/README.md` lists every variable.
"""

import sqlite3
from pathlib import Path
from secrets import token_hex
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR: Path = BASE_DIR / env("GOOD_LOCAL_VAR", default="var")
VAR_DIR.mkdir(parents=True, exist_ok=True)

# ── What kind of site this is ────────────────────────────────────────────────
DEMO = env.bool("GOOD_LOCAL_DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
SITE_URL = env("SITE_URL", default="http://localhost:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL] if HTTPS else [])


def secret(name: str) -> str:
    """The secret from the environment, or one made once and kept in a file that only this user can read."""
    if name in env.ENVIRON:
        return str(env(name))
    path = VAR_DIR / f"{name.lower()}.secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(token_hex(32))
    return path.read_text()


SECRET_KEY = secret("SECRET_KEY")
# Keys the HMACs of identities (roll, postcodes) ; kept apart from SECRET_KEY so that either can be changed.
IDENTITY_KEY = secret("IDENTITY_KEY")
# The keys of ballot boxes: shared by all web processes, left out of backups of the database.
KEY_DIR = Path(env("KEY_DIR", default=str(VAR_DIR / "keys")))
# The published files of certified rounds: made by a sweep, made again when missing, shared by all web processes.
BUNDLE_DIR = Path(env("BUNDLE_DIR", default=str(VAR_DIR / "bundles")))

# ── Applications ─────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "daphne",
    "config",
    "realtime",
    "cms",
    "commissioning",
    "budgets",
    "participation",
    "participation.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_htmx",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "cms.apps.EditorsConfig",  # wagtail.users, for our people without a username
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "participation.views.middleware.admin_policy",
    "participation.views.middleware.no_nul",
    "participation.views.middleware.private_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "participation.views.middleware.first_run",
    "participation.views.middleware.staff_second_factor",
    "participation.views.middleware.refusals",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "participation.views.context.site",
                "cms.context.site_settings",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# ── Database: SQLite for one process, PostgreSQL for many ────────────────────
if "DATABASE_URL" in env.ENVIRON:
    DATABASES = {"default": env.db()}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "db.sqlite3"}}

# Requests answered at once: each thread keeps its connection (SQLite), or takes one from the pool (PostgreSQL).
WEB_THREADS = env.int("WEB_THREADS", default=8)
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = None
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # SQLite up to 3.51.2 can corrupt a database when the write-ahead log is reset; the rollback journal cannot.
    SQLITE_JOURNAL = "WAL" if sqlite3.sqlite_version_info >= (3, 51, 3) else "DELETE"
    _database.setdefault("OPTIONS", {}).update(
        timeout=20,
        transaction_mode="IMMEDIATE",
        # recursive_triggers: what REPLACE pushes out of the board fires the trigger that refuses it.
        # secure_delete: what is deleted is overwritten with zeros, not left in the file until something else needs the room.
        init_command=f"PRAGMA journal_mode={SQLITE_JOURNAL}; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
        "PRAGMA recursive_triggers=ON; PRAGMA cache_size=-32000;",
    )
else:
    _database.setdefault("OPTIONS", {}).update(pool={"min_size": 1, "max_size": WEB_THREADS + 4, "timeout": 5})
    _database["CONN_MAX_AGE"] = 0
    # Nobody waits for a lock longer than this, and a page that did is answered with 503.
    _database["OPTIONS"].setdefault("options", "-c lock_timeout=10s")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Redis, or memory and the database when there is none ─────────────────────
REDIS_URL: str = env("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]]
CHANNEL_LAYERS: dict[str, dict[str, Any]]
Services = tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]


def through_redis(url: str) -> Services:
    """Cache and channel layer. One that accepts a connection and never answers holds nobody for longer than seconds."""
    waits = {"socket_timeout": 2, "socket_connect_timeout": 2}
    cache = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url, "OPTIONS": waits}
    layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [url]}}
    return {"default": cache}, {"default": layer}


if REDIS_URL:
    CACHES, CHANNEL_LAYERS = through_redis(REDIS_URL)
else:
    # Rate limits need a cache that every thread shares and that survives a restart.
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# Which scaled picture belongs to which: known again at once, so it stays in each process's memory.
CACHES["renditions"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "renditions"}

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that accepts a connection and never answers must not hang the sender.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"socket_timeout": 5, "socket_connect_timeout": 2} if REDIS_URL else {"polling_interval": 0.1}
)
# Beat sends only idempotent sweeps, so a schedule in memory is enough: nothing is lost by a restart.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "send results to commissioners": {
        "task": "commissioning.sweep_cases",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "tell what became of it": {"task": "commissioning.sweep_news", "schedule": 900.0, "options": {"expires": 900}},
    "close and count due rounds": {"task": "budgets.sweep_rounds", "schedule": 10.0, "options": {"expires": 30}},
    "seal boards": {"task": "budgets.sweep_boards", "schedule": 10.0, "options": {"expires": 30}},
    "write bundles": {"task": "budgets.sweep_bundles", "schedule": 30.0, "options": {"expires": 60}},
    "ballots so far": {"task": "budgets.refresh_ballot_counts", "schedule": 5.0, "options": {"expires": 5}},
    "send what waits in the outbox": {
        "task": "participation.relay_outbox",
        "schedule": 10.0,
        "options": {"expires": 30},
    },
    # The night's exact hour does not matter, nor whether it is missed: the next one finds the same and more.
    "clear what was kept long enough": {"task": "participation.purge", "schedule": crontab(hour=3, minute=17)},
}
CELERY_TIMEZONE = "Europe/London"

# ── Accounts ─────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "participation.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "participation.accounts.forms.LoginForm",
    "signup": "participation.accounts.forms.SignupForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 180
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
# A library or a hall shares one network address: generous for the address, strict for the key (the e-mail).
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "300/m/ip,5/5m/key",
    "signup": "100/m/ip",
    "request_login_code": "300/m/ip,5/5m/key",
    "confirm_email": "3/3m/key",
    "report": "60/h/ip",
    "own_data": "10/h/user",
    "set_up": "10/10m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
TRUSTED_PROXY_COUNT_SET = "TRUSTED_PROXY_COUNT" in env.ENVIRON
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Good Local"
# webauthn refuses plain http unless told that this is a developer's machine
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
# Only `make demo` sets this: its staff accounts have no second factor. `check --deploy` refuses it.
STAFF_WITHOUT_SECOND_FACTOR = DEMO
SETUP_CODE = secret("SETUP_CODE")[:12]

# ── Security headers ─────────────────────────────────────────────────────────
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "participation.views.errors.csrf_failure"
if HTTPS:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    if ALLAUTH_TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *env.list("MAP_TILE_HOSTS", default=[])],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
PICTURE_MAX_BYTES = 10 * 1024 * 1024
PICTURE_MAX_PIXELS = 40_000_000

# ── E-mail: files that the mailbox page shows, or a real server ──────────────
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Good Local <no-reply@localhost>")
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 5
if "EMAIL_URL" in env.ENVIRON:
    vars().update(env.email("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
# The mailbox page shows everyone's mail, so it exists only in the demo and on a developer's machine.
MAILBOX_PAGE = DEMO or DEBUG

# ── Language, time, files ────────────────────────────────────────────────────
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# ── Wagtail ──────────────────────────────────────────────────────────────────
WAGTAIL_SITE_NAME = "Good Local"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILIMAGES_MAX_UPLOAD_SIZE = PICTURE_MAX_BYTES
WAGTAILIMAGES_MAX_IMAGE_PIXELS = PICTURE_MAX_PIXELS
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "ods", "odt", "pdf", "pptx", "rtf", "txt", "xlsx"]
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
# Addresses and passwords belong to allauth, which confirms them; the CMS must not change them behind its back.
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {name: {"level": "WARNING"} for name in ("django.server", "celery", "wagtail", "django_tasks")},
}
