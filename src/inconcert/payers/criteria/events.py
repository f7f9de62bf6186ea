"""What happened when: events and treatments some days ago, how often, how long the episode runs, how far a score moved."""

from __future__ import annotations

from datetime import date, timedelta

from inconcert.judgement import Answer, Judgement, RecordUse, all_of, any_of
from inconcert.knowledge.policy_schema import events as words
from inconcert.knowledge.policy_schema.checks import depression_scales
from inconcert.payers import readings
from inconcert.payers.asking import CaseView, Evaluator, Spot, attestation_use
from inconcert.payers.criteria.given import agent_drugs_of, ketamines_open
from inconcert.payers.criteria.hazards import NEVER_DAYS
from inconcert.payers.criteria.later import tms_sessions
from inconcert.payers.criteria.scores import Scored, scored
from inconcert.payers.criteria.stated import COMPARE, SIGNS, days_old
from inconcert.payers.wording import opening, plain
from inconcert.record import MedicationEventKind

_BAD = frozenset({"entered-in-error", "not-done", "cancelled", "draft"})


def _days_since(question: str, within: int, what: str, spot: Spot) -> Judgement:
    """Somebody's number of days, aged by the days since. A no that is older than our reading allows is asked again."""
    days, given = spot.number(question)
    if days is None or given is None:
        return spot.unknown(f"Not known when: {what}; {within} days are asked.", question, suffix=question)
    age = days_old(given, spot.view.as_of)
    since, used = days + age, (attestation_use(given),)
    told = (
        f"{opening(what)}: never"
        if days >= NEVER_DAYS
        else f"{opening(what)} {since:g} days before the date of service"
    )
    text = f"{told}; within {within} days is asked."
    if since < within:
        return spot.judge(Answer.MET, text, used=used, suffix=question)
    if age > readings.reading("stated_valid_days").value:
        asked = spot.question(question)
        return spot.judge(Answer.UNKNOWN, f"{text} It may have happened since.", used=used, question=asked, suffix=question,
                          readings_taken=("stated_valid_days",))  # fmt: skip
    return spot.judge(Answer.NOT_MET, text, used=used, suffix=question)


def recent_event(leaf: words.RecentEvent, spot: Spot) -> Judgement:
    """The thing happened within so many days."""
    return _days_since(f"payers.days_since.{leaf.of}", leaf.within_days, plain(leaf.of), spot)


def recent_treatment(leaf: words.RecentTreatment, spot: Spot) -> Judgement:
    """Any of the treatments was given within so many days: by the record, else by somebody's word."""
    parts = [_recent_agent(readings.agents()[agent], leaf.within_days, spot) for agent in leaf.agents]
    if len(parts) == 1:
        return parts[0]
    answer = any_of(p.answer for p in parts)
    return spot.joined(parts, answer, " ".join(dict.fromkeys(p.text for p in parts if p.answer is answer)))


def _recent_agent(agent: readings.AgentMeaning, within: int, spot: Spot) -> Judgement:
    first_day = spot.view.as_of - timedelta(days=within)
    for day, use in _given_days(agent, spot.view):
        if day > first_day:
            return spot.judge(
                Answer.MET, f"The record shows {plain(agent.id)} on or after {day}.", used=(use,), suffix=agent.id
            )
    return _days_since(agent.since_question, within, plain(agent.id), spot)


def _given_days(agent: readings.AgentMeaning, view: CaseView) -> list[tuple[date, RecordUse]]:
    """Days on which the record shows the agent for certain (the first possible day of a partial date)."""
    found: list[tuple[date, RecordUse]] = []
    if agent.id == "tms":
        for session in tms_sessions(view):
            on = session.performed_end or session.performed_start
            if on is not None and on.latest <= view.as_of:
                found.append((on.earliest, RecordUse(session.id, "TMS session", str(on))))
    if agent.classes or agent.companion:
        for t in view.case.history.trials:
            listed = t.drug_class in agent.classes if agent.classes else t.kind == "antidepressant"
            last = (
                view.as_of
                if t.ongoing is Answer.MET
                else t.end.earliest
                if t.end is not None and t.counts is Answer.MET
                else None
            )
            if listed and last is not None:
                found.append((last, RecordUse(t.id, f"{t.drug}, taken until", str(last))))
    if agent.drugs:
        found += [(view.as_of, use) for drug, use in ketamines_open(view) if drug in agent.drugs]
        found += [(day, use) for drug, day, use in ketamines_given(view) if drug in agent.drugs]
    return found


def ketamines_given(view: CaseView) -> tuple[tuple[str, date, RecordUse], ...]:
    """Ketamine, esketamine or another agent's drug given or handed over by that day: drug, first possible day, record."""
    return view.once("ketamines given", lambda: tuple(_ketamines_given(view)))


def _ketamines_given(view: CaseView) -> list[tuple[str, date, RecordUse]]:
    found: list[tuple[str, date, RecordUse]] = []
    for event in view.person.medications:
        on = event.end or event.start or event.authored
        past = event.kind in (MedicationEventKind.ADMINISTRATION, MedicationEventKind.DISPENSE)
        if not past or event.status in _BAD or on is None or on.latest > view.as_of:
            continue
        found += [(name, on.earliest, RecordUse(event.id, f"{name} given", str(on))) for name in agent_drugs_of(event)]
    return found


def treatment_count(leaf: words.TreatmentCount, spot: Spot) -> Judgement:
    """So many courses or sessions: what is on record is a floor, the number itself is somebody's word."""
    question = f"payers.count.{leaf.of}" + ("_12_months" if leaf.within_months else "")
    told, given = spot.number(question)
    on_record = _sessions_on_record(leaf, spot) if leaf.of == "tms_sessions" else ()
    count = max(told or 0, len(on_record))
    period = " in the last 12 months" if leaf.within_months else ""
    bounds = [f"at least {leaf.at_least}"] if leaf.at_least is not None else []
    bounds += [f"at most {leaf.at_most}"] if leaf.at_most is not None else []
    known = told is not None
    answers = []
    if leaf.at_least is not None:
        answers.append(Answer.MET if count >= leaf.at_least else Answer.NOT_MET if known else Answer.UNKNOWN)
    if leaf.at_most is not None:
        answers.append(Answer.NOT_MET if count > leaf.at_most else Answer.MET if known else Answer.UNKNOWN)
    answer = all_of(answers)
    used = (*((attestation_use(given),) if known and given is not None else ()), *on_record)
    said = f"{count:g}" if known else f"{count:g} or more"
    text = f"{opening(plain(leaf.of))}{period}: {said}; {' and '.join(bounds)} is asked."
    asked = spot.question(question) if answer is Answer.UNKNOWN else None
    return spot.judge(answer, text, used=used, question=asked)


def _sessions_on_record(leaf: words.TreatmentCount, spot: Spot) -> tuple[RecordUse, ...]:
    """Sessions that surely lie in the period."""
    as_of = spot.view.as_of
    days = (
        round(leaf.within_months * readings.reading("interval_days_of_a_month").value) if leaf.within_months else None
    )
    first = as_of - timedelta(days=days) if days is not None else date.min
    found = []
    for session in tms_sessions(spot.view):
        on = session.performed_end or session.performed_start
        if on is not None and on.latest <= as_of and on.earliest >= first:
            found.append(RecordUse(session.id, "TMS session", str(on)))
    return tuple(found)


def episode_length(leaf: words.EpisodeLength, spot: Spot) -> Judgement:
    """Weeks since the episode began: from its onset on record, and where that does not settle it from somebody's word."""
    onset, found = spot.view.case.history.episode.onset, None
    if onset is not None:
        low, high = (spot.view.as_of - onset.latest).days / 7, (spot.view.as_of - onset.earliest).days / 7
        found = _lasted(leaf, low, high, spot.view.case.history.episode.used, spot)
        if found.answer is not Answer.UNKNOWN:
            return found
    weeks, given = spot.number("payers.episode_weeks")
    if weeks is not None and given is not None:
        low = high = weeks + days_old(given, spot.view.as_of) / 7
        return _lasted(leaf, low, high, (attestation_use(given),), spot)
    return found or spot.unknown("Not known when the episode began.", "payers.episode_weeks")


def _lasted(leaf: words.EpisodeLength, low: float, high: float, used: tuple[RecordUse, ...], spot: Spot) -> Judgement:
    answers = []
    for bound, reach in ((leaf.min_weeks, True), (leaf.max_weeks, False)):
        if bound is not None:
            inside = (low >= bound, high >= bound) if reach else (high <= bound, low <= bound)
            answers.append(Answer.MET if inside[0] else Answer.UNKNOWN if inside[1] else Answer.NOT_MET)
    answer = all_of(answers)
    limits = (("at least", leaf.min_weeks), ("at most", leaf.max_weeks))
    asked = " and ".join(f"{word} {bound:g} weeks" for word, bound in limits if bound is not None)
    said = f"{low:.1f}" if low == high else f"{low:.1f} to {high:.1f}"
    question = spot.question("payers.episode_weeks") if answer is Answer.UNKNOWN else None
    return spot.judge(answer, f"The episode has lasted {said} weeks; {asked} is asked.", used=used, question=question)


def score_change(leaf: words.ScoreChange, spot: Spot) -> Judgement:
    """How far a score moved; one listed scale is enough, and not met only where every listed one says so.

    `any` means any depression scale; there one scale that moved too little is an answer where no other moved enough.
    """
    asked = (
        f"{leaf.direction} of {SIGNS[leaf.op]} {leaf.value:g} {'%' if leaf.unit == 'percent' else 'points'} "
        f"from the {leaf.since} to the {leaf.until} score"
    )
    names = depression_scales() if "any" in leaf.scales else leaf.scales
    parts = [p for name in names if (p := _moved(leaf, name, asked, spot)) is not None]
    known = [p for p in parts if p.answer is not Answer.UNKNOWN]
    if any(p.answer is Answer.MET for p in known):
        answer = Answer.MET
    elif known and ("any" in leaf.scales or len(known) == len(names)):
        answer = Answer.NOT_MET
    else:
        answer = Answer.UNKNOWN
    if len(parts) == 1 and parts[0].answer is answer:
        return parts[0]
    text = " ".join(p.text for p in parts if p.answer is answer) or f"No two scores to compare; {asked} is asked."
    question = spot.question("payers.severity_score", about=f"({asked})") if answer is Answer.UNKNOWN else None
    used = [u for p in parts for u in p.basis.used]
    return spot.judge(
        answer, text, used=used, question=question, readings_taken=("score_valid_days",), parts=tuple(known)
    )


def _moved(leaf: words.ScoreChange, name: str, asked: str, spot: Spot) -> Judgement | None:
    """One scale's change; None where it has no score at all."""
    whole = [s for s in scored(spot.view, name) if s.low == s.high]
    if not whole:
        return None
    pair = _pair(leaf, whole, spot.view.as_of)
    if pair is None:
        question = spot.question("payers.severity_score", about=f"({asked})")
        text = f"{name}: no two valid scores to compare; {asked} is asked."
        return spot.judge(Answer.UNKNOWN, text, used=[s.use for s in whole[-1:]], question=question, suffix=name)
    before, after = pair
    points = (before.low - after.low) if leaf.direction == "improvement" else (after.low - before.low)
    moved = _percent(points, before.low) if leaf.unit == "percent" else points
    answer = Answer.MET if COMPARE[leaf.op](moved, float(leaf.value)) else Answer.NOT_MET
    unit = "%" if leaf.unit == "percent" else " points"
    text = f"{name} {before.said} on {before.day}, {after.said} on {after.day}: {leaf.direction} {moved:.3g}{unit}; {asked} is asked."
    return spot.judge(answer, text, used=(before.use, after.use), suffix=name)


def _percent(points: float, base: float) -> float:
    """Points in percent of the earlier score; from zero any change is beyond every percentage."""
    if base:
        return points / base * 100
    return 0.0 if points == 0 else float("inf") if points > 0 else float("-inf")


def _pair(leaf: words.ScoreChange, whole: list[Scored], as_of: date) -> tuple[Scored, Scored] | None:
    """The two scores compared, oldest first in `whole`; None where there are no two, or the last one is out of date."""
    oldest = as_of - timedelta(days=readings.reading("score_valid_days").value)
    if leaf.until == "latest" and whole[-1].day < oldest:
        return None
    ending = whole[-1:] if leaf.until == "latest" else sorted(whole[1:], key=lambda s: s.low)[:1]
    if not ending:
        return None
    earlier = [s for s in whole if s.day < ending[0].day]
    if not earlier:
        return None
    if leaf.since == "first":
        return earlier[0], ending[0]
    pick = max if leaf.since == "worst" else min
    return pick(earlier, key=lambda s: s.low), ending[0]


EVALUATORS: dict[type, Evaluator] = {
    words.RecentEvent: recent_event,
    words.RecentTreatment: recent_treatment,
    words.TreatmentCount: treatment_count,
    words.EpisodeLength: episode_length,
    words.ScoreChange: score_change,
}
