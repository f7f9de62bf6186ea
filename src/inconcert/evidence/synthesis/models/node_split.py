"""Direct against indirect evidence, comparison by comparison.

Direct: the studies that gave both treatments, their difference alone. Indirect, in two ways, at the tau2 of the whole network:

- BACK: what the network says beyond the direct part, as if its estimate were their mean weighted by inverse variance:
  1/v(indirect) = 1/v(network) - 1/v(direct) (König, Krahn and Binder 2013; Dias et al. 2010, recalled). Exact where direct studies
  have two arms; in a study of more arms the third arm is counted on the indirect side.
- SEPARATE: the network of the studies that did not give both, nothing of the others (separating indirect from direct design
  evidence, Efthimiou et al. 2019, recalled). Direct and indirect share no patient, whatever the number of arms.

Indirect evidence exists, in both, where the studies that did not give both link the two treatments: decided exactly. Where
they do not, there is no number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from inconcert.evidence.synthesis.data.types import Network, NetworkError, StudyContrasts
from inconcert.evidence.synthesis.models.design import standard_design
from inconcert.evidence.synthesis.models.fit import LEVEL, Estimate, Fit, estimate_of, fit, reach
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod


class SplitMethod(StrEnum):
    """Where indirect evidence is taken from."""

    BACK = "back-calculation"
    SEPARATE = "separate designs"


@dataclass(frozen=True, kw_only=True)
class Split:
    """One comparison, `first` minus `second`, random effects. `share_direct` is v(network) / v(direct), 0 to 1.

    `indirect` and `difference` (direct minus indirect) are None where no other studies link the two. `several_arms` are the direct
    studies of more than two arms, in which the two methods part.
    """

    first: str
    second: str
    method: SplitMethod
    studies: tuple[str, ...]
    several_arms: tuple[str, ...]
    network: Estimate
    direct: Estimate
    indirect: Estimate | None
    difference: Estimate | None
    share_direct: float


def split(
    network: Network,
    *,
    method: SplitMethod = SplitMethod.SEPARATE,
    tau: TauMethod | float = TauMethod.DL,
    level: float = LEVEL,
) -> tuple[Split, ...]:
    """Every comparison that some study made, in order of names. Raises NetworkError as `fit` does."""
    whole = fit(network, standard_design(network.treatments), tau=tau, level=level)
    made = {pair for study in network.studies for pair in combinations(sorted(set(study.treatments)), 2)}
    return tuple(_split(whole, first, second, method) for first, second in sorted(made))


def split_one(
    network: Network,
    first: str,
    second: str,
    *,
    method: SplitMethod = SplitMethod.SEPARATE,
    tau: TauMethod | float = TauMethod.DL,
    level: float = LEVEL,
) -> Split:
    """One comparison. Raises NetworkError where no study compared the two."""
    if not any({first, second} <= set(study.treatments) for study in network.studies):
        raise NetworkError(
            f"no study compared {first} with {second}, so there is nothing direct to hold against the rest. Mend: ask for a"
            " comparison that a study made."
        )
    return _split(fit(network, standard_design(network.treatments), tau=tau, level=level), first, second, method)


def direct_evidence(study: StudyContrasts, first: str, second: str) -> tuple[float, float]:
    """What one study says of first minus second, and its variance, heterogeneity apart. Its weight divides the variance."""
    row = np.zeros(len(study.treatments))
    row[study.treatments.index(first)] += 1
    row[study.treatments.index(second)] -= 1
    return float(row[1:] @ study.effects), float(row[1:] @ study.covariance @ row[1:]) / study.weight


def _split(whole: Fit, first: str, second: str, method: SplitMethod) -> Split:
    level, tau2 = whole.random.level, whole.tau2 or 0.0
    half = reach(level, None)
    studies = whole.network.studies
    both = [study for study in studies if first in study.treatments and second in study.treatments]
    found = [direct_evidence(study, first, second) for study in both]
    weights = [1 / (variance + tau2) for _, variance in found]
    value = sum(w * effect for w, (effect, _) in zip(weights, found, strict=True)) / sum(weights)
    direct = estimate_of(value, sum(weights) ** -0.5, half, None)
    of_all = whole.random.compare(first, second)
    share = min(1.0, (of_all.se / direct.se) ** 2)
    indirect = _indirect(whole, first, second, method, direct, of_all)
    difference = None
    if indirect is not None:
        error = math.hypot(direct.se, indirect.se)
        difference = estimate_of(direct.estimate - indirect.estimate, error, half, None)
    return Split(
        first=first,
        second=second,
        method=method,
        studies=tuple(study.study for study in both),
        several_arms=tuple(study.study for study in both if len(study.treatments) > 2),
        network=of_all,
        direct=direct,
        indirect=indirect,
        difference=difference,
        share_direct=share,
    )


def _indirect(
    whole: Fit, first: str, second: str, method: SplitMethod, direct: Estimate, of_all: Estimate
) -> Estimate | None:
    network = whole.network
    rest = tuple(s for s in network.studies if not (first in s.treatments and second in s.treatments))
    if not rest:
        return None
    others = fit(
        Network(scale=network.scale, studies=rest),
        standard_design(network.treatments),
        tau=math.sqrt(whole.tau2 or 0.0),
        level=whole.random.level,
    )
    row = whole.design.row_of(first) - whole.design.row_of(second)
    found = others.random.contrasts(row[None, :])[0]
    if found is None or method is SplitMethod.SEPARATE:
        return found
    precision = 1 / of_all.se**2 - 1 / direct.se**2
    value = (of_all.estimate / of_all.se**2 - direct.estimate / direct.se**2) / precision
    return estimate_of(value, precision**-0.5, reach(whole.random.level, None), None)
