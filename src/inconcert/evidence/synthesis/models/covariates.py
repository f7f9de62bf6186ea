"""What is known of each study becomes slopes: columns that let an effect depend on the study."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array, Network, NetworkError
from inconcert.evidence.synthesis.models.design import Design


class Slopes(StrEnum):
    """INDEPENDENT: a slope for each column; SHARED: one for all, as often as they occur; TREATED: one for having any of them."""

    INDEPENDENT = "independent"
    SHARED = "shared"
    TREATED = "treated"


@dataclass(frozen=True, kw_only=True)
class Covariate:
    """What is known of each study, by its name: numbers, or words (a category, such as the kind of control).

    Of a category every other word is compared with `reference`, by default the most common one.
    """

    name: str
    values: Mapping[str, float] | Mapping[str, str]
    reference: str | None = None

    @property
    def is_category(self) -> bool:
        """Whether it is told in words."""
        return any(isinstance(value, str) for value in self.values.values())

    @classmethod
    def of(cls, network: Network, name: str) -> Covariate:
        """A number that the studies carry. Raises NetworkError where none does."""
        values = {study.study: study.covariates[name] for study in network.studies if name in study.covariates}
        if not values:
            known = sorted({key for study in network.studies for key in study.covariates})
            raise NetworkError(f"no study tells {name!r}. Mend: use one of {', '.join(known) or '(none is given)'}.")
        return cls(name=name, values=values)


@dataclass(frozen=True, kw_only=True)
class Term:
    """One slope. It acts on a treatment as often as it holds the columns `on` (at most once where `once`).

    `z` is the covariate of each study, `center` what is taken from it before the fit; `word` that of a category.
    """

    label: str
    word: str | None
    on: tuple[int, ...]
    once: bool
    z: Array
    center: float

    def times(self, row: NDArray[np.int64]) -> int:
        """How often it acts on a treatment that holds the columns of `row` (p)."""
        found = int(row[list(self.on)].sum())
        return min(found, 1) if self.once else found


def terms_of(
    covariate: Covariate, names: Sequence[str], design: Design, on: Sequence[str], slopes: Slopes
) -> tuple[tuple[Term, ...], str | None]:
    """The slopes of a covariate for studies `names`, all of which it knows; and the reference of a category.

    Raises NetworkError for a column that is not in the design, a number that is none, or a covariate without variation.
    """
    unknown = [name for name in on if name not in design.columns]
    if unknown or not on:
        raise NetworkError(
            f"there is no column {unknown[0] if unknown else ''!r} in this design. Mend: use some of"
            f" {', '.join(design.columns)}."
        )
    places = [design.columns.index(name) for name in on]
    which: list[tuple[tuple[int, ...], str]] = [((place,), name) for place, name in zip(places, on, strict=True)]
    if slopes is not Slopes.INDEPENDENT and len(on) > 1:
        all_of_them = set(design.components) == set(on)
        some = "each component" if all_of_them else f"each of {', '.join(on)}"
        which = [(tuple(places), some.replace("each", "any") if slopes is Slopes.TREATED else some)]
    measured, reference = _measured(covariate, names)
    terms = tuple(
        Term(
            label=f"{held} by {covariate.name}{f' {word}' if word else ''}",
            word=word,
            on=at,
            once=slopes is Slopes.TREATED,
            z=z,
            center=center,
        )
        for at, held in which
        for word, z, center in measured
    )
    return terms, reference


def _measured(covariate: Covariate, names: Sequence[str]) -> tuple[list[tuple[str | None, Array, float]], str | None]:
    """(word, value of each study, center) of each word of a category but the reference, or of a number; and the reference."""
    values = [covariate.values[name] for name in names]
    if len(set(values)) < 2:
        raise NetworkError(
            f"{covariate.name!r} is the same in all {len(values)} studies that tell it, so nothing can depend on it. Mend: use another."
        )
    if covariate.is_category:
        words = [str(value) for value in values]
        counts = Counter(words)
        reference = covariate.reference or min(counts, key=lambda word: (-counts[word], word))
        if reference not in counts:
            raise NetworkError(
                f"no study has {covariate.name} {reference!r}. Mend: use one of {', '.join(sorted(counts))}."
            )
        others = sorted(set(words) - {reference})
        return [(one, np.array([float(word == one) for word in words]), 0.0) for one in others], reference
    numbers = np.array([float(value) for value in values])
    wrong = [name for name, value in zip(names, numbers.tolist(), strict=True) if not math.isfinite(value)]
    if wrong:
        raise NetworkError(f"study {wrong[0]}: {covariate.name} is no number. Mend: give one, or leave it out.")
    return [(None, numbers, float(numbers.mean()))], None
