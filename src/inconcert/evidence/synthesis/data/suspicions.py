"""What looks wrong across studies and is never mended by guess: names alike, a control counted twice, a direction turned round.

Each function gives sentences for the reader. None changes a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from inconcert.evidence.synthesis.data.attributes import listed
from inconcert.evidence.synthesis.data.types import StudyContrasts

FAR = 3.0  # standard errors between a study and the others of its comparison
CLEAR = 1.96  # standard errors from no effect, for either to have a direction
FEW_STUDIES = 3  # means of fewer studies say nothing of a common direction
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedArm:
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


def turned_effects(studies: Sequence[StudyContrasts], shown: Callable[[float], str]) -> list[str]:
    """Studies whose effect has the opposite sign of the others' of the same comparison, and would fit were it turned round.

    Said where study and others are each more than 1.96 standard errors from no effect, on opposite sides, more than 3 standard
    errors apart, and the turned effect would lie within 3. The others are joined by inverse variance.
    """
    by_pair: dict[tuple[str, str], list[tuple[str, float, float]]] = {}
    for study in studies:
        for first, second, effect, variance in _comparisons(study):
            key, value = ((first, second), effect) if first < second else ((second, first), -effect)
            by_pair.setdefault(key, []).append((study.study, value, variance))
    notes = []
    for (first, second), found in by_pair.items():
        if len(found) < 2 or min(e for _, e, _ in found) * max(e for _, e, _ in found) >= 0:
            continue
        weight = sum(1 / v for _, _, v in found)
        total = sum(e / v for _, e, v in found)
        turned = [
            (name, effect, (total - effect / variance) / (weight - 1 / variance))
            for name, effect, variance in found
            if _is_turned(effect, variance, total - effect / variance, weight - 1 / variance)
        ]
        for name, effect, others in turned[: 1 if len(found) == 2 else None]:
            against = f"in {found[1][0]}" if len(found) == 2 else f"in the other {len(found) - 1} studies together"
            notes.append(
                f"{second} minus {first} is {shown(effect)} in {name} but {shown(others)} {against}: check the direction of"
                f" the outcome in {name}{' and ' + found[1][0] if len(found) == 2 else ''}, whether high is good or bad, and which"
                " arm is which. Nothing was turned round."
            )
    return notes


def _comparisons(study: StudyContrasts) -> list[tuple[str, str, float, float]]:
    """Every pair of a study: first, second, second minus first, variance."""
    names, effects, covariance = study.treatments, study.effects.tolist(), study.covariance.tolist()
    found = [(names[0], name, effects[i], covariance[i][i]) for i, name in enumerate(names[1:])]
    for j in range(1, len(effects)):
        for i in range(j):
            variance = covariance[i][i] + covariance[j][j] - 2 * covariance[i][j]
            found.append((names[i + 1], names[j + 1], effects[j] - effects[i], variance))
    return found


def _is_turned(effect: float, variance: float, total: float, weight: float) -> bool:
    """Whether an effect fits the others (weighted sum `total`, sum of weights `weight`) only with its sign changed."""
    others, spread = total / weight, math.sqrt(variance + 1 / weight)
    return (
        effect * others < 0
        and abs(effect) > CLEAR * math.sqrt(variance)
        and abs(others) > CLEAR / math.sqrt(weight)
        and abs(effect - others) > FAR * spread
        and abs(effect + others) <= FAR * spread
    )


def turned_means(means: Mapping[str, Sequence[float]]) -> list[str]:
    """Studies whose arms all have means of the sign opposite to every mean of every other study (three studies or more)."""
    signs = {study: _sign(values) for study, values in means.items()}
    if len(signs) < FEW_STUDIES or 0 in signs.values():
        return []
    positive = [study for study, sign in signs.items() if sign > 0]
    negative = [study for study, sign in signs.items() if sign < 0]
    few, side = (positive, "above") if len(positive) <= len(negative) else (negative, "below")
    if not few or len(few) * 2 >= len(signs):
        return []
    note = (
        f"Every mean of {listed(few)} is {side} 0 and every mean of the other {len(signs) - len(few)} studies on the other side:"
        " check whether an improvement was counted upward, or final scores stand beside changes. Nothing was turned round."
    )
    return [note]


def _sign(values: Sequence[float]) -> int:
    """1 or -1 where all are above or below 0, else 0."""
    return 1 if min(values) > 0 else -1 if max(values) < 0 else 0
