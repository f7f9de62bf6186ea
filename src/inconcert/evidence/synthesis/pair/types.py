"""What is asked of the studies of the pair, and the shape of the answer: rows that a page, a picture and a file share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from inconcert.evidence.synthesis.data.types import Excluded, Network, Scale
from inconcert.evidence.synthesis.models.fit import Fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.trust.certainty import Certainty
from inconcert.evidence.synthesis.types import CheckedClaim
from inconcert.judgement import NumberKind, Source


class Outcome(StrEnum):
    """What was counted or measured."""

    RESPONSE = "response"
    REMISSION = "remission"
    CHANGE = "change"


class DesignFilter(StrEnum):
    """Which studies may enter."""

    RCT = "rct"
    ALL = "all"


class Lumping(StrEnum):
    """How finely treatments are told apart: as in the tables, by kind (deep TMS, rTMS ...), by family (TMS, ketamine,
    esketamine), or as broadly as drug and TMS.
    """

    PARTS = "parts"
    KINDS = "kinds"
    FAMILIES = "families"
    BROAD = "broad"


class Controls(StrEnum):
    """Whether a sham, saline, midazolam or placebo is taken to do nothing (MERGED), or each keeps its own effect (APART)."""

    MERGED = "merged"
    APART = "apart"


class Interval(StrEnum):
    """How an interval is made: exact Bayes with the stated priors, Hartung and Knapp (never narrower than the normal one), or
    normal. Why the first is the default: docs/explanation/does-the-pair-work.md, measured by validation/.
    """

    BAYES = "bayes"
    NORMAL = "normal"
    HARTUNG_KNAPP = "hartung_knapp"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Everything that somebody may choose otherwise; each is a branch of the multiverse.

    `nonrandomized_weight` above 0 and at most 1 divides the variance of non-randomized studies; `bias_sd` is what their results may
    be off by, as the SD of a normal around 0 (Bayes only). `interaction_prior_sd` is that of the sceptical look at the
    interaction. `evidence` is a reader's folder of studies beside ours. `scale` None takes the odds ratio for counts and the fitting
    difference for changes.
    """

    as_of: date
    outcome: Outcome = Outcome.RESPONSE
    week: float = 4.0
    design: DesignFilter = DesignFilter.ALL
    scale: Scale | None = None
    lumping: Lumping = Lumping.BROAD
    controls: Controls = Controls.MERGED
    tau: TauMethod | float = TauMethod.REML
    interval: Interval = Interval.BAYES
    nonrandomized_weight: float = 1.0
    bias_sd: float = 0.0
    interaction_prior_sd: float = 0.5
    recalled: bool = True
    derived: bool = True
    level: float = 0.95
    evidence: Path | None = None


class Group(StrEnum):
    """Where a row stands in the forest plot."""

    ALONE = "alone"
    EXPECTED = "expected"
    OBSERVED = "observed"
    INTERACTION = "interaction"


@dataclass(frozen=True, kw_only=True)
class ForestRow:
    """One line of the forest plot. Numbers are on the model's scale (ratios as logarithms); None where the data cannot give one.

    `parts` is the contrast, as times of each column of the model (empty for a study's own number). `text` is the number as
    printed, or why there is none; `prediction` the interval for a new study; `row_ids` the study
    rows behind it.
    """

    id: str
    group: Group
    label: str
    estimate: float | None
    se: float | None
    lower: float | None
    upper: float | None
    text: str
    kind: NumberKind
    studies: int
    people: int | None
    prediction: tuple[float, float] | None = None
    randomized: bool = True
    note: str = ""
    parts: dict[str, int] = field(default_factory=dict)
    row_ids: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What cannot be estimated, why, and the studies that would change that."""

    what: str
    why: str
    would_identify: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class InteractionAnswer:
    """What the two do beyond their sum. `row` has no number where `missing` says why.

    `ruled_out_above` and `ruled_out_below` are, on the model's scale, what the interval excludes. `prior_sd`,
    `posterior_mean`, `posterior_sd` and `posterior_interval` are of the exact Bayesian fit; `bayes_factors` maps prior SDs to the
    factor for an interaction against none; `movement` is 1 - posterior SD / prior SD.
    """

    row: ForestRow
    missing: Missing | None
    ruled_out_below: float | None = None
    ruled_out_above: float | None = None
    prior_sd: float | None = None
    posterior_mean: float | None = None
    posterior_sd: float | None = None
    posterior_interval: tuple[float, float] | None = None
    probability_of_gain: float | None = None
    bayes_factors: dict[float, float] = field(default_factory=dict)
    movement: float | None = None


@dataclass(frozen=True, kw_only=True)
class Universe:
    """One way of asking, and the interaction it gives (model's scale); None with the reason where it gives none."""

    choices: dict[str, str]
    estimate: float | None
    lower: float | None
    upper: float | None
    studies: int
    why_none: str = ""
    is_default: bool = False


@dataclass(frozen=True, kw_only=True)
class LetIn:
    """The interaction (model's scale, exact Bayes) where studies that were not randomized count with this weight (0 leaves them
    out), and may be off by a bias N(0, bias_sd^2); None with the reason where the studies that count cannot give it.
    """

    weight: float
    bias_sd: float
    estimate: float | None
    lower: float | None
    upper: float | None
    why_none: str


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far one study carries a result: its share of the information on the pair, and what leaving it out does.

    `share` is by row: share of the study in each forest row, 0 to 1. `without` is the interaction (estimate, lower, upper)
    without the study; None where it can then not be estimated.
    """

    study: str
    randomized: bool
    people: int | None
    share: dict[str, float]
    without: tuple[float, float, float] | None
    row_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TrialPlan:
    """A trial that would settle something: what it would show, its arms, people in each, and the formula used."""

    id: str
    shows: str
    arms: int
    per_arm: int
    alpha_two_sided: float
    power: float
    text: str
    formula: str


@dataclass(frozen=True, kw_only=True)
class CombineAnswer:
    """Better together? `headline` is what a psychiatrist should take away, the first sentence above all."""

    options: Options
    headline: tuple[str, ...]
    assumptions: tuple[str, ...]
    network: Network
    fit: Fit | None
    forest: tuple[ForestRow, ...]
    interaction: InteractionAnswer
    missing: tuple[Missing, ...]
    reach: tuple[Reach, ...]
    let_in: tuple[LetIn, ...]
    certainty: dict[str, Certainty]
    claims: tuple[CheckedClaim, ...]
    trials: tuple[TrialPlan, ...]
    methods: tuple[str, ...]
    excluded: tuple[Excluded, ...]
    sources: tuple[Source, ...]
