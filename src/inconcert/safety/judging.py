"""From evidence and answers to one finding: present, absent or unknown with its question."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from inconcert.judgement import Answer, Basis, Judgement, Question, RecordUse
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.safety import VERSION, SafetyItem
from inconcert.record import Person
from inconcert.safety.attested import Attested, attested
from inconcert.safety.evidence import Evidence, Weight, evidence_for
from inconcert.safety.types import Arm, GateLevel, SafetyFinding


def judge_record(item: SafetyItem, person: Person, as_of: date) -> SafetyFinding:
    """Judge a hazard by its records and the attested answer.

    Present where a record or a yes says so. Absent only where a dated, signed no or an explicit negative record is in
    date, or it cannot concern the person. Where both stand, present and contradicted. Else unknown.
    """
    evidence = evidence_for(item, person, as_of)
    answers = ask(item, person, as_of)
    return settle(item, as_of, evidence, answers, not_applicable=_not_applicable(item, person, as_of))


def ask(item: SafetyItem, person: Person, as_of: date) -> Attested:
    """What was answered to the item's own question."""
    return attested(
        person,
        item.question,
        as_of,
        clears_on=item.clears_on,
        good_for_days=item.good_for_days,
        lasting=item.lasting,
    )


def settle(
    item: SafetyItem, as_of: date, evidence: Iterable[Evidence], answers: Attested, *, not_applicable: str = ""
) -> SafetyFinding:
    """Put records and answers together. A contradiction is never resolved in anybody's favor."""
    by_weight: dict[Weight, list[RecordUse]] = {weight: [] for weight in Weight}
    for one in evidence:
        by_weight[one.weight].append(one.use)
    recorded = by_weight[Weight.PRESENT]
    unsure = by_weight[Weight.UNCONFIRMED]
    denied = bool(by_weight[Weight.ABSENT]) or answers.says_absent or bool(not_applicable)
    present = bool(recorded) or answers.says_present
    used = (*recorded, *unsure, *by_weight[Weight.SUSPECT], *by_weight[Weight.ABSENT], *answers.used)
    rejected = (*by_weight[Weight.SET_ASIDE], *answers.rejected)
    if (present or unsure) and denied:
        text = f"{item.name}: one source says yes and another says no. A clinician must settle it."
        return finding(item, as_of, Answer.MET, text, used, rejected, contradicted=True)
    if present:
        return finding(item, as_of, Answer.MET, f"{item.name}: present.", used, rejected)
    if denied:
        said = f"does not apply. {not_applicable}" if not_applicable else "no, attested or recorded."
        return finding(item, as_of, Answer.NOT_MET, f"{item.name}: {said}", used, rejected)
    hint = " The chart raises it." if used else " The chart's silence is not a no."
    return finding(item, as_of, Answer.UNKNOWN, f"{item.name}: not known.{hint}", used, rejected)


def finding(
    item: SafetyItem,
    as_of: date,
    answer: Answer,
    text: str,
    used: tuple[RecordUse, ...] = (),
    rejected: tuple[RecordUse, ...] = (),
    *,
    contradicted: bool = False,
    action: str = "",
    question: Question | None = None,
) -> SafetyFinding:
    """One finding with its basis."""
    return SafetyFinding(
        item=item.id,
        arms=tuple(Arm(arm) for arm in item.arms),
        level=GateLevel(item.level),
        judgement=Judgement(
            id=f"safety.{item.id}",
            answer=answer,
            text=text,
            basis=Basis(
                rule_id=f"safety.{item.id}",
                rule_version=VERSION,
                rule_text=item.rule,
                as_of=as_of,
                sources=item.sources,
                used=used,
                rejected=rejected,
            ),
            question=question or (question_for(item) if answer is Answer.UNKNOWN else None),
        ),
        action=action or item.action,
        contradicted=contradicted,
    )


def question_for(item: SafetyItem) -> Question:
    """The intake question that settles an item."""
    known = intake_questions().get(item.question)
    return Question(item.question or f"safety.{item.id}", known.text if known else item.rule, f"safety.{item.id}")


def _not_applicable(item: SafetyItem, person: Person, as_of: date) -> str:
    rule = item.not_applicable
    if rule is None:
        return ""
    age = person.age_years(as_of)
    if person.sex in rule.sexes:
        return rule.why
    if rule.age_at_least is not None and age is not None and age[0] >= rule.age_at_least:
        return rule.why
    return ""
