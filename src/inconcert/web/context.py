"""What every page knows: whose clinic it is and what the reader may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from inconcert import __version__
from inconcert.web.permissions import ALLOWED, Role


def site(request: HttpRequest | None) -> dict[str, Any]:
    """`member`, `may` (the names of allowed actions) and `program_version`."""
    member = getattr(request, "membership", None)
    allowed = ALLOWED[Role(member.role)] if member and member.role in ALLOWED else frozenset()
    return {
        "member": member,
        "may": {action.name.lower(): True for action in allowed},
        "program_version": __version__,
    }
