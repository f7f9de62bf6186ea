"""Pictures as Vega-Lite: plain JSON that the page renders with vega-embed and that becomes SVG for print.

Okabe-Ito colours, and beside every colour a word and a shape, so that a grey print says the same. The alternative text
(`description`) is made from the same rows as the picture.
"""

from __future__ import annotations

import json
from typing import Any

from inconcert.exchange.report.picture_rows import (
    AS_DRAWN,
    Category,
    ScorePoint,
    TrialBar,
    criterion_rows,
    score_points,
    trial_bars,
)
from inconcert.exchange.report.words import Json, day, label, service
from inconcert.knowledge.scales import scale_files

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # a name; nothing is fetched
WIDTH = 440
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
PDF_FONT = "Libertinus Serif"  # what Typst's wheel brings, so that print is the same everywhere
_ROW = 24
_MANY_POINTS = 40  # scores of one scale beyond which the dots would cover the line
_INK = "#222222"
_GREYS = ("#ffffff", "#f4f4f4", "#e9e9e9", "#dedede", "#d2d2d2")
DEPRESSION_SCALES = ("phq9", "madrs", "hamd17", "qids-sr16")


def trial_timeline_spec(assessment: Json, width: int = WIDTH) -> Spec:
    """Medication trials and other treatments as bars over scores on the same time axis, severity bands named.

    `assessment` is the JSON form. Bars are as thick as the daily dose is high. A trial whose dates are only partly
    known has a thin line over the days it may have covered.
    """
    bars = trial_bars(assessment)
    scores = _drawn_scores(assessment)
    domain = _domain(assessment, bars, scores)
    panels = [_trial_panel(bars, domain, width)] if bars else []
    panels += [_score_panel(scale, points, domain, width) for scale, points in scores.items()]
    if not panels:
        panels = [_nothing("No medication trial and no depression score is recorded.", width)]
    return {
        "$schema": SCHEMA,
        "description": timeline_alt(assessment),
        "vconcat": panels,
        "spacing": 12,
        "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        "config": picture_config(),
    }


def _drawn_scores(assessment: Json) -> dict[str, list[ScorePoint]]:
    """PHQ-9 where there is one, and every other depression scale with at least two scores (one alone shows no course)."""
    scores = {scale: points for scale in DEPRESSION_SCALES if (points := score_points(assessment, scale))}
    several = {scale: points for scale, points in scores.items() if scale == "phq9" or len(points) > 1}
    return several or scores


def coverage_waterfall_spec(assessment: Json, width: int = 170, most_policies: int = 4) -> Spec:
    """One row a criterion of each chosen policy: met, not met or unknown, as colour, shape and column."""
    paid = (assessment.get("answers") or {}).get("paid") or {}
    chosen = list(paid.get("determinations") or ())[:most_policies]
    panels = []
    for determination in chosen:
        rows = criterion_rows(determination)
        if rows:
            panels.append(_policy_panel(determination, rows, width))
    if not panels:
        panels = [_nothing("No coverage policy was asked.", width * 3)]
    return {
        "$schema": SCHEMA,
        "description": coverage_alt(assessment, most_policies),
        "vconcat": panels,
        "spacing": 16,
        "config": picture_config(),
    }


def timeline_alt(assessment: Json) -> str:
    """The timeline in words, from the rows it is drawn from."""
    bars, said = trial_bars(assessment), []
    trials = [bar for bar in bars if bar.category is not Category.TREATMENT]
    said.append(
        f"{len(trials)} medication trial{'s' if len(trials) != 1 else ''}." if trials else "No medication trial."
    )
    said += [f"{bar.name}, {bar.when}: {bar.said}." for bar in bars]
    for scale in DEPRESSION_SCALES:
        points = score_points(assessment, scale)
        if points:
            told = ", ".join(f"{day(point.on)} {point.said}" for point in points)
            said.append(f"{_short(scale)} totals, lower is better: {told}.")
    return " ".join(said)


def coverage_alt(assessment: Json, most_policies: int = 4) -> str:
    """The coverage picture in words."""
    paid = (assessment.get("answers") or {}).get("paid") or {}
    said = []
    for determination in list(paid.get("determinations") or ())[:most_policies]:
        rows = criterion_rows(determination)
        told = "; ".join(f"{row.text}: {label(row.answer)}" for row in rows)
        said.append(f"{determination.get('payer')}, {service(determination.get('service'))}: {told}.")
    return " ".join(said) or "No coverage policy was asked."


def to_svg(spec: Spec, font: str = FONT) -> str:
    """The picture as SVG, drawn without a browser. Raises ImportError where the extra `report` is not installed."""
    import vl_convert

    told = json.loads(json.dumps(spec))
    told["config"] = {**told.get("config", {}), "font": font}
    svg: str = vl_convert.vegalite_to_svg(json.dumps(told), vl_version="v6.1")
    return svg


def to_png(spec: Spec, sharper: float = 2.0) -> bytes:
    """The picture as PNG, `sharper` times as many pixels each way as the picture has. Raises ImportError as `to_svg` does."""
    import vl_convert

    png: bytes = vl_convert.svg_to_png(to_svg(spec), scale=sharper)
    return png


def scores_spec(
    scores: dict[str, list[ScorePoint]], named: dict[str, list[tuple[float, str]]], width: int = WIDTH
) -> Spec:
    """Scores of several scales, a panel each, on one time axis, with the scores that a policy names as dashed lines.

    `named` holds by scale each bound and its words (`PHQ-9 at least 20`). Scales are our ids.
    """
    days_drawn = [point.on for points in scores.values() for point in points]
    first, last = min(days_drawn, default="2026-01-01"), max(days_drawn, default="2026-01-02")
    domain = [first, last if last > first else f"{int(first[:4]) + 1}{first[4:]}"]
    panels = []
    for scale, points in scores.items():
        panel = _score_panel(scale, points, domain, width)
        panel["title"] = f"{_short(scale)} total with severity bands"  # these points bear no mark for item 9
        if len(points) > _MANY_POINTS:
            _draw_small(panel)
        panel["layer"] += _bounds(named.get(scale, []), panel["layer"][0]["encoding"]["y"]["scale"], width)
        panels.append(panel)
    if not panels:
        panels = [_nothing("No dated depression score is recorded.", width)]
    return {"$schema": SCHEMA, "description": "", "vconcat": panels, "spacing": 12, "config": picture_config()}


def _draw_small(panel: Spec) -> None:
    """Dots and a line that stay apart where there are many."""
    for layer in panel["layer"]:
        if layer["mark"]["type"] == "point":
            layer["mark"] |= {"size": 8, "strokeWidth": 0.2}
        elif layer["mark"]["type"] == "line":
            layer["mark"] |= {"strokeWidth": 0.8}


def _bounds(named: list[tuple[float, str]], y_scale: Spec, width: int) -> list[Spec]:
    """A dashed line and its words for each bound. Bounds at one height share a line."""
    by_height: dict[float, list[str]] = {}
    for value, said in named:
        by_height.setdefault(value, []).append(said)
    rows = [{"at": value, "said": "policy: " + "; ".join(dict.fromkeys(said))} for value, said in by_height.items()]
    if not rows:
        return []
    y = {"field": "at", "type": "quantitative", "scale": y_scale}
    line = {"type": "rule", "strokeDash": [6, 3], "strokeWidth": 1.5, "color": "#D55E00"}
    words = {"type": "text", "align": "right", "baseline": "bottom", "dx": -6, "fontSize": 10.5, "color": "#8a3b00"}
    return [
        {"data": {"values": rows}, "mark": line, "encoding": {"y": y}},
        {
            "data": {"values": rows},
            "mark": words,
            "encoding": {"y": y, "x": {"value": width}, "text": {"field": "said"}},
        },
    ]


def picture_config() -> Spec:
    """Fonts and colors that all pictures share."""
    return {
        "font": FONT,
        "view": {"stroke": "#999999"},
        "axis": {
            "labelColor": _INK,
            "titleColor": _INK,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": 600,
        },
        "title": {"fontSize": 12, "color": _INK, "anchor": "start", "frame": "group"},
    }


def _domain(assessment: Json, bars: list[TrialBar], scores: dict[str, list[ScorePoint]]) -> list[str]:
    """First and last day of the shared axis: everything drawn, and the day asked for."""
    drawn = [d for bar in bars for d in (bar.possible_from, bar.possible_to)]
    drawn += [point.on for points in scores.values() for point in points]
    as_of = str(assessment.get("as_of") or max(drawn, default="2026-01-01"))
    first = min([*drawn, as_of])
    return [first, as_of if as_of > first else f"{int(first[:4]) + 1}{first[4:]}"]


def _time(field: str, domain: list[str]) -> Spec:
    axis = {
        "format": "%b %Y",
        "labelOverlap": "greedy",
        "labelSeparation": 14,
        "tickCount": 8,
        "title": None,
        "grid": True,
    }
    scale = {"type": "utc", "domain": [_calendar_day(d) for d in domain], "nice": False}
    return {"field": field, "type": "temporal", "scale": scale, "axis": axis}


def _calendar_day(iso: str) -> dict[str, int | bool]:
    year, month, day_of_month = (int(part) for part in iso[:10].split("-"))
    return {"year": year, "month": month, "date": day_of_month, "utc": True}


def _trial_panel(bars: list[TrialBar], domain: list[str], width: int) -> Spec:
    names = [bar.row for bar in bars]
    used = [category for category in Category if any(bar.category is category for bar in bars)]
    # No legend: every bar carries its word.
    by_category = {"field": "category", "type": "nominal", "title": None, "legend": None}
    values = [category.value for category in used]
    color = {**by_category, "scale": {"domain": values, "range": [AS_DRAWN[c].color for c in used]}}
    shape = {**by_category, "scale": {"domain": values, "range": [AS_DRAWN[c].shape for c in used]}}
    y = {
        "field": "row",
        "type": "nominal",
        "sort": names,
        "title": None,
        "axis": {"labelLimit": 230, "ticks": False, "domain": False},
        "scale": {"domain": names},
    }
    pieces = [
        {"row": bar.row, "from": piece.start, "to": piece.end, "thick": piece.thick, "category": bar.category.value,
         "dose": piece.said, "what": bar.name, "said": bar.said}
        for bar in bars
        for piece in bar.pieces
    ]  # fmt: skip
    whole = [
        {"row": bar.row, "from": bar.possible_from, "to": bar.possible_to, "end": bar.certain_to or bar.possible_to,
         "category": bar.category.value, "tag": bar.tag, "what": bar.name, "said": bar.said}
        for bar in bars
    ]  # fmt: skip
    tooltip = [{"field": "what", "title": "what"}, {"field": "said", "title": "judged"}]
    x = _time("from", domain)
    return {
        "width": width,
        "height": {"step": _ROW},
        "title": "Medication trials and treatments (thickness follows the daily dose)",
        "layer": [
            {
                "data": {"values": whole},
                "mark": {"type": "rule", "strokeWidth": 1.5, "color": _INK},
                "encoding": {"x": x, "x2": {"field": "to"}, "y": y},
            },
            {
                "data": {"values": pieces},
                "mark": {"type": "bar", "stroke": _INK, "strokeWidth": 0.8, "clip": True},
                "encoding": {
                    "x": x,
                    "x2": {"field": "to"},
                    "y": y,
                    "size": {"field": "thick", "type": "quantitative", "scale": None, "legend": None},
                    "color": color,
                    "tooltip": [*tooltip, {"field": "dose", "title": "daily dose"}],
                },
            },
            {
                "data": {"values": whole},
                "mark": {"type": "point", "filled": True, "size": 70, "stroke": _INK, "strokeWidth": 0.8, "opacity": 1},
                "encoding": {"x": {**x, "field": "end"}, "y": y, "color": color, "shape": shape, "tooltip": tooltip},
            },
            {
                "data": {"values": whole},
                "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 10.5, "color": _INK},
                "encoding": {"x": {**x, "field": "end"}, "y": y, "text": {"field": "tag"}},
            },
        ],
    }


def _score_panel(scale: str, points: list[ScorePoint], domain: list[str], width: int) -> Spec:
    file = scale_files()[scale]
    low, high = file.total.range
    bands = [
        {"low": band.range[0], "high": _upper(band.range[1], high), "mid": (band.range[0] + _upper(band.range[1], high)) / 2,
         "name": label(band.label or band.id), "shade": _GREYS[min(number, len(_GREYS) - 1)]}
        for number, band in enumerate(file.bands)
    ]  # fmt: skip
    y_scale = {"domain": [low, high], "nice": False}
    y_axis = {"title": f"{_short(scale)} (lower is better)", "grid": False, "values": [b["low"] for b in bands]}
    y = {"field": "total", "type": "quantitative", "scale": y_scale, "axis": y_axis}
    band_y = {"field": "low", "type": "quantitative", "scale": y_scale, "axis": y_axis}
    x = _time("on", domain)
    rows = [{"on": p.on, "total": p.total, "low": p.low, "high": p.high, "tag": p.tag, "said": p.said} for p in points]
    known = [row for row in rows if row["total"] is not None]
    tooltip = [{"field": "on", "type": "temporal", "format": "%d-%b-%Y"}, {"field": "said", "title": "score"}]
    return {
        "width": width,
        "height": 135,
        "title": f"{_short(scale)} total with severity bands" + (" (! = item 9 above zero)" if scale == "phq9" else ""),
        "layer": [
            {
                "data": {"values": bands},
                "mark": {"type": "rect"},
                "encoding": {"y": band_y, "y2": {"field": "high"}, "color": {"field": "shade", "scale": None}},
            },
            {
                "data": {"values": bands},
                "mark": {"type": "text", "align": "left", "fontSize": 10.5, "color": _INK, "dx": 6},
                "encoding": {"y": {**band_y, "field": "mid"}, "x": {"value": width}, "text": {"field": "name"}},
            },
            {
                "data": {"values": [row for row in rows if row["total"] is None]},
                "mark": {"type": "rule", "strokeDash": [3, 3], "strokeWidth": 2, "color": _INK},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "tooltip": tooltip},
            },
            {
                "data": {"values": [row for row in rows if row["total"] is None]},
                "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 10.5, "color": _INK},
                "encoding": {"x": x, "y": {**y, "field": "high"}, "text": {"field": "tag"}},
            },
            {
                "data": {"values": known},
                "mark": {"type": "line", "color": "#0072B2", "strokeWidth": 2},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": known},
                "mark": {"type": "point", "filled": True, "size": 60, "color": "#0072B2", "stroke": _INK, "opacity": 1},
                "encoding": {"x": x, "y": y, "tooltip": tooltip},
            },
            {
                "data": {"values": known},
                "mark": {"type": "text", "dy": -10, "fontSize": 10.5, "fontWeight": 600, "color": _INK},
                "encoding": {"x": x, "y": y, "text": {"field": "tag"}},
            },
        ],
    }


def _policy_panel(determination: Json, rows: list[Any], width: int) -> Spec:
    order = ["met", "not met", "unknown"]
    data = [
        {"n": number, "row": f"{number}. {row.text}", "answer": label(row.answer)} for number, row in enumerate(rows, 1)
    ]
    names = [row["row"] for row in data]
    legend = None
    return {
        "width": width,
        "height": {"step": 20},
        "title": f"{determination.get('payer')}: {service(determination.get('service'))}",
        "data": {"values": data},
        "mark": {"type": "point", "filled": True, "size": 110, "stroke": _INK, "strokeWidth": 0.8, "opacity": 1},
        "encoding": {
            "y": {"field": "row", "type": "nominal", "sort": names, "title": None, "axis": {"labelLimit": 480, "grid": True}},
            "x": {"field": "answer", "type": "nominal", "scale": {"domain": order}, "title": None,
                  "axis": {"orient": "top", "labelAngle": 0, "grid": False}},
            "color": {"field": "answer", "legend": legend, "scale": {"domain": order, "range": ["#009E73", "#D55E00", "#F0E442"]}},
            "shape": {"field": "answer", "legend": legend, "scale": {"domain": order, "range": ["circle", "cross", "diamond"]}},
        },
    }  # fmt: skip


def _nothing(text: str, width: int) -> Spec:
    return {
        "width": width,
        "height": 40,
        "data": {"values": [{"text": text}]},
        "mark": {"type": "text", "fontSize": 12, "color": _INK},
        "encoding": {"text": {"field": "text"}},
    }


def _upper(band_high: int, scale_high: int) -> int:
    """Where a band's rectangle ends: at the start of the next band, or at the top of the scale."""
    return band_high if band_high >= scale_high else band_high + 1


def _short(scale: str) -> str:
    """What a chart calls a scale."""
    return {"phq9": "PHQ-9", "madrs": "MADRS", "hamd17": "HAM-D17", "qids-sr16": "QIDS-SR16"}.get(scale, scale)
