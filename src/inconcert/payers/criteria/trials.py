"""Counting medication trials as a policy counts them. The counting itself is `staging`'s; here only the policy's words are turned."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import msgspec

from inconcert.judgement import Answer, Judgement, RecordUse, all_of, any_of
from inconcert.knowledge.policy_schema.tried import AdequateShare, AdequateTrials, DoseWord, TrialRoute
from inconcert.payers import readings
from inconcert.payers.asking import Evaluator, Spot
from inconcert.payers.criteria import filters
from inconcert.payers.criteria.filters import narrowed, recount
from inconcert.staging.counting import (
    COMPLETE,
    FAILED,
    FAILED_OR_PARTIAL,
    CountResult,
    DoseRule,
    TrialFilter,
    TrialVerdict,
    count_trials,
)
from inconcert.staging.types import MedicationTrial, TrialOutcome, TrialRole

# Which words ask for more than the minimum effective dose, and which can be met by the label's maximum alone.
_LABEL_MAXIMUM = frozenset({"at_or_above_maximum"})
AS_HIGH_AS_BORNE = frozenset({"max_labeled_or_max_tolerated", "max_tolerated", "max_tolerated_labeled", "optimized"})
ANY_DRUG = frozenset({"antidepressant", "augmenter"})
_TINY = 1e-6  # turns "below 50 percent" into "at most 50 percent, 50 left out"


def counted(spot: Spot, wanted: TrialFilter) -> CountResult:
    """Trials under a filter, counted once per person however many policies ask."""
    return spot.view.once(wanted, lambda: count_trials(spot.view.case.history, wanted))


def dose_rule(word: DoseWord | None) -> DoseRule:
    """The dose floor behind a policy's word. No word is read as the minimum effective dose of our rule set."""
    return "max_label" if word in _LABEL_MAXIMUM else "minimum"


def base_filter(leaf: AdequateTrials, *, has_own_route: bool) -> TrialFilter:
    """The filter of the whole count, with the minimum effective dose as its floor.

    `has_own_route`: the policy has a separate route for drugs that were not tolerated, so an intolerance is no failure
    here. Where a policy has neither rule nor route, it stays undecided.
    """
    weeks = leaf.min_weeks if isinstance(leaf.min_weeks, int | float) else readings.reading("adequate_weeks").value
    # A word of the file in place of yes or no (`unspecified`) falls through to unknown.
    counts = {True: Answer.MET, False: Answer.NOT_MET}.get(leaf.counts_intolerance, Answer.UNKNOWN)  # type: ignore[arg-type]
    if leaf.counts_intolerance is None and has_own_route:
        counts = Answer.NOT_MET
    inadequate = leaf.outcome == "inadequate_response"
    percent = None
    if leaf.nonresponse is not None:
        at_most, below = leaf.nonresponse.improvement_pct_at_most, leaf.nonresponse.improvement_pct_below
        percent = float(at_most) if at_most is not None else float(below) - _TINY if below is not None else None
        inadequate = inadequate or (
            percent is not None and percent > readings.reading("partial_upto_percent").value - 1
        )
    partial = frozenset({TrialOutcome.PARTIAL})
    return TrialFilter(
        kinds=ANY_DRUG if leaf.kind == "psychopharmacologic" or leaf.may_include else frozenset({"antidepressant"}),
        drugs=frozenset(leaf.drugs),
        classes=frozenset(leaf.classes),
        excluded_drugs=frozenset(leaf.excluded_drugs),
        dose="minimum",
        min_weeks=float(weeks),
        scope="current_episode" if leaf.scope == "current_episode" else "any",
        within_days=round(leaf.within_months * readings.reading("interval_days_of_a_month").value)
        if leaf.within_months is not None
        else None,
        outcomes=FAILED_OR_PARTIAL if inadequate else FAILED,
        undecided_outcomes=frozenset() if inadequate or leaf.nonresponse is not None else partial,
        max_improvement_percent=percent,
        counts_intolerance=counts,
        min_adherence_percent=float(leaf.min_adherence_pct) if leaf.min_adherence_pct is not None else None,
        roles=frozenset({TrialRole.MONOTHERAPY}) if leaf.single_agent else frozenset(),
        include_ongoing=not leaf.ended,
    )


def adequate_trials(leaf: AdequateTrials, spot: Spot) -> Judgement:
    """So many failed trials, with every count inside the count."""
    wanted = base_filter(leaf, has_own_route="medication_intolerance" in spot.asked.facts)
    need, classes = need_of(leaf), classes_of(leaf)
    drugs = need if leaf.distinct_drugs else 0
    main = main_count(leaf, spot, wanted)
    parts = [said(spot, main, need, drugs, classes, "count")]
    if leaf.of_which_adequate is not None:
        share = leaf.of_which_adequate
        inner = counted(spot, share_filter(share, wanted))
        parts.append(said(spot, inner, share.at_least, 0, 0, "of_which_adequate"))
    if leaf.at_least_in_current_episode is not None:
        this_episode = dataclasses.replace(wanted, scope="current_episode")
        now = (
            counted(spot, this_episode)
            if not leaf.each_meets_any
            else _either(spot, [route_filter(route, this_episode) for route in leaf.each_meets_any])
        )
        parts.append(said(spot, now, leaf.at_least_in_current_episode, 0, 0, "in_current_episode"))
    if leaf.or_duration is not None:
        parts[0] = _or_shorter(leaf, spot, parts[0], wanted, need, drugs, classes)
    parts += _beside(leaf, spot, main, parts[0])
    return _whole(leaf, spot, parts)


def main_count(leaf: AdequateTrials, spot: Spot, wanted: TrialFilter) -> CountResult:
    """The trials that count under a rule as a whole, before the counts inside the count."""
    if leaf.each_meets_any:
        main = _either(spot, [route_filter(route, wanted) for route in leaf.each_meets_any])
    elif leaf.of_which_adequate is not None:
        main = counted(spot, dataclasses.replace(wanted, dose="any", min_weeks=None))
    elif leaf.dose_pct_of_label_max is not None:
        main = filters.at_label_share(
            spot, counted(spot, dataclasses.replace(wanted, dose="any", min_weeks=None)), leaf, wanted
        )
    else:
        main = counted(spot, dataclasses.replace(wanted, dose=dose_rule(leaf.dose)))
    if leaf.single_agent:
        main = _surely_alone(spot, main)
    return filters.narrowed_by_leaf(leaf, spot, main)


def share_filter(share: AdequateShare, wanted: TrialFilter) -> TrialFilter:
    """What an adequate trial is where only some of the counted ones must be adequate."""
    weeks = share.min_weeks if share.min_weeks is not None else wanted.min_weeks
    return dataclasses.replace(wanted, dose=dose_rule(share.dose), min_weeks=weeks, counts_intolerance=Answer.NOT_MET)


def route_filter(route: TrialRoute, wanted: TrialFilter) -> TrialFilter:
    """One way in which a single trial may count, as a filter of its own."""
    limited = route.limited_by == "side_effects"
    outcomes = {
        "none": FAILED,
        "partial": frozenset({TrialOutcome.PARTIAL}),
        "none_or_partial": frozenset({TrialOutcome.INTOLERANCE}) if limited else FAILED_OR_PARTIAL,
    }[route.response]
    return dataclasses.replace(
        wanted,
        dose="any" if route.dose is None else dose_rule(route.dose),
        min_weeks=None if route.min_weeks is None else float(route.min_weeks),
        outcomes=outcomes,
        undecided_outcomes=frozenset(),
        max_improvement_percent=None,
        counts_intolerance=Answer.MET if limited else Answer.NOT_MET,
        include_ongoing=not route.led_to_change,
    )


def _either(spot: Spot, filters: list[TrialFilter]) -> CountResult:
    """Trials that count under any of several filters."""
    results = [counted(spot, wanted) for wanted in filters]
    by_trial: dict[str, list[TrialVerdict]] = {}
    for result in results:
        for verdict in (*result.counted, *result.undecided, *result.rejected):
            by_trial.setdefault(verdict.trial.id, []).append(verdict)
    joined = []
    for verdicts in by_trial.values():
        answer = any_of(v.answer for v in verdicts)
        joined.append(next(v for v in verdicts if v.answer is answer))
    return recount(joined, results[0].complete)


def _surely_alone(spot: Spot, result: CountResult) -> CountResult:
    """That nothing else was taken follows from the record only where the list of trials is whole."""
    whole = spot.view.case.history.complete.answer is Answer.MET
    answer = Answer.MET if whole else Answer.UNKNOWN
    return narrowed(result, lambda _trial: answer, "taken alone, if the list of trials is complete", COMPLETE)


def said(spot: Spot, result: CountResult, need: int, drugs: int, classes: int, part: str) -> Judgement:
    """The staging room's judgement of a count, as a part of this criterion."""
    found = result.at_least(need, distinct_drugs=drugs, distinct_classes=classes)
    return spot.judge(
        found.answer, found.text, used=found.basis.used, rejected=found.basis.rejected, question=found.question,
        parts=found.parts, suffix=part,
    )  # fmt: skip


def _or_shorter(
    leaf: AdequateTrials, spot: Spot, strict: Judgement, wanted: TrialFilter, need: int, drugs: int, classes: int
) -> Judgement:
    """Where the clinician's judgment may stand in for the weeks: shorter trials leave it unknown rather than not met."""
    if strict.answer is Answer.MET or leaf.each_meets_any:
        return strict
    loose = counted(spot, dataclasses.replace(wanted, min_weeks=None))
    if loose.at_least(need, distinct_drugs=drugs, distinct_classes=classes).answer is Answer.NOT_MET:
        return strict
    asked = spot.yes_no(
        "payers.trials_short_justified",
        "The clinician judged the shorter trials long enough",
        "Shorter trials do not count",
    )
    if asked.answer is Answer.MET:
        return said(spot, loose, need, drugs, classes, "count_shorter")
    if asked.answer is Answer.NOT_MET:
        return strict
    text = f"{strict.text} Shorter trials count where the clinician judges them long enough."
    return spot.judge(
        Answer.UNKNOWN, text, used=strict.basis.used, rejected=strict.basis.rejected, question=asked.question,
        parts=strict.parts, suffix="count_or_shorter",
    )  # fmt: skip


def _beside(leaf: AdequateTrials, spot: Spot, main: CountResult, count: Judgement) -> list[Judgement]:
    """What must also hold of the counted trials and no date or dose can show."""
    parts = []
    if leaf.dose in AS_HIGH_AS_BORNE or leaf.optimized:
        parts.append(_as_high_as_borne(spot, main))
    if leaf.outcome_on_scale:
        parts.append(_on_scale(spot, main))
    if leaf.separate_trials or (leaf.may_be == "polytherapy" and need_of(leaf) > 1):
        parts.append(filters.separate(spot, main, need_of(leaf)))
    if leaf.from_list is not None:
        parts.append(
            spot.yes_no(
                "payers.trials_on_preferred_list",
                "The failed drugs are on the payer's list",
                "They are not on the list",
            )
        )
    # Nothing is asked about trials that are not there: a count that is not met needs no detail.
    return [] if count.answer is Answer.NOT_MET else parts


def _as_high_as_borne(spot: Spot, main: CountResult) -> Judgement:
    reached = [v for v in main.counted if v.trial.label_max_dose_mg is not None and _reached_label_max(v.trial)]
    if main.counted and len(reached) == len(main.counted):
        used = tuple(v.use for v in reached)
        return spot.judge(Answer.MET, "Each counted trial reached the label's highest dose.", used=used, suffix="dose")
    return spot.yes_no(
        "payers.trials_max_tolerated", "Each dose was raised as far as label or tolerance allowed",
        "The doses were not raised as far as label or tolerance allowed",
    )  # fmt: skip


def _reached_label_max(trial: MedicationTrial) -> bool:
    highest, wall = trial.max_daily_dose_mg, trial.label_max_dose_mg
    return highest is not None and wall is not None and highest >= wall


def _on_scale(spot: Spot, main: CountResult) -> Judgement:
    if main.counted and all(v.trial.improvement_percent is not None for v in main.counted):
        used = tuple(v.use for v in main.counted)
        return spot.judge(
            Answer.MET, "For each counted trial a change on a scale is on record.", used=used, suffix="scale"
        )
    return spot.yes_no(
        "payers.trials_on_scale", "The lack of response is documented on a scale", "It is not documented on a scale"
    )


def _whole(leaf: AdequateTrials, spot: Spot, parts: list[Judgement]) -> Judgement:
    taken = []
    if not isinstance(leaf.at_least, int):
        taken.append("at_least_unspecified")
    if not isinstance(leaf.min_weeks, int | float) and not leaf.each_meets_any and leaf.of_which_adequate is None:
        taken.append("adequate_weeks")
    text = " ".join(p.text for p in parts)
    if leaf.scope == "unspecified":
        text += " (The policy does not say which episode: trials of any episode are counted.)"
        text += _were_it_this_episode(leaf, spot, parts)
    used = unique(u for p in parts for u in p.basis.used)
    rejected = unique(u for p in parts for u in p.basis.rejected)
    answer = all_of(p.answer for p in parts)
    if len(parts) == 1:
        only = parts[0]
        return spot.judge(
            answer, text, used=used, rejected=rejected, question=only.question, parts=only.parts, readings_taken=taken
        )
    return spot.judge(answer, text, used=used, rejected=rejected, parts=tuple(parts), readings_taken=taken)


def _were_it_this_episode(leaf: AdequateTrials, spot: Spot, parts: list[Judgement]) -> str:
    """What a stricter reading would say, where the policy leaves the episode open and that reading would say otherwise."""
    if all_of(p.answer for p in parts) is not Answer.MET or leaf.at_least_in_current_episode is not None:
        return ""
    strict = msgspec.structs.replace(leaf, scope="current_episode")
    wanted = base_filter(strict, has_own_route="medication_intolerance" in spot.asked.facts)
    found = main_count(strict, spot, wanted).at_least(
        need_of(leaf), distinct_drugs=need_of(leaf) if leaf.distinct_drugs else 0, distinct_classes=classes_of(leaf)
    )
    if found.answer is Answer.MET:
        return ""
    return f" Read as this episode only it would be {found.answer.value.replace('_', ' ')}: {found.text}"


def need_of(leaf: AdequateTrials) -> int:
    """How many trials are asked; where the policy gives no number, as many as it asks classes, or one."""
    if isinstance(leaf.at_least, int):
        return leaf.at_least
    return max(int(readings.reading("at_least_unspecified").value), leaf.distinct_classes or 1)


def classes_of(leaf: AdequateTrials) -> int:
    """How many classes are asked."""
    return max(leaf.distinct_classes or 0, need_of(leaf) if leaf.one_per_class else 0)


def unique(uses: Iterable[RecordUse]) -> tuple[RecordUse, ...]:
    """Each record once, in its order."""
    return tuple(dict.fromkeys(uses))


EVALUATORS: dict[type, Evaluator] = {
    AdequateTrials: adequate_trials,
}
