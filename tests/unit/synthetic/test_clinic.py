"""The demonstration clinic: invented people as valid FHIR, the same each time."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
import yaml

from inconcert.knowledge.loader import intake_questions
from inconcert.record import CodeSystem
from inconcert.synthetic import INVENTED_TAG, clinic, demo_as_of, person_bundle, sketches, write_clinic
from inconcert.synthetic.people import codebook

ODD_ON_PURPOSE = "old-and-wrong-records"


def resources(bundle: dict) -> list[dict]:
    """The resources of a bundle."""
    return [entry["resource"] for entry in bundle["entry"]]


def of_type(bundle: dict, kind: str) -> list[dict]:
    """The resources of one type."""
    return [each for each in resources(bundle) if each["resourceType"] == kind]


@pytest.fixture(scope="module")
def bundles() -> dict[str, dict]:
    """The clinic on its own day."""
    return clinic()


def test_about_thirty_people_teach_one_thing_each() -> None:
    """The clinic holds some thirty people, and no two share a name or a lesson."""
    people = sketches().people
    assert 30 <= len(people) <= 45
    assert len({(p.name.given, p.name.family) for p in people}) == len(people)
    assert len({p.lesson for p in people}) == len(people)
    assert all(p.lesson.strip() and p.expect.strip() for p in people)


def test_same_seed_gives_the_same_bytes() -> None:
    """Two runs with one seed are equal to the byte; another seed changes record numbers only."""
    first, second, other = clinic(seed=7), clinic(seed=7), clinic(seed=8)
    assert json.dumps(first) == json.dumps(second)
    assert json.dumps(first) != json.dumps(other)
    for bundle in (*first.values(), *other.values()):
        patient = of_type(bundle, "Patient")[0]
        patient.pop("identifier")
        patient.pop("telecom", None)
    assert first == other


def test_every_bundle_is_valid_r4(bundles: dict[str, dict]) -> None:
    """Every bundle passes an R4B model, except the one whose lesson is that it does not."""
    models = pytest.importorskip("fhir.resources.R4B.bundle")
    for person, bundle in bundles.items():
        if person == ODD_ON_PURPOSE:
            with pytest.raises(ValueError, match="validation error"):
                models.Bundle.model_validate(bundle)
        else:
            models.Bundle.model_validate(bundle)


def test_references_stay_inside_the_bundle(bundles: dict[str, dict]) -> None:
    """Every reference in a bundle names a resource of that bundle, and ids are unique in the whole clinic."""
    seen: set[str] = set()
    for person, bundle in bundles.items():
        ids = {f"{each['resourceType']}/{each['id']}" for each in resources(bundle)}
        assert len(ids) == len(resources(bundle))
        assert not ids & seen
        seen |= ids
        found = set(re.findall(r'"reference": "([^"]+)"', json.dumps(bundle)))
        if person == ODD_ON_PURPOSE:
            found.discard("Encounter/none")
        assert found <= ids


def test_everyone_is_marked_invented(bundles: dict[str, dict]) -> None:
    """One Patient a bundle, carrying the mark by which every screen says 'invented'."""
    for bundle in bundles.values():
        (patient,) = of_type(bundle, "Patient")
        assert INVENTED_TAG in patient["meta"]["tag"]


def test_nothing_is_dated_after_the_demonstration_day(bundles: dict[str, dict]) -> None:
    """Every date stands on or before the day the clinic is shown for."""
    for person, bundle in bundles.items():
        for text in re.findall(r'"(?:\w*[dD]ate\w*|authored\w*|start|end|when\w+)": "([\d-]+)"', json.dumps(bundle)):
            assert text[: len(text)] <= demo_as_of().isoformat()[: len(text)], (person, text)


def test_moving_the_clinic_keeps_ages_and_distances() -> None:
    """Shown a year later, every full date is a year later, partial dates stay partial and impossible ones stay put."""
    then, later = clinic(), clinic(as_of=demo_as_of() + timedelta(days=365))
    pattern = re.compile(r'"(?:birthDate|authoredOn|authored|effectiveDateTime)": "(\d{4}(?:-\d{2}){0,2})"')
    for person in then:
        before, after = pattern.findall(json.dumps(then[person])), pattern.findall(json.dumps(later[person]))
        assert [len(b) for b in before] == [len(a) for a in after]
        for b, a in zip(before, after, strict=True):
            if len(b) == 10 and b != "2026-02-30":
                assert date.fromisoformat(a) - date.fromisoformat(b) == timedelta(days=365)
    assert "2026-02-30" in json.dumps(later[ODD_ON_PURPOSE])


def test_blank_person_has_nothing_but_a_name(bundles: dict[str, dict]) -> None:
    """The person of whom nothing is known is one Patient without birth date or sex."""
    (only,) = resources(bundles["name-only"])
    assert only["name"][0]["family"] == "Blankpage"
    assert "birthDate" not in only
    assert "gender" not in only


def test_unknown_dose_is_left_out_not_zero(bundles: dict[str, dict]) -> None:
    """Where a sketch knows no dose, the FHIR has no dose quantity and no frequency."""
    (statement,) = of_type(bundles["dose-unknown"], "MedicationStatement")
    assert statement["dosage"][0]["text"] == "as directed"
    assert "doseAndRate" not in statement["dosage"][0]
    assert "frequency" not in statement["dosage"][0]["timing"]["repeat"]


def test_skipped_question_is_left_out_not_no(bundles: dict[str, dict]) -> None:
    """A mark `-` leaves an item without an answer."""
    forms = of_type(bundles["complete-and-clean"], "QuestionnaireResponse")
    screener = next(f for f in forms if f["questionnaire"].endswith("93373-9"))
    answered = {item["linkId"] for item in screener["item"] if "answer" in item}
    assert answered == {"/93246-7", "/93247-5", "/93267-3", "/93269-9"}


def test_stated_total_may_disagree_with_items(bundles: dict[str, dict]) -> None:
    """The lesson on totals keeps the wrong total beside its items, and states none where items are blank."""
    bundle = bundles["totals-disagree"]
    panel = next(o for o in of_type(bundle, "Observation") if o["code"]["coding"][0]["code"] == "44249-1")
    total = next(c for c in panel["component"] if c["code"]["coding"][0]["code"] == "44261-6")
    assert total["valueInteger"] == 12
    assert len(panel["component"]) == 10
    stated = [o["effectiveDateTime"] for o in of_type(bundle, "Observation") if "derivedFrom" in o]
    assert "2026-08-17" not in stated


def test_bulk_folder_holds_the_same_resources(tmp_path, bundles: dict[str, dict]) -> None:
    """`write_clinic` writes one file a person and a bulk export with every resource once."""
    written = write_clinic(tmp_path)
    assert {path.stem for path in written if path.suffix == ".json"} == set(bundles)
    lines = [
        json.loads(line)
        for path in (tmp_path / "bulk").glob("*.ndjson")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert len(lines) == sum(len(resources(bundle)) for bundle in bundles.values())
    one = json.loads((tmp_path / "patch.json").read_text(encoding="utf-8"))
    assert one == bundles["patch"]


def test_product_codes_agree_with_the_shared_facts(shared) -> None:
    """Every RxNorm clinical drug of the codebook is in the value set with the same name and strength."""
    path = shared / "facts" / "antidepressants.yaml"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    rows = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    known = {str(row["rxcui"]): row for row in rows["clinical_drugs"]}
    checked = 0
    for product in codebook().products.values():
        row = known.get(product.rxcui)
        if row is None:  # a bare ingredient, ordered in mg
            assert product.unit == "mg"
            continue
        checked += 1
        assert product.display == row["name"]
        if product.unit_mg is not None and product.route == "oral":
            assert product.unit_mg == row["strength"]
    assert checked >= 30


def test_patch_is_written_per_hour_and_worn_a_day() -> None:
    """RxNorm writes the patch in mg per hour; the codebook keeps what one gives in 24 hours."""
    patch = codebook().products["selegiline-patch"]
    assert "0.25 MG/HR" in patch.display
    assert patch.unit_mg == pytest.approx(0.25 * 24)


def test_codes_name_known_systems() -> None:
    """No code stands without a system we read."""
    book = codebook()
    systems = {system.value for system in CodeSystem}
    for table in (book.diagnoses, book.procedures, book.devices, book.allergens, book.measurements):
        for name in table.values():
            assert {each.system for each in (name, *name.more)} <= systems


def test_too_few_marks_are_refused() -> None:
    """A rating scale with the wrong number of marks is an error that names person and day."""
    import msgspec

    sketch = next(p for p in sketches().people if p.phq9)
    broken = msgspec.structs.replace(sketch, phq9=(msgspec.structs.replace(sketch.phq9[0], marks="33"),))
    with pytest.raises(ValueError, match=rf"{sketch.id}: phq9 of {sketch.phq9[0].on} has 2 marks for 9 items"):
        person_bundle(broken)


def test_every_intake_answer_answers_a_known_question(bundles: dict[str, dict]) -> None:
    """Each intake item is a question the clinic asks, its answer has the question's kind, and choices are offered ones."""
    questions = intake_questions()
    asked = 0
    for person, bundle in bundles.items():
        for form in of_type(bundle, "QuestionnaireResponse"):
            for item in form["item"] if form["questionnaire"] == "urn:inconcert:intake" else ():
                question = questions[item["linkId"]]
                if question.id == "staging.trial":
                    continue
                asked += 1
                (answer,) = item["answer"]
                kind = {"yes_no": "valueBoolean", "number": "valueDecimal"}.get(question.answer, "valueString")
                assert set(answer) == {kind}, (person, question.id)
                if question.choices:
                    assert answer[kind] in question.choices, (person, question.id)
    assert asked > 500


def test_unknown_is_never_answered_for_the_blank_person(bundles: dict[str, dict]) -> None:
    """Every safety question is answered for the complete person, and none for the person who is only a name."""
    safety = {q.id for q in intake_questions().values() if q.id.startswith("safety.") and q.answer == "yes_no"}
    intake = of_type(bundles["complete-and-clean"], "QuestionnaireResponse")[-1]
    answered = {item["linkId"] for item in intake["item"]}
    assert safety - answered == {"safety.suicide_reviewed"}
    assert not of_type(bundles["name-only"], "QuestionnaireResponse")
