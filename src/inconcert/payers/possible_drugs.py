"""Which drugs a further medication trial could be of, for one person: none that the record speaks against, and why not.

A drug is left out where the record holds an allergy or intolerance to it, where it was tried, where it raises blood
pressure beside ketamine, where the safety file groups it as lowering the seizure threshold and stimulation is asked for, and
where it is of the same group as a monoamine oxidase inhibitor. What remains is a list to choose from, not a choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inconcert.judgement import Answer
from inconcert.knowledge.drug_schema import Drug
from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.safety import drug_groups
from inconcert.payers import readings
from inconcert.payers.asking import Asked, CaseView, Spot
from inconcert.payers.combination import KETAMINES, STIMULATION
from inconcert.payers.criteria.hazards import present
from inconcert.payers.types import PossibleDrug
from inconcert.staging.types import MedicationTrial, TrialOutcome

_FAILED = {TrialOutcome.NONRESPONSE, TrialOutcome.PARTIAL}


@dataclass(frozen=True, slots=True)
class ClassLeft:
    """The drugs of one class that are still possible; `failed` names those of the class that did not help before."""

    drug_class: str
    drugs: tuple[Drug, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrugsLeft:
    """What remains by class, in the order of the file, and what was left out with the reason."""

    classes: tuple[ClassLeft, ...]
    left_out: tuple[str, ...]


def helping_now(view: CaseView) -> tuple[MedicationTrial, ...]:
    """Antidepressants still taken that the record says help: they are never to be stopped for a payer."""
    return tuple(
        t for t in view.case.history.antidepressants() if t.ongoing is Answer.MET and t.outcome is TrialOutcome.RESPONSE
    )


def warned_of(drug: str, view: CaseView) -> bool:
    """Whether the record holds an allergy or intolerance to the drug."""
    return drug in view.once("warned of", lambda: frozenset(_warned(view)))


def _warned(view: CaseView) -> Iterator[str]:
    for allergy in view.person.allergies:
        if allergy.clinical_status in ("inactive", "resolved") or allergy.verification_status in (
            "refuted",
            "entered-in-error",
        ):
            continue
        if allergy.recorded is not None and allergy.recorded.earliest > view.as_of:
            continue
        match = drug_book().match(allergy.codings, allergy.text)
        if match is not None:
            yield from (p.drug.name for p in match.parts if p.drug is not None)


def antidepressants_left(asked: Asked) -> DrugsLeft:
    """Antidepressants that a further trial of this person could be of, for the service asked about."""
    services = frozenset({asked.service, *asked.together_with})
    key = ("antidepressants left", bool(services & STIMULATION), bool(services & KETAMINES))
    return asked.view.once(key, lambda: _left(asked, services))


def _left(asked: Asked, services: frozenset[str]) -> DrugsLeft:
    listed = readings.further_trials()
    classes, out = [], []
    for entry in listed.classes:
        bar = _class_bar(entry, asked, services)
        kept = []
        for drug in drug_book().of_kind("antidepressant"):
            if drug.drug_class != entry.drug_class or drug.name in listed.not_marketed:
                continue
            why = bar or _drug_bar(drug, asked, services)
            if why:
                out.append(f"{drug.name}: {why}")
            elif drug.minimum_dose_mg is not None:
                kept.append(drug)
        if kept:
            classes.append(ClassLeft(entry.drug_class, tuple(kept), _failed_of(entry.drug_class, asked.view)))
    return DrugsLeft(tuple(classes), tuple(out))


def _class_bar(entry: readings.FurtherClass, asked: Asked, services: frozenset[str]) -> str:
    if services & set(entry.not_with_services):
        return entry.why_not
    spot = Spot(asked, "steps")
    found = [h for h in entry.not_with_hazards if present(h, spot).answer is Answer.MET]
    return f"the record shows {found[0].replace('_', ' ')}" if found else ""


def _drug_bar(drug: Drug, asked: Asked, services: frozenset[str]) -> str:
    view = asked.view
    if warned_of(drug.name, view):
        return "the record warns of it"
    tried = [t for t in view.case.history.trials if t.drug == drug.name]
    if tried:
        return f"tried before ({tried[0].outcome.value.replace('unknown', 'outcome not known')})"
    if services & KETAMINES and drug.bp_interaction_with_ketamine:
        return "raises blood pressure beside ketamine"
    if services & STIMULATION and drug.name in drug_groups()["seizure_threshold"].names:
        return "lowers the seizure threshold"
    running = [t.drug for t in view.case.history.trials if t.ongoing is not Answer.NOT_MET and _is_maoi(t.drug)]
    return f"must not be taken with {running[0]}" if running else ""


def _is_maoi(name: str) -> bool:
    drug = drug_book().drugs.get(name)
    return drug is not None and drug.drug_class == "MAOI"


def _failed_of(drug_class: str, view: CaseView) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(t.drug for t in view.case.history.trials if t.drug_class == drug_class and t.outcome in _FAILED)
    )


def augmenters_left(asked: Asked) -> tuple[Drug, ...]:
    """Drugs that could be added to the present antidepressant."""
    return asked.view.once("augmenters left", lambda: tuple(_augmenters(asked)))


def _augmenters(asked: Asked) -> Iterator[Drug]:
    listed = readings.further_trials()
    tried = {t.drug for t in asked.view.case.history.trials}
    for drug in drug_book().of_kind("augmenter"):
        named = drug.drug_class in listed.augmenter_classes and drug.minimum_dose_mg is not None
        if named and drug.name not in tried and not warned_of(drug.name, asked.view):
            yield drug


def possible(drug: Drug, dose_mg: float, weeks: float) -> PossibleDrug:
    """A drug as it is named to a prescriber."""
    return PossibleDrug(drug=drug.name, drug_class=drug.drug_class, dose_mg_per_day=dose_mg, weeks=weeks)
