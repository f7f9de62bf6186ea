"""The shape of `knowledge/files/synthetic/`: invented people as a clinician would sketch them, and the codes they need.

Nothing here is FHIR: `bundle.py` turns a sketch into the resources an EHR would export.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Literal

import msgspec

from inconcert.judgement import Reading
from inconcert.knowledge.loader import ROOT, Entry, load
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.record import DateRange

FOLDER = ROOT / "files" / "synthetic"


class CodedName(Entry):
    """One code with its system, what to call it, and whether the code was read in a source or recalled."""

    system: str
    code: str
    display: str
    status: Reading = Reading.READ
    more: tuple[CodedName, ...] = ()  # the same thing in other systems


class Product(Entry):
    """A drug as it is ordered: RxNorm clinical drug (or bare ingredient) and what one unit of it holds.

    `unit` is the word on the order ('tablet', 'patch', 'mg'); `unit_mg` is empty where the order is written in mg.
    """

    rxcui: str
    display: str
    unit: str = "tablet"
    unit_mg: float | None = None
    route: str = "oral"
    status: Reading = Reading.READ


class Codebook(Entry):
    """Every code the invented people use, by a short name."""

    sources: tuple[str, ...]
    products: dict[str, Product]
    diagnoses: dict[str, CodedName]
    procedures: dict[str, CodedName]
    devices: dict[str, CodedName]
    allergens: dict[str, CodedName]
    measurements: dict[str, CodedName]
    units: dict[str, tuple[str, str]]  # measurement -> (unit, UCUM code)


class Name(Entry):
    """An invented name."""

    given: str
    family: str


class Diagnosis(Entry):
    """A problem-list entry. `what` is a name in the codebook; dates may be partial."""

    what: str
    onset: str = ""
    recorded: str = ""
    ended: str = ""
    status: str = "active"
    verification: str = "confirmed"


class MedicationLine(Entry):
    """One order, statement, series of fills or dose given.

    `units` per time and `times` a day are what the label says; `as_written` replaces them where the order has words
    only. `fills` are dispense days, each of `days` days.
    """

    what: str
    kind: Literal["order", "statement", "dispense", "given"] = "order"
    start: str = ""
    end: str = ""
    units: float | None = 1.0
    times: float | None = 1.0
    fills: tuple[str, ...] = ()
    days: int = 30
    as_written: str = ""
    stopped_because: str = ""
    status: str = ""
    reason: str = ""


class Filled(Entry):
    """A filled rating scale: one mark an item (a digit, `y`, `n`, or `-` left blank), and the total where stated.

    `shape` is how the EHR kept it: a questionnaire, one observation with components, or a bare total.
    """

    on: str
    marks: str = ""
    total: int | None = None
    shape: Literal["questionnaire", "components", "total"] = "questionnaire"


class Measured(Entry):
    """A measured value; `what` is a name in the codebook. Blood pressure has `low` as diastolic."""

    what: str
    on: str
    value: float | None = None
    low: float | None = None
    coded: str = ""


class Done(Entry):
    """A procedure or a course of one, with the number of sessions where known."""

    what: str
    start: str
    end: str = ""
    sessions: int | None = None
    outcome: str = ""
    site: str = ""


class HealthPlanSketch(Entry):
    """Health insurance; `order` 1 pays first. `member` is the number on the card, `relationship` the person's to the subscriber."""

    payer: str
    plan: str
    since: str
    until: str = ""
    order: int | None = None
    member: str = ""
    relationship: str = ""


class Held(Entry):
    """A device or an allergy, by its name in the codebook."""

    what: str
    since: str = ""
    reaction: str = ""


class TrialTold(Entry):
    """A medication trial as told at intake; everything but the drug may be unknown."""

    drug: str
    daily_dose_mg: float | None = None
    start: str = ""
    end: str = ""
    weeks: float | None = None
    adherence_percent: float | None = None
    outcome: str = ""
    improvement_percent: float | None = None
    stop_reason: str = ""
    in_current_episode: bool | None = None


class Intake(Entry):
    """An intake form: who answered, when, whole sets of answers, single answers (which win), and trials told."""

    on: str
    by: str
    sets: tuple[str, ...] = ()
    answers: dict[str, str | float] = msgspec.field(default_factory=dict)
    trials: tuple[TrialTold, ...] = ()


class PersonSketch(Entry):
    """One invented person. `lesson` is the one thing they teach, `expect` what InConcert should say."""

    id: str
    name: Name
    birth: str
    sex: Literal["female", "male", "other", "unknown", ""]
    lesson: str
    expect: str
    region: str = ""
    plans: tuple[HealthPlanSketch, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    medications: tuple[MedicationLine, ...] = ()
    phq9: tuple[Filled, ...] = ()
    gad7: tuple[Filled, ...] = ()
    cssrs: tuple[Filled, ...] = ()
    measurements: tuple[Measured, ...] = ()
    procedures: tuple[Done, ...] = ()
    devices: tuple[Held, ...] = ()
    allergies: tuple[Held, ...] = ()
    intake: tuple[Intake, ...] = ()
    as_exported: tuple[dict[str, Any], ...] = ()  # odd resources kept word for word


class AnswerSets(Entry):
    """Answers that many people share, so that a sketch shows only what is special about its person."""

    answer_sets: dict[str, dict[str, str | float]]


class Clinic(Entry):
    """The demonstration clinic: the day it is shown for, its name and its people."""

    demo_as_of: str
    name: str
    people: tuple[PersonSketch, ...]


@cache
def codebook() -> Codebook:
    """The codes of `knowledge/files/synthetic/codes.yaml`. Raises KnowledgeError."""
    return load(FOLDER / "codes.yaml", Codebook)


@cache
def answer_sets() -> dict[str, dict[str, str | float]]:
    """Shared intake answers by the name of their set. Raises KnowledgeError."""
    return load(FOLDER / "answers.yaml", AnswerSets).answer_sets


@cache
def sketches() -> Clinic:
    """The clinic of `knowledge/files/synthetic/people.yaml`. Raises KnowledgeError where an id stands twice."""
    path = FOLDER / "people.yaml"
    clinic = load(path, Clinic)
    seen: set[str] = set()
    for person in clinic.people:
        if person.id in seen:
            raise KnowledgeError(str(path), None, f"Person {person.id!r} stands twice.", "Rename one.")
        seen.add(person.id)
    return clinic


def demo_as_of() -> date:
    """The day the sketches are written for."""
    return DateRange.parse(sketches().demo_as_of).earliest
