"""The picture of a patient's trials and scores, as the page shows it: fitted to its frame, with words and numbers beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inconcert.web.templatetags.inconcert import day, number, span, words


def themed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The specification with the page's own fonts."""
    config: dict[str, Any] = dict(spec.get("config") or {})
    config["font"] = "system-ui, 'Liberation Sans', Arial, sans-serif"
    return {**spec, "config": config}


def numbers_table(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The numbers behind the picture as tables: a title, column heads and rows of text."""
    trials = body["answers"]["who"]["history"]["trials"]
    tables = [
        {
            "title": "Medication trials",
            "head": ["Drug", "From", "To", "Highest mg a day", "Weeks at an adequate dose", "Adequate", "Outcome"],
            "rows": [
                [
                    trial["drug"],
                    day(trial["start"]),
                    day(trial["end"]) if trial["end"] else "still running",
                    "unknown" if trial["max_daily_dose_mg"] is None else number(trial["max_daily_dose_mg"]),
                    span(trial["weeks_at_adequate_dose"]),
                    words(trial["adequate"]["answer"]),
                    words(trial["outcome"]),
                ]
                for trial in trials
            ],
        }
    ]
    for scale, scores in sorted(body["scores"].items(), key=lambda each: (each[0] != "phq9", each[0])):
        tables.append(
            {
                "title": f"{scale.upper().replace('_', '-')} (lower is better)" if scale != "whodas" else scale.upper(),
                "head": ["Taken", "Total", "Severity", "Left blank"],
                "rows": [_score_row(each) for each in scores],
            }
        )
    return tables


def _score_row(dated: Mapping[str, Any]) -> list[str]:
    score = dated["score"]
    total = number(score["total"])
    if score["total"] is None:
        total = f"unknown, {number(score['total_low'])} to {number(score['total_high'])}"
    return [taken(dated), total, words(score["band"] or "unknown"), ", ".join(score["missing"]) or "none"]


def taken(dated: Mapping[str, Any]) -> str:
    """The day a form was filled, as far as it is known."""
    return day(dated["taken"]["days"]) if dated.get("taken") else "date not recorded"


def described(spec: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """The picture in words, from the same data."""
    said = str(spec.get("description") or "").strip()
    if said:
        return said
    trials = body["answers"]["who"]["history"]["trials"]
    drawn = "; ".join(f"{t['drug']} from {day(t['start'])} to {day(t['end']) if t['end'] else 'now'}" for t in trials)
    scores = body["scores"].get("phq9", ())
    points = "; ".join(f"{taken(s)}: {number(s['score']['total']) or 'unknown'}" for s in scores)
    return f"Medication trials: {drawn or 'none'}. PHQ-9, lower is better: {points or 'none'}."
