"""What speaks against a treatment. A hazard is there where a code, a screen item or somebody says so; it is absent only
where somebody said so. No record of it is unknown, with the question.
"""

from __future__ import annotations

from collections.abc import Iterable

from inconcert.judgement import Answer, Judgement, RecordUse, any_of
from inconcert.knowledge.policy_schema.hazards import (
    CardiovascularDisease,
    Catatonia,
    DrugContraindication,
    FerromagneticTattoo,
    ImplantedDevice,
    ImplantedMetal,
    LifeThreateningInanition,
    NeurologicalCondition,
    Pregnancy,
    Psychosis,
    SeizureDisorder,
    SubstanceUse,
    Suicidality,
)
from inconcert.payers import readings
from inconcert.payers.asking import CaseView, Evaluator, Spot, attestation_use
from inconcert.payers.criteria.chart import condition_uses, has_condition
from inconcert.payers.wording import opening, plain
from inconcert.safety.types import SafetyFinding

NEVER_DAYS = 9999  # what the intake question says to write for never


def _finding(view: CaseView, item: str) -> SafetyFinding | None:
    return view.once(("finding", item), lambda: view.case.safety.finding(item))


def present(hazard_id: str, spot: Spot) -> Judgement:
    """Whether one hazard is there: chart codes, then the safety screen, then somebody's word; else unknown."""
    look = readings.hazards()[hazard_id]
    possible: tuple[RecordUse, ...] = ()
    for condition in look.codes:
        found = has_condition(spot.view, condition)
        if found and readings.condition_codes()[condition].weight == "certain":
            return spot.judge(Answer.MET, f"The chart codes {readings.condition_codes()[condition].name}.",
                              used=condition_uses(found, "coded"), suffix=hazard_id)  # fmt: skip
        possible += condition_uses(found, "may mean it, the code alone does not say")
    seen = _by_screen(look, spot)
    if seen is not None:
        return seen
    said = _said(look, spot)
    if said.answer is not Answer.UNKNOWN:
        return said
    if possible:
        text = f"{said.text} The chart holds a code that may mean it."
        return spot.judge(Answer.UNKNOWN, text, used=possible, question=said.question, suffix=hazard_id)
    return said


def _by_screen(look: readings.HazardLookup, spot: Spot) -> Judgement | None:
    """What the safety screen settles; None where it settles nothing."""
    for item in (look.same_as, *look.present_if):
        screened = _finding(spot.view, item)
        if screened is not None and screened.judgement.answer is Answer.MET:
            seen = screened.judgement
            return spot.judge(Answer.MET, seen.text, used=seen.basis.used, suffix=look.id)
    items = (look.same_as,) if look.same_as else look.absent_if_all
    found = [screened.judgement for item in items if (screened := _finding(spot.view, item)) is not None]
    if found and len(found) == len(items) and all(f.answer is Answer.NOT_MET for f in found):
        used = tuple(u for f in found for u in f.basis.used)
        return spot.judge(Answer.NOT_MET, " ".join(f.text for f in found), used=used, suffix=look.id)
    return None


def _said(look: readings.HazardLookup, spot: Spot) -> Judgement:
    """Somebody's word. Where the screen asks the same question it has weighed the answer and its age, so it stands."""
    name = plain(look.id)
    if not look.same_as:
        return spot.yes_no(look.question, f"{opening(name)} is present", f"{opening(name)} is absent")
    question = spot.question(look.question)
    return spot.judge(Answer.UNKNOWN, f"Not known: {question.text}", question=question, suffix=look.id)


def any_present(hazard_ids: Iterable[str], spot: Spot) -> Judgement:
    """Whether any of several hazards is there."""
    parts = [present(h, spot) for h in hazard_ids]
    if len(parts) == 1:
        return parts[0]
    answer = any_of(p.answer for p in parts)
    shown = [p for p in parts if p.answer is answer]
    return spot.joined(parts, answer, " ".join(p.text for p in shown))


def weighed(found: Judgement, weight: str, spot: Spot) -> Judgement:
    """A relative contraindication that is present is no refusal: without a written reason it is unknown."""
    if weight != "relative" or found.answer is not Answer.MET:
        return found
    reason = spot.yes_no(
        "payers.justification.relative_contraindication", "A written reason to treat in spite of it is given",
        "No written reason to treat in spite of it is given", when_yes=Answer.NOT_MET,
    )  # fmt: skip
    text = f"{found.text} This is a relative contraindication, which is not an automatic refusal. {reason.text}"
    return spot.joined((found, reason), reason.answer, text)


# The clinician's own finding decides; without it the suicide screen does where it is at either end. Amber (thoughts
# without intent on a form) is not enough for an indication that asks for acute ideation, and is enough to stop a
# treatment that active suicidality bars: in both directions a clinician must look first.
BARS = frozenset({"active", "acute_risk"})
_NEEDS_INTENT = frozenset({"active_with_intent", "ideation_with_intent_or_imminent_hospitalization"})


def suicide_question(level: str) -> str:
    """The intake question by which a clinician's own finding at this level is asked."""
    return "payers.suicidal_intent" if level in _NEEDS_INTENT else "payers.acute_suicidality"


def suicidality_of(level: str, spot: Spot) -> Judgement:
    """Suicidal thoughts or behavior of at least a level, from a clinician's finding or the suicide screen."""
    question = suicide_question(level)
    said = spot.yes_no(question, f"{opening(plain(level))} is found", f"No {plain(level)} is found")
    if said.answer is not Answer.UNKNOWN:
        return said
    risk = spot.view.case.safety.suicide_risk
    stands = {
        "red": Answer.MET,
        # Amber asks a clinician to look first: it bars what activity bars, and opens no acute branch by itself.
        "amber": Answer.MET if level in BARS else None,
        "yellow": Answer.NOT_MET,
        "none": Answer.NOT_MET,
    }.get(risk.level)
    if stands is None:
        return spot.judge(Answer.UNKNOWN, f"{risk.text} {said.text}", question=said.question, suffix="suicidality")
    text = f"Suicide screen {risk.level}: {risk.text} A clinician's own finding would override it."
    return spot.judge(stands, text, used=risk.judgement.basis.used, suffix="suicidality")


def suicidality(leaf: Suicidality, spot: Spot) -> Judgement:
    """Suicidality at the named level."""
    return suicidality_of(leaf.level, spot)


def psychosis(leaf: Psychosis, spot: Spot) -> Judgement:
    """Psychotic symptoms: of the episode as coded, now, or ever."""
    if leaf.scope == "history":
        return weighed(present("psychosis_ever", spot), leaf.weight, spot)
    now = present("psychosis_now", spot)
    coded = spot.view.case.history.episode.psychotic
    if now.answer is Answer.UNKNOWN and coded is not Answer.UNKNOWN:
        text = (
            "The episode is coded with psychotic features."
            if coded is Answer.MET
            else "Coded without psychotic features."
        )
        now = spot.judge(coded, text, used=spot.view.case.history.episode.used)
    return weighed(now, leaf.weight, spot)


ACTIVE = frozenset({"pacemaker", "icd", "dbs", "vns", "spinal_cord_stimulator"})


def implanted_device(leaf: ImplantedDevice, spot: Spot) -> Judgement:
    """Any of the named implants. A policy that names every active kind need not know which one the screen found."""
    screen = _finding(spot.view, "active_implant")
    if leaf.kinds and set(leaf.kinds) >= ACTIVE and screen is not None and screen.judgement.answer is Answer.MET:
        found = spot.judge(Answer.MET, screen.judgement.text, used=screen.judgement.basis.used)
        return weighed(found, leaf.weight, spot)
    return weighed(any_present(leaf.kinds, spot), leaf.weight, spot)


def implanted_metal(_leaf: ImplantedMetal, spot: Spot) -> Judgement:
    """Metal in the head or neck."""
    return present("metal_head_or_neck", spot)


def tattoo(_leaf: FerromagneticTattoo, spot: Spot) -> Judgement:
    """A tattoo with metallic ink on the head or neck."""
    return present("ferromagnetic_tattoo", spot)


def neurological(leaf: NeurologicalCondition, spot: Spot) -> Judgement:
    """Any of the named conditions. `listed` can only be answered by somebody who has the payer's list."""
    return weighed(any_present(leaf.kinds, spot), leaf.weight, spot)


def seizure(leaf: SeizureDisorder, spot: Spot) -> Judgement:
    """Epilepsy or earlier seizures."""
    return weighed(present("seizure_disorder", spot), leaf.weight, spot)


def substance_use(leaf: SubstanceUse, spot: Spot) -> Judgement:
    """A present disorder, or use within so many days."""
    if leaf.recency_days is None:
        return present("substance_use_disorder", spot)
    days, given = spot.number("payers.days_since_substance_use")
    if days is None or given is None:
        text = f"Not known when the person last misused a substance; {leaf.recency_days} days are asked."
        return spot.unknown(text, "payers.days_since_substance_use")
    since = days + ((spot.view.as_of - given.answered_on.latest).days if given.answered_on else 0)
    answer = Answer.MET if since < leaf.recency_days else Answer.NOT_MET
    said = "No use, ever" if days >= NEVER_DAYS else f"Last use {since:g} days before the date of service"
    text = f"{said}; {leaf.recency_days} days are asked."
    return spot.judge(answer, text, used=(attestation_use(given),))


def cardiovascular(_leaf: CardiovascularDisease, spot: Spot) -> Judgement:
    """Severe heart or vessel disease: codes raise the question, a person answers it."""
    return present("cardiovascular_disease", spot)


def pregnancy(leaf: Pregnancy, spot: Spot) -> Judgement:
    """Pregnancy, and breastfeeding where the policy names it."""
    return any_present(("pregnancy", "breastfeeding") if leaf.or_breastfeeding else ("pregnancy",), spot)


def catatonia(_leaf: Catatonia, spot: Spot) -> Judgement:
    """Catatonia."""
    return present("catatonia", spot)


def inanition(_leaf: LifeThreateningInanition, spot: Spot) -> Judgement:
    """Life threatened by not eating or drinking."""
    return present("inanition", spot)


def drug_contraindication(leaf: DrugContraindication, spot: Spot) -> Judgement:
    """A contraindication of the label: the screen's items for it, or somebody's word."""
    return present(f"{leaf.drug}_contraindication", spot)


EVALUATORS: dict[type, Evaluator] = {
    Suicidality: suicidality,
    Psychosis: psychosis,
    ImplantedDevice: implanted_device,
    ImplantedMetal: implanted_metal,
    FerromagneticTattoo: tattoo,
    NeurologicalCondition: neurological,
    SeizureDisorder: seizure,
    SubstanceUse: substance_use,
    CardiovascularDisease: cardiovascular,
    Pregnancy: pregnancy,
    Catatonia: catatonia,
    LifeThreateningInanition: inanition,
    DrugContraindication: drug_contraindication,
}
