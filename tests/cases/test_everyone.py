"""Everyone gets an answer: the invented clinic, and every shared example of real FHIR, through the same door."""

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from inconcert.assessment import as_json, assess, json_schema
from inconcert.exchange.fhir import read_bytes, read_chart
from inconcert.judgement import Answer, Judgement
from inconcert.synthetic import clinic

AS_OF = date(2026, 11, 16)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "fhir"
CHARTS = [
    *(f"ecqm_2025/{measure}" for measure in ("cms2", "cms128", "cms159")),
    "synthea_2021_bundles",
    "synthea_2025_bulk_10",
    "ahrq_phq9_stu3",
    "us_core_8.0.0_examples",
]
PEOPLE = clinic()


@pytest.fixture(scope="session")
def validator():
    """The published schema, ready to check with."""
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("person_id", PEOPLE)
def test_an_invented_person_is_answered_and_the_json_follows_the_schema(person_id, validator):
    """Each of the invented people has four answers in words, and the JSON form follows the published schema."""
    reading = read_bytes(json.dumps(PEOPLE[person_id]).encode(), f"{person_id}.json")
    (person,) = reading.people
    result = as_json(assess(person, as_of=AS_OF, account=reading.account.as_dict()))
    assert result["person"]["invented"] is True
    assert all(result["answers"][name]["text"] for name in ("who", "paid", "given", "evidence"))
    assert [error.message for error in validator.iter_errors(json.loads(json.dumps(result)))] == []


@pytest.mark.parametrize("folder", CHARTS)
def test_shared_fhir_is_answered_and_every_resource_accounted_for(folder):
    """Every chart of every shared folder: resources in = used + kept + refused, and each person gets four answers."""
    if not (SHARED / folder).is_dir():
        pytest.skip("the shared FHIR examples are not beside this checkout")
    bulk = any((SHARED / folder).glob("*.ndjson"))
    charts = [SHARED / folder] if bulk or folder.startswith("us_core") else sorted((SHARED / folder).glob("*.json"))
    answered = 0
    for chart in charts:
        reading = read_chart(chart, as_of=AS_OF)
        account = reading.account.as_dict()
        assert account["resources"] == account["used"] + account["kept_not_used"] + len(account["refused"]), chart
        for person in reading.people:
            answers = assess(person, as_of=AS_OF, account=account).answers
            assert answers.who.text
            assert answers.paid.text
            assert answers.given.text
            answered += 1
    assert answered >= len(charts)


def judgements(value, found=None):
    """Every judgement inside a value, at any depth."""
    found = [] if found is None else found
    if isinstance(value, Judgement):
        found.append(value)
    for name in getattr(value, "__dataclass_fields__", ()):
        judgements(getattr(value, name), found)
    if isinstance(value, tuple | list):
        for item in value:
            judgements(item, found)
    elif isinstance(value, dict):
        judgements(list(value.values()), found)
    return found


@pytest.mark.parametrize(
    "person_id", ["name-only", "dose-unknown", "cannot-wait", "complete-and-clean", "partial-dates"]
)
def test_every_judgement_says_its_rule_its_day_and_if_unknown_its_question(person_id):
    """No judgement without rule and day; no unknown without a question; no met or not met without records or a stated rule."""
    (person,) = read_bytes(json.dumps(PEOPLE[person_id]).encode(), "x.json").people
    found = judgements(assess(person, as_of=AS_OF, payers=["all"]).answers)
    assert len(found) > 500
    for judgement in found:
        assert judgement.basis.rule_id
        assert judgement.basis.as_of == AS_OF
        if judgement.answer is Answer.UNKNOWN:
            assert judgement.questions()


def test_with_nothing_known_nothing_is_cleared_and_nothing_is_met():
    """A chart with a name only clears no arm, meets no policy and finds no resistance; all of it is asked."""
    (person,) = read_bytes(json.dumps(PEOPLE["name-only"]).encode(), "x.json").people
    answers = assess(person, as_of=AS_OF, payers=["all"]).answers
    assert answers.who.resistant is Answer.UNKNOWN
    assert {c.clearance.value for c in answers.who.safety.clearances} == {"hold"}
    assert Answer.MET not in {d.answer for d in answers.paid.determinations}
    # Not met without a single fact can only be a flat refusal: a policy that pays for nobody.
    assert {d.decision for d in answers.paid.determinations if d.answer is Answer.NOT_MET} <= {"never_covered"}
