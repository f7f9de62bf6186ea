"""The queues of the payer desk, its settings, and the diagram."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from inconcert.judgement import Reading, Refusal
from inconcert.knowledge import strict_yaml
from inconcert.knowledge.loader import intake_questions
from inconcert.payers.authorization import MOVES, AuthorizationState, DeskLimits, deadlines, fold, lane_of
from inconcert.payers.authorization.desk import check_can_set
from inconcert.payers.authorization.diagram import in_words, state_diagram
from inconcert.payers.authorization.files import clock_rules, desk_settings, payer_kinds, unit_countings
from inconcert.payers.authorization.moves import STATE_WORDS
from support.authorizations import APPROVED, NEW_YORK, SENT, entry, utc

LIMITS = DeskLimits.of({})
NOTICE = {"reason": "no", "notice_on": "2026-07-02"}


def lane(now: str, *lines: tuple[Any, ...], kind: str = "medicare_advantage", limits: DeskLimits = LIMITS) -> str:
    """The queue of a TMS request at an instant, in a word."""
    events = [entry(0, "2026-07-01", "open", {"service": "rtms"} | ({"payer_kind": kind} if kind else {}))]
    events += [entry(n, *line) for n, line in enumerate(lines, 1)]
    at = utc(now)
    status = fold(events, at.astimezone(NEW_YORK).date())
    return lane_of(status, deadlines(status, at, NEW_YORK), at, NEW_YORK, limits)[0].value


SENT_ON = ("2026-07-02 10:00", "send", SENT)


@pytest.mark.parametrize(
    ("now", "lines", "kind", "expected"),
    [
        ("2026-07-02 15:00", [], "medicare_advantage", "on_us"),  # a draft
        ("2026-07-09 15:00", [], "medicare_advantage", "due_soon"),  # a draft that lies for a week
        ("2026-07-03 15:00", [SENT_ON], "medicare_advantage", "on_payer"),
        ("2026-07-08 15:00", [SENT_ON], "medicare_advantage", "due_soon"),  # due at the end of 9 July
        ("2026-07-10 03:59", [SENT_ON], "medicare_advantage", "due_soon"),  # a minute before midnight in New York
        ("2026-07-10 04:00", [SENT_ON], "medicare_advantage", "overdue"),
        ("2026-07-03 15:00", [SENT_ON], "", "unknown_deadline"),
        ("2026-07-03 15:00", [SENT_ON], "military", "unknown_deadline"),
        ("2026-07-04 15:00", [SENT_ON, ("2026-07-03", "pend", {"question": "?", "answer_by": "2026-07-30"})],
         "employer_self_funded", "on_us"),
        ("2026-07-29 15:00", [SENT_ON, ("2026-07-03", "pend", {"question": "?", "answer_by": "2026-07-30"})],
         "employer_self_funded", "due_soon"),
        ("2026-07-10 15:00", [SENT_ON, ("2026-07-03", "deny", NOTICE)], "medicare_advantage", "on_us"),
        ("2026-08-20 15:00", [SENT_ON, ("2026-07-03", "deny", NOTICE)], "medicare_advantage", "due_soon"),
        ("2026-09-02 15:00", [SENT_ON, ("2026-07-03", "deny", NOTICE)], "medicare_advantage", "overdue"),
        ("2026-07-10 15:00", [SENT_ON, ("2026-07-03", "deny", {"reason": "no"})], "medicare_advantage", "unknown_deadline"),
        ("2026-07-10 15:00", [SENT_ON, ("2026-07-03", "approve", APPROVED | {"ends_on": "2026-09-30"})],
         "medicare_advantage", "in_use"),
        ("2026-09-20 15:00", [SENT_ON, ("2026-07-03", "approve", APPROVED | {"ends_on": "2026-09-30"})],
         "medicare_advantage", "due_soon"),
        ("2026-10-01 15:00", [SENT_ON, ("2026-07-03", "approve", APPROVED | {"ends_on": "2026-09-30"})],
         "medicare_advantage", "closed"),
        ("2026-07-10 15:00", [SENT_ON, ("2026-07-03", "withdraw", {"reason": "moved"})], "medicare_advantage", "closed"),
    ],
)  # fmt: skip
def test_each_request_stands_in_the_queue_of_whose_turn_it_is(
    now: str, lines: list[tuple[Any, ...]], kind: str, expected: str
) -> None:
    """Overdue before due soon before waiting, unknown deadlines apart, what is over at the end."""
    assert lane(now, *lines, kind=kind) == expected


def test_a_clinic_sets_its_own_warnings() -> None:
    """With ninety hours of warning a request is due soon earlier; the rest keeps the defaults."""
    assert lane("2026-07-06 15:00", SENT_ON) == "on_payer"
    assert lane("2026-07-06 15:00", SENT_ON, limits=DeskLimits.of({"due_soon_hours": 90})) == "due_soon"


@pytest.mark.parametrize(("name", "value"), [("few_units", -1), ("few_units", 101), ("sessions", 5)])
def test_a_setting_out_of_range_is_refused(name: str, value: int) -> None:
    """A warning that could never or always ring, or that nobody knows, is refused with the range."""
    with pytest.raises(Refusal):
        check_can_set(name, value)


def test_every_warning_is_marked_as_our_own_default() -> None:
    """No rule says when a desk should warn: each default is a design default and lies within its own range."""
    for setting in desk_settings().values():
        assert setting.status is Reading.DESIGN
        check_can_set(setting.id, setting.default)


def test_every_clock_has_its_source_and_its_dates_make_sense() -> None:
    """Each limit names where it is from; two rules for the same case never hold on the same day."""
    rules = clock_rules()
    for rule in rules:
        assert rule.sources
        assert rule.text.endswith(".")
        assert not (rule.since and rule.until) or rule.since <= rule.until
    day = date(2019, 6, 1)
    while day < date(2027, 1, 1):
        held = [
            (r.clock, kind, subject)
            for r in rules
            if r.holds_on(day)
            for kind in r.payer_kinds
            for subject in r.subjects
        ]
        assert len(held) == len(set(held)), day
        day += timedelta(days=30)


def test_every_question_of_the_desk_is_an_intake_question(root: Path) -> None:
    """Whatever the desk asks has its words in the intake files."""
    asked = {
        name
        for path in (root / "src/inconcert/payers/authorization").glob("*.py")
        for name in re.findall(r'"(payers\.authorization\.[a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    known = set(intake_questions())
    files = strict_yaml.read(root / "src/inconcert/knowledge/intake/authorization.yaml")
    assert {entry["id"] for entry in files} <= known
    assert asked - known <= {"payers.authorization.units", "payers.authorization.decided_late"}  # judgements


def test_every_kind_of_plan_and_unit_says_how_it_is_told() -> None:
    """Each kind of plan tells staff how to recognize it, each way of counting says what it counts."""
    assert all(kind.how_to_tell and kind.sources for kind in payer_kinds().values())
    assert all(counting.text and counting.units for counting in unit_countings())


def test_every_move_and_state_is_in_the_diagram() -> None:
    """The picture has a box for each state, a line for each move that changes it, and the whole in words."""
    picture = state_diagram()
    for state in AuthorizationState:
        assert f">{state.value}</text>" in picture
        assert STATE_WORDS[state]
    for move in MOVES:
        if move.after is not None and move.id != "withdraw":
            assert re.search(rf">[a-z, ]*\b{move.id}\b", picture), move.id
        assert move.done in in_words()


def test_the_diagram_of_the_documentation_is_not_stale(root: Path) -> None:
    """The committed picture is what the table draws today; `python scripts/draw_states.py` makes it anew."""
    kept = (root / "docs/_static/authorization-states.svg").read_text(encoding="utf-8")
    assert kept == state_diagram()


def test_a_changed_table_would_change_the_diagram(monkeypatch: pytest.MonkeyPatch) -> None:
    """One move taken out of the table, and the picture is another one: the check above can fail."""
    before = state_diagram()
    monkeypatch.setattr("inconcert.payers.authorization.diagram.MOVES", tuple(m for m in MOVES if m.id != "rescind"))
    assert state_diagram() != before
    assert "rescind" not in state_diagram()
