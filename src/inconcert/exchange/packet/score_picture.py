"""The score chart of a packet: every scale over time, its baseline, and the scores that the policies name."""

from __future__ import annotations

from inconcert.exchange.packet.types import PacketFacts, ScoreLine
from inconcert.exchange.report.picture_rows import ScorePoint
from inconcert.exchange.report.pictures import Spec, scores_spec
from inconcert.exchange.report.words import day, number

MOST_LABELS = 12  # beyond these only baseline, first, last, highest and lowest bear their number


def score_spec(facts: PacketFacts, width: int = 460) -> Spec:
    """The chart as Vega-Lite."""
    scales = list(dict.fromkeys(line.scale for line in facts.scores))
    points = {scale: _points([line for line in facts.scores if line.scale == scale]) for scale in scales}
    named: dict[str, list[tuple[float, str]]] = {}
    for part in facts.parts:
        for bound in part.thresholds:
            named.setdefault(bound.scale, []).append((bound.value, bound.said))
    spec = scores_spec(points, named, width)
    spec["description"] = score_alt(facts)
    return spec


def score_alt(facts: PacketFacts) -> str:
    """The chart in words, from the rows it is drawn from."""
    said = []
    for scale in dict.fromkeys(line.scale for line in facts.scores):
        own = [line for line in facts.scores if line.scale == scale]
        told = ", ".join(f"{day(p.on)} {p.said}{' (baseline)' if p.baseline else ''}" for p in _few(own))
        more = f" ({len(own)} scores in all)" if len(own) > len(_few(own)) else ""
        said.append(f"{own[0].scale_name}, lower is better: {told}{more}.")
    said += [f"The policy names {b.said}." for part in facts.parts for b in part.thresholds]
    return " ".join(dict.fromkeys(said)) or "No dated score."


def _points(lines: list[ScoreLine]) -> list[ScorePoint]:
    told = {id(line) for line in _few(lines)}
    found = []
    for line in lines:
        tag = number(line.total) if line.total is not None else f"{number(line.low)}\u2013{number(line.high)}"
        tag = f"{tag} baseline" if line.baseline and len(lines) > 1 else tag
        shown = tag if id(line) in told else ""
        found.append(ScorePoint(line.on, line.total, line.low, line.high, shown, line.said))
    return found


def _few(lines: list[ScoreLine]) -> list[ScoreLine]:
    """All of a short series; of a long one the baseline, first, last, highest and lowest."""
    if len(lines) <= MOST_LABELS:
        return lines
    known = [line for line in lines if line.total is not None] or lines
    ends = [lines[0], lines[-1], max(known, key=lambda s: s.total or 0), min(known, key=lambda s: s.total or 0)]
    chosen = {id(line) for line in (*ends, *(line for line in lines if line.baseline))}
    return [line for line in lines if id(line) in chosen]
