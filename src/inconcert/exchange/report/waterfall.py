"""How a cohort runs through one policy's criteria, as a picture: who is sure so far, who may still be, who was refused where."""

from __future__ import annotations

from datetime import date

from inconcert.exchange.report.pictures import SCHEMA, Spec, picture_config, to_svg
from inconcert.population.cover import PolicyCover

_STATES = ("met so far", "open so far", "refused here", "refused before")
_COLORS = ("#0072B2", "#E6C36A", "#D55E00", "#E3E3E3")
_LONGEST = 64  # characters of a criterion that fit beside the bars


def waterfall_spec(cover: PolicyCover, *, as_of: date, invented: bool, width: int = 460) -> Spec:
    """One bar per criterion, in the policy's order: people as counts, everybody in every bar.

    Blue: every criterion so far is met. Yellow: none refuses, at least one is unknown. Vermilion: refused by this one.
    Grey: refused by an earlier one.
    """
    rows = []
    before = cover.people
    for criterion in cover.criteria:
        numbers = (
            criterion.sure, criterion.left - criterion.sure, before - criterion.left, cover.people - before
        )  # fmt: skip
        before = criterion.left
        name = f"{criterion.path}. {criterion.text}"
        for order, (state, people) in enumerate(zip(_STATES, numbers, strict=True)):
            rows.append({"criterion": name, "state": state, "people": people, "order": order})
    who = "invented people" if invented else "people"
    return {
        "$schema": SCHEMA,
        "description": waterfall_alt(cover),
        "title": {
            "text": f"{cover.payer}: {cover.people:,} {who} through the criteria",
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
            "color": {"field": "state", "scale": {"domain": list(_STATES), "range": list(_COLORS)},
                      "legend": {"title": None, "orient": "bottom"}},
        },
        "config": picture_config(),
    }  # fmt: skip


def waterfall_alt(cover: PolicyCover) -> str:
    """The picture in words, from the same numbers."""
    steps = "; ".join(f"after {c.path} {c.left:,} left, {c.sure:,} of them sure" for c in cover.criteria)
    return f"{cover.people:,} people asked of {cover.policy_id} for {cover.service}: {steps}."


def waterfall_svg(cover: PolicyCover, *, as_of: date, invented: bool) -> str:
    """The picture as SVG. Raises ImportError where the extra `report` is not installed."""
    return to_svg(waterfall_spec(cover, as_of=as_of, invented=invented))
