"""The trial list of one person: every medication trial, rebuilt from its records, as known on one day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from inconcert.judgement import Answer, Question, RecordUse
from inconcert.knowledge.drugs import Drug
from inconcert.record import DateRange, Person
from inconcert.staging.adequacy import TrialFacts, judge_adequate, judge_failed
from inconcert.staging.episode import completeness, ect_and_therapy, find_episode
from inconcert.staging.levels import level_reached
from inconcert.staging.outcome import find_outcome
from inconcert.staging.roles import with_roles
from inconcert.staging.spans import DoseSegment, Span, longest_run, segments_since
from inconcert.staging.timeline import Stretch, covered_percent, segments_of, settle_ends, stretches
from inconcert.staging.types import DepressiveEpisode, MedicationTrial, TrialHistory, TrialRole
from inconcert.staging.uses import Use, find_uses, reason_given


def rebuild_trials(person: Person, as_of: date) -> TrialHistory:
    """All medication trials recorded or told on or before `as_of`, with episode, completeness, ECT and psychotherapy.

    Facts dated after `as_of` are ignored. Nothing is assumed: an order alone shows no length, a missing frequency no
    dose, a missing outcome no failure.
    """
    found = find_uses(person, as_of)
    by_drug: dict[str, list[Use]] = {}
    for use in found.uses:
        by_drug.setdefault(use.drug.name, []).append(use)
    episode = find_episode(person, as_of)
    trials: list[MedicationTrial] = []
    left_out = list(found.left_out)
    for uses in by_drug.values():
        placed, undecided = _place(uses, as_of)
        left_out.extend(undecided)
        for number, stretch in enumerate(placed, start=1):
            trials.append(_trial(stretch, number, episode, person, as_of))
    trials = with_roles(sorted(trials, key=lambda t: (t.start.earliest, t.drug)))
    ect, ect_failed, therapy = ect_and_therapy(person, as_of)
    return TrialHistory(
        as_of=as_of, trials=tuple(trials), episode=episode, complete=completeness(person, trials, as_of), ect=ect,
        ect_failed=ect_failed, psychotherapy=therapy, not_trials=tuple(left_out),
    )  # fmt: skip


def _place(uses: list[Use], as_of: date) -> tuple[list[Stretch], list[RecordUse]]:
    """The trials of one drug. A record without any date belongs to the only trial there is; where there are more, to none."""
    dated = settle_ends([u for u in uses if u.dated])
    undated = [u for u in uses if not u.dated]
    found = list(stretches(dated, as_of))
    if not undated:
        return found, []
    if not found:
        return [Stretch(segments_of(undated, as_of), tuple(undated))], []
    if len(found) == 1:
        first, last = found[0].segments[0].start.earliest, found[0].segments[-1].end.latest
        mine = [replace(u, start=DateRange(first, last), end=DateRange(first, last)) for u in undated]
        both = (*found[0].uses, *mine)
        return [Stretch(segments_of(both, as_of), both)], []
    why = "gives no dates, and the drug was tried more than once; which trial does it tell of?"
    return found, [RecordUse(u.record_id, f"{u.drug.name}: {why}", u.on) for u in undated]


def _trial(stretch: Stretch, number: int, episode: DepressiveEpisode, person: Person, as_of: date) -> MedicationTrial:
    uses, segments = stretch.uses, stretch.segments
    drug = uses[0].drug
    start, end, ongoing = _start(stretch), *_end(stretch, as_of)
    stated = _stated_weeks(uses)
    total = _total_weeks(segments, uses, stated)
    told = total if stated is not None and total.is_exact else None
    at_dose, dose_adequate, dose_note, level_uses = _at_dose(drug, segments, total, told, person, as_of)
    adherence, adherence_use = _adherence(uses)
    trial_id = f"trial.{drug.name.replace(' ', '-')}.{number}"
    used = (*(_use_line(u) for u in uses), *level_uses, *adherence_use)
    highs = [s.daily_dose_mg_high for s in segments if s.daily_dose_mg_high is not None]
    facts = TrialFacts(
        id=trial_id, drug=drug, when=str(start), weeks_total=total, weeks_at_dose=at_dose, dose_adequate=dose_adequate,
        max_daily_dose_mg=max(highs, default=None), adequate_dose_mg=_usual_minimum(segments, drug),
        adherence_percent=adherence, dose_note=dose_note, dose_question=_dose_question(drug, uses, trial_id, str(start)),
        used=used, rejected=(),
    )  # fmt: skip
    adequate = judge_adequate(facts, as_of)
    ended = None if ongoing is not Answer.NOT_MET else end
    outcome = find_outcome(uses, person, as_of, start=start, end=ended, adequate=adequate.answer)
    counts, why, question = _counts(uses, drug, trial_id)
    label_max = _label_max(uses, drug)
    return MedicationTrial(
        id=trial_id, drug=drug.name, drug_class=drug.drug_class, kind=kind_of(drug), role=TrialRole.MONOTHERAPY,
        start=start, end=None if ongoing is Answer.MET else end, ongoing=ongoing, segments=segments, weeks_total=total,
        weeks_at_adequate_dose=at_dose, max_daily_dose_mg=facts.max_daily_dose_mg,
        adequate_dose_mg=facts.adequate_dose_mg, label_max_dose_mg=label_max, adherence_percent=adherence,
        outcome=outcome.outcome, outcome_kind=outcome.kind, improvement_percent=outcome.improvement_percent,
        stop_reason=outcome.stop_reason, in_current_episode=_in_episode(uses, segments, episode),
        augments=(), dose_adequate=dose_adequate, adequate=adequate,
        failed=judge_failed(facts, adequate, outcome, ongoing=ongoing, as_of=as_of),
        used=(*used, *outcome.used), rejected=(), counts=counts, counts_why=why, counts_question=question,
        label_dose_reached=_dose_reached(segments, label_max), weeks_stated=told is not None,
        in_episode_told=len({u.report.in_current_episode for u in uses if u.report} - {None}) == 1,
        level_judged=drug.judged_by_level is not None,
        route="transdermal" if drug.unit == "mg_per_24h" else "",
    )  # fmt: skip


def kind_of(drug: Drug) -> str:
    """`antidepressant`, `augmenter`, or `other` for a drug that is neither."""
    return drug.kind if drug.kind in {"antidepressant", "augmenter"} else "other"


def _use_line(use: Use) -> RecordUse:
    dose = use.dose
    if dose.low is None or dose.high is None:
        mg = f"dose not known ({dose.why})"
    else:
        mg = f"{dose.low:g} mg/day" if dose.low == dose.high else f"{dose.low:g} to {dose.high:g} mg/day"
    extra = "; ".join(x for x in (use.match.known_wrong, *use.match.notes, use.note) if x)
    return RecordUse(use.record_id, f"{use.kind}, {use.drug.name}, {mg}" + (f" [{extra}]" if extra else ""), use.on)


def _start(stretch: Stretch) -> DateRange:
    first = stretch.segments[0].start.earliest
    latest = min(u.start.latest for u in stretch.uses)
    if all(not u.dated for u in stretch.uses):
        return DateRange(first, max(first, latest), "date not recorded")
    texts = {u.start.text.partition("T")[0] for u in stretch.uses if u.start.earliest == first}
    return DateRange(first, max(first, latest), texts.pop() if len(texts) == 1 else "")


def _end(stretch: Stretch, as_of: date) -> tuple[DateRange, Answer]:
    """The last days of a trial, and whether it still runs on `as_of`."""
    last = stretch.segments[-1].end.latest
    sure = [s.end.latest for s in stretch.segments if s.taken is Answer.MET]
    earliest = max(sure) if sure else stretch.segments[0].start.earliest
    if last < as_of:
        return DateRange(min(earliest, last), last), Answer.NOT_MET
    on_it = [u for u in stretch.uses if u.possible_on(as_of)]
    if all(not u.dated for u in stretch.uses):
        return DateRange(min(earliest, last), last, "date not recorded"), Answer.UNKNOWN
    running = earliest >= as_of or any(u.active and not u.bounded for u in on_it)
    stopped = bool(on_it) and all(u.bounded and u.end.is_exact and _ends_on(u, as_of) for u in on_it)
    ongoing = Answer.NOT_MET if stopped else Answer.MET if running else Answer.UNKNOWN
    return DateRange(min(earliest, last), last), ongoing


def _ends_on(use: Use, as_of: date) -> bool:
    """True if the record's own end is exactly that day (a later end was cut to it, and is still running)."""
    end = use.event.end if use.event else use.report.end if use.report else None
    return end is not None and end.latest == as_of


def _stated_weeks(uses: Sequence[Use]) -> float | None:
    told = {u.stated_weeks for u in uses if u.stated_weeks is not None}
    return told.pop() if len(told) == 1 else None


def _total_weeks(segments: Sequence[DoseSegment], uses: Sequence[Use], stated: float | None) -> Span:
    """Weeks taken at any dose. A length told in weeks settles it where the dates allow that length and do not give one."""
    found = longest_run(segments, lambda _: 0.0)
    if all(not u.dated for u in uses):
        found = Span(low=0.0, high=None)  # without a single date there is no upper bound
    if (
        stated is not None
        and not found.is_exact
        and stated >= found.low
        and (found.high is None or stated <= found.high)
    ):
        return Span(low=stated, high=stated)
    return found


def _at_dose(
    drug: Drug, segments: Sequence[DoseSegment], total: Span, told: Span | None, person: Person, as_of: date
) -> tuple[Span, Answer, str, tuple[RecordUse, ...]]:
    """Weeks at or above the minimum dose, whether it was reached, what to say of it, and the levels that decided it."""
    if drug.judged_by_level is not None:
        reached, uses = level_reached(person, drug.judged_by_level, segments, as_of)
        weeks, said = {
            Answer.MET: (total, "serum level reached"),
            Answer.NOT_MET: (Span(low=0, high=0), "serum level too low"),
            Answer.UNKNOWN: (Span(low=0, high=total.high), "no serum level found"),
        }[reached]
        return weeks, reached, said, uses
    weeks = longest_run(segments, lambda s: s.adequate_dose_mg, stated=told)
    if total.high is None and weeks.high:
        weeks = Span(low=weeks.low, high=None)
    answers = [s.dose_reaches(s.adequate_dose_mg) for s in segments]
    sure = any(a is Answer.MET and (s.taken is Answer.MET or told) for a, s in zip(answers, segments, strict=True))
    dose = Answer.MET if sure else Answer.NOT_MET if set(answers) == {Answer.NOT_MET} else _only_dose(answers)
    note = ""
    trap = drug.never_a_trial_up_to_mg
    highest = [s.daily_dose_mg_high for s in segments]
    if trap is not None and all(h is not None and h <= trap for h in highest):
        note = drug.never_a_trial_why
    return weeks, dose, note, ()


def _only_dose(answers: list[Answer]) -> Answer:
    """The dose alone, where the days are not certain: met if every stretch reaches it."""
    return Answer.MET if set(answers) == {Answer.MET} else Answer.UNKNOWN


def _usual_minimum(segments: Sequence[DoseSegment], drug: Drug) -> float | None:
    """The minimum dose of the form taken last; None where the drug has none on file."""
    return next(
        (s.adequate_dose_mg for s in reversed(segments) if s.adequate_dose_mg is not None), drug.minimum_dose_mg
    )


def _label_max(uses: Sequence[Use], drug: Drug) -> float | None:
    if drug.label_max_extended_release_mg is not None and all(u.match.extended_release for u in uses):
        return drug.label_max_extended_release_mg
    return drug.label_max_mg


def _dose_reached(segments: Sequence[DoseSegment], dose_mg: float | None) -> Answer:
    answers = [s.reaches(dose_mg) for s in segments]
    if Answer.MET in answers:
        return Answer.MET
    return Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.NOT_MET


def _adherence(uses: Sequence[Use]) -> tuple[float | None, tuple[RecordUse, ...]]:
    """As told, else the percentage of days covered where there are two or more hand-overs."""
    for use in uses:
        if use.report is not None and use.report.adherence_percent is not None:
            return use.report.adherence_percent, (RecordUse(use.record_id, "adherence as told", use.on),)
    percent = covered_percent(uses)
    if percent is None:
        return None, ()
    supplies = tuple(RecordUse(u.record_id, "days of supply", u.on) for u in uses if u.days_supply is not None)
    return percent, supplies


def _dose_question(drug: Drug, uses: Sequence[Use], trial_id: str, when: str) -> Question:
    why = next((u.dose.why for u in uses if u.dose.why), "")
    text = f"What daily dose of {drug.name} ({when}) was taken?" + (f" The record: {why}." if why else "")
    return Question("staging.dose", text, f"{trial_id}.adequate")


def _counts(uses: Sequence[Use], drug: Drug, trial_id: str) -> tuple[Answer, str, Question | None]:
    """Whether the drug was taken for depression as far as form and reason tell."""
    if all(u.match.counts_as_its_kind is Answer.UNKNOWN for u in uses):
        text = f"In which form was {drug.name.split()[0]} taken ({' or '.join(drug.forms)}, or by mouth)?"
        question = Question("staging.indication", text, trial_id)
        return Answer.UNKNOWN, "the form is not given, and only the patch counts", question
    for_depression = any(u.event and _says_depression(u) for u in uses)
    if drug.ask_first and not for_depression:
        return Answer.UNKNOWN, "the use is not clear", Question("staging.indication", drug.ask_first, trial_id)
    return Answer.MET, "", None


def _says_depression(use: Use) -> bool:
    given = reason_given(use.event.reasons, use.event.reason_text) if use.event else None
    return given is not None and given.use == "depression"


def _in_episode(uses: Sequence[Use], segments: Sequence[DoseSegment], episode: DepressiveEpisode) -> Answer:
    """As told; else met where it was surely taken after the onset, not met where it ended before, else unknown.

    A drug begun before the episode counts with the weeks it was taken in it (see `counting`).
    """
    told = {u.report.in_current_episode for u in uses if u.report and u.report.in_current_episode is not None}
    if len(told) == 1:
        return Answer.MET if told.pop() else Answer.NOT_MET
    onset = episode.onset
    if onset is None or all(not u.dated for u in uses):
        return Answer.UNKNOWN
    if segments[0].start.earliest >= onset.latest:
        return Answer.MET
    inside = segments_since(segments, onset)
    if any(segment.taken is Answer.MET for segment in inside):
        return Answer.MET
    return Answer.UNKNOWN if inside else Answer.NOT_MET
