"""The arithmetic of one limit: from when it starts, with what stood still, to when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from inconcert.judgement import Answer
from inconcert.payers.authorization import times
from inconcert.payers.authorization.events import AuthorizationEvent, WaitingRound
from inconcert.payers.authorization.files import ClockRule, TimeLimit
from inconcert.record.dates import Moment

_TIME = "payers.authorization.time_of_day"


@dataclass(frozen=True, slots=True)
class Start:
    """When a clock began: between two instants and two days, either end None where it is open; and from which entries.

    `assumed`: it is taken to be so, but nobody confirmed it.
    """

    earliest: datetime | None
    latest: datetime | None
    first_day: date
    days: tuple[date | None, date | None]
    events: tuple[AuthorizationEvent, ...]
    question: str = ""
    assumed: bool = False

    @classmethod
    def of(
        cls,
        moment: Moment,
        zone: ZoneInfo,
        events: tuple[AuthorizationEvent, ...],
        *,
        assumed: bool = False,
    ) -> Start:
        """A start that is known to the instant or to the day."""
        low, high = times.bounds(moment, zone)
        day = times.day_in(moment, zone)
        return cls(low, high, day, (day, day), events, assumed=assumed)

    @classmethod
    def at_least(cls, moment: Moment, zone: ZoneInfo, events: tuple[AuthorizationEvent, ...], question: str) -> Start:
        """A start that was then or later."""
        day = times.day_in(moment, zone)
        return cls(times.bounds(moment, zone)[0], None, day, (day, None), events, question)

    @classmethod
    def up_to(cls, moment: Moment, zone: ZoneInfo, events: tuple[AuthorizationEvent, ...], question: str) -> Start:
        """A start that was then or earlier."""
        day = times.day_in(moment, zone)
        return cls(None, times.bounds(moment, zone)[1], day, (None, day), events, question)


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit ends: between two instants, either None where it is open. `stopped`: the clock stands still now."""

    earliest: datetime | None
    latest: datetime | None
    stopped: bool = False
    questions: tuple[str, ...] = ()


def due_by_rule(
    rule: ClockRule, start: Start, urgency: str, waiting: WaitingRound | None, zone: ZoneInfo
) -> Due | None:
    """When a rule's limit ends; None where the rule has none for this urgency."""
    limit = rule.expedited if urgency == "expedited" else rule.standard
    if limit is None:
        return None
    low, high = _add(start, limit, zone)
    if rule.starts == "notice_received":
        # Arrival is not noted: not before the notice was written, and presumed so many days later where the law says so.
        high = _shift(high, rule.presumed_receipt_days, zone) if rule.presumed_receipt_days else None
    if rule.at_least:
        high = None
    asked = [_TIME] if limit.hours is not None and low != high and None not in (low, high) else []
    if rule.starts == "notice_received":
        asked.append("payers.authorization.notice_arrived")
    due = Due(low, high, questions=tuple(asked))
    return _with_pauses(rule, limit, due, urgency, waiting, zone) if waiting is not None and waiting.pauses else due


def _with_pauses(
    rule: ClockRule, limit: TimeLimit, due: Due, urgency: str, waiting: WaitingRound, zone: ZoneInfo
) -> Due:
    if rule.while_pended == "runs":
        return due
    if rule.while_pended == "not_seen":
        return Due(due.earliest, None, questions=(*due.questions, "payers.authorization.while_pended"))
    _, answered = waiting.pauses[-1]
    if answered is not None and urgency == "expedited" and rule.expedited_after_answer is not None:
        again = Start.of(answered.happened, zone, ())
        return Due(*_add(again, rule.expedited_after_answer, zone), questions=due.questions)
    for pended, reply in waiting.pauses:
        asked_low, asked_high = times.bounds(pended.happened, zone)
        if due.latest is not None and due.latest <= asked_low:
            return due  # it had ended before the question came
        if reply is None:
            return Due(due.earliest, due.latest, stopped=True, questions=due.questions)
        if limit.hours is None:
            days = (times.day_in(reply.happened, zone) - times.day_in(pended.happened, zone)).days
            due = Due(_shift(due.earliest, days, zone), _shift(due.latest, days, zone), questions=due.questions)
        else:
            low, high = times.bounds(reply.happened, zone)
            shortest, longest = max(low - asked_high, timedelta(0)), high - asked_low
            due = Due(
                due.earliest + shortest if due.earliest is not None else None,
                due.latest + longest if due.latest is not None else None,
                questions=due.questions,
            )
    return due


def _add(start: Start, limit: TimeLimit, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    if limit.hours is not None:
        span = timedelta(hours=limit.hours)
        return (
            start.earliest + span if start.earliest is not None else None,
            start.latest + span if start.latest is not None else None,
        )
    first, last = (_end_after(day, limit, zone) for day in start.days)
    return first, last


def _end_after(day: date | None, limit: TimeLimit, zone: ZoneInfo) -> datetime | None:
    if day is None:
        return None
    if limit.calendar_months is not None:
        return times.end_of(times.plus_months(day, limit.calendar_months), zone)
    return times.end_of(day + timedelta(days=limit.calendar_days or 0), zone)


def _shift(instant: datetime | None, days: int, zone: ZoneInfo) -> datetime | None:
    """The end of a day so many calendar days later."""
    return None if instant is None else times.end_of(times.last_day(instant, zone) + timedelta(days=days), zone)


def passed(due: tuple[datetime | None, datetime | None], now: datetime) -> Answer:
    """Whether a limit has passed: met from its latest end on, not met before its earliest, unknown between."""
    low, high = due
    if high is not None and now >= high:
        return Answer.MET
    return Answer.NOT_MET if low is not None and now < low else Answer.UNKNOWN
