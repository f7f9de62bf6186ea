"""Everything that can be asked of the small studies of one comparison, in one look, with what a reader should take from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inconcert.evidence.synthesis.models.fit import Fit
from inconcert.evidence.synthesis.trust.assumed import Assumed, Nullified, nullified, suppression_table
from inconcert.evidence.synthesis.trust.asymmetry import AsymmetryTest, EggerError, PetPeese, egger, pet_peese, peters
from inconcert.evidence.synthesis.trust.direct import direct_points
from inconcert.evidence.synthesis.trust.funnel import Funnel, funnel
from inconcert.evidence.synthesis.trust.selection import Selection, fit_selection
from inconcert.evidence.synthesis.trust.trim_fill import Filled, MissingCount, trim_and_fill
from inconcert.evidence.synthesis.trust.types import FunnelPoint, NoAnswer
from inconcert.evidence.synthesis.trust.weighing import Favored
from inconcert.knowledge.certainty import certainty_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallStudies:
    """The checks on one comparison; each that the data cannot bear is a `NoAnswer`.

    `tests` hold Egger's in both forms, and Peters' where people and events are known; `filled` L0 and R0; `suppressed` the pooled effect
    under the assumed weights of the rules file.
    """

    question: str
    favored: Favored
    funnel: Funnel
    tests: tuple[AsymmetryTest | NoAnswer, ...]
    lines: PetPeese | NoAnswer
    filled: tuple[Filled | NoAnswer, ...]
    selection: Selection | NoAnswer
    suppressed: tuple[Assumed, ...]
    nullified: Nullified

    @property
    def headline(self) -> str:
        """What a reader should take from it, in one or two sentences."""
        k = len(self.funnel.points)
        first = self.tests[0]
        if isinstance(first, NoAnswer):
            return f"{first.why} {self.nullified.text}" if k > 2 else first.why
        limit = certainty_rules().number("asymmetry_p")
        signs = []
        if first.p < limit:
            toward = first.slope < 0 if self.favored is Favored.LESS else first.slope > 0
            more = "more" if toward else "less, which suppression of weak results does not explain"
            signs.append(f"small ones find {more} (p = {first.p:.2g})")
        if isinstance(self.selection, Selection) and self.selection.p < limit:
            often = "less" if self.selection.weights[1] < 1 else "more"
            signs.append(f"weak results look {often} often seen than strong ones (p = {self.selection.p:.2g})")
        if not signs:
            return f"No sign among {k} studies that weak results are missing, which does not show that none are. {self.nullified.text}"
        return f"Among {k} studies {' and '.join(signs)}. {self.nullified.text}"


def small_studies(
    points: Sequence[FunnelPoint], center: float, *, question: str, favored: Favored, anyway: bool = False
) -> SmallStudies:
    """All checks on one comparison. `center` is its pooled effect, `favored` greater or less; `anyway` asks below the least number.

    Raises ValueError where there is no study, or where the favored direction is not said.
    """
    counted = all(point.n is not None and point.events is not None for point in points)
    tests = [egger(points, error=error, anyway=anyway) for error in EggerError]
    if counted and points:
        tests.append(peters(points, anyway=anyway))
    return SmallStudies(
        question=question,
        favored=favored,
        funnel=funnel(points, center),
        tests=tuple(tests),
        lines=pet_peese(points, anyway=anyway),
        filled=tuple(trim_and_fill(points, counted_by=by) for by in MissingCount),
        selection=fit_selection(points, favored=favored, anyway=anyway),
        suppressed=suppression_table(points, favored=favored),
        nullified=nullified(points, favored=favored),
    )


def small_studies_of(
    fit: Fit, first: str, second: str, *, favored: Favored | None = None, anyway: bool = False
) -> SmallStudies | NoAnswer:
    """The checks on `first` minus `second` from the studies that compared them. `favored` None: the side of the pooled effect.

    Raises NetworkError for a name the network lacks.
    """
    row = fit.design.row_of(first) - fit.design.row_of(second)
    points = direct_points(fit, row)
    question = f"{first} against {second}"
    found = fit.random.contrasts(row[None, :])[0]
    if not points or found is None:
        why = "No study of the network made this comparison."
        return NoAnswer(asked=question, why=why, mend="Ask for two treatments that a study compared.")
    side = favored or (Favored.GREATER if found.estimate >= 0 else Favored.LESS)
    return small_studies(points, found.estimate, question=question, favored=side, anyway=anyway)
