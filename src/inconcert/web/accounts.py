"""Signing in: closed sign-up, lock-out, and the log of both."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from inconcert.web import audit


class ClinicAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth publishes no types
    """Accounts are made by the clinic, never by a visitor."""

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Pass messages on, but for those that say what the page shows anyway."""
        if message_template and message_template.endswith(("logged_in.txt", "logged_out.txt")):
            return
        super().add_message(request, level, message_template, *args, **kwargs)

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the name is allauth's
        """Never."""
        return False


class SignInForm(LoginForm):  # type: ignore[misc] # allauth publishes no types
    """The sign-in form; its credentials carry the typed name under the key by which axes counts."""

    def user_credentials(self) -> dict[str, Any]:
        """What is handed to the authentication backends."""
        credentials: dict[str, Any] = super().user_credentials()
        credentials["login"] = credentials.get("username", "")
        return credentials


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """The page after too many wrong passwords: the same whether or not the name exists."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "web/locked_out.html", {"minutes": minutes}, status=429)


def _signed_in(request: HttpRequest | None = None, user: Any = None, **_: object) -> None:
    if request is not None:
        _append_for(user, "sign in", request)


def _signed_out(request: HttpRequest | None = None, user: Any = None, **_: object) -> None:
    if request is not None and user is not None:
        _append_for(user, "sign out", request)


def _failed(request: HttpRequest | None = None, **_: object) -> None:
    # The typed name may be a password typed into the wrong box: it is not kept here.
    if request is not None:
        audit.append("sign in", outcome="refused", address=str(request.META.get("REMOTE_ADDR") or ""))


def _append_for(user: Any, action: str, request: HttpRequest) -> None:
    member = user.memberships.select_related("clinic").order_by("pk").first()
    audit.append(
        action,
        username=user.get_username(),
        role=member.role if member else "",
        clinic=str(member.clinic.public_id) if member else "",
        address=str(request.META.get("REMOTE_ADDR") or ""),
    )


def connect() -> None:
    """Listen to Django's sign-in signals (once; repeated calls change nothing)."""
    user_logged_in.connect(_signed_in, dispatch_uid="inconcert.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="inconcert.signed_out")
    user_login_failed.connect(_failed, dispatch_uid="inconcert.sign_in_failed")
