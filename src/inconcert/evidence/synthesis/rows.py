"""From rows of counts to figures: the rate of each group as reported, and their comparison as computed here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inconcert.evidence.synthesis.effects import Counts, Effect, EffectMeasure, compare
from inconcert.evidence.synthesis.types import EvidenceFigure
from inconcert.judgement import NumberKind, Reading, Source
from inconcert.knowledge.studies import Study, StudyArm, StudyOutcome, StudyTables

COUNTED = {
    "response": "response",
    "remission": "remission",
    "response_any": "response at any visit",
    "remission_any": "remission at any visit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPair:
    """The same outcome, scale and day counted in two arms of one study; `doubts` are what is doubted of either row."""

    study: Study
    first_arm: StudyArm
    second_arm: StudyArm
    first: StudyOutcome
    second: StudyOutcome
    doubts: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[Counts, Counts]:
        """Events and people of each arm. Both rows hold them (see `counted_pairs`)."""
        rows = (self.first, self.second)
        one, two = (Counts(events=r.events or 0, n=r.n or 0) for r in rows)
        return one, two

    @property
    def name(self) -> str:
        """What was counted, when and where, such as `response, PHQ9, day 63 (Shanok 2024)`."""
        day = "" if self.first.timepoint_days is None else f", day {self.first.timepoint_days:g}"
        return f"{COUNTED[self.first.kind]}, {self.first.measure}{day} ({self.study.first_author} {self.study.year})"

    @property
    def sources(self) -> tuple[Source, ...]:
        """The study's source, as weak as the weaker of the two rows."""
        weak = Reading.RECALLED in (self.first.weakest, self.second.weakest, self.study.status)
        own = self.study.source
        return (Source(own.ref, self.first.source_location or own.where, Reading.RECALLED if weak else own.status),)

    def effect(self, measure: EffectMeasure) -> Effect:
        """The first arm compared with the second."""
        return compare(*self.counts, measure)


def counted_pairs(tables: StudyTables, study: Study, first: StudyArm, second: StudyArm) -> Iterator[CountedPair]:
    """Every outcome that was counted (events and people) at the same day on the same scale in both arms."""
    rows = [r for r in tables.outcomes.values() if r.study_id == study.study_id and r.kind in COUNTED and r.n]
    for one in rows:
        for two in rows:
            same = (one.measure, one.timepoint_days, one.time_origin, one.kind)
            if (
                (one.arm_id, two.arm_id) == (first.arm_id, second.arm_id)
                and same == (two.measure, two.timepoint_days, two.time_origin, two.kind)
                and one.events is not None
                and two.events is not None
            ):
                said = (f"in doubt: {d.doubt.strip()}" for row in (one, two) for d in tables.doubts_of(row.row_id))
                doubts = tuple(dict.fromkeys(said))
                yield CountedPair(study=study, first_arm=first, second_arm=second, first=one, second=two, doubts=doubts)


def rate_figure(
    pair: CountedPair, row: StudyOutcome, arm: StudyArm, subject: str, *, main: bool = False
) -> EvidenceFigure:
    """One arm's rate as its publication counted it."""
    events, people = row.events or 0, row.n or 0
    note = "the count was worked back from a printed percentage" if row.derived else ""
    return EvidenceFigure(
        name=f"{arm.label}: {pair.name}",
        subject=subject,
        text=f"{events} of {people} ({100 * events / people:.1f}%)",
        estimate=events / people,
        low=None,
        high=None,
        unit="proportion",
        kind=NumberKind.REPORTED,
        row_ids=(row.row_id,),
        sources=pair.sources,
        note="; ".join(text for text in (note, row.notes, *pair.doubts) if text),
        main=main,
    )


def effect_figure(
    pair: CountedPair, measure: EffectMeasure, subject: str, note: str = "", *, main: bool = False
) -> EvidenceFigure:
    """Two arms compared, computed here from their counts."""
    effect = pair.effect(measure)
    return EvidenceFigure(
        name=f"{pair.first_arm.label} against {pair.second_arm.label}: {pair.name}",
        subject=subject,
        text=effect.text,
        estimate=effect.estimate,
        low=effect.low,
        high=effect.high,
        unit="proportion" if measure is EffectMeasure.RISK_DIFFERENCE else "ratio",
        kind=NumberKind.MODELLED,
        row_ids=(pair.first.row_id, pair.second.row_id),
        sources=pair.sources,
        note="; ".join(
            text
            for text in (f"computed here: {effect.formula} ({effect.source.ref})", effect.note, note, *pair.doubts)
            if text
        ),
        main=main,
    )
