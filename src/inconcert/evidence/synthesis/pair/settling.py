"""Which trial would settle it, with rates taken from the studies: how many people in each of four arms."""

from __future__ import annotations

import math
from collections.abc import Iterator

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.pair import settle
from inconcert.evidence.synthesis.pair.forest import Evidence
from inconcert.evidence.synthesis.pair.types import ForestRow, Group, TrialPlan

# How many times both together multiply the odds beyond the product of both: what a trial might be asked to show (design).
RATIOS = (1.5, 2.0, 3.0)
POWERS = (0.8, 0.9)
ALPHA = 0.05


def control_rate(evidence: Evidence) -> float | None:
    """Events over people in the arms of the used studies that held nothing but a control; None where none was counted."""
    controls = {
        part.component for part in evidence.tables.components.values() if part.family in ("control", "background")
    }
    counted = []
    for study in evidence.fit.network.studies:
        for row_id in study.row_ids:
            row = evidence.tables.outcomes.get(row_id)
            if row is None or row.events is None or not row.n:
                continue
            if evidence.tables.arms[row.study_id, row.arm_id].parts <= controls:
                counted.append((row.events, row.n))
    return settle.pooled_rate(counted) if counted else None


def trials(evidence: Evidence | None, rows: tuple[ForestRow, ...]) -> tuple[TrialPlan, ...]:
    """Sizes of a four-arm trial, from the control rate and the odds ratios of these studies; none where those are not known."""
    if evidence is None or evidence.fit.network.scale is not Scale.OR:
        return ()
    rate = control_rate(evidence)
    alone = {row.id.removeprefix("alone/"): row.estimate for row in rows if row.group is Group.ALONE}
    if rate is None or not evidence.asked.pairs:
        return ()
    drug, coil = (alone.get(name) for name in evidence.asked.pairs[0])
    if drug is None or coil is None:
        return ()
    return tuple(_plans(rate, math.exp(drug), math.exp(coil), evidence.asked.pairs[0]))


def _plans(rate: float, drug: float, coil: float, names: tuple[str, str]) -> Iterator[TrialPlan]:
    given = f"control {100 * rate:.0f}%, {names[0]} odds ratio {drug:.2f}, {names[1]} odds ratio {coil:.2f}"
    for ratio in RATIOS:
        arms = settle.four_arms(rate, drug, coil, ratio)
        for power in POWERS:
            n = settle.people_for_interaction_ratio(arms, alpha_two_sided=ALPHA, power=power)
            yield TrialPlan(
                id=f"interaction_{ratio:g}_{power:g}",
                shows=f"together they multiply the odds {ratio:g} times beyond the product of both",
                arms=4,
                per_arm=n,
                alpha_two_sided=ALPHA,
                power=power,
                text=f"{n} in each of four arms, {4 * n} in all ({given}; {100 * arms.both:.0f}% with both)",
                formula=settle.RATIO_FORMULA,
            )
    arms = settle.four_arms(rate, drug, coil)
    for power in POWERS:
        n = settle.people_for_pair_against_best(arms, power=power)
        yield TrialPlan(
            id=f"against_best_{power:g}",
            shows="both do better than the better one alone, if effects simply add",
            arms=2,
            per_arm=n,
            alpha_two_sided=ALPHA,
            power=power,
            text=f"{n} in each of two arms, {2 * n} in all ({given}; {100 * arms.both:.0f}% with both)",
            formula="two proportions, as for a trial of two arms",
        )
