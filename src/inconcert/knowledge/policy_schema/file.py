"""A coverage policy file: who, which services, since when, on whose authority, criteria, quantity, combination."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from inconcert.judgement import Reading
from inconcert.knowledge.loader import Entry, SourceNote
from inconcert.knowledge.policy_schema.base import Bound

Service = Literal[
    "rtms", "dtms", "itbs", "accelerated_saint", "esketamine", "iv_ketamine", "im_ketamine", "ect"
]  # fmt: skip
LineOfBusiness = Literal[
    "behavioral_manager", "commercial", "commercial_and_medicaid_mco", "marketplace_and_medicaid", "medicaid_ffs",
    "medicaid_mco", "medicare_advantage", "medicare_mac", "military", "national_system", "unknown", "workers_comp",
]  # fmt: skip
ReadDepth = Literal["full_text", "excerpt", "summary", "header", "none"]
Clause = Literal[
    "prohibits", "excludes_as_experimental", "requires_documentation", "duplicate_therapy_reported", "allows", "silent",
    "not_seen", "not_applicable",
]  # fmt: skip
Open = Literal["unspecified", "not_seen"]


class PolicySource(SourceNote, frozen=True, kw_only=True):
    """A source, with what kind of page it is. `where` says what was seen there."""

    kind: Literal[
        "aggregator", "clinic_summary", "cms", "cms_mirror", "document_mirror", "form", "guide", "hta", "news", "paper", "payer",
        "repository", "vendor",
    ]  # fmt: skip


class Codes(Entry, frozen=True, kw_only=True):
    """Billing and diagnosis codes the policy names. `provenance` says by system how they are known."""

    cpt: tuple[str, ...] = ()
    hcpcs: tuple[str, ...] = ()
    hcpcs_before: tuple[str, ...] = ()
    icd10: tuple[str, ...] = ()
    provenance: dict[str, Literal["read", "read_secondary", "recalled"]] = msgspec.field(default_factory=dict)


class Change(Entry, frozen=True, kw_only=True):
    """One dated change of the text. `from` is the first day it holds."""

    since: str = msgspec.field(name="from")
    change: str
    icd10_added: tuple[str, ...] = ()


class Version(Entry, frozen=True, kw_only=True):
    """Since when, until when, replaced by what. Dates may be partial (`2022-12`); `unknown` where nobody saw one."""

    effective: str = "unknown"
    ends: str | None = None
    reviewed: str | None = None
    updated: str | None = None
    superseded: bool | Literal["likely", "in_part"] = False
    superseded_by: str | None = None
    supersedes: str | None = None
    history: tuple[Change, ...] = ()
    note: str = ""


class ProcessRule(Entry, frozen=True, kw_only=True):
    """When prior authorization is wanted and when not, and when a request is expedited. `if` is a tree."""

    when: dict[str, Any] = msgspec.field(name="if")
    since: str | None = msgspec.field(name="from", default=None)
    prior_auth: Literal["required", "not_required"] | None = None
    medical_necessity_still_applies: bool = False
    treat_as: Literal["out_of_network"] | None = None
    expedited: bool = False
    decide_within_hours: int | None = None


class Process(Entry, frozen=True, kw_only=True):
    """How one asks. `binding` says what sort of word it is where it is no entitlement."""

    prior_auth: Literal["required", "not_required", "conditional", "unspecified", "not_applicable"]
    channel: Literal["fax_form", "form", "payer_portal", "treatment_authorization_request"] | None = None
    binding: Literal["recommendation_only", "governance_guidance_not_funding"] | None = None
    reviewer: str = ""
    form: str = ""
    form_fields: tuple[str, ...] = ()
    exception: str = ""
    not_for: str = ""
    out_of_network: str = ""
    reported_review_days: tuple[int, int] | None = None
    reported_expedited_hours: tuple[int, int] | None = None
    grandfathering_days: int | None = None
    psychiatrist_exemption_on_other_antidepressants: bool = False
    rules: tuple[ProcessRule, ...] = ()
    note: str = ""


class Phase(Entry, frozen=True, kw_only=True):
    """One stretch of a course. `taper` is true, or the sessions of each week."""

    sessions: int | None = None
    weeks: Bound | None = None
    per_week: int | None = None
    sessions_per_day: int | None = None
    days: int | None = None
    taper: bool | tuple[int, ...] = False
    condition: Literal["remission"] | None = msgspec.field(name="if", default=None)


class Cap(Entry, frozen=True, kw_only=True):
    """A ceiling for one modality or code, in all or in any `within_months` that follow one another, and what lies beyond it."""

    modality: Service | None = None
    code: str | None = None
    sessions: int | None = None
    per_day: int | None = None
    lifetime: int | None = None
    limit: Literal["once_per_treatment_episode"] | None = None
    not_again_within_weeks: int | None = None
    within_months: Bound | None = None
    courses: int | None = None
    beyond: Literal["insufficient_evidence", "individual_review", "experimental"] | None = None


class DrugQuantity(Entry, frozen=True, kw_only=True):
    """Amount of a drug."""

    dose_mg: tuple[Bound, ...] = ()
    max_mg: Bound | None = None
    packs_per_7_days: int | None = None
    frequency: str = ""
    weeks: int | None = None
    schedule: dict[str, str] = msgspec.field(default_factory=dict)
    approve_at: str = ""


class AuthorizationPart(Entry, frozen=True, kw_only=True):
    """What one approval covers. Staged quantities carry `if`, a tree that must hold before the stage."""

    label: str = ""
    part: Literal["initial", "extension", "alternative", "renewal"] = "initial"
    modality: Service | None = None
    sessions: int | Open | None = None
    sessions_min: int | None = None
    days: int | None = None
    weeks: Bound | None = None
    weeks_range: tuple[Bound, Bound] | None = None
    months: Bound | None = None
    frequency: str = ""
    phases: tuple[Phase, ...] = ()
    when: dict[str, Any] | None = msgspec.field(name="if", default=None)
    beyond_sessions: int | None = None
    rule: Literal["individual_review", "experimental"] | None = None
    drug: DrugQuantity | None = None
    review_at: str = ""
    caps: tuple[Cap, ...] = ()
    provenance: str = ""


class LaterFile(Entry, frozen=True, kw_only=True):
    """A later decision as the file writes it: a tree, what it authorizes, and whether it is covered at all."""

    criteria: dict[str, Any] | None = None
    authorization: tuple[AuthorizationPart, ...] = ()
    covered: bool | None = None
    covered_as: Literal["experimental"] | None = None
    same_quantity_as_initial: bool = False
    pattern: tuple[str, ...] = ()
    detail: Literal["not_seen"] | None = None


class CombinationNote(Entry, frozen=True, kw_only=True):
    """What the policy says of TMS together with ketamine or esketamine. `not_seen` concludes nothing."""

    clause: Clause
    agents: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    companion: tuple[str, ...] = ()
    note: str = ""


class ScaleCut(Entry, frozen=True, kw_only=True):
    """A cut-off a form prints. `lost_in_source` marks a sign nobody could read any more."""

    scale: str
    op: Literal["<", "<=", "lost_in_source"]
    value: Bound


class PolicyFile(Entry, frozen=True, kw_only=True):
    """The whole file, its trees still plain data."""

    id: str
    payer: str
    payer_names: tuple[str, ...]
    line_of_business: LineOfBusiness
    jurisdiction: tuple[str, ...]
    policy_number: str
    title: str
    services: tuple[Service, ...]
    version: Version
    status: Reading
    read_depth: ReadDepth
    checked_on: str
    sources: tuple[PolicySource, ...]
    process: Process
    criteria: dict[str, Any]
    combination: CombinationNote
    payer_identifiers: tuple[str, ...] = ()
    contractor_names: tuple[str, ...] = ()
    plan_words: tuple[str, ...] = ()
    not_plan_words: tuple[str, ...] = ()
    jurisdiction_note: str = ""
    codes: Codes = Codes()
    authorization: tuple[AuthorizationPart, ...] = ()
    continuation: LaterFile | None = None
    retreatment: LaterFile | None = None
    maintenance: LaterFile | None = None
    documentation: tuple[str, ...] = ()
    response_definitions: dict[str, tuple[ScaleCut, ...]] = msgspec.field(default_factory=dict)
    odd: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
