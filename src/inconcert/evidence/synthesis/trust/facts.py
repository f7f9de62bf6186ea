"""The facts of certainty, gathered from a fitted model, the study tables and the checks on small studies."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Network
from inconcert.evidence.synthesis.models.fit import Fit
from inconcert.evidence.synthesis.models.incoherence import decompose
from inconcert.evidence.synthesis.trust.asymmetry import AsymmetryTest, egger
from inconcert.evidence.synthesis.trust.direct import all_direct, direct_points, single_study_share
from inconcert.evidence.synthesis.trust.measures import Blinded, CertaintyFacts, Risk, StudyFacts
from inconcert.evidence.synthesis.trust.selection import Selection, fit_selection
from inconcert.evidence.synthesis.trust.shares import NOTHING, study_shares
from inconcert.evidence.synthesis.trust.types import NoAnswer
from inconcert.evidence.synthesis.trust.weighing import Favored
from inconcert.knowledge.certainty import WordReading, certainty_rules
from inconcert.knowledge.studies import Study

RISKS: dict[str, Risk] = {"low": "low", "some_concerns": "some_concerns", "high": "high", "critical": "critical"}
BLINDED: dict[str, Blinded] = {"participants": "participants", "rater": "rater", "none": "none"}
RANDOMIZED = ("rct", "crossover")
# A one-sided p of 0.025 is a two-sided one of 0.05, in the favored direction.
SELECTION_STEP = {Favored.GREATER: 0.025, Favored.LESS: 0.025, Favored.EITHER: 0.05}


def study_facts(
    study: Study,
    *,
    weight: float = 0.0,
    people: int | None = None,
    as_asked: bool | None = None,
    industry: bool | None = None,
    row_ids: tuple[str, ...] = (),
) -> StudyFacts:
    """What a row of studies.csv says, its words read by the rules file; None where a cell leaves it open.

    Who paid stands in no column, and whether the treatment is the one of the question depends on the question: both are given.
    """
    rules = certainty_rules()
    trd = _read(study.population, rules.population_words) or _read(study.resistance, rules.resistance_words)
    return StudyFacts(
        study=study.study_id,
        weight=weight,
        randomized=study.design in RANDOMIZED,
        risk=RISKS.get(_read(study.risk_of_bias, rules.risk_words)),
        blinded=BLINDED.get(_read(study.blinding, rules.blinding_words)),
        trd={"yes": True, "no": False}.get(trd),
        bipolar={"yes": True, "no": False}.get(study.bipolar),
        as_asked=as_asked,
        industry=industry,
        people=people,
        row_ids=row_ids or (study.study_id,),
    )


def facts_of_fit(
    fit: Fit,
    row: NDArray[np.int64],
    studies: Mapping[str, StudyFacts],
    *,
    question: str,
    smallest_important: float | None = None,
    people_wanted: int | None = None,
    favored: Favored = Favored.EITHER,
    interval: tuple[float, float] | None = None,
    prediction: tuple[float, float] | None = None,
    asymmetry: AsymmetryTest | NoAnswer | None = None,
    selection: Selection | NoAnswer | None = None,
    incoherence_p: float | None = None,
    modifiers: Sequence[str] = (),
) -> CertaintyFacts:
    """The facts about one contrast under random effects.

    `row` is in the columns of the design: `fit.design.row_of(a) - fit.design.row_of(b)`, or an interaction's own column.
    `studies` by the study's name in the network; one that is missing there is known by nothing but its share and whether it was
    randomized. `interval` and `prediction` are those that the reader is shown, where they are not the fit's. Funnel
    asymmetry and selection (of results in the `favored` direction) are asked of the studies that made this very
    comparison, unless given; incoherence by the test of the whole network, unless given. `modifiers` are names of
    covariates of the network. Raises NotEstimableError.
    """
    found = fit.random.contrast(row)
    lower, upper = interval or (found.lower, found.upper)
    shares = study_shares(fit, row)
    points = direct_points(fit, row)
    asymmetry = asymmetry or egger(points)
    selection = selection or fit_selection(points, favored=favored, steps=(SELECTION_STEP[favored],))
    carried = _carried(fit, shares, studies)
    why = _why(asymmetry, selection)
    network = not all_direct(fit, row, shares)
    if network and incoherence_p is None:
        incoherence_p = _incoherence(fit)
        why["incoherence_p"] = "no comparison was made both directly and through others, by enough studies to tell"
    prediction = prediction or fit.prediction(row)
    if prediction is None:
        why["zones_added"] = "too few studies for an interval of what a new one would find"
    fitted = selection if isinstance(selection, Selection) else None
    return CertaintyFacts(
        question=question,
        scale=fit.network.scale,
        lower=lower,
        upper=upper,
        studies=carried,
        network=network,
        prediction=prediction,
        i2=fit.i2,
        smallest_important=smallest_important,
        people_wanted=people_wanted,
        asymmetry_p=asymmetry.p if isinstance(asymmetry, AsymmetryTest) else None,
        asymmetry_toward_effect=_toward(asymmetry, found.estimate, favored),
        selection_p=fitted.p if fitted else None,
        selection_interval=(fitted.lower, fitted.upper) if fitted else None,
        incoherence_p=incoherence_p,
        modifier_gaps=modifier_gaps(fit.network, modifiers, {s.study for s in carried}),
        single_study_edge_share=single_study_share(fit, shares),
        why_unknown=why,
    )


def _carried(fit: Fit, shares: Mapping[str, float], studies: Mapping[str, StudyFacts]) -> tuple[StudyFacts, ...]:
    """What is known of each study that carries a part of the estimate, with its share."""
    found = []
    for study in fit.network.studies:
        if shares[study.study] > NOTHING:
            known = studies.get(study.study) or StudyFacts(study=study.study, weight=0, randomized=study.randomized)
            found.append(replace(known, weight=shares[study.study], row_ids=known.row_ids or study.row_ids))
    return tuple(found)


def _incoherence(fit: Fit) -> float | None:
    """P of the design-by-treatment test of the whole network, with random effects where they can be estimated."""
    parts = decompose(fit.network)
    test = parts.q_random or parts.q_inconsistency
    return test.p


def _why(asymmetry: AsymmetryTest | NoAnswer, selection: Selection | NoAnswer) -> dict[str, str]:
    answers = {
        "asymmetry_p": asymmetry,
        "asymmetry_toward_effect": asymmetry,
        "selection_p": selection,
        "selection_loses_effect": selection,
    }
    return {name: answer.why.rstrip(".") for name, answer in answers.items() if isinstance(answer, NoAnswer)}


def _toward(asymmetry: AsymmetryTest | NoAnswer, estimate: float, favored: Favored) -> bool | None:
    """Whether effects grow with the standard error in the favored direction (that of the estimate, where either is)."""
    if isinstance(asymmetry, NoAnswer):
        return None
    upward = estimate >= 0 if favored is Favored.EITHER else favored is Favored.GREATER
    return asymmetry.slope > 0 if upward else asymmetry.slope < 0


def modifier_gaps(
    network: Network, names: Sequence[str], only: Container[str] | None = None
) -> dict[str, float | None]:
    """How far the mean of each covariate differs between comparisons, as a part of its whole range over the studies (0 to 1).

    Of the studies in `only` where given. None where a study lacks it, or where there are not two comparisons. A covariate coded 0 and
    1 gives the difference of two shares.
    """
    counted = [study for study in network.studies if only is None or study.study in only]
    found: dict[str, float | None] = {}
    for name in names:
        values = [study.covariates.get(name) for study in counted]
        by_pair: dict[frozenset[str], list[float]] = {}
        for study, value in zip(counted, values, strict=True):
            if value is None:
                continue
            arms = study.treatments
            for i, one in enumerate(arms):
                for other in arms[i + 1 :]:
                    by_pair.setdefault(frozenset((one, other)), []).append(value)
        if any(v is None for v in values) or len(by_pair) < 2:
            found[name] = None
            continue
        spread = float(np.ptp(np.array(values, dtype=float)))
        means = [sum(v) / len(v) for v in by_pair.values()]
        found[name] = (max(means) - min(means)) / spread if spread else 0.0
    return found


def _read(cell: str, words: tuple[WordReading, ...]) -> str:
    """The reading of the longest word that the cell begins with; '' where none fits or it leaves the matter open."""
    fitting = [word for word in words if cell.lower().startswith(word.starts.lower())]
    return max(fitting, key=lambda word: len(word.starts)).reads if fitting else ""
