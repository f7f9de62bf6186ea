"""Treatment protocols as files: one entry per protocol as published, with what was read and what was recalled.

Three kinds stand in `knowledge/files/protocols/*.yaml`: `drug`, `tms` and `combination`. A value nobody stated is null
and stays null. An entry marked `never_default` is shown with its danger and can be chosen by no code.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec

from inconcert.judgement import Reading, Source
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, as_sources, load
from inconcert.knowledge.strict_yaml import KnowledgeError

FOLDER = ROOT / "files" / "protocols"

Amount = float | tuple[float, float | None]  # one value, or [lowest, highest]; a null highest is open


def bounds(amount: Amount | None) -> tuple[float | None, float | None]:
    """Lowest and highest of an amount; (None, None) where nobody stated it, highest None where it is open."""
    if amount is None:
        return None, None
    if isinstance(amount, tuple):
        return float(amount[0]), None if amount[1] is None else float(amount[1])
    return float(amount), float(amount)


class Phase(Entry):
    """A stretch of a course. `weeks` is how long it lasts; `open_ended` runs until somebody stops it.

    A phase is either so many sessions a week for so many weeks, or one session each `interval_days`.
    """

    name: str
    sessions: Amount | None = None
    sessions_per_week: float | None = None
    sessions_per_day: float | None = None
    days: Amount | None = None
    weeks: Amount | None = None
    interval_days: Amount | None = None
    gap_before_weeks: float = 0.0
    dose_mg: tuple[float, ...] = ()
    first_dose_mg: float | None = None
    drug: str = ""
    route: str = ""
    open_ended: bool = False


class Outcome(Entry):
    """A count or a number printed in a report. A percentage is computed from `events` and `n`, never stored."""

    name: str
    group: str = ""
    events: int | None = None
    n: int | None = None
    value: Amount | None = None
    unit: str = ""
    cut: str = ""
    note: str = ""
    status: Reading | None = None


class _Protocol(Entry, kw_only=True):
    """What every protocol entry holds."""

    id: str
    name: str
    status: Reading
    source: tuple[SourceNote, ...]
    recalled_fields: tuple[str, ...] = ()
    service: str = ""
    arm: str = ""
    label_status: str = ""
    notes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    never_default: bool = False
    never_default_why: str = ""
    information_only: bool = False  # describes practice or a registry line; holds too little to give treatment by

    @property
    def sources(self) -> tuple[Source, ...]:
        """Its sources, each with its status."""
        return as_sources(self.source, self.status)


class DrugProtocol(_Protocol, tag_field="kind", tag="drug", kw_only=True):
    """Ketamine or esketamine. `dose_mg_per_kg` is for a racemic infusion; `dose_mg` lists the only doses of a spray."""

    drug: Literal["ketamine_racemic", "esketamine"]
    route: Literal["IV", "IM", "IN"]
    dose_mg_per_kg: float | None = None
    dose_seen_mg_per_kg: tuple[float, float] | None = None
    dose_mg: tuple[float, ...] = ()
    first_dose_mg: float | None = None
    min_age_years: int | None = None
    jurisdictions: tuple[str, ...] = ()
    infusion_min: float | None = None
    infusion_seen_min: tuple[float, float] | None = None
    observation_min: float | None = None  # after the end of an infusion, or from the first spray device
    min_gap_days: float | None = None
    phases: tuple[Phase, ...] = ()


class TmsStep(Entry):
    """One side of a bilateral session."""

    target: str
    pattern: Literal["conventional", "itbs", "ctbs"]
    pulses: int | None = None
    frequency_hz: float | None = None


class TmsProtocol(_Protocol, tag_field="kind", tag="tms", kw_only=True):
    """Stimulation. Timing is kept as train and gap; pulses and length are computed and compared with what was printed."""

    coil: str
    target: str
    pattern: Literal["conventional", "itbs", "ctbs", "mixed", "unstated"] = "conventional"
    frequency_hz: float | None = None
    burst_pulses: int | None = None
    burst_hz: float | None = None
    intra_burst_hz: float | None = None
    train_s: float | None = None
    iti_s: float | None = None
    trains: int | None = None
    steps: tuple[TmsStep, ...] = ()
    stated_pulses: Amount | None = None
    stated_session_s: float | None = None
    stated_session_s_places: float = 1.0  # how finely the source prints it, in seconds (0.1 min is 6)
    stated_course_pulses: float | None = None
    intensity_pct: Amount | None = None
    intensity_reference: str = ""
    sessions_per_day: Amount | None = None
    gap_between_sessions_min: float | None = None
    phases: tuple[Phase, ...] = ()
    variants: tuple[Phase, ...] = ()  # other courses in use, not part of this one
    requires: tuple[str, ...] = ()
    clearance: str = ""


class CombinationTms(Entry):
    """The stimulation half of a published pair, as far as it was stated."""

    description: str = ""
    target: str = ""
    coils: tuple[str, ...] = ()
    frequency_hz: float | None = None
    pattern: str = ""
    intensity_pct: float | None = None
    session_min: Amount | None = None
    sessions: Amount | None = None
    weeks: Amount | None = None


class CombinationDrug(Entry):
    """The drug half of a published pair, as far as it was stated. Never read as a dose to give."""

    drug: str
    route: str = ""
    reported_mg_per_kg: Amount | None = None
    reported_mg: Amount | None = None
    reported_max_mg: float | None = None
    infusion_min: Amount | None = None
    doses: Amount | None = None
    timing: str = ""


class CombinationProtocol(_Protocol, tag_field="kind", tag="combination", kw_only=True):
    """A published, registered or planned combination. It describes; it is not a schedule anyone may pick."""

    design: str
    order: str | None  # None: the source does not say
    n: int | None = None
    groups: dict[str, int] = msgspec.field(default_factory=dict)
    same_day_gap_min: float | None = None
    tms: CombinationTms | None = None
    drug_part: CombinationDrug | None = None
    sessions: Amount | None = None
    sessions_per_week: float | None = None
    registry_status: str = ""
    safety_flag: str = ""
    printed_errors: tuple[str, ...] = ()


Protocol = DrugProtocol | TmsProtocol | CombinationProtocol


@cache
def protocol_files() -> dict[str, Protocol]:
    """Every protocol by id, in the order of the files.

    Raises KnowledgeError for a malformed file, an id that stands twice, or a `recalled_fields` that names no field.
    """
    found: dict[str, Protocol] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.name.startswith("_"):
            continue
        for entry in load(path, tuple[Protocol, ...]):
            if entry.id in found:
                raise KnowledgeError(str(path), None, f"Protocol {entry.id!r} stands twice.", "Rename one.")
            _check(entry, str(path))
            found[entry.id] = entry
    return found


def _check(entry: Protocol, file: str) -> None:
    if not entry.source:
        raise KnowledgeError(file, None, f"Protocol {entry.id!r} names no source.", "Say where it was read.")
    if entry.never_default != bool(entry.never_default_why):
        raise KnowledgeError(
            file, None, f"Protocol {entry.id!r}: never_default and its reason go together.", "Write never_default_why."
        )
    for field in entry.recalled_fields:
        if field.split(".")[0] not in entry.__struct_fields__:
            raise KnowledgeError(
                file, None, f"Protocol {entry.id!r} marks {field!r} as recalled, but has no such field.", "Correct it."
            )


class ValueNote(Entry):
    """One limit with its unit, source and reason. `alternatives` are rival values seen, each with where."""

    id: str
    value: float
    unit: str
    why: str
    status: Reading
    source: tuple[SourceNote, ...]
    alternatives: tuple[tuple[float, str], ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Its sources, each with its status."""
        return as_sources(self.source, self.status)


class LimitsFile(Entry):
    """Limits on doses and stimulation that a site may edit, and the closed lists."""

    limits: tuple[ValueNote, ...]
    vial_strengths_mg_per_ml: tuple[float, ...]
    vial_strengths_source: tuple[SourceNote, ...]
    vial_strengths_status: Reading
    esketamine_doses_mg: tuple[float, ...]
    esketamine_low_dose_mg: float
    esketamine_low_dose_min_age_years: int
    esketamine_low_dose_jurisdictions: tuple[str, ...]
    kg_per_lb: float

    def value(self, limit_id: str) -> float:
        """The number of one limit. Raises KeyError for an id that does not exist."""
        return self.note(limit_id).value

    def note(self, limit_id: str) -> ValueNote:
        """One limit with its source. Raises KeyError for an id that does not exist."""
        for note in self.limits:
            if note.id == limit_id:
                return note
        raise KeyError(limit_id)


@cache
def default_limits() -> LimitsFile:
    """The limits InConcert starts with. Raises KnowledgeError for a malformed file."""
    return load(FOLDER / "_limits.yaml", LimitsFile)
