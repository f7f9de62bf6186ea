"""Words about what happened when: events and treatments some time ago, how often, how long the episode runs, a change of score."""

from __future__ import annotations

from typing import Literal

from inconcert.knowledge.policy_schema.base import Bound, Leaf
from inconcert.knowledge.policy_schema.given import Agent
from inconcert.knowledge.policy_schema.who import Scale

Event = Literal[
    "alcohol_use", "cannabis_use", "emergency_visit", "opioid_use", "psychiatric_admission", "seizure", "stimulant_use", "stroke",
    "suicide_attempt",
]  # fmt: skip
Countable = Literal[
    "ect_courses", "ect_sessions", "esketamine_courses", "esketamine_sessions", "ketamine_infusions", "tms_courses", "tms_sessions",
]  # fmt: skip


class RecentEvent(Leaf, frozen=True, kw_only=True, tag="recent_event"):
    """The named thing happened less than so many days before the date of service. Under `not`: free of it for so long.

    Somebody's word, in days, that ages with the days since it was given; 9999 says never.
    """

    of: Event
    within_days: int


class RecentTreatment(Leaf, frozen=True, kw_only=True, tag="recent_treatment"):
    """One of these treatments was given less than so many days before the date of service, or is running.

    What the plan gives besides is asked by `concurrent_therapy`, not here.
    """

    agents: tuple[Agent, ...]
    within_days: int


class TreatmentCount(Leaf, frozen=True, kw_only=True, tag="treatment_count"):
    """How many courses or sessions there have been, in a lifetime or (`within_months: 12`) in the last twelve months.

    Sessions of TMS on record are a floor; the number itself is somebody's word. Both bounds are included.
    """

    of: Countable
    at_least: int | None = None
    at_most: int | None = None
    within_months: Literal[12] | None = None


class EpisodeLength(Leaf, frozen=True, kw_only=True, tag="episode_length"):
    """How long the present episode has lasted, in weeks, both bounds included."""

    min_weeks: Bound | None = None
    max_weeks: Bound | None = None


class ScoreChange(Leaf, frozen=True, kw_only=True, tag="score_change"):
    """How far a score has moved between two of its own measurements; one of the listed scales is enough.

    `since` chooses where it is measured from: the first score on record, the worst (relief) or the best (relapse) before
    the one compared; `until` what it is compared with: the latest valid score, or the best one since. `direction` says
    which way, `op` and `value` how far, `unit` in percent of the earlier score or in points.
    """

    scales: tuple[Scale, ...]
    direction: Literal["improvement", "worsening"]
    op: Literal[">", ">=", "<", "<="]
    value: Bound
    unit: Literal["percent", "points"]
    since: Literal["first", "worst", "best"] = "first"
    until: Literal["latest", "best"] = "latest"


EVENTS = (RecentEvent, RecentTreatment, TreatmentCount, EpisodeLength, ScoreChange)
