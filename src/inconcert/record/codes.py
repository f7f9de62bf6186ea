"""Codes and the systems they belong to. A code without its system means nothing."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class CodeSystem(enum.StrEnum):
    """The coding systems we read, by their canonical FHIR address (a name, never fetched)."""

    RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
    ATC = "http://www.whocc.no/atc"
    NDC = "http://hl7.org/fhir/sid/ndc"
    SNOMED = "http://snomed.info/sct"
    ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
    ICD10 = "http://hl7.org/fhir/sid/icd-10"
    ICD9CM = "http://hl7.org/fhir/sid/icd-9-cm"
    LOINC = "http://loinc.org"
    CPT = "http://www.ama-assn.org/go/cpt"
    HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
    UCUM = "http://unitsofmeasure.org"
    INCONCERT = "urn:inconcert:codes"  # ours, for scales and questions that have no confirmed public code


@dataclass(frozen=True, slots=True)
class Coding:
    """One code in one system. `system` is the address as written, normalized to `CodeSystem` where known."""

    system: str
    code: str
    display: str = ""

    def matches(self, system: str, code: str) -> bool:
        """True if this is the code in that system. Codes of different systems are never equal."""
        return self.system == system and self.code == code
