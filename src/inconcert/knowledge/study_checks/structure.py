"""Rows name arms, studies, components and scales that exist."""

from __future__ import annotations

from collections.abc import Iterator

from inconcert.knowledge.study_findings import FindingLevel, StudyContext, StudyFinding

NAME = "Correct the name, or add the row it names."


def check_references(context: StudyContext) -> Iterator[StudyFinding]:
    """An arm's study and components, an outcome's arm and scale, and the studies of the same people."""
    tables, error = context.tables, FindingLevel.ERROR
    for (study, arm_id), arm in tables.arms.items():
        row = f"{study}/{arm_id}"
        if study not in tables.studies:
            yield from context.found(error, "no_study", row, f"there is no study {study}.", NAME)
        for part in sorted(arm.parts - tables.components.keys()):
            problem = f"it holds {part!r}, which components.csv does not list."
            yield from context.found(
                error, "no_component", row, problem, "Use an id of components.csv, or add it there."
            )
    for row_id, outcome in tables.outcomes.items():
        if (outcome.study_id, outcome.arm_id) not in tables.arms:
            yield from context.found(error, "no_arm", row_id, "there is no such arm.", NAME)
        if outcome.measure not in tables.measures:
            yield from context.found(error, "no_measure", row_id, f"measures.yaml has no {outcome.measure!r}.", NAME)
    for study_id, entry in tables.studies.items():
        for other in entry.overlaps:
            if other not in tables.studies or other == study_id:
                problem = f"same_people_as names {other!r}, which is no other study."
                yield from context.found(error, "no_study", study_id, problem, NAME)


def check_ends(context: StudyContext) -> Iterator[StudyFinding]:
    """Both ends of a difference are arms of its study, and two different ones."""
    tables, error = context.tables, FindingLevel.ERROR
    for contrast in tables.contrasts:
        for arm_id in (contrast.arm_1, contrast.arm_2):
            if arm_id and (contrast.study_id, arm_id) not in tables.arms:
                yield from context.found(error, "no_arm", contrast.row_id, f"there is no arm {arm_id!r}.", NAME)
        if contrast.arm_1 == contrast.arm_2:
            yield from context.found(error, "same_arm", contrast.row_id, "an arm is compared with itself.", NAME)
        if contrast.measure not in tables.measures:
            problem = f"measures.yaml has no {contrast.measure!r}."
            yield from context.found(error, "no_measure", contrast.row_id, problem, NAME)
