"""The site as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """One application: the site is a cottage, not a village."""

    name = "inconcert.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for sign-ins, so that they reach the access log."""
        from inconcert.web import accounts

        accounts.connect()
