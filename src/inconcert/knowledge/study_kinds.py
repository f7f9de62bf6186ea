"""The names that treatments of the study tables go by when they are lumped."""

from __future__ import annotations

from functools import cache

from inconcert.knowledge.loader import ROOT, Entry, load
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.knowledge.studies import study_tables

FILE = ROOT / "files" / "studies" / "kinds.yaml"
NAMES = ROOT / "files" / "studies" / "names.yaml"
JOINING = "+*"  # marks that join names in a treatment or an interaction


class TreatmentKind(Entry, kw_only=True):
    """One component and its three names, ever coarser."""

    part: str
    kind: str
    family: str
    broad: str


class ComponentName(Entry, kw_only=True):
    """One component and what it is called where people read it."""

    part: str
    name: str


@cache
def component_names() -> dict[str, str]:
    """By component. Raises KnowledgeError for an unknown component, two of one name, or a name with a mark that joins names."""
    rows = load(NAMES, tuple[ComponentName, ...])
    known = study_tables().components
    for row in rows:
        if row.part not in known:
            raise KnowledgeError(str(NAMES), None, f"{row.part!r} is no component.", "Use an id of components.csv.")
        if set(row.name) & set(JOINING):
            raise KnowledgeError(str(NAMES), None, f"{row.name!r} holds + or *.", "Join words with `with` or `and`.")
    if len({row.part for row in rows}) != len(rows) or len({row.name for row in rows}) != len(rows):
        raise KnowledgeError(str(NAMES), None, "a component or a name stands twice.", "Give each its own name.")
    return {row.part: row.name for row in rows}


@cache
def treatment_kinds() -> dict[str, TreatmentKind]:
    """By component. Raises KnowledgeError for a component that components.csv does not list, or stands twice."""
    rows = load(FILE, tuple[TreatmentKind, ...])
    known = study_tables().components
    for row in rows:
        if row.part not in known:
            raise KnowledgeError(str(FILE), None, f"{row.part!r} is no component.", "Use an id of components.csv.")
    if len({row.part for row in rows}) != len(rows):
        raise KnowledgeError(str(FILE), None, "a component stands twice.", "Drop one of its lines.")
    return {row.part: row for row in rows}
