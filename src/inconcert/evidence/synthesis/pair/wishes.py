"""Options as people write them, in a command or a form, with a clear no where one cannot be met."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from inconcert.evidence.synthesis.data.types import NetworkError, Scale
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.pair.types import Controls, DesignFilter, Interval, Lumping, Options, Outcome

Named = TypeVar("Named", bound=StrEnum)
COUNT_SCALES = (Scale.OR, Scale.RR, Scale.RD)


def read_options(wishes: Mapping[str, str], as_of: date, evidence: Path | None = None) -> Options:
    """Options from words; a wish that is absent or empty takes its default. Raises NetworkError naming the wish and the mend.

    Wishes: outcome, week, design, measure, lumping, controls, interval, tau, weight, bias_sd, recalled, derived.
    """
    said = {name: text.strip() for name, text in wishes.items() if text.strip()}
    plain = Options(as_of=as_of)
    outcome = _one_of(said, "outcome", Outcome, plain.outcome)
    scale = _scale(said.get("measure"), outcome)
    week = _number(said, "week", plain.week, low=0, high=520)
    weight = _number(said, "weight", plain.nonrandomized_weight, low=0, high=1)
    if weight == 0:
        raise NetworkError("a weight of 0 leaves those studies out. Mend: ask for design rct.")
    return Options(
        as_of=as_of,
        outcome=outcome,
        week=week,
        design=_one_of(said, "design", DesignFilter, plain.design),
        scale=scale,
        lumping=_one_of(said, "lumping", Lumping, plain.lumping),
        controls=_one_of(said, "controls", Controls, plain.controls),
        tau=_one_of(said, "tau", TauMethod, TauMethod.REML),
        interval=_one_of(said, "interval", Interval, plain.interval),
        nonrandomized_weight=weight,
        bias_sd=_number(said, "bias_sd", plain.bias_sd, low=0, high=10),
        recalled=_yes(said, "recalled", plain.recalled),
        derived=_yes(said, "derived", plain.derived),
        evidence=evidence,
    )


def at_odds(options: Options) -> str | None:
    """Two wishes that cannot both be meant, with the mend; None where all agree. One of them would be passed over in silence."""
    if options.bias_sd and options.interval is not Interval.BAYES:
        return f"a bias_sd is part of the Bayesian model, and the interval asked for is {options.interval}. Mend: ask for interval bayes."
    if options.design is DesignFilter.RCT and options.bias_sd:
        return "a bias_sd is of studies that were not randomized, and design rct leaves them out. Mend: ask for design all."
    if options.design is DesignFilter.RCT and options.nonrandomized_weight != 1:
        return (
            "a weight is of studies that were not randomized, and design rct leaves them out. Mend: ask for design all."
        )
    return None


def _one_of(said: Mapping[str, str], name: str, kind: type[Named], default: Named) -> Named:
    text = said.get(name)
    if text is None:
        return default
    try:
        return kind(text.lower())
    except ValueError:
        raise NetworkError(f"{name} {text!r} is not known. Mend: one of {', '.join(kind)}.") from None


def _scale(text: str | None, outcome: Outcome) -> Scale | None:
    if text is None:
        return None
    fits = [s for s in Scale if (s in COUNT_SCALES) == (outcome is not Outcome.CHANGE)]
    if text.upper() not in fits:
        raise NetworkError(f"measure {text!r} does not fit {outcome}. Mend: one of {', '.join(fits)}.")
    return Scale(text.upper())


def _number(said: Mapping[str, str], name: str, default: float, *, low: float, high: float) -> float:
    text = said.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise NetworkError(f"{name} {text!r} cannot be. Mend: a number from {low:g} to {high:g}.")
    return value


def _yes(said: Mapping[str, str], name: str, default: bool) -> bool:
    text = said.get(name)
    if text is None:
        return default
    if text.lower() not in ("yes", "no"):
        raise NetworkError(f"{name} {text!r} is neither yes nor no. Mend: write one of the two.")
    return text.lower() == "yes"
