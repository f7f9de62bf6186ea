"""Which study would make it known: for what the data cannot give, the smallest set of two-arm studies that would.

A study of a against b adds the row s = C[a] - C[b]. With N the null space of the design, a contrast c is in the row space of
the design with these rows if and only if N'c is a sum of multiples of the N's (linear algebra, textbook). So one study is
enough where N's and N'c point the same way, and two where N'c lies in the plane of both; in whole numbers both are compared
exactly, and every candidate is tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from inconcert.evidence.synthesis.data.types import NetworkError
from inconcert.evidence.synthesis.models.design import Design, Interaction, component_design
from inconcert.evidence.synthesis.models.estimable import RowSpace, Whole, row_space
from inconcert.evidence.synthesis.models.fit import Fit
from inconcert.evidence.synthesis.models.interactions import columns_of

MOST_LISTED = 1_000
MOST_DIRECTIONS = 3_000
_SMALL = 2**30
_FEW, _USUAL = 6, 3_000  # columns and candidates for which sets of two take no time that anybody would notice


@dataclass(frozen=True, kw_only=True, order=True)
class NewStudy:
    """A two-arm study that nobody need have done. `new` are those of its arms that no study of the network gave."""

    first: str
    second: str
    new: tuple[str, ...] = ()

    def __str__(self) -> str:
        """In words."""
        return f"{self.first} against {self.second}"


@dataclass(frozen=True, kw_only=True)
class Identified:
    """What would make `asked` known.

    `options` are sets of studies, the plainest first, all of the smallest size that does, at most MOST_LISTED of `count`;
    empty where it is known already, or where no such set of at most `most` studies exists among those tried.
    """

    asked: str
    known: bool
    options: tuple[tuple[NewStudy, ...], ...]
    count: int
    most: int

    def __str__(self) -> str:
        """The answer as a sentence or two."""
        if self.known:
            return f"{self.asked}: the studies at hand give it."
        if not self.options:
            few = "two studies" if self.most > 1 else "study"
            return f"{self.asked}: no {few} of two arms, of the components of this network, would make it known."
        best = self.options[0]
        new = sorted({name for study in best for name in study.new})
        said = f"{self.asked}: " + (
            f"a study of {best[0]} would make it known."
            if len(best) == 1
            else "no single two-arm study would make it known; two would: " + ", and ".join(map(str, best)) + "."
        )
        if new:
            said += f" Nobody in this network was given {' or '.join(new)}."
        others = self.count - 1
        return said + (f" So would {others} other choice{'s'[: others > 1]}." if others else "")


def for_contrast(model: Fit, first: str, second: str, *, most: int = 2) -> Identified:
    """What would make `first` against `second` known. Raises NetworkError for an unknown name."""
    row = model.design.row_of(first) - model.design.row_of(second)
    return _answer(f"{first} against {second}", model.design, model.space, row, most, (first, second))


def for_parameter(model: Fit, column: str, *, most: int = 2, kept: Kept | None = None) -> Identified:
    """What would make a component, or an interaction of the design, known. Raises NetworkError for an unknown one.

    `kept` holds the candidates of this model from one question to the next.
    """
    design = model.design
    if column not in design.columns:
        raise NetworkError(
            f"there is no column {column!r} in this design. Mend: use one of {', '.join(design.columns)}."
        )
    place = design.columns.index(column)
    row = np.eye(len(design.columns), dtype=np.int64)[place]
    parts = design.interactions[place - len(design.components)].parts if place >= len(design.components) else ()
    return _answer(column, design, model.space, row, most, _joined(design, parts), kept)


def for_interaction(model: Fit, label: str, *, most: int = 2) -> Identified:
    """What would make one interaction more (`A*B`) known, added to the design. Raises NetworkError for an unknown part."""
    terms, matrix = columns_of(model.design, [label])
    if not terms:  # the design has it, perhaps with its parts in another order
        wanted = {part.strip() for part in label.split("*")}
        return for_parameter(
            model, next(term.label for term in model.design.interactions if set(term.parts) == wanted), most=most
        )
    wide = _wider(model.design, terms[0])
    space = row_space(model.rows.spanning @ np.hstack([model.design.matrix, matrix]))
    row = np.eye(len(wide.columns), dtype=np.int64)[-1]
    return _answer(label, wide, space, row, most, _joined(wide, terms[0].parts))


def for_everything(model: Fit, *, most: int = 2) -> tuple[Identified, ...]:
    """One answer for each column that cannot be estimated."""
    kept: Kept = {}
    return tuple(
        for_parameter(model, name, most=most, kept=kept)
        for name, value in model.common.parameters.items()
        if value is None
    )


def in_short(model: Fit) -> dict[str, str]:
    """A sentence for each column that cannot be estimated, quick enough to be said unasked.

    Single studies for all of them; sets of two only for the few that no single study gives, in a network of usual size.
    Empty in the standard model, whose columns stand for nothing by themselves.
    """
    if model.design.separator is None:
        return {}
    kept: Kept = {}
    singles = {
        name: for_parameter(model, name, most=1, kept=kept)
        for name, value in model.common.parameters.items()
        if value is None
    }
    open_still = [name for name, found in singles.items() if not found.options]
    if len(open_still) <= _FEW and sum(len(some.pairs) for some in kept.values()) <= _USUAL:
        singles |= {name: for_parameter(model, name, most=2, kept=kept) for name in open_still}
    return {name: str(found) for name, found in singles.items()}


def _wider(design: Design, term: Interaction) -> Design:
    labels = [*(one.label for one in design.interactions), term.label]
    return component_design(
        design.treatments, separator=design.separator or "+", inactive=design.inactive, interactions=labels
    )


def _joined(design: Design, parts: Sequence[str]) -> list[str]:
    """Every combination of these parts, by name."""
    sizes = range(1, len(parts) + 1)
    return [(design.separator or "+").join(some) for size in sizes for some in combinations(parts, size)]


def _answer(
    asked: str,
    design: Design,
    space: RowSpace,
    row: Whole,
    most: int,
    more: Sequence[str],
    kept: Kept | None = None,
) -> Identified:
    """The network's treatments first, then those that nobody gave: each component, each two together, and `more`."""
    if space.contains(row[None, :])[0]:
        return Identified(asked=asked, known=True, options=(), count=0, most=most)
    kept = {} if kept is None else kept
    target = _directions(row[None, :], space)[0]
    own, arms = design.treatments, (asked, *more)
    for size in range(1, most + 1):
        for names in (own, (*own, *_new_names(design, more))):
            if names not in kept:
                kept[names] = _Candidates.of(names, design, space)
            count, found = kept[names].one(target, arms) if size == 1 else kept[names].two(target, arms)
            if count:
                return Identified(asked=asked, known=False, options=found, count=count, most=most)
    return Identified(asked=asked, known=False, options=(), count=0, most=most)


def _new_names(design: Design, more: Sequence[str]) -> list[str]:
    """Treatments that no study gave, as `A+B`, each once; none in the standard model, which knows nothing of parts."""
    if design.separator is None:
        return []
    pairs = [design.separator.join(pair) for pair in combinations(design.components, 2)]
    seen = {tuple(row) for row in design.matrix.tolist()}
    names = []
    for name in (*design.components, *pairs, *more):
        row = tuple(design.row_of(name).tolist())
        if row not in seen:
            seen.add(row)
            names.append(name)
    return names


@dataclass(frozen=True, kw_only=True)
class _Candidates:
    """Every two-arm study of `names`: places of its arms (m, 2), direction (m, q), and how plain it is (m, 3).

    Plainest are the fewest treatments that nobody gave, then arms that differ least, then the fewest parts.
    """

    names: tuple[str, ...]
    parts: Whole
    pairs: Whole
    directions: Whole
    plainness: Whole
    given: frozenset[str]

    @staticmethod
    def of(names: tuple[str, ...], design: Design, space: RowSpace) -> _Candidates:
        rows = np.array([design.row_of(name) for name in names])
        held = rows[:, : len(design.components)]
        new = np.array([name not in design.place for name in names], dtype=np.int64)
        one, other = np.triu_indices(len(names), 1)
        apart = np.abs(held[one] - held[other]).sum(axis=1)
        parts = held.sum(axis=1)
        return _Candidates(
            names=names,
            parts=parts,
            pairs=np.column_stack([one, other]),
            directions=_directions(rows[one] - rows[other], space),
            plainness=np.column_stack([new[one] + new[other], apart, parts[one] + parts[other]]),
            given=frozenset(design.treatments),
        )

    def one(self, target: Whole, arms: Arms) -> tuple[int, Sets]:
        """How many studies are enough by themselves, and the plainest of them."""
        places = np.flatnonzero(np.all(self.directions == target, axis=1))
        count = len(places)
        ranked = places[np.lexsort(self.plainness[places].T[::-1])]
        if count > MOST_LISTED:  # those as plain as the last that is listed come along: their names decide
            last = self.plainness[ranked[MOST_LISTED - 1]]
            ranked = ranked[: int(np.flatnonzero(np.all(self.plainness[ranked] == last, axis=1))[-1]) + 1]
        return self._listed([[place] for place in ranked.tolist()], count, arms)

    def two(self, target: Whole, arms: Arms) -> tuple[int, Sets]:
        """How many pairs of studies are enough, and the plainest of them."""
        groups: dict[tuple[int, ...], list[int]] = {}
        for place, key in enumerate(map(tuple, self.directions.tolist())):
            if any(key):
                groups.setdefault(key, []).append(place)
        chosen = [(groups[one], groups[other]) for one, other in _planes(list(groups), target)]
        count = sum(len(one) * len(other) for one, other in chosen)
        kept = MOST_LISTED if count <= MOST_LISTED else 8  # of each direction: the plainest
        found = [
            some
            for groups_of_two in chosen
            for some in product(
                *(sorted(group, key=lambda place: self._plain([place], arms))[:kept] for group in groups_of_two)
            )
        ]
        return self._listed(found, count, arms)

    def _listed(self, sets: Iterable[Sequence[int]], count: int, arms: Arms) -> tuple[int, Sets]:
        found = sorted(sets, key=lambda places: self._plain(places, arms))[:MOST_LISTED]
        return count, tuple(tuple(self._study(place, arms) for place in places) for places in found)

    def _plain(self, places: Sequence[int], arms: Arms) -> tuple[list[int], int, list[str]]:
        """Among equally plain sets, the one with most of what is asked for as arms."""
        studies = [self._study(place, arms) for place in places]
        asked_for = sum(arm in (study.first, study.second) for study in studies for arm in arms)
        return self.plainness[list(places)].sum(axis=0).tolist(), -asked_for, [*map(str, studies)]

    def _study(self, place: int, arms: Arms) -> NewStudy:
        # the arm with more in it first: what is tried, then what it is tried against
        def order(name: str, parts: int) -> tuple[int, int, str]:
            return -parts, arms.index(name) if name in arms else len(arms), name

        pair = [(self.names[arm], int(self.parts[arm])) for arm in self.pairs[place].tolist()]
        one, other = (name for name, _ in sorted(pair, key=lambda arm: order(*arm)))
        return NewStudy(first=one, second=other, new=tuple(name for name in (one, other) if name not in self.given))


Arms = tuple[str, ...]
Sets = tuple[tuple[NewStudy, ...], ...]
Kept = dict[tuple[str, ...], _Candidates]


def _planes(keys: Sequence[tuple[int, ...]], target: Whole) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Each two directions in whose plane the target lies, none of which is the target's own."""
    if len(keys) < 2 or len(keys) > MOST_DIRECTIONS:
        return
    big = max(abs(value) for key in (*keys, target) for value in key) >= _SMALL
    every = np.array(keys, dtype=object if big else np.int64)
    for place, one in enumerate(every):
        pivot = int(np.flatnonzero(one)[0])
        wanted = _normal((one[pivot] * target - target[pivot] * one)[None, :])[0]
        rest = _normal(one[pivot] * every[place + 1 :] - every[place + 1 :, pivot][:, None] * one)
        for other in np.flatnonzero(np.all(rest == wanted, axis=1)):
            yield keys[place], keys[place + 1 + int(other)]


def _directions(rows: Whole, space: RowSpace) -> Whole:
    """N's for each row (q, p), in lowest terms, the first number that is not zero positive: equal where they point alike."""
    null = space.null_space
    return _normal((rows.astype(object) if null.dtype == object else rows) @ null)


def _normal(rows: Whole) -> Whole:
    shared = np.gcd.reduce(rows, axis=1)
    shared[shared == 0] = 1
    out: Whole = rows // shared[:, None]
    leading = out[np.arange(len(out)), (out != 0).argmax(axis=1)]
    out[leading < 0] *= -1
    return out
