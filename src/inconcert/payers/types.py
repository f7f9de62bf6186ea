"""What a payer's answer looks like."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from inconcert.judgement import Answer, Basis, Judgement, Question
from inconcert.record import Person
from inconcert.safety.types import SafetyScreen
from inconcert.staging.types import TrialHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a coverage policy may ask about one person on one day."""

    person: Person
    history: TrialHistory
    safety: SafetyScreen
    as_of: date  # the date of service asked about


class CombinationClause(enum.StrEnum):
    """What a policy says of TMS together with ketamine or esketamine."""

    PROHIBITS = "prohibits"
    EXPERIMENTAL = "excludes_as_experimental"
    DOCUMENT = "requires_documentation"
    DUPLICATE_REPORTED = "duplicate_therapy_reported"
    ALLOWS = "allows"
    SILENT = "silent"  # the whole text was seen and says nothing: silence is not consent
    NOT_SEEN = "not_seen"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that would move a determination towards met: a document to get, or a fact that time or care can make true.

    `earliest` is the first day it could be true, None where it cannot be dated. `caution` is set where the step would
    be medically pointless or unsafe for this person, or must not be the answer for someone who cannot wait.
    """

    id: str
    text: str
    kind: str  # 'document', 'question', 'time', 'care', 'other_policy'
    settles: tuple[str, ...]  # criterion ids
    earliest: date | None = None
    caution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One smallest set of changes that would turn a not met whole: every step of it is needed, and no fewer would do.

    `earliest` is the first day on which all could be true, None where one of them cannot be dated. Criteria that are
    still unknown are taken to turn out well; what would settle them stands among the determination's documents.
    """

    steps: tuple[Step, ...]
    earliest: date | None
    caution: str = ""


class WrittenWhenRead:
    """Fields that are worked out when first read: a population or a list of policies reads the answer and little else.

    A subclass is a frozen dataclass with slots; a slot left empty by `when_read` is filled by its function and keeps it.
    """

    __slots__ = ("_write",)
    _write: Mapping[str, Callable[[], Any]]

    @classmethod
    def when_read(cls, write: Mapping[str, Callable[[], Any]], **known: object) -> Self:
        """An object with the `known` fields set; each field of `write` is worked out by its function when first read."""
        made = cls.__new__(cls)
        object.__setattr__(made, "_write", write)
        for name, value in known.items():
            object.__setattr__(made, name, value)
        return made

    if not TYPE_CHECKING:  # else every misspelled name would pass the type checker

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_") or name not in self._write:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = self._write[name]()
            object.__setattr__(self, name, value)
            return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Determination(WrittenWhenRead):
    """One policy's answer for one service on one day.

    `answer` is of the whole criteria tree; `decision` is in words where it is not a plain yes or no ('individual_review',
    'recommendation_only', 'never_covered', 'delegated', ''). `combination` is what the policy says of the pair, and
    `combination_text` says it for a reader; `caveats` are read depth, staleness, superseded text.
    """

    policy_id: str
    payer: str
    title: str
    service: str
    answer: Answer
    decision: str
    summary: str
    criteria: Judgement
    missing: tuple[Question, ...]
    shortest_way: tuple[Step, ...]
    authorizes: str
    combination: CombinationClause
    combination_text: str
    caveats: tuple[str, ...]
    basis: Basis
    stage: str = "initial"
    routes: tuple[
        Route, ...
    ] = ()  # smallest sets first; `shortest_way` is the best of them and what settles the unknowns


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDetermination:
    """A plan of one or two parts, each under its own policy, and what the policies say of the pair.

    `parts` are the treatments each asked for alone; `together` the same asked with the rest of the plan running, so that
    a bar on the pair shows as the criterion that fails. Parts without a policy are named in the summary.
    """

    services: tuple[str, ...]
    parts: tuple[Determination, ...]
    pair_allowed: Answer
    pair_text: str
    summary: str
    together: tuple[Determination, ...] = ()
