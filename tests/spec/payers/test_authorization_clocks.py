"""Payers' and appeal deadlines by kind of plan, as a table somebody from authorization can check.

Sources: knowledge/files/payers/authorization/clocks.yaml, rule by rule; 42 CFR 422.568 and 422.572, 438.210, 423 subpart M,
29 CFR 2560.503-1, Social Security Act 1927(d)(5). All times are on the wall clock of New York.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.judgement import Answer
from inconcert.payers.authorization import Deadline, deadlines, decided_in_time, fold, times
from inconcert.payers.authorization.events import AuthorizationEvent
from support.authorizations import NEW_YORK, entry, utc
from support.payer_cases import rows

# Sent at 10:00 on Monday 6 July 2026. `due` is the last moment, `by the end of` a day, or the question that is open.
DECISION = """
kind of plan         | treatment  | benefit  | urgency   | due
medicare_advantage   | rtms       |          | standard  | end of 2026-07-13
medicare_advantage   | rtms       |          | expedited | 2026-07-09 10:00
medicare_advantage   | esketamine | pharmacy | standard  | 2026-07-09 10:00
medicare_advantage   | esketamine | pharmacy | expedited | 2026-07-07 10:00
medicare_advantage   | esketamine | medical  | standard  | 2026-07-09 10:00
medicare_advantage   | esketamine | medical  | expedited | 2026-07-07 10:00
medicare_advantage   | esketamine |          | standard  | 2026-07-09 10:00
medicare_drug_plan   | esketamine | pharmacy | standard  | 2026-07-09 10:00
medicare_drug_plan   | rtms       |          | standard  | limit
medicaid_mco         | rtms       |          | standard  | end of 2026-07-13
medicaid_mco         | rtms       |          | expedited | 2026-07-09 10:00
medicaid_mco         | esketamine | pharmacy | standard  | 2026-07-07 10:00
medicaid_mco         | esketamine | medical  | standard  | limit
medicaid_mco         | esketamine |          | standard  | benefit
medicaid_ffs         | rtms       |          | standard  | end of 2026-07-13
chip                 | rtms       |          | expedited | 2026-07-09 10:00
employer_self_funded | rtms       |          | standard  | end of 2026-07-21
employer_self_funded | rtms       |          | expedited | 2026-07-09 10:00
employer_self_funded | esketamine |          | standard  | end of 2026-07-21
employer_insured     | rtms       |          | standard  | end of 2026-07-21
marketplace          | rtms       |          | standard  | end of 2026-07-21
government_employer  | rtms       |          | standard  | limit
military             | rtms       |          | standard  | limit
workers_compensation | rtms       |          | standard  | limit
elsewhere            | rtms       |          | standard  | limit
medicare_traditional | rtms       |          | standard  | limit
                     | rtms       |          | standard  | payer_kind
                     | rtms       |          | expedited | payer_kind
"""

# Refused; the notice is dated 6 July 2026 and names no last day. The first day is the one nobody can dispute.
APPEAL = """
kind of plan         | treatment  | benefit  | safe until        | presumed until
medicare_advantage   | rtms       |          | end of 2026-09-04 | end of 2026-09-09
medicare_advantage   | esketamine | pharmacy | end of 2026-09-04 | end of 2026-09-09
medicaid_mco         | rtms       |          | end of 2026-09-04 | end of 2026-09-04
medicaid_ffs         | rtms       |          | unknown           | end of 2026-10-04
employer_self_funded | rtms       |          | end of 2027-01-02 | open
marketplace          | rtms       |          | end of 2027-01-02 | open
military             | rtms       |          | end of 2026-10-04 | end of 2026-10-09
workers_compensation | rtms       |          | unknown           | open
"""


def asked(kind: str, treatment: str, benefit: str) -> AuthorizationEvent:
    """A request started, with what is known of the plan."""
    facts = {"service": treatment, "payer_kind": kind, "benefit": benefit}
    return entry(0, "2026-07-01", "open", {k: v for k, v in facts.items() if v})


def one(events: list[AuthorizationEvent], now: str = "2026-07-06 15:00", clock: str = "") -> Deadline:
    """The deadline that runs at an instant."""
    at = utc(now)
    found = deadlines(fold(events, at.astimezone(NEW_YORK).date()), at, NEW_YORK)
    return next(d for d in found if d.clock == clock or not clock)


def said(due: datetime | None, last: date | None = None) -> str:
    """A deadline as the tables write it."""
    if due is None:
        return "open"
    local = due.astimezone(NEW_YORK)
    if (local.hour, local.minute) == (0, 0):
        return f"end of {last or times.last_day(due, NEW_YORK)}"
    return local.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize("row", rows(DECISION)[1:], ids=lambda r: "-".join(filter(None, r[:4])))
def test_when_the_payer_must_have_decided(row: list[str]) -> None:
    """Each kind of plan, treatment and urgency has the limit of the table, or names what would settle it."""
    kind, treatment, benefit, urgency, due = row
    sent = entry(1, "2026-07-06 10:00", "send", {"payer": "Harbor", "channel": "portal", "urgency": urgency})
    found = one([asked(kind, treatment, benefit), sent])
    if due in ("limit", "benefit", "payer_kind"):
        assert found.due is None
        assert found.passed is Answer.UNKNOWN
        assert f"payers.authorization.{due}" in [q.id for q in found.questions]
    else:
        assert said(found.due, found.last_day) == due
        assert found.basis.sources
        assert found.basis.used


@pytest.mark.parametrize("row", rows(APPEAL)[1:], ids=lambda r: "-".join(filter(None, r[:3])))
def test_until_when_an_appeal_can_be_filed(row: list[str]) -> None:
    """The early end is shown as the day to act by; after it, and until the late end, it is not known whether it is too late."""
    kind, treatment, benefit, safe, presumed = row
    sent = entry(1, "2026-07-02 10:00", "send", {"payer": "Harbor", "channel": "portal", "urgency": "standard"})
    deny = entry(2, "2026-07-08", "deny", {"reason": "Too few trials.", "notice_on": "2026-07-06"})
    found = one([asked(kind, treatment, benefit), sent, deny], "2026-07-10 12:00")
    if safe == "unknown":
        assert found.due is None
        assert found.questions
        assert said(found.loosest) == presumed
        return
    assert said(found.due, found.last_day) == safe
    assert said(found.loosest) == presumed
    assert found.passed is Answer.NOT_MET


def test_an_unknown_plan_shows_the_tightest_and_the_loosest() -> None:
    """A plan that may be of any kind: between three days and no known limit; the drug under an unknown benefit likewise."""
    sent = entry(1, "2026-07-06 10:00", "send", {"payer": "Harbor", "channel": "portal", "urgency": "standard"})
    found = one([asked("", "rtms", ""), sent])
    assert said(found.tightest) == "end of 2026-07-13"
    assert found.loosest is None  # for some kinds no limit is known, so none can be promised
    drug = one([asked("medicaid_mco", "esketamine", ""), sent])
    assert said(drug.tightest) == "2026-07-07 10:00"


def test_the_line_of_business_of_a_policy_narrows_what_is_possible() -> None:
    """A commercial policy leaves employers' and bought plans possible, and still asks which."""
    opened = entry(0, "2026-07-01", "open", {"service": "rtms", "policy_id": "medi-cal-tms"})
    sent = entry(1, "2026-07-06 10:00", "send", {"payer": "Medi-Cal", "channel": "portal", "urgency": "standard"})
    found = one([opened, sent])
    assert "payers.authorization.payer_kind" in [q.id for q in found.questions]


@pytest.mark.parametrize(
    ("sent_on", "due"), [("2025-12-31 10:00", "end of 2026-01-14"), ("2026-01-01 10:00", "end of 2026-01-08")]
)
def test_the_limit_is_that_of_its_day(sent_on: str, due: str) -> None:
    """CMS-0057-F holds for requests from 1 January 2026; the day before, fourteen days held."""
    opened = entry(0, "2025-12-01", "open", {"service": "rtms", "payer_kind": "medicare_advantage"})
    sent = entry(1, sent_on, "send", {"payer": "Harbor", "channel": "portal", "urgency": "standard"})
    found = one([opened, sent], "2026-01-02 12:00")
    assert said(found.due, found.last_day) == due


# Across the two changes of the clocks in 2026. 72 hours are 72 hours; seven days are seven days of the calendar.
CHANGES = """
sent             | urgency   | due
2026-03-06 10:00 | expedited | 2026-03-09 11:00
2026-03-07 01:30 | expedited | 2026-03-10 02:30
2026-10-30 10:00 | expedited | 2026-11-02 09:00
2026-10-30 01:30 | expedited | 2026-11-02 00:30
2026-03-06 10:00 | standard  | end of 2026-03-13
2026-10-30 23:59 | standard  | end of 2026-11-06
"""


@pytest.mark.parametrize("row", rows(CHANGES)[1:], ids=lambda r: f"{r[0]}-{r[1]}")
def test_hours_are_hours_and_days_are_days_when_the_clocks_change(row: list[str]) -> None:
    """Elapsed time is counted in UTC, calendar days on the clinic's calendar, also over a change of the clocks."""
    opened = entry(0, "2026-03-01", "open", {"service": "rtms", "payer_kind": "medicare_advantage"})
    sent = entry(1, row[0], "send", {"payer": "H", "channel": "portal", "urgency": row[1]})
    found = one([opened, sent], "2026-10-31 12:00" if "10-3" in row[0] else "2026-03-08 12:00")
    assert said(found.due, found.last_day) == row[2]


def history(kind: str, urgency: str, *more: AuthorizationEvent) -> list[AuthorizationEvent]:
    """TMS asked for on 6 July at 10:00, and what followed."""
    sent = entry(1, "2026-07-06 10:00", "send", {"payer": "H", "channel": "portal", "urgency": urgency})
    return [asked(kind, "rtms", ""), sent, *more]


PEND: dict[str, Any] = {"question": "Doses?"}


@pytest.mark.parametrize(
    ("kind", "urgency", "open_due", "due"),
    [
        ("medicare_advantage", "standard", "end of 2026-07-13", "end of 2026-07-13"),  # a question stops nothing
        ("employer_self_funded", "standard", "stopped", "end of 2026-07-26"),  # five days stood still
        ("employer_self_funded", "expedited", "stopped", "2026-07-15 09:00"),  # 48 hours from the answer
    ],
)
def test_a_question_stops_the_clock_only_where_the_rule_says_so(
    kind: str, urgency: str, open_due: str, due: str
) -> None:
    """Pended on 8 July, answered on 13 July: the payer's clock runs on or stands still by kind of plan."""
    pend, answer = entry(2, "2026-07-08 09:00", "pend", PEND), entry(3, "2026-07-13 09:00", "answer", {"text": "sent"})
    waiting = one(history(kind, urgency, pend), "2026-07-10 12:00", "decision")
    assert (said(waiting.due, waiting.last_day) if not waiting.stopped else "stopped") == open_due
    after = one(history(kind, urgency, pend, answer), "2026-07-13 14:00", "decision")
    assert said(after.due, after.last_day) == due


def test_our_own_answer_has_a_deadline() -> None:
    """The payer's day counts where it named one; else the rule's least; else it is asked for."""
    by = entry(2, "2026-07-08 09:00", "pend", PEND | {"answer_by": "2026-07-20"})
    found = one(history("medicare_advantage", "standard", by), "2026-07-10 12:00", "answer")
    assert said(found.due, found.last_day) == "end of 2026-07-20"
    silent = entry(2, "2026-07-08 09:00", "pend", PEND)
    found = one(history("employer_self_funded", "standard", silent), "2026-07-10 12:00", "answer")
    assert said(found.due, found.last_day) == "end of 2026-08-22"
    found = one(history("medicare_advantage", "standard", silent), "2026-07-10 12:00", "answer")
    assert [q.id for q in found.questions] == ["payers.authorization.answer_by"]


def test_a_receipt_without_its_time_is_counted_from_both_ends_of_the_day() -> None:
    """Received on a day at no known time, 72 hours end between two midnights; in between it is not known whether they have passed."""
    sent = entry(1, "2026-07-03", "send", {"payer": "H", "channel": "mail", "urgency": "expedited"})
    events = [asked("medicare_advantage", "rtms", ""), sent, entry(2, "2026-07-06", "receive", {"reference": "R"})]
    passed = [one(events, now).passed for now in ("2026-07-09 03:00", "2026-07-09 12:00", "2026-07-10 04:00")]
    assert passed == [Answer.NOT_MET, Answer.UNKNOWN, Answer.MET]
    assert "payers.authorization.time_of_day" in [q.id for q in one(events).questions]


def test_a_letter_is_not_received_when_it_is_sent() -> None:
    """By mail the payer's clock starts on an unknown day, until receipt is confirmed."""
    sent = entry(1, "2026-07-06", "send", {"payer": "H", "channel": "mail", "urgency": "standard"})
    events = [asked("medicare_advantage", "rtms", ""), sent]
    found = one(events)
    assert found.due is None
    assert [q.id for q in found.questions] == ["payers.authorization.receipt"]
    assert said(found.tightest) == "end of 2026-07-13"
    events.append(entry(2, "2026-07-09", "receive", {"reference": "R-1"}))
    assert said((known := one(events, "2026-07-10 12:00")).due, known.last_day) == "end of 2026-07-16"


def test_the_payers_own_day_counts() -> None:
    """An extension that names its day is the deadline from then on; a day promised at receipt counts where it is sooner."""
    longer = entry(2, "2026-07-10", "prolong", {"reason": "needs records", "decide_by": "2026-07-25"})
    found = one(history("medicare_advantage", "standard", longer), "2026-07-11 12:00")
    assert said(found.due, found.last_day) == "end of 2026-07-25"
    sooner = entry(2, "2026-07-06 11:00", "receive", {"reference": "R-1", "decide_by": "2026-07-09"})
    found = one(history("medicare_advantage", "standard", sooner), "2026-07-07 12:00")
    assert said(found.due, found.last_day) == "end of 2026-07-09"


def test_without_the_date_of_the_notice_no_day_is_promised() -> None:
    """A refusal noted without its notice's date may be older than it looks: the day is asked for, the latest possible is shown."""
    deny = entry(2, "2026-07-08", "deny", {"reason": "no"})
    found = one(history("medicaid_mco", "standard", deny), "2026-07-10 12:00")
    assert found.due is None
    assert "payers.authorization.notice_date" in [q.id for q in found.questions]
    assert said(found.loosest) == "end of 2026-09-06"
    assert found.passed is Answer.UNKNOWN
    assert (
        one(history("medicaid_mco", "standard", deny), "2026-09-07 12:00").passed is Answer.MET
    )  # whatever the date was
    named = entry(2, "2026-07-08", "deny", {"reason": "no", "appeal_by": "2026-08-01"})
    assert (
        said((known := one(history("", "standard", named), "2026-07-10 12:00")).due, known.last_day)
        == "end of 2026-08-01"
    )


# The appeal was lost; the notice is dated 6 July 2026. Where a state may set less, no day is promised.
NEXT = """
kind of plan         | treatment  | benefit  | safe until
employer_self_funded | rtms       |          | end of 2026-11-06
employer_insured     | rtms       |          | unknown
marketplace          | rtms       |          | unknown
medicaid_mco         | rtms       |          | end of 2026-10-04
medicare_advantage   | rtms       |          | unknown
medicare_advantage   | esketamine | pharmacy | end of 2026-09-04
"""


@pytest.mark.parametrize("row", rows(NEXT)[1:], ids=lambda r: "-".join(filter(None, r[:3])))
def test_until_when_the_next_level_can_be_asked(row: list[str]) -> None:
    """After a lost appeal: external review, state hearing or independent reviewer, by kind of plan."""
    kind, treatment, benefit, safe = row
    sent = entry(1, "2026-06-02", "send", {"payer": "Harbor", "channel": "portal", "urgency": "standard"})
    deny = entry(2, "2026-06-08", "deny", {"reason": "Too few trials."})
    appeal = entry(3, "2026-06-10", "appeal", {"channel": "portal", "urgency": "standard"})
    lost = entry(4, "2026-07-08", "uphold", {"reason": "Too few trials.", "notice_on": "2026-07-06"})
    opened = entry(0, "2026-06-01", "open", asked(kind, treatment, benefit).facts)
    found = one([opened, sent, deny, appeal, lost], "2026-07-10 12:00")
    assert (said(found.due, found.last_day) if found.due else "unknown") == safe


def test_what_is_from_memory_says_so() -> None:
    """A limit that was recalled and not read is marked in its basis."""
    deny = entry(2, "2026-07-08", "deny", {"reason": "no", "notice_on": "2026-07-06"})
    found = one(history("employer_self_funded", "standard", deny), "2026-07-10 12:00")
    assert found.basis.status.value == "recalled"


def test_silence_that_counts_as_a_denial_is_said() -> None:
    """For a Medicaid company the desk says that no decision in time may be appealed."""
    assert "denial" in one(history("medicaid_mco", "standard")).silence


def test_what_was_sent_is_not_surely_received() -> None:
    """Past the limit counted from the sending, an unconfirmed receipt leaves open whether it has passed; a confirmed one does not."""
    events = history("medicare_advantage", "standard")
    assert [one(events, now).passed for now in ("2026-07-13 12:00", "2026-07-15 12:00")] == [
        Answer.NOT_MET,
        Answer.UNKNOWN,
    ]
    assert "payers.authorization.receipt" in [q.id for q in one(events, "2026-07-15 12:00").questions]
    events.append(entry(2, "2026-07-06 11:00", "receive", {"reference": "R-1"}))
    assert one(events, "2026-07-15 12:00").passed is Answer.MET


def test_an_extension_beyond_the_rule_is_named() -> None:
    """Fourteen days more end on 27 July; a payer that names the 28th is told of."""
    for day, beyond in (("2026-07-27", False), ("2026-07-28", True)):
        longer = entry(2, "2026-07-10", "prolong", {"reason": "needs records", "decide_by": day})
        found = one(history("medicare_advantage", "standard", longer), "2026-07-11 12:00")
        assert ("later than the rule allows (2026-07-27)" in found.text) is beyond


# Received on 6 July at 10:00, decided on the day, or at the time, of the first column.
LATE = """
decided          | kind of plan         | urgency   | late
2026-07-13       | medicare_advantage   | standard  | no
2026-07-14       | medicare_advantage   | standard  | yes
2026-07-09 09:59 | medicare_advantage   | expedited | no
2026-07-09 10:00 | medicare_advantage   | expedited | yes
2026-07-09       | medicare_advantage   | expedited | unknown
2026-07-10       | medicare_advantage   | expedited | yes
2026-07-14       | employer_self_funded | standard  | no
2026-07-14       | military             | standard  | unknown
2026-07-14       |                      | standard  | unknown
"""


@pytest.mark.parametrize("row", rows(LATE)[1:], ids="-".join)
def test_whether_the_payer_kept_its_time(row: list[str]) -> None:
    """Of a decision the desk says late, in time, or not known; a day without a time is late only where all of it was."""
    decided, kind, urgency, late = row
    got = entry(2, "2026-07-06 10:00", "receive", {"reference": "R-1"})
    deny = entry(3, decided, "deny", {"reason": "no"})
    found = decided_in_time(fold(history(kind, urgency, got, deny), date(2026, 7, 20)), NEW_YORK)
    assert found is not None
    words = {"yes": Answer.MET, "no": Answer.NOT_MET, "unknown": Answer.UNKNOWN}
    assert found.answer is words[late]


@given(
    kind=st.sampled_from(["medicare_advantage", "medicaid_mco", "employer_self_funded", "military"]),
    service=st.sampled_from(["rtms", "esketamine"]),
    urgency=st.sampled_from(["standard", "expedited"]),
    channel=st.sampled_from(["portal", "mail"]),
    hours=st.integers(0, 24 * 40),
    gone=st.sampled_from(["payer_kind", "benefit", "channel", "time", "receipt"]),
)
def test_taking_a_fact_away_never_makes_a_deadline_certain(
    kind: str, service: str, urgency: str, channel: str, hours: int, gone: str
) -> None:
    """Without the kind of plan, the benefit, the way, the time or the receipt: whether it has passed may become unknown, never known."""
    plan = {"service": service, "payer_kind": kind, "benefit": "pharmacy"}
    sending = {"payer": "H", "channel": channel, "urgency": urgency}
    got = [entry(2, "2026-07-07 11:00", "receive", {"reference": "R"})]
    whole = [entry(0, "2026-07-01", "open", plan), entry(1, "2026-07-06 10:00", "send", sending), *got]
    less = [
        entry(0, "2026-07-01", "open", {k: v for k, v in plan.items() if k != gone}),
        entry(1, "2026-07-06" if gone == "time" else "2026-07-06 10:00", "send", {k: v for k, v in sending.items() if k != gone}),
        *([] if gone == "receipt" else got),
    ]  # fmt: skip
    now = utc("2026-07-07 15:00") + timedelta(hours=hours)
    before, after = (one(events, now.strftime("%Y-%m-%d %H:%M")).passed for events in (whole, less))
    assert after in (before, Answer.UNKNOWN)
