"""Suicide risk from the forms in date: the highest level any of them shows, what to do, and by when.

A blank is not a no: `none` needs a complete C-SSRS in date that answers no to everything. A red or amber form in date stands
until a second clinician has reviewed it, even if a later form reads better; out of date it is named, not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inconcert.judgement import Answer, Basis, Judgement, Question, RecordUse
from inconcert.knowledge.loader import as_sources, intake_questions
from inconcert.knowledge.safety import VERSION, SafetyItem, suicide_file
from inconcert.record import DateRange, Person
from inconcert.safety.attested import attested
from inconcert.safety.evidence import in_date
from inconcert.safety.judging import finding
from inconcert.safety.types import SafetyFinding, SafetyScreen, SuicideRisk
from inconcert.scales import DatedScore, series

_ORDER = ("none", "yellow", "amber", "red")
_RAISED = _ORDER[1:]
CSSRS = "cssrs-screener"
REVIEWED = "safety.suicide_reviewed"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A level one form shows."""

    level: str
    on: DateRange
    use: RecordUse


def assess_suicide(person: Person, as_of: date) -> SuicideRisk:
    """The level on that day: red, amber, yellow, none or unknown, with actions and hours."""
    shown: list[_Shown] = []
    old: list[_Shown] = []
    rejected: list[RecordUse] = []
    for scale in suicide_file().good_for_days:
        for score in series(person, scale, as_of):
            _add(shown, old, rejected, score, scale, as_of)
    review = attested(
        person,
        REVIEWED,
        as_of,
        clears_on="yes",
        good_for_days=suicide_file().reviewed_good_for_days,
        lasting=False,
    )
    reviewed_on = _reviewed_on(person, as_of) if review.says_absent else None
    standing = []
    for one in shown:
        if one.level in ("red", "amber") and reviewed_on is not None and one.on.latest <= reviewed_on:
            rejected.append(RecordUse(one.use.record_id, f"{one.use.why}; reviewed on {reviewed_on}", one.use.on))
        else:
            standing.append(one)
    level = max((one.level for one in standing), key=_ORDER.index, default="unknown")
    if reviewed_on is not None and level in ("none", "unknown") and len(standing) < len(shown):
        level = "yellow"  # reviewed is not gone: it is looked at again at this visit
    decisive = [one.use for one in standing if one.level == level] or [one.use for one in standing]
    last = _last_raised(old, person, as_of) if level == "unknown" else ""
    return _risk(level, as_of, tuple(decisive) + (review.used if reviewed_on else ()), tuple(rejected), last)


def judge_suicide(item: SafetyItem, risk: SuicideRisk, as_of: date) -> SafetyFinding:
    """The screen as a hold: present at red or amber, unknown where no screen is in date."""
    answer = {"red": Answer.MET, "amber": Answer.MET, "unknown": Answer.UNKNOWN}.get(risk.level, Answer.NOT_MET)
    basis = risk.judgement.basis
    action = "; ".join(risk.actions) + "." if answer is not Answer.NOT_MET else ""
    return finding(
        item, as_of, answer, f"{item.name}: {risk.text}", basis.used, basis.rejected,
        action=f"{action} {item.action}".strip(), question=risk.judgement.question,
    )  # fmt: skip


def cannot_wait(risk: SuicideRisk | SafetyScreen) -> Answer:
    """Whether the person must be acted on today: met at red and amber, unknown where no screen is in date."""
    level = risk.suicide_risk.level if isinstance(risk, SafetyScreen) else risk.level
    if level in ("red", "amber"):
        return Answer.MET
    return Answer.UNKNOWN if level == "unknown" else Answer.NOT_MET


def _last_raised(old: list[_Shown], person: Person, as_of: date) -> str:
    """What the last form out of date raised, so that "no screen in date" never hides a red one; '' if none raised any."""
    raised = [one for one in old if one.level in _RAISED]
    if not raised:
        return ""
    last = max(raised, key=lambda one: (one.on.latest, _ORDER.index(one.level)))
    reviews = [a.answered_on for a in person.attestations if a.question == REVIEWED and a.answer == "yes"]
    reviewed = any(on is not None and last.on.latest <= on.earliest and on.latest <= as_of for on in reviews)
    after = "It was reviewed since." if reviewed else "No review of it is recorded."
    return f" A form of {last.on}, out of date, showed {last.level}. {after}"


def _add(
    shown: list[_Shown], old: list[_Shown], rejected: list[RecordUse], score: DatedScore, scale: str, as_of: date
) -> None:
    on = score.taken.days if score.taken else None
    days = suicide_file().good_for_days[scale]
    level = _cssrs_level(score) if scale == CSSRS else _item_level(score, scale)
    if level is None:
        return
    use = RecordUse(score.form_id, f"{scale} shows {level}", str(on or ""))
    if on is None or not in_date(on, as_of, days):
        rejected.append(RecordUse(use.record_id, f"{use.why}, but is not dated within {days} days", use.on))
        if on is not None and on.latest <= as_of:
            old.append(_Shown(level, on, use))
        return
    if scale != CSSRS and level == "none":
        return  # a zero on another scale's item does not take the place of the screener
    shown.append(_Shown(level, on, use))


def _cssrs_level(score: DatedScore) -> str | None:
    """The highest flag the screener raised; none only if its whole triage is known and raises nothing."""
    flags = [flag.level for flag in score.score.flags if flag.level in _ORDER]
    if flags:
        return max(flags, key=_ORDER.index)
    if score.score.band in {"high", "moderate", "low"}:
        return {"high": "red", "moderate": "amber", "low": "yellow"}[score.score.band]
    return "none" if score.score.band == "none" else None


def _item_level(score: DatedScore, scale: str) -> str | None:
    found = None
    for cut in suicide_file().item_cuts:
        value = score.score.items.get(cut.item) if cut.scale == scale else None
        if value is not None and value >= cut.at_least:
            found = cut.opens_level if found is None else max(found, cut.opens_level, key=_ORDER.index)
    if found is None and scale == "phq9":
        implied = [f.level for f in score.score.flags if f.item == "9" and f.level in _ORDER]
        return max(implied, key=_ORDER.index, default=None)
    return found


def _reviewed_on(person: Person, as_of: date) -> date | None:
    days = suicide_file().reviewed_good_for_days
    answers = [
        a.answered_on.earliest
        for a in person.attestations
        if a.question == REVIEWED
        and a.answer == "yes"
        and a.answered_by.strip()
        and a.answered_on is not None
        and in_date(a.answered_on, as_of, days)
    ]
    return max(answers, default=None)


def _risk(
    level: str, as_of: date, used: tuple[RecordUse, ...], rejected: tuple[RecordUse, ...], last: str
) -> SuicideRisk:
    entry = suicide_file().level(level)
    text = f"{entry.text}{last}"
    known = intake_questions()["safety.cssrs"]
    unknown = level == "unknown"
    return SuicideRisk(
        level=level,
        text=text,
        actions=entry.actions,
        within_hours=entry.within_hours,
        judgement=Judgement(
            id="safety.suicide",
            answer=Answer.UNKNOWN if unknown else Answer.NOT_MET if level == "none" else Answer.MET,
            text=text,
            basis=Basis(
                rule_id="safety.suicide",
                rule_version=VERSION,
                rule_text="the highest level any form in date shows; none only from a complete C-SSRS",
                as_of=as_of,
                sources=as_sources(suicide_file().source, entry.status),
                used=used,
                rejected=rejected,
            ),
            question=Question("safety.cssrs", known.text, "safety.suicide") if unknown else None,
        ),
    )
