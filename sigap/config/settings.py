"""Django's settings, made from `sigap.config.environment`."""

from datetime import timedelta
from pathlib import Path

from .environment import read

ENV = read()
ROOT = Path(__file__).resolve().parent.parent

SECRET_KEY = ENV.key()
DEBUG = False
ALLOWED_HOSTS = ENV.allowed_hosts
DATABASES = {"default": ENV.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "core.User"
ROOT_URLCONF = "sigap.config.urls"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "sigap.core",
    "sigap.places",
    "sigap.incidents",
    "sigap.complaints",
    "sigap.fleet",
    "sigap.calls",
    "sigap.dispatch",
    "sigap.neighbours",
    "sigap.warnings",
    "sigap.reviews",
    "sigap.proposals",
    "sigap.notify",
    "sigap.evaluation",
    "sigap.insight",
    "sigap.gateways",
    "sigap.console",
    "sigap.crew",
    "sigap.public",
    "sigap.config",
]
MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sigap.config.middleware.Errors",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "sigap.config.middleware.People",
    "sigap.config.middleware.Language",
    "sigap.config.middleware.DefaultDeny",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "sigap.config.middleware.page_context",
            ],
        },
    }
]
AUTHENTICATION_BACKENDS: list[str] = []  # signing in is core.actions.accounts
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

SESSION_ENGINE = "sigap.core.sessions"
SESSION_COOKIE_AGE = int(timedelta(hours=ENV.session_hours).total_seconds())
SESSION_COOKIE_NAME = "sigap"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.https
CSRF_COOKIE_NAME = "sigap_csrf"
CSRF_FAILURE_VIEW = "sigap.config.middleware.csrf_failed"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
IDLE_S = ENV.idle_minutes * 60

USE_TZ = True
TIME_ZONE = "Asia/Jakarta"
USE_I18N = True
LANGUAGE_CODE = ENV.language
LANGUAGES = [("id", "Indonesia"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = None  # served from the program's own folders
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
# Never on the disk: the server takes no more than fits into memory, see `pages`.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 26 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

globals().update(ENV.mail())

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "sigap.core.logs.Line",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    # Requests are refused with a reason to the user; the log must not repeat what was sent.
    "loggers": {"django.request": {"level": "ERROR"}, "uvicorn.access": {"level": "WARNING"}},
}
