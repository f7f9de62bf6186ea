"""Django's settings. Everything a clinic may change comes from `config`; the rest is fixed here with its reason."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csp.constants import SELF

from inconcert.web import config
from inconcert.web.cds_config import cds_config

HERE = Path(__file__).resolve().parent
DATA_DIR = config.data_dir()
SECRET_KEY = config.secret_key(DATA_DIR)
DEBUG = False  # never on: a debug page shows values of the chart
HTTPS = config.switch("INCONCERT_HTTPS")
CLINIC_SETTINGS_FILE = config.clinic_settings_file()  # asked for here, so that an old name is refused at the start
ALLOWED_HOSTS = [h for h in os.environ.get("INCONCERT_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]

INSTALLED_APPS = [
    "inconcert.web.apps.WebConfig",  # first: its templates dress those of allauth
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "inconcert.web.middleware.RefuseOversize",  # before anything reads the body
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "inconcert.web.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "inconcert.web.middleware.Doorkeeper",
    "axes.middleware.AxesMiddleware",  # last: turns a locked-out sign-in into its own page
]
ROOT_URLCONF = "inconcert.web.urls"
WSGI_APPLICATION = "inconcert.web.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "inconcert.web.context.site",
            ],
        },
    }
]

# ── what is kept, and how safely ─────────────────────────────────────────────────────────────────────────────────────
DATABASES = {"default": config.database(DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The cache counts sign-in attempts; in the database all workers count together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        # It also remembers tokens that were used: at the usual 300 entries the fresh ones would be thrown out, and a token
        # could be used twice.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

# ── time and language ────────────────────────────────────────────────────────────────────────────────────────────────
TIME_ZONE = "UTC"  # unset it would be America/Chicago; a clinic's own zone is used only to show times
USE_TZ = True
USE_I18N = False
LANGUAGE_CODE = "en-us"

# ── static files: all from this machine ──────────────────────────────────────────────────────────────────────────────
STATIC_URL = "static/"
BUNDLE_DIR = DATA_DIR / "static"  # the picture library, written at the first start from vl-convert's wheel
STATICFILES_DIRS = [str(BUNDLE_DIR)] if BUNDLE_DIR.is_dir() else []
WHITENOISE_USE_FINDERS = True  # served from where they stand: nothing has to be collected
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

# ── accounts ─────────────────────────────────────────────────────────────────────────────────────────────────────────
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "inconcert.web.accounts.ClinicAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {"login": "inconcert.web.accounts.SignInForm"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False  # a shared computer at the front desk forgets
ACCOUNT_EMAIL_NOTIFICATIONS = False
# Wrong passwords are counted by axes alone, so that one voice speaks; second factors by allauth.
ACCOUNT_RATE_LIMITS = {"login": False, "login_failed": False}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "InConcert"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_CALLABLE = "inconcert.web.accounts.locked_out"
AXES_SENSITIVE_PARAMETERS = ["password", "login"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False  # its log lines would hold user names and addresses

# ── sessions and headers ─────────────────────────────────────────────────────────────────────────────────────────────
IDLE_MINUTES = config.whole_number("INCONCERT_IDLE_MINUTES", 15)
ABSOLUTE_HOURS = 12
SESSION_COOKIE_AGE = ABSOLUTE_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "inconcert_session"
CSRF_COOKIE_NAME = "inconcert_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "inconcert.web.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if config.switch("INCONCERT_BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's icons and the QR code of the second factor
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

# ── uploads ──────────────────────────────────────────────────────────────────────────────────────────────────────────
UPLOAD_BYTES_MAX = config.whole_number("INCONCERT_UPLOAD_MB", 50) * 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_PERMISSIONS = 0o600

# ── EHRs that call (CDS Hooks) ───────────────────────────────────────────────────────────────────────────────────────
CDS = cds_config()

# ── logs: where and what kind, never a person's values ───────────────────────────────────────────────────────────────
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "inconcert.web.logs.NoValuesFormatter", "format": "{levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # A refused page is in the access log; its address is not repeated here.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
    },
}
SILENCED_SYSTEM_CHECKS = [
    "security.W004",  # HSTS and the redirect to https are set where INCONCERT_HTTPS is
    "security.W008",
    "security.W012",
    "security.W016",
    "axes.W003",  # false alarm: the standalone backend is in place
]
