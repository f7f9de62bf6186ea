"""What the pictures draw: rows of plain values taken from an assessment, so that words and picture cannot differ."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import date, timedelta

from inconcert.exchange.report.words import Json, days, doses, label, number, span

_THIN, _THICK = 6.0, 16.0
_CONNECTIVE = re.compile(r"\b(?P<kind>All|Any) of \d+: ")  # how payers' judgements say what they are made of


class Category(enum.Enum):
    """What a bar stands for: adequacy and outcome together, in a reader's words."""

    FAILED = "adequate, no response"
    PARTIAL = "adequate, partial response"
    RESPONDED = "adequate, response"
    OPEN = "adequate, outcome unknown"
    NOT_ADEQUATE = "dose too low or time too short"
    NOT_KNOWN = "not known whether adequate"
    INTOLERANCE = "stopped for side effects"
    OTHER_USE = "taken for something else"
    TREATMENT = "treatment other than a drug trial"


@dataclass(frozen=True, slots=True)
class Look:
    """Colour (Okabe-Ito) and shape of a category; the shape tells it in a grey print."""

    color: str
    shape: str


AS_DRAWN = {
    Category.FAILED: Look("#D55E00", "cross"),
    Category.PARTIAL: Look("#E69F00", "triangle-right"),
    Category.RESPONDED: Look("#009E73", "circle"),
    Category.OPEN: Look("#56B4E9", "square"),
    Category.NOT_ADEQUATE: Look("#999999", "triangle-down"),
    Category.NOT_KNOWN: Look("#FFFFFF", "diamond"),
    Category.INTOLERANCE: Look("#CC79A7", "triangle-up"),
    Category.OTHER_USE: Look("#DDDDDD", "triangle-left"),
    Category.TREATMENT: Look("#0072B2", "square"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch at one dose; `end` is the day after the last, as a bar is drawn."""

    start: str
    end: str
    thick: float
    said: str


@dataclass(frozen=True, slots=True)
class TrialBar:
    """One row of the timeline."""

    row: str
    name: str
    when: str
    said: str
    tag: str
    category: Category
    possible_from: str
    possible_to: str
    certain_to: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """One score; `total` None where it is only known to lie between `low` and `high`."""

    on: str
    total: float | None
    low: float
    high: float
    tag: str
    said: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion of a policy with its answer, and the question that would settle it."""

    text: str
    answer: str
    question: str


def category(trial: Json) -> Category:
    """The category of a medication trial."""
    if trial.get("counts", "met") == "not_met":
        return Category.OTHER_USE
    outcome = trial.get("outcome", "unknown")
    if outcome == "intolerance":
        return Category.INTOLERANCE
    adequate = (trial.get("adequate") or {}).get("answer", "unknown")
    if adequate == "unknown":
        return Category.NOT_KNOWN
    if adequate == "not_met":
        return Category.NOT_ADEQUATE
    by_outcome = {"nonresponse": Category.FAILED, "partial": Category.PARTIAL, "response": Category.RESPONDED}
    return by_outcome.get(outcome, Category.OPEN)


def outcome_words(trial: Json) -> str:
    """The outcome with where it came from: `nonresponse (recorded)`, `response (inferred from scores)`, `not known`."""
    outcome = trial.get("outcome", "unknown")
    if outcome == "unknown":
        return "outcome not known"
    kind = {"recorded": "recorded", "inferred": "inferred from scores"}.get(
        trial.get("outcome_kind", ""), "source not known"
    )
    words = {"nonresponse": "no response", "partial": "partial response"}.get(outcome, label(outcome))
    return f"{words} ({kind})"


def trial_bars(assessment: Json) -> list[TrialBar]:
    """Every medication trial and other treatment that has a date, oldest first. Undated ones cannot be drawn."""
    as_of = str(assessment.get("as_of") or "")
    history = ((assessment.get("answers") or {}).get("who") or {}).get("history") or {}
    bars = [bar for trial in history.get("trials") or () if (bar := _trial_bar(trial, as_of)) is not None]
    bars += [bar for done in assessment.get("treatments") or () if (bar := _treatment_bar(done, as_of)) is not None]
    bars.sort(key=lambda bar: (bar.possible_from, bar.name))
    return [_numbered(bar, bars[:position]) for position, bar in enumerate(bars)]


def _numbered(bar: TrialBar, before: list[TrialBar]) -> TrialBar:
    """The bar with a row name no earlier bar has, so that two trials of one drug keep their own rows."""
    same = sum(1 for other in before if other.row == bar.row)
    if not same:
        return bar
    values = {name: getattr(bar, name) for name in TrialBar.__slots__}
    return TrialBar(**{**values, "row": f"{bar.row} ({same + 1})"})


def _trial_bar(trial: Json, as_of: str) -> TrialBar | None:
    start, end = trial.get("start"), trial.get("end")
    if not start:
        return None
    first = start["earliest"]
    last = _next(end["latest"]) if end else as_of
    certain_end = _next(end["earliest"]) if end else as_of
    what = category(trial)
    role = "" if trial.get("role", "monotherapy") == "monotherapy" else f" [{label(trial['role'])}]"
    tag = {Category.NOT_ADEQUATE: "too low or short", Category.NOT_KNOWN: "adequacy unknown"}.get(what, what.value)
    tag = tag.replace("adequate, ", "").replace("stopped for ", "")
    if trial.get("outcome_kind") == "inferred" and what in {Category.FAILED, Category.PARTIAL, Category.RESPONDED}:
        tag += " (inferred)"
    if not end:
        tag += ", ongoing" if trial.get("ongoing") == "met" else ", end not known"
    name = f"{trial.get('drug', '?')} {doses(trial)}{role}"
    return TrialBar(
        row=name,
        name=name,
        when=f"{days(start)} to {days(end) if end else 'ongoing' if trial.get('ongoing') == 'met' else 'not known'}",
        said=f"{what.value}; {outcome_words(trial)}; {span(trial.get('weeks_at_adequate_dose'), 'weeks at an adequate dose')}",
        tag=tag,
        category=what,
        possible_from=first,
        possible_to=max(first, min(last, as_of) if as_of else last),
        certain_to=max(first, min(certain_end, as_of) if as_of else certain_end),
        pieces=_pieces(trial, as_of),
    )


def _pieces(trial: Json, as_of: str) -> tuple[Piece, ...]:
    segments = trial.get("segments") or ()
    top = max([s.get("daily_dose_mg_high") or 0 for s in segments] + [trial.get("adequate_dose_mg") or 0])
    pieces = []
    for segment in segments:
        start, end = (segment.get("start") or {}).get("latest"), (segment.get("end") or {}).get("earliest")
        if not start or not end or end < start:  # only possible days, which the thin line shows
            continue
        dose = segment.get("daily_dose_mg_high")
        thick = _THIN if dose is None or not top else _THIN + (_THICK - _THIN) * dose / top
        stop = _next(end)
        said = "not known" if dose is None else f"{number(dose)} mg"
        pieces.append(Piece(start, min(stop, as_of) if as_of else stop, thick, said))
    return tuple(pieces)


def _treatment_bar(done: Json, as_of: str) -> TrialBar | None:
    start, end = done.get("start"), done.get("end") or done.get("start")
    if not start or not end:
        return None
    name = str(done.get("what") or "treatment")
    last = _next(end["latest"])
    last = max(start["earliest"], min(last, as_of) if as_of else last)
    outcome = str(done.get("outcome") or "")
    certain = start["latest"] <= end["earliest"]  # else only the days it may have covered are known
    return TrialBar(
        row=name,
        name=name,
        when=days(start) if start == end else f"{days(start)} to {days(end)}",
        said=f"{done.get('label') or 'given'}{'; outcome ' + outcome if outcome else ''}",
        tag=outcome or "given",
        category=Category.TREATMENT,
        possible_from=start["earliest"],
        possible_to=last,
        certain_to=last,
        pieces=(Piece(start["latest"], min(_next(end["earliest"]), last), _THICK, "given"),) if certain else (),
    )


def _next(iso: str) -> str:
    """The day after, so that a bar covers its last day."""
    known = date.fromisoformat(iso)
    return iso if known == date.max else (known + timedelta(days=1)).isoformat()


def score_points(assessment: Json, scale: str) -> list[ScorePoint]:
    """Every dated score of one scale, oldest first."""
    points = []
    for dated in (assessment.get("scores") or {}).get(scale) or ():
        known = ((dated.get("taken") or {}).get("days")) or {}
        if not known.get("latest"):
            continue
        score = dated.get("score") or {}
        total, low, high = score.get("total"), score.get("total_low", 0), score.get("total_high", 0)
        band = label(score.get("band"))
        alert = scale == "phq9" and any(flag.get("item") == "9" for flag in score.get("flags") or ())
        shown = number(total) if total is not None else f"between {number(low)} and {number(high)}"
        if total is None and low == high and band:  # a triage scale has a level and no total
            said = f"level {band}"
        else:
            said = shown + (f" ({band})" if band else "") + (", item 9 above zero" if alert else "")
        tag = (number(total) if total is not None else f"{number(low)}–{number(high)}") + (" !" if alert else "")
        points.append(ScorePoint(known["latest"], total, low, high, tag, said))
    return sorted(points, key=lambda point: point.on)


def criterion_rows(determination: Json) -> list[CriterionRow]:
    """The criteria that decide, in the policy's order.

    An "all" shows each of its parts. An "any" that is met shows the part that met it, else the parts that gave it its
    answer: a route that was not needed is not shown as a failure. `criterion_tree` has every leaf.
    """
    rows: list[CriterionRow] = []
    criteria = determination.get("criteria")
    if criteria:
        _deciding(criteria, rows, top=True)
    return rows


def _deciding(judgement: Json, rows: list[CriterionRow], *, top: bool = False) -> None:
    parts = list(judgement.get("parts") or ())
    kind = _CONNECTIVE.search(str(judgement.get("text", "")))
    answer = judgement.get("answer")
    if parts and kind is not None and kind["kind"] == "Any":
        same = [part for part in parts if part.get("answer") == answer] or parts
        for part in same[:1] if answer == "met" else same:
            _deciding(part, rows)
    elif parts and (kind is not None or top):
        for part in parts:
            _deciding(part, rows)
    else:
        rows.append(CriterionRow(str(judgement.get("text", "")), str(answer or "unknown"), _first_question(judgement)))


def criterion_tree(determination: Json) -> list[tuple[int, Json]]:
    """Every criterion with its depth, in the policy's order."""
    found: list[tuple[int, Json]] = []

    def walk(judgement: Json, depth: int) -> None:
        found.append((depth, judgement))
        for part in judgement.get("parts") or ():
            walk(part, depth + 1)

    if determination.get("criteria"):
        walk(determination["criteria"], 0)
    return found


def _first_question(judgement: Json) -> str:
    """The question that would settle an unknown: its own, or the first under it."""
    if judgement.get("answer") != "unknown":
        return ""
    own = str((judgement.get("question") or {}).get("text") or "")
    return own or next((asked for part in judgement.get("parts") or () if (asked := _first_question(part))), "")
