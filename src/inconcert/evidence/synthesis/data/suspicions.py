"""What looks wrong across studies and is never mended by guess: names alike, people counted twice.

Each function gives sentences for the reader. None changes a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from inconcert.evidence.synthesis.data.attributes import listed

SPACES = re.compile(r"[\s\-_‐‑–]+")
YEAR = re.compile(r"(?:19|20)\d\d")
WORD = re.compile(r"[^\W\d_]{2,}")
MOST = 8  # of such sentences; the rest are counted


def names_alike(names: Iterable[str], what: str, separator: str | None = None) -> list[str]:
    """Names that differ only in case, spaces, hyphens or the order of their parts: kept apart, and said."""
    groups: dict[object, list[str]] = {}
    for name in dict.fromkeys(names):
        key: object = SPACES.sub("", name.casefold())
        if separator and separator in name:
            key = tuple(sorted(SPACES.sub("", part.casefold()) for part in name.split(separator)))
        groups.setdefault(key, []).append(name)
    return [
        f"The {what} {' and '.join(map(repr, alike))} differ only in case, spaces, hyphens or order, and were kept apart."
        " Mend: write them alike if they are the same."
        for alike in groups.values()
        if len(alike) > 1
    ]


class ReportedArm(NamedTuple):
    """One row of an arms file as a sign: who, what was given, and its numbers."""

    study: str
    treatment: str
    numbers: tuple[float, ...]


def shared_controls(arms: Sequence[ReportedArm], registry: Mapping[str, str], *, telling: bool) -> list[str]:
    """Arms with the same treatment and the same numbers under several study names; one sentence for all of those studies.

    With `telling` numbers (n, mean and sd) that alone is said; with counts, which agree by chance, the studies must also have
    the same registry id, or author and year, or agree in every arm. The work grows with the arms, not with pairs of studies.
    """
    held: dict[str, list[tuple[str, tuple[float, ...]]]] = {}
    same: dict[tuple[str, tuple[float, ...]], dict[str, None]] = {}
    for arm in arms:
        held.setdefault(arm.study, []).append((arm.treatment, arm.numbers))
        same.setdefault((arm.treatment, arm.numbers), {})[arm.study] = None
    suspects = dict.fromkeys(study for studies in same.values() if len(studies) > 1 for study in studies)
    whole: dict[tuple[tuple[str, tuple[float, ...]], ...], list[str]] = {}
    for study in suspects:
        if len(held[study]) > 1:
            whole.setdefault(tuple(sorted(held[study])), []).append(study)
    twins = [names for names in whole.values() if len(names) > 1]
    shared: dict[tuple[str, ...], dict[str, None]] = {}
    for (treatment, _), studies in same.items():
        if len(studies) > 1:
            for names in [list(studies)] if telling else _of_one_kin(studies, registry):
                if len({tuple(sorted(held[name])) for name in names}) > 1:
                    shared.setdefault(tuple(names), {})[treatment] = None
    return [
        *(
            f"The studies {_joined(names)} agree in every arm. Mend: keep one if they are the same people."
            for names in twins[:MOST]
        ),
        *_uncounted(len(twins) - MOST, "groups of studies agree in every arm."),
        *(
            f"The arm {listed(list(treatments))} has the same numbers in {_joined(names)}: a control may be counted more than once."
            " Mend: if it is one group, join these studies into one of several arms."
            for names, treatments in list(shared.items())[:MOST]
        ),
        *_uncounted(len(shared) - MOST, "arms have the same numbers in several studies."),
    ]


def same_registry(studies: Iterable[str], registry: Mapping[str, str]) -> list[str]:
    """Studies of two names under one registry id."""
    named: dict[str, list[str]] = {}
    for study in studies:
        if study in registry:
            named.setdefault(registry[study].casefold(), []).append(study)
    return [
        f"{' and '.join(names)} have the one registry id {registry[names[0]]}. Mend: check that nobody is counted twice."
        for names in named.values()
        if len(names) > 1
    ]


def _of_one_kin(studies: Iterable[str], registry: Mapping[str, str]) -> list[list[str]]:
    """Those of these studies, two or more together, that have one registry id, or one author and year."""
    groups: dict[object, list[str]] = {}
    for study in studies:
        if study in registry:
            groups.setdefault(registry[study].casefold(), []).append(study)
        if (stem := _stem(study)) is not None:
            groups.setdefault(stem, []).append(study)
    return list({tuple(names): names for names in groups.values() if len(names) > 1}.values())


def _joined(names: Sequence[str]) -> str:
    """`A and B`, `A, B and C`; after six names, how many more there are."""
    if len(names) > 7:
        return listed(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _uncounted(more: int, what: str) -> list[str]:
    """How many were not named one by one, in a file so large that chance alone makes many."""
    return [f"{more} more {what}"] if more > 0 else []


def _stem(study: str) -> tuple[str, str] | None:
    """First word and year of a name such as `Smith 2010b`, or None where there is no year."""
    word, year = WORD.search(study), YEAR.search(study)
    return (word.group().casefold(), year.group()) if word and year else None
