"""Which resources can change a row of a cohort's tables, told from a few of their elements.

Most of an export is bills, vaccinations, blood counts and drugs for other illnesses. What the rooms make of a code is asked
of them once for each distinct way in which an export writes it; a resource of which they make nothing is not read further.
Where there is any doubt a resource matters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import msgspec

from inconcert.exchange.fhir.account import Ledger, RawResource
from inconcert.exchange.fhir.node import Node, Scope
from inconcert.exchange.fhir.scale_codes import scale_code
from inconcert.knowledge.drugs import DrugMatch, drug_book
from inconcert.knowledge.measurements import measurement_limits
from inconcert.knowledge.safety import safety_items
from inconcert.knowledge.staging import staging_book
from inconcert.payers import readings
from inconcert.record import CodeSystem, Coding, DateRange, Origin, Person, ProcedureDone
from inconcert.safety.evidence import evidence_for
from inconcert.staging.episode import procedures_of

WHY = "Nothing in the tables of a cohort is made from its code."
_DAY = date(2020, 1, 1)
_MEDICATIONS = ("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration")
_Raw = msgspec.Raw
# Types of which some resources matter and others do not.
SIFTED = frozenset({"Procedure", "Observation", "Encounter", *_MEDICATIONS})
_NONE = msgspec.Raw()


class _Coded(msgspec.Struct):
    code: msgspec.Raw = _NONE
    component: msgspec.Raw = _NONE
    modifierExtension: msgspec.Raw = _NONE  # noqa: N815 - FHIR's own name


class _Drug(msgspec.Struct):
    medicationCodeableConcept: msgspec.Raw = _NONE  # noqa: N815 - FHIR's own name
    medicationReference: msgspec.Raw = _NONE  # noqa: N815 - FHIR's own name
    medication: msgspec.Raw = _NONE
    contained: msgspec.Raw = _NONE


class _Visit(msgspec.Struct):
    reasonCode: msgspec.Raw = _NONE  # noqa: N815 - FHIR's own name
    reasonReference: msgspec.Raw = _NONE  # noqa: N815 - FHIR's own name
    reason: msgspec.Raw = _NONE
    diagnosis: msgspec.Raw = _NONE
    indication: msgspec.Raw = _NONE


_CODED, _DRUG, _VISIT = msgspec.json.Decoder(_Coded), msgspec.json.Decoder(_Drug), msgspec.json.Decoder(_Visit)
_TAKEN_FOR_GRANTED = 50_000  # distinct ways of writing a code that are remembered


@dataclass(slots=True)
class Matters:
    """Remembers what each way of writing a code means."""

    _known: dict[tuple[str, bytes], bool] = field(default_factory=dict)

    def matters(self, kind: str, line: bytes) -> bool:
        """Whether a resource can change a row. True for one that cannot be decoded, so that it is read and refused."""
        try:
            if kind == "Procedure":
                return self._asked(kind, _CODED.decode(line).code, _procedure_matters)
            if kind == "Observation":
                seen = _CODED.decode(line)
                return seen.component is not _NONE or self._asked(kind, seen.code, _observation_matters)
            if kind in _MEDICATIONS:
                drug = _DRUG.decode(line)
                if not drug.medicationReference is drug.medication is drug.contained is _NONE:
                    return True
                return self._asked(kind, drug.medicationCodeableConcept, _drug_matters)
            if kind == "Encounter":
                visit = _VISIT.decode(line)
                if not visit.reasonReference is visit.reason is visit.diagnosis is visit.indication is _NONE:
                    return True
                return visit.reasonCode is not _NONE and self._asked(kind, visit.reasonCode, _reasons_matter)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return True
        return True

    def _asked(self, kind: str, raw: msgspec.Raw, ask: Callable[[Any], bool]) -> bool:
        if raw is _NONE:
            return True
        key = (kind, bytes(raw))
        known = self._known.get(key)
        if known is None:
            known = ask(msgspec.json.decode(raw))
            if len(self._known) < _TAKEN_FOR_GRANTED:
                self._known[key] = known
        return known


def _concept(value: Any) -> tuple[tuple[Coding, ...], str]:
    """Codings and text of a CodeableConcept, as a chart reads them."""
    nobody = RawResource("Basic/x", "Basic", "", "", {})
    return Node({"code": value}, "Basic", Scope(nobody, Ledger(), _DAY)).concept("code")


def _procedure_matters(value: Any) -> bool:
    codings, text = _concept(value)
    if not codings and not text:
        return True
    day = DateRange.of(_DAY)
    done = ProcedureDone(
        id="p",
        origin=Origin(resource="p"),
        codings=codings,
        text=text,
        status="completed",
        performed_start=day,
        performed_end=day,
    )
    person = Person(id="p", procedures=(done,))
    if any(procedures_of(person, kind, _DAY) for kind in {p.kind for p in staging_book().procedures.procedures}):
        return True
    tms = readings.procedure_codes()["tms"]
    if done.has_code(CodeSystem.CPT, set(tms.cpt)) or done.has_code(CodeSystem.SNOMED, set(tms.snomed)):
        return True
    items = [i for i in safety_items().values() if i.test == "record" and "procedure" in i.detect.facts]
    return any(evidence_for(item, person, _DAY) for item in items)


def _drug_matters(value: Any) -> bool:
    codings, text = _concept(value)
    return not (codings or text) or isinstance(drug_book().look_up(codings, text), DrugMatch)


def _reasons_matter(value: Any) -> bool:
    listed = value if isinstance(value, list) else [value]
    codings = tuple(c for one in listed for c in _concept(one)[0])
    return staging_book().diagnoses.read(codings) is not None


@cache
def _measured() -> frozenset[str]:
    """LOINC codes of values that some rule looks at."""
    found = set(measurement_limits())
    for drug in drug_book().drugs.values():
        if drug.judged_by_level is not None:
            found |= set(drug.judged_by_level.loinc)
    for item in safety_items().values():
        for result in item.detect.results:
            found |= set(result.loinc)
    return frozenset(found)


def _observation_matters(value: Any) -> bool:
    codings, _ = _concept(value)
    return not codings or scale_code(codings) is not None or any(c.code in _measured() for c in codings)
