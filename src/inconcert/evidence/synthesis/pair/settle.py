"""The trial that would settle it: four arms (neither, the drug, TMS, both) and how many people in each, by formula.

The interaction is what both do beyond the sum of each. On the odds scale it is log(OR both) - log(OR drug) - log(OR TMS),
whose variance with n people in each arm is the sum over the four arms of 1 / (n p (1 - p)) (delta method); on the scale of
rates it is p both - p drug - p TMS + p neither, with variance the sum of p (1 - p) / n. Hence
n = (z(1 - alpha/2) + z(power))^2 * sum / delta^2 (Brookes et al. 2004 show why this is about four times a two-arm trial
for a difference of the same size; recalled).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from inconcert.evidence.synthesis.trial_size import people_per_arm

RATIO_FORMULA = "n = (z(1 - alpha/2) + z(power))^2 * (sum over four arms of 1 / (p(1 - p))) / log(ratio of odds ratios)^2, rounded up"


@dataclass(frozen=True, slots=True, kw_only=True)
class FourArms:
    """Expected response rates (proportions, 0 to 1, both ends excluded). Raises ValueError for an impossible one."""

    neither: float
    drug: float
    tms: float
    both: float

    def __post_init__(self) -> None:
        bad = [rate for rate in self.rates if not 0 < rate < 1]
        if bad:
            raise ValueError(f"{bad[0]} is no rate between 0 and 1. Mend: give proportions such as 0.3.")

    @property
    def rates(self) -> tuple[float, float, float, float]:
        """All four, in order."""
        return self.neither, self.drug, self.tms, self.both

    @property
    def log_ratio(self) -> float:
        """Log of the ratio of odds ratios: 0 where the effects add on the odds scale."""
        return _logit(self.both) - _logit(self.drug) - _logit(self.tms) + _logit(self.neither)

    @property
    def difference(self) -> float:
        """Rate beyond the sum: 0 where the effects add on the scale of rates."""
        return self.both - self.drug - self.tms + self.neither


def four_arms(
    neither: float, drug_odds_ratio: float, tms_odds_ratio: float, interaction_ratio: float = 1.0
) -> FourArms:
    """The four rates that follow from a control rate, two odds ratios and what both do beyond their product."""
    base = _logit(neither)
    drug, tms = math.log(drug_odds_ratio), math.log(tms_odds_ratio)
    return FourArms(
        neither=neither,
        drug=_rate(base + drug),
        tms=_rate(base + tms),
        both=_rate(base + drug + tms + math.log(interaction_ratio)),
    )


def people_for_interaction_ratio(arms: FourArms, *, alpha_two_sided: float = 0.05, power: float = 0.8) -> int:
    """People in each of four arms to show the interaction of these rates on the odds scale. ValueError where there is none."""
    spread = sum(1 / (rate * (1 - rate)) for rate in arms.rates)
    return _people(spread, arms.log_ratio, alpha_two_sided, power)


def people_for_interaction_difference(arms: FourArms, *, alpha_two_sided: float = 0.05, power: float = 0.8) -> int:
    """People in each of four arms to show the interaction of these rates on their own scale. ValueError where there is none."""
    spread = sum(rate * (1 - rate) for rate in arms.rates)
    return _people(spread, arms.difference, alpha_two_sided, power)


def people_for_pair_against_best(arms: FourArms, *, alpha_two_sided: float = 0.05, power: float = 0.8) -> int:
    """People in each of two arms to show that both beat the better one alone, which is the question of the clinic."""
    return people_per_arm(max(arms.drug, arms.tms), arms.both, alpha_two_sided=alpha_two_sided, power=power)


def power_for_interaction_ratio(arms: FourArms, per_arm: int, *, alpha_two_sided: float = 0.05) -> float:
    """The chance that a trial of this size shows the interaction (both tails)."""
    se = math.sqrt(sum(1 / (rate * (1 - rate)) for rate in arms.rates) / per_arm)
    normal = NormalDist()
    z, shift = normal.inv_cdf(1 - alpha_two_sided / 2), arms.log_ratio / se
    return normal.cdf(shift - z) + normal.cdf(-shift - z)


def pooled_rate(events_and_people: Sequence[tuple[int, int]]) -> float:
    """Events of all groups over their people. Raises ValueError where nobody was counted."""
    people = sum(n for _, n in events_and_people)
    if not people:
        raise ValueError("nobody was counted. Mend: give at least one group.")
    return sum(events for events, _ in events_and_people) / people


def _people(spread: float, effect: float, alpha_two_sided: float, power: float) -> int:
    if not (0 < alpha_two_sided < 1 and 0 < power < 1):
        raise ValueError(f"alpha {alpha_two_sided}, power {power}: no size follows. Mend: give both between 0 and 1.")
    if math.isclose(effect, 0.0, abs_tol=1e-12):
        raise ValueError("effects that only add leave no interaction to show. Mend: name the interaction looked for.")
    normal = NormalDist()
    z = normal.inv_cdf(1 - alpha_two_sided / 2) + normal.inv_cdf(power)
    return math.ceil(z**2 * spread / effect**2)


def _logit(rate: float) -> float:
    return math.log(rate / (1 - rate))


def _rate(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
