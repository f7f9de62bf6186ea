"""What a well-formed leaf can still get wrong: a bound outside its scale, a range that holds nobody, a date that is none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

from inconcert.judgement import Reading
from inconcert.knowledge import loader
from inconcert.knowledge.loader import Entry, SourceNote
from inconcert.knowledge.policy_schema.base import Bound, Leaf
from inconcert.knowledge.policy_schema.checks_more import (
    problems_of_events,
    problems_of_lists,
    problems_of_numbers,
    problems_of_scores,
)
from inconcert.knowledge.policy_schema.later import ServiceDate
from inconcert.knowledge.policy_schema.tried import AdequateTrials, AugmentationTrials, MedicationIntolerance
from inconcert.knowledge.policy_schema.who import Age, ScaleBound, SeverityScore
from inconcert.record import DateRange


class PolicyScale(Entry, frozen=True, kw_only=True):
    """A scale as policies name it, our ids for it, the range of its total and two band limits (absent: it has no such bands).

    `measures: other` is no scale of depression, so that `any` does not stand for it.
    """

    name: str
    ids: tuple[str, ...]
    range: tuple[Bound, Bound]
    moderate_from: Bound | None = None
    severe_from: Bound | None = None
    sources: tuple[SourceNote, ...]
    status: Reading
    note: str = ""
    measures: Literal["depression", "other"] = "depression"


@cache
def policy_scales() -> dict[str, PolicyScale]:
    """The scales that policies name, by the name they use. Raises KnowledgeError."""
    entries = loader.load(loader.ROOT / "files" / "payers" / "scales.yaml", tuple[PolicyScale, ...])
    return {entry.name: entry for entry in entries}


def depression_scales() -> tuple[str, ...]:
    """The scales that `any` stands for: those of depression, in the order of their file."""
    return tuple(name for name, scale in policy_scales().items() if scale.measures == "depression")


def problems_of_leaf(leaf: Leaf) -> Iterator[str]:
    """Every mistake found in one leaf, in plain words."""
    if isinstance(leaf, Age):
        if leaf.min is None and leaf.max is None and leaf.within is None:
            yield "neither min nor max nor within is given."
        if not all(0 <= years <= 130 for years in (leaf.min, leaf.max) if years is not None):
            yield "an age lies between 0 and 130."
        if leaf.min is not None and leaf.max is not None and leaf.max < leaf.min:
            yield f"no age lies between {leaf.min} and {leaf.max}, so it can never be met."
    if isinstance(leaf, SeverityScore):
        for bound in leaf.any_of:
            yield from _bound_problems(bound)
    if isinstance(leaf, ServiceDate):
        yield from _date_problems(leaf)
    if isinstance(leaf, AdequateTrials):
        yield from _trial_problems(leaf)
    if isinstance(leaf, SeverityScore):
        yield from problems_of_scores(leaf)
    if isinstance(leaf, AdequateTrials | AugmentationTrials | MedicationIntolerance):
        yield from problems_of_lists(leaf)
    yield from problems_of_events(leaf)
    yield from problems_of_numbers(leaf)


def _bound_problems(bound: ScaleBound) -> Iterator[str]:
    scale = policy_scales().get(bound.scale)
    if scale is None:
        yield f"a bound needs a named scale, not {bound.scale!r}."
        return
    low, high = scale.range
    if isinstance(bound.value, str) != (bound.op == "in_range"):
        yield f"{bound.scale}: a band goes with in_range, a number with the other signs."
    elif isinstance(bound.value, tuple) != (bound.op == "between"):
        yield f"{bound.scale}: two numbers go with between, one with the other signs."
    if isinstance(bound.value, str) and scale.moderate_from is None:
        yield f"{bound.scale} has no bands of its own that we hold; write a number."
    values = bound.value if isinstance(bound.value, tuple) else (bound.value,)
    for value in values:
        if not isinstance(value, str) and not low <= value <= high:
            yield f"{bound.scale} runs from {low} to {high}; {value} lies outside."
    if isinstance(bound.value, tuple) and bound.value[1] < bound.value[0]:
        yield f"{bound.scale}: nothing lies between {bound.value[0]} and {bound.value[1]}, so it can never be met."
    if (bound.op == ">" and bound.value == high) or (bound.op == "<" and bound.value == low):
        yield f"{bound.scale} {bound.op} {bound.value} can never be met."


def _date_problems(leaf: ServiceDate) -> Iterator[str]:
    days = []
    for text in (leaf.on_or_after, leaf.before):
        if text is None:
            continue
        try:
            day = DateRange.parse(text)
        except ValueError as error:
            yield f"{error}."
            return
        if not day.is_exact:
            yield f"{text!r} must be a full date."
        days.append(day.earliest)
    if not days:
        yield "neither on_or_after nor before is given."
    if len(days) == 2 and days[1] <= days[0]:
        yield "no day lies between the two dates, so it can never be met."


def _trial_problems(leaf: AdequateTrials) -> Iterator[str]:
    wanted = leaf.at_least if isinstance(leaf.at_least, int) else None
    inner = (
        ("distinct_classes", leaf.distinct_classes),
        ("at_least_in_current_episode", leaf.at_least_in_current_episode),
        ("of_which_adequate", leaf.of_which_adequate.at_least if leaf.of_which_adequate else None),
    )
    for name, value in inner:
        if wanted is not None and value is not None and value > wanted:
            yield f"{name} asks for {value} of {wanted} trials, so it can never be met by {wanted}."
