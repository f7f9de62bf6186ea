"""Whether somebody attested that the list of trials is whole, and with how many drugs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inconcert.staging.rebuild import kind_of
from inconcert.synthetic.cohort.draws import Draws, Floats, Ints
from inconcert.synthetic.cohort.people import Told, told
from inconcert.synthetic.cohort.shares import trial_shares
from inconcert.synthetic.cohort.trials import Trials, drugs


@dataclass(frozen=True, slots=True)
class Whole:
    """The word on the list of trials: yes, no or none; the number of different drugs told (NaN: none), and the true one."""

    said: Told
    counted: Floats
    drugs: Ints


def draw_whole(draws: Draws, trials: Trials) -> Whole:
    """Draw what was attested."""
    shares = trial_shares()
    kinds = np.array([kind_of(d) != "other" for d in drugs()])
    true = np.zeros(len(trials.there), dtype=np.int64)
    for number in np.nonzero(kinds)[0]:
        true += (trials.there & (trials.drug == number)).any(axis=1)
    off = draws.happens("miscounted", shares.complete_miscounted)
    counted = np.where(draws.happens("counted", shares.complete_counted), true + off, np.nan)
    return Whole(told(draws, "complete", shares.complete), counted, true)
