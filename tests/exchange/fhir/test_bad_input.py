"""Bad input: each kind gets a message naming file, record and mend; what is sound beside it still goes in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inconcert.exchange.fhir import ChartReading, Limits, UnreadableChart, read_bytes, read_chart

Resource = dict[str, Any]
Read = Callable[..., ChartReading]
PATIENT = b'{"resourceType":"Patient","id":"p1","birthDate":"1980-05-04"}'
CONDITION = (
    b'{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},"code":{"text":"Major depression"}}'
)


def bundle(*entries: bytes) -> bytes:
    """A collection of resources given as text."""
    inside = b",".join(b'{"resource":' + entry + b"}" for entry in entries)
    return b'{"resourceType":"Bundle","type":"collection","entry":[' + inside + b"]}"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (bundle(PATIENT)[:-20], "ends in the middle"),
        (b'{"resourceType": "Patient", "id": "p', "ends in the middle"),
        (b"resourceType: Patient", "is not JSON"),
        (b'{"resourceType": "Patient",, }', "is not JSON"),
        (b'<Bundle xmlns="http://hl7.org/fhir"/>', "XML"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"MSH|^~\\&|EHR|", "HL7 version 2"),
        (b"42", "bare number"),
        (b'"Patient"', "bare string"),
        (b"null", "bare null"),
        (b"[]", "empty list"),
        (b"{}", "no resourceType"),
        (b'{"hello": "world"}', "no resourceType"),
        (b'{"resourceType": "Pateint", "id": "p1"}', "FHIR does not know"),
        (b'{"resourceType": 7}', "no resourceType"),
        (b'{"hook": "order-sign", "context": {}}', "CDS Hooks"),
        (b'{"resourceType": "Bundle", "type": "searchset"}', "without a resource"),
        (b'{"resourceType": "Bundle", "entry": {"a": 1}}', "without a resource"),
        ('{"resourceType": "Patient", "name": [{"family": "Müller"}]}'.encode("latin-1"), "is not UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "nested more deeply"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "no resourceType"),
        (b'{"resourceType":"Patient","id":"p1","id":"p2"}', "'id' twice"),
        (b'{"exportId":"e","eventId":"kickoff"}\n{"exportId":"e","eventId":"status"}', "no FHIR resource"),
    ],
)
def test_what_is_no_chart_is_refused_with_its_name_and_a_mend(data: bytes, says: str) -> None:
    """A file of which nothing can be used raises one error that names the file, the reason and the mend."""
    with pytest.raises(UnreadableChart) as caught:
        read_bytes(data, "upload.json")
    assert says in caught.value.reason
    assert caught.value.file == "upload.json"
    assert caught.value.mend
    assert "upload.json" in str(caught.value)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    """A missing file and an empty folder are named."""
    with pytest.raises(UnreadableChart, match="is not there"):
        read_chart(tmp_path / "nobody.json")
    with pytest.raises(UnreadableChart, match=r"no \.json or \.ndjson"):
        read_chart(tmp_path)


def test_a_byte_order_mark_is_read_over() -> None:
    """A UTF-8 byte order mark, as Windows writes it, changes nothing."""
    assert read_bytes(b"\xef\xbb\xbf" + PATIENT, "a.json").people == read_bytes(PATIENT, "a.json").people


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_file_that_says_its_other_encoding_is_read_and_told(encoding: str) -> None:
    """UTF-16 or UTF-32 with its mark is certain, so it is read, and the account says so."""
    reading = read_bytes(PATIENT.decode().encode(encoding), "a.json")
    assert reading.people[0].id == "p1"
    assert any("UTF-8" in entry.reason for entry in reading.account.problems)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """The limit on the size of a file holds for paths and uploads; the message says both sizes."""
    path = tmp_path / "big.json"
    path.write_bytes(bundle(PATIENT))
    small = Limits(file_bytes=10)
    with pytest.raises(UnreadableChart, match="limit"):
        read_chart(path, limits=small)
    with pytest.raises(UnreadableChart, match="limit"):
        read_bytes(path.read_bytes(), "big.json", limits=small)


def test_a_huge_resource_is_refused_and_the_rest_goes_in() -> None:
    """One resource over the limit (an image, say) is refused by itself."""
    huge = b'{"resourceType":"Condition","id":"big","subject":{"reference":"Patient/p1"},"code":{"text":"%s"}}'
    reading = read_bytes(bundle(PATIENT, huge % (b"x" * 3000), CONDITION), "a.json", limits=Limits(resource_bytes=1000))
    assert [entry.id for entry in reading.account.refused] == ["Condition/big"]
    assert "larger than" in reading.account.refused[0].reason
    assert len(reading.people[0].conditions) == 1


def test_a_deeply_nested_resource_is_refused_and_the_rest_goes_in() -> None:
    """A resource nested beyond any sense is refused by itself, naming where; nothing overflows."""
    deep = b'{"resourceType":"Condition","id":"deep","extension":' + b"[" * 300 + b"]" * 300 + b"}"
    reading = read_bytes(bundle(PATIENT, deep, CONDITION), "a.json")
    assert [entry.id for entry in reading.account.refused] == ["Condition/deep"]
    assert "levels deep" in reading.account.refused[0].reason
    assert len(reading.people[0].conditions) == 1


def test_bundles_inside_bundles_end() -> None:
    """Bundles packed in Bundles are opened to a limit and counted, never without end."""
    data = PATIENT
    for _ in range(12):
        data = bundle(data)
    reading = read_bytes(data, "a.json")
    assert reading.account.resources == reading.account.kept_not_used + reading.account.refused_count
    assert "too deeply" in reading.account.refused[0].reason


@pytest.mark.parametrize(
    ("element", "path", "says"),
    [
        (b'"verificationStatus":{"text":"a"},"verificationStatus":{"text":"b"}', "Condition", "more than once"),
        (b'"onsetDateTime":NaN', "Condition.onsetDateTime", "NaN"),
        (b'"extension":[{"url":"u","valueDecimal":-Infinity}]', "Condition.extension[0].valueDecimal", "-Infinity"),
        (b'"extension":[{"url":"u","valueDecimal":1e999}]', "Condition.extension[0].valueDecimal", "1e999"),
        (
            b'"extension":[{"url":"u","valueInteger":' + b"9" * 5000 + b"}]",
            "Condition.extension[0].valueInteger",
            "9999",
        ),
        (b'"extension":[{"url":"u","valueInteger":' + b"9" * 30 + b"}]", "Condition.extension[0].valueInteger", "9999"),
        (b'"note":[{"text":"\\ud800"}]', "Condition.note[0].text", "half a character"),
    ],
)
def test_a_flaw_that_json_hides_costs_its_own_resource_only(element: bytes, path: str, says: str) -> None:
    """Repeated keys, NaN, numbers no machine holds and broken text: the resource is refused, the rest goes in."""
    bad = b'{"resourceType":"Condition","id":"bad","code":{"text":"x"},"subject":{"reference":"Patient/p1"},' + element
    reading = read_bytes(bundle(PATIENT, bad + b"}", CONDITION), "a.json")
    (refused,) = reading.account.refused
    assert (refused.id, refused.path) == ("Condition/bad", path)
    assert says in refused.reason
    assert [c.id for c in reading.people[0].conditions] == ["Condition/c1"]
    json.dumps([raw.data for raw in reading.raw], allow_nan=False).encode()


def test_a_repeated_key_of_an_entry_is_not_guessed() -> None:
    """An entry that holds two resources under one key is refused: which one was meant is not known."""
    twice = b'{"resourceType":"Bundle","entry":[{"resource":' + CONDITION + b',"resource":' + PATIENT + b"}]}"
    reading = read_bytes(twice, "a.json")
    assert reading.people == ()
    assert "more than once" in reading.account.refused[0].reason
    assert reading.account.refused[0].id == "a.json#Bundle.entry[0]"


def test_a_broken_line_of_ndjson_costs_that_line_only() -> None:
    """NDJSON: a truncated line and a line that is no resource are refused by number; the other lines go in."""
    data = PATIENT + b"\n" + CONDITION[:50] + b'\n{"no":"type"}\n\n"text"\n' + CONDITION + b"\n"
    reading = read_bytes(data, "export.ndjson")
    assert reading.account.resources == 5
    assert [entry.id for entry in reading.account.refused] == [f"export.ndjson#line {n}" for n in (2, 3, 5)]
    assert len(reading.people[0].conditions) == 1


def test_ndjson_under_another_name_is_recognized() -> None:
    """Lines of resources in a file called .json are read line by line."""
    assert len(read_bytes(PATIENT + b"\n" + CONDITION, "export.json").people[0].conditions) == 1


def test_ndjson_of_broken_lines_only() -> None:
    """A file none of whose lines can be read is no chart."""
    with pytest.raises(UnreadableChart, match="no line that can be read"):
        read_bytes(b"{broken\n{also", "export.ndjson")


def test_one_broken_file_of_a_folder_costs_that_file_only(tmp_path: Path) -> None:
    """In a folder the sound files go in; the broken one and the one of another kind are listed by name."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "patient.json").write_bytes(PATIENT)
    (tmp_path / "deep" / "condition.json").write_bytes(CONDITION)
    (tmp_path / "broken.json").write_bytes(CONDITION[:40])
    (tmp_path / "notes.txt").write_text("hello")
    reading = read_chart(tmp_path)
    assert len(reading.people[0].conditions) == 1
    notes = {file.file: file.note for file in reading.account.files}
    assert "ends in the middle" in notes["broken.json"]
    assert "passed over" in notes["notes.txt"]
    assert [entry.file for entry in reading.account.problems] == ["broken.json"]
    assert {raw.file for raw in reading.raw} == {"patient.json", "deep/condition.json"}


def test_a_folder_of_broken_files_only(tmp_path: Path) -> None:
    """A folder of which nothing can be read names the first trouble."""
    (tmp_path / "broken.json").write_bytes(b"{")
    with pytest.raises(UnreadableChart, match=r"broken\.json"):
        read_chart(tmp_path)


def test_entries_that_are_no_resources_are_counted() -> None:
    """An entry that is not an object, or holds something else than a resource, is refused; one without is told."""
    data = b'{"resourceType":"Bundle","entry":[7,{"resource":"x"},{"resource":{}},{"fullUrl":"u"},{"resource":%s}]}'
    reading = read_bytes(data % PATIENT, "a.json")
    assert reading.account.resources == 4
    assert reading.account.refused_count == 3
    assert any("holds no resource" in entry.reason for entry in reading.account.problems)


def test_a_resource_of_a_kind_fhir_does_not_know(read: Read, patient: Resource) -> None:
    """An invented resourceType is refused by name, and the rest goes in."""
    reading = read(patient, {"resourceType": "Horoscope", "id": "h"})
    assert reading.account.refused[0].id == "Horoscope/h"
    assert "Horoscope" in reading.account.refused[0].reason


@pytest.mark.parametrize("bad_id", ["a b", "x" * 65, 12, ["p"], {"v": 1}, True, "pé", "\u0007"])
def test_an_id_that_is_no_fhir_id_is_told_and_the_resource_read(read: Read, patient: Resource, bad_id: object) -> None:
    """An id that breaks FHIR's rule is noted; the resource is read under a name that can be shown."""
    condition = {**json.loads(CONDITION), "id": bad_id}
    reading = read(patient, condition)
    assert len(reading.people[0].conditions) == 1
    (problem,) = reading.account.problems
    assert problem.path == "Condition.id"
    assert problem.id.isprintable()


def test_dates_that_do_not_exist_are_refused_and_the_resource_read(read: Read, patient: Resource) -> None:
    """30 February is listed and left out, never moved to a day that exists; a placeholder of year 1 too."""
    condition = {**json.loads(CONDITION), "onsetDateTime": "2023-02-30", "recordedDate": "0001-01-01"}
    reading = read({**patient, "birthDate": "1980-13-01"}, condition)
    (person,) = reading.people
    assert person.birth is None
    assert person.conditions[0].onset is None
    assert person.conditions[0].recorded is None
    told = {entry.path: entry.reason for entry in reading.account.problems}
    assert "not a day that exists" in told["Condition.onsetDateTime"]
    assert "placeholder" in told["Condition.recordedDate"]
    assert "Patient.birthDate" in told


def test_a_time_that_does_not_exist_keeps_its_day(read: Read, patient: Resource) -> None:
    """A date with an impossible time is still that day; the account says that the time was left out."""
    reading = read(patient, {**json.loads(CONDITION), "onsetDateTime": "2023-05-01T25:00:00Z"})
    assert str(reading.people[0].conditions[0].onset) == "2023-05-01"
    assert "only its day" in reading.account.problems[0].reason


def test_future_dates_are_kept_and_told(read: Read, patient: Resource) -> None:
    """A date after the day asked for is kept, so that nothing is lost, and pointed out."""
    condition = {**json.loads(CONDITION), "onsetDateTime": "2027-01-01"}
    assert read(patient, condition, as_of=date(2028, 1, 1)).account.problems == ()
    reading = read(patient, condition, as_of=date(2026, 1, 1))
    assert str(reading.people[0].conditions[0].onset) == "2027-01-01"
    assert "2027-01-01 lies after 2026-01-01" in reading.account.problems[0].reason


def test_an_end_before_its_start_is_left_out(read: Read, patient: Resource) -> None:
    """An abatement before the onset cannot be; it is listed and not used."""
    reading = read(patient, {**json.loads(CONDITION), "onsetDateTime": "2024", "abatementDateTime": "2023-12-31"})
    assert reading.people[0].conditions[0].abatement is None
    assert "before the onset" in reading.account.problems[0].reason


def test_a_child_is_a_person_like_any_other(read: Read) -> None:
    """A patient who is a child is read; what follows from the age is not this room's business."""
    reading = read({"resourceType": "Patient", "id": "kid", "birthDate": "2016-03"})
    assert reading.people[0].age_years(date(2026, 11, 22)) == (10, 10)
    assert reading.account.problems == ()


def test_codes_nobody_knows_are_kept_as_they_are(read: Read, patient: Resource) -> None:
    """An unknown code system and code stay with the fact, unread and unchanged."""
    code = {"coding": [{"system": "urn:local:emr", "code": "DEP7", "display": "depr."}]}
    reading = read(patient, {**json.loads(CONDITION), "code": code})
    (coding,) = reading.people[0].conditions[0].codings
    assert (coding.system, coding.code, coding.display) == ("urn:local:emr", "DEP7", "depr.")


def test_elements_of_the_wrong_shape_are_told_and_read_over(read: Read, patient: Resource) -> None:
    """A number where text belongs, an object where a list belongs: listed by path; the rest of the resource is read."""
    condition = {**json.loads(CONDITION), "onsetDateTime": 2023, "severity": "bad", "code": {"text": "x", "coding": {}}}
    reading = read(patient, condition)
    assert {entry.path for entry in reading.account.problems} == {
        "Condition.onsetDateTime",
        "Condition.severity",
        "Condition.code.coding",
    }
    assert reading.people[0].conditions[0].text == "x"


def test_a_modifier_extension_is_never_read_over(read: Read, patient: Resource) -> None:
    """FHIR forbids to use what carries a modifier extension one does not know: the resource is refused."""
    condition = {**json.loads(CONDITION), "modifierExtension": [{"url": "urn:not-really", "valueBoolean": True}]}
    reading = read(patient, condition)
    assert reading.people[0].conditions == ()
    assert reading.account.refused[0].path == "Condition.modifierExtension"


def test_the_raw_resources_are_all_kept(read: Read, patient: Resource) -> None:
    """Used, kept or refused: each resource stays as it came, with its place in the file."""
    odd = {"resourceType": "Condition", "id": "c9", "subject": {"reference": "Patient/nobody"}, "x": [1.5, None]}
    reading = read(patient, odd)
    assert reading.raw[1].data == odd
    assert reading.raw[1].position == "Bundle.entry[1]"


def test_a_reading_shows_no_person_when_printed(read: Read) -> None:
    """The representation of a reading names nobody: logs are read by many."""
    reading = read({"resourceType": "Patient", "id": "p1", "name": [{"family": "Okafor"}]})
    assert "Okafor" not in repr(reading)
    assert reading.people[0].name == "Okafor"
