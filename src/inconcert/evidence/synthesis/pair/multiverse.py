"""Every way of asking, and the interaction each gives: how much of the answer is choice and how much is data."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from inconcert.evidence.synthesis.data.types import NetworkError, Scale
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.pair.forest import evidence_of, interaction_row
from inconcert.evidence.synthesis.pair.question import Asked, ask, weighed
from inconcert.evidence.synthesis.pair.types import (
    Controls,
    DesignFilter,
    ForestRow,
    Interval,
    Lumping,
    Options,
    Outcome,
    Universe,
)
from inconcert.knowledge.studies import StudyTables

Progress = Callable[[int, int], None]
Known = dict[Hashable, ForestRow | None]

# Choices that change which rows enter, then choices that change only how they are counted.
ROWS: dict[str, tuple[object, ...]] = {
    "outcome": (Outcome.RESPONSE, Outcome.REMISSION),
    "design": (DesignFilter.ALL, DesignFilter.RCT),
    "lumping": (Lumping.BROAD, Lumping.FAMILIES, Lumping.KINDS),
    "controls": (Controls.MERGED, Controls.APART),
    "week": (2.0, 4.0, 6.0),
    "recalled": (True, False),
    "derived": (True, False),
    "scale": (Scale.OR, Scale.RR),
}


class Way(NamedTuple):
    """A way of counting: how the interval is made, how tau is estimated, and both in words."""

    interval: Interval
    tau: TauMethod
    words: str


WAYS = (
    Way(Interval.BAYES, TauMethod.REML, "exact Bayes"),
    Way(Interval.HARTUNG_KNAPP, TauMethod.REML, "REML, Hartung and Knapp"),
    Way(Interval.NORMAL, TauMethod.REML, "REML, normal"),
    Way(Interval.NORMAL, TauMethod.DL, "DerSimonian and Laird, normal"),
    Way(Interval.NORMAL, TauMethod.PM, "Paule and Mandel, normal"),
)
WEIGHTS = (1.0, 0.5, 0.25)
BIASES = (0.0, 0.5)
NO_STUDY = "no study is left"
NO_PAIR = "no study that is left gave both"
NOT_IDENTIFIED = "the studies left cannot give it"


def multiverse(options: Options, tables: StudyTables, progress: Progress | None = None) -> tuple[Universe, ...]:
    """All combinations of the choices, each once; ways of counting that change nothing are not counted twice.

    A non-randomized study's weight or bias only matters where one enters; a bias is a matter of the Bayesian way.
    """
    every = list(_choices(ROWS))
    found: list[Universe] = []
    known: Known = {}
    for place, rows in enumerate(every):
        if progress is not None:
            progress(place, len(every))
        found += _of_rows(options, rows, tables, known)
    return tuple(found)


def _of_rows(options: Options, rows: dict[str, object], tables: StudyTables, known: Known) -> Iterator[Universe]:
    chosen = replace(options, **rows)  # type: ignore[arg-type]  # each choice under its own name
    try:
        asked = ask(replace(chosen, nonrandomized_weight=1.0), tables)
    except NetworkError as error:
        yield _none(rows, str(error), 0)
        return
    studies = len(asked.network.studies)
    if not asked.pairs:
        yield _none(rows, NO_PAIR if studies else NO_STUDY, studies)
        return
    for weight, bias, way in product(WEIGHTS, BIASES, WAYS):
        if bias and way.interval is not Interval.BAYES:
            continue
        one = replace(chosen, nonrandomized_weight=weight, bias_sd=bias, interval=way.interval, tau=way.tau)
        key = (_fingerprint(asked), weight, bias, way)
        if key not in known:
            evidence = evidence_of(replace(asked, network=weighed(asked.network, weight)), one, tables)
            known[key] = interaction_row(evidence, asked.pairs[0]) if evidence is not None else None
        row = known[key]
        if row is None or row.estimate is None:
            yield _none(rows, NOT_IDENTIFIED, studies)
            return
        counting = {"nonrandomized_weight": f"{weight:g}", "bias_sd": f"{bias:g}", "how": way.words}
        yield Universe(
            choices={**_said(rows), **counting},
            estimate=row.estimate,
            lower=row.lower,
            upper=row.upper,
            studies=studies,
            is_default=one == replace(options, scale=options.scale or Scale.OR),
        )


def _fingerprint(asked: Asked) -> Hashable:
    """Two choices that lead to the same numbers are fitted once."""
    return asked.pairs[0], tuple(
        (study.study, study.treatments, study.effects.tobytes(), study.covariance.tobytes())
        for study in asked.network.studies
    )


def _none(rows: dict[str, object], why: str, studies: int) -> Universe:
    return Universe(choices=_said(rows), estimate=None, lower=None, upper=None, studies=studies, why_none=why)


def _choices(dimensions: dict[str, tuple[object, ...]]) -> Iterator[dict[str, object]]:
    for values in product(*dimensions.values()):
        yield dict(zip(dimensions, values, strict=True))


def _said(choices: dict[str, object]) -> dict[str, str]:
    return {name: _word(value) for name, value in choices.items()}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "with" if value else "without"
    return f"{value:g}" if isinstance(value, float) else str(value)
