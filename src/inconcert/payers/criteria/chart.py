"""Chart entries whose codes say that a condition is there. A code that is absent proves nothing."""

from __future__ import annotations

from datetime import date, timedelta

from inconcert.judgement import RecordUse
from inconcert.payers.asking import CaseView
from inconcert.payers.readings import ConditionCodes, condition_codes
from inconcert.record import CodeSystem, Condition


def has_condition(view: CaseView, condition: str) -> tuple[Condition, ...]:
    """The chart entries whose code says that the condition is there; empty proves nothing."""
    codes = condition_codes().get(condition)
    if codes is None:
        return ()
    return view.once(
        ("condition", condition), lambda: tuple(c for c in view.person.conditions if _says(c, codes, view.as_of))
    )


def _says(condition: Condition, codes: ConditionCodes, as_of: date) -> bool:
    if condition.verification_status in ("refuted", "entered-in-error") or condition.status == "entered-in-error":
        return False
    began = condition.onset or condition.recorded
    if began is not None and began.earliest > as_of:
        return False
    ended = condition.abatement is not None and condition.abatement.earliest <= as_of
    if codes.only_active and (ended or condition.clinical_status in ("inactive", "remission", "resolved")):
        return False
    if codes.valid_days is not None and (began is None or began.earliest < as_of - timedelta(days=codes.valid_days)):
        return False
    return any(_code_in(c.system, c.code, codes) for c in condition.codings)


def _code_in(system: str, code: str, codes: ConditionCodes) -> bool:
    if system in (CodeSystem.ICD10CM, CodeSystem.ICD10):
        return code.startswith(codes.icd10) and not (codes.icd10_not and code.startswith(codes.icd10_not))
    return system == CodeSystem.SNOMED and code in codes.snomed


def condition_uses(found: tuple[Condition, ...], why: str) -> tuple[RecordUse, ...]:
    """Chart entries as records used."""
    return tuple(RecordUse(c.id, f"{why}: {c.label}", str(c.onset or c.recorded or "")) for c in found)
