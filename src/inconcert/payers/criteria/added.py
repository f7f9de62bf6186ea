"""Drugs added to an antidepressant, and drugs that were not tolerated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import msgspec

from inconcert.judgement import Answer, Judgement, Question, RecordUse, all_of, any_of
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import AllOf, AnyOf, LeafNode, Node, Not, leaves_of
from inconcert.knowledge.policy_schema.base import Bound
from inconcert.knowledge.policy_schema.tried import AdequateTrials, AugmentationTrials, MedicationIntolerance
from inconcert.payers import readings
from inconcert.payers.asking import Evaluator, Spot
from inconcert.payers.criteria.filters import narrowed
from inconcert.payers.criteria.trials import ANY_DRUG, base_filter, counted, dose_rule, main_count, said, unique
from inconcert.staging.counting import COMPLETE, FAILED, CountResult, TrialFilter
from inconcert.staging.types import MedicationTrial, TrialOutcome, TrialRole


def months_in_days(months: Bound | None) -> int | None:
    """A look-back in months as days, rounded; None stays None."""
    return round(months * readings.reading("interval_days_of_a_month").value) if months is not None else None


def augmentation_filter(leaf: AugmentationTrials) -> TrialFilter:
    """The filter of a count of added drugs."""
    by_class = leaf.different_class_if_antidepressant
    intolerance = Answer.MET if leaf.outcome == "failed_or_not_tolerated" else Answer.NOT_MET
    return TrialFilter(
        kinds=ANY_DRUG,
        roles=frozenset({TrialRole.AUGMENTATION} | ({TrialRole.COMBINATION} if by_class else set())),
        scope="current_episode" if leaf.scope == "current_episode" else "any",
        dose="any" if leaf.dose is None else dose_rule(leaf.dose),
        min_weeks=float(leaf.min_weeks) if leaf.min_weeks is not None else None,
        within_days=months_in_days(leaf.within_months),
        outcomes=FAILED if leaf.outcome is not None else frozenset(),
        undecided_outcomes=frozenset({TrialOutcome.PARTIAL}) if leaf.outcome is not None else frozenset(),
        counts_intolerance=intolerance,
    )


def augmentation_trials(leaf: AugmentationTrials, spot: Spot) -> Judgement:
    """So many drugs added to an antidepressant. Whether the addition helped is not asked unless the policy asks it.

    A second antidepressant counts only where the policy speaks of one, and then it must be of another class.
    """
    by_class = leaf.different_class_if_antidepressant
    found = counted(spot, augmentation_filter(leaf))
    if leaf.drugs or leaf.classes:
        listed = frozenset((*leaf.drugs, *leaf.classes))
        why = f"none of {', '.join((*leaf.drugs, *leaf.classes))}"
        found = narrowed(
            found, lambda t: Answer.MET if {t.drug, t.drug_class} & listed else Answer.NOT_MET, why, COMPLETE
        )
    if by_class:
        found = narrowed(found, lambda trial: _of_another_class(trial, spot), "added to one of its own class", COMPLETE)
    if leaf.added_to is not None:
        found = _added_to_counted(leaf, spot, found)
    drugs = leaf.at_least if leaf.distinct_strategies else 0
    parts = [said(spot, found, leaf.at_least, drugs, leaf.distinct_classes or 0, "count")]
    if leaf.evidence_based and parts[0].answer is not Answer.NOT_MET:
        yes, no = "Each augmentation has evidence in depression", "Not each augmentation has evidence in depression"
        parts.append(spot.yes_no("payers.augmentation_evidence_based", yes, no))
    return _joined(spot, parts)


def _of_another_class(trial: MedicationTrial, spot: Spot) -> Answer:
    """Whether an antidepressant was added to one of another class. Of a drug that is none, this is not asked."""
    if trial.kind != "antidepressant":
        return Answer.MET
    bases = [t for t in spot.view.case.history.trials if t.id in trial.augments]
    return Answer.MET if any(t.drug_class != trial.drug_class for t in bases) else Answer.NOT_MET


def _added_to_counted(leaf: AugmentationTrials, spot: Spot, found: CountResult) -> CountResult:
    """Only drugs added to a trial that itself counts under the rule on trials beside this one."""
    rule = trial_rule_beside(spot.asked.policy, leaf)
    asked = spot.question("payers.augmentation_base")
    if rule is None:
        return narrowed(found, lambda _trial: Answer.UNKNOWN, "not known to which trial it was added", asked)
    wanted = base_filter(rule, has_own_route="medication_intolerance" in spot.asked.facts)
    main = main_count(rule, replace(spot, leaf=rule), wanted)
    answers = {v.trial.id: v.answer for v in (*main.counted, *main.undecided, *main.rejected)}
    return narrowed(
        found, lambda trial: any_of(answers.get(base, Answer.NOT_MET) for base in trial.augments),
        "not added to a trial that counts for certain", asked,
    )  # fmt: skip


def trial_rule_beside(policy: CoveragePolicy, leaf: AugmentationTrials) -> AdequateTrials | None:
    """The rule on trials that stands in the same `all` as a leaf, or else the only one of its tree; None where that is not clear."""
    return _rule_beside(policy, _written(leaf))


def _written(leaf: AugmentationTrials) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(leaf, provenance=None, note=""))


@lru_cache(maxsize=1024)
def _rule_beside(policy: CoveragePolicy, written: bytes) -> AdequateTrials | None:
    found: list[AdequateTrials | None] = []
    for tree in policy.trees():
        leaves = list(leaves_of(tree))
        if not any(isinstance(leaf, AugmentationTrials) and _written(leaf) == written for leaf in leaves):
            continue
        beside = list(_beside(tree, written))
        rules = [leaf for leaf in leaves if isinstance(leaf, AdequateTrials)]
        found += beside or (rules if len(rules) == 1 else [None])
    return found[0] if found and all(rule == found[0] for rule in found) else None


def _beside(node: Node, written: bytes) -> Iterator[AdequateTrials]:
    if isinstance(node, Not):
        yield from _beside(node.part, written)
    if not isinstance(node, AllOf | AnyOf):
        return
    leaves = [part.leaf for part in node.parts if isinstance(part, LeafNode)]
    if isinstance(node, AllOf) and any(
        isinstance(leaf, AugmentationTrials) and _written(leaf) == written for leaf in leaves
    ):
        yield from (leaf for leaf in leaves if isinstance(leaf, AdequateTrials))
    for part in node.parts:
        yield from _beside(part, written)


def _joined(spot: Spot, parts: list[Judgement], taken: tuple[str, ...] = ()) -> Judgement:
    used: tuple[RecordUse, ...] = unique(u for p in parts for u in p.basis.used)
    rejected = unique(u for p in parts for u in p.basis.rejected)
    answer, text = all_of(p.answer for p in parts), " ".join(p.text for p in parts)
    only = parts[0] if len(parts) == 1 else None
    question: Question | None = only.question if only else None
    return spot.judge(
        answer, text, used=used, rejected=rejected, question=question,
        parts=only.parts if only else tuple(parts), readings_taken=taken,
    )  # fmt: skip


def intolerance_filter(leaf: MedicationIntolerance) -> TrialFilter:
    """The filter of a count of drugs that were not tolerated."""
    return TrialFilter(
        kinds=ANY_DRUG if leaf.at_least_one_antidepressant else frozenset({"antidepressant"}),
        classes=frozenset(leaf.classes),
        scope="current_episode" if leaf.scope == "current_episode" else "any",
        within_days=months_in_days(leaf.within_months),
        outcomes=frozenset({TrialOutcome.INTOLERANCE}),
        counts_intolerance=Answer.MET,
    )


def medication_intolerance(leaf: MedicationIntolerance, spot: Spot) -> Judgement:
    """So many drugs stopped for side effects. Not met only where the history is attested complete."""
    result = counted(spot, intolerance_filter(leaf))
    if leaf.min_weeks is not None:
        weeks = float(leaf.min_weeks)
        ask = spot.question("payers.intolerance_weeks")
        result = narrowed(result, lambda t: t.weeks_total.at_least(weeks), f"shorter than {weeks:g} weeks", ask)
    if leaf.at == "therapeutic_dose":
        ask = spot.question("payers.intolerance_therapeutic_dose")
        result = narrowed(result, lambda t: t.dose_adequate, "not at a therapeutic dose for certain", ask)
    need = leaf.at_least if isinstance(leaf.at_least, int) else int(readings.reading("at_least_unspecified").value)
    # The same drug taken twice is one drug that was not tolerated.
    parts = [said(spot, result, need, need, leaf.distinct_classes or 0, "count")]
    if leaf.distinct_side_effects and need > 1 and parts[0].answer is not Answer.NOT_MET:
        yes, no = "Each drug caused a different side effect", "The side effects were not different"
        parts.append(spot.yes_no("payers.intolerance_distinct_side_effects", yes, no))
    taken = () if isinstance(leaf.at_least, int) else ("at_least_unspecified",)
    found = _joined(spot, parts, taken)
    if not leaf.or_contraindication or found.answer is Answer.MET:
        return found
    yes, no = "Antidepressants are contraindicated", "Antidepressants are not contraindicated"
    other = spot.yes_no("payers.antidepressants_contraindicated", yes, no)
    text = f"{found.text} {other.text}"
    return spot.judge(any_of((found.answer, other.answer)), text, used=(*found.basis.used, *other.basis.used),
                      rejected=found.basis.rejected, parts=(found, other))  # fmt: skip


EVALUATORS: dict[type, Evaluator] = {
    AugmentationTrials: augmentation_trials,
    MedicationIntolerance: medication_intolerance,
}
