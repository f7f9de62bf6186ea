"""The kinds of fact a chart holds about a person. Each knows the resource it came from.

Nothing here says what a fact means: that sertraline is an antidepressant is `knowledge`, that seven weeks of it were
enough is `staging`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from inconcert.record.codes import Coding
from inconcert.record.dates import DateRange, Moment


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact was read: file, resource (`Type/id`) and the FHIR version whose shape it had."""

    resource: str
    file: str = ""
    fhir_version: str = "R4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What all facts share. `id` is `ResourceType/id`, with `#part` where one resource holds several facts."""

    id: str
    origin: Origin
    codings: tuple[Coding, ...] = ()
    text: str = ""
    status: str = ""

    def has_code(self, system: str, codes: frozenset[str] | set[str]) -> bool:
        """True if any of its codings is one of `codes` in `system`."""
        return any(c.system == system and c.code in codes for c in self.codings)

    @property
    def label(self) -> str:
        """What to call it on a screen: its text, else a coding's display, else a bare code."""
        if self.text:
            return self.text
        for coding in self.codings:
            if coding.display:
                return coding.display
        return self.codings[0].code if self.codings else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Fact):
    """A diagnosis or problem. `clinical_status` and `verification_status` are FHIR's words ('' when absent).

    `categories` say what sort of entry it is: on the problem list, a health concern, the diagnosis of one encounter.
    """

    clinical_status: str = ""
    verification_status: str = ""
    severity: str = ""
    onset: DateRange | None = None
    abatement: DateRange | None = None
    recorded: DateRange | None = None
    categories: tuple[Coding, ...] = ()


class MedicationEventKind(enum.StrEnum):
    """Four different things: an intent, a report, a hand-over and a swallow. They are never counted as one another."""

    ORDER = "order"
    STATEMENT = "statement"
    DISPENSE = "dispense"
    ADMINISTRATION = "administration"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseInstruction:
    """One line of a prescription. `amount_*` is per administration, in `unit` (mg, tablet, ...; '' when not written).

    `times_per_day` is None when the timing was absent or not a daily one; `as_needed` marks p.r.n.; `duration_days` is
    how long it is to be taken where the line says so without dates.
    """

    amount_low: float | None = None
    amount_high: float | None = None
    unit: str = ""
    times_per_day: float | None = None
    as_needed: bool = False
    start: DateRange | None = None
    end: DateRange | None = None
    route: str = ""
    text: str = ""
    duration_days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngredientStrength:
    """An ingredient of a coded Medication resource, with its strength per unit of the form where given."""

    codings: tuple[Coding, ...] = ()
    text: str = ""
    amount: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationEvent(Fact):
    """A medication ordered, reported, dispensed or given. `codings` are the drug's; `refills` repeats an order allows."""

    kind: MedicationEventKind
    intent: str = ""
    doses: tuple[DoseInstruction, ...] = ()
    start: DateRange | None = None
    end: DateRange | None = None
    authored: DateRange | None = None
    days_supply: float | None = None
    quantity: float | None = None
    quantity_unit: str = ""
    refills: int | None = None
    ingredients: tuple[IngredientStrength, ...] = ()
    form: str = ""
    reasons: tuple[Coding, ...] = ()
    reason_text: str = ""
    stop_reasons: tuple[Coding, ...] = ()
    stop_reason_text: str = ""
    do_not_perform: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedTrial(Fact):
    """A person's or clinician's own account of one past medication trial (from the intake form).

    `outcome` is one of '', nonresponse, partial, response, intolerance; '' means it was not said.
    """

    drug: str
    daily_dose_mg: float | None = None
    start: DateRange | None = None
    end: DateRange | None = None
    weeks: float | None = None
    adherence_percent: float | None = None
    outcome: str = ""
    improvement_percent: float | None = None
    stop_reason: str = ""
    in_current_episode: bool | None = None
    reported_by: str = ""
    reported_on: DateRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(Fact):
    """A measured or coded finding (weight, blood pressure, lithium level, motor threshold ...)."""

    value: float | None = None
    unit: str = ""
    comparator: str = ""
    value_codings: tuple[Coding, ...] = ()
    value_text: str = ""
    taken: Moment | None = None
    components: tuple[Measurement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleForm(Fact):
    """One filled-in rating scale: answers by item key, the total the source stated, and when.

    `items` maps the item key of the scale file (`"1"` ... `"9"`, `"6b"`) to its value, None where left blank.
    `derived_from` lists every resource the form was put together from.
    """

    scale: str
    items: tuple[tuple[str, float | None], ...] = ()
    stated_total: float | None = None
    taken: Moment | None = None
    rater: str = ""
    derived_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureDone(Fact):
    """Something done to the person (ECT, TMS, psychotherapy, an operation)."""

    performed_start: DateRange | None = None
    performed_end: DateRange | None = None
    outcome: str = ""
    body_sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergy(Fact):
    """An allergy or intolerance; `kind` is FHIR's `allergy` or `intolerance`, '' when absent."""

    kind: str = ""
    clinical_status: str = ""
    verification_status: str = ""
    criticality: str = ""
    reactions: tuple[str, ...] = ()
    recorded: DateRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPlan(Fact):
    """Insurance that covers the person (FHIR Coverage)."""

    payer: str = ""
    payer_identifier: str = ""
    plan: str = ""
    start: DateRange | None = None
    end: DateRange | None = None
    order: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFact(Fact):
    """A device recorded for the person, such as an implant."""

    body_site: str = ""
    recorded: DateRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter(Fact):
    """A contact with care; `kind` is FHIR's class code (AMB, IMP, EMER ...), `discharge` where the person went after it."""

    kind: str = ""
    start: DateRange | None = None
    end: DateRange | None = None
    reasons: tuple[Coding, ...] = ()
    discharge: tuple[Coding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOrder(Fact):
    """A service asked for: a referral, an order of hospice care (FHIR ServiceRequest). Asked for is not done."""

    intent: str = ""
    do_not_perform: bool = False
    authored: DateRange | None = None
    reasons: tuple[Coding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone(Fact):
    """An observation that was to be made and was not, with the reasons given; `said` is when that was put down."""

    reasons: tuple[Coding, ...] = ()
    reason_text: str = ""
    said: DateRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation(Fact):
    """An answer somebody gave to an intake question, with who and when.

    `question` is an id of `knowledge/intake.yaml`; `answer` is 'yes', 'no', 'unknown' or '' with the value in
    `value` (a number) or `value_text`.
    """

    question: str
    answer: str = ""
    value: float | None = None
    value_text: str = ""
    answered_by: str = ""
    answered_on: DateRange | None = None
