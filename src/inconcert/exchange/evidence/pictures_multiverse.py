"""The pictures of choice: every way of asking, and how much of what was not randomized is let in."""

from __future__ import annotations

import math
from collections.abc import Sequence

from inconcert.evidence.synthesis.pair.types import LetIn, Universe
from inconcert.exchange.evidence.combine_text import every_way_words
from inconcert.exchange.evidence.pictures import BLUE, INK, LABELS, ORANGE, Spec, dot, layer, number
from inconcert.exchange.report.pictures import SCHEMA, picture_config

CHOICE_WORDS = {
    "outcome": "outcome",
    "design": "studies",
    "lumping": "lumping",
    "controls": "controls",
    "week": "week",
    "recalled": "figures from memory",
    "derived": "figures worked back",
    "scale": "measure",
    "nonrandomized_weight": "weight if not randomized",
    "bias_sd": "bias SD if not randomized",
    "how": "interval",
}


def multiverse_spec(ways: Sequence[Universe], width: int = 460) -> Spec:
    """The interaction in every way of asking: all intervals in order, then where each choice puts the estimate."""
    known = [way for way in ways if way.estimate is not None and way.lower is not None and way.upper is not None]
    curve = _curve(known)
    strips = _strips(known)
    reach = max((abs(edge) for way in known for edge in (way.lower, way.upper) if edge is not None), default=1.0)
    domain = [math.exp(-min(reach, math.log(100))), math.exp(min(reach, math.log(100)))]
    x_scale = {"type": "log", "domain": domain, "clamp": True}
    order = list(dict.fromkeys(strip["row"] for strip in strips))
    one = {
        "data": {"values": [{"at": 1}]},
        "mark": {"type": "rule", "color": INK},
        "encoding": {"x": {"field": "at", "type": "quantitative", "scale": x_scale}},
    }
    return {
        "$schema": SCHEMA,
        "description": every_way_words(ways),
        "vconcat": [
            {
                "width": width,
                "height": 170,
                "title": "Every way of asking that gives an interaction, in order",
                "layer": [
                    layer(
                        curve,
                        {"type": "rule", "color": "#9cc4dd", "strokeWidth": 1},
                        y={**number("rank"), "axis": None},
                        x={**number("lower", x_scale), "axis": None},
                        x2={"field": "upper"},
                    ),
                    layer(curve, dot(8, BLUE), y=number("rank"), x=number("estimate", x_scale)),
                    layer(
                        [result for result in curve if result["default"]],
                        {**dot(110, ORANGE), "shape": "diamond"},
                        y=number("rank"),
                        x=number("estimate", x_scale),
                    ),
                    one,
                ],
            },
            {
                "width": width,
                "height": {"step": 17},
                "title": "Where each choice puts the estimate",
                "layer": [
                    layer(
                        strips,
                        {"type": "tick", "thickness": 1.5, "color": BLUE, "opacity": 0.55},
                        y={"field": "row", "type": "nominal", "title": None, "sort": order, "axis": {"labelLimit": LABELS}},
                        x={
                            **number("estimate", x_scale),
                            "title": "interaction as a ratio: left of 1 less than the product of both, right of 1 more",
                            "axis": {"values": [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100], "format": "~g"},
                        },
                    ),
                    one,
                ],
            },
        ],
        "spacing": 14,
        "resolve": {"scale": {"x": "shared"}},
        "config": picture_config(),
    }  # fmt: skip


def _curve(known: Sequence[Universe]) -> list[Spec]:
    """Distinct results in order; a result that several ways give is drawn once."""
    distinct: dict[tuple[float, float, float], bool] = {}
    for way in known:
        key = (round(way.estimate or 0, 4), round(way.lower or 0, 4), round(way.upper or 0, 4))
        distinct[key] = distinct.get(key, False) or way.is_default
    return [
        {"rank": rank, "estimate": math.exp(e), "lower": math.exp(low), "upper": math.exp(high), "default": default}
        for rank, ((e, low, high), default) in enumerate(sorted(distinct.items()))
    ]


def _strips(known: Sequence[Universe]) -> list[Spec]:
    rows: dict[str, set[float]] = {}
    for name, words in CHOICE_WORDS.items():
        for value in dict.fromkeys(way.choices[name] for way in known if name in way.choices):
            rows[f"{words}: {value}"] = {round(way.estimate or 0, 2) for way in known if way.choices.get(name) == value}
    return [{"row": row, "estimate": math.exp(value)} for row, values in rows.items() for value in sorted(values)]


def let_in_spec(points: Sequence[LetIn], width: int = 420, *, ratio: bool = True) -> Spec:
    """The interaction against the weight of studies that were not randomized, a panel for each bias SD."""
    out = math.exp if ratio else float
    rows = [
        {
            "weight": point.weight,
            "bias": f"bias SD {point.bias_sd:g}",
            "estimate": out(point.estimate),
            "lower": out(point.lower),
            "upper": out(point.upper),
        }
        for point in points
        if point.estimate is not None and point.lower is not None and point.upper is not None
    ]
    scale, axis = _let_in_scale(points, ratio=ratio)
    x = {
        "field": "weight",
        "type": "quantitative",
        "title": "weight",
        "axis": {"values": [0.1, 0.5, 1], "format": "~g"},
    }
    y = {**number("estimate", scale), **axis}
    panels = list(dict.fromkeys(row["bias"] for row in rows))
    return {
        "$schema": SCHEMA,
        "description": let_in_alt(points, ratio=ratio),
        "hconcat": [
            {
                "title": panel,
                "width": round(width / max(len(panels), 1)),
                "height": 150,
                "layer": [
                    layer([{"none": 1 if ratio else 0}], {"type": "rule", "color": INK}, y=number("none", scale)),
                    layer(
                        [row for row in rows if row["bias"] == panel],
                        {"type": "rule", "color": "#9cc4dd", "strokeWidth": 3},
                        x=x,
                        y={**y, "field": "lower"},
                        y2={"field": "upper"},
                    ),
                    layer([row for row in rows if row["bias"] == panel], dot(60, BLUE), x=x, y=y),
                ],
            }
            for panel in panels
        ],
        "spacing": 12,
        "resolve": {"scale": {"y": "shared"}},
        "config": picture_config(),
    }


def _let_in_scale(points: Sequence[LetIn], *, ratio: bool) -> tuple[Spec, Spec]:
    """The upright scale, even on both sides of no interaction, and its axis."""
    reach = max((abs(edge) for p in points for edge in (p.lower, p.upper) if edge is not None), default=1.0)
    if not ratio:
        return {"domain": [-reach, reach]}, {"title": "interaction as a difference"}
    scale = {"type": "log", "domain": [math.exp(-min(reach, 4)), math.exp(min(reach, 4))], "clamp": True}
    return scale, {
        "title": "interaction as a ratio",
        "axis": {"values": [0.1, 0.2, 0.5, 1, 2, 5, 10], "format": "~g"},
    }


def let_in_alt(points: Sequence[LetIn], *, ratio: bool = True) -> str:
    """The same in words."""
    out, kind = (math.exp, "ratio") if ratio else (float, "difference")
    said = []
    for point in points:
        how = f"weight {point.weight:g}, bias SD {point.bias_sd:g}" if point.weight else "left out"
        if point.estimate is None or point.lower is None or point.upper is None:
            said.append(f"{how}: {point.why_none}")
        else:
            low, middle, high = (out(value) for value in (point.lower, point.estimate, point.upper))
            said.append(f"{how}: {kind} {middle:.2f} ({low:.2f} to {high:.2f})")
    return "; ".join(said) + "."
