"""How much of the evidence that was not randomized is let in: from none of it to all at face value, with and without a bias."""

from __future__ import annotations

from collections.abc import Iterator

from inconcert.evidence.synthesis.models.bayes_curve import mixture_curve
from inconcert.evidence.synthesis.pair.forest import Evidence
from inconcert.evidence.synthesis.pair.question import prior_of
from inconcert.evidence.synthesis.pair.types import LetIn

WEIGHTS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
BIAS_SDS = (0.0, 0.25, 0.5, 1.0)


def letting_in(evidence: Evidence | None) -> tuple[LetIn, ...]:
    """The interaction at each weight and bias SD (exact Bayes); nothing where all studies are randomized or none gave both."""
    if evidence is None or not evidence.asked.pairs or all(study.randomized for study in evidence.fit.network.studies):
        return ()
    return tuple(_points(evidence))


def _points(evidence: Evidence) -> Iterator[LetIn]:
    network = evidence.fit.network
    curve = mixture_curve(
        network,
        evidence.design,
        evidence.asked.interactions[0],
        prior=prior_of(network.scale),
        weights=WEIGHTS,
        bias_sds=BIAS_SDS,
    )
    for point in curve.points:
        belief = point.belief
        yield LetIn(
            weight=point.how.weight,
            bias_sd=point.how.bias_sd,
            estimate=belief.mean if belief else None,
            lower=belief.lower if belief else None,
            upper=belief.upper if belief else None,
            why_none=point.why_not or "",
        )
