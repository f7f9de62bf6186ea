"""The rules that rows of the study tables must keep, and what to do where they do not.

Each rule is a function from the tables to findings. `check_tables` runs them all; a finding that `doubts.yaml` answers (same rule,
same row) becomes a doubt with its explanation, and doubts that no rule can see are listed as they stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date

from inconcert.knowledge.study_checks.agreement import (
    check_against_arms,
    check_against_people,
    check_outcomes_of_an_arm,
)
from inconcert.knowledge.study_checks.identity import check_identifiers, check_labels, check_studies, check_twice
from inconcert.knowledge.study_checks.intervals import check_differences, check_parameters, check_pooled
from inconcert.knowledge.study_checks.people import check_counts, check_marks, check_percentages, check_sizes
from inconcert.knowledge.study_checks.scores import check_scores, check_spreads, check_times
from inconcert.knowledge.study_checks.structure import check_ends, check_references
from inconcert.knowledge.study_findings import FindingLevel, StudyContext, StudyFinding, Where
from inconcert.knowledge.study_rows import StudyTables

Rule = Callable[[StudyContext], Iterator[StudyFinding]]
# What no file may hold: without these the rows cannot be put together at all.
REFUSED_ON_LOADING: tuple[Rule, ...] = (check_references, check_ends, check_counts)
RULES: tuple[Rule, ...] = (
    *REFUSED_ON_LOADING,
    check_studies,
    check_identifiers,
    check_twice,
    check_labels,
    check_sizes,
    check_percentages,
    check_marks,
    check_times,
    check_scores,
    check_spreads,
    check_outcomes_of_an_arm,
    check_differences,
    check_against_arms,
    check_against_people,
    check_pooled,
    check_parameters,
)
_GRAVITY = {FindingLevel.ERROR: 0, FindingLevel.WARNING: 1, FindingLevel.DOUBT: 2}


def files_of(tables: StudyTables) -> dict[str, Where]:
    """The file of each row, where lines are not known."""
    return {
        **dict.fromkeys(tables.studies, ("studies.csv", None)),
        **{f"{study}/{arm}": ("arms.csv", None) for study, arm in tables.arms},
        **dict.fromkeys(tables.outcomes, ("outcomes.csv", None)),
        **{row.row_id: ("contrasts.csv", None) for row in tables.contrasts},
        **dict.fromkeys(tables.pooled, ("meta_estimates.csv", None)),
        **{f"parameter/{name}": ("parameters.csv", None) for name in tables.parameters},
    }


def all_row_ids(tables: StudyTables) -> frozenset[str]:
    """Every row that a claim, a correction or a doubt may name."""
    return frozenset(files_of(tables))


def check_tables(
    tables: StudyTables,
    where: Mapping[str, Where] | None = None,
    *,
    as_of: date,
    only: Collection[str] | None = None,
) -> tuple[StudyFinding, ...]:
    """Every finding, gravest first. `only` keeps findings about these studies (and drops pooled estimates and parameters)."""
    context = StudyContext(tables=tables, where=where or files_of(tables), as_of=as_of)
    answers = {(doubt.rule, row): doubt for doubt in tables.doubts for row in doubt.rows}
    found: list[StudyFinding] = []
    for rule in RULES:
        found += [finding for finding in rule(context) if (finding.rule, finding.row_id) not in answers]
    for (name, row), doubt in answers.items():
        said = {"keep": "kept", "points_only": "kept in points only", "leave_out": "left out"}[doubt.use]
        mend = "Nothing: it was looked up." if doubt.settled else f"Find the publication. Until then the row is {said}."
        found += context.found(FindingLevel.DOUBT, name, row, doubt.doubt.strip(), mend)
    if only is not None:
        found = [finding for finding in found if finding.row_id.split("/")[0] in only]
    return tuple(sorted(found, key=lambda finding: _GRAVITY[finding.level]))
