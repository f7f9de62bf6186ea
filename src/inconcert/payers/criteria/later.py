"""Later decisions: relapse, interval, response so far, earlier approval."""

from __future__ import annotations

from datetime import date, timedelta

from inconcert.judgement import Answer, Judgement, RecordUse, all_of
from inconcert.knowledge.policy_schema import later as words
from inconcert.payers import readings
from inconcert.payers.asking import CaseView, Evaluator, Spot, attestation_use
from inconcert.record import CodeSystem, ProcedureDone

_DONE = frozenset({"", "completed", "in-progress", "unknown"})


def relapse(leaf: words.Relapse, spot: Spot) -> Judgement:
    """Depression came back, after remission and on a scale where the policy asks it."""
    parts = [spot.yes_no("payers.relapse", "The depression has come back", "The depression has not come back")]
    if leaf.documented_on_scale:
        yes, no = "Its return is documented on a scale", "Its return is not documented on a scale"
        parts.append(spot.yes_no("payers.relapse_on_scale", yes, no))
    if leaf.after is not None:
        yes, no = "Remission had been reached before", "Remission had not been reached before"
        parts.append(spot.yes_no("payers.remission_before", yes, no))
    if len(parts) == 1:
        return parts[0]
    return spot.joined(parts, all_of(p.answer for p in parts), " ".join(p.text for p in parts))


def interval(leaf: words.IntervalSinceLastCourse, spot: Spot) -> Judgement:
    """Days since the last TMS course: from somebody's word, else from the last TMS session in the record."""
    days, given = spot.number("payers.days_since_tms")
    used: tuple[RecordUse, ...] = ()
    if days is not None and given is not None:
        low = high = days + ((spot.view.as_of - given.answered_on.latest).days if given.answered_on else 0)
        used = (attestation_use(given),)
    else:
        last = _last_session(spot)
        if last is None:
            return spot.unknown(f"No TMS course is on record; {leaf.min_days} days are asked.", "payers.days_since_tms")
        ended = last.performed_end or last.performed_start
        if ended is None:
            return spot.unknown("The last TMS session has no date.", "payers.days_since_tms")
        low, high = (spot.view.as_of - ended.latest).days, (spot.view.as_of - ended.earliest).days
        used = (RecordUse(last.id, "last TMS session", str(ended)),)
    typical = " as a rule" if leaf.typical else ""
    said = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    text = f"{said} days since the last TMS session; {leaf.min_days}{typical} are asked."
    answer = Answer.MET if low >= leaf.min_days else Answer.NOT_MET if high < leaf.min_days else Answer.UNKNOWN
    question = spot.question("payers.days_since_tms") if answer is Answer.UNKNOWN else None
    return spot.judge(answer, text, used=used, question=question)


def _last_session(spot: Spot) -> ProcedureDone | None:
    done = tms_sessions(spot.view)
    return done[-1] if done else None


def tms_sessions(view: CaseView) -> tuple[ProcedureDone, ...]:
    """The dated TMS sessions on record by the day asked about, by their last possible day."""
    codes = readings.procedure_codes()["tms"]
    done = []
    for p in view.person.procedures:
        day = p.performed_end or p.performed_start
        if p.status not in _DONE or day is None or day.earliest > view.as_of:
            continue
        if p.has_code(CodeSystem.CPT, set(codes.cpt)) or p.has_code(CodeSystem.SNOMED, set(codes.snomed)):
            done.append((day.latest, p.id, p))
    return tuple(p for _, _, p in sorted(done, key=lambda d: d[:2]))


def last_course_ended(spot: Spot) -> date | None:
    """The last day on which a TMS session may have been given, as far as known."""
    days, given = spot.number("payers.days_since_tms")
    if days is not None and given is not None:
        return (given.answered_on.latest if given.answered_on else spot.view.as_of) - timedelta(days=days)
    last = _last_session(spot)
    ended = (last.performed_end or last.performed_start) if last is not None else None
    return min(ended.latest, spot.view.as_of) if ended is not None else None


def interim(leaf: words.InterimResponse, spot: Spot) -> Judgement:
    """Improvement so far, in percent of the score at the start of the course."""
    value, given = spot.number("payers.interim_improvement_percent")
    if value is None or given is None:
        return spot.unknown(
            f"At least {leaf.improvement_pct_at_least:g}% is asked.", "payers.interim_improvement_percent"
        )
    answer = Answer.MET if value >= leaf.improvement_pct_at_least else Answer.NOT_MET
    text = f"Improved by {value:g}%; at least {leaf.improvement_pct_at_least:g}% is asked."
    return spot.judge(answer, text, used=(attestation_use(given),))


def benefit(_leaf: words.BenefitDocumented, spot: Spot) -> Judgement:
    """Benefit is documented."""
    return spot.yes_no("payers.benefit_documented", "Benefit is documented", "No benefit is documented")


def response(leaf: words.ResponseOnScale, spot: Spot) -> Judgement:
    """The score is better than before the first dose. Where the policy names no size, any improvement is read."""
    found = spot.yes_no(
        "payers.improved_since_start", "The score is better than at the start", "The score is not better"
    )
    if leaf.improvement != "unspecified":
        return found
    text = f"{found.text} (The policy names no size that we saw: any improvement is read.)"
    return spot.judge(found.answer, text, used=found.basis.used, question=found.question)


def duration(leaf: words.DurationOfResponse, spot: Spot) -> Judgement:
    """How long the last response held."""
    days, given = spot.number("payers.prior_tms_sustained_days")
    if days is None or given is None:
        return spot.unknown(f"At least {leaf.min_days} days are asked.", "payers.prior_tms_sustained_days")
    answer = Answer.MET if days >= leaf.min_days else Answer.NOT_MET
    return spot.judge(answer, f"Held {days:g} days; {leaf.min_days} are asked.", used=(attestation_use(given),))


def approval(leaf: words.PreviousApproval, spot: Spot) -> Judgement:
    """The same payer approved before, for the named indication where the policy renews only that one."""
    if leaf.indication is not None:
        yes, no = (
            "The approval was given for resistant depression",
            "The approval was not given for resistant depression",
        )
        return spot.yes_no("payers.approved_for_trd", yes, no)
    return spot.yes_no("payers.previous_approval", "This payer approved before", "This payer has not approved before")


EVALUATORS: dict[type, Evaluator] = {
    words.Relapse: relapse,
    words.IntervalSinceLastCourse: interval,
    words.InterimResponse: interim,
    words.BenefitDocumented: benefit,
    words.ResponseOnScale: response,
    words.DurationOfResponse: duration,
    words.PreviousApproval: approval,
}
