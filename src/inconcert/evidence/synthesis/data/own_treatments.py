"""What the arms of one of our studies are called in a network, and which of them comes first.

Background treatment (a background component) that every compared arm had cancels: it is not part of the name. What only some
arms had stays. An arm with nothing left had nothing added, not even a placebo, and is a control node of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from inconcert.evidence.synthesis.data.own_choice import NOTHING_ADDED, Settled
from inconcert.knowledge.studies import StudyArm


def treatment_names(settled: Settled, arms: Sequence[StudyArm]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The treatment of each arm by arm id (parts sorted, joined by +), and notes on what cancelled or was merged."""
    components = settled.tables.components
    shared = frozenset.intersection(*(arm.parts for arm in arms))
    cancelled = sorted(part for part in shared if components[part].family == "background")
    names: dict[str, str] = {}
    merged: dict[str, str] = {}
    alone = False
    for arm in arms:
        parts = arm.parts - set(cancelled) or {NOTHING_ADDED}
        merged |= {part: settled.names[part] for part in sorted(parts & settled.names.keys())}
        ids = {settled.names.get(part, part) for part in parts}
        alone = alone or ids == {NOTHING_ADDED}
        names[arm.arm_id] = "+".join(sorted(map(settled.called, ids)))
    notes = []
    if cancelled:
        notes.append(f"every arm also had {', '.join(map(settled.called, cancelled))}, which cancels")
    if alone:
        notes.append("one arm had nothing added, not even a placebo")
    counted = [
        f"{settled.called(part)} counts as {settled.called(name)}"
        for part, name in sorted(merged.items())
        if settled.called(part) != settled.called(name)
    ]
    if counted:
        notes.append(", ".join(counted))
    return names, tuple(notes)


def reference_first(settled: Settled, arms: Sequence[StudyArm]) -> list[StudyArm]:
    """The arms with a control or nothing added first, in file order otherwise, so that effects read treatment minus control."""
    components = settled.tables.components
    background = {part for part, entry in components.items() if entry.family == "background"}

    def rank(arm: StudyArm) -> int:
        families = {components[part].family for part in arm.parts - background}
        return 0 if families <= {"control"} else 1 if "control" in families else 2

    return sorted(arms, key=rank)


def covariates_of(settled: Settled, arms: Sequence[StudyArm], study_id: str, day: float) -> dict[str, float]:
    """What a regression may ask of a study: year, day, bipolar, resistant (where known) and the kind of control, each 0 or 1."""
    study = settled.tables.studies[study_id]
    found = {"year": float(study.year), "day": day}
    if study.bipolar != "mixed":
        found["bipolar"] = float(study.bipolar == "yes")
    if study.resistance and study.resistance != "not stated":
        found["resistant"] = float(study.resistance not in ("not required", "community"))
    parts = frozenset().union(*(arm.parts for arm in arms))
    for name, entry in settled.tables.components.items():
        if entry.family == "control":
            found[f"control_{name}"] = float(name in parts)
    return found
