"""How sure anyone can be of each number, in GRADE's terms, by the stated rules."""

from __future__ import annotations

import math

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.pair.forest import Evidence
from inconcert.evidence.synthesis.pair.settling import control_rate
from inconcert.evidence.synthesis.pair.types import ForestRow, Group, Options
from inconcert.evidence.synthesis.trust.certainty import Certainty, grade
from inconcert.evidence.synthesis.trust.facts import facts_of_fit, study_facts
from inconcert.evidence.synthesis.trust.information_size import optimal_information_size
from inconcert.evidence.synthesis.trust.types import NoAnswer

# The smallest difference that would matter to a patient (design; the clinic's to set): half again the odds, a quarter more of a
# rate, ten points of rate, two points of a score, a fifth of a standard deviation.
SMALLEST_IMPORTANT = {Scale.OR: math.log(1.5), Scale.RR: math.log(1.25), Scale.RD: 0.1, Scale.MD: 2.0, Scale.SMD: 0.2}
TOO_FEW = NoAnswer(
    asked="publication bias",
    why="Fewer than ten studies make this comparison.",
    mend="Search registries for unpublished trials.",
)


def certainty_of(evidence: Evidence, row: ForestRow, options: Options) -> Certainty | None:
    """The certainty of one row of the model; None for a row without a number or for a study's own."""
    if row.estimate is None or row.group in (Group.OBSERVED, Group.STUDY):
        return None
    network, tables = evidence.fit.network, evidence.tables
    pair_wanted = row.group in (Group.EXPECTED, Group.INTERACTION)
    studies = {
        study.study: study_facts(
            tables.studies[study.study],
            people=evidence.people_of(study),
            as_asked=not pair_wanted or _gave_both(evidence, study.treatments),
            row_ids=study.row_ids,
        )
        for study in network.studies
    }
    smallest = SMALLEST_IMPORTANT[network.scale]
    rate = control_rate(evidence)
    people = optimal_information_size(network.scale, smallest, control_risk=rate, sd=None)
    facts = facts_of_fit(
        evidence.fit,
        evidence.row_of(row.parts),
        studies,
        question=row.label,
        smallest_important=smallest,
        people_wanted=people,
        asymmetry=TOO_FEW,
        selection=TOO_FEW,
    )
    return grade(facts, options.as_of)


def _gave_both(evidence: Evidence, treatments: tuple[str, ...]) -> bool:
    return any({drug, coil} <= set(name.split("+")) for name in treatments for drug, coil in evidence.asked.pairs)
