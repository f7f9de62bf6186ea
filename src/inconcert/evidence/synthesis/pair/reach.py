"""How far each study carries the answer: its share of each row, and what is left of the interaction without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inconcert.evidence.synthesis.pair.forest import Evidence, evidence_of, interaction_row, pull_of
from inconcert.evidence.synthesis.pair.question import named
from inconcert.evidence.synthesis.pair.types import Options, Reach

Share = dict[str, float]


def reach(
    evidence: Evidence, options: Options, rows: dict[str, dict[str, int]], names: dict[str, str]
) -> tuple[Reach, ...]:
    """Each study's reach, the widest first. `rows` are contrasts by row id, as parts of the design's columns.

    A row's value is a weighted sum of study results; the share is the part of its variance that comes through the study.
    """
    fitted = evidence.fit
    shares: dict[str, Share] = {study.study: {} for study in fitted.network.studies}
    for row_id, parts in rows.items():
        pull = pull_of(fitted, evidence.row_of(parts))
        spread = pull**2 * (fitted.rows.variances + (fitted.tau2 or 0.0))
        by_study = np.bincount(fitted.rows.study_of_row, weights=spread, minlength=len(fitted.network.studies))
        for study, part in zip(fitted.network.studies, by_study / spread.sum(), strict=True):
            shares[study.study][row_id] = float(part)
    found = [
        Reach(
            study=study.study,
            randomized=study.randomized,
            people=evidence.people_of(study),
            share=shares[study.study],
            without=_without(evidence, options, study.study, names),
            row_ids=study.row_ids,
        )
        for study in fitted.network.studies
    ]
    return tuple(sorted(found, key=lambda r: (-max(r.share.values(), default=0.0), r.study)))


def _without(
    evidence: Evidence, options: Options, study: str, names: dict[str, str]
) -> tuple[float, float, float] | None:
    """The first interaction when one study is left out; None where it can then not be estimated."""
    if not evidence.asked.pairs:
        return None
    pair = evidence.asked.pairs[0]
    left = tuple(s for s in evidence.fit.network.studies if s.study != study)
    asked = named(replace(evidence.fit.network, studies=left), names)
    found = evidence_of(asked, options, evidence.tables)
    if found is None or pair not in asked.pairs:
        return None
    row = interaction_row(found, pair)
    if row.estimate is None or row.lower is None or row.upper is None:
        return None
    return row.estimate, row.lower, row.upper
