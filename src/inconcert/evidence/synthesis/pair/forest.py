"""The rows of the answer: each treatment alone, what both would do if effects add, what was observed, and the interaction.

Each number is a contrast of one fitted model. What both would do if effects add comes from the model with the interaction in
it, so that the studies of the pair do not speak for the treatments alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Scale, StudyContrasts
from inconcert.evidence.synthesis.models.design import Design, parts_of
from inconcert.evidence.synthesis.models.distributions import normal_quantile
from inconcert.evidence.synthesis.models.fit import Estimate, Fit
from inconcert.evidence.synthesis.models.posterior import Posterior
from inconcert.evidence.synthesis.pair.question import Asked, believe, fit_asked
from inconcert.evidence.synthesis.pair.types import ForestRow, Group, Interval, Options
from inconcert.evidence.synthesis.trust.shares import NOTHING, study_shares
from inconcert.judgement import NumberKind, Reading, Source
from inconcert.knowledge.studies import StudyTables

CANNOT = "cannot be estimated from these studies"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A fitted question with the tables behind it. With a `posterior`, intervals are its; else those of the fit."""

    asked: Asked
    fit: Fit
    tables: StudyTables
    posterior: Posterior | None = None

    @property
    def design(self) -> Design:
        """The columns of the model."""
        return self.fit.design

    @cached_property
    def column(self) -> Mapping[str, int]:
        """The place of each component and interaction."""
        return {name: place for place, name in enumerate(self.design.columns)}

    def row_of(self, parts: Mapping[str, int]) -> NDArray[np.int64]:
        """A contrast by the names of its columns."""
        found = np.zeros(len(self.column), dtype=np.int64)
        for name, times in parts.items():
            found[self.column[name]] += times
        return found

    def value(self, row: NDArray[np.int64]) -> Estimate | None:
        """The value of a contrast (posterior mean and SD with `posterior`); None where the data cannot give it."""
        if self.posterior is None:
            return self.fit.random.contrasts(row[None, :])[0]
        found = self.posterior.contrasts(row[None, :])[0]
        return None if found is None else Estimate(found.mean, found.sd, found.lower, found.upper, None)

    def prediction(self, row: NDArray[np.int64]) -> tuple[float, float] | None:
        """The interval for a new study."""
        if self.posterior is None:
            return self.fit.prediction(row)
        found = self.posterior.prediction(row)
        return found.lower, found.upper

    def source_of(self, studies: Sequence[StudyContrasts]) -> tuple[Source, ...]:
        """The sources of these studies, each as weak as its weakest row."""
        found = []
        for study in studies:
            own = self.tables.studies[study.study]
            weak = any(self._recalled(row_id) for row_id in study.row_ids) or own.status is Reading.RECALLED
            found.append(Source(own.source.ref, own.source.where, Reading.RECALLED if weak else own.source.status))
        return tuple(dict.fromkeys(found))

    def _recalled(self, row_id: str) -> bool:
        row = self.tables.outcomes.get(row_id)
        return row is not None and row.weakest is Reading.RECALLED

    def people_of(self, study: StudyContrasts) -> int | None:
        """People counted in the rows that were used; None where a row does not say."""
        counts = [row.n for row_id in study.row_ids if (row := self.tables.outcomes.get(row_id)) is not None]
        known = [count for count in counts if count is not None]
        return sum(known) if known and len(known) == len(study.row_ids) else None


def evidence_of(asked: Asked, options: Options, tables: StudyTables) -> Evidence | None:
    """The question fitted as the options say; None where no study is left."""
    fitted = fit_asked(asked, options)
    if fitted is None:
        return None
    posterior = believe(asked, options, fitted) if options.interval is Interval.BAYES else None
    return Evidence(asked=asked, fit=fitted, tables=tables, posterior=posterior)


def forest(evidence: Evidence) -> tuple[ForestRow, ...]:
    """All rows, in the order in which they are read."""
    return (
        *_alone(evidence),
        *(row for pair in evidence.asked.pairs for row in _expected(evidence, pair)),
        *_observed(evidence),
        *(interaction_row(evidence, pair) for pair in evidence.asked.pairs),
    )


def study_row(evidence: Evidence, study: StudyContrasts, arm: int, against: int) -> ForestRow:
    """Two arms of one study, by their places, as the study alone gives them: the first minus the second.

    `row_ids` are those of the two arms in that order where each arm has a row.
    """
    effects = np.concatenate(([0.0], study.effects))
    covariance = np.pad(study.covariance, ((1, 0), (1, 0)))
    value = float(effects[arm] - effects[against])
    error = math.sqrt(float(covariance[arm, arm] + covariance[against, against] - 2 * covariance[arm, against]))
    half = normal_quantile(0.5 + evidence.fit.common.level / 2) * error
    by_arm = len(study.row_ids) == len(study.treatments)
    return ForestRow(
        id=f"observed/{study.study}/{arm}/{against}",
        group=Group.OBSERVED,
        label=f"{_who(evidence, study)}: {_given(evidence, study, arm)} against {_given(evidence, study, against)}",
        estimate=value,
        se=error,
        lower=value - half,
        upper=value + half,
        text=number_text(evidence.fit.network.scale, value, value - half, value + half),
        kind=NumberKind.MODELLED,
        studies=1,
        people=evidence.people_of(study),
        randomized=study.randomized,
        note="; ".join(study.notes),
        row_ids=(study.row_ids[arm], study.row_ids[against]) if by_arm else study.row_ids,
        sources=evidence.source_of([study]),
    )


def interaction_row(evidence: Evidence, pair: tuple[str, str]) -> ForestRow:
    """What a drug and TMS do together beyond the sum of both."""
    drug, coil = pair
    return contrast_row(
        evidence,
        f"interaction/{drug}*{coil}",
        Group.INTERACTION,
        f"{drug} with {coil}: beyond the sum of both",
        {f"{drug}*{coil}": 1},
        predict=False,
    )


def contrast_row(
    evidence: Evidence,
    row_id: str,
    group: Group,
    label: str,
    parts: Mapping[str, int],
    *,
    predict: bool = True,
    note: str = "",
) -> ForestRow:
    """One contrast of the model as a row; without a number where the data cannot give it."""
    row = evidence.row_of(parts)
    found = evidence.value(row)
    behind = studies_behind(evidence, row) if found is not None else ()
    people = [evidence.people_of(study) for study in behind]
    known = [count for count in people if count is not None]
    return ForestRow(
        id=row_id,
        group=group,
        label=label,
        estimate=found.estimate if found else None,
        se=found.se if found else None,
        lower=found.lower if found else None,
        upper=found.upper if found else None,
        text=_text(evidence, found),
        kind=NumberKind.MODELLED,
        studies=len(behind),
        people=sum(known) if known else None,
        prediction=evidence.prediction(row) if found is not None and predict else None,
        parts=dict(parts),
        randomized=all(study.randomized for study in behind),
        note="; ".join(
            x for x in (note, "people of some studies were not seen" if len(known) < len(people) else "") if x
        ),
        row_ids=tuple(dict.fromkeys(row_id for study in behind for row_id in study.row_ids)),
        sources=evidence.source_of(behind),
    )


def studies_behind(evidence: Evidence, row: NDArray[np.int64]) -> tuple[StudyContrasts, ...]:
    """The studies whose results move this contrast."""
    shares = study_shares(evidence.fit, row)
    return tuple(study for study in evidence.fit.network.studies if shares[study.study] > NOTHING)


def number_text(scale: Scale, value: float, low: float, high: float) -> str:
    """A number as it is printed, ratios as ratios."""
    if scale.is_ratio:
        shown = [f"{math.exp(x):.2f}" if x < math.log(1000) else "over 1000" for x in (value, low, high)]
    elif scale is Scale.RD:
        shown = [f"{100 * x:+.1f} points" for x in (value, low, high)]
    else:
        shown = [f"{x:+.2f}" for x in (value, low, high)]
    return f"{scale.words} {shown[0]} ({shown[1]} to {shown[2]})"


def _alone(evidence: Evidence) -> Iterator[ForestRow]:
    against = evidence.asked.inactive or "a control"
    for name in (*evidence.asked.drugs, *evidence.asked.coils):
        if evidence.asked.inactive is not None:
            yield contrast_row(evidence, f"alone/{name}", Group.ALONE, f"{name} against {against}", {name: 1})
            continue
        for control in _controls_beside(evidence, name):
            label = f"{name} against {control}"
            yield contrast_row(evidence, f"alone/{name}/{control}", Group.ALONE, label, {name: 1, control: -1})


def _controls_beside(evidence: Evidence, name: str) -> list[str]:
    """Controls that some study compared with a treatment holding this component."""
    controls = set(evidence.asked.controls)
    found: set[str] = set()
    for study in evidence.fit.network.studies:
        held = [set(parts_of(treatment, "+")) for treatment in study.treatments]
        if any(name in parts for parts in held):
            found |= {part for parts in held if name not in parts for part in parts & controls}
    return sorted(found)


def _expected(evidence: Evidence, pair: tuple[str, str]) -> Iterator[ForestRow]:
    drug, coil = pair
    both = f"{drug} with {coil}"
    yield contrast_row(
        evidence, f"expected/{drug}+{coil}/{coil}", Group.EXPECTED, f"{both} against {coil} alone", {drug: 1},
        note=f"if effects add, this is what {drug} does alone",
    )  # fmt: skip
    yield contrast_row(
        evidence, f"expected/{drug}+{coil}/{drug}", Group.EXPECTED, f"{both} against {drug} alone", {coil: 1},
        note=f"if effects add, this is what {coil} does alone",
    )  # fmt: skip
    if evidence.asked.inactive is not None:
        yield contrast_row(
            evidence, f"expected/{drug}+{coil}/control", Group.EXPECTED, f"{both} against {evidence.asked.inactive}",
            {drug: 1, coil: 1},
        )  # fmt: skip


def _observed(evidence: Evidence) -> Iterator[ForestRow]:
    """Each study's own comparison of both with one of the two, whichever arm comes first in its rows."""
    pairs = [set(pair) for pair in evidence.asked.pairs]
    for study in evidence.fit.network.studies:
        held = [set(parts_of(treatment, "+")) for treatment in study.treatments]
        for arm, both in enumerate(held):
            for against, other in enumerate(held):
                if any(pair <= both and not pair <= other and pair & other for pair in pairs):
                    yield study_row(evidence, study, arm, against)


def _text(evidence: Evidence, found: Estimate | None) -> str:
    return (
        CANNOT if found is None else number_text(evidence.fit.network.scale, found.estimate, found.lower, found.upper)
    )


def _given(evidence: Evidence, study: StudyContrasts, place: int) -> str:
    """What an arm was given, in the study's own words where one row stands for one arm, else its name in the network."""
    if len(study.row_ids) == len(study.treatments):
        row = evidence.tables.outcomes.get(study.row_ids[place])
        if row is not None:
            return evidence.tables.arms[row.study_id, row.arm_id].label
    return study.treatments[place]


def _who(evidence: Evidence, study: StudyContrasts) -> str:
    own = evidence.tables.studies[study.study]
    return f"{own.first_author} {own.year}"
