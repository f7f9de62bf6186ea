"""What stays in the clinic unless the person has agreed in writing: labels, codes, drugs and words, as data.

One YAML file, `knowledge/files/disclosure/protected.yaml`. `exchange.disclosure` holds records back by it.
"""

from __future__ import annotations

from functools import cache

from msgspec import field

from inconcert.judgement import Reading
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, load
from inconcert.knowledge.strict_yaml import KnowledgeError

FILE = ROOT / "files" / "disclosure" / "protected.yaml"


class ProtectedKind(Entry):
    """One kind of record that does not leave by default, and by what it is recognized.

    `icd10` and `icd9` are prefixes; `drugs`, `words`, `substances` and `with_words` are matched as whole words without
    regard to case: a substance counts only together with one of `with_words`. `not_words` are taken out first.
    `questions` are intake questions on the matter; an answer to one of `quiet_questions` is held and silences no other; one to
    `neutral_questions` is held only with others. `says_no` are choices that say no. `recalled_labels` are those of `labels`
    that nobody saw in a source.
    """

    id: str
    name: str
    law: str
    released_by: str
    status: Reading
    sources: tuple[SourceNote, ...]
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    recalled_labels: tuple[str, ...] = ()
    icd10: tuple[str, ...] = ()
    icd9: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()
    loinc: tuple[str, ...] = ()
    rxnorm: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    quiet_questions: tuple[str, ...] = ()
    neutral_questions: tuple[str, ...] = ()
    never_from_days: float | None = None
    says_no: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    with_words: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    resource_types: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()


@cache
def protected_kinds() -> tuple[ProtectedKind, ...]:
    """Every protected kind, in the file's order. Raises KnowledgeError where an id stands twice."""
    kinds = load(FILE, tuple[ProtectedKind, ...])
    seen: set[str] = set()
    for kind in kinds:
        if kind.id in seen:
            raise KnowledgeError(str(FILE), None, f"The kind {kind.id!r} stands twice.", "Rename one.")
        seen.add(kind.id)
    return kinds
