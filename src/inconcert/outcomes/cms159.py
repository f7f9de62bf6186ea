"""CMS159: the last PHQ-9 about twelve months after the first high one around a visit for depression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from inconcert.judgement import Answer, all_of
from inconcert.outcomes.assessments import Assessment, phq9_assessments
from inconcert.outcomes.findings import NO, UNSEEN, Finding, alike, because, every, some
from inconcert.outcomes.hospice import days_overlap, in_hospice, procedure_time
from inconcert.outcomes.people import age_reaches, died_by
from inconcert.outcomes.selecting import possible_firsts, possible_lasts
from inconcert.outcomes.when import INFINITE, Bounds, Stretch, add_months, at_most, below, overlap, shift, within
from inconcert.outcomes.world import Hit, Tested, World
from inconcert.record import Condition, Encounter, Measurement, ProcedureDone

Hits = Sequence[Hit[Assessment]]
Rows = Iterable[tuple[str, Tested]]


def rules(world: World) -> dict[str, Finding]:
    """Each rule of the measure for one person, as it answers by itself."""
    scores = phq9_assessments(world)
    candidates = _index_candidates(world, scores)
    firsts = possible_firsts(candidates, lambda hit: _start(hit.fact), settled=world.as_measure)
    first_day, last_day = _identified(world)
    return {
        "initial-population": every([world.exists(candidates, last_day[1]), _old_enough(world, firsts)]),
        "denominator-exclusion": _for_each_index(world, firsts, lambda end: _excluded(world, first_day, end)),
        "remission": _remission(world, scores, firsts),
    }


def _identified(world: World) -> tuple[Bounds, Bounds]:
    """First and last day of the identification period."""
    number, start = world.measure.number, float(world.first_day.toordinal())
    first = add_months(start, -number("identification_starts_before"))
    last = add_months(start, -number("identification_ends_before")) - 1
    return (first, first), (last, last)


def _start(score: Assessment) -> Bounds:
    return score.time.start.instants if score.time else (-INFINITE, INFINITE)


def _confirmed(world: World, condition: Condition) -> Rows:
    yield "active", world.word_in(condition.clinical_status, "active")
    yield "confirmed", world.word_in(condition.verification_status, "confirmed")


def _index_candidates(world: World, scores: tuple[Assessment, ...]) -> list[Hit[Assessment]]:
    """PHQ-9 totals that may be the index score: high, final, and close to a visit for depression."""
    measure, (first, last) = world.measure, _identified(world)
    conditions = world.known(world.person.conditions, "onset", "recorded")
    depression = world.look(conditions, "depression", lambda condition: _confirmed(world, condition))
    times = [(hit, world.prevalence(hit.fact)) for hit in depression]
    spans = [(hit, span) for hit, span in times if span is not None]

    def for_depression(visit: Encounter) -> Rows:
        yield "finished", world.word_in(visit.status, "visit_status")
        time = world.visit_time(visit)
        yield "ended in the identification period", None if time is None else within(time.end.days, first, last)
        if time is None:
            return
        here = (time.start.instants, time.end.instants)
        together = [
            every([hit.finding, world.tested(overlap(here, _span(span)), hit.fact.id, "onset and end")])
            for hit, span in spans
        ]
        yield "depression at that time", some([*together, world.absent(last[1])])

    visits = world.look(world.known(world.person.encounters, "start"), "visit", for_depression)
    visited = [(hit, world.visit_time(hit.fact)) for hit in visits if hit.finding.answer is not Answer.NOT_MET]
    before = measure.number("days_before_visit")

    def is_index(score: Assessment) -> Rows:
        yield "final", world.word_in(score.status, "assessment_status")
        above = (float(measure.number("index_score_above")),) * 2
        yield f"total above {above[0]:g}", None if score.total is None else below(above, score.total)
        time = score.time
        yield "dated", True if time is not None else None
        if time is None:
            return
        near = [
            every(
                [hit.finding, world.tested(_near(time.start.days, time.end.days, visit, before), hit.fact.id, "date")]
            )
            for hit, visit in visited
            if visit is not None
        ]
        yield "close to a visit for depression", some([*near, world.absent(last[1])])

    return world.look(scores, "phq9", is_index)


def _span(span: Stretch) -> tuple[Bounds, Bounds]:
    return span.start.instants, span.end.instants


def _near(first: Bounds, last: Bounds, visit: Stretch, before: int) -> Answer:
    """Whether a score was taken from so many days before a visit began until it ended."""
    return all_of((at_most(shift(visit.start.days, -before), first), at_most(last, visit.end.days)))


def _old_enough(world: World, firsts: Hits) -> Finding:
    """Whether the person had reached the age on the day of the index score, whichever that is."""
    years = world.measure.number("age_at_least")
    # The logic compares a time of day with a birth date that has none: on the birthday itself it cannot tell, which
    # counts as no. To us a person is of age on that day.
    birthday = 1 if world.as_measure else 0
    ages = [
        because(age_reaches(world, shift(hit.fact.time.start.days, -birthday), years), hit.finding)
        for hit in firsts
        if hit.fact.time is not None
    ]
    first, last = _identified(world)
    unseen = world.absent(last[1])
    if unseen.answer is Answer.UNKNOWN or len(ages) < len(firsts) or not ages:
        earliest = age_reaches(world, shift(first, -world.measure.number("days_before_visit")), years)
        latest = age_reaches(world, last, years)
        if latest.answer is Answer.NOT_MET or earliest.answer is Answer.MET:
            return latest if latest.answer is Answer.NOT_MET else earliest
        ages.append(unseen if unseen.answer is Answer.UNKNOWN else every([earliest, latest]))
    return alike(ages)


# ── what follows the index score ─────────────────────────────────────────────────────────────────────────────────────


def _year_later(world: World, score: Assessment) -> tuple[Bounds, Bounds]:
    """First and last day of the period in which remission is looked for."""
    number = world.measure.number
    written = score.time.start.days if score.time else _unplaced(world)
    low, high = (add_months(day, number("assessed_after")) for day in written)
    return shift((low, high), -number("assessed_within")), shift((low, high), number("assessed_within"))


def _unplaced(world: World) -> Bounds:
    first, last = _identified(world)
    return first[0] - world.measure.number("days_before_visit"), last[1]


def _for_each_index(world: World, firsts: Hits, rule: Callable[[Bounds], Finding]) -> Finding:
    """A rule that depends on the last day of the assessment period, for every score that may be the index score.

    The period reaches further the later the index score, so what excludes after the earliest that could be, excludes
    after any; more cannot be said while an earlier score may be missing.
    """
    unseen = world.absent(_identified(world)[1][1])
    if unseen.answer is Answer.UNKNOWN or not firsts:
        first = add_months(_unplaced(world)[0], world.measure.number("assessed_after"))
        return some([rule(shift((first, first), world.measure.number("assessed_within"))), unseen])
    return alike([because(rule(_year_later(world, hit.fact)[1]), hit.finding) for hit in firsts])


def _remission(world: World, scores: tuple[Assessment, ...], firsts: Hits) -> Finding:
    """Whether the last score of the assessment period is in remission, for every score that may be the index score."""
    found = [because(_remitted(world, scores, *_year_later(world, hit.fact)), hit.finding) for hit in firsts]
    unseen = world.absent(_identified(world)[1][1])
    if unseen.answer is Answer.UNKNOWN:
        found.append(unseen)  # an earlier index score would move the period
    return alike(found) if found else NO


def _remitted(world: World, scores: tuple[Assessment, ...], first: Bounds, last: Bounds) -> Finding:
    def in_period(score: Assessment) -> Rows:
        yield "final", world.word_in(score.status, "assessment_status")
        time = score.time
        yield "in the assessment period", None if time is None else within(time.start.days, first, last)

    cut = (float(world.measure.number("remission_below")),) * 2
    hits = world.look(scores, "phq9", in_period)
    unseen = world.absent(last[1])
    found = []
    for hit in possible_lasts(hits, lambda hit: _start(hit.fact), settled=world.as_measure):
        low = None if hit.fact.total is None else below(hit.fact.total, cut)
        total = world.tested(low, hit.fact.id, "total")
        found.append(because(replace(total, used=hit.finding.used), hit.finding))
    if not any(hit.finding.answer is Answer.MET for hit in hits):
        found.append(some([*(hit.finding for hit in hits), unseen]) if unseen.answer is Answer.UNKNOWN else NO)
    elif unseen.answer is Answer.UNKNOWN:
        found.append(UNSEEN)  # a later score may exist
    return alike(found)


# ── exclusions ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _excluded(world: World, first: Bounds, last: Bounds) -> Finding:
    def disorder(condition: Condition) -> Rows:
        yield from _confirmed(world, condition)
        start = world.began(condition)
        yield "began by the end of the assessment period", None if start is None else at_most(start.days, last)

    conditions = world.known(world.person.conditions, "onset", "recorded")
    disorders = world.look(conditions, "excluded_disorder", disorder)
    hospice = in_hospice(
        world,
        first,
        last,
        visit_status=lambda status: world.word_not_in(status, "hospice_visit_status_not"),
        procedure_status=lambda status: world.word_not_in(status, "procedure_status_not"),
        heed_do_not_perform=True,
        diagnosis=lambda condition: _confirmed(world, condition),
    )
    return some([world.exists(disorders, last[0]), hospice, _palliative(world, first, last), died_by(world, last)])


def _palliative(world: World, first: Bounds, last: Bounds) -> Finding:
    person = world.person

    def assessed(found: Measurement) -> Rows:
        yield "final", world.word_in(found.status, "assessment_status")
        yield "in the period", days_overlap(world.taken(found.taken), first, last)

    def diagnosed(condition: Condition) -> Rows:
        yield from _confirmed(world, condition)
        yield "in the period", days_overlap(world.prevalence(condition), first, last)

    def visited(visit: Encounter) -> Rows:
        yield "finished", world.word_in(visit.status, "visit_status")
        yield "in the period", days_overlap(world.visit_time(visit), first, last)

    def performed(done: ProcedureDone) -> Rows:
        yield "done", world.word_not_in(done.status, "procedure_status_not")
        yield "in the period", days_overlap(procedure_time(world, done), first, last)

    hits: list[Hit[Any]] = [
        *world.look_direct(world.known(person.measurements, "taken"), "palliative_assessment", assessed),
        *world.look(world.known(person.conditions, "onset", "recorded"), "palliative_diagnosis", diagnosed),
        *world.look(world.known(person.encounters, "start"), "palliative_visit", visited),
        *world.look(world.known(person.procedures, "performed_start"), "palliative_care", performed),
    ]
    return some([*(hit.finding for hit in hits), world.absent(last[0])])
