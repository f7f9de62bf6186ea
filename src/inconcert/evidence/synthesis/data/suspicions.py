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
    """Arms with the same treatment and the same numbers under two study names.

    With `telling` numbers (n, mean and sd) that alone is said; with counts, which agree by chance, the two studies must also have
    the same registry id, or author and year, or agree in every arm.
    """
    same: dict[tuple[str, tuple[float, ...]], list[str]] = {}
    for arm in arms:
        same.setdefault((arm.treatment, arm.numbers), []).append(arm.study)
    found: dict[tuple[str, str], list[str]] = {}
    for (treatment, _), studies in same.items():
        if len(studies) > 1:
            for second, other in enumerate(studies):
                for one in studies[:second]:
                    if one != other:
                        found.setdefault((one, other), []).append(treatment)
    if not found:
        return []
    sizes: dict[str, int] = {}
    for arm in arms:
        sizes[arm.study] = sizes.get(arm.study, 0) + 1
    notes = []
    for (one, other), treatments in found.items():
        if len(treatments) == sizes[one] == sizes[other] > 1:
            notes.append(
                f"The studies {one} and {other} agree in every arm. Mend: keep one if they are the same people."
            )
        elif telling or _kin(one, other, registry):
            notes.append(
                f"The arm {listed(treatments)} has the same numbers in {one} and {other}: a control may be counted twice."
                " Mend: if it is one group, join the two into one study of several arms."
            )
    return notes


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


def _kin(one: str, other: str, registry: Mapping[str, str]) -> bool:
    """Whether two study names have the same registry id, or the same author and year."""
    if one in registry and registry[one].casefold() == registry.get(other, "").casefold():
        return True
    first, second = _stem(one), _stem(other)
    return first is not None and first == second


def _stem(study: str) -> tuple[str, str] | None:
    """First word and year of a name such as `Smith 2010b`, or None where there is no year."""
    word, year = WORD.search(study), YEAR.search(study)
    return (word.group().casefold(), year.group()) if word and year else None
