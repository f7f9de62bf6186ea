"""Broken files: the payer's answer, the request, the settings. Each is refused by name, with what is wrong and a mend."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from inconcert.exchange.clinic import ClinicSettings, clinic_from, read_clinic
from inconcert.exchange.pas import build_inquiry, check_bundle, desk_moves, read_answer, unwrap
from inconcert.exchange.pas.tell import answer_lines
from inconcert.judgement import Refusal
from inconcert.knowledge.payer_requests import answer_words, requested_services, settings_template
from inconcert.knowledge.strict_yaml import KnowledgeError
from support.pas import NOW, SETTINGS, Json, claim, entries, judged, reviewed

BROKEN: list[tuple[bytes, str]] = [
    (b"", "empty"),
    (b"   \n", "empty"),
    (b"{", "cut short|not JSON|JSON"),
    (b"<ClaimResponse/>", "XML"),
    (b"ISA*00*", "X12"),
    (b"%PDF-1.7", "PDF"),
    (b"PK\x03\x04zip", "ZIP"),
    (b"\x1f\x8bgz", "gzip"),
    (b"\xff\xfe\x00", "UTF-16|JSON"),
    (b'"ClaimResponse"', "no FHIR resource"),
    (b"[]", "no FHIR resource"),
    (b"null", "no FHIR resource"),
    (b'{"outcome": "complete"}', "no resourceType"),
    (b'{"resourceType": 7}', "no resourceType"),
    (b'{"resourceType": "Bundle"}', "Bundle of nothing"),
    (b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}', "Bundle of Patient"),
    (b'{"resourceType": "Patient"}', "type Patient"),
    (b'{"resourceType": "ClaimResponse", "status": "active", "status": "draft"}', "not sound JSON"),
    (b'{"resourceType": "ClaimResponse", "x": NaN}', "not sound JSON"),
    (b'{"resourceType": "ClaimResponse", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}", "nested|JSON"),
    (b'{"resourceType": "ClaimResponse"}', "does not say which claim"),
]


@pytest.mark.parametrize(("data", "reason"), BROKEN, ids=[r for _, r in BROKEN])
def test_a_broken_answer_is_refused_by_name(sound, data, reason):
    """What is not a payer's answer is refused: the message names the file, the fault and what to do."""
    with pytest.raises(Refusal, match=reason) as refused:
        read_answer(data, "from-payer.json", sound.bundle)
    assert refused.value.reason.startswith("from-payer.json: ")
    assert refused.value.mend


def test_a_huge_file_is_refused_before_it_is_read(sound, tmp_path: Path, monkeypatch):
    """The size is looked at first, in memory and on disk."""
    monkeypatch.setattr(unwrap, "MAX_BYTES", 1000)
    with pytest.raises(Refusal, match="limit"):
        read_answer(b" " * 1001, "big.json", sound.bundle)
    big = tmp_path / "big.json"
    big.write_bytes(b" " * 1001)
    with pytest.raises(Refusal, match=r"big\.json.*limit"):
        unwrap.read_file(big)
    with pytest.raises(Refusal, match="cannot be opened"):
        unwrap.read_file(tmp_path / "none.json")


def test_several_answers_where_one_is_wanted(sound, answer, settings):
    """Two answers in one file are not read as one."""
    value = answer(judged(1, reviewed("EXAMPLE-YES")))
    value["entry"].append(copy.deepcopy(value["entry"][0]))
    with pytest.raises(Refusal, match="2 answers"):
        read_answer(json.dumps(value).encode(), "two.json", sound.bundle, settings)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["reference", "value", "start", "end", "extension", "url", "valueString", "valueCodeableConcept", "coding", "code",
         "display", "text", "system", "itemSequence", "adjudication", "noteNumber", "number", "valuePeriod", "valueQuantity"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
_PLACES = ("item", "addItem", "adjudication", "processNote", "error", "communicationRequest", "preAuthPeriod", "preAuthRef", "outcome",
           "disposition", "extension", "created", "insurer", "identifier", "request", "patient", "status", "use")  # fmt: skip


@trying(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.sampled_from(_PLACES), value=_ANY)
def test_whatever_stands_in_an_answer_it_is_read_or_refused(sound, answer, place, value):
    """No content of any element breaks the reader, and none turns an item that was refused into an approved one."""
    given_answer = answer(judged(1, reviewed("EXAMPLE-NO")), judged(2, reviewed("EXAMPLE-NO")), **{place: value})
    known = clinic_from(SETTINGS, "settings.yaml")
    try:
        found = read_answer(json.dumps(given_answer).encode(), "any.json", sound.bundle, known)
    except Refusal:
        return
    if place not in ("item", "adjudication"):
        assert all(item.state.value == "denied" for item in found.items)


@trying(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(value=_ANY)
def test_the_request_may_be_anything_too(sound, answer, value):
    """A damaged request file is refused or read; it never breaks the reader."""
    damaged = copy.deepcopy(sound.bundle)
    claim(damaged)["item"] = value
    entries(damaged, "Patient")[0]["identifier"] = value
    with contextlib.suppress(Refusal):
        read_answer(json.dumps(answer()).encode(), "any.json", damaged)


def _spots(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _spots(inner, (*path, key))


ODD = (
    None,
    True,
    0,
    -1,
    7,
    1.5,
    1e308,
    "",
    "x",
    "2026-13",
    [],
    [[]],
    [None],
    ["x"],
    [7],
    {},
    {"a": {}},
    [{}],
    [{"url": 3}],
)
TRIES = 600  # of about 30 000; all of them were tried once, by hand


def _spoiled(value: Json, spot: tuple[str | int, ...], odd: object) -> Json:
    """A copy with one place replaced."""
    changed = copy.deepcopy(value)
    place: Any = changed
    for step in spot[:-1]:
        place = place[step]
    place[spot[-1]] = odd
    return changed


def test_one_spoiled_place_anywhere_breaks_nothing(sound, answer, settings):
    """Any one element of an answer, or of the request it answers, may be of a wrong kind: it is read, found or refused."""
    whole = answer(
        judged(1, reviewed("EXAMPLE-NO", "x", "n", ({"code": "r"},)), period=("2026-12-01", "2027-01-01"), units=3, noteNumber=[1]),
        judged(2, reviewed("EXAMPLE-NO")),
        processNote=[{"number": 1, "text": "t"}], error=[{"code": {"coding": [{"code": "E"}]}, "extension": [{"url": "u"}]}],
        addItem=[{"itemSequence": [1], "adjudication": [reviewed("EXAMPLE-YES")]}], communicationRequest=[{"reference": "CommunicationRequest/c"}],
        preAuthPeriod={"start": "2026-01-01"}, extension=[{"url": "e", "extension": [{"url": "f"}]}],
    )  # fmt: skip
    task = {"resourceType": "Task", "id": "t", "input": [{"type": {"coding": [{"code": "attachments-needed"}]}, "valueString": "x"}],
            "restriction": {"period": {"end": "2026-12-01"}}, "description": "d"}  # fmt: skip
    asked = {
        "resourceType": "CommunicationRequest",
        "id": "c",
        "payload": [{"contentString": "x"}],
        "category": [{"text": "y"}],
    }
    whole["entry"] += [{"fullUrl": f"u/{r['resourceType']}/{r['id']}", "resource": r} for r in (task, asked)]
    spoils = [
        (v, o, spot, odd)
        for v, o in ((whole, sound.bundle), (sound.bundle, whole))
        for spot in _spots(v)
        for odd in ODD
    ]
    for value, other, spot, odd in random.Random(20261122).sample(spoils, min(TRIES, len(spoils))):
        spoiled = _spoiled(value, spot, odd)
        answered, request = (spoiled, other) if value is whole else (other, spoiled)
        try:
            check_bundle(spoiled)
            found = read_answer(json.dumps(answered).encode(), "any.json", request, settings)
            desk_moves(found)
            list(answer_lines(found))
            build_inquiry(request, NOW)
        except Refusal:
            continue
        except Exception as error:  # the place is what a reader needs to mend it
            raise AssertionError(f"{odd!r} at {spot}: {type(error).__name__}: {error}") from error


# ── the clinic's settings ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("clinic: [", "YAML"),
        ("clinik: {name: x}", "clinik"),
        ("clinic: {npi: '1'}", "is no NPI"),
        ("services: {rtms: {category: EXAMPLE}}", "object"),
        ("services: {rtms: {units: many}}", "float"),
        ("review_actions: {X: granted}", "granted"),
        ("clinic: &a {name: x}\nclinician: *a", "Anchors"),
        ("clinic: {name: a, name: b}", "twice"),
        ("just words", "object"),
    ],
)
def test_a_settings_file_with_a_mistake_is_refused(text, reason):
    """A mistake in the settings is told with file and what is wrong; nothing is half used."""
    with pytest.raises(KnowledgeError, match=reason) as refused:
        clinic_from(text, "clinic.yaml")
    assert "clinic.yaml" in str(refused.value)


def test_a_number_where_a_code_belongs_is_the_code(tmp_path: Path):
    """`code: 11` is the code 11, `code: 017` keeps its zero; nothing is read as arithmetic."""
    file = tmp_path / "clinic.yaml"
    file.write_text(
        "services: {rtms: {place_of_service: {system: urn:x, code: 11}, category: {system: urn:y, code: 017}}}\nreview_actions: {1: denied}\n"
    )
    found = read_clinic(file)
    assert found.service("rtms").place_of_service.code == "11"
    assert found.service("rtms").category.code == "017"
    assert found.review_actions["1"] == "denied"
    with pytest.raises(KnowledgeError, match="cannot be read"):
        read_clinic(tmp_path / "none.yaml")


def test_the_template_is_a_sound_empty_settings_file():
    """The file that the command writes is read as it stands, and with its lines taken into use."""
    assert clinic_from(settings_template(), "template") == ClinicSettings()
    lines = [line.removeprefix("# ") for line in settings_template().splitlines()]
    start = next(n for n, line in enumerate(lines) if line.startswith("clinic:"))
    used = [
        line
        for line in lines[start:]
        if line.startswith((" ", "clinic", "clinician", "identifier", "fhir", "payers", "services", "codes", "review"))
    ]
    text = "\n".join(used).replace(": ,", ": x,").replace(": }", ": x}").replace(": {}", ": {Y: denied}")
    found = clinic_from(text, "template in use")
    assert found.services["rtms"].units == 36
    assert found.codes.unit is not None


def test_the_knowledge_behind_it_holds_no_licensed_code():
    """The shipped files name services and words only: no system of X12 or the AMA, no five-digit procedure code."""
    import re

    from inconcert.knowledge.payer_requests import FOLDER

    text = "\n".join(p.read_text(encoding="utf-8") for p in FOLDER.glob("*.yaml"))
    assert not re.search(r"\b\d{5}\b(?!-)|\b[A-Z]\d{4}\b|codesystem\.x12|ama-assn", text)
    assert {s.order for s in requested_services().values()} == {"ServiceRequest", "MedicationRequest"}
    assert {w.state for w in answer_words()} == {
        "approved",
        "modified",
        "denied",
        "pended",
        "cancelled",
        "not_required",
    }
