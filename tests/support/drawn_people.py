"""People drawn by Hypothesis for the payers' room: any mix of facts, well known or hardly known, that do not contradict."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from inconcert.knowledge.loader import intake_questions
from inconcert.record import Person, ReportedTrial
from support.factories import day, diagnosis, make_person, order, phq9, procedure, scale_form
from support.payer_cases import COMPLETE, ESCITALOPRAM, MIRTAZAPINE, SERTRALINE, VENLAFAXINE, failed, say, willing
from support.safe_person import safe_person

# Facts that do not contradict one another: of two that do, either may be the mistake, and taking one away decides it.
# So a person whose safety questions are all answered well has no diagnosis that one of those answers denies.
PLAIN = [
    (), (diagnosis("F33.2", "2025-02-01"),), (diagnosis("F33.1", "2025"),), (diagnosis("F32.9", None),),
    (diagnosis("F33.2", "2025-02-01"), diagnosis("F17.210")),
]  # fmt: skip
TELLING = [
    *PLAIN, (diagnosis("F33.3", "2025-02-01"),), (diagnosis("F31.4", "2024-02-01"),), (diagnosis("F33.2", "2025-02-01"), diagnosis("F41.1")),
    (diagnosis("F33.2"), diagnosis("G40.909")), (diagnosis("F33.2"), diagnosis("F10.20")),
]  # fmt: skip
# A PHQ-9 above 24 implies item 9, which a complete C-SSRS of the same weeks that says no would contradict.
OUTCOMES = st.sampled_from(["nonresponse", "partial", "intolerance", "response", ""])
SCALES = st.lists(
    st.one_of(
        st.builds(phq9, st.sampled_from(["2026-11-10", "2026-10-20", "2025-05-05", "2026-11"]), st.sampled_from([9, 15, 16, 20, 21, 24])),
        st.builds(lambda total: scale_form("madrs", "2026-11-12", total), st.sampled_from([10, 28, 35])),
        st.just(scale_form("phq9", "2026-11-18", items={str(n): 3.0 for n in range(1, 7)} | {"7": 1.0, "8": None, "9": None})),
    ),
    max_size=3,
)  # fmt: skip
DENYING = ("payers.mdd", "payers.psychotic", "payers.recurrent", "payers.diagnosis.", "payers.hazard.", "payers.acute",
           "payers.suicidal_intent", "payers.on_", "payers.ketamine_now")  # fmt: skip
QUESTIONS = sorted(
    q for q, entry in intake_questions().items()
    if q.startswith("payers.") and entry.answer == "yes_no" and not q.startswith(DENYING)
)  # fmt: skip


@st.composite
def trials(draw: st.DrawFn) -> list[ReportedTrial]:
    """Some of four drugs, each with its own gaps."""
    found = []
    for drug, start, end, mg in (SERTRALINE, VENLAFAXINE, ESCITALOPRAM, MIRTAZAPINE):
        if draw(st.booleans()):
            found.append(
                failed(
                    drug, start, draw(st.sampled_from([end, None])), mg, outcome=draw(OUTCOMES),
                    improvement_percent=None, adherence_percent=draw(st.sampled_from([None, 70, 90])),
                    in_current_episode=draw(st.sampled_from([True, False, None])),
                )
            )  # fmt: skip
    return found


@st.composite
def people(draw: st.DrawFn) -> Person:
    """A person with any mix of facts, well known or hardly known."""
    safe, answered = draw(st.booleans()), draw(st.booleans())
    facts: list[Any] = [*draw(st.sampled_from(PLAIN if safe or answered else TELLING)), *draw(trials()), *draw(SCALES)]
    if draw(st.booleans()):
        facts.append(COMPLETE)
    if answered:
        left_out = st.sampled_from(["payers.clinic.", "payers.hazard.", "payers.psychotherapy", "payers.ect."])
        facts += willing(*draw(st.lists(left_out)))
    else:
        asked = draw(st.lists(st.sampled_from(QUESTIONS), unique=True, max_size=8))
        facts += [say(q, draw(st.sampled_from(["yes", "no", "unknown"]))) for q in asked]
    if draw(st.booleans()):
        facts.append(order("sertraline", "2026-01-01", None, 100))
    if draw(st.booleans()):
        facts.append(procedure("90868", draw(st.sampled_from(["2026-09-01", "2025-01-01"]))))
    birth = {"birth": draw(st.sampled_from([None, *map(day, ("1980-01-01", "2008", "2011-06-15", "1955"))]))}
    if safe:
        return safe_person(*facts, without=tuple(draw(st.lists(st.sampled_from(["cssrs", "pressure"])))), **birth)
    return make_person(*facts, **birth)
