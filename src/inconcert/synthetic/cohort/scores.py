"""Scores as drawn: totals of several scales at visits, some with items and a blank, and the suicide screener."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inconcert.synthetic.cohort.columns import NO_DAY
from inconcert.synthetic.cohort.draws import Draws, Flags, Floats, Ints
from inconcert.synthetic.cohort.people import Told, Who, told
from inconcert.synthetic.cohort.shares import score_shares

PHQ9_HIGHEST_ITEM = 3
PHQ9_OTHER_ITEMS = 8
BLANK_ITEM = "3"  # the item of a PHQ-9 that is left blank where one is


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores: one row a person, one column a visit (oldest first), by scale. `total` is NaN where no form was filled in.

    `items`: the PHQ-9 of that visit has items; `blank`: one of them is left out; `item_9` its last item.
    """

    days: Ints
    total: dict[str, Floats]
    items: Flags
    blank: Flags
    item_9: Ints
    screened_on: Ints
    screen: Told


def phq9_others(total: Ints, item_9: Ints) -> list[Ints]:
    """The first eight items of a PHQ-9 of that total and last item, as even as they come."""
    rest = total - item_9
    return [rest // PHQ9_OTHER_ITEMS + (n < rest % PHQ9_OTHER_ITEMS) for n in range(PHQ9_OTHER_ITEMS)]


def draw_scores(draws: Draws, who: Who) -> Scores:
    """Draw the visits and what was filled in at each."""
    shares = score_shares()
    most = len(shares.visits) - 1
    visits = draws.pick("visits", shares.visits)
    people = len(visits)
    days = np.full((people, most), NO_DAY)
    at = who.as_of - draws.whole("last visit", shares.last_visit_days_ago)
    for v in range(most - 1, -1, -1):
        days[:, v] = np.where(v >= most - visits, at, NO_DAY)
        at = at - draws.whole("days between", shares.days_between, v)
    there = days != NO_DAY
    better = np.linspace(0, 1, most) if most > 1 else np.ones(1)
    improved = draws.spread("improved", shares.improved_percent) / 100
    total = {}
    for scale in shares.scales:
        used = draws.happens(f"uses {scale.id}", scale.clinics)
        start = draws.spread(f"total {scale.id}", scale.total)
        found = np.full((people, most), np.nan)
        for v in range(most):
            noise = draws.spread(f"noise {scale.id}", shares.noise_percent, v) / 100
            value = np.floor(start * (1 - improved * better[v] + noise) + 0.5).clip(0, scale.highest)
            filled = used & there[:, v] & draws.happens(f"fills {scale.id}", scale.visits, v)
            found[:, v] = np.where(filled, value, np.nan)
        total[scale.id] = found
    item_9 = np.stack([draws.pick("item 9", shares.phq9_item_9, v) for v in range(most)], axis=1)
    phq9 = np.nan_to_num(total["phq9"]).astype(np.int64)
    least = phq9 - PHQ9_HIGHEST_ITEM * PHQ9_OTHER_ITEMS  # what the other eight cannot hold
    with_items = np.stack([draws.happens("items", shares.phq9_items, v) for v in range(most)], axis=1)
    blank = np.stack([draws.happens("blank", shares.phq9_blank, v) for v in range(most)], axis=1)
    screened = draws.happens("screened", shares.cssrs)
    return Scores(
        days=days, total=total, items=with_items, blank=with_items & blank,
        item_9=np.minimum(np.maximum(item_9, least), phq9),
        screened_on=np.where(screened, who.as_of - draws.whole("screened on", shares.cssrs_days_ago), NO_DAY),
        screen=told(draws, "screen", shares.cssrs_patterns),
    )  # fmt: skip
