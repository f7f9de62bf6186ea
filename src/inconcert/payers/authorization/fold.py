"""From events to where things stand, and whether one more event may be added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from inconcert.judgement import Refusal
from inconcert.payers.authorization import times
from inconcert.payers.authorization.events import (
    CORRECT,
    VOID,
    Approval,
    AuthorizationEvent,
    AuthorizationStatus,
    HistoryStep,
    WaitingRound,
)
from inconcert.payers.authorization.facts import FactValue, clean
from inconcert.payers.authorization.moves import BY_ID, EFFECTIVE, MOVES, Actor, AuthorizationMove, AuthorizationState

CLOCK_SLACK = timedelta(minutes=2)  # two machines' clocks may differ by this much (hazard: a wrong clock)
_DETAILS = ("open", "detail", "send", "approve", "overturn", "extend", "receive", "regrade", "appeal")
_STATE = AuthorizationState


def fold(events: Sequence[AuthorizationEvent], as_of: date) -> AuthorizationStatus:
    """Where an authorization stands at the end of a day.

    Args:
        events: all entries in the order they were written down.
        as_of: what happened later is not looked at. A correction counts for the day of what it corrects.

    Raises:
        Refusal: the entries do not follow the table of moves, or nothing had happened by then.
    """
    counted, voided = in_force(events)
    walk = _Walk()
    for event, original in sorted(counted, key=lambda pair: pair[0].day):  # stable: a day's entries stay as written
        if event.day <= as_of:
            walk.take(event, original)
    return walk.status(as_of, voided)


def in_force(
    events: Sequence[AuthorizationEvent],
) -> tuple[list[tuple[AuthorizationEvent, AuthorizationEvent | None]], tuple[AuthorizationEvent, ...]]:
    """The entries that count, each beside the one it replaces; and those that a correction struck out."""
    latest = {event.corrects: event for event in events if event.kind == CORRECT}
    counted: list[tuple[AuthorizationEvent, AuthorizationEvent | None]] = []
    voided = []
    for event in events:
        if event.kind == CORRECT:
            continue
        correction = latest.get(event.id)
        if correction is None:
            counted.append((event, None))
        elif correction.facts.get(VOID):
            voided.append(event)
        else:
            facts = {k: v for k, v in correction.facts.items() if k != "why"}
            counted.append((replace(event, facts=facts, happened=correction.happened), event))
    return counted, tuple(voided)


def next_moves(events: Sequence[AuthorizationEvent], as_of: date) -> tuple[AuthorizationMove, ...]:
    """What somebody may write down next, in the order of the table."""
    state = fold(events, as_of).state
    return tuple(move for move in MOVES if state in move.before and move.by is not Actor.CALENDAR)


def can_add(events: Sequence[AuthorizationEvent], new: AuthorizationEvent, now: datetime, zone: ZoneInfo) -> bool:
    """Whether `check_can_add` would let it pass."""
    try:
        check_can_add(events, new, now, zone)
    except Refusal:
        return False
    return True


def check_can_add(
    events: Sequence[AuthorizationEvent], new: AuthorizationEvent, now: datetime, zone: ZoneInfo
) -> AuthorizationEvent:
    """Refuse an entry that cannot be; give it back with its facts checked.

    Args:
        events: what is written down already, in order.
        new: what is to be added.
        now: the instant it is, in UTC.
        zone: the clinic's zone.

    Raises:
        Refusal: it lies in the future, is no move of the table, lacks a fact, or does not fit what is there already.
    """
    if any(event.id == new.id for event in events):
        raise Refusal("This entry was added before.", "look at the history; nothing was added twice.")
    earliest, _ = times.bounds(new.happened, zone)
    if earliest > now + CLOCK_SLACK:
        raise Refusal("This lies in the future.", "write down what has happened, with the time it happened.")
    new = _checked_correction(events, new) if new.kind == CORRECT else _checked_move(events, new)
    _same_day_in_order(events, new)
    _replay([*events, new])
    return new


def _checked_move(events: Sequence[AuthorizationEvent], new: AuthorizationEvent) -> AuthorizationEvent:
    move = BY_ID.get(new.kind)
    if move is None or move.by is Actor.CALENDAR:
        raise Refusal(f"Nobody can write down {new.kind!r}.", "choose one of the moves that are offered.")
    if not events and move.before:
        raise Refusal("There is no request yet.", "start one first.")
    if events and not move.before:
        raise Refusal("The request was started before.", "go on with it, or start another.")
    return replace(new, facts=clean(move, new.facts))


def _checked_correction(events: Sequence[AuthorizationEvent], new: AuthorizationEvent) -> AuthorizationEvent:
    named = next((event for event in events if event.id == new.corrects), None)
    if named is None:
        raise Refusal("The entry to correct is not there.", "load the page again.")
    if named.kind == CORRECT:
        raise Refusal("A correction is not corrected itself.", "correct the first entry once more.")
    why = str(new.facts.get("why", "")).strip()
    if not why:
        raise Refusal("A correction needs its reason.", "say in a few words what was wrong.")
    if new.facts.get(VOID):
        if named.kind == "open":
            raise Refusal("The start of a request cannot be struck out.", "withdraw the request instead.")
        return replace(new, facts={VOID: 1, "why": why[:1000]})
    facts = {k: v for k, v in new.facts.items() if k != "why"}
    return replace(new, facts={**clean(BY_ID[named.kind], facts), "why": why[:1000]})


def _same_day_in_order(events: Sequence[AuthorizationEvent], new: AuthorizationEvent) -> None:
    """Entries of one day count as written down; two with times must agree with that."""
    if new.kind == CORRECT or new.happened.instant is None:
        return
    for event, _ in in_force(events)[0]:
        other = event.happened.instant
        if other is not None and event.day == new.day and other > new.happened.instant:
            done = BY_ID[event.kind].done
            raise Refusal(
                f"Later on the same day “{done}” was written down already.",
                "correct that entry's time first, or this one's.",
            )


def _replay(events: Sequence[AuthorizationEvent]) -> None:
    """Refuse where the whole, with the new entry in its place by date, does not follow the table."""
    counted, _ = in_force(events)
    walk = _Walk()
    for event, original in sorted(counted, key=lambda pair: pair[0].day):
        walk.take(event, original)
    if walk.state is None:
        raise Refusal("Nothing would be left of the request.", "withdraw it instead.")


@dataclass
class _Walk:
    """Goes through the entries in order and keeps what follows from them."""

    state: AuthorizationState | None = None
    since: date = date.min
    details: dict[str, FactValue] = field(default_factory=dict)
    steps: list[HistoryStep] = field(default_factory=list)
    approval: Approval | None = None
    decision: WaitingRound | None = None
    appeal: WaitingRound | None = None
    refused: AuthorizationEvent | None = None
    counted: AuthorizationEvent | None = None
    appeals: int = 0

    def take(self, event: AuthorizationEvent, original: AuthorizationEvent | None) -> None:
        """Go on by one entry. Raises Refusal where the table does not allow it."""
        move = BY_ID[event.kind]
        before = self._on(event.day)
        if (before is None and move.before) or (before is not None and before not in move.before):
            raise _not_allowed(move, before)
        was, self.state = self.state, move.after or self.state
        if self.state is not was:
            self.since = event.day
        if move.id in _DETAILS:
            self.details.update(_lasting(event.facts))
        self._rounds(move.id, event)
        after = self._on(event.day)  # an extension may bring back what had expired
        if after is None:
            raise _not_allowed(move, before)
        self.steps.append(HistoryStep(event=event, before=before, after=after, original=original))

    def _rounds(self, kind: str, event: AuthorizationEvent) -> None:
        urgency = str(event.facts.get("urgency", ""))
        if kind == "send":
            self.decision = WaitingRound(began=event, urgency=urgency)
        elif kind == "appeal":
            self.appeal, self.appeals = WaitingRound(began=event, urgency=urgency), self.appeals + 1
        elif kind in ("approve", "overturn", "extend"):
            self.approval = _approval(event.facts)
            self.refused = None
        elif kind in ("deny", "rescind", "uphold"):
            self.refused = event
            self.approval = None
        elif kind == "counted":
            self.counted = event
        if self.decision is not None and self.decision.ended is None:
            self.decision = _in_round(self.decision, kind, event)
        if self.appeal is not None and kind in ("overturn", "uphold", "withdraw"):
            self.appeal = replace(self.appeal, ended=event)

    def _on(self, day: date) -> AuthorizationState | None:
        """The state when that day begins: an approval whose last day is over has expired by itself."""
        if self.state in EFFECTIVE and self.approval is not None and self.approval.ends_on < day:
            return _STATE.EXPIRED
        return self.state

    def status(self, as_of: date, voided: tuple[AuthorizationEvent, ...]) -> AuthorizationStatus:
        """What was found, on that day."""
        state = self._on(as_of)
        if state is None:
            raise Refusal("On that day there was no request yet.", "ask for a later day.")
        since = self.since
        if state is not self.state and self.approval is not None:
            since = self.approval.ends_on + timedelta(days=1)
        return AuthorizationStatus(
            state=state, as_of=as_of, since=since, details=self.details, steps=tuple(self.steps), voided=voided,
            approval=self.approval, decision=self.decision, appeal=self.appeal, refused=self.refused, counted=self.counted,
            appeals=self.appeals,
        )  # fmt: skip


def _in_round(waiting: WaitingRound, kind: str, event: AuthorizationEvent) -> WaitingRound:
    if kind == "receive":
        return replace(waiting, received=event)
    if kind == "pend":
        return replace(waiting, pauses=(*waiting.pauses, (event, None)))
    if kind == "answer" and waiting.pauses:
        return replace(waiting, pauses=(*waiting.pauses[:-1], (waiting.pauses[-1][0], event)))
    if kind == "regrade":
        return replace(waiting, urgency=str(event.facts["urgency"]))
    if kind == "prolong":
        return replace(waiting, prolonged=event)
    if kind in ("approve", "deny", "withdraw"):
        return replace(waiting, ended=event)
    return waiting


def _lasting(facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """The facts of an entry that hold on: not its own reason or words."""
    return {k: v for k, v in facts.items() if k not in ("text", "reason", "question", "urgency", "channel")}


def _approval(facts: Mapping[str, FactValue]) -> Approval:
    return Approval(
        units=int(facts["units"]),
        unit=str(facts["unit"]),
        starts_on=date.fromisoformat(str(facts["starts_on"])),
        ends_on=date.fromisoformat(str(facts["ends_on"])),
        reference=str(facts["reference"]),
    )


def _not_allowed(move: AuthorizationMove, before: AuthorizationState | None) -> Refusal:
    if before is None:
        return Refusal(f"“{move.done}” comes before the request was started.", "look at the dates.")
    allowed = [m.done.lower() for m in MOVES if before in m.before and m.by is not Actor.CALENDAR and m.after]
    mend = f"from there it can be: {', '.join(allowed)}." if allowed else "nothing follows it; start a new request."
    return Refusal(f"“{move.done}” does not follow when the request is {before.value}.", mend)
