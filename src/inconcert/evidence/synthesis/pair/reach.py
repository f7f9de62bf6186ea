"""How far each study carries the answer: its share of each row, and what is left of the interaction without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.pair.forest import Evidence, evidence_of, interaction_row
from inconcert.evidence.synthesis.pair.question import named
from inconcert.evidence.synthesis.pair.types import Options, Reach
from inconcert.evidence.synthesis.trust.shares import study_shares


def reach(evidence: Evidence, options: Options, contrasts: Mapping[str, NDArray[np.int64]]) -> tuple[Reach, ...]:
    """Each study's reach, the widest first. `contrasts` are those of the forest rows that can be estimated, by row id.

    The share is the part of a row's variance that comes through the study.
    """
    shares = {row_id: study_shares(evidence.fit, row) for row_id, row in contrasts.items()}
    found = [
        Reach(
            study=study.study,
            randomized=study.randomized,
            people=evidence.people_of(study),
            share={row_id: by_study[study.study] for row_id, by_study in shares.items()},
            without=_without(evidence, options, study.study),
            row_ids=study.row_ids,
        )
        for study in evidence.fit.network.studies
    ]
    return tuple(sorted(found, key=lambda r: (-max(r.share.values(), default=0.0), r.study)))


def _without(evidence: Evidence, options: Options, study: str) -> tuple[float, float, float] | None:
    """The first interaction when one study is left out; None where it can then not be estimated."""
    if not evidence.asked.pairs:
        return None
    pair = evidence.asked.pairs[0]
    left = tuple(s for s in evidence.fit.network.studies if s.study != study)
    asked = named(replace(evidence.fit.network, studies=left), options.lumping, evidence.tables)
    found = evidence_of(asked, options, evidence.tables)
    if found is None or pair not in asked.pairs:
        return None
    row = interaction_row(found, pair)
    if row.estimate is None or row.lower is None or row.upper is None:
        return None
    return row.estimate, row.lower, row.upper
