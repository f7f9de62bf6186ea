"""Filled rating scales in the three shapes EHRs keep them: questionnaire, components, bare total."""

from __future__ import annotations

from inconcert.knowledge.scales import ScaleFile, ScaleItem, scale_files
from inconcert.record import CodeSystem
from inconcert.synthetic.codes import Resource, coding, hl7, loinc
from inconcert.synthetic.people import Filled

_YES_NO = {"y": 1.0, "n": 0.0}


def scale_resources(person: str, scale: str, filled: tuple[Filled, ...]) -> list[Resource]:
    """The resources of one scale's forms.

    Raises ValueError for a mark the scale cannot hold, or where a sketch has too many or too few marks.
    """
    form = scale_files()[scale]
    resources: list[Resource] = []
    for number, one in enumerate(filled, 1):
        base = f"{person}-{scale}-{number:02d}"
        values = _values(person, one, form)
        stated = _stated_total(one, values, form)
        if one.shape == "questionnaire":
            resources.append(_questionnaire(base, person, one, form))
        if one.shape == "components":
            resources.append(_components(base, person, one, stated, form))
        elif form.loinc_total and stated is not None:
            resources.append(_total_observation(base, person, one, stated, form))
    return resources


def _values(person: str, one: Filled, form: ScaleFile) -> list[float | None]:
    if not one.marks:
        return []
    if len(one.marks) != len(form.items):
        raise ValueError(f"{person}: {form.id} of {one.on} has {len(one.marks)} marks for {len(form.items)} items")
    return [None if mark == "-" else _value(mark) for mark in one.marks]


def _value(mark: str) -> float:
    return _YES_NO[mark] if mark in _YES_NO else float(mark)


def _stated_total(one: Filled, values: list[float | None], form: ScaleFile) -> int | None:
    """The total the source states: as sketched, else the sum where every item is answered (an EHR adds up at once)."""
    if one.total is not None:
        return one.total
    answered = [value for value in values if value is not None]
    if not values or len(answered) < len(values) or form.total.kind != "sum":
        return None
    return int(sum(answered))


def _answer(item: ScaleItem, mark: str, form: ScaleFile) -> Resource | None:
    """The coded answer of one mark, or None where it was left blank."""
    if mark == "-":
        return None
    codes = item.answer_codes or form.answer_codes
    code = next((code for code, value in codes.items() if value == _value(mark)), None)
    if code is None:
        raise ValueError(f"{form.id} item {item.key} has no answer {mark!r}")
    return coding(CodeSystem.LOINC.value, code)


def _questionnaire(base: str, person: str, one: Filled, form: ScaleFile) -> Resource:
    items = []
    for asked, mark in zip(form.items, one.marks, strict=True):
        item: Resource = {"linkId": f"/{asked.loinc}", "text": asked.label}
        answer = _answer(asked, mark, form)
        if answer is not None:
            item["answer"] = [{"valueCoding": answer}]
        items.append(item)
    return {
        "resourceType": "QuestionnaireResponse",
        "id": f"{base}-form",
        "questionnaire": f"http://loinc.org/q/{form.loinc_panel}",
        "status": "completed",
        "subject": {"reference": f"Patient/{person}"},
        "authored": one.on,
        "item": items,
    }


def _survey(ident: str, person: str, on: str, code: str, title: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": ident,
        "status": "final",
        "category": [hl7("observation-category", "survey")],
        "code": loinc(code, title),
        "subject": {"reference": f"Patient/{person}"},
        "effectiveDateTime": on,
    }


def _total_observation(base: str, person: str, one: Filled, total: int, form: ScaleFile) -> Resource:
    observation = _survey(f"{base}-total", person, one.on, form.loinc_total, f"{form.name} total")
    observation["valueInteger"] = total
    if one.shape == "questionnaire":
        observation["derivedFrom"] = [{"reference": f"QuestionnaireResponse/{base}-form"}]
    return observation


def _components(base: str, person: str, one: Filled, total: int | None, form: ScaleFile) -> Resource:
    observation = _survey(f"{base}-panel", person, one.on, form.loinc_panel, form.name)
    parts: list[Resource] = []
    for asked, mark in zip(form.items, one.marks, strict=True):
        answer = _answer(asked, mark, form)
        if answer is not None:
            parts.append({"code": loinc(asked.loinc, asked.label), "valueCodeableConcept": {"coding": [answer]}})
    if form.loinc_total and total is not None:
        parts.append({"code": loinc(form.loinc_total, f"{form.name} total"), "valueInteger": total})
    observation["component"] = parts
    return observation
