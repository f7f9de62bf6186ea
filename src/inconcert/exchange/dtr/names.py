"""Addresses and codes of Da Vinci DTR, by version of the guide."""

from __future__ import annotations

import enum
from typing import Any

from inconcert.exchange.fhir.intake import INFORMATION_ORIGIN

Json = dict[str, Any]

_DTR = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/"
PACKAGE_PROFILE = f"{_DTR}DTR-QPackageBundle"
FORM_PROFILE = f"{_DTR}dtr-std-questionnaire"
RESPONSE_PROFILE = f"{_DTR}dtr-questionnaireresponse"
CONTEXT = f"{_DTR}qr-context"
COVERAGE = f"{_DTR}qr-coverage"  # DTR 2.1 and later; before that the coverage is one of the contexts
INTENDED_USE = f"{_DTR}intendedUse"
AUDIENCE = f"{_DTR}questionnaireAudience"  # DTR 2.1 and later
STYLE = "http://hl7.org/fhir/StructureDefinition/rendering-styleSensitive"
ENTRY_MODE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-entryMode"
UNIT = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"
CRD_TEMP = "http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp"
CRD_COVERAGE_CODES = "http://hl7.org/fhir/us/davinci-crd/CodeSystem/coverage-information-codes"
PRACTITIONER_ROLE = "http://terminology.hl7.org/CodeSystem/practitioner-role"
RECORD_USED = "urn:inconcert:fhir:record-used"  # ours: the guide has no place for the records behind an answer


class DtrVersion(enum.StrEnum):
    """The two versions of the guide that are written."""

    V2_0 = "2.0"
    V2_2 = "2.2"

    @property
    def auto(self) -> str:
        """The code of an answer filled in from the chart, which is on our side."""
        return "auto" if self is DtrVersion.V2_0 else "auto-client"

    @property
    def purpose_system(self) -> str:
        """The code system of what the documentation is for."""
        return CRD_TEMP if self is DtrVersion.V2_0 else CRD_COVERAGE_CODES


def information_origin(source: str, author: Json | None = None) -> Json:
    """Where an answer came from. `author` (a reference to a practitioner) goes with `override` and `manual`, and only then."""
    parts: list[Json] = [{"url": "source", "valueCode": source}]
    if author is not None:
        parts.append({"url": "author", "extension": [{"url": "practitioner", "valueReference": author}]})
    return {"url": INFORMATION_ORIGIN, "extension": parts}
