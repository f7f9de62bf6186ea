"""Which facts could turn one criterion: days that come, drugs tried, a score, a course, an answer; never one that wishes harm.

Makers know one kind of leaf each; answers and bare waiting are found by asking the criterion itself, so that a new word of
the policy language needs nothing here. Facts that would mean that somebody is worse are never among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from inconcert.judgement import Answer
from inconcert.knowledge.policy_schema import Leaf
from inconcert.knowledge.policy_schema import given as given_words
from inconcert.knowledge.policy_schema import later as later_words
from inconcert.knowledge.policy_schema import tried as tried_words
from inconcert.knowledge.policy_schema import who as who_words
from inconcert.knowledge.policy_schema.checks import policy_scales
from inconcert.payers import readings
from inconcert.payers.asking import Asked
from inconcert.payers.changes import WAIT, Change
from inconcert.payers.criteria.scores import band_from, scored
from inconcert.payers.steps import SCORE, long_date
from inconcert.payers.trial_changes import augmentation, further_trials, present_drug, settled_trials
from inconcert.payers.types import Step
from inconcert.payers.wording import bound_in_words, plain

Maker = Callable[[Any, Asked], Iterator[Change]]


def made_for(leaf: Leaf, asked: Asked, *, negated: bool) -> tuple[Change, ...]:
    """The facts that a maker of this kind of leaf puts forward; answers and waiting are not among them."""
    return tuple(
        change for maker in (_NEGATED if negated else _MAKERS).get(type(leaf), ()) for change in maker(leaf, asked)
    )


def wait_until(day: date, text: str, asked: Asked, name: str = "") -> Change:
    """A fact that time alone makes true on `day`."""
    weeks = (day - asked.view.as_of).days / 7
    step = Step(id=f"time:{name or day}", text=text, kind="time", settles=(), earliest=day, weeks=weeks)
    return Change(id=f"{WAIT}{day}", step=step, earliest=day)


def _age(leaf: who_words.Age, asked: Asked) -> Iterator[Change]:
    birth, low = asked.view.person.birth, leaf.min
    if leaf.within == "fda_label":
        low = int(readings.reading("label_min_age").value)
    years = asked.view.person.age_years(asked.view.as_of)
    if birth is None or low is None or years is None or years[1] >= low:
        return  # too old stays too old
    born = birth.latest
    day = date(born.year + low, 3, 1) if (born.month, born.day) == (2, 29) else born.replace(year=born.year + low)
    yield wait_until(day, f"The person is {low} on {long_date(day)}.", asked, "birthday")


def _service_date(leaf: later_words.ServiceDate, asked: Asked) -> Iterator[Change]:
    if leaf.on_or_after is not None and asked.view.as_of < date.fromisoformat(leaf.on_or_after):
        day = date.fromisoformat(leaf.on_or_after)
        yield wait_until(day, f"A date of service on or after {long_date(day)}.", asked, "date")


def _score(leaf: who_words.SeverityScore, asked: Asked) -> Iterator[Change]:
    """A score on a listed scale: of a scale nobody took, the clinic may find it so; of one taken, it would have to worsen."""
    recent = asked.view.as_of - timedelta(days=readings.reading("score_valid_days").value)
    for bound in leaf.any_of:
        total, scale = _just_inside(bound), policy_scales()[bound.scale]
        taken = [s for s in scored(asked.view, bound.scale) if s.day >= recent]
        wanted = bound_in_words(bound)
        pointless, text = "", f"A {bound.scale} taken now that honestly reads {wanted}."
        if taken:
            last = taken[-1]
            pointless = (
                f"The {bound.scale} of {last.day} reads {last.said}: nobody waits or hopes for a score to get worse."
            )
        yield Change(
            id=f"score:{scale.ids[0]}:{total:g}",
            step=Step(id=f"score:{bound.scale}", text=text, kind="question", settles=(), weeks=0.0, caution=SCORE, pointless=pointless,
                      document=readings.document_for("payers.severity_score").document,
                      whom=readings.document_for("payers.severity_score").whom),
            earliest=asked.view.as_of, form=(scale.ids[0], total), excludes=frozenset({f"score of {scale.ids[0]}"}),
        )  # fmt: skip


def _just_inside(bound: who_words.ScaleBound) -> float:
    """A total inside the bound, next to its limit."""
    value = bound.value
    if isinstance(value, tuple):
        return float(value[0])
    if isinstance(value, str):
        return float(band_from(bound))
    beside = {">": math.floor(value) + 1, "<": math.ceil(value) - 1}
    return float(beside.get(bound.op, value))


def _psychotherapy(leaf: tried_words.PsychotherapyTrial, asked: Asked) -> Iterator[Change]:
    each = readings.reading("psychotherapy_weeks").value
    weeks = each * leaf.at_least
    day = asked.view.as_of + timedelta(weeks=weeks)
    number = "A course" if leaf.at_least == 1 else f"{leaf.at_least} courses, one after the other,"
    text = f"{number} of evidence-based psychotherapy, about {weeks:g} weeks: {long_date(day)} at the earliest."
    said: dict[str, str | float] = dict.fromkeys(_PSYCHOTHERAPY, "yes")
    paper = readings.document_for("payers.psychotherapy_trial")
    yield Change(
        id=f"psychotherapy:{leaf.at_least}",
        step=Step(id="psychotherapy", text=text, kind="care", settles=(), earliest=day, weeks=weeks,
                  caution="Psychotherapy is begun because it may help, and where it does, this criterion stays unmet.",
                  document=paper.document, whom=paper.whom),
        earliest=day, says=(*said.items(), ("payers.psychotherapy_courses", float(leaf.at_least))),
        excludes=frozenset({*said, "payers.psychotherapy_courses"}),
    )  # fmt: skip


_PSYCHOTHERAPY = (
    "staging.psychotherapy", "payers.psychotherapy_trial", "payers.psychotherapy_evidence_based", "payers.psychotherapy_adequate",
    "payers.psychotherapy_failed", "payers.psychotherapy_in_episode", "payers.psychotherapy_on_scale",
)  # fmt: skip


def _not_together(leaf: given_words.ConcurrentTherapy, asked: Asked) -> Iterator[Change]:
    meanings = [readings.agents()[a] for a in leaf.agents]
    reached = {s for m in meanings for s in (*m.services, *m.services_maybe)}
    planned = tuple(s for s in asked.together_with if s in reached)
    if planned:
        yield taken_apart(planned, asked, ", ".join(plain(a) for a in leaf.agents))


def taken_apart(services: tuple[str, ...], asked: Asked, names: str = "") -> Change:
    """The plan given one part after the other; `names` are the agents that a policy bars, where it names any."""
    barred = names or " or ".join(plain(s) for s in services)
    text = f"Plan the two treatments one after the other, so that none of {barred} runs during the course."
    return Change(
        id=f"apart:{'+'.join(services)}",
        step=Step(id="sequence", text=text, kind="care", settles=(), weeks=0.0,
                  caution="Which comes first, and whether a working treatment may pause, is the prescriber's decision."),
        earliest=asked.view.as_of, apart=services,
    )  # fmt: skip


def _diagnosis(leaf: who_words.Diagnosis, asked: Asked) -> Iterator[Change]:
    """Where no depression is coded at all: the code itself, as a clinician may find it."""
    if asked.view.case.history.episode.diagnosis.answer is not Answer.UNKNOWN:
        return
    listed = asked.policy.codes_on(asked.view.as_of) if leaf.icd10 == "listed_in_codes" else tuple(leaf.icd10)
    code = next((c for c in ("F33.2", "F32.2", *listed) if not listed or c in listed), "")
    if code:
        paper = readings.document_for("payers.icd10")
        text = f"A coded depression, if the clinician finds one (for example {code})."
        yield Change(
            id=f"code:{code}", earliest=asked.view.as_of, code=code, excludes=frozenset({"code"}),
            step=Step(id=f"code:{code}", text=text, kind="question", settles=(), weeks=0.0,
                      document=paper.document, whom=paper.whom),
        )  # fmt: skip


def numbers_in(leaf: Leaf) -> tuple[float, ...]:
    """Every number a leaf is written with, each with its neighbor above, so that a strict bound finds one inside."""
    found: set[float] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                walk(inner)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.update((float(value), float(value) + 1))

    walk(msgspec.to_builtins(leaf))
    return tuple(sorted(found))


_MAKERS: dict[type, tuple[Maker, ...]] = {
    tried_words.AdequateTrials: (present_drug, further_trials, settled_trials),
    tried_words.AugmentationTrials: (augmentation, settled_trials),
    tried_words.PsychotherapyTrial: (_psychotherapy,),
    who_words.Age: (_age,),
    who_words.SeverityScore: (_score,),
    who_words.Diagnosis: (_diagnosis,),
    later_words.ServiceDate: (_service_date,),
}
_NEGATED: dict[type, tuple[Maker, ...]] = {given_words.ConcurrentTherapy: (_not_together,)}
