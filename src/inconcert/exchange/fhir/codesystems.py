"""Code systems under all the names that charts give them, brought to the one address of `CodeSystem`."""

from __future__ import annotations

import re
from functools import lru_cache

from inconcert.record import CodeSystem, Coding

_OIDS = {
    "2.16.840.1.113883.6.88": CodeSystem.RXNORM,
    "2.16.840.1.113883.6.73": CodeSystem.ATC,
    "2.16.840.1.113883.6.69": CodeSystem.NDC,
    "2.16.840.1.113883.6.96": CodeSystem.SNOMED,
    "2.16.840.1.113883.6.90": CodeSystem.ICD10CM,
    "2.16.840.1.113883.6.3": CodeSystem.ICD10,
    "2.16.840.1.113883.6.103": CodeSystem.ICD9CM,
    "2.16.840.1.113883.6.104": CodeSystem.ICD9CM,
    "2.16.840.1.113883.6.1": CodeSystem.LOINC,
    "2.16.840.1.113883.6.12": CodeSystem.CPT,
    "2.16.840.1.113883.6.14": CodeSystem.HCPCS,
    "2.16.840.1.113883.6.285": CodeSystem.HCPCS,
    "2.16.840.1.113883.6.8": CodeSystem.UCUM,
}
# Compared in lower case, without scheme, "www." and closing slash.
_NAMES = {
    "nlm.nih.gov/research/umls/rxnorm": CodeSystem.RXNORM,
    "rxnorm": CodeSystem.RXNORM,
    "whocc.no/atc": CodeSystem.ATC,
    "atc": CodeSystem.ATC,
    "hl7.org/fhir/sid/ndc": CodeSystem.NDC,
    "fda.gov/cder/ndc": CodeSystem.NDC,
    "ndc": CodeSystem.NDC,
    "snomed.info/sct": CodeSystem.SNOMED,
    "snomed.info/id": CodeSystem.SNOMED,
    "snomed": CodeSystem.SNOMED,
    "snomed ct": CodeSystem.SNOMED,
    "snomed-ct": CodeSystem.SNOMED,
    "snomedct": CodeSystem.SNOMED,
    "hl7.org/fhir/sid/icd-10-cm": CodeSystem.ICD10CM,
    "icd10cm": CodeSystem.ICD10CM,
    "icd-10-cm": CodeSystem.ICD10CM,
    "hl7.org/fhir/sid/icd-10": CodeSystem.ICD10,
    "id.who.int/icd/release/10": CodeSystem.ICD10,
    "hl7.org/fhir/sid/icd-9-cm": CodeSystem.ICD9CM,
    "hl7.org/fhir/sid/icd-9-cm/diagnosis": CodeSystem.ICD9CM,
    "icd-9-cm": CodeSystem.ICD9CM,
    "loinc.org": CodeSystem.LOINC,
    "loinc": CodeSystem.LOINC,
    "ama-assn.org/go/cpt": CodeSystem.CPT,
    "cpt": CodeSystem.CPT,
    "cms.gov/medicare/coding/hcpcsreleasecodesets": CodeSystem.HCPCS,
    "terminology.hl7.org/codesystem/hcpcs-all-codes": CodeSystem.HCPCS,
    "hl7.org/fhir/sid/hcpcs": CodeSystem.HCPCS,
    "hcpcs": CodeSystem.HCPCS,
    "unitsofmeasure.org": CodeSystem.UCUM,
    "urn:inconcert:codes": CodeSystem.INCONCERT,
}
_SCHEME = re.compile(r"^https?://(www\.)?")
_SNOMED_EDITION = re.compile(r"^snomed\.info/sct/\d+(/version/\d+)?$")
_UNDOTTED_ICD10 = re.compile(r"[A-Z]\d[0-9A-Z]{2,5}\Z")


@lru_cache(maxsize=1024)
def system_of(text: str) -> str:
    """The address of a code system, normalized to `CodeSystem` where it is one of ours, else as written."""
    short = text.strip().removeprefix("urn:oid:")
    if short in _OIDS:
        return _OIDS[short].value
    short = _SCHEME.sub("", short.lower().partition("|")[0]).rstrip("/")
    if _SNOMED_EDITION.match(short):
        return CodeSystem.SNOMED.value
    known = _NAMES.get(short)
    return known.value if known else text.strip()


def coding(system: str, code: str, display: str) -> Coding:
    """One coding with its system normalized; an ICD-10-CM code written without its dot gets it back."""
    address = system_of(system) if system else ""
    plain = code.strip()
    if address == CodeSystem.ICD10CM.value:
        plain = plain.upper()
        if _UNDOTTED_ICD10.match(plain):
            plain = f"{plain[:3]}.{plain[3:]}"
    return Coding(address, plain, display.strip())
