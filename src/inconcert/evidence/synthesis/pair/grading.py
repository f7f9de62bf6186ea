"""How sure anyone can be of each number, in GRADE's terms, by the stated rules."""

from __future__ import annotations

from inconcert.evidence.synthesis.data.types import Network, Scale
from inconcert.evidence.synthesis.pair.forest import Evidence
from inconcert.evidence.synthesis.pair.settling import control_rate
from inconcert.evidence.synthesis.pair.types import ForestRow, Group, Options, Outcome
from inconcert.evidence.synthesis.trust.certainty import Certainty, grade
from inconcert.evidence.synthesis.trust.facts import facts_of_fit, study_facts
from inconcert.evidence.synthesis.trust.information_size import optimal_information_size, smallest_important
from inconcert.evidence.synthesis.trust.weighing import Favored

PEOPLE = ("resistant", "bipolar")  # covariates by which the people of two comparisons may differ


def certainty_of(evidence: Evidence, row: ForestRow, options: Options) -> Certainty | None:
    """The certainty of one row of the model; None for a row without a number or for a study's own."""
    if row.estimate is None or row.group is Group.OBSERVED:
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
    smallest = smallest_important(network.scale, _measure(network, options))
    rate = control_rate(evidence)
    people = optimal_information_size(network.scale, smallest, control_risk=rate, sd=None)
    facts = facts_of_fit(
        evidence.fit,
        evidence.row_of(row.parts),
        studies,
        question=row.label,
        smallest_important=smallest,
        people_wanted=people,
        favored=Favored.EITHER if network.scale in (Scale.MD, Scale.SMD) else Favored.GREATER,
        interval=None if row.lower is None or row.upper is None else (row.lower, row.upper),
        prediction=row.prediction,
        modifiers=PEOPLE,
    )
    return grade(facts, options.as_of)


def _measure(network: Network, options: Options) -> str:
    """What was counted, or the one scale that every study used; '' where they used several."""
    if options.outcome is not Outcome.CHANGE:
        return options.outcome.value
    used = {row_id.split("/")[2] for study in network.studies for row_id in study.row_ids}
    return used.pop() if len(used) == 1 else ""


def _gave_both(evidence: Evidence, treatments: tuple[str, ...]) -> bool:
    return any({drug, coil} <= set(name.split("+")) for name in treatments for drug, coil in evidence.asked.pairs)
