"""Code systems under all the names charts give them, and references under all of theirs."""

from __future__ import annotations

import pytest

from inconcert.exchange.fhir.codesystems import coding, system_of
from inconcert.exchange.fhir.names import R4, is_resource_name, why_kept
from inconcert.exchange.fhir.references import key_of
from inconcert.exchange.fhir.units import unit_named
from inconcert.knowledge.measurements import measurement_limits
from inconcert.record import CodeSystem


@pytest.mark.parametrize(
    ("written", "system"),
    [
        ("http://www.nlm.nih.gov/research/umls/rxnorm", CodeSystem.RXNORM),
        ("https://www.nlm.nih.gov/research/umls/rxnorm/", CodeSystem.RXNORM),
        ("urn:oid:2.16.840.1.113883.6.88", CodeSystem.RXNORM),
        ("2.16.840.1.113883.6.88", CodeSystem.RXNORM),
        ("RxNorm", CodeSystem.RXNORM),
        ("http://snomed.info/sct", CodeSystem.SNOMED),
        ("http://snomed.info/sct/731000124108", CodeSystem.SNOMED),
        ("http://snomed.info/sct/731000124108/version/20230901", CodeSystem.SNOMED),
        ("http://snomed.info/sct|http://snomed.info/sct/1", CodeSystem.SNOMED),
        ("SNOMED CT", CodeSystem.SNOMED),
        ("http://hl7.org/fhir/sid/icd-10-cm", CodeSystem.ICD10CM),
        ("urn:oid:2.16.840.1.113883.6.90", CodeSystem.ICD10CM),
        ("http://hl7.org/fhir/sid/icd-10", CodeSystem.ICD10),
        ("HTTP://LOINC.ORG", CodeSystem.LOINC),
        ("urn:oid:2.16.840.1.113883.6.1", CodeSystem.LOINC),
        ("http://www.ama-assn.org/go/cpt", CodeSystem.CPT),
        ("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", CodeSystem.HCPCS),
        ("urn:oid:2.16.840.1.113883.6.285", CodeSystem.HCPCS),
        ("http://www.whocc.no/atc", CodeSystem.ATC),
        ("http://hl7.org/fhir/sid/ndc", CodeSystem.NDC),
    ],
)
def test_a_system_is_known_by_all_its_names(written: str, system: CodeSystem) -> None:
    """OIDs, editions, versions, http or https, any case and plain names come to one address."""
    assert system_of(written) == system.value


@pytest.mark.parametrize("written", ["urn:oid:1.2.3", "http://example.org/loinc.org", "urn:local", "icd", ""])
def test_a_system_nobody_knows_stays_as_written(written: str) -> None:
    """An unknown system is never taken for a known one."""
    assert system_of(written) == written


@pytest.mark.parametrize(
    ("written", "code"),
    [("F33.2", "F33.2"), ("F332", "F33.2"), ("f32", "F32"), ("T4391XA", "T43.91XA"), ("F33.2 ", "F33.2")],
)
def test_icd_codes_get_their_dot_back(written: str, code: str) -> None:
    """Claims write ICD-10-CM without the dot; it comes back. Codes of other systems are left alone."""
    assert coding("http://hl7.org/fhir/sid/icd-10-cm", written, "").code == code
    assert coding("http://loinc.org", "F332", "").code == "F332"
    assert coding("", "F332", "x").system == ""


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Patient/1", "Patient/1"),
        ("https://ehr.example/fhir/Patient/1", "Patient/1"),
        ("https://ehr.example/fhir/Patient/1/_history/2", "Patient/1"),
        ("Patient/1/", "Patient/1"),
        ("1", "1"),
        ("", ""),
    ],
)
def test_a_reference_comes_down_to_type_and_id(address: str, key: str) -> None:
    """Relative, absolute and versioned references name the same resource."""
    assert key_of(address) == key


def test_resource_names_of_all_versions_are_known() -> None:
    """R4 has 146 resources that can be written; others are known by their version, inventions are not."""
    assert len(R4) == 146
    assert is_resource_name("MedicationOrder")
    assert is_resource_name("DeviceUsage")
    assert not is_resource_name("patient")
    assert "STU3" in why_kept("ReferralRequest")
    assert all(why_kept(name) for name in R4)


def test_units_outside_the_list_have_no_name() -> None:
    """A unit that is not on the list is not guessed."""
    assert unit_named("international unit") == "[iU]"
    assert unit_named("mgs") == ""
    assert unit_named("") == ""


def test_every_limit_is_wide_and_the_right_way_round() -> None:
    """Each listed unit has a lowest value below its highest; no spelling means two units of one measure."""
    for measure in measurement_limits().values():
        spellings = [s.lower() for unit, limits in measure.units.items() for s in {unit, *limits.also}]
        assert all(limits.low < limits.high for limits in measure.units.values())
        assert len({measure.unit_named(s) for s in spellings}) == len(measure.units)
        assert all(measure.unit_named(unit) == unit for unit in measure.units)
