"""What people answered to one intake question: a signed, dated yes or no that is still in date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inconcert.judgement import RecordUse
from inconcert.record import Attestation, Person
from inconcert.safety.evidence import in_date

_OTHER = {"yes": "no", "no": "yes"}


@dataclass(frozen=True, slots=True)
class Attested:
    """The word of the intake on one hazard. `says_present` and `says_absent` may both hold: then people disagree."""

    says_present: bool
    says_absent: bool
    used: tuple[RecordUse, ...]
    rejected: tuple[RecordUse, ...]


def attested(
    person: Person, question: str, as_of: date, *, clears_on: str = "no", good_for_days: int = 365, lasting: bool = True
) -> Attested:
    """Weigh every answer to a question given up to `as_of`.

    An absence counts only with a name, a date and an age of at most `good_for_days`; a later "not sure" withdraws it.
    For a lasting hazard every yes stands, however old, beside a later no: a person must settle it. For a passing one the
    latest answer in date counts, and of two on one day the one that says present.
    """
    answers = [a for a in person.attestations if a.question == question and _given(a, as_of)]
    used: list[RecordUse] = []
    rejected: list[RecordUse] = []
    present: list[Attestation] = []
    absent: list[Attestation] = []
    unsure: list[Attestation] = []
    for answer in answers:
        if answer.answer == clears_on:
            reason = _why_not(answer, as_of, good_for_days)
            if reason:
                rejected.append(_use(answer, reason))
            else:
                absent.append(answer)
        elif answer.answer == _OTHER[clears_on]:
            if lasting or in_date(answer.answered_on, as_of, good_for_days):
                present.append(answer)
            else:
                rejected.append(_use(answer, f"too old: ask again after {good_for_days} days"))
        else:
            unsure.append(answer)
    newest_doubt = max((_day(a) for a in unsure), default=None)
    for answer in list(absent):
        if newest_doubt is not None and newest_doubt >= _day(answer):
            absent.remove(answer)
            rejected.append(_use(answer, "withdrawn by a later 'not sure'"))
    if not lasting and present and absent:
        present, absent = _latest_only(present, absent, rejected)
    used.extend(_use(a, f"answered {a.answer}") for a in (*present, *absent))
    rejected.extend(_use(a, "answered 'not sure'") for a in unsure)
    return Attested(bool(present), bool(absent), tuple(used), tuple(rejected))


def _latest_only(
    present: list[Attestation], absent: list[Attestation], rejected: list[RecordUse]
) -> tuple[list[Attestation], list[Attestation]]:
    if max(map(_day, present)) >= max(map(_day, absent)):
        rejected.extend(_use(a, "a later answer says otherwise") for a in absent)
        return present, []
    rejected.extend(_use(a, "a later answer says otherwise") for a in present)
    return [], absent


def _given(answer: Attestation, as_of: date) -> bool:
    if answer.status in {"entered-in-error", "cancelled"} or answer.answer == "":
        return False
    return answer.answered_on is None or answer.answered_on.latest <= as_of


def _why_not(answer: Attestation, as_of: date, good_for_days: int) -> str:
    if answer.answered_on is None:
        return "has no date"
    if not answer.answered_by.strip():
        return "nobody signed it"
    if not in_date(answer.answered_on, as_of, good_for_days):
        return f"too old: ask again after {good_for_days} days"
    return ""


def _day(answer: Attestation) -> date:
    return answer.answered_on.latest if answer.answered_on else date.min


def _use(answer: Attestation, why: str) -> RecordUse:
    who = f" by {answer.answered_by}" if answer.answered_by else ""
    return RecordUse(answer.id, f"{answer.question}: {why}{who}", str(answer.answered_on or ""))
