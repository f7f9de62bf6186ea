"""Settings for tests: a database in memory, a quick password hash, a made-up key."""

from __future__ import annotations

import os

os.environ.setdefault("INCONCERT_SECRET_KEY", "for tests only, never for a clinic")

from inconcert.web.settings import *  # noqa: F403 - the variable above must be there first
from inconcert.web.settings import DATABASES

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["NAME"] = ":memory:"
# Argon2 costs 50 ms a sign-in by design; tests/web/test_settings.py checks that the real settings use it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
