"""The forms of the payer desk, made from the table of moves: a fact that is added there has its field here."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from inconcert.judgement import Refusal
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers.authorization import AuthorizationMove
from inconcert.payers.authorization.facts import FACTS, AuthorizationFact, choice_words
from inconcert.payers.authorization.times import moment_at, moment_on
from inconcert.record.dates import Moment
from inconcert.web.templatetags.inconcert import day


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field as a template draws it."""

    fact: AuthorizationFact
    value: str
    required: bool
    options: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Its name in the form."""
        return f"fact-{self.fact.id}"


def fields(move: AuthorizationMove, values: Mapping[str, Any]) -> Iterator[FormField]:
    """The fields of a move, with what is known already filled in."""
    for name in (*move.needs, *move.may):
        fact = FACTS[name]
        options = fact.choices
        if name == "policy_id":
            options = tuple((p.id, f"{p.payer}: {p.file.title}") for p in policies().values())
        yield FormField(fact=fact, value=str(values.get(name, "")), required=name in move.needs, options=options)


def facts_from(move: AuthorizationMove, posted: QueryDict) -> dict[str, str]:
    """What was typed, by fact."""
    given = {name: posted.get(f"fact-{name}", "").strip() for name in (*move.needs, *move.may)}
    if given.get("policy_id") and given["policy_id"] not in policies():
        raise Refusal("That coverage policy is not in the library.", "choose one of the list, or leave it open.")
    return {name: value for name, value in given.items() if value}


def happened_from(posted: QueryDict, zone: ZoneInfo) -> Moment:
    """When it happened, from the day, the time where one was given, and which of two equal times it was.

    Raises:
        Refusal: there is no such day or time, or the time was twice and the form does not say which.
    """
    try:
        on = date.fromisoformat(posted.get("happened_on", ""))
    except ValueError:
        raise Refusal("The day it happened is missing or does not exist.", "write it as YYYY-MM-DD.") from None
    text = posted.get("happened_time", "").strip()
    if not text:
        return moment_on(on)
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{text[:20]!r} is no time of day.", "write it as 14:05, or leave it open.") from None
    return moment_at(datetime.combine(on, clock.replace(tzinfo=None)), zone, posted.get("happened_which", ""))


def entry_id_from(posted: QueryDict) -> uuid.UUID:
    """The form's own number, so that a form sent twice is one entry. Raises Refusal for one that is none."""
    try:
        return uuid.UUID(posted.get("entry_id", ""))
    except ValueError:
        raise Refusal("The form is not whole.", "load the page again.") from None


def seen_from(posted: QueryDict) -> int:
    """The last entry the page showed. Raises Refusal where the form does not say."""
    text = posted.get("seen", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise Refusal("The form is not whole.", "load the page again.")
    return int(text)


def in_words(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Facts as a reader says them, in the order they were given."""
    known = policies()
    found = []
    for name, value in facts.items():
        if name in FACTS:
            found.append((FACTS[name].label, _said(name, value, known)))
    return found


def _said(name: str, value: object, known: Mapping[str, CoveragePolicy]) -> str:
    policy = known.get(str(value)) if name == "policy_id" else None
    if policy is not None:
        return f"{policy.payer}: {policy.file.title}"
    return day(value) if FACTS[name].kind == "day" else choice_words(name, value)
