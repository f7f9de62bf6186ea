"""The clinic's settings file: one for letters and requests, checked, and clear about what is wrong."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import msgspec
import pytest

from inconcert.exchange.clinic import clinic_from, clinic_schema, is_npi, read_clinic
from inconcert.knowledge.strict_yaml import KnowledgeError

WRONG = (
    ("clinic: {nmae: x}", "clinic.yaml:1", "Did you mean `name`?"),
    ("clinik: {name: x}", "clinic.yaml:1", "Did you mean `clinic`?"),
    ("paper: a4\nletterhead: {name: x}", "clinic.yaml", "One of: clinic, clinician, contact, paper"),
    ("paper: a4\nservices:\n  rtms:\n    unit: 36", "clinic.yaml:4", "Did you mean `units`?"),
    ("services: {rtms: {category: {systm: x, code: y}}}", "clinic.yaml:1", "Did you mean `system`?"),
    (
        "services:\n  rtms:\n    modifiers:\n      - {system: x, code: y, label: z}",
        "clinic.yaml:4",
        "One of: system, code, display",
    ),
    ("payers: {Cigna: {id: x}}", "clinic.yaml:1", "no setting `id`"),
    ("codes: {request: {system: x, code: y}}", "clinic.yaml:1", "Did you mean `request_type`?"),
    ("review_actions: {A1: granted}", "clinic.yaml:1", "Invalid enum value"),
    ("clinic:\n  name: x\n  npi: '1234567890'", "clinic.yaml:3", "is no NPI"),
    ("clinic: {npi: 1234567890}", "clinic.yaml:1", "is no NPI"),
    ("clinic: {phone: [1]}", "clinic.yaml:1", "Expected `str`"),
    ("paper: a5", "clinic.yaml:1", "Invalid enum value"),
    ("clinic: {name: x}\nclinic: {name: y}", "clinic.yaml", "stands twice"),
    ("clinic: &a {name: x}\nclinician: *a", "clinic.yaml", ""),
    ("- a list", "clinic.yaml", "Expected `object`"),
    (f"clinic:\n  name: {'x' * 201}", "clinic.yaml:2", "longer than 200"),
    ("clinic: [", "clinic.yaml", "Not readable as YAML"),
)


@pytest.mark.parametrize(("text", "place", "why"), WRONG)
def test_a_wrong_settings_file_is_refused_with_file_line_and_mend(text: str, place: str, why: str) -> None:
    """Each mistake names the file, its line where there is one, what is wrong, and what would mend it."""
    with pytest.raises(KnowledgeError) as refused:
        clinic_from(text, "clinic.yaml")
    assert str(refused.value).startswith(place)
    assert why in str(refused.value)
    assert "Mend:" in str(refused.value)


def test_an_empty_settings_file_is_all_blanks() -> None:
    """Nothing is made up: every value a payer looks for is a blank, by name."""
    found = clinic_from("", "clinic.yaml")
    assert len(found.blanks()) == 9
    assert "the clinician's NPI" in found.blanks()
    assert found.clinic.name == ""


def test_the_clinics_phone_serves_for_the_peer_to_peer_call() -> None:
    """Where no number of its own is given, the clinic's phone is no blank."""
    assert "a phone number for a peer-to-peer call" not in clinic_from("clinic: {phone: '1'}", "c").blanks()


@pytest.mark.parametrize(
    ("number", "holds"),
    [("1234567893", True), ("1245319599", True), ("1234567894", False), ("123456789", False), ("3234567893", False),
     ("12345678９3", False), ("", False)],
)  # fmt: skip
def test_an_npi_holds_its_check_digit(number: str, holds: bool) -> None:
    """Ten digits that begin with 1 or 2 and end in their check digit."""
    assert is_npi(number) is holds


def test_the_schema_takes_what_the_reader_takes() -> None:
    """A whole settings file is valid by its published schema, and an unknown key is not."""
    schema = clinic_schema()
    jsonschema.validate({"clinic": {"name": "x", "address": ["y"]}, "paper": "a4"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"clinic": {"nmae": "x"}}, schema)


def test_a_settings_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing file ends in one sentence with its name."""
    with pytest.raises(KnowledgeError, match=r"gone\.yaml: The file cannot be read"):
        read_clinic(tmp_path / "gone.yaml")


LETTERHEAD_OF_BEFORE = """
clinic:
  name: Harbour Lane Clinic (invented)
  address: [1 Harbour Lane, 'Austin, TX 78700']
  phone: 555-010-0100
  npi: '1234567893'
clinician: {name: Avery Invented, credentials: MD, npi: '1245319599'}
contact: {name: Robin Invented}
paper: a4
"""
CODES_OF_BEFORE = """
clinic: {name: Invented Clinic, npi: 1234567893, street: 1 Example Street, city: Inventedville, state: OH, postal_code: 43000}
clinician: {family: Invented, given: Avery}
payers: {Cigna: {identifier: X, identifier_system: 'https://payer.invalid/id'}}
services: {rtms: {product_or_service: [{system: urn:x, code: 11}], units: 36}}
review_actions: {1: denied}
"""


def test_a_letterhead_of_before_is_read_as_it_was() -> None:
    """The letterhead file of before is a clinic settings file that names no payer: every word means what it meant."""
    found = clinic_from(LETTERHEAD_OF_BEFORE, "letterhead.yaml")
    assert found.clinic.address == ("1 Harbour Lane", "Austin, TX 78700")
    assert (found.clinician.name, found.contact.name, found.paper) == ("Avery Invented", "Robin Invented", "a4")
    assert (found.payers, found.services, found.clinic.city, found.clinician.family) == ({}, {}, "", "")


def test_a_file_of_codes_of_before_heads_a_letter_too() -> None:
    """The codes file of before is read as it was, and its parts make the letter's address and the name that signs."""
    found = clinic_from(CODES_OF_BEFORE, "codes.yaml")
    assert found.clinic.address == ("1 Example Street", "Inventedville, OH 43000")
    assert found.clinician.name == "Avery Invented"
    assert found.service("rtms").product_or_service[0].code == "11"
    assert found.review_actions == {"1": "denied"}
    assert found.service("esketamine").units is None


@pytest.mark.parametrize(
    ("clinic", "lines"),
    [
        ("{}", ()),
        ("{city: Austin}", ("Austin",)),
        ("{state: TX, postal_code: '78700'}", ("TX 78700",)),
        ("{street: 1 Harbour Lane, state: TX}", ("1 Harbour Lane", "TX")),
        ("{street: 1 Harbour Lane, address: [Box 7]}", ("Box 7",)),
    ],
)
def test_an_address_is_made_of_the_parts_there_are(clinic: str, lines: tuple[str, ...]) -> None:
    """No part is made up, no comma stands alone, and lines that are written out go before the parts."""
    assert clinic_from(f"clinic: {clinic}", "clinic.yaml").clinic.address == lines


def test_the_payers_codes_are_no_part_of_a_letter() -> None:
    """What a letter carries of the settings holds no payer, service or code."""
    kept = clinic_from(CODES_OF_BEFORE, "codes.yaml").letterhead()
    assert set(msgspec.to_builtins(kept)) == {"clinic", "clinician", "contact", "paper"}


def test_no_file_is_all_blanks() -> None:
    """Where no file is named everything is a blank."""
    assert read_clinic(None) == clinic_from("", "clinic.yaml")
