"""One small function per fact of the policy language, in modules by group; `EVALUATORS` finds them by the leaf's type."""

from __future__ import annotations

from inconcert.payers.asking import Evaluator
from inconcert.payers.criteria import added, events, given, hazards, later, outside, scores, stated, trials, tried, who

EVALUATORS: dict[type, Evaluator] = {
    **who.EVALUATORS,
    **scores.EVALUATORS,
    **trials.EVALUATORS,
    **added.EVALUATORS,
    **tried.EVALUATORS,
    **hazards.EVALUATORS,
    **given.EVALUATORS,
    **later.EVALUATORS,
    **outside.EVALUATORS,
    **events.EVALUATORS,
    **stated.EVALUATORS,
}

__all__ = ["EVALUATORS", "Evaluator"]
