"""The first page after signing in, and the page a monitor asks for."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from inconcert import __version__
from inconcert.web.permissions import Action, can


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To the patient list for those who see patients, else to what the role may see."""
    member = request.membership  # type: ignore[attr-defined] # set by our middleware
    if member is None:
        return render(request, "web/no_clinic.html")
    if can(member.role, Action.SEE_PATIENTS):
        return redirect("patients")
    return redirect("access_log" if can(member.role, Action.SEE_ACCESS_LOG) else "knowledge")


@require_safe
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """`{"status": "ok"}` where the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok", "version": __version__})
