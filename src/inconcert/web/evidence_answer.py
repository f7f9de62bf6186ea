"""The answer on the pair for the site: choices read, the answer kept, and its rows as the page shows them.

Importing this needs the extra `science`; the views do so only when asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from inconcert.evidence.synthesis.data.types import NetworkError, StudyContrasts
from inconcert.evidence.synthesis.pair.answer import combine
from inconcert.evidence.synthesis.pair.forest import number_text
from inconcert.evidence.synthesis.pair.types import CombineAnswer, ForestRow, Group, Options
from inconcert.evidence.synthesis.pair.wishes import read_options
from inconcert.evidence.synthesis.trust.certainty import Certainty
from inconcert.exchange.evidence.combine_text import HEADINGS
from inconcert.judgement import Reading
from inconcert.web.evidence_fields import FIELDS

KEPT = 32  # answers; each is a small network with its fit
_BASIS = {
    Group.ALONE: "from all studies through the model",
    Group.EXPECTED: "what adding up would give; nobody observed it",
    Group.OBSERVED: "one study's own groups, compared as counted",
    Group.INTERACTION: "from all studies through the model",
}

# The same answer is the same for everybody: it rests on our tables alone, which change only with the program.
answer_of = lru_cache(maxsize=KEPT)(combine)


def usual(day: date) -> Options:
    """The question that is asked unless somebody chooses otherwise."""
    return Options(as_of=day)


def read_choice(said: Mapping[str, str], day: date) -> tuple[Options | None, dict[str, str]]:
    """The options that were asked for, or what is wrong with each field; never some other options instead."""
    problems = {}
    for field in FIELDS:
        # Which measures fit depends on the outcome; everything else stands alone.
        beside = {"outcome": said["outcome"]} if field.name == "measure" else {}
        try:
            read_options({**beside, field.name: said[field.name]}, day)
        except NetworkError as error:
            problems[field.name] = str(error)
    if "outcome" in problems:
        problems.pop("measure", None)
    return (None, problems) if problems else (read_options(said, day), {})


@dataclass(frozen=True, slots=True)
class Line:
    """One number of the page. `sure` is the certainty in words, `level` for its look; `reading` the weakest source behind it."""

    row: ForestRow
    certainty: Certainty | None
    sure: str
    level: str
    basis: str
    reading: str

    @property
    def known(self) -> bool:
        """Whether there is a number at all."""
        return self.row.estimate is not None


def groups_of(answer: CombineAnswer) -> list[tuple[str, str, list[Line]]]:
    """Heading, name and lines of each group of the forest, in the order in which they are read."""
    found = []
    for group, heading in HEADINGS.items():
        lines = [line_of(answer, row) for row in answer.forest if row.group is group]
        if lines:
            found.append((heading, group.value, lines))
    return found


def line_of(answer: CombineAnswer, row: ForestRow) -> Line:
    """A row with what the page says beside it."""
    found = answer.certainty.get(row.id)
    level = found.level or "" if found else ""
    sure = f"{'at most ' if found.at_most else ''}{(level or 'not graded').replace('_', ' ')}" if found else ""
    recalled = any(source.status is Reading.RECALLED for source in row.sources)
    reading = "" if not row.sources else Reading.RECALLED.value if recalled else Reading.READ.value
    return Line(row=row, certainty=found, sure=sure, level=level, basis=_BASIS[row.group], reading=reading)


@dataclass(frozen=True, slots=True)
class Behind:
    """One study behind a number: its share (0 to 1; None for a study's own number), and its comparisons as they entered."""

    study: StudyContrasts
    share: float | None
    comparisons: tuple[str, ...]


def behind(answer: CombineAnswer, row: ForestRow) -> list[Behind]:
    """The studies whose rows stand behind a number, the one that carries most of it first."""
    shares = {reach.study: reach.share.get(row.id) for reach in answer.reach}
    wanted = {row_id.split("/", 1)[0] for row_id in row.row_ids}
    found = [
        Behind(study=study, share=shares.get(study.study), comparisons=tuple(comparisons(answer, study)))
        for study in answer.network.studies
        if study.study in wanted
    ]
    return sorted(found, key=lambda each: (-(each.share or 0.0), each.study.study))


def comparisons(answer: CombineAnswer, study: StudyContrasts) -> Iterator[str]:
    """Each comparison of a study with its first group, as the model takes it (95% interval, normal)."""
    for place, treatment in enumerate(study.treatments[1:]):
        effect, half = float(study.effects[place]), 1.96 * math.sqrt(float(study.covariance[place, place]))
        text = number_text(answer.network.scale, effect, effect - half, effect + half)
        yield f"{treatment} against {study.treatments[0]}: {text}"


def interval_text(answer: CombineAnswer, values: tuple[float, float, float] | None) -> str:
    """What is left without a study, or that nothing is."""
    return "cannot be estimated" if values is None else number_text(answer.network.scale, *values)


@dataclass(frozen=True, slots=True)
class Admission:
    """How much of what was not randomized is let in: a row for each weight, a cell for each bias SD; and why some cells have no number."""

    biases: tuple[float, ...]
    rows: tuple[tuple[float, tuple[str, ...]], ...]
    why_none: tuple[str, ...]
    drawable: bool


def admission(answer: CombineAnswer) -> Admission | None:
    """The interaction under each weight and bias; None where every study is randomized or none gave both."""
    if not answer.let_in:
        return None
    cells = {
        (point.weight, point.bias_sd): interval_text(
            answer,
            None
            if point.estimate is None or point.lower is None or point.upper is None
            else (point.estimate, point.lower, point.upper),
        )
        for point in answer.let_in
    }
    biases = tuple(sorted({bias for _, bias in cells}))
    weights = sorted({weight for weight, _ in cells})
    # A study that is left out has no bias, so its row may have one cell for all.
    rows = tuple(
        (weight, tuple(cells.get((weight, bias), cells.get((weight, 0.0), "")) for bias in biases))
        for weight in weights
    )
    gaps = dict.fromkeys(
        point.why_none.rstrip(".") for point in answer.let_in if point.estimate is None and point.why_none
    )
    drawable = any(point.estimate is not None for point in answer.let_in)
    return Admission(biases=biases, rows=rows, why_none=tuple(gaps), drawable=drawable)


def use_of(answer: CombineAnswer) -> dict[str, tuple[bool, tuple[str, ...]]]:
    """For each study whether it entered this question, and why rows of it did not (each reason once)."""
    used = {study.study for study in answer.network.studies}
    reasons: dict[str, dict[str, None]] = {}
    for out in answer.excluded:
        reasons.setdefault(out.study, {})[out.why] = None
    return {study: (study in used, tuple(reasons.get(study, {}))) for study in sorted(used | set(reasons))}
