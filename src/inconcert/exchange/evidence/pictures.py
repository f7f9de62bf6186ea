"""The pictures of the answer on the pair, as Vega-Lite: forest, network, shares of the studies.

Kinds of number differ in shape and line as well as in color: what studies compared is a filled diamond, what a model gives a
filled circle, what would be so if effects add a hollow circle on a dashed line. Each has its alternative text.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from inconcert.evidence.synthesis.models.ask import NetworkResult
from inconcert.evidence.synthesis.pair.types import CombineAnswer, ForestRow, Group
from inconcert.exchange.evidence.combine_text import HEADINGS
from inconcert.exchange.report.pictures import SCHEMA, picture_config

Spec = dict[str, Any]
Edges = dict[tuple[str, str], tuple[int, str]]  # two treatments: how many studies compared them, and of which kind

BLUE, ORANGE, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#777777", "#222222"
COLORS = {Group.ALONE: BLUE, Group.EXPECTED: GREY, Group.OBSERVED: ORANGE, Group.INTERACTION: GREEN}
SHAPES = {Group.ALONE: "circle", Group.EXPECTED: "circle", Group.OBSERVED: "diamond", Group.INTERACTION: "square"}
_EDGES = {"randomized": (BLUE, [1, 0]), "not randomized": (ORANGE, [6, 4])}  # color and dash of a comparison
_EDGES_APART = 25  # comparisons that stay apart as they are; more are drawn thinner
_ROW = 24
LABELS = 480


def forest_spec(answer: CombineAnswer, width: int = 300) -> Spec:
    """Every row of the answer with its interval, grouped as they are read, numbers beside them."""
    ratio = answer.network.scale.is_ratio
    domain = _domain(answer.forest, ratio)
    drawn = [group for group in HEADINGS if any(row.group is group for row in answer.forest)]
    panels = [
        _forest_panel(
            [row for row in answer.forest if row.group is group],
            group,
            domain,
            width,
            _axis(answer) if group is drawn[-1] else None,
        )
        for group in drawn
    ]
    return {
        "$schema": SCHEMA,
        "description": forest_alt(answer),
        "vconcat": panels,
        "spacing": 10,
        "resolve": {"scale": {"x": "shared"}},
        "config": picture_config(),
    }


def forest_alt(answer: CombineAnswer) -> str:
    """The forest plot in words, from the rows it is drawn from."""
    return " ".join(
        f"{HEADINGS[row.group]}: {row.label}: {row.text}." for row in answer.forest if row.group in HEADINGS
    )


def network_spec(answer: CombineAnswer | NetworkResult, size: int = 420) -> Spec:
    """Treatments as dots on a circle, comparisons as lines: thicker for more studies, dashed where none was randomized."""
    names = [called(answer, name) for name in answer.network.treatments]
    turns = [2 * math.pi * place / len(names) - math.pi / 2 for place in range(len(names))]
    at = {name: (math.cos(turn), math.sin(turn)) for name, turn in zip(names, turns, strict=True)}
    scale = {"domain": [-1.25, 1.25]}
    x, y = _hidden("x", scale), _hidden("y", scale)
    dots = [
        {"x": x, "y": y, "name": name, "lx": 1.09 * x, "ly": 1.12 * y,
         "side": "left" if x > 0.2 else "right" if x < -0.2 else "center"}
        for name, (x, y) in at.items()
    ]  # fmt: skip
    named = [
        layer(
            [dot for dot in dots if dot["side"] == side],
            {"type": "text", "align": side, "fontSize": 12, "fontWeight": 600, "color": INK},
            x={**x, "field": "lx"},
            y={**y, "field": "ly"},
            text={"field": "name"},
        )
        for side in ("left", "right", "center")
    ]
    return {
        "$schema": SCHEMA,
        "description": network_alt(answer),
        "width": size,
        "height": round(size * 0.8),
        "layer": [
            _lines(_edges(answer), at, x, y),
            layer(dots, {"type": "circle", "size": 130, "color": INK, "opacity": 1}, x=x, y=y),
            *named,
        ],
        # Beside the plot the legend would cover the names of the treatments.
        "config": {**picture_config(), "view": {"stroke": None}, "legend": {"orient": "bottom"}},
    }


def _lines(edges: Edges, at: dict[str, tuple[float, float]], x: Spec, y: Spec) -> Spec:
    """The comparisons, with a legend of what occurs."""
    rows = [
        {"x": at[a][0], "y": at[a][1], "x2": at[b][0], "y2": at[b][1], "studies": n, "design": kind, "name": f"{a} against {b}: {n}"}
        for (a, b), (n, kind) in edges.items()
    ]  # fmt: skip
    counts = sorted({n for n, _ in edges.values()})
    thick = max(2.0, min(8.0, 8 * _EDGES_APART / len(edges)))  # many thick lines would cover one another
    looks = {kind: look for kind, look in _EDGES.items() if any(row["design"] == kind for row in rows)}
    design = {"field": "design", "type": "nominal", "title": "comparison"}
    return layer(
        rows,
        {"type": "rule", "tooltip": True},
        x=x,
        y=y,
        x2={"field": "x2"},
        y2={"field": "y2"},
        strokeWidth={
            **number("studies", {"range": [min(1.5, thick / 4), thick], "zero": True}),
            "title": "studies",
            "legend": {"values": sorted({counts[0], counts[len(counts) // 2], counts[-1]}), "format": "d"},
        },
        strokeDash={**design, "scale": {"domain": list(looks), "range": [dash for _, dash in looks.values()]}},
        color={**design, "scale": {"domain": list(looks), "range": [color for color, _ in looks.values()]}},
        tooltip={"field": "name"},
    )


def network_alt(answer: CombineAnswer | NetworkResult) -> str:
    """The network in words."""
    said = [
        f"{a} against {b}: {n} stud{'y' if n == 1 else 'ies'}, {kind}"
        for (a, b), (n, kind) in sorted(_edges(answer).items())
    ]
    return f"{len(answer.network.treatments)} treatments. " + "; ".join(said) + "."


def reach_spec(answer: CombineAnswer, width: int = 420) -> Spec:
    """How much of each number passes through each study, in percent."""
    labels = {row.id: row.label for row in answer.forest}
    cells = [
        {"study": r.study + ("" if r.randomized else " (not randomized)"), "row": labels.get(row_id, row_id), "share": share,
         "said": f"{100 * share:.0f}%"}
        for r in answer.reach
        for row_id, share in r.share.items()
        if share > 0.005
    ]  # fmt: skip
    order = [r.study + ("" if r.randomized else " (not randomized)") for r in answer.reach]
    y = {
        "field": "row",
        "type": "nominal",
        "title": None,
        "sort": list(labels.values()),
        "axis": {"labelLimit": LABELS},
    }
    x = {
        "field": "study",
        "type": "nominal",
        "title": None,
        "sort": order,
        "axis": {"labelAngle": -40, "labelLimit": 200, "orient": "top"},
    }
    return {
        "$schema": SCHEMA,
        "description": reach_alt(answer),
        "width": width,
        "height": {"step": 30},
        "data": {"values": cells},
        "layer": [
            {
                "mark": {"type": "rect"},
                "encoding": {"x": x, "y": y, "color": {"field": "share", "type": "quantitative", "title": "share", "legend": None,
                                                       "scale": {"domain": [0, 1], "range": ["#f3f7fb", BLUE]}}},
            },
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {"x": x, "y": y, "text": {"field": "said"},
                             "color": {"condition": {"test": "datum.share > 0.55", "value": "white"}, "value": INK}},
            },
        ],
        "config": picture_config(),
    }  # fmt: skip


def reach_alt(answer: CombineAnswer) -> str:
    """The shares in words."""
    labels = {row.id: row.label for row in answer.forest}
    said = defaultdict(list)
    for r in answer.reach:
        for row_id, share in r.share.items():
            if share > 0.005:
                said[row_id].append(f"{r.study} {100 * share:.0f}%")
    return " ".join(f"{labels.get(row_id, row_id)}: {', '.join(parts)}." for row_id, parts in said.items())


def _forest_panel(rows: Sequence[ForestRow], group: Group, domain: list[float], width: int, axis: Spec | None) -> Spec:
    (low, high), ratio = domain, domain[0] > 0
    points, gaps = [], []
    for row in rows:
        if row.estimate is None or row.lower is None or row.upper is None:
            gaps.append({"label": row.label, "said": row.text})
            continue
        ends = [min(max(_out(value, ratio), low), high) for value in (row.lower, row.estimate, row.upper)]
        ahead = (
            [min(max(_out(value, ratio), low), high) for value in row.prediction] if row.prediction else [None, None]
        )
        points.append(
            {
                "label": row.label, "low": ends[0], "at": ends[1], "high": ends[2],
                "plow": ahead[0], "phigh": ahead[1], "said": row.text,
            }
        )  # fmt: skip
    x_scale = {"type": "log" if ratio else "linear", "domain": domain, "nice": False}
    y: Spec = {"field": "label", "type": "nominal", "title": None, "sort": [row.label for row in rows],
               "axis": {"labelLimit": LABELS, "labelPadding": 6}}  # fmt: skip
    x: Spec = {"type": "quantitative", "scale": x_scale, "axis": axis}
    dash = [4, 3] if group is Group.EXPECTED else [1, 0]
    color = COLORS[group]
    layers = [
        layer([{"none": 1 if ratio else 0}], {"type": "rule", "color": "#555555"}, x={**x, "field": "none"}),
        layer(
            [point for point in points if point["plow"] is not None],
            {"type": "rule", "color": color, "opacity": 0.35, "strokeWidth": 1},
            y=y,
            x={**x, "field": "plow"},
            x2={"field": "phigh"},
        ),
        layer(
            points,
            {"type": "rule", "color": color, "strokeWidth": 2.5, "strokeDash": dash},
            y=y,
            x={**x, "field": "low"},
            x2={"field": "high"},
        ),
        layer(
            points,
            {
                **dot(90, "white" if group is Group.EXPECTED else color),
                "shape": SHAPES[group],
                "stroke": color,
                "strokeWidth": 2,
            },
            y=y,
            x={**x, "field": "at"},
        ),
        layer(
            [*points, *gaps],
            {"type": "text", "align": "left", "fontSize": 11, "color": INK},
            y=y,
            x={"value": width + 10},
            text={"field": "said"},
        ),
    ]
    return {"title": HEADINGS[group], "width": width, "height": _ROW * len(rows), "layer": layers}


def layer(rows: Sequence[Spec], mark: Spec, **encoding: Spec) -> Spec:
    """One layer: rows, how they are marked, and what each channel shows."""
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": encoding}


def number(field: str, scale: Spec | None = None) -> Spec:
    """A channel that shows a number."""
    return {"field": field, "type": "quantitative", **({"scale": scale} if scale else {})}


def dot(size: int, color: str) -> Spec:
    """A filled point."""
    return {"type": "point", "filled": True, "size": size, "color": color, "opacity": 1}


def _axis(answer: CombineAnswer) -> Spec:
    words = {
        "OR": "odds ratio",
        "RR": "risk ratio",
        "RD": "difference in rates",
        "MD": "difference in points",
        "SMD": "difference in standard deviations",
    }[answer.network.scale.value]
    better = "lower is better" if answer.network.scale.value in ("MD", "SMD") else "higher is better"
    ratio = answer.network.scale.is_ratio
    return {
        "title": f"{words}, {better}; thin line: a new study",
        "format": "~g",
        **({"values": [0.1, 0.2, 0.5, 1, 2, 5, 10]} if ratio else {}),
    }


def _domain(rows: Iterable[ForestRow], ratio: bool) -> list[float]:
    """Even on both sides of no effect, and no wider than a factor of 30, so that one wide interval does not flatten the rest."""
    edges = [abs(edge) for row in rows for edge in (row.lower, row.upper) if edge is not None]
    most = max(edges, default=1.0) * 1.05
    if ratio:
        most = min(max(most, math.log(3)), math.log(30))
        return [math.exp(-most), math.exp(most)]
    return [-most, most]


def _out(value: float, ratio: bool) -> float:
    return math.exp(min(value, 700.0)) if ratio else value


def _hidden(field: str, scale: Spec) -> Spec:
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def called(answer: CombineAnswer | NetworkResult, treatment: str) -> str:
    """A treatment as it is read: in our own tables its parts joined in words, in a reader's file as the reader wrote it."""
    return (
        " with ".join(sorted(treatment.split("+"), key=str.casefold))
        if isinstance(answer, CombineAnswer)
        else treatment
    )


def _edges(answer: CombineAnswer | NetworkResult) -> Edges:
    counts: Counter[tuple[str, str]] = Counter()
    randomized: set[tuple[str, str]] = set()
    for study in answer.network.studies:
        names = [called(answer, name) for name in study.treatments]
        for i, one in enumerate(names):
            for other in names[i + 1 :]:
                edge = (min(one, other), max(one, other))
                counts[edge] += 1
                if study.randomized:
                    randomized.add(edge)
    return {edge: (n, "randomized" if edge in randomized else "not randomized") for edge, n in counts.items()}
