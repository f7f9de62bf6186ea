"""What a criterion says of one number or one choice, so that two criteria can be seen to exclude one another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import msgspec

from inconcert.knowledge.policy_schema import Leaf, events, given, hazards, later, stated, tried, who
from inconcert.knowledge.policy_schema.base import Bound
from inconcert.knowledge.policy_schema.checks import policy_scales

Value = float | str
_OTHER = "(none of those named)"
_NEVER_SO_MANY = 10_000.0


@dataclass(frozen=True, slots=True)
class Literal:
    """One thing that must hold: a variable, a test on its value, and the values at which the test may change."""

    variable: Hashable
    holds: Callable[[Value], bool]
    values: tuple[Value, ...]

    def negated(self) -> Literal:
        """The opposite."""
        return Literal(self.variable, lambda value: not self.holds(value), self.values)


def agree(held: Iterable[Literal], variable: Hashable) -> bool:
    """Whether some value of one variable satisfies everything that is asked of it."""
    mine = [literal for literal in held if literal.variable == variable]
    values = dict.fromkeys(value for literal in mine for value in literal.values)
    return any(all(literal.holds(value) for literal in mine) for value in values)


def written(leaf: Leaf, without: tuple[str, ...] = ()) -> bytes:
    """A leaf as text, but for how it is known and the fields left out: equal criteria are equal text."""
    data = msgspec.to_builtins(leaf)
    return msgspec.json.encode(
        {k: v for k, v in data.items() if k not in ("provenance", "note", *without)}, order="sorted"
    )


def literals_of(leaf: Leaf) -> tuple[Literal, ...]:
    """What a criterion says, at least one literal: of a score one for each scale, of a range one for each bound."""
    if leaf.conflicting_values:
        return (_free(leaf),)
    return tuple(_known(leaf)) or (_free(leaf),)


def _free(leaf: Leaf) -> Literal:
    """A criterion that excludes nothing but its own opposite."""
    return Literal(written(leaf), lambda value: value == "yes", ("yes", "no"))


def _known(leaf: Leaf) -> Iterator[Literal]:
    if isinstance(leaf, who.Age) and leaf.within is None and leaf.decision is None:
        yield from _range("age", leaf.min, leaf.max, (0, 130), whole=True)
    elif isinstance(leaf, who.SeverityScore):
        window = (leaf.over, leaf.within_days, leaf.persisted, leaf.persisted_weeks, leaf.times, leaf.days_apart)
        for bound in leaf.any_of:
            yield _score(bound, window)
    elif isinstance(leaf, later.ServiceDate):
        yield from _dates(leaf)
    elif isinstance(leaf, tried.AdequateTrials | tried.MedicationIntolerance | tried.AugmentationTrials):
        if isinstance(leaf.at_least, int):
            yield _compared(written(leaf, ("at_least",)), ">=", leaf.at_least, whole=True)
    else:
        yield from _of_events(leaf)
        yield from _choices(leaf)


def _of_events(leaf: Leaf) -> Iterator[Literal]:
    if isinstance(leaf, stated.Measured):
        yield _compared(("measured", leaf.of, leaf.valid_days), leaf.op, leaf.value)
    elif isinstance(leaf, stated.StatedNumber):
        yield _compared(("number", leaf.id), leaf.op, leaf.value)
    elif isinstance(leaf, events.EpisodeLength):
        yield from _range("episode weeks", leaf.min_weeks, leaf.max_weeks, (0, _NEVER_SO_MANY))
    elif isinstance(leaf, events.TreatmentCount):
        name = ("count", leaf.of, leaf.within_months)
        yield from _range(name, leaf.at_least, leaf.at_most, (0, _NEVER_SO_MANY), whole=True)
    elif isinstance(leaf, events.RecentEvent):
        yield _compared(("days since", leaf.of), "<", leaf.within_days, whole=True)
    elif isinstance(leaf, events.ScoreChange) and len(leaf.scales) == 1 and leaf.scales != ("any",):
        change = ("change", leaf.scales, leaf.unit, leaf.since, leaf.until, leaf.direction)
        yield _compared(change, leaf.op, leaf.value, (-_NEVER_SO_MANY, _NEVER_SO_MANY))


def _choices(leaf: Leaf) -> Iterator[Literal]:
    choices: dict[type, tuple[str, str]] = {
        given.Setting: ("setting", "place"), stated.EvaluationVisit: ("visit", "visit"), stated.Sex: ("sex", "sex"),
        later.NetworkStatus: ("network", "status"), stated.PlanLine: ("line", "lines"), stated.PlaceOfService: ("place", "codes"),
    }  # fmt: skip
    if type(leaf) in choices:
        name, field = choices[type(leaf)]
        value = getattr(leaf, field)
        yield _chosen(name, value if isinstance(value, tuple) else (value,))
    elif isinstance(leaf, stated.LocatedIn):
        yield _chosen(("lies in", leaf.who), leaf.states)
    elif isinstance(leaf, stated.TestResult):
        yield _chosen(("test", leaf.of, leaf.within_days), (leaf.result,))
    elif isinstance(leaf, stated.Stated):
        yield _chosen(("statement", leaf.id), (leaf.answer,))
    elif isinstance(leaf, hazards.Pregnancy) and not leaf.or_breastfeeding:
        yield _chosen("pregnancy", ("yes",))


def _range(
    name: Hashable, low: Bound | None, high: Bound | None, limits: tuple[float, float], *, whole: bool = False
) -> Iterator[Literal]:
    for op, bound in ((">=", low), ("<=", high)):
        if bound is not None:
            yield _compared(name, op, bound, limits, whole=whole)


def _compared(
    name: Hashable, op: str, bound: Bound, limits: tuple[float, float] = (0, _NEVER_SO_MANY), *, whole: bool = False
) -> Literal:
    """A bound on a number; `whole`: it is counted in whole ones, so nothing lies between 17 and 18."""
    near = (bound - 1, bound, bound + 1, *limits, *(() if whole else (bound - 0.5, bound + 0.5)))
    values = tuple(float(v) for v in near if limits[0] <= v <= limits[1])
    return Literal(name, _test(op, float(bound)), values)


def _test(op: str, bound: float) -> Callable[[Value], bool]:
    tests: dict[str, Callable[[float], bool]] = {
        ">": lambda v: v > bound, ">=": lambda v: v >= bound, "<": lambda v: v < bound, "<=": lambda v: v <= bound,
        "=": lambda v: v == bound,
    }  # fmt: skip
    return lambda value: not isinstance(value, str) and tests[op](value)


def _score(bound: who.ScaleBound, window: Hashable) -> Literal:
    """A bound on the total of one scale: whole numbers from the lowest to the highest."""
    scale = policy_scales()[bound.scale]
    totals = tuple(float(v) for v in range(int(scale.range[0]), int(scale.range[1]) + 1))
    name = ("score", bound.scale, window)
    if isinstance(bound.value, tuple):
        low, high = bound.value
        return Literal(name, lambda v: not isinstance(v, str) and low <= v <= high, totals)
    if isinstance(bound.value, str):
        begins = scale.severe_from if bound.value == "severe" else scale.moderate_from
        return Literal(name, _test(">=", float(begins or 0)), totals)
    return Literal(name, _test(bound.op, float(bound.value)), totals)


def _dates(leaf: later.ServiceDate) -> Iterator[Literal]:
    for op, text in ((">=", leaf.on_or_after), ("<", leaf.before)):
        if text is not None:
            day = float(date.fromisoformat(text).toordinal())
            yield Literal("service date", _test(op, day), (day - 1, day, day + 1))


def _chosen(name: Hashable, among: tuple[str, ...]) -> Literal:
    return Literal(name, lambda value: value in among, (*among, _OTHER))
