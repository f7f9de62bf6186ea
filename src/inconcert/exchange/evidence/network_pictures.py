"""The pictures of a reader's own network, as Vega-Lite: forest, network, contour-enhanced funnel.

What cannot be estimated has its line in the forest, in words; no mark is drawn for it. Each picture has its alternative text, made
from what is drawn. Contours of the funnel: Peters and others 2008 (recalled), as in `trust/funnel.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from inconcert.evidence.synthesis.data.types import Network, NetworkError
from inconcert.evidence.synthesis.models.ask import NetworkResult
from inconcert.evidence.synthesis.models.fit import Estimate, Fit
from inconcert.evidence.synthesis.trust.direct import direct_points
from inconcert.evidence.synthesis.trust.funnel import Funnel, funnel
from inconcert.exchange.evidence.network_text import shown
from inconcert.exchange.evidence.pictures import BLUE, GREEN, INK, LABELS, ORANGE, Spec, dot, layer, number
from inconcert.exchange.report.pictures import SCHEMA, picture_config

Rows = Mapping[str, Estimate | None]
CANNOT = "cannot be estimated from these studies"
_ROW = 22
_MOST = {True: (math.log(2), math.log(30)), False: (0.0, math.inf)}  # how far the axis reaches: at least, at most
_ZONES = ("#ffffff", "#d9d9d9", "#bdbdbd", "#f2f2f2")  # from not significant at all to beyond the last contour
_COLORS, _SHAPES = (BLUE, GREEN, ORANGE), ("circle", "square", "diamond")
_TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
_FINE = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5, 3, 4, 5]
_FINE_TO = 3.5  # an axis that reaches no farther than this factor has the fine ticks


def panels_of(result: NetworkResult) -> dict[str, Rows]:
    """The rows of the forest by heading (random effects): components, interactions, treatments of several components.

    Of whole treatments: each against the first.
    """
    design, random = result.model.design, result.model.random
    if not result.has_components:
        league = random.league_estimates()
        rows = {name: row[0] for name, row in zip(design.treatments[1:], league[1:], strict=True)}
        return {f"Each treatment against {design.treatments[0]}": rows}
    against = f" against {design.inactive}" if design.inactive else ""
    beside = f" beside {design.inactive}" if design.inactive else ""
    joined = design.separator or "+"
    panels = {
        f"What each component adds{beside}": {name: random.parameters[name] for name in design.components},
        "Interactions: beyond the sum of the parts": {t.label: random.parameters[t.label] for t in design.interactions},
        f"Treatments of several components{against}": {n: e for n, e in random.combinations.items() if joined in n},
    }
    return {heading: rows for heading, rows in panels.items() if rows}


def network_forest_spec(result: NetworkResult, width: int = 320) -> Spec:
    """Every component, interaction and combination with its interval, numbers beside them."""
    network, panels = result.network, panels_of(result)
    domain = _domain(network, panels)
    axis, last = _axis(network, domain[1], result.model.random.level), list(panels)[-1]
    return {
        "$schema": SCHEMA,
        "description": network_forest_alt(result),
        "vconcat": [
            _panel(network, heading, rows, domain, width, place, axis if heading == last else None)
            for place, (heading, rows) in enumerate(panels.items())
        ],
        "spacing": 10,
        "resolve": {"scale": {"x": "shared"}},
        "config": picture_config(),
    }


def network_forest_alt(result: NetworkResult) -> str:
    """The forest in words, with every number that is drawn."""
    said = [
        f"{heading}: " + "; ".join(f"{name}: {_said(result.network, value)}" for name, value in rows.items()) + "."
        for heading, rows in panels_of(result).items()
    ]
    return f"{_scale(result.network)}, random effects. " + " ".join(said)


def funnel_of(model: Fit, first: str, second: str) -> Funnel:
    """The contour-enhanced funnel of `first` against `second`, around the random-effects estimate of the network.

    Raises NetworkError for a name that does not occur, or a comparison that no study made.
    """
    row = model.design.row_of(first) - model.design.row_of(second)
    points = direct_points(model, row) if row.any() else ()
    found = model.random.contrasts(row[None, :])[0]
    if not points or found is None:
        raise NetworkError(
            f"no study compared {first} with {second}, so there is no funnel. Mend: name two treatments that a study compared."
        )
    return funnel(points, found.estimate)


def funnel_spec(found: Funnel, network: Network, question: str, size: int = 380) -> Spec:
    """Effects over standard errors, with zones by the p that a study there has by itself."""
    ratio, foot = network.scale.is_ratio, found.se_max * 1.08
    effects = [found.center, *(point.effect for point in found.points)]
    reach = 1.04 * max(found.contours[-1].z * foot, *(abs(effect - found.null) for effect in effects))
    domain = [_out(network, found.null + side * reach) for side in (-1, 1)]
    title = [f"{_scale(network)} of {question}", "dashed: what the whole network gives"]
    axis = {"title": title, "format": "~g", "grid": False}
    x = {
        "field": "at",
        "type": "quantitative",
        "scale": {"type": "log" if ratio else "linear", "domain": domain, "nice": False},
        "axis": {**axis, "labelOverlap": True, **_ticks(network, domain[1])},
    }
    y = {
        **number("se", {"domain": [0, foot], "reverse": True, "nice": False}),
        "axis": {"title": "standard error (large studies above)", "grid": False},
    }
    points = [{"at": _out(network, p.effect), "se": p.se, "study": p.study} for p in found.points]
    null, center = ([{"at": _out(network, value)}] for value in (found.null, found.center))
    return {
        "$schema": SCHEMA,
        "description": funnel_alt(found, network, question),
        "width": round(size * 1.2),
        "height": size,
        "layer": [
            *_zones(found, network, foot, x, y),
            layer(null, {"type": "rule", "color": "#555555"}, x=x),
            layer(center, {"type": "rule", "color": ORANGE, "strokeDash": [5, 3], "strokeWidth": 1.5}, x=x),
            layer(points, {**dot(60, BLUE), "stroke": "white", "strokeWidth": 1}, x=x, y=y, tooltip={"field": "study"}),
        ],
        "config": picture_config(),
    }


def funnel_alt(found: Funnel, network: Network, question: str) -> str:
    """The funnel in words, with every point."""
    bands = ", ".join(f"{count} with {band}" for band, count in found.bands.items())
    points = "; ".join(f"{p.study} {shown(network, p.effect)}, standard error {p.se:.3g}" for p in found.points)
    return (
        f"{_scale(network)} of {question} over its standard error in {len(found.points)} comparisons of studies: {bands}. Dashed: the"
        f" network's estimate, {shown(network, found.center)}. {points}."
    )


def _panel(
    network: Network, heading: str, rows: Rows, domain: tuple[float, float], width: int, place: int, axis: Spec | None
) -> Spec:
    """The rows of one heading: an interval that runs off the axis ends in a triangle; what has no number has words only."""
    low, high = domain
    drawn, cut = [], []
    for name, value in rows.items():
        if value is None:
            continue
        lower, at, upper = (_out(network, edge) for edge in (value.lower, value.estimate, value.upper))
        point = {"at": at} if low <= at <= high else {}
        drawn.append({"label": name, "low": min(max(lower, low), high), "high": max(min(upper, high), low), **point})
        cut += [{"label": name, "at": low, "side": "left"}] if lower < low else []
        cut += [{"label": name, "at": high, "side": "right"}] if upper > high else []
    color, shape = _COLORS[place % 3], _SHAPES[place % 3]
    scale = {"type": "log" if network.scale.is_ratio else "linear", "domain": [low, high], "nice": False}
    x = {"field": "at", "type": "quantitative", "scale": scale, "axis": axis}
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": list(rows),
        "axis": {"labelLimit": LABELS, "labelPadding": 6},
    }
    words = [{"label": name, "said": _said(network, value)} for name, value in rows.items()]
    text = {"type": "text", "align": "left", "fontSize": 11, "color": INK}
    line = {"type": "rule", "color": color, "strokeWidth": 2.5}
    layers = [
        layer([{"at": _out(network, 0)}], {"type": "rule", "color": "#555555"}, x=x),
        layer(drawn, line, y=y, x={**x, "field": "low"}, x2={"field": "high"}),
        *(
            layer(
                [row for row in cut if row["side"] == side], {**dot(50, color), "shape": f"triangle-{side}"}, y=y, x=x
            )
            for side in ("left", "right")
        ),
        layer([row for row in drawn if "at" in row], {**dot(80, color), "shape": shape}, y=y, x=x),
        layer(words, text, y=y, x={"value": width + 10}, text={"field": "said"}),
    ]
    return {"title": heading, "width": width, "height": _ROW * len(rows), "layer": layers}


def _zones(found: Funnel, network: Network, foot: float, x: Spec, y: Spec) -> list[Spec]:
    """The widest zone first, each narrower one over it, so that each keeps its own ground."""
    names = [f"{_band(band)}: {count}" for band, count in found.bands.items()]
    color = {
        "field": "zone", "type": "nominal", "title": ["Studies by their", "own two-sided p"],
        "scale": {"domain": names, "range": list(_ZONES[: len(names)])}, "legend": {"symbolStrokeColor": "#777777", "symbolType": "square"},
    }  # fmt: skip
    (low, high), mark = x["scale"]["domain"], {"type": "area", "orient": "horizontal", "opacity": 1}
    whole = [{"se": se, "low": low, "high": high, "zone": names[-1]} for se in (0, foot)]
    wedges = [whole]
    for contour, name in reversed(list(zip(found.contours, names, strict=False))):
        edges = [[_out(network, edge) for edge in contour.at(se, found.null)] for se in (0, foot)]
        wedges.append(
            [{"se": se, "low": a, "high": b, "zone": name} for se, (a, b) in zip((0, foot), edges, strict=True)]
        )
    return [layer(wedge, mark, y=y, x={**x, "field": "low"}, x2={"field": "high"}, color=color) for wedge in wedges]


def _band(name: str) -> str:
    return name.replace(">=", "\u2265").replace("<=", "\u2264")


def _domain(network: Network, panels: Mapping[str, Rows]) -> tuple[float, float]:
    """Even on both sides of no effect; for ratios at most a factor of 30, so that one wide interval does not flatten the rest."""
    known = [value for rows in panels.values() for value in rows.values() if value is not None]
    edges = [abs(edge) for value in known for edge in (value.lower, value.upper)]
    least, most = _MOST[network.scale.is_ratio]
    reach = min(max(max(edges, default=1.0) * 1.05, least), most) or 1.0
    return _out(network, -reach), _out(network, reach)


def _axis(network: Network, high: float, level: float) -> Spec:
    """The axis below all panels: its grid would stand in the last of them only."""
    words = f"{_scale(network)}, random effects, {100 * level:g}% intervals"
    return {"title": words, "format": "~g", "grid": False, "labelOverlap": True, **_ticks(network, high)}


def _ticks(network: Network, high: float) -> Spec:
    """Ratios that people know; of other scales the plot's own."""
    return {"values": _FINE if high < _FINE_TO else _TICKS} if network.scale.is_ratio else {}


def _scale(network: Network) -> str:
    return network.scale.words


def _said(network: Network, value: Estimate | None) -> str:
    if value is None:
        return CANNOT
    return f"{shown(network, value.estimate)} ({shown(network, value.lower)} to {shown(network, value.upper)})"


def _out(network: Network, value: float) -> float:
    return math.exp(min(value, 700.0)) if network.scale.is_ratio else value
