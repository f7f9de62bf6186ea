"""Counts of medication trials: the twin of `payers.criteria.trials`, which turns a policy's words into filters for both."""

from __future__ import annotations

from dataclasses import replace

from ibis import _

from inconcert.knowledge.policy_schema.base import Leaf
from inconcert.knowledge.policy_schema.tried import AdequateTrials, AugmentationTrials, MedicationIntolerance
from inconcert.payers import readings
from inconcert.payers.criteria import added as added_rules
from inconcert.payers.criteria import trials as rules
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Tri, all_of, any_of, column, when
from inconcert.population.place import Compiler, Place
from inconcert.population.trials import Count, complete, counted, enough_weeks, of_class, of_drug, of_kind, of_role
from inconcert.staging.counting import TrialFilter
from inconcert.staging.types import TrialRole


def adequate_trials(leaf: AdequateTrials, place: Place) -> Tri:
    """So many failed trials, with every count inside the count."""
    frame, wanted = place.frame, base_filter(leaf, place)
    need, classes = rules.need_of(leaf), rules.classes_of(leaf)
    drugs = need if leaf.distinct_drugs else 0
    main = main_count(leaf, place, wanted)
    parts = [main.reaches(need, drugs, classes)]
    if leaf.of_which_adequate is not None:
        share = leaf.of_which_adequate
        parts.append(counted(frame, rules.share_filter(share, wanted)).reaches(share.at_least))
    if leaf.at_least_in_current_episode is not None:
        inside = replace(wanted, scope="current_episode")
        now = [rules.route_filter(route, inside) for route in leaf.each_meets_any] or [inside]
        parts.append(counted(frame, *now).reaches(leaf.at_least_in_current_episode))
    if leaf.or_duration is not None and not leaf.each_meets_any:
        loose = counted(frame, replace(wanted, min_weeks=None)).reaches(need, drugs, classes)
        parts[0] = _or_shorter(column(parts[0]), column(loose), place)
    beside = _beside(leaf, main, place)
    if beside:  # nothing is asked about trials that are not there
        parts.append(when((column(parts[0]) == NOT_MET, MET), otherwise=all_of(beside)))
    return all_of(parts)


def base_filter(leaf: AdequateTrials, place: Place) -> TrialFilter:
    """The filter of a rule as the person rule makes it."""
    return rules.base_filter(leaf, has_own_route="medication_intolerance" in place.facts)


def main_count(leaf: AdequateTrials, place: Place, wanted: TrialFilter) -> Count:
    """The trials that count under a rule as a whole, before the counts inside the count."""
    frame, any_length = place.frame, replace(wanted, dose="any", min_weeks=None)
    if leaf.each_meets_any:
        main = counted(frame, *(rules.route_filter(route, wanted) for route in leaf.each_meets_any))
    elif leaf.of_which_adequate is not None:
        main = counted(frame, any_length)
    elif leaf.dose_pct_of_label_max is not None:
        main = counted(frame, any_length).narrowed(*_at_share(leaf, place, wanted))
    else:
        main = counted(frame, replace(wanted, dose=rules.dose_rule(leaf.dose)))
    if leaf.single_agent:
        main = main.surely_alone()
    if leaf.route is not None:
        main = main.narrowed("by mouth", when((_.by_mouth, MET), (~_.by_mouth, NOT_MET), otherwise=UNKNOWN))
    if leaf.classes_named:
        named = list(leaf.classes_named)
        inside = of_class(*named) | of_drug(*named)
        main = main.narrowed(("named", *named), when((inside, MET), otherwise=UNKNOWN))
    return main


def _at_share(leaf: AdequateTrials, place: Place, wanted: TrialFilter) -> tuple[object, Tri]:
    """Weeks at so many percent of the label's highest dose; a cohort without that column leaves it unknown."""
    since = "episode_" if wanted.scope == "current_episode" else ""
    name = f"{since}share_{float(leaf.dose_pct_of_label_max or 0):g}_weeks"
    key = (name, wanted.min_weeks)
    if not place.frame.has("trials", f"{name}_low"):
        return key, UNKNOWN
    return key, enough_weeks(_[f"{name}_low"], _[f"{name}_high"], wanted.min_weeks)


def _or_shorter(strict: Tri, loose: Tri, place: Place) -> Tri:
    """Where the clinician's judgment may stand in for the weeks: shorter trials leave it unknown rather than not met."""
    said = column(place.yes_no("payers.trials_short_justified"))
    return when(
        (strict == MET, strict), (loose == NOT_MET, strict), (said == MET, loose), (said == NOT_MET, strict),
        otherwise=UNKNOWN,
    )  # fmt: skip


def _beside(leaf: AdequateTrials, main: Count, place: Place) -> list[Tri]:
    """What must also hold of the counted trials and no date or dose can show."""
    parts: list[Tri] = []
    if leaf.dose in rules.AS_HIGH_AS_BORNE or leaf.optimized:
        reached = main.each("at the label's highest dose", _.reached_label_maximum.coalesce(False))
        parts.append(when((reached, MET), otherwise=place.yes_no("payers.trials_max_tolerated")))
    if leaf.outcome_on_scale:
        measured = main.each("measured", _.improvement_percent.notnull())
        parts.append(when((measured, MET), otherwise=place.yes_no("payers.trials_on_scale")))
    if leaf.separate_trials or (leaf.may_be == "polytherapy" and rules.need_of(leaf) > 1):
        parts.append(_separate(main, rules.need_of(leaf), place))
    if leaf.from_list is not None:
        parts.append(place.yes_no("payers.trials_on_preferred_list"))
    return parts


def _separate(main: Count, need: int, place: Place) -> Tri:
    """That the trials were not taken together: somebody's word, else the record where the list of trials is whole."""
    said = column(place.yes_no("payers.trials_separate"))
    lone = (_.role_certain.coalesce(UNKNOWN) == MET) & ~of_role(TrialRole.COMBINATION)
    alone = column(main.narrowed("separate", when((lone, MET), otherwise=NOT_MET)).reaches(need))
    whole = column(complete(place.frame))
    return when((said != UNKNOWN, said), ((whole == MET) & (alone == MET), MET), otherwise=UNKNOWN)


def augmentation_trials(leaf: AugmentationTrials, place: Place) -> Tri:
    """So many drugs added to an antidepressant."""
    found = counted(place.frame, added_rules.augmentation_filter(leaf))
    if leaf.drugs or leaf.classes:
        listed = sorted((*leaf.drugs, *leaf.classes))
        inside = of_drug(*listed) | of_class(*listed)
        found = found.narrowed(("listed", *listed), when((inside, MET), otherwise=NOT_MET))
    if leaf.different_class_if_antidepressant:
        other = when((~of_kind("antidepressant"), MET), otherwise=_.augments_other_class.coalesce(UNKNOWN))
        found = found.narrowed("another class", other)
    if leaf.added_to is not None:
        rule = added_rules.trial_rule_beside(place.policy, leaf)
        if rule is None:
            found = found.narrowed("added to", UNKNOWN)
        else:
            base = main_count(rule, place, base_filter(rule, place))
            found = found.narrowed(("added to", base.key), base.of_bases(), level=base.level)
    drugs = leaf.at_least if leaf.distinct_strategies else 0
    count = found.reaches(leaf.at_least, drugs, leaf.distinct_classes or 0)
    if not leaf.evidence_based:
        return count
    return all_of([count, place.yes_no("payers.augmentation_evidence_based")])


def medication_intolerance(leaf: MedicationIntolerance, place: Place) -> Tri:
    """So many drugs stopped for side effects."""
    found = counted(place.frame, added_rules.intolerance_filter(leaf))
    if leaf.min_weeks is not None:
        weeks = float(leaf.min_weeks)
        found = found.narrowed(("weeks", weeks), enough_weeks(_.weeks_low, _.weeks_high, weeks))
    if leaf.at == "therapeutic_dose":
        found = found.narrowed("therapeutic", _.dose_adequate.coalesce(UNKNOWN))
    unspecified = int(readings.reading("at_least_unspecified").value)
    need = leaf.at_least if isinstance(leaf.at_least, int) else unspecified
    count = found.reaches(need, need, leaf.distinct_classes or 0)
    if leaf.distinct_side_effects and need > 1:
        count = all_of([count, place.yes_no("payers.intolerance_distinct_side_effects")])
    if not leaf.or_contraindication:
        return count
    return any_of([count, place.yes_no("payers.antidepressants_contraindicated")])


COMPILERS: dict[type[Leaf], Compiler] = {
    AdequateTrials: adequate_trials,
    AugmentationTrials: augmentation_trials,
    MedicationIntolerance: medication_intolerance,
}
