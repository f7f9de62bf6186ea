"""Is this the answer to that request? Said before anything else of an answer is read.

An answer that is filed under the wrong person or request is worse than none. So it must name this Claim, by its id or
by its number, and this patient; and nothing in it may speak against either.
"""

from __future__ import annotations

from typing import Any

from inconcert.exchange.pas.look import Look, objects
from inconcert.exchange.pas.types import Json
from inconcert.exchange.pas.unwrap import Answered
from inconcert.judgement import Refusal

_MEND = "File it with the request it answers, or ask the payer."


def check_answers_request(answer: Answered, claim: Json, request: Look, name: str) -> tuple[str, ...]:
    """Refuse an answer to another Claim or about another patient; gives back remarks worth reading.

    Raises Refusal naming the file and what does not fit.
    """
    response = answer.response
    if response.get("use") not in (None, "preauthorization"):
        raise Refusal(f"{name}: it answers a {str(response.get('use'))[:30]}, not a preauthorization.", _MEND)
    if response.get("status") == "entered-in-error":
        raise Refusal(f"{name}: the payer marked this answer as entered in error.", "Ask the payer for the right one.")
    remarks = _check_claim(answer, claim, name)
    _check_patient(answer, claim, request, name)
    return remarks


def numbers(resource: Any) -> dict[str, set[str]]:
    """System -> values of a resource's identifiers."""
    found: dict[str, set[str]] = {}
    for each in objects(resource.get("identifier") if isinstance(resource, dict) else None):
        if isinstance(each.get("value"), str):
            found.setdefault(str(each.get("system") or ""), set()).add(each["value"])
    return found


def same_number(one: dict[str, set[str]], other: dict[str, set[str]]) -> bool:
    """True if they share a number in a system that both name."""
    return any(system and values & other.get(system, set()) for system, values in one.items())


def other_number(one: dict[str, set[str]], other: dict[str, set[str]]) -> bool:
    """True if both have numbers of one system, and not one of them is the same."""
    return any(system and system in other and not values & other[system] for system, values in one.items())


def last_part(reference: Any) -> str:
    """The id at the end of a reference, '' where there is none."""
    text = reference.get("reference") if isinstance(reference, dict) else reference
    if not isinstance(text, str):
        return ""
    return text.partition("/_history")[0].removeprefix("urn:uuid:").rpartition("/")[2]


def _check_claim(answer: Answered, claim: Json, name: str) -> tuple[str, ...]:
    response = answer.response
    asked = response.get("request")
    ours, theirs = numbers(claim), numbers(response)
    echoed = answer.look.resolve(asked)
    if echoed is not None and echoed.get("resourceType") != "Claim":
        raise Refusal(f"{name}: it says it answers a {echoed.get('resourceType')}, not a Claim.", _MEND)
    for source in (numbers(asked), numbers(echoed)):
        for system, values in source.items():
            theirs.setdefault(system, set()).update(values)
    by_id = bool(last_part(asked)) and last_part(asked) == claim.get("id")
    by_number = same_number(ours, theirs)
    if other_number(ours, theirs):
        raise Refusal(f"{name}: it carries the number of another claim.", _MEND)
    if not by_id and not by_number:
        named = last_part(asked)
        what = f"it answers claim {named[:64]!r}" if named else "it does not say which claim it answers"
        raise Refusal(f"{name}: {what}; the request is {str(claim.get('id'))[:64]!r}.", _MEND)
    if last_part(asked) and not by_id:
        return (
            f"It names claim {last_part(asked)[:64]!r}, the payer's own name for it; it was matched by its number.",
        )
    return ()


def _check_patient(answer: Answered, claim: Json, request: Look, name: str) -> None:
    reference = answer.response.get("patient")
    ours = request.resolve(claim.get("patient")) or {}
    theirs = answer.look.resolve(reference)
    if theirs is not None and theirs.get("resourceType") != "Patient":
        raise Refusal(f"{name}: its patient is a {theirs.get('resourceType')}.", _MEND)
    known, given = numbers(ours), numbers(theirs)
    for system, values in numbers(reference).items():
        given.setdefault(system, set()).update(values)
    if not isinstance(reference, dict) or not (reference.get("reference") or reference.get("identifier")):
        raise Refusal(f"{name}: it does not say which patient it is about.", _MEND)
    if other_number(known, given):
        raise Refusal(f"{name}: it is about another patient (another record number).", _MEND)
    for element, what in (("birthDate", "date of birth"), ("gender", "gender")):
        if theirs and ours.get(element) and theirs.get(element) and ours[element] != theirs[element]:
            raise Refusal(f"{name}: it is about another patient (another {what}).", _MEND)
    family = {_family(ours), _family(theirs)} - {""}
    if len(family) > 1 and not same_number(known, given):
        raise Refusal(f"{name}: it is about another patient (another family name).", _MEND)
    by_id = last_part(reference) == last_part(claim.get("patient")) != ""
    if not by_id and not same_number(known, given):
        raise Refusal(f"{name}: nothing in it shows that it is about this patient.", _MEND)


def _family(patient: Any) -> str:
    named = objects(patient.get("name")) if isinstance(patient, dict) else []
    return next((str(n["family"]).strip().casefold() for n in named if n.get("family")), "")
