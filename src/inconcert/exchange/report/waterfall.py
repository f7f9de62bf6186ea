"""How a cohort runs through one policy's criteria, as a picture: who is sure so far, who may still be, who was refused where."""

from __future__ import annotations

from datetime import date

from inconcert.exchange.report.pictures import SCHEMA, Spec, picture_config, to_svg
from inconcert.population.cover import PolicyCover

_STATES = ("met so far", "open so far", "refused here", "refused before")
_WAYS = ("met by an earlier way", "met by this way", "open so far", "refused by every way so far")
_COLORS = ("#0072B2", "#E6C36A", "#D55E00", "#E3E3E3")
_WAY_COLORS = ("#9CC7E4", "#0072B2", "#E6C36A", "#D55E00")
_LONGEST = 64  # characters of a criterion that fit beside the bars


def waterfall_spec(cover: PolicyCover, *, as_of: date, invented: bool, width: int = 460) -> Spec:
    """One bar per criterion, in the policy's order: people as counts, everybody in every bar.

    Blue: every criterion so far is met. Yellow: none refuses, at least one is unknown. Vermilion: refused by this one.
    Grey: refused by an earlier one.

    Where any one of several ways is enough, a bar is a way. Blue: met by it, pale blue by an earlier one. Yellow: met by none
    so far, and not refused by all. Vermilion: refused by every way so far.
    """
    states, colors = (_WAYS, _WAY_COLORS) if cover.alternatives else (_STATES, _COLORS)
    rows = []
    for criterion, numbers in zip(cover.criteria, _bars(cover), strict=True):
        name = f"{criterion.path}. {criterion.text}"
        for order, (state, people) in enumerate(zip(states, numbers, strict=True)):
            rows.append({"criterion": name, "state": state, "people": people, "order": order})
    through = "by each way" if cover.alternatives else "through the criteria"
    who = "invented people" if invented else "people"
    return {
        "$schema": SCHEMA,
        "description": waterfall_alt(cover),
        "title": {
            "text": f"{cover.payer}: {cover.people:,} {who} {through}",
            "subtitle": f"{cover.policy_id}, {cover.service}, {cover.stage}, as of {as_of}",
        },
        "data": {"values": rows},
        "width": width,
        "height": {"step": 24},
        "mark": {"type": "bar", "height": 16},
        "encoding": {
            "y": {"field": "criterion", "type": "nominal", "sort": None, "title": None,
                  "axis": {"labelLimit": 420, "labelExpr": f"truncate(datum.label, {_LONGEST})"}},
            "x": {"field": "people", "type": "quantitative", "stack": "zero", "title": "people"},
            "order": {"field": "order"},
            "color": {"field": "state", "scale": {"domain": list(states), "range": list(colors)},
                      "legend": {"title": None, "orient": "bottom"}},
        },
        "config": picture_config(),
    }  # fmt: skip


def _bars(cover: PolicyCover) -> list[tuple[int, int, int, int]]:
    """The people of each bar, in the order of the states."""
    if cover.alternatives:
        earlier = [0, *(c.sure for c in cover.criteria)]
        return [
            (e, c.sure - e, c.left - c.sure, cover.people - c.left)
            for e, c in zip(earlier, cover.criteria, strict=False)
        ]
    before = [cover.people, *(c.left for c in cover.criteria)]
    return [
        (c.sure, c.left - c.sure, b - c.left, cover.people - b) for b, c in zip(before, cover.criteria, strict=False)
    ]


def waterfall_alt(cover: PolicyCover) -> str:
    """The picture in words, from the same numbers."""
    if cover.alternatives:
        ways = "; ".join(f"after way {c.path} {c.sure:,} met, {c.left - c.sure:,} open" for c in cover.criteria)
        return f"{cover.people:,} people asked of {cover.policy_id} for {cover.service}, any way is enough: {ways}."
    steps = "; ".join(f"after {c.path} {c.left:,} left, {c.sure:,} of them sure" for c in cover.criteria)
    return f"{cover.people:,} people asked of {cover.policy_id} for {cover.service}: {steps}."


def waterfall_svg(cover: PolicyCover, *, as_of: date, invented: bool) -> str:
    """The picture as SVG. Raises ImportError where the extra `report` is not installed."""
    return to_svg(waterfall_spec(cover, as_of=as_of, invented=invented))
