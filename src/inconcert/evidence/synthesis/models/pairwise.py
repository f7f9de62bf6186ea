"""Two treatments and nothing else: a network of two, from the studies that compared them directly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inconcert.evidence.synthesis.data.types import Network, NetworkError, StudyContrasts
from inconcert.evidence.synthesis.models.contribution import Weight, study_weights
from inconcert.evidence.synthesis.models.design import standard_design
from inconcert.evidence.synthesis.models.fit import LEVEL, Estimate, Fit, fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.models.intervals import i2_with_interval, tau2_interval
from inconcert.evidence.synthesis.models.node_split import direct_evidence


@dataclass(frozen=True, kw_only=True)
class Pairwise:
    """`first` minus `second`. `prediction` is for the difference in a new study; None with fewer than three studies.

    `tau2_ends` is the Q-profile interval, `i2` with its interval (0 to 1); both None with one study. `weights` are of the random
    effects.
    """

    first: str
    second: str
    model: Fit
    common: Estimate
    random: Estimate
    prediction: tuple[float, float] | None
    tau2_ends: tuple[float, float] | None
    i2: tuple[float, float | None, float | None] | None
    weights: tuple[Weight, ...]
    notes: tuple[str, ...]


def pairwise(
    network: Network,
    first: str,
    second: str,
    *,
    tau: TauMethod | float = TauMethod.DL,
    hartung_knapp: bool = False,
    level: float = LEVEL,
) -> Pairwise:
    """The studies with both arms, `first` minus `second`. Raises NetworkError where there is none."""
    both = [study for study in network.studies if first in study.treatments and second in study.treatments]
    if first == second or not both:
        raise NetworkError(f"no study compared {first} with {second}. Mend: name two treatments of one study.")
    two = Network(scale=network.scale, studies=tuple(_only(study, first, second) for study in both))
    model = fit(two, standard_design(two.treatments), tau=tau, hartung_knapp=hartung_knapp, level=level)
    row = model.design.row_of(first) - model.design.row_of(second)
    shortened = [study.study for study in both if len(study.treatments) > 2]
    said = [f"of {', '.join(shortened)} only these two arms are used."] if shortened else []
    return Pairwise(
        first=first,
        second=second,
        model=model,
        common=model.common.contrast(row),
        random=model.random.contrast(row),
        prediction=model.prediction(row),
        tau2_ends=tau2_interval(model, level),
        i2=i2_with_interval(model.q_model, level),
        weights=study_weights(model, row),
        notes=(*model.notes, *said),
    )


def _only(study: StudyContrasts, first: str, second: str) -> StudyContrasts:
    effect, variance = direct_evidence(study, first, second)
    return StudyContrasts(
        study=study.study,
        treatments=(second, first),
        effects=np.array([effect]),
        covariance=np.array([[variance * study.weight]]),  # its weight divides it again
        row_ids=study.row_ids,
        randomized=study.randomized,
        weight=study.weight,
        covariates=study.covariates,
        notes=study.notes,
    )
