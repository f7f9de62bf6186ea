"""What could turn one criterion that is not met: time, care, or a document; and when at the earliest.

Nothing is proposed that cannot be changed (a diagnosis, an implant), that would make a person worse, or that names a
drug the record warns of. No drug is ever chosen here: only the one the person already takes is named.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from inconcert.judgement import Answer, Question
from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.policy_schema import Leaf
from inconcert.knowledge.policy_schema import given as given_words
from inconcert.knowledge.policy_schema import hazards as hazard_words
from inconcert.knowledge.policy_schema import later as later_words
from inconcert.knowledge.policy_schema import tried as tried_words
from inconcert.knowledge.policy_schema import who as who_words
from inconcert.payers import readings
from inconcert.payers.asking import Asked, CaseView, Spot
from inconcert.payers.criteria.filters import recount
from inconcert.payers.criteria.later import last_course_ended
from inconcert.payers.criteria.trials import base_filter, counted, dose_rule
from inconcert.payers.types import Step
from inconcert.payers.wording import leaf_in_words, plain
from inconcert.staging.counting import CountResult, TrialFilter, TrialVerdict
from inconcert.staging.types import MedicationTrial

WAITING = "This person may be acutely suicidal: a clinician acts on that first. Waiting for a payer is not the answer."
ONLY_IF_NOT_HELPED = "It counts only if it then has not helped enough."


def for_leaf(leaf: Leaf, criterion_id: str, asked: Asked, *, negated: bool) -> tuple[Step, ...]:
    """Every way known to turn one criterion; empty where it cannot or must not be changed."""
    make = _NEGATED.get(type(leaf)) if negated else _MAKERS.get(type(leaf))
    if make is not None:
        return make(leaf, criterion_id, asked)
    if not negated and type(leaf) in _CLINIC_CAN_CHANGE:
        text = f"Arrange that this holds: {leaf_in_words(leaf)}."
        return (
            Step(id=f"{criterion_id}>change", text=text, kind=_CLINIC_CAN_CHANGE[type(leaf)], settles=(criterion_id,)),
        )
    return ()


def for_question(question: Question, settles: tuple[str, ...]) -> Step:
    """The step that settles an unknown: a question to the person or clinic, or a document to get."""
    payer = question.id in (
        "payers.policy_text",
        "payers.text_in_force",
        "payers.pair_policy",
        "payers.external_criteria",
    )
    kind = "document" if payer or question.id.startswith("staging.") else "question"
    return Step(id=f"ask:{question.id}", text=question.text, kind=kind, settles=settles)


def present_drug_in_time(leaf: tried_words.AdequateTrials, criterion_id: str, asked: Asked) -> tuple[Step, ...]:
    """The day on which a drug taken now reaches the weeks the policy asks, where that alone would complete the count."""
    if leaf.each_meets_any or leaf.of_which_adequate is not None:
        return ()  # several lengths at once: no single date is right
    wanted = _filter_of(leaf, asked)
    result = counted(Spot(asked, "steps", leaf), wanted)
    found = []
    for verdict in (*result.undecided, *result.rejected):
        step = _when_long_enough(leaf, criterion_id, asked, wanted, result, verdict)
        if step is not None:
            found.append(step)
    return tuple(sorted(found, key=lambda s: s.earliest or date.max))


def _filter_of(leaf: tried_words.AdequateTrials, asked: Asked) -> TrialFilter:
    base = base_filter(leaf, has_own_route="medication_intolerance" in asked.facts)
    return dataclasses.replace(base, dose=dose_rule(leaf.dose))


def _when_long_enough(
    leaf: tried_words.AdequateTrials, criterion_id: str, asked: Asked, wanted: TrialFilter, result: CountResult,
    verdict: TrialVerdict,
) -> Step | None:  # fmt: skip
    trial, view = verdict.trial, asked.view
    weeks = _weeks_so_far(trial, wanted)
    if trial.ongoing is not Answer.MET or weeks is None or wanted.min_weeks is None or weeks >= wanted.min_weeks:
        return None
    if _warned_of(trial.drug, view) or trial.outcome.value == "response":
        return None
    others = [v for v in (*result.counted, *result.undecided, *result.rejected) if v.trial.id != trial.id]
    with_it = recount([*others, TrialVerdict(trial=trial, answer=Answer.MET, why="")], result.complete)
    need = _needed(leaf)
    if with_it.at_least(need, distinct_drugs=need if leaf.distinct_drugs else 0,
                        distinct_classes=leaf.distinct_classes or 0).answer is not Answer.MET:  # fmt: skip
        return None
    day = view.as_of + timedelta(days=math.ceil((wanted.min_weeks - weeks) * 7 - 1e-9))
    text = (
        f"{trial.drug.capitalize()} at its present dose, taken as ordered, reaches {wanted.min_weeks:g} weeks on {_long(day)}. "
        f"{ONLY_IF_NOT_HELPED}"
    )
    return Step(id=f"{criterion_id}>time:{trial.drug}", text=text, kind="time", settles=(criterion_id,), earliest=day)


def _weeks_so_far(trial: MedicationTrial, wanted: TrialFilter) -> float | None:
    """Weeks so far at the dose asked if the drug is taken as ordered; None where the present dose is below it or not known."""
    last = trial.segments[-1] if trial.segments else None
    if last is None or last.daily_dose_mg_low is None:
        return None
    wall = trial.label_max_dose_mg if wanted.dose == "max_label" else last.adequate_dose_mg
    if wall is None or last.daily_dose_mg_low < wall:
        return None
    return (trial.weeks_at_or_above(wall) if wanted.dose == "max_label" else trial.weeks_at_adequate_dose).high


def _warned_of(drug: str, view: CaseView) -> bool:
    """Whether the record holds an allergy or intolerance to the drug."""
    for allergy in view.person.allergies:
        if allergy.clinical_status in ("inactive", "resolved") or allergy.verification_status in (
            "refuted",
            "entered-in-error",
        ):
            continue
        match = drug_book().match(allergy.codings, allergy.text)
        if match is not None and drug in {p.drug.name for p in match.parts if p.drug is not None}:
            return True
    return False


def _needed(leaf: tried_words.AdequateTrials) -> int:
    return leaf.at_least if isinstance(leaf.at_least, int) else max(1, leaf.distinct_classes or 1)


def _trials(leaf: tried_words.AdequateTrials, criterion_id: str, asked: Asked) -> tuple[Step, ...]:
    waits = present_drug_in_time(leaf, criterion_id, asked)
    wanted = _filter_of(leaf, asked)
    result = counted(Spot(asked, "steps", leaf), wanted)
    need = _needed(leaf)
    short = max(need - result.high, (leaf.distinct_classes or 0) - result.classes_high, 1)
    weeks = wanted.min_weeks or readings.reading("adequate_weeks").value
    day = asked.view.as_of + timedelta(weeks=short * weeks)
    other = " of another class" if (leaf.distinct_classes or 0) > result.classes_high else ""
    number = "One further trial" if short == 1 else f"{short} further trials, one after the other,"
    text = f"{number}{other}, {weeks:g} weeks at an adequate dose, that fail{'s' if short == 1 else ''}: {_long(day)} at the earliest."
    more = Step(id=f"{criterion_id}>trial", text=text, kind="care", settles=(criterion_id,), earliest=day,
                caution="A trial is begun because it may help, not to satisfy a payer.")  # fmt: skip
    return (*waits, more)


def _augmentation(leaf: tried_words.AugmentationTrials, criterion_id: str, asked: Asked) -> tuple[Step, ...]:
    weeks = float(leaf.min_weeks) if leaf.min_weeks is not None else readings.reading("adequate_weeks").value
    day = asked.view.as_of + timedelta(weeks=weeks)
    text = f"An augmentation of the present antidepressant for {weeks:g} weeks: {_long(day)} at the earliest."
    return (Step(id=f"{criterion_id}>augment", text=text, kind="care", settles=(criterion_id,), earliest=day,
                 caution="A drug is added because it may help, not to satisfy a payer."),)  # fmt: skip


def _psychotherapy(_leaf: Leaf, criterion_id: str, asked: Asked) -> tuple[Step, ...]:
    weeks = readings.reading("psychotherapy_weeks").value
    day = asked.view.as_of + timedelta(weeks=weeks)
    text = f"A course of evidence-based psychotherapy, about {weeks:g} weeks: {_long(day)} at the earliest."
    return (Step(id=f"{criterion_id}>psychotherapy", text=text, kind="care", settles=(criterion_id,), earliest=day),)


def _age(leaf: who_words.Age, criterion_id: str, asked: Asked) -> tuple[Step, ...]:
    birth, low = asked.view.person.birth, leaf.min
    if leaf.within == "fda_label":
        low = int(readings.reading("label_min_age").value)
    years = asked.view.person.age_years(asked.view.as_of)
    if birth is None or low is None or years is None or years[1] >= low:
        return ()  # too old stays too old
    born = birth.latest
    day = date(born.year + low, 3, 1) if (born.month, born.day) == (2, 29) else born.replace(year=born.year + low)
    text = f"The person is {low} on {_long(day)}."
    return (Step(id=f"{criterion_id}>birthday", text=text, kind="time", settles=(criterion_id,), earliest=day),)


def _score(leaf: who_words.SeverityScore, criterion_id: str, _asked: Asked) -> tuple[Step, ...]:
    text = f"A new score, honestly taken, on any listed scale ({leaf_in_words(leaf).partition('; ')[2]})."
    return (Step(id=f"{criterion_id}>score", text=text, kind="question", settles=(criterion_id,),
                 caution="It can only show what is so: a person who is better does not need this treatment now."),)  # fmt: skip


def _service_date(leaf: later_words.ServiceDate, criterion_id: str, asked: Asked) -> tuple[Step, ...]:
    if leaf.on_or_after is None or asked.view.as_of >= date.fromisoformat(leaf.on_or_after):
        return ()
    day = date.fromisoformat(leaf.on_or_after)
    return (Step(id=f"{criterion_id}>date", text=f"A date of service on or after {_long(day)}.", kind="time",
                 settles=(criterion_id,), earliest=day),)  # fmt: skip


def _interval(leaf: later_words.IntervalSinceLastCourse, criterion_id: str, asked: Asked) -> tuple[Step, ...]:
    ended = last_course_ended(Spot(asked, "steps", leaf))
    if ended is None:
        return ()
    day = ended + timedelta(days=leaf.min_days)
    text = f"{leaf.min_days} days since the last TMS session are over on {_long(day)}."
    return (Step(id=f"{criterion_id}>interval", text=text, kind="time", settles=(criterion_id,), earliest=day),)


def _companion(leaf: given_words.ConcurrentTherapy, criterion_id: str, _asked: Asked) -> tuple[Step, ...]:
    names = " or ".join(plain(a) for a in leaf.agents)
    text = f"Start or go on with {names} beside the treatment, where the prescriber finds it right."
    return (Step(id=f"{criterion_id}>companion", text=text, kind="care", settles=(criterion_id,)),)


def _not_together(leaf: given_words.ConcurrentTherapy, criterion_id: str, asked: Asked) -> tuple[Step, ...]:
    names = ", ".join(plain(a) for a in leaf.agents)
    planned = {s for a in leaf.agents for s in readings.agents()[a].services} & set(asked.together_with)
    first = "Plan the two treatments one after the other" if planned else "End or pause the other treatment first"
    return (Step(id=f"{criterion_id}>sequence", text=f"{first}, so that none of {names} runs during the course.", kind="care",
                 settles=(criterion_id,), caution="Whether a working treatment may be paused is the prescriber's decision."),)  # fmt: skip


def _clean(leaf: hazard_words.SubstanceUse, criterion_id: str, asked: Asked) -> tuple[Step, ...]:
    given = asked.view.attestation("payers.days_since_substance_use")
    if leaf.recency_days is None or given is None or given.value is None:
        return ()
    last = (given.answered_on.latest if given.answered_on else asked.view.as_of) - timedelta(days=given.value)
    day = last + timedelta(days=leaf.recency_days)
    text = f"{leaf.recency_days} days without substance misuse are over on {_long(day)}, if there is none until then."
    return (Step(id=f"{criterion_id}>clean", text=text, kind="time", settles=(criterion_id,), earliest=day),)


def _other_protocol(leaf: given_words.TreatmentProtocol, criterion_id: str, _asked: Asked) -> tuple[Step, ...]:
    names = ", ".join(plain(k) for k in leaf.kinds)
    return (Step(id=f"{criterion_id}>protocol", text=f"Ask for a protocol that is none of: {names}.", kind="care",
                 settles=(criterion_id,)),)  # fmt: skip


def _stay(_leaf: Leaf, criterion_id: str, _asked: Asked) -> tuple[Step, ...]:
    text = "Keep psychotropic drugs unchanged during the course, where that is safe."
    return (Step(id=f"{criterion_id}>unchanged", text=text, kind="care", settles=(criterion_id,)),)


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


_Maker = Callable[[Any, str, Asked], tuple[Step, ...]]
_MAKERS: dict[type, _Maker] = {
    tried_words.AdequateTrials: _trials,
    tried_words.AugmentationTrials: _augmentation,
    tried_words.PsychotherapyTrial: _psychotherapy,
    who_words.Age: _age,
    who_words.SeverityScore: _score,
    later_words.ServiceDate: _service_date,
    later_words.IntervalSinceLastCourse: _interval,
    given_words.ConcurrentTherapy: _companion,
}
_NEGATED: dict[type, _Maker] = {
    given_words.ConcurrentTherapy: _not_together,
    given_words.TreatmentProtocol: _other_protocol,
    given_words.PsychotropicChange: _stay,
    hazard_words.SubstanceUse: _clean,
}
_CLINIC_CAN_CHANGE: dict[type, str] = {
    who_words.RatingScaleDocumented: "document",
    who_words.PsychiatricEvaluation: "care",
    given_words.Prescriber: "care",
    given_words.DeviceCleared: "care",
    given_words.TreatmentProtocol: "care",
    given_words.RemsCertified: "care",
    given_words.Supervision: "care",
    given_words.PostDoseMonitoring: "care",
    given_words.SupervisedAdministration: "care",
    given_words.PdmpChecked: "document",
    given_words.DoseLimit: "care",
    given_words.Consent: "document",
    given_words.Setting: "care",
    given_words.UseAs: "care",
    given_words.DocumentationPresent: "document",
    given_words.ClinicalJustification: "document",
    later_words.NetworkStatus: "care",
}
