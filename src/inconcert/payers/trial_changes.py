"""Facts about medication trials: the present drug long enough, a further trial, and papers that settle an undecided one."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from datetime import timedelta

from inconcert.judgement import Answer
from inconcert.knowledge.drug_schema import Drug
from inconcert.knowledge.policy_schema.tried import AdequateTrials, AugmentationTrials
from inconcert.payers import readings
from inconcert.payers.asking import Asked, Spot
from inconcert.payers.changes import Change, SupposedTrial
from inconcert.payers.criteria.trials import base_filter, dose_rule, main_count
from inconcert.payers.possible_drugs import (
    ClassLeft,
    antidepressants_left,
    augmenters_left,
    helping_now,
    possible,
    warned_of,
)
from inconcert.payers.steps import BEGUN_TO_HELP, ONLY_IF_NOT_HELPED, long_date
from inconcert.payers.types import Step
from inconcert.staging.counting import TrialFilter
from inconcert.staging.types import MedicationTrial, TrialOutcome

_AS_HIGH = frozenset({"max_labeled_or_max_tolerated", "max_tolerated", "max_tolerated_labeled", "optimized"})


def present_drug(leaf: AdequateTrials, asked: Asked) -> Iterator[Change]:
    """The day on which a drug taken now at a sufficient dose reaches the weeks the policy asks."""
    wanted = _filter_of(leaf, asked)
    weeks = _weeks(leaf, wanted)
    for trial in asked.view.case.history.antidepressants():
        so_far = _weeks_so_far(trial, wanted)
        if trial.ongoing is not Answer.MET or so_far is None or so_far >= weeks:
            continue
        if trial.outcome is TrialOutcome.RESPONSE or warned_of(trial.drug, asked.view):
            continue
        day = asked.view.as_of + timedelta(days=math.ceil((weeks - so_far) * 7 - 1e-9))
        text = (
            f"{trial.drug.capitalize()} at its present dose, taken as ordered, reaches {weeks:g} weeks on {long_date(day)}. "
            f"{ONLY_IF_NOT_HELPED}"
        )
        paper = readings.document_for("staging.dates")
        step = Step(id=f"time:{trial.drug}", text=text, kind="time", settles=(), earliest=day, document=paper.document,
                    whom=paper.whom, weeks=(day - asked.view.as_of).days / 7)  # fmt: skip
        yield Change(
            id=f"present:{trial.drug}:{day}", step=step, earliest=day, excludes=frozenset({f"drug {trial.drug}"}),
            trial=SupposedTrial(drug=trial.drug, drug_class=trial.drug_class, weeks=None, start=trial.start.earliest,
                                start_latest=trial.start.latest, end=day, dose_mg_per_day=_last_dose(trial),
                                in_episode=_if_unknown(trial)),
        )  # fmt: skip


def further_trials(leaf: AdequateTrials, asked: Asked) -> Iterator[Change]:
    """One fact for each class that a further trial could be of. None where a drug taken now is helping."""
    if helping_now(asked.view):
        return
    wanted = _filter_of(leaf, asked)
    weeks, left = _weeks(leaf, wanted), antidepressants_left(asked)
    ends = _running(asked) if leaf.single_agent or leaf.separate_trials or leaf.may_be else ()
    able = [c for c in left.classes if _doses(c, leaf)]
    for group in sorted(able, key=lambda c: bool(c.failed))[: readings.further_trials().most_classes]:
        doses = _doses(group, leaf)
        drug, dose = doses[0]
        pointless = ""
        if group.failed:
            pointless = (
                f"A drug of this class has failed before ({', '.join(group.failed)}); another class comes first."
            )
        instead = f" in place of {' and '.join(ends)}" if ends else ""
        named = " or ".join(f"{d.name} from {mg:g} mg a day" for d, mg in doses[:3])
        text = (
            f"A further trial, {weeks:g} weeks at an adequate dose{instead}, that fails: {group.drug_class} ({named})."
        )
        day = asked.view.as_of + timedelta(days=round(weeks * 7))
        step = Step(id="trial", text=text, kind="care", settles=(), earliest=day, weeks=weeks, caution=BEGUN_TO_HELP,
                    pointless=pointless, left_out=left.left_out,
                    drugs=tuple(possible(d, mg, weeks) for d, mg in doses))  # fmt: skip
        yield Change(
            id=f"trial:{group.drug_class}:{drug.name}:{dose:g}mg:{weeks:g}w" + (":instead" if ends else ""), step=step,
            earliest=day, excludes=frozenset({f"drug {drug.name}", f"class {group.drug_class}"}), ends=ends,
            trial=SupposedTrial(drug=drug.name, drug_class=group.drug_class, dose_mg_per_day=dose, weeks=weeks),
        )  # fmt: skip


def settled_trials(leaf: AdequateTrials | AugmentationTrials, asked: Asked) -> Iterator[Change]:
    """One fact for each trial that the policy cannot decide on: papers that show it was long enough and did not help."""
    if isinstance(leaf, AdequateTrials):
        wanted = _filter_of(leaf, asked)
        weeks = _weeks(leaf, wanted)
        undecided = [v.trial for v in main_count(leaf, Spot(asked, "steps", leaf), _base(leaf, asked)).undecided]
    else:
        wanted = TrialFilter()
        weeks = float(leaf.min_weeks) if leaf.min_weeks is not None else 0.0
        undecided = [t for t in asked.view.case.history.trials if t.kind == "augmenter"]
    for trial in undecided:
        if trial.outcome in (TrialOutcome.RESPONSE, TrialOutcome.INTOLERANCE):
            continue
        yield _settled(trial, wanted, weeks, asked)


def _settled(trial: MedicationTrial, wanted: TrialFilter, weeks: float, asked: Asked) -> Change:
    span = trial.weeks_total
    told = None
    if not span.is_exact and (span.high is None or span.high >= weeks):
        told = max(weeks, span.low)
    known = trial.outcome is not TrialOutcome.UNKNOWN
    wall = trial.label_max_dose_mg if wanted.dose == "max_label" else trial.adequate_dose_mg
    papers = [readings.document_for(q) for q in ("staging.dates", "staging.outcome")]
    text = (
        f"Papers on {trial.drug} ({trial.start}) that show {weeks:g} weeks at an adequate dose"
        + ("." if known else " without enough benefit, if that is how it was.")
    )  # fmt: skip
    step = Step(id=f"settle:{trial.id}", text=text, kind="document", settles=(), weeks=0.0,
                document="; ".join(p.document for p in papers), whom="; ".join(p.whom for p in papers))  # fmt: skip
    ended = trial.end if trial.ongoing is Answer.NOT_MET else None
    return Change(
        id=f"settle:{trial.id}:{weeks:g}w", step=step, earliest=asked.view.as_of, excludes=frozenset({f"drug {trial.drug}"}),
        trial=SupposedTrial(
            drug=trial.drug, drug_class=trial.drug_class, weeks=told, start=trial.start.earliest,
            start_latest=trial.start.latest, end=ended.latest if ended is not None else None,
            dose_mg_per_day=_last_dose(trial) or wall, in_episode=_if_unknown(trial),
            outcome=trial.outcome.value if known else "nonresponse",
            improvement_percent=trial.improvement_percent if known else 0.0,
        ),
    )  # fmt: skip


def augmentation(leaf: AugmentationTrials, asked: Asked) -> Iterator[Change]:
    """One fact for each of the first drugs that could be added to the antidepressant taken now, if one is and it does not help."""
    running = _running(asked)
    if not running or helping_now(asked.view):
        return
    weeks = float(leaf.min_weeks) if leaf.min_weeks is not None else readings.reading("adequate_weeks").value
    day = asked.view.as_of + timedelta(days=round(weeks * 7))
    able = [
        d
        for d in augmenters_left(asked)
        if not (leaf.drugs or leaf.classes) or {d.name, d.drug_class} & {*leaf.drugs, *leaf.classes}
    ]
    for drug in able[:2]:
        dose = float(drug.minimum_dose_mg or 0.0)
        text = (
            f"{drug.name.capitalize()} (from {dose:g} mg a day) or another drug of its class added to {' and '.join(running)} for "
            f"{weeks:g} weeks: {long_date(day)} at the earliest."
        )
        step = Step(id="augment", text=text, kind="care", settles=(), earliest=day, weeks=weeks, caution=BEGUN_TO_HELP,
                    drugs=tuple(possible(d, float(d.minimum_dose_mg or 0.0), weeks) for d in able))  # fmt: skip
        yield Change(
            id=f"augment:{drug.name}:{weeks:g}w", step=step, earliest=day, excludes=frozenset({f"drug {drug.name}"}),
            trial=SupposedTrial(drug=drug.name, drug_class=drug.drug_class, dose_mg_per_day=dose, weeks=None,
                                start=asked.view.as_of, end=day),
        )  # fmt: skip


def _base(leaf: AdequateTrials, asked: Asked) -> TrialFilter:
    return base_filter(leaf, has_own_route="medication_intolerance" in asked.facts)


def _filter_of(leaf: AdequateTrials, asked: Asked) -> TrialFilter:
    return dataclasses.replace(_base(leaf, asked), dose=dose_rule(leaf.dose))


def _weeks(leaf: AdequateTrials, wanted: TrialFilter) -> float:
    """The weeks that one more trial needs so that every length the policy names is reached."""
    usual = wanted.min_weeks or readings.reading("adequate_weeks").value
    named = [float(w) for w in leaf.conflicting_values.get("min_weeks", ()) if isinstance(w, int | float)]
    if leaf.each_meets_any:
        able = [r for r in leaf.each_meets_any if r.response in ("none", "none_or_partial") and r.limited_by is None]
        named += [float(r.min_weeks) for r in able if isinstance(r.min_weeks, int | float)][:1]
        return max(named, default=usual)
    if leaf.of_which_adequate is not None and leaf.of_which_adequate.min_weeks is not None:
        named.append(float(leaf.of_which_adequate.min_weeks))
    return max([usual, *named])


def _doses(group: ClassLeft, leaf: AdequateTrials) -> list[tuple[Drug, float]]:
    """The drugs of a class that the policy's own lists allow, each with the dose in mg a day that it asks."""
    found = []
    for drug in group.drugs:
        if (leaf.drugs and drug.name not in leaf.drugs) or drug.name in leaf.excluded_drugs:
            continue
        if leaf.classes and drug.drug_class not in leaf.classes:
            continue
        dose = drug.minimum_dose_mg
        if dose_rule(leaf.dose) == "max_label" or leaf.dose in _AS_HIGH or leaf.optimized:
            dose = drug.label_max_mg
        elif leaf.dose_pct_of_label_max is not None:
            dose = drug.label_max_mg * leaf.dose_pct_of_label_max / 100 if drug.label_max_mg is not None else None
        if dose is not None:
            found.append((drug, dose))
    return found


def _running(asked: Asked) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t.drug for t in asked.view.case.history.antidepressants() if t.ongoing is Answer.MET))


def _if_unknown(trial: MedicationTrial) -> bool | None:
    """That it was in this episode, where the record does not say."""
    return True if trial.in_current_episode is Answer.UNKNOWN else None


def _last_dose(trial: MedicationTrial) -> float | None:
    return trial.segments[-1].daily_dose_mg_low if trial.segments else None


def _weeks_so_far(trial: MedicationTrial, wanted: TrialFilter) -> float | None:
    """Weeks so far at the dose asked if the drug is taken as ordered; None where the present dose is below it or not known."""
    dose = _last_dose(trial)
    wall = (
        trial.label_max_dose_mg
        if wanted.dose == "max_label"
        else trial.segments[-1].adequate_dose_mg
        if trial.segments
        else None
    )
    if dose is None or wall is None or dose < wall:
        return None
    return (trial.weeks_at_or_above(wall) if wanted.dose == "max_label" else trial.weeks_at_adequate_dose).high
