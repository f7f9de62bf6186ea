"""The table of moves: what may follow what, corrections, and the state as of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Refusal
from inconcert.payers.authorization import MOVES, AuthorizationState, can_add, check_can_add, fold, next_moves
from inconcert.payers.authorization.events import AuthorizationEvent
from inconcert.payers.authorization.moves import BY_ID, Actor
from inconcert.payers.authorization.times import moment_of
from support.authorizations import APPROVED, NEW_YORK, SENT, entries, entry

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "service": "rtms", "payer": "Harbor", "channel": "portal", "urgency": "standard", "reference": "R-1", "question": "PHQ-9?",
    "text": "Sent the PHQ-9.", "reason": "Too few trials.", "decide_by": "2026-06-01", "units": 36, "unit": "sessions",
    "starts_on": "2026-03-01", "ends_on": "2026-12-31",
}  # fmt: skip
ROAD = (("2026-02-01", "send", SENT), ("2026-02-02", "pend", {"question": "PHQ-9?"}))


def facts_of(kind: str) -> dict[str, Any]:
    """Everything a move needs, invented."""
    return {name: FACTS[name] for name in BY_ID[kind].needs} | ({"payer": "Harbor"} if kind == "detail" else {})


def state(events: list[AuthorizationEvent], day: str) -> str:
    """The state as of a day, in a word."""
    return fold(events, date.fromisoformat(day)).state.value


def test_the_state_is_that_of_the_day_asked_about() -> None:
    """What happens later does not count, and an approval ends by itself with its last day."""
    events = entries(*ROAD, ("2026-02-05", "answer", {"text": "sent"}), ("2026-02-08", "approve", APPROVED))
    found = [state(events, f"2026-{d}") for d in ("02-01", "02-02", "02-04", "02-05", "02-08", "05-31", "06-01")]
    assert found == ["sent", "pended", "pended", "sent", "approved", "approved", "expired"]
    assert fold(events, date(2026, 6, 10)).since == date(2026, 6, 1)


def test_before_the_start_there_is_no_answer() -> None:
    """Asked about a day before the request was started, the fold refuses instead of inventing a state."""
    with pytest.raises(Refusal, match="no request yet"):
        fold(entries(*ROAD), date(2026, 1, 31))


@pytest.mark.parametrize("before", list(AuthorizationState))
@pytest.mark.parametrize("kind", [m.id for m in MOVES if m.before and m.by is not Actor.CALENDAR])
def test_only_what_the_table_allows_can_be_added(before: AuthorizationState, kind: str) -> None:
    """From each state each move is taken exactly where the table has it, and refused with a mend where not."""
    events, day = reach(before)
    new = entry(90, day, kind, facts_of(kind))
    allowed = before in BY_ID[kind].before
    assert can_add(events, new, NOW, NEW_YORK) is allowed
    assert (kind in {m.id for m in next_moves(events, date.fromisoformat(day))}) is allowed
    if not allowed:
        with pytest.raises(Refusal) as caught:
            check_can_add(events, new, NOW, NEW_YORK)
        assert caught.value.reason
        assert caught.value.mend


def reach(wanted: AuthorizationState) -> tuple[list[AuthorizationEvent], str]:
    """A history that leads to a state, and the day after its last entry."""
    roads = {
        "draft": [], "sent": ["send"], "pended": ["send", "pend"], "approved": ["send", "approve"],
        "denied": ["send", "deny"], "appealed": ["send", "deny", "appeal"],
        "overturned": ["send", "deny", "appeal", "overturn"], "upheld": ["send", "deny", "appeal", "uphold"],
        "expired": ["send", "approve"], "withdrawn": ["withdraw"],
    }  # fmt: skip
    lines: list[tuple[Any, ...]] = [("2026-02-01", "note", {"text": "begun"})]
    for number, kind in enumerate(roads[wanted.value], 2):
        facts = facts_of(kind)
        if wanted is AuthorizationState.EXPIRED and kind == "approve":
            facts |= {"ends_on": "2026-03-02"}
        lines.append((f"2026-02-{number:02}", kind, facts))
    events = entries(*lines)
    day = "2026-03-10"
    assert state(events, day) == wanted.value
    return events, day


@pytest.mark.parametrize("move", [m for m in MOVES if m.needs], ids=lambda m: m.id)
def test_every_required_fact_is_required(move: Any) -> None:
    """Leaving out any one fact a move needs, or leaving it blank, is refused, and the refusal names the fact."""
    if move.by is Actor.CALENDAR:
        pytest.skip("nobody writes this down")
    events, day = reach(move.before[0]) if move.before else ([], "2026-03-10")
    for name in move.needs:
        for blank in ({}, {name: "  "}):
            facts = {k: v for k, v in facts_of(move.id).items() if k != name} | blank
            with pytest.raises(Refusal, match="missing"):
                check_can_add(events, entry(90, day, move.id, facts), NOW, NEW_YORK)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"units": "0"}, "number of units"), ({"units": "36.5"}, "number of units"), ({"units": "-3"}, "number of units"),
        ({"units": "٣"}, "number of units"), ({"units": "99999"}, "number of units"), ({"unit": "boxes"}, "choices"),
        ({"starts_on": "2026-02-30"}, "not a day"), ({"ends_on": "2026-02-28"}, "before it begins"),
        ({"ends_on": "3026-01-01"}, "out of range"), ({"reference": "x" * 500}, "letters"), ({"bank": "1"}, "does not belong"),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_is_refused(facts: dict[str, Any], said: str) -> None:
    """Numbers, days and choices are checked before they are written down."""
    events = entries(("2026-02-01", "send", SENT))
    with pytest.raises(Refusal, match=said):
        check_can_add(events, entry(9, "2026-02-03", "approve", APPROVED | facts), NOW, NEW_YORK)


def test_nothing_is_written_down_before_it_happens() -> None:
    """An entry in the future is refused; two minutes are allowed for clocks that differ."""
    events = entries(("2026-02-01", "send", SENT))
    for ahead, allowed in ((timedelta(minutes=1), True), (timedelta(minutes=3), False)):
        new = replace(
            entry(9, "2026-02-03", "approve", APPROVED), happened=moment_of((NOW + ahead).astimezone(NEW_YORK))
        )
        assert can_add(events, new, NOW, NEW_YORK) is allowed


def test_the_same_entry_twice_is_noticed() -> None:
    """A form that is sent twice adds one entry."""
    events = entries(("2026-02-01", "send", SENT))
    with pytest.raises(Refusal, match="added before"):
        check_can_add(events, events[-1], NOW, NEW_YORK)


def test_a_correction_takes_the_place_of_an_entry_and_keeps_it() -> None:
    """Units typed wrongly are corrected by a new entry; the old one stands beside it, and nothing was overwritten."""
    events = entries(("2026-02-01", "send", SENT), ("2026-02-03", "approve", APPROVED | {"units": 63}))
    right = entry(9, "2026-02-03", "correct", APPROVED | {"why": "digits swapped"}, corrects="e2")
    events.append(check_can_add(events, right, NOW, NEW_YORK))
    found = fold(events, date(2026, 3, 1))
    assert found.approval is not None
    assert found.approval.units == 36
    assert found.steps[-1].original is not None
    assert found.steps[-1].original.facts["units"] == 63


def test_an_entry_that_never_was_is_struck_out_and_still_shown() -> None:
    """A denial noted on the wrong person is voided with a reason; the state goes back to what it was."""
    events = entries(("2026-02-01", "send", SENT), ("2026-02-03", "deny", {"reason": "other person's letter"}))
    void = entry(9, "2026-02-03", "correct", {"void": 1, "why": "other person's letter"}, corrects="e2")
    events.append(check_can_add(events, void, NOW, NEW_YORK))
    found = fold(events, date(2026, 3, 1))
    assert found.state is AuthorizationState.SENT
    assert [e.id for e in found.voided] == ["e2"]


@pytest.mark.parametrize(
    ("corrects", "facts", "said"),
    [
        ("e1", {"void": 1, "why": "x"}, "does not follow"),  # what came after would hang in the air
        ("e0", {"void": 1, "why": "x"}, "cannot be struck out"),
        ("e2", {"void": 1}, "needs its reason"),
        ("e9", {"void": 1, "why": "x"}, "not there"),
        ("e2", {"why": "x", "units": 36}, "missing"),
    ],
)
def test_a_correction_that_breaks_the_history_is_refused(corrects: str, facts: dict[str, Any], said: str) -> None:
    """Neither the facts nor the order of what follows may be left without ground."""
    events = entries(("2026-02-01", "send", SENT), ("2026-02-03", "approve", APPROVED))
    with pytest.raises(Refusal, match=said):
        check_can_add(events, entry(8, "2026-02-03", "correct", facts, corrects=corrects), NOW, NEW_YORK)


def test_a_late_entry_finds_its_place_by_date() -> None:
    """A question that came before the approval may be noted after it, as long as the whole still follows the table."""
    events = entries(("2026-02-01", "send", SENT), ("2026-02-08", "approve", APPROVED))
    assert can_add(events, entry(8, "2026-02-04", "pend", {"question": "?"}), NOW, NEW_YORK)
    assert not can_add(events, entry(8, "2026-02-09", "pend", {"question": "?"}), NOW, NEW_YORK)


def test_two_times_of_one_day_must_agree_with_the_order() -> None:
    """On one day entries count as written down; one with an earlier time than its forerunner is refused, not swapped."""
    events = entries(("2026-02-01 09:00", "send", SENT), ("2026-02-02 15:00", "approve", APPROVED))
    with pytest.raises(Refusal, match="Later on the same day"):
        check_can_add(events, entry(8, "2026-02-02 14:00", "note", {"text": "called"}), NOW, NEW_YORK)
    assert can_add(events, entry(8, "2026-02-02 16:00", "note", {"text": "called"}), NOW, NEW_YORK)


def test_an_extension_brings_an_expired_approval_back() -> None:
    """The payer lengthens an approval after its end: it is approved again, until the new end."""
    events = entries(("2026-02-01", "send", SENT), ("2026-02-03", "approve", APPROVED))
    longer = entry(8, "2026-06-05", "extend", APPROVED | {"ends_on": "2026-07-31"})
    assert state(events, "2026-06-05") == "expired"
    events.append(check_can_add(events, longer, NOW, NEW_YORK))
    assert [state(events, d) for d in ("2026-06-04", "2026-06-05", "2026-08-01")] == ["expired", "approved", "expired"]


@given(data=st.data())
def test_no_way_through_the_table_leads_outside_it(data: st.DataObject) -> None:
    """Whatever is added in whatever order: what check_can_add lets pass, fold can tell, on every later day."""
    events = [entry(0, "2026-02-01", "open", {"service": "rtms"})]
    day = date(2026, 2, 1)
    for number in range(1, 12):
        kind = data.draw(st.sampled_from([m.id for m in MOVES if m.by is not Actor.CALENDAR]))
        when = day + timedelta(days=data.draw(st.integers(-3, 60)))
        new = entry(number, max(when, date(2026, 2, 1)).isoformat(), kind, facts_of(kind))
        if can_add(events, new, NOW, NEW_YORK):
            events.append(check_can_add(events, new, NOW, NEW_YORK))
            day = max(day, new.day)
        found = fold(events, day)
        assert found.state in AuthorizationState
        assert (found.approval is not None) or found.state not in ("approved", "overturned", "expired")
        assert [s.event.day for s in found.steps] == sorted(s.event.day for s in found.steps)
