"""Depression scores over time: baseline, latest, and the scores that the policy names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from inconcert.exchange.packet.criteria import Cite, tree_of
from inconcert.exchange.packet.records import scale_name
from inconcert.exchange.packet.types import Rests, ScoreLine, Sentence, Threshold
from inconcert.exchange.report.words import day, label, number
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import leaves_of
from inconcert.knowledge.policy_schema.checks import policy_scales
from inconcert.knowledge.policy_schema.who import ScaleBound
from inconcert.payers.wording import bound_in_words
from inconcert.record import DateRange, Person
from inconcert.scales import series
from inconcert.scales.types import DatedScore

DEPRESSION_SCALES = ("phq9", "madrs", "hamd17", "qids-sr16")


def dated_scores(person: Person, as_of: date) -> dict[str, tuple[DatedScore, ...]]:
    """Every dated score of each depression scale, oldest first."""
    found = {scale: series(person, scale, as_of) for scale in DEPRESSION_SCALES}
    return {scale: dated for scale, each in found.items() if (dated := tuple(s for s in each if s.taken is not None))}


def score_lines(
    scores: Mapping[str, Sequence[DatedScore]], onset: DateRange | None, cite: Cite
) -> tuple[ScoreLine, ...]:
    """The rows of the score table. The baseline is the first score of the present episode, or the first of all where its
    onset is not known.
    """
    lines: list[ScoreLine] = []
    for scale, dated in scores.items():
        first = next(
            (d for d in dated if onset is not None and d.taken and d.taken.days.earliest >= onset.earliest), dated[0]
        )
        for each in dated:
            rows = cite([each.form_id])
            if rows:
                lines.append(_line(scale, each, each is first, rows))
    return tuple(lines)


def _line(scale: str, dated: DatedScore, baseline: bool, rows: tuple[str, ...]) -> ScoreLine:
    score = dated.score
    total = (
        number(score.total)
        if score.total is not None
        else f"between {number(score.total_low)} and {number(score.total_high)}"
    )
    return ScoreLine(
        scale=scale,
        scale_name=scale_name(scale),
        on=dated.taken.days.latest.isoformat() if dated.taken else "",
        total=score.total,
        low=score.total_low,
        high=score.total_high,
        said=f"{total}{f' ({label(score.band)})' if score.band else ''}",
        baseline=baseline,
        records=rows,
    )


def score_sentences(lines: Sequence[ScoreLine]) -> Iterator[Sentence]:
    """For each scale its baseline and its latest score."""
    for scale in dict.fromkeys(line.scale for line in lines):
        own = [line for line in lines if line.scale == scale]
        latest, base = own[-1], next((line for line in own if line.baseline), own[0])
        said = f"{latest.scale_name} was {latest.said} on {day(latest.on)}"
        records = latest.records
        if base is not latest:
            said = f"{said}; the baseline score was {base.said} on {day(base.on)}"
            records = tuple(dict.fromkeys((*latest.records, *base.records)))
        yield Sentence(text=f"{said}.", rests=Rests.RECORD, records=records)


def thresholds(policy: CoveragePolicy, stage: str) -> tuple[Threshold, ...]:
    """Every score that the policy names as a bound, on our scales."""
    tree = tree_of(policy, stage)
    found: dict[Threshold, None] = {}
    for leaf in leaves_of(tree) if tree is not None else ():
        for name in leaf.__struct_fields__:
            value = getattr(leaf, name)
            for bound in value if isinstance(value, tuple) else (value,):
                if isinstance(bound, ScaleBound) and isinstance(bound.value, int | float):
                    for scale in policy_scales()[bound.scale].ids if bound.scale in policy_scales() else ():
                        found[Threshold(scale=scale, value=float(bound.value), said=bound_in_words(bound))] = None
    return tuple(found)
