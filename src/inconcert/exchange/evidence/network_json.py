"""A fitted network as plain data: every number at full precision, and no number where the data cannot give one.

A name that cannot be estimated is absent from its block and stands in `unidentifiable` (components and interactions),
`unidentifiable_combinations` or `unidentifiable_contrasts`. `would_identify` holds a sentence for each name of `unidentifiable`.
"""

from __future__ import annotations

from typing import Any

from inconcert.evidence.synthesis.data.types import Excluded, Network
from inconcert.evidence.synthesis.models.ask import NetworkResult
from inconcert.evidence.synthesis.models.fit import Effects, Estimate, QTest
from inconcert.evidence.synthesis.models.what_would_identify import in_short

Plain = dict[str, Any]


def network_as_plain(result: NetworkResult) -> Plain:
    """The whole result as JSON data. Ratios are logarithms, as `scale` says."""
    model, network = result.model, result.network
    design = model.design
    return {
        "measure": network.scale.value,
        "scale": scale_words(network),
        "studies": len(network.studies),
        "contrasts": sum(len(s.treatments) * (len(s.treatments) - 1) // 2 for s in network.studies),
        "treatments": list(design.treatments),
        "components": list(design.components) if result.has_components else [],
        "interactions": [term.label for term in design.interactions],
        "inactive": design.inactive,
        "level": model.common.level,
        "tau_method": model.tau_method.value if model.tau_method else "preset",
        "tau2": model.tau2,
        "i2": model.i2,
        "q": {
            "total": q_as_plain(model.q_total),
            "additive": q_as_plain(model.q_model),
            "difference": q_as_plain(model.q_difference),
        },
        "common": effects_as_plain(model.common),
        "random": effects_as_plain(model.random),
        "unidentifiable": _missing(model.common.parameters) if result.has_components else [],
        "would_identify": in_short(model),
        "unidentifiable_combinations": _missing(model.common.combinations) if result.has_components else [],
        "unidentifiable_contrasts": [
            [first, second]
            for i, first in enumerate(design.treatments)
            for j, second in enumerate(design.treatments)
            if i < j and not model.common.possible[i, j]
        ],
        "standard": {
            "tau2": result.standard.tau2,
            "q": q_as_plain(result.standard.q_model),
            "common": {"treatments": league_as_plain(result.standard.common)},
            "random": {"treatments": league_as_plain(result.standard.random)},
        },
        "excluded": [excluded_as_plain(row) for row in network.excluded],
        "notes": [*network.notes, *model.notes],
    }


def effects_as_plain(effects: Effects) -> Plain:
    """Components, interactions, combinations against the inactive treatment, and every treatment minus every other."""
    design, parameters = effects.design, effects.parameters
    component_model = design.separator is not None
    return {
        "components": _block(parameters, design.components) if component_model else {},
        "interactions": _block(parameters, [term.label for term in design.interactions]),
        "combinations": _block(effects.combinations, design.treatments) if component_model else {},
        "treatments": league_as_plain(effects),
    }


def league_as_plain(effects: Effects) -> Plain:
    """{first: {second: first minus second}}, without the pairs that cannot be estimated."""
    names, found = effects.design.treatments, effects.league_estimates()
    return {
        first: {
            second: estimate_as_plain(cell)
            for j, second in enumerate(names)
            if i != j and (cell := found[i][j]) is not None
        }
        for i, first in enumerate(names)
    }


def estimate_as_plain(estimate: Estimate) -> Plain:
    """Estimate, standard error, interval and p."""
    return {
        "estimate": estimate.estimate,
        "se": estimate.se,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "p": estimate.p,
    }


def q_as_plain(test: QTest) -> Plain:
    """Sum of squares with its degrees of freedom."""
    return {"value": test.value, "df": test.df, "p": test.p}


def excluded_as_plain(row: Excluded) -> Plain:
    """What was left out, and why."""
    return {"study": row.study, "why": row.why, "rows": list(row.row_ids)}


def scale_words(network: Network) -> str:
    """The scale in words."""
    return f"log {network.scale.words}" if network.scale.is_ratio else network.scale.words


def _block(found: dict[str, Estimate | None], names: tuple[str, ...] | list[str]) -> Plain:
    return {name: estimate_as_plain(value) for name in names if (value := found[name]) is not None}


def _missing(found: dict[str, Estimate | None]) -> list[str]:
    return [name for name, value in found.items() if value is None]
