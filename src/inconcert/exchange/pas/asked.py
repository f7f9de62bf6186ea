"""What is asked for: which services, how many, from when to when. Never guessed: what was not chosen is a gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from inconcert.exchange.clinic import ClinicSettings
from inconcert.judgement import Refusal
from inconcert.knowledge.payer_requests import RequestedService, requested_services
from inconcert.protocols import Figure, Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedService:
    """One service of a request. `units` are sessions or visits; `how` says the schedule in words, '' where not chosen."""

    service: str
    entry: RequestedService
    units: float | None = None
    start: date | None = None
    end: date | None = None
    how: str = ""
    benefit: str = "medical"


def asked_services(
    services: Sequence[str],
    settings: ClinicSettings,
    *,
    proposal: Proposal | None = None,
    units: Mapping[str, float] | None = None,
    start: date | None = None,
    weeks: float | None = None,
) -> tuple[AskedService, ...]:
    """What is asked for, from the plan chosen, then the clinic's usual numbers; what is given here outright wins.

    Raises Refusal for a service that cannot be asked for, and for a number that is no number of sessions.
    """
    known = requested_services()
    counts = dict(units or {})
    strays = [s for s in counts if s not in services]
    if strays:
        raise Refusal(
            f"A number is given for {strays[0]!r}, which is not asked for.", "Give numbers for the services named."
        )
    found = []
    for service in dict.fromkeys(services):
        if service not in known:
            raise Refusal(f"There is no service {service!r} to ask a payer for.", f"One of: {', '.join(known)}.")
        part = next((p for p in proposal.parts if p.service == service), None) if proposal else None
        count = counts.get(service, _single(part.visits) if part else None)
        if count is None:
            count = settings.service(service).units
        if count is not None and not 0 < count <= 1000:
            raise Refusal(
                f"{count:g} {known[service].unit} of {service} cannot be asked for.", "Give a number of sessions."
            )
        length = weeks if weeks is not None else (_single(part.weeks) if part else None)
        begins = start + timedelta(weeks=part.starts_in_week) if start and part else start
        found.append(
            AskedService(
                service=service,
                entry=known[service],
                units=count,
                start=begins,
                end=begins + timedelta(weeks=length) - timedelta(days=1) if begins and length else None,
                how=f"{part.protocol}: {part.visits.shown} in {part.weeks.shown}" if part else "",
                benefit=settings.service(service).benefit,
            )
        )
    return tuple(found)


def _single(figure: Figure) -> float | None:
    """The figure where it is one number; a range is a choice somebody still has to make."""
    return figure.low if figure.low is not None and figure.high in (None, figure.low) else None
