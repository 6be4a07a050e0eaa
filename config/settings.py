"""Settings, all from the environment; `.env.example` lists every variable. Production is the default."""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

VITRINE_HOME = Path(env.text("VITRINE_HOME") or BASE_DIR / "var")
VITRINE_SITE_OPEN = env.flag("VITRINE_SITE_OPEN", True)
VITRINE_DEMO = env.flag("VITRINE_DEMO")
VITRINE_DEMO_PASSWORD = env.text("VITRINE_DEMO_PASSWORD", "vitrine-demo")
VITRINE_METRICS_TOKEN = env.text("VITRINE_METRICS_TOKEN")

DEBUG = env.flag("VITRINE_DEBUG")
TESTING = env.flag("VITRINE_TESTING")
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Put a long random text into it; `make run` makes one itself."
    )
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
PORT = env.number("PORT", 8000)

INSTALLED_APPS = [
    "core",
    "accounts",
    "access",
    "vocabulary",
    "catalog",
    "evaluations",
    "social",
    "search",
    "alerts",
    "ingestion",
    "people",
    "portal",
    "config",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "access.middleware.ClosedSiteMiddleware",
    "access.middleware.ViewerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "config.templates.Templates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
                "social.context.header",
                "portal.context.header",
            ],
        },
    },
]

# ── Data ──────────────────────────────────────────────────────────────────────────────────────────

DATABASES = {"default": env.database(env.text("DATABASE_URL") or "postgresql:///vitrine")}
if TESTING:
    # Several runs at once on one cluster, each with a database of its own.
    DATABASES["default"]["TEST"] = {"NAME": f"test_{os.getpid()}"}
elif pool := env.number("VITRINE_POOL", 8):
    # After an outage a pool that pauses ever longer between attempts would stay away for as long again; one that soon
    # gives up tries anew with the next request.
    options = {"min_size": 1, "max_size": pool, "timeout": 5, "reconnect_timeout": 5}
    DATABASES["default"]["OPTIONS"]["pool"] = options  # type: ignore[index]
else:
    DATABASES["default"].update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
OPENSEARCH_URL = env.text("OPENSEARCH_URL")
OPENSEARCH_ALIAS = env.text("OPENSEARCH_ALIAS")
REDIS_URL = env.text("REDIS_URL")
# What lets models rank higher besides the words; `search.ranking` says what each weight means.
VITRINE_RANKING = env.text("VITRINE_RANKING")
# How old the vocabulary may be that a process reads searches by, in seconds.
VITRINE_VOCABULARY_SECONDS = env.number("VITRINE_VOCABULARY_SECONDS", 15)

# Where people reach the site, for links in mail and webhooks.
VITRINE_SITE_URL = (env.text("VITRINE_SITE_URL") or f"http://localhost:{PORT}").rstrip("/")
# Hosts of our own network (name, address or network) that webhooks may reach; all others must be public.
VITRINE_WEBHOOK_HOSTS = env.words("VITRINE_WEBHOOK_HOSTS")
# Seconds until a failed webhook is tried again; doubles with each failure, up to an hour.
VITRINE_WEBHOOK_FIRST_PAUSE: float = env.number("VITRINE_WEBHOOK_FIRST_PAUSE", 5)
VITRINE_WEBHOOK_GIVE_UP_HOURS: float = env.number("VITRINE_WEBHOOK_GIVE_UP_HOURS", 24)
VITRINE_WEBHOOK_TIMEOUT: float = env.number("VITRINE_WEBHOOK_TIMEOUT", 10)
# At most one mail about alerts for each person in so many minutes.
VITRINE_ALERT_MAIL_MINUTES: float = env.number("VITRINE_ALERT_MAIL_MINUTES", 5)

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# ── Work in the background ────────────────────────────────────────────────────────────────────────

BROKER_FOLDER = VITRINE_HOME / "broker"
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = (
    {"socket_timeout": 2, "socket_connect_timeout": 2}
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_FOLDER / "queue"),
        "data_folder_out": str(BROKER_FOLDER / "queue"),
        "control_folder": str(BROKER_FOLDER / "control"),
        "polling_interval": 0.2,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# However long Redis is away: by default workers end after about fifty minutes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    # Documents themselves are carried by threads of the workers (search.indexing.worker), several times a second.
    # What arrives is looked at by threads of the workers, too (alerts.worker); only time itself must be asked about.
    "alerts-ages": {"task": "alerts.tasks.look_at_ages", "schedule": 3600.0, "options": {"expires": 3000}},
    "alerts-tidy": {"task": "alerts.tasks.tidy", "schedule": 86400.0, "options": {"expires": 80000}},
    "search-tidy": {"task": "search.tasks.tidy", "schedule": 3600.0, "options": {"expires": 3000}},
}

# ── People ────────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.ScryptPasswordHasher",
    ]
)
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_VERBOSE = False
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "vitrine@localhost")

# ── Safety ────────────────────────────────────────────────────────────────────────────────────────

HTTPS = env.flag("VITRINE_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, without the proxy
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("VITRINE_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# ── Pages and files ───────────────────────────────────────────────────────────────────────────────

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VITRINE_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.bundles.VegaFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
    "br",
    "gz",
    "ico",
    "jpg",
    "map",
    "png",
    "svgz",
    "webp",
    "woff",
    "woff2",
    "zip",
]
MEDIA_ROOT = VITRINE_HOME / "media"

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "core.api.problems.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Vitrine API",
    "DESCRIPTION": "Find, read, compare and discuss the organisation's models.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "VersionStageEnum": "catalog.models.ModelVersion.Stage",
        "DeadStageEnum": [("build", "build"), ("engine", "engine")],
    },
}

LOGGING = logging_config(console=DEBUG)
