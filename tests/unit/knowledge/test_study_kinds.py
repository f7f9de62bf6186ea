"""Every component of the study tables has a name that people can read."""

from __future__ import annotations

import pytest

from inconcert.knowledge import study_kinds
from inconcert.knowledge.loader import Entry
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.knowledge.studies import study_tables
from inconcert.knowledge.study_kinds import ComponentName, component_names, treatment_kinds


def test_every_component_has_a_name_for_reading() -> None:
    """None is left to its id, and no name looks like one."""
    names = component_names()
    assert names.keys() == study_tables().components.keys()
    assert not any("_" in name for name in names.values())


def test_a_name_is_of_one_component_or_of_the_kind_it_belongs_to() -> None:
    """`ketamine infusion` is the intravenous ketamine both by itself and as a kind; no name stands for something else."""
    kinds = treatment_kinds()
    for part, name in component_names().items():
        assert {other for other, kind in kinds.items() if name in (kind.kind, kind.family, kind.broad)} <= {part}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("nobody", "x")], "no component"),
        ([("ect", "ECT + more")], "holds"),
        ([("ect", "x"), ("itbs", "x")], "twice"),
    ],
)
def test_names_that_cannot_be_are_refused(
    rows: list[tuple[str, str]], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown component, a mark that joins names, one name for two."""

    def loaded(*_: object) -> tuple[Entry, ...]:
        return tuple(ComponentName(part=part, name=name) for part, name in rows)

    monkeypatch.setattr(study_kinds, "load", loaded)
    with pytest.raises(KnowledgeError, match=words):
        component_names.__wrapped__()
