"""The clinic's settings file and the file of a refusal: small, checked, and clear about what is wrong."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from inconcert.exchange.packet import read_denial, read_settings, settings_from_text, settings_schema
from inconcert.exchange.packet.settings import is_npi
from inconcert.knowledge.strict_yaml import KnowledgeError

WRONG = (
    ("clinic: {nmae: x}", "clinic.yaml:1", "nmae"),
    ("clinic:\n  name: x\n  npi: '1234567890'", "clinic.yaml:3", "is no NPI"),
    ("clinic: {npi: 1234567893}", "clinic.yaml:1", "Expected `str`"),
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
        settings_from_text(text, "clinic.yaml")
    assert str(refused.value).startswith(place)
    assert why in str(refused.value)
    assert "Mend:" in str(refused.value)


def test_an_empty_settings_file_is_all_blanks() -> None:
    """Nothing is made up: every value a payer looks for is a blank, by name."""
    found = settings_from_text("", "clinic.yaml")
    assert len(found.blanks()) == 9
    assert "the clinician's NPI" in found.blanks()
    assert found.clinic.name == ""


def test_the_clinics_phone_serves_for_the_peer_to_peer_call() -> None:
    """Where no number of its own is given, the clinic's phone is no blank."""
    assert "a phone number for a peer-to-peer call" not in settings_from_text("clinic: {phone: '1'}", "c").blanks()


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
    schema = settings_schema()
    jsonschema.validate({"clinic": {"name": "x", "address": ["y"]}, "paper": "a4"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"clinic": {"nmae": "x"}}, schema)


def test_a_settings_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing file ends in one sentence with its name."""
    with pytest.raises(KnowledgeError, match=r"gone\.yaml: The file cannot be read"):
        read_settings(tmp_path / "gone.yaml")


def test_a_refusal_is_read_from_its_file(tmp_path: Path) -> None:
    """Criterion, reason, day and reference; a day that does not exist is refused with its line."""
    path = tmp_path / "denial.yaml"
    path.write_text("criterion: age\nreason: too young\ndate: '2026-11-10'\nreference: A-17\n", encoding="utf-8")
    told = read_denial(path)
    assert (told.criterion, told.reason, str(told.on), told.reference) == ("age", "too young", "2026-11-10", "A-17")
    path.write_text("criterion: age\ndate: '2026-02-30'\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"denial\.yaml:2: '2026-02-30' is not a day"):
        read_denial(path)
    path.write_text(f"reason: {'x' * 2001}\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="longer than 2000"):
        read_denial(path)
