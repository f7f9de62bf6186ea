"""Value sets: what is carried decides for its own code systems, what is missing leaves the rest unknown and is named."""

from __future__ import annotations

import pytest

from inconcert.judgement import Answer
from inconcert.knowledge.outcomes import SYSTEMS, carried_codes, measure_files, value_set_catalog
from inconcert.outcomes import CodeSets, GivenSet
from inconcert.outcomes.codesets import entries
from inconcert.record import CodeSystem, Coding

ICD, SNOMED, CPT = CodeSystem.ICD10CM.value, CodeSystem.SNOMED.value, CodeSystem.CPT.value
BIPOLAR = ("bipolar-disorder",)


def test_a_carried_code_is_in_without_any_download() -> None:
    """ICD-10-CM codes of a set are carried whole: one of them is in it."""
    assert CodeSets().member(BIPOLAR, [Coding(ICD, "F31.9")]).answer is Answer.MET


def test_another_code_of_a_carried_system_is_out() -> None:
    """All ICD-10-CM codes of the set are known, so another one is not in it."""
    assert CodeSets().member(BIPOLAR, [Coding(ICD, "F33.1")]).answer is Answer.NOT_MET


def test_a_code_of_a_system_that_is_not_carried_is_unknown_and_names_the_set() -> None:
    """A SNOMED CT code cannot be told without the download."""
    found = CodeSets().member(BIPOLAR, [Coding(SNOMED, "1")])
    assert (found.answer, found.needs) == (Answer.UNKNOWN, frozenset(BIPOLAR))


def test_a_given_set_is_whole() -> None:
    """With the clinic's own download every code is in or out."""
    given = CodeSets({entries()["bipolar-disorder"].oid: GivenSet("", frozenset({(SNOMED, "1")}))})
    assert given.member(BIPOLAR, [Coding(SNOMED, "1")]).answer is Answer.MET
    assert given.member(BIPOLAR, [Coding(SNOMED, "2")]).answer is Answer.NOT_MET
    assert given.member(BIPOLAR, [Coding(ICD, "F31.9")]).answer is Answer.NOT_MET  # what is given replaces ours


def test_a_code_of_a_system_that_the_set_never_draws_on_is_out() -> None:
    """A procedure code is no diagnosis."""
    assert CodeSets().member(BIPOLAR, [Coding(CPT, "99213")]).answer is Answer.NOT_MET


@pytest.mark.parametrize("codings", [[], [Coding("urn:our-clinic", "7")], [Coding("", "F31.9")]])
def test_what_has_no_standard_code_is_said_to_have_none(codings: list[Coding]) -> None:
    """Free text and codes of the clinic's own can be in no value set, and that is another thing than being out of it."""
    found = CodeSets().member(BIPOLAR, codings)
    assert found.uncoded
    assert found.answer is Answer.NOT_MET


def test_only_sets_that_are_not_whole_are_lacking() -> None:
    """RxNorm and LOINC sets are carried whole; sets of visits are not."""
    names = ["antidepressant-medication", "phq-9-and-phq-9m-tools", "office-visit", "bipolar-disorder"]
    assert [entry.id for entry in CodeSets().lacking(names)] == ["office-visit", "bipolar-disorder"]


def test_no_licensed_code_is_shipped() -> None:
    """Codes carried are of RxNorm, ICD-10-CM and LOINC; SNOMED CT, CPT and HCPCS codes are never among them."""
    allowed = {SYSTEMS[name] for name in ("rxnorm", "icd10cm", "loinc")}
    assert {system for codes in carried_codes().values() for system, _ in codes} == allowed
    assert all(set(entry.carried) <= {"rxnorm", "icd10cm", "loinc"} for entry in value_set_catalog().sets)


def test_each_set_carried_has_codes_and_each_role_has_sets() -> None:
    """A system named as carried has codes, and every role of a measure is filled."""
    carried = carried_codes()
    for entry in value_set_catalog().sets:
        systems = {system for system, _ in carried.get(entry.id, ())}
        assert systems == {SYSTEMS[name] for name in entry.carried}, entry.id
    for measure in measure_files().values():
        assert all(measure.value_sets.values()), measure.id


def test_every_value_set_is_used_and_has_its_own_oid() -> None:
    """The catalog holds nothing that no measure asks for, and no OID twice."""
    used = {name for measure in measure_files().values() for names in measure.value_sets.values() for name in names}
    oids = [entry.oid for entry in value_set_catalog().sets]
    assert {entry.id for entry in value_set_catalog().sets} == used
    assert len(oids) == len(set(oids))
