"""From facts to the measures that the rules of certainty name: each a range, because what is not known could be anything.

A share of weight runs from what is known to hold to what could hold if every unknown did. A condition is met if the whole range meets it,
not met if none of it does, else unknown; so taking a fact away can make a rule unknown, never met.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.judgement import Answer
from inconcert.knowledge.certainty import CertaintyRules, Condition

Risk = Literal["low", "some_concerns", "high", "critical"]
Blinded = Literal["participants", "rater", "none"]
_WHY = {
    "i2": "how much the studies differ was not estimated",
    "important_sides": "no smallest important difference was given",
    "zones_added": "no interval for a new study, or no smallest important difference, was given",
    "asymmetry_p": "the funnel was not tested for asymmetry",
    "asymmetry_toward_effect": "the funnel was not tested for asymmetry",
    "selection_p": "no selection model was fitted",
    "selection_loses_effect": "no selection model was fitted",
    "incoherence_p": "direct and indirect evidence were not compared",
    "single_study_edge_share": "what rests on one study was not reckoned",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFacts:
    """One study as certainty sees it; None is not known. `weight` is its share of the estimate (any scale, 0 or more).

    `trd`: its people had treatment-resistant depression. `as_asked`: it gave the treatment of the question. `industry`: a maker
    paid. `people` in the arms compared.
    """

    study: str
    weight: float
    randomized: bool | None = None
    risk: Risk | None = None
    blinded: Blinded | None = None
    trd: bool | None = None
    bipolar: bool | None = None
    as_asked: bool | None = None
    industry: bool | None = None
    people: int | None = None
    row_ids: tuple[str, ...] = ()


Asked = Callable[[StudyFacts], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertaintyFacts:
    """All that certainty is graded from. Effects on the scale of the analysis (ratios as logarithms, 0 no effect).

    `prediction` is the interval for a new study; `smallest_important` above 0; `people_wanted` the optimal information size, both
    arms. `selection_interval` is that of a selection model; `asymmetry_toward_effect`
    says that small studies find more of the effect, not less. `modifier_gaps`: for each effect modifier, how far its share (0 to 1)
    differs between the comparisons of the network. `single_study_edge_share`: share of the estimate that passes through
    comparisons made by one study. `why_unknown`: by measure, why a fact is missing, in words for the reader.
    """

    question: str
    scale: Scale
    lower: float
    upper: float
    studies: tuple[StudyFacts, ...]
    network: bool
    prediction: tuple[float, float] | None = None
    i2: float | None = None
    smallest_important: float | None = None
    people_wanted: int | None = None
    asymmetry_p: float | None = None
    asymmetry_toward_effect: bool | None = None
    selection_p: float | None = None
    selection_interval: tuple[float, float] | None = None
    incoherence_p: float | None = None
    modifier_gaps: Mapping[str, float | None] = field(default_factory=dict)
    single_study_edge_share: float | None = None
    why_unknown: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.lower <= self.upper:
            raise ValueError(
                f"{self.question}: an interval from {self.lower} to {self.upper}. Mend: give low, then high."
            )
        if not self.studies or any(s.weight < 0 for s in self.studies) or sum(s.weight for s in self.studies) <= 0:
            raise ValueError(
                f"{self.question}: no study carries weight. Mend: give each study its share of the estimate."
            )
        if self.smallest_important is not None and not self.smallest_important > 0:
            raise ValueError(f"{self.question}: the smallest important difference must be above 0. Mend: leave it out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measure lies between `low` and `high`, both ends included. `lacking` says what is not known, '' where all is."""

    id: str
    low: float
    high: float
    text: str
    row_ids: tuple[str, ...] = ()
    lacking: str = ""

    @property
    def shown(self) -> str:
        """The number, or its range."""
        if self.low == self.high:
            return f"{self.low:.3g}"
        return f"{self.low:.3g} or more" if math.isinf(self.high) else f"{self.low:.3g} to {self.high:.3g}"

    def against(self, condition: Condition) -> Answer:
        """Whether a condition on this measure holds."""
        kind, limit = condition.comparison
        ends = (self.low, self.high)
        holds: Callable[[float], bool] = {
            "at_least": lambda v: v >= limit,
            "above": lambda v: v > limit,
            "at_most": lambda v: v <= limit,
            "below": lambda v: v < limit,
        }[kind]
        if all(map(holds, ends)):
            return Answer.MET
        return Answer.UNKNOWN if any(map(holds, ends)) else Answer.NOT_MET


def measures(facts: CertaintyFacts, rules: CertaintyRules) -> dict[str, Measured]:
    """Every measure of the rules by its id, except those about the starting level."""
    small = rules.number("small_trial_people")
    toward = None if facts.asymmetry_toward_effect is None else float(facts.asymmetry_toward_effect)
    alone = facts.single_study_edge_share
    found = [
        *(_share(facts, *asked) for asked in _asked_of_studies(small)),
        *_interval_measures(facts),
        _one(facts, "i2", facts.i2, (0.0, 1.0), "share of variation beyond chance (I2)"),
        _one(facts, "asymmetry_p", facts.asymmetry_p, (0.0, 1.0), "p of the test of funnel asymmetry"),
        _one(facts, "asymmetry_toward_effect", toward, (0.0, 1.0), "small studies find more of the effect (1 yes)"),
        _one(facts, "selection_p", facts.selection_p, (0.0, 1.0), "p of the selection model against none"),
        _one(facts, "incoherence_p", facts.incoherence_p, (0.0, 1.0), "p of direct against indirect evidence"),
        _one(facts, "single_study_edge_share", alone, (0.0, 1.0), "share through comparisons that one study made"),
        _modifier_gap(facts),
    ]
    return {measure.id: measure for measure in found}


def _asked_of_studies(small: float) -> tuple[tuple[str, str, str, Asked], ...]:
    """Each share of weight: its id, what the studies have in common, what is not known otherwise, and the question."""

    def small_industry(study: StudyFacts) -> bool | None:
        is_small = None if study.people is None else study.people < small
        if study.industry is False or is_small is False:
            return False
        return None if study.industry is None or is_small is None else True

    def risk_in(*levels: Risk) -> Asked:
        return lambda s: None if s.risk is None else s.risk in levels

    def unblinded(study: StudyFacts) -> bool | None:
        return None if study.blinded is None else study.blinded != "participants"

    bias, resisted = "its risk of bias", "whether depression had resisted treatment"
    other, wanted = "gave another treatment than asked about", "whether it gave the treatment asked about"
    paid, by_whom = "were small and paid for by a maker", "how large it was and who paid"
    worse = risk_in("some_concerns", "high", "critical")
    return (
        ("randomized_share", "were randomized", "whether it was randomized", lambda s: s.randomized),
        ("high_risk_share", "are at high risk of bias or worse", bias, risk_in("high", "critical")),
        ("concerns_share", "raise some concerns or worse", bias, worse),
        ("critical_risk_share", "are at critical risk of bias", bias, risk_in("critical")),
        ("unblinded_share", "left their people unblinded", "who was blinded", unblinded),
        ("not_trd_share", "were not of treatment-resistant depression", resisted, lambda s: _negated(s.trd)),
        ("bipolar_share", "were of bipolar depression", "whether depression was bipolar", lambda s: s.bipolar),
        ("other_treatment_share", other, wanted, lambda s: _negated(s.as_asked)),
        ("small_industry_share", paid, by_whom, small_industry),
    )


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _share(facts: CertaintyFacts, name: str, what: str, asked: str, holds: Asked) -> Measured:
    total = sum(s.weight for s in facts.studies)
    answers = [(s, holds(s)) for s in facts.studies if s.weight > 0]
    sure = [s for s, answer in answers if answer]
    open_ = [s for s, answer in answers if answer is None]
    # Shares of all that is known to hold and not to hold are both summed, so that rounding never leaves a sliver unknown.
    low = sum(s.weight for s in sure) / total
    return Measured(
        id=name,
        low=low,
        high=low if not open_ else 1 - sum(s.weight for s, answer in answers if answer is False) / total,
        text=f"share of weight from studies that {what}",
        row_ids=tuple(dict.fromkeys(row for s in sure for row in s.row_ids)),
        lacking=_lacking(facts, name, f"of {', '.join(s.study for s in open_)} it is not known {asked}")
        if open_
        else "",
    )


def _one(facts: CertaintyFacts, name: str, value: float | None, ends: tuple[float, float], text: str) -> Measured:
    if value is None:
        return Measured(id=name, low=ends[0], high=ends[1], text=text, lacking=_lacking(facts, name, _WHY[name]))
    return Measured(id=name, low=value, high=value, text=text)


def _lacking(facts: CertaintyFacts, name: str, otherwise: str) -> str:
    return facts.why_unknown.get(name, otherwise)


def _interval_measures(facts: CertaintyFacts) -> list[Measured]:
    least, null = facts.smallest_important, facts.lower <= 0 <= facts.upper
    sides = None if least is None else float((facts.lower <= -least) + (facts.upper >= least))
    added = None
    if least is not None and facts.prediction is not None:
        low, high = min(facts.lower, facts.prediction[0]), max(facts.upper, facts.prediction[1])
        added = float(_zones(low, high, least) - _zones(facts.lower, facts.upper, least))
    known = [s.people for s in facts.studies if s.people is not None]
    unknown = [s.study for s in facts.studies if s.people is None]
    share = (0.0, math.inf)
    if facts.people_wanted is not None:
        share = (sum(known) / facts.people_wanted, math.inf if unknown else sum(known) / facts.people_wanted)
    lacking = "how many people are wanted was not reckoned" if facts.people_wanted is None else ""
    lacking = lacking or (f"not known how many people were in {', '.join(unknown)}" if unknown else "")
    loses = 0.0 if null else None
    if loses is None and facts.selection_interval is not None:
        loses = float(facts.selection_interval[0] <= 0 <= facts.selection_interval[1])
    return [
        Measured(id="includes_null", low=float(null), high=float(null), text="the interval holds no effect (1 yes)"),
        _one(facts, "important_sides", sides, (0.0, 2.0), "directions in which the interval holds an important effect"),
        _one(facts, "zones_added", added, (0.0, 2.0), "conclusions that a new study adds to those of the interval"),
        Measured(
            id="information_share",
            low=share[0],
            high=share[1],
            text="people studied, as a share of the optimal information size",
            lacking=_lacking(facts, "information_share", lacking) if lacking else "",
        ),
        _one(
            facts, "selection_loses_effect", loses, (0.0, 1.0), "the effect is lost under the selection model (1 yes)"
        ),
    ]


def _zones(low: float, high: float, least: float) -> int:
    """How many of important harm, no important effect and important benefit an interval touches."""
    return (low < -least) + (high > least) + (low <= least and high >= -least)


def _modifier_gap(facts: CertaintyFacts) -> Measured:
    known = {name: gap for name, gap in facts.modifier_gaps.items() if gap is not None}
    unknown = [name for name, gap in facts.modifier_gaps.items() if gap is None]
    widest = max(known, key=lambda name: known[name], default="")
    low = known.get(widest, 0.0)
    complete = bool(facts.modifier_gaps) and not unknown
    lacking = (
        ""
        if complete
        else (f"not known how {', '.join(unknown)} is spread" if unknown else "no effect modifier was compared")
    )
    return Measured(
        id="modifier_gap",
        low=low,
        high=low if complete else max(low, 1.0),
        text=f"widest gap of an effect modifier between comparisons{f' ({widest})' if widest else ''}",
        lacking=_lacking(facts, "modifier_gap", lacking) if lacking else "",
    )
