"""Who looked at what, for the clinic's administrator."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inconcert.web import audit
from inconcert.web.access import events_for
from inconcert.web.views.patients import _member

FIELDS = ("username", "patient", "action", "outcome")


@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    """The clinic's events, newest first, and whether the chain of the whole log holds."""
    member = _member(request)
    audit.note(request, "view access log", kind="log")
    events = events_for(member)
    chosen = {name: request.GET.get(name, "").strip()[:150] for name in FIELDS}
    for name, value in chosen.items():
        if value:
            events = events.filter(**{name: value})
    sequence, digest = audit.head()
    context = {
        "page": Paginator(events, 100).get_page(request.GET.get("page")),
        "chosen": chosen,
        "broken_at": audit.broken_at(),
        "head_sequence": sequence,
        "head_hash": digest,
    }
    return render(request, "web/access_log.html", context)
