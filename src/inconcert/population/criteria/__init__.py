"""One small compiler per fact of the policy language, in the same modules as the person rules that they follow."""

from __future__ import annotations

from inconcert.population.criteria import events, given, hazards, later, outside, scores, stated, trials, tried, who
from inconcert.population.place import Compiler

COMPILERS: dict[type, Compiler] = {
    **who.COMPILERS,
    **scores.COMPILERS,
    **trials.COMPILERS,
    **tried.COMPILERS,
    **hazards.COMPILERS,
    **given.COMPILERS,
    **later.COMPILERS,
    **outside.COMPILERS,
    **events.COMPILERS,
    **stated.COMPILERS,
}

__all__ = ["COMPILERS", "Compiler"]
