"""Measured values of the cohort in the unit in which policies count."""

from __future__ import annotations

import numpy as np

from inconcert.payers.readings import unit_factor
from inconcert.synthetic.cohort.draws import Floats
from inconcert.synthetic.cohort.treatments import LB_PER_KG, Treatments

POUND = "[lb_av]"


def written_weight(found: Treatments) -> Floats:
    """The weight as written: in kilograms, or in pounds."""
    return np.where(found.weight_in_pounds, np.round(found.weight * LB_PER_KG), found.weight)


def weight_kg(found: Treatments) -> Floats:
    """The same in kilograms, as the payers' room turns it."""
    factor = unit_factor(POUND, "kg")
    assert factor is not None  # noqa: S101 - a pound is a mass
    return written_weight(found) * np.where(found.weight_in_pounds, factor, 1.0)
