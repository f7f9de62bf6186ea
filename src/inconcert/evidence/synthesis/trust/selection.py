"""The step-function selection model by maximum likelihood: what the pooled effect would be if weak results are seen less often.

Three parameters by default (mean, spread, and how likely a result above the step is seen: McShane, Bockenholt and Hansen 2016,
Perspect Psychol Sci 11:730, recalled), more with more steps. The answer is an adjusted estimate with an interval by
profile likelihood, or the reason why the model cannot be fitted. It is a "what if", not a repair: a model that fits does not show that
studies are missing, nor one that does not that none are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inconcert.evidence.synthesis.data.types import Array
from inconcert.evidence.synthesis.models.distributions import chi_squared_upper, normal_quantile
from inconcert.evidence.synthesis.models.heterogeneity import likelihood_tau2, solve
from inconcert.evidence.synthesis.trust.climb import Top, climb, curvature
from inconcert.evidence.synthesis.trust.types import (
    NO_STUDY,
    FunnelPoint,
    NoAnswer,
    all_rows,
    effects_and_errors,
    studies_text,
)
from inconcert.evidence.synthesis.trust.weighing import Favored, Seen, seen, surface_of
from inconcert.knowledge.certainty import certainty_rules

ASKED = "Selection model"
STEPS = (0.025,)
_EDGE = 1e4  # a weight beyond this, or below its inverse, is at the edge: the likelihood has no inner top
_REACH = 60  # standard errors that the interval is looked for on each side


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The top of the likelihood: `weights` (J), the first 1."""

    mu: float
    tau2: float
    weights: tuple[float, ...]
    log_likelihood: float
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A fitted selection model. Effects on the scale of the points (ratios as logarithms).

    `naive` is the same random-effects model without selection (maximum likelihood). `weights` are the chances of being seen relative
    to the first interval; `counts` the studies in each. `lower` and `upper` are minus or plus infinity where the likelihood
    never falls far enough: the data set no limit on that side. `lrt`, `df`, `p` compare the two models.
    """

    estimate: float
    se: float
    lower: float
    upper: float
    level: float
    tau2: float
    naive: float
    naive_se: float
    naive_tau2: float
    steps: tuple[float, ...]
    favored: Favored
    weights: tuple[float, ...]
    weight_errors: tuple[float | None, ...]
    counts: tuple[int, ...]
    lrt: float
    df: int
    p: float
    log_likelihood: float
    row_ids: tuple[str, ...]
    notes: tuple[str, ...] = ()


def fit_selection(
    points: Sequence[FunnelPoint],
    *,
    steps: Sequence[float] = STEPS,
    favored: Favored = Favored.GREATER,
    level: float = 0.95,
    anyway: bool = False,
) -> Selection | NoAnswer:
    """Fit the model with the given steps in p (one-sided unless `favored` is either).

    Not fitted below the number of studies the rules name unless `anyway`; never with an interval of p that holds no study, since
    the likelihood then has no top. Raises ValueError for steps that are not rising p values.
    """
    y, errors = effects_and_errors(points)
    if not len(y):
        return NoAnswer(asked=ASKED, why=NO_STUDY, mend="Ask for a comparison that studies made.")
    data = seen(y, errors, steps, favored)
    refusal = _too_little(data, anyway=anyway)
    if refusal is not None:
        return refusal
    naive = without_selection(data)
    peak = highest(data, naive)
    why = _no_top(peak, data)
    if why:
        return NoAnswer(asked=ASKED, why=why, mend="Use the table of assumed weights instead.")
    errors_of = _standard_errors(data, peak)
    if errors_of is None:
        why = "The likelihood is flat around its top: the data cannot tell the effect from the selection."
        return NoAnswer(asked=ASKED, why=why, mend="Use the table of assumed weights instead.")
    lower, upper = _profile_interval(data, peak, errors_of[0], level)
    sign = -1.0 if favored is Favored.LESS else 1.0
    if sign < 0:
        lower, upper = -upper, -lower
    lrt = max(0.0, 2 * (peak.log_likelihood - naive.log_likelihood))
    df = data.intervals - 1
    return Selection(
        estimate=sign * peak.mu,
        se=errors_of[0],
        lower=lower,
        upper=upper,
        level=level,
        tau2=peak.tau2,
        naive=sign * naive.mu,
        naive_se=_naive_se(data, naive),
        naive_tau2=naive.tau2,
        steps=tuple(s for s in steps if s != 1),
        favored=favored,
        weights=peak.weights,
        weight_errors=(None, *errors_of[1:]),
        counts=tuple(int(c) for c in data.counts),
        lrt=lrt,
        df=df,
        p=chi_squared_upper(lrt, df),
        log_likelihood=peak.log_likelihood,
        row_ids=all_rows(points),
        notes=_notes(data, peak, lower, upper, anyway=anyway),
    )


def highest(data: Seen, naive: Peak, *, weights: Array | None = None) -> Peak:
    """The highest top from several starts, one at tau2 = 0 among them; with `weights` given, over mu and tau2 alone."""
    free = 0 if weights is not None else data.intervals - 1
    spread = math.log(max(naive.tau2, 0.05 * float(np.mean(data.errors**2))))
    found: list[Peak] = []
    for mu in (naive.mu, naive.mu / 2, 0.0):
        for lean in (0.0, -1.5) if free else (0.0,):
            start = np.array([mu, spread, *[lean] * free])
            found.append(_peak(climb(surface_of(data, weights=weights), start), weights))
    best = max(found, key=lambda p: p.log_likelihood if p.converged else p.log_likelihood - 1e-6)
    start = np.array([best.mu, *np.log(best.weights[1:])[:free]])
    flat = climb(surface_of(data, tau2=0.0, weights=weights), start)
    at_zero = _peak(
        Top(at=np.insert(flat.at, 1, -np.inf), height=flat.height, slope=flat.slope, converged=flat.converged), weights
    )
    return at_zero if at_zero.log_likelihood >= best.log_likelihood - 1e-9 else best


def _peak(top: Top, weights: Array | None) -> Peak:
    chosen = weights if weights is not None else np.exp(np.array([0.0, *top.at[2:]]))
    return Peak(
        mu=float(top.at[0]),
        tau2=math.exp(min(float(top.at[1]), 50.0)),
        weights=tuple(float(w) for w in chosen),
        log_likelihood=top.height,
        converged=top.converged,
    )


def without_selection(data: Seen) -> Peak:
    """The random-effects model by maximum likelihood, all weights 1."""
    ones = np.ones((len(data.effects), 1))
    variances = data.errors**2
    tau2 = likelihood_tau2(data.effects, ones, variances, restricted=False)
    mu = float(solve(data.effects, ones, variances, tau2).beta[0])
    height = surface_of(data, mu=mu, tau2=tau2, weights=np.ones(data.intervals))(np.array([]))[0]
    return Peak(mu=mu, tau2=tau2, weights=(1.0,) * data.intervals, log_likelihood=height, converged=True)


def _naive_se(data: Seen, naive: Peak) -> float:
    return float(1 / math.sqrt(np.sum(1 / (data.errors**2 + naive.tau2))))


def _too_little(data: Seen, *, anyway: bool) -> NoAnswer | None:
    least = certainty_rules().number("selection_studies_min")
    if len(data.effects) < least and not anyway:
        return NoAnswer(
            asked=ASKED,
            why=f"Only {studies_text(len(data.effects))}: below {least:g} the model's answer is mostly chance.",
            mend="Ask for it in spite of that, or use the table of assumed weights.",
        )
    empty = [i for i, count in enumerate(data.counts) if count == 0]
    if empty:
        return NoAnswer(
            asked=ASKED,
            why=f"No study lies in interval {', '.join(str(i + 1) for i in empty)} of p, so how often one there is seen "
            "cannot be estimated.",
            mend="Give steps with a study on each side, or use the table of assumed weights.",
        )
    if len(data.effects) < data.intervals + 2:
        return NoAnswer(
            asked=ASKED,
            why=f"{studies_text(len(data.effects))} cannot carry {data.intervals + 1} parameters.",
            mend="Use fewer steps, or the table of assumed weights.",
        )
    return None


def _no_top(peak: Peak, data: Seen) -> str:
    if not peak.converged or not np.isfinite(peak.log_likelihood):
        return "The likelihood keeps rising without an end."
    if any(not 1 / _EDGE < w < _EDGE for w in peak.weights):
        return "The best weight lies at the edge of what can be told from never, or from always."
    span = float(np.ptp(data.effects)) + float(data.errors.max())
    if not float(data.effects.min()) - span <= peak.mu <= float(data.effects.max()) + span:
        return "The best mean lies far outside all studies."
    return ""


def _standard_errors(data: Seen, peak: Peak) -> tuple[float, ...] | None:
    """Of mu, then of the weights 2 to J (by the delta rule from their logarithms); None where the top is not a top."""
    inner = peak.tau2 > 0
    at = np.array([peak.mu, *([math.log(peak.tau2)] if inner else []), *np.log(peak.weights[1:])])
    hessian = curvature(surface_of(data, tau2=None if inner else 0.0), at)
    if not np.isfinite(hessian).all() or float(np.linalg.eigvalsh(-hessian).min()) <= 1e-9:
        return None
    variances = np.diag(np.linalg.inv(-hessian))
    tail = variances[2 if inner else 1 :]
    return (math.sqrt(variances[0]), *(w * math.sqrt(v) for w, v in zip(peak.weights[1:], tail, strict=True)))


def _profile_interval(data: Seen, peak: Peak, se: float, level: float) -> tuple[float, float]:
    drop = normal_quantile(0.5 + level / 2) ** 2 / 2
    return _crossing(data, peak, -se, drop), _crossing(data, peak, se, drop)


def _crossing(data: Seen, peak: Peak, step: float, drop: float) -> float:
    """Where the profile has fallen by `drop` on one side, going outward; infinite where it does not within reach."""
    nuisance = np.array([math.log(max(peak.tau2, 1e-4 * float(np.mean(data.errors**2)))), *np.log(peak.weights[1:])])

    def left(mu: float) -> float:
        nonlocal nuisance
        top = climb(surface_of(data, mu=mu), nuisance)
        flat = climb(surface_of(data, mu=mu, tau2=0.0), top.at[1:])
        nuisance = np.array([max(float(top.at[0]), -20.0), *top.at[1:]])
        return max(top.height, flat.height) - peak.log_likelihood + drop

    inside, at_inside = peak.mu, drop
    outside = peak.mu + 2 * step
    while (at_outside := left(outside)) > 0:
        inside, at_inside = outside, at_outside
        if abs(outside - peak.mu) > _REACH * abs(step):
            return math.copysign(math.inf, step)
        outside = peak.mu + 1.5 * (outside - peak.mu)
    for turn in range(100):
        if abs(outside - inside) <= 1e-9 * max(1.0, abs(inside)):
            break
        middle = outside - at_outside * (outside - inside) / (at_outside - at_inside)
        if turn % 3 == 2:
            middle = (inside + outside) / 2
        value = left(middle)
        if abs(value) < 1e-10:
            return middle
        if value > 0:
            inside, at_inside = middle, value
        else:
            outside, at_outside = middle, value
    return (inside + outside) / 2


def _notes(data: Seen, peak: Peak, lower: float, upper: float, *, anyway: bool) -> tuple[str, ...]:
    notes = ["a model of what might be missing, not a repair: its estimate rests on the shape that was assumed"]
    least = certainty_rules().number("selection_studies_min")
    if anyway and len(data.effects) < least:
        notes.append(
            f"{len(data.effects)} studies are below {least:g}: the estimate may be far off in either direction"
        )
    if int(data.counts.min()) < certainty_rules().number("selection_interval_few"):
        notes.append("an interval of p holds very few studies, on which its weight rests")
    if any(w > 1 for w in peak.weights[1:]):
        notes.append("results above the step look more likely to be seen, which suppression does not explain")
    if not (math.isfinite(lower) and math.isfinite(upper)):
        notes.append("the data set no limit on one side")
    return tuple(notes)
