"""Medication trials as drawn: what was taken when, what the record says of it, and which days that makes sure or possible.

Every array has one row a person and one column a place in the history: the ended trials, oldest first, then what is taken
now, then a course of ketamine or esketamine. `there` tells which places are filled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from inconcert.knowledge.drugs import Drug, drug_book
from inconcert.knowledge.staging import staging_rules
from inconcert.staging.uses import EARLIEST
from inconcert.synthetic.cohort.columns import NO_DAY, month_of, to_day, year_of
from inconcert.synthetic.cohort.draws import Draws, Flags, Floats, Ints
from inconcert.synthetic.cohort.people import Who
from inconcert.synthetic.cohort.shares import TrialShares, trial_shares

KINDS = ("reported", "current", "given", "open")
DATING = ("exact", "month", "year", "start_weeks", "end_weeks", "open", "weeks", "nothing")
OUTCOMES = ("", "nonresponse", "partial", "response", "intolerance")
_NO_TRIAL_BEFORE_DAYS = 12 * 365  # of life
_KETAMINES = ("esketamine", "ketamine")


@cache
def drug_names() -> tuple[str, ...]:
    """Every drug of the cohort, in the order of the alphabet, so that a number orders as the name does."""
    shares = trial_shares()
    return tuple(sorted({d.name for d in (*shares.antidepressants, *shares.augmenters)} | set(_KETAMINES)))


@cache
def drugs() -> tuple[Drug, ...]:
    """The same, as the drug book has them."""
    return tuple(drug_book().drugs[name] for name in drug_names())


@dataclass(frozen=True, slots=True)
class Trials:
    """The trials of some people. Days are `NO_DAY` and numbers NaN where the record says nothing.

    `first`..`last` are the true days; `sure_first`..`sure_last` those on which the record shows the drug taken (none where
    they cross), `possible_first`..`possible_last` those on which it may have been.
    """

    there: Flags
    kind: Ints  # number among KINDS
    drug: Ints  # number among drug_names()
    dose_mg: Floats
    first: Ints
    last: Ints
    dating: Ints  # number among DATING
    weeks: Floats  # a length told
    sure_first: Ints
    sure_last: Ints
    possible_first: Ints
    possible_last: Ints
    adherence: Floats
    outcome: Ints  # number among OUTCOMES
    improvement: Floats
    stop_reason: Ints  # number among stop_reasons(), -1 for none
    told_in_episode: Ints  # 1 yes, -1 no, 0 nobody said
    sessions: Ints  # doses given, where `kind` is given

    @property
    def dated(self) -> Flags:
        """Whether the record gives the start, or an end with a length."""
        return np.asarray((self.dating != DATING.index("weeks")) & (self.dating != DATING.index("nothing")))


@cache
def stop_reasons() -> tuple[str, ...]:
    """Every reason for stopping that is written."""
    return tuple(dict.fromkeys(r for reasons in trial_shares().stop_reasons.values() for r in reasons))


def draw_trials(draws: Draws, who: Who, onset: Ints, ketamine: Trials) -> Trials:
    """Draw the ended trials and what is taken now; `ketamine` (made elsewhere) stands in the last places."""
    shares = trial_shares()
    places = len(shares.count)  # as many ended ones as the file allows, and the present one
    count = draws.pick("trial count", shares.count)
    current = draws.happens("takes one now", shares.current)
    adding = np.stack([_adding(draws, shares, k) for k in range(places)], axis=1)
    adding[:, -1] = False
    drug = _drugs(draws, shares, adding)
    there = np.arange(places) < count[:, None]
    there[:, -1] = current
    first, last = _days(draws, who, shares, there, adding)
    there &= first > (who.born + _NO_TRIAL_BEFORE_DAYS)[:, None]
    drug, again = _again(draws, shares, drug, there, adding, first, last)
    made = _written_down(draws, who, shares, drug, there, again, first, last)
    made = _ended(draws, shares, made, onset)
    return Trials(
        *(np.concatenate([getattr(made, f), getattr(ketamine, f)], axis=1) for f in Trials.__dataclass_fields__)
    )


def _adding(draws: Draws, shares: TrialShares, place: int) -> Flags:
    return draws.happens("augments", shares.augmenting if place else 0.0, place)


def _drugs(draws: Draws, shares: TrialShares, adding: Flags) -> Ints:
    """A drug for each place, none twice."""
    names = drug_names()
    picked = []
    for kind, listed in (("antidepressant", shares.antidepressants), ("augmenter", shares.augmenters)):
        order = draws.ranked(kind, [d.weight for d in listed])
        picked.append(np.array([names.index(d.name) for d in listed])[order[:, : adding.shape[1]]])
    rank = np.where(adding, np.cumsum(adding, axis=1), np.cumsum(~adding, axis=1)) - 1
    return np.where(adding, np.take_along_axis(picked[1], rank, 1), np.take_along_axis(picked[0], rank, 1))


def _days(draws: Draws, who: Who, shares: TrialShares, there: Flags, adding: Flags) -> tuple[Ints, Ints]:
    """True first and last days, built backwards from the day the clinic was told of them."""
    places = there.shape[1]
    first, last = np.full(there.shape, NO_DAY), np.full(there.shape, NO_DAY)
    now = places - 1
    length = np.maximum(draws.whole("weeks", [(q, w * 7) for q, w in shares.weeks], now), 2)
    first[:, now] = who.answered_on - length
    last[:, now] = who.answered_on
    at = np.where(there[:, now] & ~draws.happens("overlaps", shares.combining, now), first[:, now], who.answered_on)
    at = at - draws.whole("gap", shares.gap_days, now)
    for k in range(places - 2, -1, -1):
        length = np.maximum(draws.whole("weeks", [(q, w * 7) for q, w in shares.weeks], k), 2)
        last[:, k] = at - 1
        first[:, k] = last[:, k] - length + 1
        overlap = np.minimum(draws.whole("overlap", shares.overlap_days, k), length)
        beside = adding[:, k] | draws.happens("combines", shares.combining, k)
        before = np.where(beside, first[:, k] + overlap, first[:, k] - draws.whole("gap", shares.gap_days, k))
        at = np.where(there[:, k], before, at)
    return first, last


def _again(
    draws: Draws, shares: TrialShares, drug: Ints, there: Flags, adding: Flags, first: Ints, last: Ints
) -> tuple[Ints, Flags]:
    """In some the last ended trial is of the first drug again, long enough after it to be a trial of its own."""
    drug, again = drug.copy(), np.zeros(there.shape, dtype=bool)
    bridge = staging_rules().bridge_days
    for k in range(2, there.shape[1] - 1):
        newest = there[:, k] & ~there[:, k + 1] if k + 2 < there.shape[1] else there[:, k]
        far = first[:, k] - last[:, 0] > bridge + 1
        yes = newest & there[:, 0] & far & ~adding[:, k] & draws.happens("same drug again", shares.same_drug_again, k)
        drug[:, k] = np.where(yes, drug[:, 0], drug[:, k])
        again[:, k] = yes
        again[:, 0] |= yes
    return drug, again


def _written_down(
    draws: Draws, who: Who, shares: TrialShares, drug: Ints, there: Flags, again: Flags, first: Ints, last: Ints
) -> Trials:
    places = there.shape[1]
    how = np.stack([draws.pick("dating", [shares.dating[d] for d in DATING], k) for k in range(places)], axis=1)
    how = np.where(again, DATING.index("exact"), how)
    how[:, -1] = DATING.index("exact")
    kind = np.zeros(there.shape, dtype=np.int64)
    kind[:, -1] = KINDS.index("current")
    weeks = np.maximum(np.floor((last - first + 1) / 7 + 0.5), 1.0).astype(np.int64)
    # A length counted from a start may not reach past the day before today.
    counted = how == DATING.index("start_weeks")
    weeks = np.where(counted, np.minimum(weeks, (who.as_of - first) // 7), weeks)
    how = np.where(counted & (weeks < 1), DATING.index("exact"), how)
    last = np.where(how == DATING.index("start_weeks"), first + weeks * 7 - 1, last)
    first = np.where(how == DATING.index("end_weeks"), last - weeks * 7 + 1, first)
    told = np.isin(how, [DATING.index(d) for d in ("start_weeks", "end_weeks", "weeks")])
    none = np.full(there.shape, NO_DAY)
    drawn = Trials(
        there=there, kind=kind, drug=drug, dose_mg=_doses(draws, shares, drug), first=first, last=last, dating=how,
        weeks=np.where(told, weeks, np.nan), sure_first=none, sure_last=none, possible_first=none, possible_last=none,
        adherence=np.full(there.shape, np.nan), outcome=np.zeros_like(drug), improvement=np.full(there.shape, np.nan),
        stop_reason=np.full_like(drug, -1), told_in_episode=np.zeros_like(drug), sessions=np.zeros_like(drug),
    )  # fmt: skip
    return with_bounds(drawn, who.as_of)


def _doses(draws: Draws, shares: TrialShares, drug: Ints) -> Floats:
    listed = {d.name: d.doses for d in (*shares.antidepressants, *shares.augmenters)}
    widest = max(len(d) for d in listed.values())
    names = drug_names()
    mg, cut = np.full((len(names), widest), np.nan), np.full((len(names), widest), 2.0)
    for n, name in enumerate(names):
        doses = listed.get(name, ())
        whole = sum(w for _, w in doses)
        for i, (dose, _) in enumerate(doses):
            mg[n, i], cut[n, i] = dose, sum(w for _, w in doses[: i + 1]) / whole
    found = np.full(drug.shape, np.nan)
    for k in range(drug.shape[1]):
        at = (draws.uniform("dose", k)[:, None] >= cut[drug[:, k]]).sum(axis=1)
        at = np.minimum(at, np.maximum((~np.isnan(mg[drug[:, k]])).sum(axis=1) - 1, 0))
        dose = mg[drug[:, k], at]
        between = draws.happens("dose between", shares.dose_untyped, k)
        dose = np.where(between, np.round(dose * 1.25, 3), dose)
        found[:, k] = np.where(draws.happens("dose missing", shares.dose_missing, k), np.nan, dose)
    return found


def _ended(draws: Draws, shares: TrialShares, made: Trials, onset: Ints) -> Trials:
    """How each ended trial went and what was said of it. Nothing is said of what is taken now."""
    adherence, outcome = made.adherence.copy(), made.outcome.copy()
    improvement, reason, told = made.improvement.copy(), made.stop_reason.copy(), made.told_in_episode.copy()
    for k in range(made.there.shape[1] - 1):
        by_step = shares.outcome_by_step[min(k, len(shares.outcome_by_step) - 1)]
        went = draws.pick("outcome", [by_step[o] for o in OUTCOMES[1:]], k) + 1
        percent = np.choose(went - 1, [draws.whole(o, shares.improvement_percent[o], k) for o in OUTCOMES[1:]])
        improvement[:, k] = np.where(draws.happens("improvement told", shares.improvement_told, k), percent, np.nan)
        outcome[:, k] = np.where(draws.happens("outcome told", shares.outcome_told, k), went, 0)
        why = np.choose(went - 1, [_reason(draws, shares, o, k) for o in OUTCOMES[1:]])
        reason[:, k] = np.where(draws.happens("reason told", shares.stop_reason_told, k), why, -1)
        percent_taken = draws.whole("adherence", shares.adherence_percent, k)
        adherence[:, k] = np.where(draws.happens("adherence told", shares.adherence_told, k), percent_taken, np.nan)
        inside = np.where(made.last[:, k] >= onset, 1, -1)
        inside = np.where(draws.happens("in episode wrong", shares.in_episode_told_wrong, k), -inside, inside)
        told[:, k] = np.where(draws.happens("in episode told", shares.in_episode_told, k), inside, 0)
    return replace(
        made, adherence=adherence, outcome=outcome, improvement=improvement, stop_reason=reason, told_in_episode=told
    )


def _reason(draws: Draws, shares: TrialShares, outcome: str, place: int) -> Ints:
    reasons = shares.stop_reasons[outcome]
    numbers = np.array([stop_reasons().index(r) for r in reasons])
    return numbers[draws.pick(f"reason {outcome}", tuple(reasons.values()), place)]


def written_days(trials: Trials) -> tuple[Ints, Ints, Ints, Ints]:
    """First and last possible day of the start, and of the end, as written; `NO_DAY` where it is not."""
    month_a, month_b = month_of(trials.first), month_of(trials.last)
    year_a, year_b = year_of(trials.first), year_of(trials.last)
    none = np.full_like(trials.first, NO_DAY)
    start_first = np.choose(trials.dating, [
        trials.first, month_a[0], year_a[0], trials.first, none, trials.first, none, none])  # fmt: skip
    start_last = np.choose(trials.dating, [
        trials.first, month_a[1], year_a[1], trials.first, none, trials.first, none, none])  # fmt: skip
    end_first = np.choose(trials.dating, [trials.last, month_b[0], year_b[0], none, trials.last, none, none, none])
    end_last = np.choose(trials.dating, [trials.last, month_b[1], year_b[1], none, trials.last, none, none, none])
    return start_first, start_last, end_first, end_last


def with_bounds(trials: Trials, as_of: int) -> Trials:
    """The trials with the days that the record makes sure and possible, by the rules of `staging.uses`."""
    start_first, start_last, end_first, end_last = written_days(trials)
    by_length = np.isin(trials.dating, [DATING.index("start_weeks"), DATING.index("end_weeks")])
    start_first, start_last = (np.where(by_length, trials.first, d) for d in (start_first, start_last))
    end_first, end_last = (np.where(by_length, trials.last, d) for d in (end_first, end_last))
    undated, no_end = start_first == NO_DAY, end_first == NO_DAY
    start_first = np.where(undated, to_day(EARLIEST), start_first)
    start_last = np.where(undated, as_of, start_last)
    end_first = np.where(no_end, start_first - 1, np.minimum(np.maximum(end_first, start_first - 1), as_of))
    end_last = np.where(no_end, as_of, np.minimum(end_last, as_of))
    now = trials.kind == KINDS.index("current")  # a statement: sure until the day it was told, possible until today
    end_last = np.where(now, as_of, end_last)
    return replace(
        trials, sure_first=start_last, sure_last=end_first, possible_first=start_first, possible_last=end_last
    )
