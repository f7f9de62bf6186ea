"""Answers as they were typed, checked: each a whole number in its item's range, or a blank."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from inconcert.knowledge.scales import ScaleFile, ScaleItem, Variant
from inconcert.scales.errors import ScaleInputError

Answers = dict[str, float | None]


def find_variant(scale: ScaleFile, variant: str) -> Variant | None:
    """The printed version called `variant`, None for ''. Raises ScaleInputError for one the scale does not have."""
    if not variant:
        return None
    for known in scale.variants:
        if known.id == variant:
            return known
    known_ids = ", ".join(v.id for v in scale.variants) or "none"
    raise ScaleInputError(scale.id, f"there is no version {variant!r}.", f"Versions of this scale: {known_ids}.")


def read_answers(
    scale: ScaleFile, given: Mapping[str, float | None] | Sequence[float | None], variant: Variant | None = None
) -> Answers:
    """Every item of the scale in file order with its answer or None. Extra items that were given stand at the end.

    Raises ScaleInputError naming item, value, allowed range and mend.
    """
    named = given if isinstance(given, Mapping) else _by_position(scale, given)
    ranges = variant.ranges if variant else {}
    answers: Answers = {
        item.key: check_answer(scale, item, named.get(item.key), ranges.get(item.key, item.range))
        for item in scale.items
    }
    if len(named) > len(answers) or named.keys() - answers.keys():
        answers |= _extras(scale, named)
    return answers


def check_answer(
    scale: ScaleFile, item: ScaleItem, value: object, allowed: tuple[int, int] | None = None
) -> float | None:
    """`value` if it is None or a whole number in the item's range. Raises ScaleInputError."""
    if value is None:
        return None
    low, high = allowed or item.range
    if not isinstance(value, int | float) or math.isnan(value):  # typed callers are not the only ones
        raise ScaleInputError(
            scale.id,
            f"item {item.key} ({item.label}) is {value!r}, which is not a number.",
            f"Give a whole number from {low} to {high}, or leave it blank.",
            item=item.key,
            value=value,
        )
    if low <= value <= high and value == int(value):
        return value
    trouble = "is outside its range" if not low <= value <= high else "is not a whole number"
    mend = f"Item {item.key} takes a whole number from {low} to {high}; leave it blank if it was not answered."
    if item.range[0] == 1 and value == 0:
        mend = f"{mend} A 0 here usually means not assessed: leave it blank."
    problem = f"item {item.key} ({item.label}) is {value:g}, which {trouble} ({low} to {high})."
    raise ScaleInputError(scale.id, problem, mend, item=item.key, value=value)


def _by_position(scale: ScaleFile, given: Sequence[float | None]) -> dict[str, float | None]:
    if len(given) != len(scale.items):
        keys = ", ".join(item.key for item in scale.items)
        few = "too few" if len(given) < len(scale.items) else "too many"
        raise ScaleInputError(
            scale.id,
            f"{len(given)} answers were given, {few}: it has {len(scale.items)} items ({keys}).",
            "Give one answer for each item in that order, with a blank (- on the command line) where there is none.",
            value=len(given),
        )
    return {item.key: value for item, value in zip(scale.items, given, strict=True)}


def _extras(scale: ScaleFile, named: Mapping[str, float | None]) -> Answers:
    extras: Answers = {}
    known = {item.key for item in scale.items}
    for key in named.keys() - known:
        extra = next((e for e in scale.extra_items if e.key == key), None)
        if extra is None:
            keys = ", ".join(item.key for item in scale.items)
            raise ScaleInputError(
                scale.id, f"it has no item {key!r}.", f"Its items are {keys}.", item=str(key), value=named[key]
            )
        value, allowed = named[key], set(extra.answer_codes.values())
        if value is not None and value not in allowed:
            choices = ", ".join(f"{v:g}" for v in sorted(allowed))
            problem = f"item {key} ({extra.label}) is {value!r}, which is not one of its answers."
            raise ScaleInputError(scale.id, problem, f"Its answers are {choices}.", item=key, value=value)
        extras[key] = value
    return extras
