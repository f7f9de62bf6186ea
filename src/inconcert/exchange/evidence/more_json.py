"""The answers to further questions of a network as plain data: every number at full precision, none that cannot be given."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from inconcert.evidence.synthesis.models.contribution import Influence
from inconcert.evidence.synthesis.models.fit import Estimate, NotEstimableError
from inconcert.evidence.synthesis.models.incoherence import Decomposition
from inconcert.evidence.synthesis.models.interaction_search import RankedSets
from inconcert.evidence.synthesis.models.interactions import Look, Looks
from inconcert.evidence.synthesis.models.more import More, OfStudies
from inconcert.evidence.synthesis.models.node_split import Split
from inconcert.evidence.synthesis.models.pairwise import Pairwise
from inconcert.evidence.synthesis.models.ranking import Ranking
from inconcert.evidence.synthesis.models.regression import Regression
from inconcert.evidence.synthesis.models.what_would_identify import Identified
from inconcert.exchange.evidence.network_json import Plain, estimate_as_plain, excluded_as_plain, q_as_plain


def more_as_plain(more: More) -> Plain:
    """Only what was asked has a block."""
    found: Plain = {}
    if more.looks is not None:
        found["each_interaction"] = _looks(more.looks)
    if more.sets is not None:
        found["sets_of_interactions"] = _sets(more.sets)
    if more.decomposition is not None:
        found["agreement"] = _decomposition(more.decomposition)
        found["direct_and_indirect"] = [_split(one) for one in more.splits or ()]
    if more.direct is not None:
        found["direct"] = [_pairwise(one) for one in more.direct]
    if more.studies is not None:
        found["studies_of"] = {one.asked: _of_studies(one) for one in more.studies}
    if more.needed is not None:
        found["studies_needed"] = [_needed(one) for one in more.needed]
    if more.ranking is not None:
        found["ranking"] = _ranking(more.ranking)
    if more.regression is not None:
        found["regression"] = _regression(more.regression)
    return found


def _maybe(estimate: Estimate | None) -> Plain | None:
    return None if estimate is None else estimate_as_plain(estimate)


def _known(plain: Plain) -> Plain:
    """Without what is not known, so that nothing is read as a number."""
    return {name: value for name, value in plain.items() if value is not None}


def _looks(looks: Looks) -> Plain:
    return {
        "note": looks.note,
        "aic_additive": looks.aic_additive,
        "interactions": {look.label: _look(look) for look in looks.looks},
    }


def _look(look: Look) -> Plain:
    if look.why_not is not None:
        return {"identifiable": False, "why_not": look.why_not, "studies": list(look.studies)}
    numbers = {
        "common": _maybe(look.common),
        "random": _maybe(look.random),
        "tau2": look.tau2,
        "q": None if look.q_model is None else q_as_plain(look.q_model),
        "q_difference": None if look.q_difference is None else q_as_plain(look.q_difference),
        "p_holm": look.p_holm,
        "aic": look.aic,
    }
    return {"identifiable": True, **_known(numbers), "studies": list(look.studies)}


def _sets(sets: RankedSets) -> Plain:
    return {
        "note": sets.note,
        "ranked": [
            {"interactions": list(one.labels), "aic": one.aic, "weight": one.weight, "q": q_as_plain(one.q_model)}
            for one in sets.candidates
        ],
        "unidentifiable": [list(labels) for labels in sets.unidentifiable],
    }


def _decomposition(found: Decomposition) -> Plain:
    return {
        "q_total": q_as_plain(found.q_total),
        "q_heterogeneity": q_as_plain(found.q_heterogeneity),
        "q_inconsistency": q_as_plain(found.q_inconsistency),
        "tau2_within": found.tau2_within,
        "q_inconsistency_random": None if found.q_random is None else q_as_plain(found.q_random),
        "designs": [
            {
                "treatments": list(one.treatments),
                "studies": list(one.studies),
                "q_within": q_as_plain(one.q_within),
                "q_inconsistency_detached": q_as_plain(one.q_detached),
            }
            for one in found.designs
        ],
    }


def _split(one: Split) -> Plain:
    estimates = {name: _maybe(getattr(one, name)) for name in ("network", "direct", "indirect", "difference")}
    return {
        "first": one.first,
        "second": one.second,
        "method": one.method.value,
        "studies": list(one.studies),
        "studies_of_several_arms": list(one.several_arms),
        "share_direct": one.share_direct,
        **_known(estimates),
    }


def _pairwise(one: Pairwise) -> Plain:
    numbers = {
        "prediction": None if one.prediction is None else list(one.prediction),
        "tau2": one.model.tau2,
        "tau2_interval": None if one.tau2_ends is None else list(one.tau2_ends),
        "i2": None if one.i2 is None else one.i2[0],
        "i2_interval": None if one.i2 is None or one.i2[1] is None else list(one.i2[1:]),
    }
    return {
        "first": one.first,
        "second": one.second,
        "common": estimate_as_plain(one.common),
        "random": estimate_as_plain(one.random),
        "q": q_as_plain(one.model.q_model),
        **_known(numbers),
        "weights": {weight.study: weight.random for weight in one.weights},
        "notes": list(one.notes),
    }


def _of_studies(one: OfStudies) -> Plain:
    return {
        "weights": {weight.study: {"common": weight.common, "random": weight.random} for weight in one.weights},
        "without": {each.study: _without(each) for each in one.without},
    }


def _without(each: Influence) -> Plain:
    numbers = {"estimate": _maybe(each.without), "shift": each.shift, "tau2": each.tau2_without, "cook": each.cook}
    return {"possible": each.without is not None, **_known(numbers)}


def _needed(one: Identified) -> Plain:
    return {
        "asked": one.asked,
        "in_words": str(one),
        "count": one.count,
        "options": [[_known(asdict(study)) for study in some] for some in one.options],
    }


def _ranking(ranking: Ranking) -> Plain:
    return {
        "better": ranking.better.value,
        "draws": ranking.draws,
        "note": ranking.note,
        "sets": [[asdict(one) for one in some] for some in ranking.sets],
        "alone": list(ranking.alone),
    }


def _regression(found: Regression) -> Plain:
    slopes: dict[str, Any] = {name: estimate_as_plain(one) for name, one in found.slopes.items() if one is not None}
    return {
        "covariate": found.covariate.name,
        "reference": found.reference,
        "slopes": slopes,
        "unidentifiable": [name for name, one in found.slopes.items() if one is None],
        "tau2": found.tau2,
        "tau2_without": found.without.tau2,
        "explained": found.explained,
        "q": q_as_plain(found.q_model),
        "q_slopes": q_as_plain(found.q_slopes),
        "excluded": [excluded_as_plain(row) for row in found.excluded],
        "bubbles": [_bubbles(found, first, second) for first, second in found.compared],
        "notes": list(found.notes),
    }


def _bubbles(found: Regression, first: str, second: str) -> Plain:
    """What a bubble plot of one comparison needs: its studies, and the fitted line over their range where there is one."""
    plain: Plain = {
        "first": first,
        "second": second,
        "studies": [asdict(bubble) for bubble in found.bubbles(first, second)],
    }
    if not found.covariate.is_category:
        try:
            line = found.line(first, second)
        except NotEstimableError:
            return plain
        plain["line"] = [{"at": at, **estimate_as_plain(estimate)} for at, estimate in line]
    return plain
