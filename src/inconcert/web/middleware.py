"""What stands between a browser and a page: the size of a request, the age of a session, and the doorkeeper."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from inconcert.judgement import Refusal
from inconcert.web import audit
from inconcert.web.access import memberships_of
from inconcert.web.permissions import DOORS, Action, Door, check_can

Next = Callable[[HttpRequest], HttpResponse]


class RefuseOversize:
    """Refuses a body larger than the upload limit before any of it is read."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request pass, or answer 413."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        # A little more than the file itself: the form around it.
        if length.isdecimal() and int(length) > settings.UPLOAD_BYTES_MAX + 100_000:
            limit = settings.UPLOAD_BYTES_MAX // 1_000_000
            return render(None, "web/too_large.html", {"limit": limit}, status=413)
        return self.get_response(request)


class SessionLimits:
    """Ends a session after minutes without a click, and after hours in any case; keeps pages out of shared caches."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign out whoever stayed away too long, then go on."""
        if request.user.is_authenticated:
            now = int(time.time())
            started = request.session.get("started", now)
            seen = request.session.get("seen", now)
            if now - seen > settings.IDLE_MINUTES * 60 or now - started > settings.ABSOLUTE_HOURS * 3600:
                logout(request)
            else:
                request.session["started"] = started
                if now - seen > 30 or "seen" not in request.session:  # not a write on every click
                    request.session["seen"] = now
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class Doorkeeper:
    """Asks `permissions.DOORS` for every address. One that is not declared opens for nobody."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on: the decision is made once the address is resolved."""
        request.membership = None  # type: ignore[attr-defined] # given below to whoever is let in
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Return nothing to let in, a page to turn away."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        door = DOORS.get(name)
        if door is None:
            raise Http404
        if request.user.is_authenticated:
            request.membership = memberships_of(request.user).first()  # type: ignore[attr-defined] # our own attribute
        if door is Door.OPEN:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if isinstance(door, Action):
            member = request.membership  # type: ignore[attr-defined] # our own attribute
            try:
                check_can(member.role if member else "", door)
            except Refusal as refusal:
                audit.note(request, door.value, kind="page", object_id=name, outcome="refused")
                return render(request, "web/refused.html", {"refusal": refusal}, status=403)
        return None
