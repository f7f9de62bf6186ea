"""What a chart says to the questions of a form: answers given before, and what the rule itself reads from the record.

Nothing is guessed. An answer is taken over from an earlier form as it was given; or the rule, asked about this chart,
settles the very point that the question asks, from records it names, and only one answer to the question would have
settled it that way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inconcert.exchange.dtr.asked import FactAsked, Place, questions_in, values_of
from inconcert.exchange.dtr.items import DAYS, coding
from inconcert.exchange.dtr.names import Json
from inconcert.judgement import Answer, Judgement, RecordUse
from inconcert.knowledge.loader import IntakeQuestion
from inconcert.payers.asking import CaseView, attestation_use
from inconcert.record import Attestation, CodeSystem, DateRange

# Only a human's word answers these, whatever the record holds: what a clinician found, judged or vouches for.
_A_HUMANS_WORD = (
    "payers.judgment.", "payers.justification.", "payers.documented.", "payers.acute_suicidality", "payers.suicidal_intent",
    "payers.diagnosis_confirmed", "payers.dsm_confirmed", "safety.suicide_reviewed", "safety.medication_list",
    "payers.external_criteria", "payers.other_labeled_indication", "staging.history_complete",
)  # fmt: skip
# A code of another disorder says yes; that none is in the chart, or that this episode is unipolar, does not say never.
_YES_ONLY = ("payers.diagnosis.",)


@dataclass(frozen=True, slots=True)
class ChartAnswer:
    """A value[x] with the records it was taken from."""

    value: Json
    records: tuple[RecordUse, ...]


def chart_answer(place: Place, fact: FactAsked, view: CaseView) -> ChartAnswer | None:
    """What the chart says to one question, or None."""
    question = fact.question
    given = view.attestation(question.id)
    if given is not None:
        # Where the rule still asks, the earlier answer is too old for it or contradicted: a human must say it again.
        still_asked = question.id in {q.id for q in questions_in(place.judge(view))}
        return None if still_asked else as_given(question, given)
    if question.id == "payers.birth_date":
        return _birth_date(view)
    if question.id == "payers.icd10":
        return _icd10(place, view)
    if question.id.startswith(_A_HUMANS_WORD):
        return None
    return _by_the_rule(place, question, view)


def as_given(question: IntakeQuestion, given: Attestation) -> ChartAnswer | None:
    """An earlier answer, in the type of the question; None where it is of another type."""
    use = (attestation_use(given),)
    if question.answer == "yes_no":
        return ChartAnswer({"valueCoding": coding(given.answer)}, use) if given.answer in ("yes", "no") else None
    if question.answer == "number":
        return ChartAnswer({"valueDecimal": whole(given.value)}, use) if given.value is not None else None
    if question.answer == "choice":
        known = given.value_text in question.choices
        return ChartAnswer({"valueCoding": coding(given.value_text)}, use) if known else None
    if question.id in DAYS:
        return _day(given.value_text, use)
    return ChartAnswer({"valueString": given.value_text}, use) if given.value_text else None


def _day(text: str, use: tuple[RecordUse, ...]) -> ChartAnswer | None:
    try:
        written = fhir_date(DateRange.parse(text))
    except ValueError:
        return None
    return ChartAnswer({"valueDate": written}, use) if written else None


def whole(number: float) -> float | int:
    """A whole number without its `.0`."""
    return int(number) if number == int(number) else number


def fhir_date(days: DateRange | None) -> str | None:
    """A day, month or year as FHIR writes it; None for any other stretch of days."""
    if days is None:
        return None
    first, last = days.earliest, days.latest
    for text in (first.isoformat(), f"{first:%Y-%m}", f"{first:%Y}"):
        written = DateRange.parse(text)
        if (written.earliest, written.latest) == (first, last):
            return text
    return None


def _birth_date(view: CaseView) -> ChartAnswer | None:
    written = fhir_date(view.person.birth)
    use = RecordUse(f"Patient/{view.person.id.removeprefix('Patient/')}", "birth date", written or "")
    return ChartAnswer({"valueDate": written}, (use,)) if written else None


def _icd10(place: Place, view: CaseView) -> ChartAnswer | None:
    """The one ICD-10-CM code of depression that the criterion used; several leave it to a human which will be billed."""
    used = {u.record_id: u for u in _uses(place.judge(view))}
    codes = {
        coding.code: used[condition.id]
        for condition in view.person.conditions
        if condition.id in used
        for coding in condition.codings
        if coding.system == CodeSystem.ICD10CM
    }
    if len(codes) != 1:
        return None
    ((code, use),) = codes.items()
    return ChartAnswer({"valueString": code}, (use,))


def _uses(judgement: Judgement) -> Iterator[RecordUse]:
    yield from judgement.basis.used
    for part in judgement.parts:
        yield from _uses(part)


def uses_of(judgement: Judgement) -> tuple[RecordUse, ...]:
    """Every record used below a judgement, each once."""
    return tuple(dict.fromkeys(_uses(judgement)))


def _by_the_rule(place: Place, question: IntakeQuestion, view: CaseView) -> ChartAnswer | None:
    asked_at = _where_asked(place.probe(), question.id)
    if asked_at is None:
        return None
    path, counts = asked_at
    found = _at(place.judge(view), path, counts)
    if found is None or found.answer is Answer.UNKNOWN or not found.basis.used:
        return None
    same = [v for v in values_of(question) if _answers(_at(place.probe((question.id, v)), path, counts), found.answer)]
    if len(same) != 1 or (same[0] != "yes" and question.id.startswith(_YES_ONLY)):
        return None
    return ChartAnswer({"valueCoding": coding(same[0])}, found.basis.used)


def _answers(part: Judgement | None, wanted: Answer) -> bool:
    return part is not None and part.answer is wanted


def _where_asked(judgement: Judgement, question: str) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The one part that asks a question and nothing else: its path, and how many parts there are on the way to it."""
    found = list(_paths(judgement, question, (), ()))
    return found[0] if len(found) == 1 else None


def _paths(
    judgement: Judgement, question: str, path: tuple[int, ...], counts: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    own = judgement.question is not None and judgement.question.id == question
    if own and not judgement.parts:
        yield path, counts
    for n, part in enumerate(judgement.parts):
        yield from _paths(part, question, (*path, n), (*counts, len(judgement.parts)))


def _at(judgement: Judgement, path: Iterable[int], counts: Iterable[int]) -> Judgement | None:
    """The part at a path; None where the judgement has another shape, so that nothing can be said of the part."""
    for n, count in zip(path, counts, strict=True):
        if len(judgement.parts) != count:
            return None
        judgement = judgement.parts[n]
    return judgement
