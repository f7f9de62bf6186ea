"""Who the person is: age and diagnosis."""

from __future__ import annotations

from inconcert.judgement import Answer, Judgement, RecordUse, all_of, any_of
from inconcert.knowledge.policy_schema.who import (
    Age,
    ConditionAcceptedOnClaim,
    Diagnosis,
    PsychiatricComorbidity,
    PsychiatricEvaluation,
)
from inconcert.payers import readings
from inconcert.payers.asking import CaseView, Evaluator, Spot
from inconcert.payers.criteria.chart import condition_uses, has_condition
from inconcert.payers.criteria.hazards import suicidality_of
from inconcert.payers.criteria.trials import counted
from inconcert.payers.readings import condition_codes
from inconcert.payers.wording import opening, plain
from inconcert.record import CodeSystem
from inconcert.staging.counting import FAILED, TrialFilter
from inconcert.staging.types import TrialOutcome

MDD = frozenset({"mdd", "depression", "trd", "mdd_with_suicidality"})


def age(leaf: Age, spot: Spot) -> Judgement:
    """Age on the date of service. A partial birth date gives a range, and a range across a bound is unknown."""
    years = spot.view.person.age_years(spot.view.as_of)
    low = leaf.min if leaf.min is not None else 0
    taken: tuple[str, ...] = ()
    if leaf.within == "fda_label":
        taken, low = ("label_min_age",), int(readings.reading("label_min_age").value)
    high = leaf.max
    asked = f"{low} or older" if high is None else f"{low} to {high}"
    if years is None:
        return spot.unknown(f"Age is not known; {asked} is asked.", "payers.birth_date", readings_taken=taken)
    youngest, oldest = years
    said = f"{youngest}" if youngest == oldest else f"{youngest} to {oldest}"
    used = (RecordUse(spot.view.person.id, "birth date", str(spot.view.person.birth)),)
    inside = youngest >= low and (high is None or oldest <= high)
    outside = oldest < low or (high is not None and youngest > high)
    if inside and leaf.decision == "individual_review":
        text = f"Age {said}: an age of {asked} goes to individual review, neither met nor unmet."
        return spot.judge(Answer.UNKNOWN, text, used=used, question=spot.question("payers.individual_review"))
    answer = Answer.MET if inside else Answer.NOT_MET if outside else Answer.UNKNOWN
    question = spot.question("payers.birth_date") if answer is Answer.UNKNOWN else None
    return spot.judge(answer, f"Age {said}; {asked} is asked.", used=used, question=question, readings_taken=taken)


def diagnosis(leaf: Diagnosis, spot: Spot) -> Judgement:
    """A diagnosis with everything the policy asks of it, each its own part."""
    conditions = (leaf.condition,) if leaf.condition else leaf.condition_in
    if leaf.asked_as == "indication":
        return _asked_for(conditions, spot)
    options = [_one_condition(str(c), spot) for c in conditions]
    answer = any_of(o.answer for o in options)
    shown = [o for o in options if o.answer is answer] or options
    parts = [shown[0] if len(options) == 1 else spot.joined(options, answer, " Or ".join(o.text for o in shown))]
    parts += _features(leaf, spot)
    parts += _confirmation(leaf, spot)
    if leaf.resistant or "trd" in conditions:
        parts += _resistant(spot)
    if leaf.icd10:
        parts.append(_listed_code(leaf, spot))
    if len(parts) == 1:
        return parts[0]
    return spot.joined(parts, all_of(p.answer for p in parts), " ".join(p.text for p in parts))


def _asked_for(conditions: tuple[str, ...], spot: Spot) -> Judgement:
    """Whether the treatment is asked for one of these: it is asked for depression, so a comorbidity does not count."""
    names = ", ".join(plain(str(c)) for c in conditions)
    found = spot.view.case.history.episode.diagnosis
    if found.answer is Answer.MET:
        text = f"The treatment is asked for depression, not for {names}; a comorbidity does not bar it."
        return spot.judge(Answer.NOT_MET, text, used=found.basis.used)
    return spot.unknown(f"Not known whether the treatment is asked for depression or for {names}.", "payers.mdd")


def _one_condition(condition: str, spot: Spot) -> Judgement:
    if condition in MDD:
        found = _major_depression(spot)
        if condition != "mdd_with_suicidality" or found.answer is Answer.NOT_MET:
            return found
        risk = suicidality_of("acute_ideation_or_behavior", spot)
        return spot.joined((found, risk), all_of((found.answer, risk.answer)), f"{found.text} {risk.text}")
    found_entries = has_condition(spot.view, condition)
    name = condition_codes()[condition].name if condition in condition_codes() else plain(condition)
    if found_entries:
        used = condition_uses(found_entries, "coded")
        return spot.judge(Answer.MET, f"The chart codes {name}.", used=used, suffix=condition)
    return spot.yes_no(f"payers.diagnosis.{condition}", f"{opening(name)} is diagnosed", f"No diagnosis of {name}")


def _major_depression(spot: Spot) -> Judgement:
    found = spot.view.case.history.episode.diagnosis
    if found.answer is not Answer.UNKNOWN:
        return spot.judge(found.answer, found.text, used=found.basis.used, rejected=found.basis.rejected, suffix="mdd")
    given = spot.yes_no("payers.mdd", "Major depression is the diagnosis", "Major depression is not the diagnosis")
    if given.answer is not Answer.UNKNOWN:
        return given
    return spot.judge(Answer.UNKNOWN, found.text, question=found.question or given.question, suffix="mdd")


def _features(leaf: Diagnosis, spot: Spot) -> list[Judgement]:
    """Polarity, severity, course and psychosis of the present episode."""
    episode = spot.view.case.history.episode
    parts = []
    if leaf.polarity == "unipolar":
        known = {"unipolar": Answer.MET, "bipolar": Answer.NOT_MET}.get(episode.polarity)
        if known is not None:
            parts.append(
                spot.judge(known, f"The depression is {episode.polarity}.", used=episode.used, suffix="polarity")
            )
        else:
            parts.append(spot.yes_no("payers.diagnosis.bipolar", "Bipolar disorder is diagnosed", "Not bipolar",
                                     when_yes=Answer.NOT_MET))  # fmt: skip
    if leaf.severity is not None:
        parts.append(_severity(leaf.severity, coded_severity(spot.view), spot))
    if leaf.psychosis is False:
        parts.append(_psychotic(~episode.psychotic, spot))
    if leaf.episode == "recurrent":
        parts.append(_recurrent(episode.recurrent, spot, Answer.MET))
    if leaf.episode == "single":
        parts.append(_recurrent(~episode.recurrent, spot, Answer.NOT_MET))
    return parts


RANK = {"subsyndromal": 0, "mild": 1, "moderate": 2, "severe": 3}
NEEDED = {"mild": (1, 1), "moderate": (2, 2), "severe": (3, 3), "moderate_to_severe": (2, 3)}


def coded_severity(view: CaseView) -> str:
    """The severity of the episode as coded or stated, '' where none is.

    A severity read from a score is what `severity_score` asks, so it does not answer here.
    """
    episode = view.case.history.episode
    forms = {f.id for f in view.person.scale_forms}
    return "" if any(u.record_id in forms for u in episode.used) else episode.severity


def _severity(asked: str, known: str, spot: Spot) -> Judgement:
    used = spot.view.case.history.episode.used
    if known not in RANK:
        known, given = spot.choice("payers.severity")
        if given is None or known not in RANK:
            return spot.unknown(f"The severity of the episode is not coded; {plain(asked)} is asked.", "payers.severity",
                                suffix="severity")  # fmt: skip
        used = (RecordUse(given.id, f"severity {known}", str(given.answered_on or "")),)
    low, high = NEEDED[asked]
    answer = Answer.MET if low <= RANK[known] <= high else Answer.NOT_MET
    text = f"The episode is recorded as {known}; {plain(asked)} is asked."
    return spot.judge(answer, text, used=used, suffix="severity")


def _psychotic(free: Answer, spot: Spot) -> Judgement:
    if free is Answer.UNKNOWN:
        return spot.yes_no("payers.psychotic_features", "Psychotic features are present", "No psychotic features",
                           when_yes=Answer.NOT_MET)  # fmt: skip
    text = (
        "The episode is coded without psychotic features." if free is Answer.MET else "Psychotic features are recorded."
    )
    return spot.judge(free, text, used=spot.view.case.history.episode.used, suffix="psychosis")


def _recurrent(holds: Answer, spot: Spot, when_yes: Answer) -> Judgement:
    if holds is Answer.UNKNOWN:
        yes, no = "The depression is recurrent", "It is a first episode"
        return spot.yes_no("payers.recurrent", yes, no, when_yes=when_yes)
    return spot.judge(
        holds, "Single or recurrent as coded.", used=spot.view.case.history.episode.used, suffix="episode"
    )


CONFIRMED_BY = {
    "mental_health_professional": "payers.diagnosis_by_mental_health_professional",
    "psychiatrist": "payers.diagnosis_by_psychiatrist",
    "structured_clinical_interview": "payers.diagnosis_structured_interview",
    "validated_scale": "payers.diagnosis_validated_scale",
}


def _confirmation(leaf: Diagnosis, spot: Spot) -> list[Judgement]:
    parts = []
    if leaf.confirmed_by is not None:
        who = plain(leaf.confirmed_by)
        parts.append(spot.yes_no(CONFIRMED_BY[leaf.confirmed_by], f"Confirmed by {who}", f"Not confirmed by {who}"))
    elif leaf.confirmed:
        parts.append(spot.yes_no("payers.diagnosis_confirmed", "The diagnosis is confirmed", "It is not confirmed"))
    if leaf.dsm_confirmed:
        parts.append(spot.yes_no("payers.dsm_confirmed", "The DSM criteria are documented", "They are not documented"))
    return parts


def resistant_by_default() -> tuple[int, TrialFilter]:
    """What the bare word resistant is read as: so many different drugs, each passing the filter."""
    weeks = readings.reading("adequate_weeks").value
    wanted = TrialFilter(
        dose="minimum", min_weeks=weeks, scope="current_episode", outcomes=FAILED,
        undecided_outcomes=frozenset({TrialOutcome.PARTIAL}),
    )  # fmt: skip
    return int(readings.reading("resistant_trials").value), wanted


def _resistant(spot: Spot) -> list[Judgement]:
    """The bare word resistant. Where the policy's own rule on trials stands beside it, that rule is its meaning."""
    if spot.resistance_defined:
        return []
    need, wanted = resistant_by_default()
    found = counted(spot, wanted).at_least(need, distinct_drugs=need)
    return [
        spot.judge(found.answer, f"Treatment-resistant: {found.text}", used=found.basis.used, rejected=found.basis.rejected,
                   question=found.question, parts=found.parts, readings_taken=("resistant_trials", "adequate_weeks"),
                   suffix="resistant")
    ]  # fmt: skip


def _listed_code(leaf: Diagnosis, spot: Spot) -> Judgement:
    """Whether a code of the policy's list is in the chart, with the codes that had been added by the date of service."""
    listed = spot.asked.policy.codes_on(spot.view.as_of) if leaf.icd10 == "listed_in_codes" else tuple(leaf.icd10)
    systems = (CodeSystem.ICD10CM, CodeSystem.ICD10)
    depression = [
        (c, k.code) for c in spot.view.person.conditions for k in c.codings
        if k.system in systems and k.code[:3] in ("F32", "F33", "F34", "F06", "F53")
        and c.verification_status not in ("refuted", "entered-in-error")
        and not (c.recorded is not None and c.recorded.earliest > spot.view.as_of)
    ]  # fmt: skip
    inside = [(c, code) for c, code in depression if code in listed]
    if inside:
        c, code = inside[0]
        return spot.judge(Answer.MET, f"{code} is on the policy's list of codes.", suffix="icd10",
                          used=(RecordUse(c.id, f"code {code}", str(c.recorded or c.onset or "")),))  # fmt: skip
    if depression:
        codes = ", ".join(sorted({code for _, code in depression}))
        used = condition_uses(tuple(c for c, _ in depression), "code not on the list")
        return spot.judge(
            Answer.NOT_MET, f"{codes} is not on the policy's list of codes.", rejected=used, suffix="icd10"
        )
    return spot.unknown("No ICD-10-CM code of a depression is in the chart.", "payers.icd10", suffix="icd10")


def accepted_on_claim(_leaf: ConditionAcceptedOnClaim, spot: Spot) -> Judgement:
    """The depression is accepted on the injury claim."""
    return spot.yes_no("payers.condition_accepted_on_claim", "Accepted on the claim", "Not accepted on the claim")


def comorbidity(_leaf: PsychiatricComorbidity, spot: Spot) -> Judgement:
    """Several disorders that could look like depression: a clinician's finding, never counted from codes."""
    return spot.yes_no("payers.mimicking_disorders", "Several disorders could mimic it", "None could mimic it")


def evaluation(_leaf: PsychiatricEvaluation, spot: Spot) -> Judgement:
    """A specialist psychiatrist's evaluation."""
    return spot.yes_no("payers.psychiatric_evaluation", "A psychiatrist has evaluated", "No psychiatrist has evaluated")


EVALUATORS: dict[type, Evaluator] = {
    Age: age,
    Diagnosis: diagnosis,
    ConditionAcceptedOnClaim: accepted_on_claim,
    PsychiatricComorbidity: comorbidity,
    PsychiatricEvaluation: evaluation,
}
