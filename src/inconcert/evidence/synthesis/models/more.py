"""More questions to one network, each answered only when asked: interactions, agreement, ranks, single studies, what is missing."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from inconcert.evidence.synthesis.data.types import Network, NetworkError
from inconcert.evidence.synthesis.models.ask import NetworkResult
from inconcert.evidence.synthesis.models.contribution import Influence, Weight, influence, study_weights
from inconcert.evidence.synthesis.models.covariates import Slopes
from inconcert.evidence.synthesis.models.fit import Fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.models.incoherence import Decomposition, decompose
from inconcert.evidence.synthesis.models.interaction_search import RankedSets, rank_sets
from inconcert.evidence.synthesis.models.interactions import Looks, look_at_each
from inconcert.evidence.synthesis.models.node_split import Split, split
from inconcert.evidence.synthesis.models.pairwise import Pairwise, pairwise
from inconcert.evidence.synthesis.models.ranking import Better, Ranking, rank
from inconcert.evidence.synthesis.models.regression import Regression, regress
from inconcert.evidence.synthesis.models.what_would_identify import (
    Identified,
    for_contrast,
    for_everything,
    for_interaction,
)


class Also(StrEnum):
    """What may be asked beside the model itself."""

    INTERACTIONS = "interactions"
    SETS = "sets"
    AGREEMENT = "agreement"
    DIRECT = "direct"
    STUDIES = "studies"
    NEEDED = "needed"


@dataclass(frozen=True, kw_only=True)
class OfStudies:
    """For one component or interaction (in the standard model one treatment against the first): weights and leave-one-out."""

    asked: str
    weights: tuple[Weight, ...]
    without: tuple[Influence, ...]


@dataclass(frozen=True, kw_only=True)
class More:
    """The answers, None or empty where not asked."""

    network: Network
    looks: Looks | None = None
    sets: RankedSets | None = None
    decomposition: Decomposition | None = None
    splits: tuple[Split, ...] | None = None
    direct: tuple[Pairwise, ...] | None = None
    studies: tuple[OfStudies, ...] | None = None
    needed: tuple[Identified, ...] | None = None
    ranking: Ranking | None = None
    regression: Regression | None = None


def ask_more(
    result: NetworkResult,
    also: Collection[Also] = (),
    *,
    better: Better | None = None,
    by: str | None = None,
    on: Sequence[str] = (),
) -> More:
    """Answer what is asked: `also`, ranks where `better` is said, and effects `by` a covariate of the file, of the columns `on`.

    Raises NetworkError for what the network or its model cannot be asked.
    """
    model, network = result.model, result.network
    # the tau of the model asked for: a method, or tau itself
    tau: TauMethod | float = model.tau_method or math.sqrt(model.tau2 or 0.0)
    knapp, level = model.random.df is not None, model.common.level
    looks = None
    if also and not result.has_components and {Also.INTERACTIONS, Also.SETS} & set(also):
        raise NetworkError("whole treatments have no interactions. Mend: name what joins components.")
    if Also.INTERACTIONS in also or (Also.NEEDED in also and result.has_components):
        looks = look_at_each(network, model.design, tau=tau, hartung_knapp=knapp, level=level)
    compared = split(network, tau=tau, level=level) if {Also.AGREEMENT, Also.DIRECT} & set(also) else ()
    return More(
        network=network,
        looks=looks if Also.INTERACTIONS in also else None,
        sets=rank_sets(network, model.design) if Also.SETS in also else None,
        decomposition=decompose(network, tau=tau) if Also.AGREEMENT in also else None,
        splits=compared if Also.AGREEMENT in also else None,
        direct=tuple(
            pairwise(network, one.first, one.second, tau=tau, hartung_knapp=knapp, level=level) for one in compared
        )
        if Also.DIRECT in also
        else None,
        studies=_of_studies(model) if Also.STUDIES in also else None,
        needed=_needed(model, looks) if Also.NEEDED in also else None,
        ranking=None if better is None else rank(model.random, better),
        regression=None
        if by is None
        else regress(
            network, model.design, by, on=on or None, slopes=Slopes.SHARED, tau=tau, hartung_knapp=knapp, level=level
        ),
    )


def _of_studies(model: Fit) -> tuple[OfStudies, ...]:
    """Of every column that can be estimated; of whole treatments, each against the first that it can be compared with."""
    design = model.design
    rows = np.eye(len(design.columns), dtype=np.int64)
    asked = list(zip(design.columns, rows, strict=True))
    if design.separator is None:
        asked = [(f"{name} against {design.columns[0]}", row - rows[0]) for name, row in asked[1:]]
    can = model.space.contains(np.array([row for _, row in asked]).reshape(len(asked), len(rows)))
    return tuple(
        OfStudies(asked=name, weights=study_weights(model, row), without=influence(model, row))
        for (name, row), possible in zip(asked, can.tolist(), strict=True)
        if possible
    )


def _needed(model: Fit, looks: Looks | None) -> tuple[Identified, ...]:
    """What would make known each column, and each further interaction that occurs, that the studies cannot give.

    Of whole treatments: what would link the first treatment of each part of the network with the first of all.
    """
    if model.design.separator is None:
        names = model.design.treatments
        return tuple(for_contrast(model, names[root], names[0]) for root in sorted(set(model.rows.parts)) if root)
    further = () if looks is None else tuple(look.label for look in looks.looks if not look.identifiable)
    return (*for_everything(model), *(for_interaction(model, label) for label in further))
