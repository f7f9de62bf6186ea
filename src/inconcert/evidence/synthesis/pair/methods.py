"""The methods as one would write them in a report, made from the options that were used."""

from __future__ import annotations

from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.pair.forest import Evidence
from inconcert.evidence.synthesis.pair.types import Interval, Options


def methods(options: Options, evidence: Evidence | None) -> tuple[str, ...]:
    """Sentences; `network.notes` say how the rows were chosen and stand first."""
    if evidence is None:
        return ("No study was left, so nothing was fitted.",)
    network, fitted = evidence.fit.network, evidence.fit
    inactive = evidence.asked.inactive
    said = [
        f"Question as of {options.as_of.isoformat()}; studies published later are not used.",
        f"Rows: {'; '.join(network.notes)}.",
        (
            f"{counted(len(network.studies), 'study', 'studies')} entered, {sum(s.randomized for s in network.studies)} of them"
            f" randomized, with {len(network.treatments)} treatments; {counted(len(network.excluded), 'group', 'groups')} of rows left"
            " out, each with its reason."
        ),
        "Model: contrasts of each study with their exact covariance, random effects with the same heterogeneity for every pair of arms"
        " (half of it shared between contrasts of one study), and treatment effects that are sums over components"
        + (f", {inactive} being the treatment without effect" if inactive else ", no treatment being without effect")
        + (f", plus {_interactions(evidence)}." if evidence.asked.pairs else "."),
        "A contrast is given only if it lies in the row space of the design, decided in whole numbers; no pseudo-inverse is used.",
    ]
    said.append(_intervals(options, evidence))
    tau = "could not be estimated" if fitted.tau2 is None else f"{fitted.tau2**0.5:.3g}"
    how = _how(options.tau)
    said.append(f"Heterogeneity by {how}: tau {tau}.")
    if options.nonrandomized_weight != 1 and any(not study.randomized for study in network.studies):
        said.append(
            f"Variances of studies that were not randomized were divided by {options.nonrandomized_weight:g}"
            + (f"; a bias N(0, {options.bias_sd:g}^2) was added to each." if options.bias_sd else ".")
        )
    return tuple(said)


def _how(tau: TauMethod | float) -> str:
    if not isinstance(tau, TauMethod):
        return "a preset value"
    return f"the generalized {tau.words} estimator" if tau in (TauMethod.DL, TauMethod.PM) else tau.words


def counted(number: int, one: str, several: str) -> str:
    """A number with what it counts."""
    return f"{number} {one if number == 1 else several}"


def _interactions(evidence: Evidence) -> str:
    pairs = [f"{drug} with {coil}" for drug, coil in evidence.asked.pairs]
    return f"what they do beyond that together: {', '.join(pairs)}"


def _intervals(options: Options, evidence: Evidence) -> str:
    level = f"{100 * options.level:g}% intervals"
    if options.interval is Interval.BAYES and evidence.posterior is not None:
        return (
            f"{level} are equal-tailed, of the exact posterior (one-dimensional quadrature over tau; greatest relative error"
            f" {evidence.posterior.quadrature_error:.0e}). {evidence.posterior.statement}"
        )
    if options.interval is Interval.HARTUNG_KNAPP and evidence.fit.df > 0:
        freedom = counted(evidence.fit.df, "degree", "degrees")
        return f"{level} by Hartung and Knapp, never narrower than without it, with t on {freedom} of freedom."
    return f"{level} take each estimate to be normally distributed, with tau as if it were known."
