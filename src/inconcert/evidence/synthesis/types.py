"""What is known of the two treatments together and alone, each number traced to its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Basis, Judgement, NumberKind, Reading, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFigure:
    """One number with its interval, its kind and the rows it comes from.

    `subject` is `pair` or a payers' word (rtms, itbs, dtms, accelerated_saint, esketamine, iv_ketamine); `text` the number
    as printed. Ratios are plain numbers, rates and risk differences proportions, trial sizes people in each arm. `main`
    marks the few to show where room is short. `sources` are those of the data; a formula's stands in the note.
    """

    name: str
    subject: str
    text: str
    estimate: float
    low: float | None
    high: float | None
    unit: str
    kind: NumberKind
    row_ids: tuple[str, ...]
    sources: tuple[Source, ...]
    note: str = ""
    main: bool = False

    @property
    def status(self) -> Reading:
        """Recalled if any of its sources is."""
        statuses = {source.status for source in self.sources}
        for status in (Reading.RECALLED, Reading.DESIGN):
            if status in statuses:
                return status
        return Reading.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class PairStudySummary:
    """One study of the pair: what was given and found, what it can bear, and how much weight that is.

    `weight` is low, very_low, anecdote or none; `n` people in all, None where not seen.
    """

    study_id: str
    who: str
    design: str
    randomized: bool
    role: str
    n: int | None
    given: str
    found: str
    can_bear: str
    weight: str
    row_ids: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedClaim:
    """A claim that is made of the pair, and the verdict: supported, partly, weak, not_supported, contradicted, open."""

    id: str
    claim: str
    rests_on: str
    verdict: str
    why: str
    row_ids: tuple[str, ...]
    status: Reading
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAnswer:
    """Does it work: the headline, then everything it stands on.

    `better` is whether the pair does better than one alone, with the question that would settle it. `figures` hold the
    pair's comparisons first, then each treatment alone, then what a trial would need.
    """

    as_of: date
    headline: str
    caveat: str
    better: Judgement
    figures: tuple[EvidenceFigure, ...]
    studies: tuple[PairStudySummary, ...]
    claims: tuple[CheckedClaim, ...]
    basis: Basis

    def about(self, subject: str) -> tuple[EvidenceFigure, ...]:
        """The figures on one subject, in order."""
        return tuple(figure for figure in self.figures if figure.subject == subject)
