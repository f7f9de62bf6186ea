"""What else was tried: psychotherapy, ECT, an earlier TMS course, and the clinician's word on drugs."""

from __future__ import annotations

from inconcert.judgement import Answer, Judgement, all_of, any_of
from inconcert.knowledge.policy_schema import tried as words
from inconcert.payers import readings
from inconcert.payers.asking import Evaluator, Spot, attestation_use
from inconcert.payers.wording import opening, plain


def psychotherapy(leaf: words.PsychotherapyTrial, spot: Spot) -> Judgement:
    """A course of psychotherapy, and each thing the policy asks of it."""
    tried = _psychotherapy_tried(spot)
    parts = [tried]
    if tried.answer is not Answer.NOT_MET:
        if leaf.at_least > 1:
            parts.append(_courses(leaf.at_least, spot))
        wanted = [
            (leaf.evidence_based, "payers.psychotherapy_evidence_based", "with evidence in depression"),
            (leaf.adequate, "payers.psychotherapy_adequate", "an adequate trial"),
            (leaf.outcome is not None, "payers.psychotherapy_failed", "without significant improvement"),
            (leaf.scope == "current_episode", "payers.psychotherapy_in_episode", "in this episode"),
            (leaf.outcome_on_scale, "payers.psychotherapy_on_scale", "measured on a scale"),
        ]
        if leaf.kinds:
            parts.append(_kind_of_therapy(leaf.kinds, spot))
        counts = (
            (leaf.min_sessions, "payers.psychotherapy_sessions", "sessions"), (leaf.min_weeks, "payers.psychotherapy_weeks", "weeks"),
        )  # fmt: skip
        parts += [_at_least(question, need, unit, spot) for need, question, unit in counts if need is not None]
        if leaf.within_months is not None:
            parts.append(_therapy_within(leaf.within_months, spot))
        parts += [spot.yes_no(q, f"Yes: {name}", f"No: {name}") for asked, q, name in wanted if asked]
    if len(parts) == 1:
        return tried
    return spot.joined(parts, all_of(p.answer for p in parts), " ".join(p.text for p in parts))


def _kind_of_therapy(kinds: tuple[str, ...], spot: Spot) -> Judgement:
    kind, given = spot.choice("payers.psychotherapy_kind")
    asked = " or ".join(plain(k) for k in kinds)
    if given is None or not kind:
        return spot.unknown(
            f"Not known which psychotherapy; {asked} is asked.", "payers.psychotherapy_kind", suffix="kind"
        )
    answer = Answer.MET if kind in kinds else Answer.NOT_MET
    return spot.judge(
        answer, f"{opening(plain(kind))}; {asked} is asked.", used=(attestation_use(given),), suffix="kind"
    )


def _therapy_within(months: float, spot: Spot) -> Judgement:
    """How long ago it ended, in months; one still running is 0 months ago."""
    ago, given = spot.number("payers.psychotherapy_months_ago")
    if ago is None or given is None:
        text = f"Not known when the psychotherapy ended; within {months:g} months is asked."
        return spot.unknown(text, "payers.psychotherapy_months_ago", suffix="months")
    days = (spot.view.as_of - given.answered_on.latest).days if given.answered_on else 0
    since = ago + days / readings.reading("interval_days_of_a_month").value
    answer = Answer.MET if since <= months else Answer.NOT_MET
    text = f"Ended {since:.1f} months before; within {months:g} is asked."
    return spot.judge(answer, text, used=(attestation_use(given),), suffix="months")


def _psychotherapy_tried(spot: Spot) -> Judgement:
    recorded = spot.view.case.history.psychotherapy
    if recorded.answer is not Answer.UNKNOWN:
        return spot.judge(recorded.answer, recorded.text, used=recorded.basis.used, rejected=recorded.basis.rejected,
                          suffix="tried")  # fmt: skip
    # Ours is the same question as staging's; either answer is taken.
    return spot.yes_no("payers.psychotherapy_trial", "Psychotherapy was tried", "No psychotherapy was tried")


def _courses(need: int, spot: Spot) -> Judgement:
    number, given = spot.number("payers.psychotherapy_courses")
    if number is None or given is None:
        return spot.unknown(
            f"Not known how many courses; {need} are asked.", "payers.psychotherapy_courses", suffix="courses"
        )
    answer = Answer.MET if number >= need else Answer.NOT_MET
    return spot.judge(
        answer, f"{number:g} courses; {need} are asked.", used=(attestation_use(given),), suffix="courses"
    )


def ect(leaf: words.EctStatus, spot: Spot) -> Judgement:
    """Any of the named states; where the policy says `where applicable`, ECT that does not apply settles it."""
    parts = [_ect_state(state, spot) for state in leaf.any_of]
    if leaf.applies is not None:
        parts.append(
            spot.yes_no(
                "payers.ect.applicable", "ECT applies to this person", "ECT does not apply", when_yes=Answer.NOT_MET
            )
        )
    if len(parts) == 1:
        return parts[0]
    answer = any_of(p.answer for p in parts)
    return spot.joined(parts, answer, " ".join(p.text for p in parts if p.answer is answer))


def _ect_state(state: str, spot: Spot) -> Judgement:
    if state == "failed" and spot.view.case.history.ect_failed.answer is not Answer.UNKNOWN:
        known = spot.view.case.history.ect_failed
        return spot.judge(known.answer, known.text, used=known.basis.used, suffix=state)
    return spot.yes_no(f"payers.ect.{state}", f"ECT: {plain(state)}", f"ECT: not {plain(state)}")


def prior_tms(leaf: words.PriorTmsResponse, spot: Spot) -> Judgement:
    """An earlier TMS course that helped, and each thing the policy asks of it."""
    helped = spot.yes_no("payers.prior_tms", "An earlier TMS course helped", "No earlier TMS course that helped")
    if helped.answer is Answer.NOT_MET:
        return helped
    parts = [helped]
    text = ""
    if isinstance(leaf.improvement_pct_at_least, int | float):
        parts.append(_improvement(float(leaf.improvement_pct_at_least), leaf.op, spot))
    elif leaf.improvement_pct_at_least is not None:
        text = " (The policy gives no percentage that we saw: any response is read.)"
    if leaf.scope == "earlier_episode":
        yes, no = "That course was in an earlier episode", "That course was in this episode"
        parts.append(spot.yes_no("payers.prior_tms_earlier_episode", yes, no))
    if leaf.months_since_prior_episode_at_least is not None:
        parts.append(
            _at_least("payers.prior_tms_months_between", leaf.months_since_prior_episode_at_least, "months", spot)
        )
    if leaf.sustained_days_at_least is not None:
        parts.append(_at_least("payers.prior_tms_sustained_days", leaf.sustained_days_at_least, "days", spot))
    if leaf.measured_on is not None or leaf.scales:
        yes, no = "It was measured on a scale", "It was not measured on a scale"
        parts.append(spot.yes_no("payers.prior_tms_on_scale", yes, no))
    if leaf.measure is not None:
        yes, no = "By at least the smallest important difference", "By less than the smallest important difference"
        parts.append(spot.yes_no("payers.prior_tms_important", yes, no))
    return spot.joined(parts, all_of(p.answer for p in parts), " ".join(p.text for p in parts) + text)


def _improvement(percent: float, op: str, spot: Spot) -> Judgement:
    value, given = spot.number("payers.prior_tms_improvement_percent")
    asked = f"{'more than' if op == '>' else 'at least'} {percent:g}%"
    if value is None or given is None:
        return spot.unknown(f"Not known by how much it helped; {asked} is asked.", "payers.prior_tms_improvement_percent",
                            suffix="improvement")  # fmt: skip
    answer = Answer.MET if (value > percent if op == ">" else value >= percent) else Answer.NOT_MET
    return spot.judge(
        answer, f"Improved by {value:g}%; {asked} is asked.", used=(attestation_use(given),), suffix="improvement"
    )


def _at_least(question: str, need: float, unit: str, spot: Spot) -> Judgement:
    value, given = spot.number(question)
    if value is None or given is None:
        return spot.unknown(f"At least {need:g} {unit} are asked.", question, suffix=unit)
    answer = Answer.MET if value >= need else Answer.NOT_MET
    return spot.judge(
        answer, f"{value:g} {unit}; at least {need:g} are asked.", used=(attestation_use(given),), suffix=unit
    )


def contraindicated(_leaf: words.AntidepressantsContraindicated, spot: Spot) -> Judgement:
    """Antidepressants cannot be given."""
    return spot.yes_no("payers.antidepressants_contraindicated", "Antidepressants are contraindicated", "They are not")


def adherence(_leaf: words.Adherence, spot: Spot) -> Judgement:
    """The provider judged adherence sufficient."""
    return spot.yes_no("payers.adherence_sufficient", "Adherence judged sufficient", "Adherence judged insufficient")


def early_end(_leaf: words.EarlyTermination, spot: Spot) -> Judgement:
    """A trial ended early because of an adverse event."""
    yes, no = "A trial ended early for an adverse event", "No trial ended early for an adverse event"
    return spot.yes_no("payers.early_termination_adverse_event", yes, no)


def less_intensive(_leaf: words.LessIntensiveTreatmentFailed, spot: Spot) -> Judgement:
    """Milder treatment failed or does not suit."""
    yes, no = "Less intensive treatment failed or does not suit", "Less intensive treatment was not exhausted"
    return spot.yes_no("payers.less_intensive_failed", yes, no)


def first_line(_leaf: words.FirstLineTreatmentFailed, spot: Spot) -> Judgement:
    """First-line treatment failed; the policy does not define it."""
    return spot.yes_no("payers.first_line_failed", "First-line treatment failed", "First-line treatment did not fail")


EVALUATORS: dict[type, Evaluator] = {
    words.PsychotherapyTrial: psychotherapy,
    words.EctStatus: ect,
    words.PriorTmsResponse: prior_tms,
    words.AntidepressantsContraindicated: contraindicated,
    words.Adherence: adherence,
    words.EarlyTermination: early_end,
    words.LessIntensiveTreatmentFailed: less_intensive,
    words.FirstLineTreatmentFailed: first_line,
}
