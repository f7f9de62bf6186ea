"""From answers to a total, or to the lowest and highest total the blanks allow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from inconcert.knowledge.scales import ScaleFile, ScaleItem, Variant, scale_files
from inconcert.scales.answers import Answers


@dataclass(frozen=True, slots=True)
class Unit:
    """Items of which one number enters the total: an item of a sum, or a domain whose highest item counts."""

    keys: tuple[str, ...]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and highest total the answers allow, and the items whose answer could still move it."""

    low: float
    high: float
    open_items: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """True if only one total is possible."""
        return self.low == self.high


@lru_cache(maxsize=128)
def units(scale_id: str) -> tuple[Unit, ...]:
    """The parts of a scale's total, in file order (empty for a triage scale). A pair counts in its domain."""
    scale = scale_files()[scale_id]
    if scale.total.kind == "triage":
        return ()
    if scale.total.kind == "domain_maxima":
        return tuple(
            Unit(d.items, max(scale.item(k).range[0] for k in d.items), max(scale.item(k).range[1] for k in d.items))
            for d in scale.total.domains
        )
    return tuple(Unit((item.key,), *item.range) for item in scale.scored_items)


def not_asked(scale: ScaleFile, answers: Answers) -> frozenset[str]:
    """Blank items that the form itself leaves out: the partner of an answered item, or a skipped question."""
    left_out = {i.key for i in scale.items if i.pair and answers[i.key] is None and answers[i.pair] is not None}
    for rule in scale.skips:
        if answers[rule.item] == rule.answer:
            left_out |= {key for key in rule.implies_no if answers[key] is None}
    return frozenset(left_out)


def bounds(scale: ScaleFile, answers: Answers, variant: Variant | None = None) -> Bounds:
    """The totals that the answers allow (levels, as ranks, for a triage scale)."""
    skipped = not_asked(scale, answers)
    if scale.total.kind == "triage":
        return _levels(scale, answers, skipped)
    low = high = 0.0
    open_items: list[str] = []
    ranges = variant.ranges if variant else {}
    for item in scale.scored_items if scale.total.kind != "domain_maxima" else ():
        value = answers[item.key]
        first, last = ranges.get(item.key, item.range)
        if value is None:
            low, high = low + first, high + last
            open_items.append(item.key)
        else:
            points = turned(item, value)
            low, high = low + points, high + points
    if scale.total.kind == "domain_maxima":
        for unit in units(scale.id):
            least, most = _domain(scale, unit, answers, skipped)
            low, high = low + least, high + most
            if least != most:
                open_items += [k for k in unit.keys if answers[k] is None and k not in skipped]
    return Bounds(low, high, tuple(open_items))


def turned(item: ScaleItem, value: float) -> float:
    """The points an answer gives: itself, or counted from the other end where the item is asked the other way round."""
    return item.range[0] + item.range[1] - value if item.reversed_scored else value


def _domain(scale: ScaleFile, unit: Unit, answers: Answers, skipped: frozenset[str]) -> tuple[float, float]:
    low, high = float(unit.low), float(unit.low)
    for key in unit.keys:
        value = answers[key]
        if value is not None:
            low, high = max(low, value), max(high, value)
        elif key not in skipped:
            high = max(high, scale.item(key).range[1])
    return low, high


def level_of(scale: ScaleFile, yes: frozenset[str]) -> int:
    """Rank of the most severe level that these yes answers give (0 is the mildest)."""
    top = len(scale.triage) - 1
    for place, rule in enumerate(scale.triage):
        if yes.intersection(rule.any_yes):
            return top - place
    return 0


def _levels(scale: ScaleFile, answers: Answers, skipped: frozenset[str]) -> Bounds:
    """Try every way to fill the blanks that the form's own skips allow."""
    blanks = [i.key for i in scale.items if answers[i.key] is None and i.key not in skipped]
    given = frozenset(key for key, value in answers.items() if value)
    by_fill: dict[tuple[int, ...], int] = {}
    for fill in product((0, 1), repeat=len(blanks)):
        added = dict(zip(blanks, fill, strict=True))
        if _reachable(scale, answers, added):
            by_fill[fill] = level_of(scale, given | {key for key, value in added.items() if value})
    moving = tuple(
        key
        for place, key in enumerate(blanks)
        if {r for f, r in by_fill.items() if f[place]} != {r for f, r in by_fill.items() if not f[place]}
    )
    return Bounds(min(by_fill.values()), max(by_fill.values()), moving)


def _reachable(scale: ScaleFile, answers: Answers, added: dict[str, int]) -> bool:
    """False where a fill says yes to a question that another of its answers would have skipped."""
    for rule in scale.skips:
        decider = added.get(rule.item, answers[rule.item])
        if decider == rule.answer and any(added.get(key) for key in rule.implies_no):
            return False
    return True
