"""Who the person is: the twin of `payers.criteria.who`."""

from __future__ import annotations

from typing import Any

import ibis

from inconcert.knowledge.policy_schema import who as words
from inconcert.payers import readings
from inconcert.payers.criteria import who as rules
from inconcert.population.criteria.hazards import suicidality_of
from inconcert.population.diagnoses import has_condition, listed_code
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Tri, all_of, any_of, negated, small, when
from inconcert.population.place import Compiler, Place
from inconcert.population.trials import counted


def age(leaf: words.Age, place: Place) -> Tri:
    """Age on the date of service. A partial birth date gives a range, and a range across a bound is unknown."""
    first, last = place.frame.of_person("birth_earliest"), place.frame.of_person("birth_latest")
    if first is None or last is None:
        return UNKNOWN
    youngest, oldest = _years(last, place), _years(first, place)
    low = leaf.min if leaf.min is not None else 0
    if leaf.within == "fda_label":
        low = int(readings.reading("label_min_age").value)
    inside, outside = youngest >= low, oldest < low
    if leaf.max is not None:
        inside, outside = inside & (oldest <= leaf.max), outside | (youngest > leaf.max)
    met = UNKNOWN if leaf.decision == "individual_review" else MET
    # Without a birth date, or with one that cannot be, nothing follows from it.
    unborn = first.isnull() | last.isnull() | (first > ibis.literal(place.as_of))
    return when((unborn, UNKNOWN), (inside, met), (outside, NOT_MET), otherwise=UNKNOWN)


def _years(born: Any, place: Place) -> Any:
    day = place.as_of
    birth = ibis.least(born, ibis.literal(day))
    before = (birth.month() > day.month) | ((birth.month() == day.month) & (birth.day() > day.day))
    return day.year - birth.year() - before.cast("int8")


def diagnosis(leaf: words.Diagnosis, place: Place) -> Tri:
    """A diagnosis with everything the policy asks of it."""
    conditions = (leaf.condition,) if leaf.condition else leaf.condition_in
    if leaf.asked_as == "indication":
        coded = place.frame.answer_of_person("depression")
        return UNKNOWN if isinstance(coded, int) else when((coded == MET, NOT_MET), otherwise=UNKNOWN)
    parts = [any_of([_one_condition(str(c), place) for c in conditions])]
    parts += _features(leaf, place)
    if leaf.confirmed_by is not None:
        parts.append(place.yes_no(rules.CONFIRMED_BY[leaf.confirmed_by]))
    elif leaf.confirmed:
        parts.append(place.yes_no("payers.diagnosis_confirmed"))
    if leaf.dsm_confirmed:
        parts.append(place.yes_no("payers.dsm_confirmed"))
    if (leaf.resistant or "trd" in conditions) and not place.resistance_defined:
        need, wanted = rules.resistant_by_default()
        parts.append(counted(place.frame, wanted).reaches(need, need))
    if leaf.icd10:
        listed = place.policy.codes_on(place.as_of) if leaf.icd10 == "listed_in_codes" else leaf.icd10
        inside, any_code = listed_code(listed, place)
        parts.append(when((inside, MET), (any_code, NOT_MET), otherwise=UNKNOWN))
    return all_of(parts)


def _one_condition(condition: str, place: Place) -> Tri:
    if condition in rules.MDD:
        found = _first(place.frame.answer_of_person("depression"), place.yes_no("payers.mdd"))
        if condition != "mdd_with_suicidality":
            return found
        return all_of([found, suicidality_of("acute_ideation_or_behavior", place)])
    said = place.yes_no(f"payers.diagnosis.{condition}")
    return when((has_condition(place, condition), small(MET)), otherwise=said)


def _first(known: Tri, said: Tri) -> Tri:
    """What the chart says, or else somebody's word."""
    return said if isinstance(known, int) else when((known != UNKNOWN, known), otherwise=said)


def _features(leaf: words.Diagnosis, place: Place) -> list[Tri]:
    parts: list[Tri] = []
    if leaf.polarity == "unipolar":
        said, known = place.yes_no("payers.diagnosis.bipolar", when_yes=NOT_MET), place.frame.of_person("polarity")
        parts.append(
            said if known is None else when((known == "unipolar", MET), (known == "bipolar", NOT_MET), otherwise=said)
        )
    if leaf.severity is not None:
        parts.append(_severity(leaf.severity, place))
    if leaf.psychosis is False:
        free = negated(place.frame.answer_of_person("psychotic"))
        parts.append(_first(free, place.yes_no("payers.psychotic_features", when_yes=NOT_MET)))
    if leaf.episode in ("recurrent", "single"):
        again = place.frame.answer_of_person("recurrent")
        asked = again if leaf.episode == "recurrent" else negated(again)
        said = place.yes_no("payers.recurrent", when_yes=MET if leaf.episode == "recurrent" else NOT_MET)
        parts.append(_first(asked, said))
    return parts


def _severity(asked: str, place: Place) -> Tri:
    low, high = rules.NEEDED[asked]
    inside = [word for word, rank in rules.RANK.items() if low <= rank <= high]
    coded, said = place.frame.of_person("severity"), place.frame.said("payers.severity")
    cases: list[tuple[Any, Tri]] = []
    for known in (coded, said):
        if known is not None:
            cases += [(known.isin(inside), MET), (known.isin(list(rules.RANK)), NOT_MET)]
    return when(*cases, otherwise=UNKNOWN) if cases else UNKNOWN


def _word(question: str) -> Compiler:
    return lambda _leaf, place: place.yes_no(question)


COMPILERS: dict[type, Compiler] = {
    words.Age: age,
    words.Diagnosis: diagnosis,
    words.ConditionAcceptedOnClaim: _word("payers.condition_accepted_on_claim"),
    words.PsychiatricComorbidity: _word("payers.mimicking_disorders"),
    words.PsychiatricEvaluation: _word("payers.psychiatric_evaluation"),
}
