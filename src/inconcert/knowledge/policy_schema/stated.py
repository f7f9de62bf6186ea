"""Words for measured values, tests, place and plan, and for whatever else a policy asks: a statement with its own question."""

from __future__ import annotations

from typing import Literal

import msgspec

from inconcert.knowledge.policy_schema.base import Bound, Leaf
from inconcert.knowledge.policy_schema.file import LineOfBusiness
from inconcert.knowledge.policy_schema.hazards import Weight

Measure = Literal[
    "body_mass_index", "body_weight_kg", "diastolic_mmhg", "heart_rate_per_min", "oxygen_saturation_pct", "systolic_mmhg",
]  # fmt: skip
Test = Literal[
    "brain_imaging", "ecg", "eeg", "liver_function", "pregnancy_test", "thyroid_function", "urine_drug_screen"
]
MedicalKind = Literal[
    "aneurysm", "arteriovenous_malformation", "brain_hemorrhage", "delirium", "eating_disorder", "hyperthyroidism", "mania_now",
    "personality_disorder", "severe_liver_disease", "sleep_apnea_untreated", "uncontrolled_hypertension",
]  # fmt: skip


class Measured(Leaf, frozen=True, kw_only=True, tag="measurement"):
    """The latest value of a measure is inside a bound, both strict and non-strict as written.

    Values older than `valid_days` (where the policy names none, our reading) do not count.
    """

    of: Measure
    op: Literal[">", ">=", "<", "<="]
    value: Bound
    valid_days: int | None = None


class TestResult(Leaf, frozen=True, kw_only=True, tag="test_result"):
    """The latest test of this kind came out so, at most so many days before the date of service."""

    __test__ = False  # not a class of tests, whatever its name says

    of: Test
    result: Literal["negative", "positive", "normal", "abnormal"]
    within_days: int


class MedicalConditionPresent(Leaf, frozen=True, kw_only=True, tag="medical_condition"):
    """Any of the named conditions is present."""

    kinds: tuple[MedicalKind, ...]
    weight: Weight = "absolute"


class PlaceOfService(Leaf, frozen=True, kw_only=True, tag="place_of_service"):
    """Where it is billed from, by the two-digit CMS code: 11 office, 22 outpatient hospital, 02 and 10 telehealth."""

    codes: tuple[str, ...]


class EvaluationVisit(Leaf, frozen=True, kw_only=True, tag="evaluation_visit"):
    """How the visit was held on which the treatment was ordered."""

    visit: Literal["in_person", "telehealth"] = msgspec.field(name="is")


class LocatedIn(Leaf, frozen=True, kw_only=True, tag="located_in"):
    """The person's home, or the clinic, lies in one of these states (`US-OH`)."""

    who: Literal["person", "clinic"]
    states: tuple[str, ...]


class PlanLine(Leaf, frozen=True, kw_only=True, tag="line_of_business"):
    """Which line of business the plan belongs to, where one text has rules for several."""

    lines: tuple[LineOfBusiness, ...] = msgspec.field(name="is_one_of")


class Sex(Leaf, frozen=True, kw_only=True, tag="sex"):
    """Sex as the plan has it on file, where a rule speaks of one only (a pregnancy test)."""

    sex: Literal["female", "male"] = msgspec.field(name="is")


class Stated(Leaf, frozen=True, kw_only=True, tag="statement"):
    """Anything that only a person can say: a yes or no to a question written here, in our own words.

    `id` makes the question `payers.statement.<id>`, so that two policies that mean the same share the answer. `answer` is
    the one that meets it; one older than `valid_days` no longer counts and is asked again.
    """

    id: str
    asks: str
    by: Literal["clinician", "clinic", "person", "payer"] = "clinician"
    answer: Literal["yes", "no"] = "yes"
    valid_days: int | None = None


class StatedNumber(Leaf, frozen=True, kw_only=True, tag="stated_number"):
    """Any number that only a person can say, inside a bound. As `statement`; the question is `payers.number.<id>`."""

    id: str
    asks: str
    unit: str
    op: Literal[">", ">=", "<", "<="]
    value: Bound
    by: Literal["clinician", "clinic", "person", "payer"] = "clinician"
    valid_days: int | None = None


class IndividualReview(Leaf, frozen=True, kw_only=True, tag="individual_review"):
    """Whoever reaches this is neither met nor refused: a reviewer decides. Stands in a branch beside what leads to it."""

    why: str


STATED = (
    Measured, TestResult, MedicalConditionPresent, PlaceOfService, EvaluationVisit, LocatedIn, PlanLine, Sex, Stated, StatedNumber,
    IndividualReview,
)  # fmt: skip
