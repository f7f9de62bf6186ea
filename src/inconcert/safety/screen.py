"""Both arms screened at once: every item judged, every arm cleared, on hold or never."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date

from inconcert.judgement import Answer, NumberKind, Question, RecordUse
from inconcert.knowledge.safety import SafetyItem, consent_rates, safety_items
from inconcert.protocols.types import Figure
from inconcert.record import Person
from inconcert.safety.drugs import Taken, judge_drug, judge_drug_change, taken_now
from inconcert.safety.evidence import Evidence, Weight, evidence_for
from inconcert.safety.judging import ask, finding, judge_record, question_for, settle
from inconcert.safety.measured import judge_age, judge_blood_pressure
from inconcert.safety.suicide import assess_suicide, judge_suicide
from inconcert.safety.types import Arm, ArmClearance, Clearance, GateLevel, SafetyFinding, SafetyScreen, SuicideRisk
from inconcert.staging.types import TrialHistory

_GATES = (GateLevel.BLOCK, GateLevel.HOLD)


def screen(person: Person, history: TrialHistory | None, as_of: date) -> SafetyScreen:
    """Judge every safety item and clear each arm.

    Args:
        person: the record; facts dated after `as_of` are ignored.
        history: the rebuilt medication trials, whose episode may show bipolar depression; None where not rebuilt.
        as_of: the day asked about.

    An arm is `never` if a block is present and uncontradicted, `hold` if any gate is present, contradicted or unknown,
    and `cleared` only if every gate is known absent. So nothing that is missing can clear anybody: where an arm is on
    hold because something is unknown, taking facts away never clears it.
    """
    risk = assess_suicide(person, as_of)
    taken = tuple(taken_now(person, as_of))
    findings = tuple(
        judge_item(item, person, lambda: history, as_of, risk=lambda: risk, taken=lambda: taken)
        for item in safety_items().values()
    )
    return SafetyScreen(
        findings=findings,
        clearances=tuple(clear(arm, findings) for arm in Arm),
        suicide_risk=risk,
    )


def clear(arm: Arm, findings: tuple[SafetyFinding, ...]) -> ArmClearance:
    """Put one arm's findings together. See `screen` for the rule."""
    mine = [f for f in findings if arm in f.arms]
    deciding = tuple(f for f in mine if f.level in _GATES and f.judgement.answer is not Answer.NOT_MET)
    warnings = tuple(f for f in mine if f.level not in _GATES and f.judgement.answer is Answer.MET)
    never = [f for f in deciding if _is_never(f)]
    if never:
        clearance, text = Clearance.NEVER, "Never: " + "; ".join(_short(f) for f in never) + "."
    elif deciding:
        clearance, text = Clearance.HOLD, _hold_text(deciding)
    else:
        clearance, text = Clearance.CLEARED, "Cleared: every hazard that could stop it is known to be absent."
    return ArmClearance(
        arm=arm,
        clearance=clearance,
        text=text,
        deciding=tuple(sorted(deciding, key=lambda f: (not _is_never(f), f.judgement.answer is Answer.UNKNOWN))),
        warnings=warnings,
        questions=_questions(deciding),
    )


def rates_to_show(arm: Arm) -> tuple[Figure, ...]:
    """The published rates that consent for this arm shows: those of the coil or drug actually used."""
    return tuple(
        Figure(
            name=rate.name, low=rate.value if rate.low is None else rate.low, high=rate.high, unit=rate.unit,
            kind=NumberKind.REPORTED, sources=rate.sources,
            note=f"estimate {rate.value:g}" + (f"; {rate.note}" if rate.note else ""),
        )
        for rate in consent_rates()
        if arm.value in rate.arms
    )  # fmt: skip


def judge_item(
    item: SafetyItem,
    person: Person,
    history: Callable[[], TrialHistory | None],
    as_of: date,
    *,
    risk: Callable[[], SuicideRisk],
    taken: Callable[[], tuple[Taken, ...]],
) -> SafetyFinding:
    """Judge one item. What only some items look at is asked for by those alone."""
    match item.test:
        case "age":
            return judge_age(item, person, as_of)
        case "blood_pressure":
            return judge_blood_pressure(item, person, as_of)
        case "drug":
            return judge_drug(item, person, as_of, taken())
        case "drug_change":
            return judge_drug_change(item, person, as_of)
        case "suicide":
            return judge_suicide(item, risk(), as_of)
        case "always":
            return finding(item, as_of, Answer.MET, item.rule)
        case _:
            rebuilt = history() if item.id == "bipolar" else None
            if rebuilt is not None:
                return _judge_bipolar(item, person, rebuilt, as_of)
            return judge_record(item, person, as_of)


def _judge_bipolar(item: SafetyItem, person: Person, history: TrialHistory, as_of: date) -> SafetyFinding:
    """Bipolar disorder also follows from the episode as staging reads it; a unipolar reading excludes nothing."""
    evidence = evidence_for(item, person, as_of)
    if history.episode.polarity == "bipolar":
        seen = {e.use.record_id for e in evidence if e.weight is Weight.PRESENT}
        evidence += tuple(
            Evidence(Weight.PRESENT, RecordUse(use.record_id, f"{use.why} (episode read as bipolar)", use.on))
            for use in history.episode.used
            if use.record_id not in seen
        )
    return settle(item, as_of, evidence, ask(item, person, as_of))


def _is_never(f: SafetyFinding) -> bool:
    return f.level is GateLevel.BLOCK and f.judgement.answer is Answer.MET and not f.contradicted


def _short(f: SafetyFinding) -> str:
    return f.judgement.text.rstrip(".")


def _hold_text(deciding: tuple[SafetyFinding, ...]) -> str:
    known = [f for f in deciding if f.judgement.answer is Answer.MET]
    unknown = len(deciding) - len(known)
    parts = []
    if known:
        parts.append("; ".join(_short(f) for f in known))
    if unknown:
        parts.append(f"{unknown} {'answer is' if unknown == 1 else 'answers are'} missing")
    return "Hold: " + "; ".join(parts) + "."


def _questions(deciding: tuple[SafetyFinding, ...]) -> tuple[Question, ...]:
    found: dict[str, Question] = {}
    for f in deciding:
        for question in f.judgement.questions():
            found.setdefault(question.id, question)
        if f.contradicted:
            item = safety_items()[f.item]
            asked = question_for(item)
            found.setdefault(
                asked.id,
                dataclasses.replace(asked, text=f"Two sources disagree; settle it and record who did: {asked.text}"),
            )
    return tuple(found.values())
