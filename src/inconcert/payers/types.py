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


class WrittenWhenRead:
    """Fields that are worked out when first read: a population or a list of policies reads the answer and little else, and
    a policy asked of a supposed record reads few of its rooms.

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
class Case(WrittenWhenRead):
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
class PossibleDrug:
    """A drug that nothing in the record speaks against, named so that a prescriber can choose: dose in mg a day, weeks needed."""

    drug: str
    drug_class: str
    dose_mg_per_day: float
    weeks: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that would move a determination towards met: a document to get, or a fact that time or care can make true.

    `earliest` is the first day it could be true, None where it cannot be dated; `weeks` how long that is from the day
    asked about. `caution` is set where the step must not be the answer for someone who cannot wait, or needs a word of
    warning; `pointless` says why it would be medically pointless for this person. `document` and `whom` say which paper
    settles it and who has it. `drugs` are the drugs still possible for this person, `left_out` those that are not and why.
    """

    id: str
    text: str
    kind: str  # 'document', 'question', 'time', 'care', 'other_policy'
    settles: tuple[str, ...]  # criterion ids
    earliest: date | None = None
    caution: str = ""
    weeks: float | None = None
    pointless: str = ""
    document: str = ""
    whom: str = ""
    drugs: tuple[PossibleDrug, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document to get, from whom, and everything that it would settle: criteria by id, questions by text."""

    document: str
    whom: str
    questions: tuple[str, ...]
    settles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One smallest set of facts: every one of them is needed, and no fewer would do.

    `reaches` is met where the whole is met once these facts are on record; unknown where it is then no longer refused and
    `still_open` are the questions that remain. `earliest` is the first day on which all could be true, `weeks` what that
    costs from the day asked about. `pointless` says why the way would be medically pointless, `caution` what comes first.
    `sets` are the sets of facts it stands for: several where one drug class would do as well as another.
    """

    steps: tuple[Step, ...]
    earliest: date | None
    caution: str = ""
    weeks: float = 0.0
    reaches: Answer = Answer.MET
    still_open: tuple[Question, ...] = ()
    pointless: str = ""
    sets: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinge:
    """One fact on which an answer hangs: found otherwise, the whole `becomes` another.

    `record_id` is the record that holds it, '' for a fact that is not on record yet; then `step` says how it comes about and
    `earliest` from which day.
    """

    text: str
    becomes: Answer
    record_id: str = ""
    earliest: date | None = None
    step: Step | None = None


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
    way_searched: bool = (
        True  # False: nobody's plan, so no way was searched for; `routes` being empty says nothing then
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDetermination(WrittenWhenRead):
    """A plan of one or two parts, each under its own policy, and what the policies say of the pair.

    `parts` are the treatments each asked for alone; `together` the same asked with the rest of the plan running, so that
    a bar on the pair shows as the criterion that fails. Parts without a policy are named in the summary. `routes` are the
    smallest sets of facts that turn the whole plan: every part met on one record on one day, and no bar on the pair left;
    empty where a part has no policy. `shortest_way` is the best of them, and what settles the pair and the unknowns.
    """

    services: tuple[str, ...]
    parts: tuple[Determination, ...]
    pair_allowed: Answer
    pair_text: str
    summary: str
    together: tuple[Determination, ...] = ()
    routes: tuple[Route, ...] = ()
    shortest_way: tuple[Step, ...] = ()
