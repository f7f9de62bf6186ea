"""Ask every room its question about one person on one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from inconcert import __version__
from inconcert.assessment import given, paid, who
from inconcert.assessment.names import UnknownName
from inconcert.assessment.treatments import treatments
from inconcert.assessment.types import (
    SCHEMA_VERSION,
    Answers,
    Assessment,
    EvidenceSaid,
    GivenAnswer,
    PersonSummary,
)
from inconcert.evidence.synthesis.what_is_known import what_is_known
from inconcert.knowledge.scales import scale_files
from inconcert.payers.types import Case
from inconcert.record import DateRange, Person
from inconcert.safety import screen
from inconcert.scales import series
from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.stages import stage_all

__all__ = ["UnknownName", "assess"]

DISCLAIMER = (
    "Supports a clinician's decision and shows its basis; it decides nothing. Thresholds are defaults that the clinic "
    "sets. Coverage answers are not a payer's: check the policy's current text."
)


def assess(
    person: Person,
    *,
    as_of: date,
    payers: Sequence[str] | None = None,
    plans: Sequence[str] | None = None,
    account: Mapping[str, Any] | None = None,
) -> Assessment:
    """Answer the four questions about one person on one day.

    Args:
        person: everything the record says of them; facts after `as_of` are ignored by every room.
        as_of: the day the questions are asked for.
        payers: ids of coverage policies to ask, `["all"]` for every one; None asks those that match the person's plan,
            or all of them where no plan is recorded.
        plans: ways (`tms_first_same_day`) or services joined by `+` (`esketamine+rtms`) to ask for as one plan.
        account: the exchange's account of the file the person was read from.

    Raises:
        UnknownName: a policy or plan that does not exist, with the nearest names.
    """
    history = rebuild_trials(person, as_of)
    stages = stage_all(history, person, as_of)
    screened = screen(person, history, as_of)
    case = Case(person=person, history=history, safety=screened, as_of=as_of)
    asked = paid.ask(case, payers=payers, plans=plans)
    proposals = given.answer(case, asked.determinations)
    bipolar = history.episode.polarity
    known = what_is_known(as_of, services=_services(proposals), bipolar=who.is_bipolar(bipolar))
    return Assessment(
        schema_version=SCHEMA_VERSION,
        inconcert_version=__version__,
        as_of=as_of,
        account=account,
        person=summarize(person, as_of),
        warnings=warnings(person, as_of),
        answers=Answers(
            who=who.answer(history, stages, screened, as_of),
            paid=asked,
            given=proposals,
            evidence=EvidenceSaid(text=known.headline, evidence=known, basis=known.basis),
        ),
        scores={scale: found for scale in scale_files() if (found := series(person, scale, as_of))},
        disclaimer=DISCLAIMER,
        treatments=treatments(person, as_of),
    )


def summarize(person: Person, as_of: date) -> PersonSummary:
    """Who the assessment is about."""
    age = person.age_years(as_of)
    plans = [p for p in person.health_plans if p.start is None or p.start.earliest <= as_of]
    return PersonSummary(
        id=person.id,
        name=person.name,
        birth=str(person.birth) if person.birth else "",
        sex=person.sex,
        age_low=age[0] if age else None,
        age_high=age[1] if age else None,
        deceased=bool(person.deceased),
        region=person.region,
        health_plans=tuple(plan.payer or plan.label for plan in plans),
        invented=person.invented,
    )


def warnings(person: Person, as_of: date) -> tuple[str, ...]:
    """What a reader must know before any answer."""
    found = []
    if isinstance(person.deceased, DateRange) and person.deceased.earliest > as_of:
        pass  # alive on the day asked about
    elif person.deceased:
        found.append("The record says this person has died. The answers below describe the chart, not a plan.")
    age = person.age_years(as_of)
    if age is None:
        found.append("The date of birth is not known, so every rule with an age in it is unknown.")
    elif age[0] < 18:
        found.append(
            "This person is or may be under 18. The treatments here are studied and licensed in adults; "
            "read every answer with that in mind."
        )
    if not any(True for _ in person.facts()):
        found.append("The record holds no clinical facts about this person. Everything below is unknown until asked.")
    return tuple(found)


def _services(proposals: GivenAnswer) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for proposed in proposals.proposals.ways:
        for service in proposed.proposal.services:
            found[service] = None
    return tuple(found)
