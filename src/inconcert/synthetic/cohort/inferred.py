"""Outcomes of trials that nobody told, read from scores near both ends, as `staging.outcome` reads them."""

from __future__ import annotations

import numpy as np

from inconcert.knowledge.staging import staging_rules
from inconcert.synthetic.cohort.draws import Flags, Floats, Ints
from inconcert.synthetic.cohort.scores import Scores

_FAR = 2**40


def infer_outcomes(
    scores: Scores, which: tuple[np.ndarray, ...], start_first: Ints, start_last: Ints, end_first: Ints, end_last: Ints
) -> Floats:
    """Improvement in percent of each trial `which` (persons, places); NaN where no two scores show it."""
    rules = staging_rules().inference
    person = which[0]
    start_first, start_last, end_first, end_last = (d[which] for d in (start_first, start_last, end_first, end_last))
    found = np.full(len(person), np.nan)
    days = scores.days[person]
    for scale in rules.scales:
        if scale not in scores.total:
            continue
        total = scores.total[scale][person]
        known = ~np.isnan(total)
        if scale == "phq9":
            known &= ~scores.blank[person]
        window = (start_last - rules.baseline_days_before_start, start_first + rules.baseline_days_after_start)
        before = _nearest(days, known, window, start_first)
        column = np.arange(days.shape[1])
        window = (end_last - rules.end_days_before_end, end_first + rules.end_days_after_end)
        after = _nearest(days, known & (column != before[:, None]), window, end_last)
        rows = np.arange(len(person))
        there = (before >= 0) & (after >= 0)
        first, second = total[rows, before], total[rows, after]
        later = days[rows, after] > days[rows, before]
        there &= later & (first > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            percent = (first - second) / first * 100
        found = np.where(np.isnan(found) & there, percent, found)
    return found


def _nearest(days: Ints, known: Flags, window: tuple[Ints, Ints], to: Ints) -> Ints:
    """The place of the score nearest to a day inside a window; of two as near the earlier; -1 where none is inside."""
    inside = known & (days >= window[0][:, None]) & (days <= window[1][:, None])
    away = np.where(inside, np.abs(days - to[:, None]), _FAR)
    return np.where(inside.any(axis=1), away.argmin(axis=1), -1) if days.size else np.full(len(days), -1)
