"""Deadlines: what must be done by whom and by when, with the rule behind it, or the question that would settle it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from inconcert.judgement import Answer, Basis, Judgement, Question, Reading, RecordUse, Source
from inconcert.knowledge.loader import intake_questions
from inconcert.payers.authorization import times
from inconcert.payers.authorization.candidates import Candidates, candidates_of
from inconcert.payers.authorization.due import Due, Start, due_by_rule, passed
from inconcert.payers.authorization.events import AuthorizationEvent, AuthorizationStatus, WaitingRound
from inconcert.payers.authorization.files import ClockName, ClockRule
from inconcert.payers.authorization.moves import Actor, AuthorizationState

_STATE = AuthorizationState
_NAMES: dict[str, tuple[str, Actor]] = {
    "decision": ("The payer decides", Actor.PAYER),
    "answer": ("We answer the payer's question", Actor.US),
    "appeal_filing": ("We appeal", Actor.US),
    "appeal_decision": ("The appeal is decided", Actor.PAYER),
    "next_appeal_filing": ("We go to the next level", Actor.US),
    "approval_end": ("The approval ends", Actor.US),
}
_RECEIPT = "payers.authorization.receipt"
_INSTANT_CHANNELS = ("portal", "electronic", "fax", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One deadline. `due` is the instant to act by, in UTC: the earliest it can be where it is ours, the latest where it is
    the payer's; None where it is not known or stands still. `passed` is met where it has surely passed.

    Where it is not known, `tightest` and `loosest` are the ends of what is possible (None: no limit is known there), and
    `questions` name what would settle it. `at_latest`: the law of a state or a contract may set less.
    """

    clock: str
    name: str
    owner: Actor
    passed: Answer
    due: datetime | None
    last_day: date | None
    text: str
    basis: Basis
    stopped: bool = False
    at_latest: bool = False
    tightest: datetime | None = None
    loosest: datetime | None = None
    questions: tuple[Question, ...] = ()
    silence: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a day to act by, or the clock surely stands still."""
        return self.due is not None or self.stopped


def deadlines(status: AuthorizationStatus, now: datetime, zone: ZoneInfo) -> tuple[Deadline, ...]:
    """Every deadline that runs in this state, the payer's first.

    Args:
        status: where the authorization stands.
        now: the instant asked about, UTC.
        zone: the clinic's zone; a deadline of a day ends when that day ends there.
    """
    ask = _Asked(status, now, zone, candidates_of(status))
    state, found = status.state, list[Deadline | None]()
    if state in (_STATE.SENT, _STATE.PENDED) and status.decision is not None:
        found.append(ask.payer_clock("decision", status.decision))
    if state is _STATE.PENDED and status.decision is not None:
        found.append(ask.our_answer(status.decision))
    if state is _STATE.APPEALED and status.appeal is not None:
        found.append(ask.payer_clock("appeal_decision", status.appeal))
    if state in (_STATE.DENIED, _STATE.UPHELD) and status.refused is not None:
        found.append(ask.appeal_filing(status.refused))
    if state in (_STATE.APPROVED, _STATE.OVERTURNED):
        found.append(ask.approval_end())
    return tuple(each for each in found if each is not None)


def decided_in_time(status: AuthorizationStatus, zone: ZoneInfo) -> Judgement | None:
    """Whether the payer's last decision came late: met where it did, not met where it came in time; None where none was made.

    Unknown where the limit, the receipt or the time of the decision is not known well enough.
    """
    clock: ClockName
    if status.appeal is not None and status.appeal.ended is not None:
        clock, waiting = "appeal_decision", status.appeal
    elif status.decision is not None and status.decision.ended is not None:
        clock, waiting = "decision", status.decision
    else:
        return None
    ended = waiting.ended
    if ended is None or ended.kind == "withdraw":
        return None
    low, high = times.bounds(ended.happened, zone)
    if high > low:
        high -= timedelta(microseconds=1)  # the last instant of that day, not the first of the next
    # Asked at both ends of the time it may have been decided: late only where it had passed at the first of them.
    first, last = (_Asked(status, at, zone, candidates_of(status)).payer_clock(clock, waiting) for at in (low, high))
    if first.passed is Answer.MET:
        answer, text = Answer.MET, f"Decided after its limit ({first.last_day})."
    elif last.passed is Answer.NOT_MET and last.due is not None:
        answer, text = Answer.NOT_MET, f"Decided within its limit ({last.last_day})."
    else:
        answer, text = Answer.UNKNOWN, "Whether it was decided within its limit is not known."
    asked = [*first.questions, *last.questions] or [_time_question(status)]
    return Judgement(
        id="payers.authorization.decided_late", answer=answer, text=text, basis=last.basis,
        question=asked[0] if answer is Answer.UNKNOWN else None,
    )  # fmt: skip


def _time_question(status: AuthorizationStatus) -> Question:
    name = "payers.authorization.time_of_day"
    return Question(name, intake_questions()[name].text, f"payers.authorization.{status.state}")


@dataclass(frozen=True)
class _Asked:
    """One question for the clocks: where it stands, the instant, the zone, and the plans it may be."""

    status: AuthorizationStatus
    now: datetime
    zone: ZoneInfo
    candidates: Candidates

    def payer_clock(self, clock: ClockName, waiting: WaitingRound) -> Deadline:
        """The limit for the payer's decision, of a request or of an appeal."""
        start = self._receipt(waiting)
        said = waiting.prolonged or waiting.received
        promised = str(said.facts.get("decide_by", "")) if said is not None else ""
        found = self._by_rules(clock, start, waiting.urgency, waiting)
        if said is not None and promised and waiting.prolonged is not None:
            day = date.fromisoformat(promised)
            return self._said(clock, day, said, self._extension(clock, start, found, day))
        if (
            said is not None
            and promised
            and (found.due is None or times.end_of(date.fromisoformat(promised), self.zone) < found.due)
        ):
            return self._said(
                clock, date.fromisoformat(promised), said, "The payer named this day when it confirmed receipt."
            )
        return found

    def _extension(self, clock: ClockName, start: Start, found: Deadline, day: date) -> str:
        """What to say of a day the payer gave itself; where a rule says how much longer it may take, whether it keeps to it."""
        why = "The payer extended its time and named this day."
        longest = {c.rule.extension_calendar_days for c in self.candidates.with_rules(clock, start.first_day) if c.rule}
        if found.last_day is None or len(longest) != 1 or 0 in longest:
            return why
        allowed = found.last_day + timedelta(days=longest.pop())
        return f"{why} That is later than the rule allows ({allowed.isoformat()})." if day > allowed else why

    def our_answer(self, waiting: WaitingRound) -> Deadline | None:
        """Until when we may answer the payer's question."""
        pended = waiting.open_pause
        if pended is None:
            return None
        if "answer_by" in pended.facts:
            return self._said(
                "answer", date.fromisoformat(str(pended.facts["answer_by"])), pended, "The payer named this day."
            )
        start = Start.of(pended.happened, self.zone, (pended,))
        return self._by_rules("answer", start, waiting.urgency, None, unknown="payers.authorization.answer_by")

    def appeal_filing(self, refused: AuthorizationEvent) -> Deadline:
        """The last day to appeal, or to go on after a lost appeal."""
        clock: ClockName = "next_appeal_filing" if refused.kind == "uphold" else "appeal_filing"
        if "appeal_by" in refused.facts:
            return self._said(
                clock, date.fromisoformat(str(refused.facts["appeal_by"])), refused, "The notice names this day."
            )
        if "notice_on" not in refused.facts:
            # The notice may be older than the day it was noted: no day can be promised, only the latest possible.
            start = Start.up_to(refused.happened, self.zone, (refused,), "payers.authorization.notice_date")
        else:
            day = date.fromisoformat(str(refused.facts["notice_on"]))
            start = Start.of(times.moment_on(day), self.zone, (refused,))
        return self._by_rules(clock, start, "standard", None)

    def approval_end(self) -> Deadline | None:
        """The last approved day."""
        approval, event = self.status.approval, self.status.steps[-1].event
        if approval is None:
            return None
        granting = next(
            (s.event for s in reversed(self.status.steps) if s.event.kind in ("approve", "overturn", "extend")), event
        )
        return self._said("approval_end", approval.ends_on, granting, "The payer approved up to this day, included.")

    def _receipt(self, waiting: WaitingRound) -> Start:
        """When the payer's clock began: receipt as confirmed, else the sending where the way is immediate."""
        began = waiting.began
        if waiting.received is not None:
            return Start.of(waiting.received.happened, self.zone, (began, waiting.received))
        if began.facts.get("channel") in _INSTANT_CHANNELS:
            return Start.of(began.happened, self.zone, (began,), assumed=True)
        return Start.at_least(began.happened, self.zone, (began,), _RECEIPT)

    def _said(self, clock: str, day: date, event: AuthorizationEvent, why: str) -> Deadline:
        """A day that the payer itself named."""
        name, owner = _NAMES[clock]
        due = times.end_of(day, self.zone)
        basis = Basis(
            rule_id=f"payers.authorization.{clock}.named", as_of=self.status.as_of, rule_text=why,
            sources=(Source("the payer's own words", f"entry of {event.day.isoformat()}", Reading.READ),), used=(_use(event),),
        )  # fmt: skip
        return Deadline(
            clock=clock, name=name, owner=owner, due=due, last_day=day, text=why, basis=basis,
            passed=passed((due, due), self.now), tightest=due, loosest=due,
        )  # fmt: skip

    def _by_rules(
        self,
        clock: ClockName,
        start: Start,
        urgency: str,
        waiting: WaitingRound | None,
        unknown: str = "payers.authorization.limit",
    ) -> Deadline:
        """The limit by the files: known where every plan it may be has the same one."""
        urgencies = (urgency,) if urgency else ("standard", "expedited")
        pairs = [(c, u) for c in self.candidates.with_rules(clock, start.first_day) for u in urgencies]
        dues = [self._due(clock, c.rule, start, u, waiting) for c, u in pairs]
        rules = tuple({c.rule.id: c.rule for c, _ in pairs if c.rule is not None}.values())
        asked = self._questions(start, urgency, dues, rules, unknown)
        one = _the_same(dues, _NAMES[clock][1])
        if one is None:
            return self._unknown(clock, start, [d for d in dues if d is not None], rules, asked, None in dues)
        return self._known(clock, start, one, rules, asked)

    def _due(
        self, clock: ClockName, rule: ClockRule | None, start: Start, urgency: str, waiting: WaitingRound | None
    ) -> Due | None:
        """When a rule's limit ends. Of ours no day is promised where a state may set less: it would be a day too late."""
        found = due_by_rule(rule, start, urgency, waiting, self.zone) if rule is not None else None
        if found is None or rule is None or not rule.ceiling or _NAMES[clock][1] is not Actor.US:
            return found
        return replace(found, earliest=None)

    def _known(
        self, clock: str, start: Start, one: Due, rules: tuple[ClockRule, ...], asked: tuple[Question, ...]
    ) -> Deadline:
        name, owner = _NAMES[clock]
        due = one.earliest if owner is Actor.US else one.latest
        gone = passed((one.earliest, one.latest), self.now) if not one.stopped else Answer.NOT_MET
        if start.assumed and gone is Answer.MET:  # it may have arrived later than it was sent
            gone, asked = Answer.UNKNOWN, (*asked, self._question(_RECEIPT))
        last_day = times.last_day(due, self.zone) if due is not None else None
        return Deadline(
            clock=clock, name=name, owner=owner, passed=gone, due=None if one.stopped else due,
            last_day=None if one.stopped else last_day, text=_joined(rules), basis=self._basis(clock, start, rules),
            stopped=one.stopped, at_latest=any(r.ceiling for r in rules), tightest=one.earliest, loosest=one.latest,
            questions=asked, silence=" ".join(dict.fromkeys(r.silence for r in rules if r.silence)),
        )  # fmt: skip

    def _unknown(
        self,
        clock: str,
        start: Start,
        dues: list[Due],
        rules: tuple[ClockRule, ...],
        asked: tuple[Question, ...],
        gaps: bool,
    ) -> Deadline:
        name, owner = _NAMES[clock]
        earliest = [d.earliest for d in dues if d.earliest is not None]
        latest = [d.latest for d in dues]
        ends = [each for each in latest if each is not None]
        loosest = max(ends) if ends and not gaps and None not in latest else None
        text = _joined(rules) if len(rules) == 1 else "Not known yet."
        if not rules:
            text = self.candidates.silence_text(clock)
        return Deadline(
            clock=clock, name=name, owner=owner, due=None, last_day=None, text=text, basis=self._basis(clock, start, rules),
            passed=Answer.MET if loosest is not None and self.now >= loosest else Answer.UNKNOWN,
            tightest=min(earliest) if earliest else None, loosest=loosest, questions=asked,
            at_latest=any(r.ceiling for r in rules),
        )  # fmt: skip

    def _questions(
        self, start: Start, urgency: str, dues: Sequence[Due | None], rules: tuple[ClockRule, ...], unknown: str
    ) -> tuple[Question, ...]:
        ids = list(self.candidates.questions)
        if not self.candidates.questions and None in dues:
            ids.append(unknown)
        if start.question:
            ids.append(start.question)
        if not urgency:
            ids.append("payers.authorization.urgency")
        ids += [q for d in dues if d is not None for q in d.questions]
        if any(r.ceiling for r in rules):
            ids.append("payers.authorization.shorter_limit")
        return tuple(self._question(each) for each in dict.fromkeys(ids))

    def _question(self, question_id: str) -> Question:
        text = intake_questions()[question_id].text
        return Question(question_id, text, f"payers.authorization.{self.status.state}")

    def _basis(self, clock: str, start: Start, rules: tuple[ClockRule, ...]) -> Basis:
        return Basis(
            rule_id=rules[0].id if len(rules) == 1 else f"payers.authorization.{clock}", as_of=self.status.as_of,
            rule_text=_joined(rules), sources=tuple(s for r in rules for s in r.as_sources),
            used=tuple(_use(event) for event in start.events),
        )  # fmt: skip


def _the_same(dues: Sequence[Due | None], owner: Actor) -> Due | None:
    """The one limit that all plans it may be agree on, or None; of ours the early end must be known, of the payer's the late one."""
    if not dues or dues[0] is None or any(d != dues[0] for d in dues):
        return None
    one = dues[0]
    sure = one.earliest if owner is Actor.US else one.latest
    return one if one.stopped or sure is not None else None


def _joined(rules: tuple[ClockRule, ...]) -> str:
    return " ".join(rule.text for rule in rules)


def _use(event: AuthorizationEvent) -> RecordUse:
    return RecordUse(event.id, f"entry “{event.kind}”", event.happened.days.text or event.day.isoformat())
