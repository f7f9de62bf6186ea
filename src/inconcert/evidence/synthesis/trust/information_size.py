"""The smallest difference that matters, and the optimal information size: how many people one trial would need to show it."""

from __future__ import annotations

import math

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.models.distributions import normal_quantile
from inconcert.evidence.synthesis.trial_size import people_per_arm
from inconcert.knowledge.certainty import certainty_rules


def smallest_important(scale: Scale, measure: str = "") -> float | None:
    """The smallest difference that matters on the scale of the analysis (ratios as logarithms), from the rules file.

    `measure` is what was counted or measured (`response`, `MADRS`); points of a measure that the file does not name, and proportions
    of what it does not name, have none.
    """
    fitting = [e for e in certainty_rules().smallest_important if e.scale == scale and e.measure in ("", measure)]
    if not fitting:
        return None
    value = max(fitting, key=lambda entry: len(entry.measure)).value
    return math.log(value) if scale.is_ratio else value


def optimal_information_size(
    scale: Scale,
    smallest_important: float | None,
    *,
    control_risk: float | None = None,
    sd: float | None = None,
) -> int | None:
    """People in two equal arms together; None where the formula lacks a number.

    `smallest_important` above 0, ratios as logarithms. OR, RR and RD need `control_risk` (0 to 1), MD needs `sd` in points; an
    SMD without a smallest important difference takes the small one that the rules name. Error and power stand in the rules file.
    Raises ValueError for a difference that is not above 0, or a risk that leaves 0 to 1.
    """
    rules = certainty_rules()
    alpha, power = rules.number("size_alpha_two_sided"), rules.number("size_power")
    if scale is Scale.SMD and smallest_important is None:
        smallest_important = rules.number("size_small_smd")
    if smallest_important is None:
        return None
    if not smallest_important > 0:
        raise ValueError(f"a smallest important difference of {smallest_important} is none. Mend: give one above 0.")
    if scale in (Scale.SMD, Scale.MD):
        spread = 1.0 if scale is Scale.SMD else sd
        if spread is None:
            return None
        z = normal_quantile(1 - alpha / 2) + normal_quantile(power)
        return 2 * math.ceil(2 * (z * spread / smallest_important) ** 2)
    if control_risk is None:
        return None
    return 2 * people_per_arm(
        control_risk, _other_risk(scale, smallest_important, control_risk), alpha_two_sided=alpha, power=power
    )


def _other_risk(scale: Scale, difference: float, risk: float) -> float:
    if not 0 < risk < 1:
        raise ValueError(f"a risk of {risk} has no meaning here. Mend: give the control risk, above 0 and below 1.")
    if scale is Scale.OR:
        odds = math.exp(difference) * risk / (1 - risk)
        return odds / (1 + odds)
    other = risk * math.exp(difference) if scale is Scale.RR else risk + difference
    if other >= 1:  # the same distance downward, where upward there is no room
        other = risk * math.exp(-difference) if scale is Scale.RR else risk - difference
    if not 0 < other < 1:
        raise ValueError(f"no risk lies {difference:g} from {risk:g}. Mend: give a smaller difference.")
    return other
