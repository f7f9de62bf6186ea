"""Values that a person must see, whatever the total."""

from __future__ import annotations

from collections.abc import Iterator

from inconcert.judgement import Question
from inconcert.knowledge.scales import FlagRule, ScaleFile
from inconcert.scales.answers import Answers
from inconcert.scales.totals import Bounds, units
from inconcert.scales.types import SafetyFlag


def flags_of(scale: ScaleFile, answers: Answers, total: Bounds, stated_total: float | None) -> tuple[SafetyFlag, ...]:
    """Every flag that the answers raise, once for each flag id, by the most severe rule that holds.

    An item left blank can still be flagged where the stated total leaves it no lower value: a PHQ-9 of 25 cannot be
    reached without item 9.
    """
    raised: dict[str, SafetyFlag] = {}
    for rule in scale.flags:
        if rule.id in raised:
            continue
        value, implied = _value_for(scale, rule, answers, total, stated_total)
        if value is not None and rule.holds(value):
            raised[rule.id] = SafetyFlag(
                id=rule.id,
                item=rule.item,
                value=value,
                level=rule.level,
                text=f"{rule.text} (follows from the stated total)." if implied else f"{rule.text}.",
                action=rule.action,
                implied=implied,
                status=rule.status,
            )
    return tuple(raised.values())


def _value_for(
    scale: ScaleFile, rule: FlagRule, answers: Answers, total: Bounds, stated_total: float | None
) -> tuple[float | None, bool]:
    if rule.item == "total":
        # A rule on low totals is sure only at the highest possible total, one on high totals only at the lowest.
        return (total.high if rule.op in ("<", "<=") else total.low), False
    if answers[rule.item] is not None:
        return answers[rule.item], False
    implied = implied_range(scale, rule.item, answers, stated_total)
    return (implied[0], True) if implied else (None, False)


def implied_range(
    scale: ScaleFile, key: str, answers: Answers, stated_total: float | None
) -> tuple[float, float] | None:
    """The values that a blank item can have given the stated total and the other answers; None if nothing follows.

    Only for an item that enters the total by itself. Ranges are whole points, both ends included.
    """
    parts = units(scale.id)
    own = next((u for u in parts if u.keys == (key,)), None)
    if stated_total is None or own is None or any(item.reversed_scored for item in scale.items):
        return None
    others_low = others_high = 0.0
    for unit in parts:
        if unit is not own:
            given = [answers[k] for k in unit.keys]
            known = [v for v in given if v is not None]
            others_low += max(known, default=unit.low)
            others_high += max(known) if len(known) == len(given) else unit.high
    low, high = max(own.low, stated_total - others_high), min(own.high, stated_total - others_low)
    return (low, high) if low <= high else None


def unseen_safety_items(scale: ScaleFile, answers: Answers, stated_total: float | None) -> Iterator[str]:
    """Safety items that are blank and whose level does not follow from the stated total."""
    for item in scale.items:
        if item.safety_item and answers[item.key] is None:
            implied = implied_range(scale, item.key, answers, stated_total)
            if implied is None or implied[0] != implied[1]:
                yield item.key


def ask_for(scale: ScaleFile, keys: tuple[str, ...], settles: str) -> Question:
    """The question that would fill these items (one item, or a pair of which one is answered)."""
    labels = " or ".join(f"item {key} ({scale.item(key).label})" for key in keys)
    safety = " It is asked whatever the total." if any(scale.item(k).safety_item for k in keys) else ""
    return Question(f"scales.{scale.id}.{'_'.join(keys)}", f"Ask {scale.name} {labels}.{safety}", settles)
