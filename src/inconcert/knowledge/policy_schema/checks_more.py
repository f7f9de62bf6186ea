"""What a leaf about events, numbers, places and drug lists can still get wrong: nothing that exists, or nothing that can be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.policy_schema import events, stated
from inconcert.knowledge.policy_schema.base import Bound, Leaf
from inconcert.knowledge.policy_schema.tried import AdequateTrials, AugmentationTrials, MedicationIntolerance
from inconcert.knowledge.policy_schema.who import SeverityScore

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_PLACE = re.compile(r"[0-9]{2}\Z")
_STATE = re.compile(r"US-[A-Z]{2}\Z")
# What a value may be at all: far outside health, to catch a wrong unit.
_LIMITS = {
    "body_mass_index": (5, 250), "body_weight_kg": (0.2, 650), "diastolic_mmhg": (5, 250), "heart_rate_per_min": (5, 400),
    "oxygen_saturation_pct": (1, 100), "systolic_mmhg": (20, 350),
}  # fmt: skip


@cache
def antidepressant_classes() -> frozenset[str]:
    """The classes of antidepressants that the drug book knows."""
    return frozenset(d.drug_class for d in drug_book().drugs.values() if d.kind == "antidepressant")


@cache
def _known_drug_words() -> frozenset[str]:
    return frozenset(w for d in drug_book().drugs.values() for w in (d.name, d.drug_class))


def problems_of_events(leaf: Leaf) -> Iterator[str]:
    """Every mistake in a leaf of these kinds, in plain words."""
    if isinstance(leaf, events.RecentEvent | events.RecentTreatment | stated.TestResult) and leaf.within_days < 1:
        yield "within_days must be 1 or more."
    if isinstance(leaf, events.TreatmentCount):
        yield from _range_problems("at_least", leaf.at_least, "at_most", leaf.at_most)
        if leaf.at_least == 0 and leaf.at_most is None:
            yield "at_least 0 is always met."
    if isinstance(leaf, events.EpisodeLength):
        yield from _range_problems("min_weeks", leaf.min_weeks, "max_weeks", leaf.max_weeks)
    if isinstance(leaf, events.ScoreChange):
        if leaf.unit == "percent" and leaf.direction == "improvement" and leaf.op in (">", ">=") and leaf.value > 100:
            yield "no score improves by more than 100 percent, so it can never be met."
        if leaf.until == "best" and leaf.since == "best":
            yield "the best score cannot be compared with itself."
    yield from _problems_of_statements(leaf)


def _problems_of_statements(leaf: Leaf) -> Iterator[str]:
    if isinstance(leaf, stated.Measured):
        low, high = _LIMITS[leaf.of]
        if not low <= leaf.value <= high:
            yield f"{leaf.of} lies between {low} and {high}; {leaf.value} is outside."
    if isinstance(leaf, stated.Stated | stated.StatedNumber) and not _ID.match(leaf.id):
        yield f"the id {leaf.id!r} must be small letters, digits and underscores, and begin with a letter."
    if isinstance(leaf, stated.Stated | stated.StatedNumber) and not leaf.asks.strip().endswith("?"):
        yield "asks must be a question, and end with a question mark."
    if isinstance(leaf, stated.PlaceOfService):
        yield from (f"{c!r} is no two-digit place of service code." for c in leaf.codes if not _PLACE.match(c))
    if isinstance(leaf, stated.LocatedIn):
        yield from (
            f"{s!r} is no state; write US and the postal code: US-OH." for s in leaf.states if not _STATE.match(s)
        )


def problems_of_numbers(leaf: Leaf) -> Iterator[str]:
    """Percentages that are none, counts below one, lengths of time below zero; also in the parts of a leaf."""
    for owner, name, value in _numbers(leaf):
        if "pct" in name and not 0 < value <= 100:
            yield f"{name} is a percentage, more than 0 and at most 100, not {value}."
        elif name == "at_least" and value < 1 and not isinstance(owner, events.TreatmentCount):
            yield "at_least must be 1 or more."
        elif name.startswith(("distinct_", "doses_")) and value < 1:
            yield f"{name} must be 1 or more."
        elif value < 0:
            yield f"{name} cannot be negative."


def _numbers(part: msgspec.Struct) -> Iterator[tuple[msgspec.Struct, str, float]]:
    # Not `msgspec.structs.fields`: that resolves every annotation anew, and a library has hundreds of criteria.
    for attribute, name in zip(part.__struct_fields__, part.__struct_encode_fields__, strict=True):
        value = getattr(part, attribute)
        for inside in value if isinstance(value, tuple) else (value,):
            if isinstance(inside, msgspec.Struct):
                yield from _numbers(inside)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield part, name, value


def problems_of_scores(leaf: SeverityScore) -> Iterator[str]:
    """Counts and windows of a severity score that contradict one another."""
    if not leaf.any_of:
        yield "no scale is listed."
    if sum((leaf.persisted is not False, leaf.persisted_weeks is not None, leaf.times != 1)) > 1:
        yield "persisted, persisted_weeks and times are three ways of asking; write one."
    if leaf.times < 1 or leaf.days_apart < 0 or (leaf.within_days is not None and leaf.within_days < 1):
        yield "times must be 1 or more, days_apart 0 or more, within_days 1 or more."
    if leaf.days_apart and leaf.times == 1:
        yield "days_apart asks for times of 2 or more."
    if (
        leaf.within_days is not None
        and (leaf.times - 1) * max(leaf.days_apart, 1) > leaf.within_days
        and leaf.times > 1
    ):
        yield f"{leaf.times} scores {leaf.days_apart} days apart do not fit into {leaf.within_days} days, so it can never be met."


def problems_of_lists(leaf: AdequateTrials | AugmentationTrials | MedicationIntolerance) -> Iterator[str]:
    """Drugs and classes that do not exist, more classes than there are, weeks that do not fit into the look-back."""
    words: Iterable[str] = (
        *leaf.classes, *getattr(leaf, "drugs", ()), *getattr(leaf, "excluded_drugs", ()), *getattr(leaf, "classes_named", ()),
    )  # fmt: skip
    yield from (f"{w!r} is no drug or class of the drug book.{_near(w)}" for w in words if w not in _known_drug_words())
    listed = leaf.classes if isinstance(leaf, AdequateTrials | MedicationIntolerance) else ()
    there = len(listed) or len(antidepressant_classes())
    asked = leaf.distinct_classes or 0
    if isinstance(leaf, AdequateTrials) and leaf.one_per_class and isinstance(leaf.at_least, int):
        asked = max(asked, leaf.at_least)
    if not isinstance(leaf, AugmentationTrials) and asked > there:
        yield f"{asked} different classes are asked and only {there} can count, so it can never be met."
    if isinstance(leaf, AdequateTrials):
        distinct = leaf.at_least if leaf.distinct_drugs and isinstance(leaf.at_least, int) else 0
        if leaf.drugs and distinct > len(set(leaf.drugs) - set(leaf.excluded_drugs)):
            yield f"{distinct} different drugs are asked and only {len(leaf.drugs)} can count, so it can never be met."
    weeks = leaf.min_weeks
    if isinstance(weeks, int | float) and leaf.within_months is not None and leaf.within_months <= 0:
        yield "within_months must be more than 0."
    if isinstance(weeks, int | float) and weeks <= 0:
        yield "min_weeks must be more than 0."


def _near(word: str) -> str:
    found = difflib.get_close_matches(word, sorted(_known_drug_words()), n=1, cutoff=0.5)
    return f" Nearest known word: {found[0]!r}." if found else ""


def _range_problems(low_name: str, low: Bound | None, high_name: str, high: Bound | None) -> Iterator[str]:
    if low is None and high is None:
        yield f"neither {low_name} nor {high_name} is given."
    if low is not None and high is not None and high < low:
        yield f"nothing lies between {low} and {high}, so it can never be met."
    if (low is not None and low < 0) or (high is not None and high < 0):
        yield f"{low_name} and {high_name} cannot be negative."
