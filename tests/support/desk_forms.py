"""Short ways to work at the payer desk in a test of the site: start a request, fill in a form, send it."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.urls import reverse

from inconcert.payers.authorization import AuthorizationState, fold
from inconcert.web import desk_entries
from inconcert.web.models import Authorization, Membership

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date()
SENT = {"payer": "Harbor", "channel": "portal", "urgency": "standard"}


def member_of(town: Any, who: str = "authorization") -> Membership:
    """Somebody of the first clinic."""
    return Membership.objects.get(user__username=who, clinic=town.here)


def form(found: Authorization, on: date = YESTERDAY, **facts: Any) -> dict[str, Any]:
    """A form as a browser would send it."""
    last = found.entries.order_by("-sequence").first()
    sent = {"entry_id": str(uuid.uuid4()), "seen": last.sequence if last else 0, "happened_on": on.isoformat()}
    return sent | {f"fact-{name}": value for name, value in facts.items()}


def state(found: Authorization) -> AuthorizationState:
    """Where it stands today."""
    return fold(desk_entries.events_of(found.entries.order_by("sequence")), datetime.now(UTC).date()).state


def post(town: Any, found: Authorization, move: str, who: str = "authorization", **sent: Any) -> Any:
    """Send a form of a move."""
    return town.client(who).post(reverse("authorization_move", args=[found.public_id, move]), sent)
