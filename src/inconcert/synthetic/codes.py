"""Small FHIR builders: a coding, a concept, a reference. Plain dictionaries, nothing else."""

from __future__ import annotations

from typing import Any

from inconcert.record import CodeSystem
from inconcert.synthetic.people import CodedName, Product

Resource = dict[str, Any]

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"


def coding(system: str, code: str, display: str = "") -> Resource:
    """One FHIR Coding."""
    found: Resource = {"system": system, "code": code}
    if display:
        found["display"] = display
    return found


def concept(name: CodedName) -> Resource:
    """A CodeableConcept of a codebook name, with its codes in other systems."""
    codings = [coding(each.system, each.code, each.display) for each in (name, *name.more)]
    return {"coding": codings, "text": name.display}


def loinc(code: str, display: str) -> Resource:
    """A CodeableConcept of one LOINC code."""
    return {"coding": [coding(CodeSystem.LOINC.value, code, display)], "text": display}


def hl7(table: str, code: str) -> Resource:
    """A CodeableConcept of one of HL7's own code tables (`condition-clinical` ...)."""
    return {"coding": [coding(_TERMINOLOGY + table, code)]}


def drug(product: Product) -> Resource:
    """A CodeableConcept of a product's RxNorm code."""
    return {"coding": [coding(CodeSystem.RXNORM.value, product.rxcui, product.display)], "text": product.display}


def mg(value: float) -> Resource:
    """A Quantity in mg."""
    return quantity(value, "mg", "mg")


def quantity(value: float, unit: str, ucum: str) -> Resource:
    """A Quantity in UCUM."""
    return {"value": whole(value), "unit": unit, "system": CodeSystem.UCUM.value, "code": ucum}


def whole(value: float) -> float | int:
    """The number without a needless `.0`, as EHRs write it."""
    return int(value) if float(value).is_integer() else value
