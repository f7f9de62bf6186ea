"""The two versions of Da Vinci CRD that are spoken, and what they call things."""

from __future__ import annotations

import enum

COVERAGE_INFORMATION = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"
CRD_TEMP = "http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp"
CARD_TYPES = "http://terminology.hl7.org/CodeSystem/cdshooks-card-type"
BILLING_OPTIONS = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-billing-options"


class CrdVersion(enum.StrEnum):
    """CRD 2.0.1 and CRD 2.2.1, by the numbers that a request may ask for."""

    V2_0 = "2.0"
    V2_2 = "2.2"

    @property
    def card_types(self) -> str:
        """The code system of card topics."""
        return CRD_TEMP if self is CrdVersion.V2_0 else CARD_TYPES
