"""Names become columns: which components a treatment holds, which interactions are asked for, which contrasts a study made."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import NetworkError

Integers = NDArray[np.int64]
SEPARATOR = "+"


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """Two or more components whose joint presence has an effect of its own. `label` is how it was asked for."""

    parts: tuple[str, ...]
    label: str


@dataclass(frozen=True, kw_only=True)
class Design:
    """A matrix that says what each treatment holds.

    `matrix` (treatments, columns) is 0 or 1; columns are the components, then the interactions. A treatment with nothing
    but `inactive` has an empty row. In the standard model every treatment is a column of its own.
    """

    treatments: tuple[str, ...]
    components: tuple[str, ...]
    interactions: tuple[Interaction, ...]
    matrix: Integers
    inactive: str | None
    separator: str | None
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return (*self.components, *(term.label for term in self.interactions))

    @cached_property
    def place(self) -> dict[str, int]:
        """The row of each treatment."""
        return {name: row for row, name in enumerate(self.treatments)}

    def row_of(self, name: str) -> Integers:
        """What a treatment holds, also one that no study gave. Raises NetworkError for an unknown component."""
        if name in self.place:
            return np.asarray(self.matrix[self.place[name]], dtype=np.int64)
        if self.separator is None:
            raise NetworkError(_unknown("treatment", name, self.treatments))
        return _holds(parts_of(name, self.separator), self.components, self.interactions, self.inactive)


def parts_of(treatment: str, separator: str) -> tuple[str, ...]:
    """The component names of a treatment. Raises NetworkError for an empty part or separator."""
    if not separator:
        raise NetworkError("no separator is named. Mend: name the mark between components, such as +.")
    parts = tuple(part.strip() for part in treatment.split(separator))
    if not all(parts):
        raise NetworkError(
            f"{treatment!r} has an empty part beside {separator!r}. Mend: write one name on each side, or name another"
            " separator."
        )
    return parts


def component_design(
    treatments: Iterable[str],
    *,
    separator: str = SEPARATOR,
    inactive: str | None = None,
    interactions: Sequence[str] = (),
) -> Design:
    """The component model: each treatment is the sum of its parts, plus the interactions named (`A*B`, `A*B*C`).

    `inactive` is the treatment without effect, and has no column. Raises NetworkError for an inactive treatment or a
    component that does not occur.
    """
    names = tuple(sorted(set(treatments)))
    held = {name: parts_of(name, separator) for name in names}
    known = sorted({part for parts in held.values() for part in parts})
    notes = [f"{name!r} names {part!r} twice; it counts once." for name in names for part in _twice(held[name])]
    if inactive is not None and inactive not in known:
        raise NetworkError(_unknown("inactive treatment", inactive, known))
    components = tuple(part for part in known if part != inactive)
    wanted = [_interaction(wish, components) for wish in interactions]
    once = {frozenset(term.parts): term for term in reversed(wanted)}  # of two alike the first that was named
    terms = tuple(term for term in wanted if once[frozenset(term.parts)] is term)
    notes += [
        f"the interaction {term.label!r} was named before; it counts once."
        for term in wanted
        if once[frozenset(term.parts)] is not term
    ]
    matrix = np.array([_holds(held[name], components, terms, inactive) for name in names], dtype=np.int64)
    return Design(
        treatments=names,
        components=components,
        interactions=terms,
        matrix=matrix.reshape(len(names), len(components) + len(terms)),
        inactive=inactive,
        separator=separator,
        notes=tuple(notes),
    )


def standard_design(treatments: Iterable[str]) -> Design:
    """The standard network model: every treatment a column of its own, so that only contrasts can be estimated."""
    names = tuple(sorted(set(treatments)))
    return Design(
        treatments=names,
        components=names,
        interactions=(),
        matrix=np.eye(len(names), dtype=np.int64),
        inactive=None,
        separator=None,
    )


def pairs_that_occur(design: Design) -> tuple[str, ...]:
    """Every pair of components that some treatment holds together, as `A*B`: the interactions that can be asked for."""
    found: set[tuple[str, str]] = set()
    for row in design.matrix[:, : len(design.components)]:
        held = [design.components[place] for place in np.flatnonzero(row)]
        found.update(combinations(held, 2))
    return tuple(f"{first}*{second}" for first, second in sorted(found))


def _holds(
    parts: Sequence[str], components: Sequence[str], terms: Sequence[Interaction], inactive: str | None
) -> Integers:
    unknown = [part for part in parts if part not in components and part != inactive]
    if unknown:
        raise NetworkError(_unknown("component", unknown[0], components))
    row = [int(name in parts) for name in components]
    return np.array([*row, *(int(all(p in parts for p in term.parts)) for term in terms)], dtype=np.int64)


def _interaction(wish: str, components: Sequence[str]) -> Interaction:
    parts = tuple(part.strip() for part in wish.split("*"))
    if len(set(parts)) < 2:
        raise NetworkError(f"{wish!r} is no interaction. Mend: join two different components with *, such as A*B.")
    for part in parts:
        if part not in components:
            raise NetworkError(_unknown("component", part, components))
    return Interaction(parts=parts, label=wish)


def _twice(parts: Sequence[str]) -> list[str]:
    return sorted({part for part in parts if parts.count(part) > 1})


def _unknown(kind: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"Mend: did you mean {near[0]!r}?" if near else f"Mend: use one of {', '.join(known)}."
    return f"there is no {kind} {name!r} in this network. {hint}"
