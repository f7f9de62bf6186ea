"""Treatments beside drugs, courses of ketamine and esketamine, and measured values, as drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inconcert.synthetic.cohort.columns import NO_DAY
from inconcert.synthetic.cohort.draws import Draws, Flags, Floats, Ints
from inconcert.synthetic.cohort.people import Told, Who, told
from inconcert.synthetic.cohort.shares import treatment_shares
from inconcert.synthetic.cohort.trials import DATING, KINDS, Trials, drug_names

TMS_WEEK = (5, 7)  # sessions in a week, days of a week
# Twice a week for four weeks, then weekly; days after the first.
TWICE_WEEKLY = (0, 3, 7, 10, 14, 17, 21, 24)
LB_PER_KG = 2.2046226218487757


@dataclass(frozen=True, slots=True)
class Treatments:
    """What was given. Counts are 0 and days `NO_DAY` where nothing was; a blood pressure or weight is NaN where not taken."""

    tms_sessions: Ints
    tms_last: Ints
    tms_code: Told
    given_sessions: Ints
    given_last: Ints
    given_drug: Ints  # number among drug_names()
    open_since: Ints
    open_drug: Ints
    psychotherapy_on: Ints
    psychotherapy_told: Told
    ect_on: Ints
    ect_told: Told
    ect_failed_told: Told
    weight: Floats
    weight_in_pounds: Flags
    weight_on: Ints
    systolic: Floats
    diastolic: Floats
    pressure_on: Ints


def tms_day(session: Ints, sessions: Ints, last: Ints) -> Ints:
    """The day of a session (0 is the first): five a week, counted back from the last."""
    per, week = TMS_WEEK
    before = sessions - 1 - session
    day: Ints = last - before - (week - per) * (before // per)
    return day


def given_offset(session: Ints) -> Ints:
    """Days from the first dose to a later one."""
    early = np.array(TWICE_WEEKLY)[np.minimum(session, len(TWICE_WEEKLY) - 1)]
    offset: Ints = early + 7 * np.maximum(session - len(TWICE_WEEKLY) + 1, 0)
    return offset


def draw_treatments(draws: Draws, who: Who) -> Treatments:
    """Draw what was given beside tablets, and what was measured."""
    s, today = treatment_shares(), who.as_of
    names = drug_names()

    def day(decision: str, ago: tuple[tuple[float, float], ...], there: Flags) -> Ints:
        return np.where(there, today - draws.whole(decision, ago), NO_DAY)

    tms = draws.happens("tms course", s.tms_course)
    esketamine = draws.happens("esketamine course", s.esketamine_course)
    given = esketamine | draws.happens("ketamine course", s.ketamine_course)
    open_esketamine = draws.happens("esketamine open", s.esketamine_open)
    is_open = open_esketamine | draws.happens("ketamine open", s.ketamine_open)
    given_drug = np.where(esketamine, names.index("esketamine"), names.index("ketamine"))
    open_drug = np.where(open_esketamine, names.index("esketamine"), names.index("ketamine"))
    is_open &= ~(given & (given_drug == open_drug))  # one record of a course is enough
    weighed = draws.happens("weighed", s.weight_measured)
    measured = draws.happens("pressure", s.pressure_measured)
    return Treatments(
        tms_sessions=np.where(tms, draws.whole("tms sessions", s.tms_sessions), 0),
        tms_last=day("tms ended", s.tms_ended_days_ago, tms), tms_code=told(draws, "tms code", s.tms_codes),
        given_sessions=np.where(given, draws.whole("ketamine sessions", s.ketamine_sessions), 0),
        given_last=day("ketamine ended", s.ketamine_ended_days_ago, given), given_drug=given_drug,
        open_since=day("open since", s.open_days, is_open), open_drug=open_drug,
        psychotherapy_on=day("psychotherapy on", s.psychotherapy_days_ago, draws.happens("psychotherapy", s.psychotherapy_recorded)),
        psychotherapy_told=told(draws, "psychotherapy told", s.psychotherapy_told),
        ect_on=day("ect on", s.ect_days_ago, draws.happens("ect", s.ect_recorded)),
        ect_told=told(draws, "ect told", s.ect_told), ect_failed_told=told(draws, "ect failed told", s.ect_failed_told),
        weight=np.where(weighed, np.round(draws.spread("weight", s.weight_kg), 1), np.nan),
        weight_in_pounds=draws.happens("pounds", s.weight_in_pounds), weight_on=day("weighed on", s.measured_days_ago, weighed),
        systolic=np.where(measured, draws.whole("systolic", s.systolic_mmhg), np.nan),
        diastolic=np.where(measured, draws.whole("diastolic", s.diastolic_mmhg), np.nan),
        pressure_on=day("pressure on", s.measured_days_ago, measured),
    )  # fmt: skip


def ketamine_trials(found: Treatments, as_of: int) -> Trials:
    """The two places of a history that ketamine takes: a course that was given, and an order that is open."""
    given, is_open = found.given_sessions > 0, found.open_since != NO_DAY
    begun = found.given_last - given_offset(np.maximum(found.given_sessions - 1, 0))
    shape = (len(given), 2)

    def pair(one: np.ndarray, other: np.ndarray) -> Ints:
        return np.stack([one, other], axis=1)

    first = np.where(pair(given, is_open), pair(begun, found.open_since), 0)
    last = np.where(pair(given, is_open), pair(found.given_last, np.full_like(begun, as_of)), 0)
    nothing, blank = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    none_sure = pair(last[:, 0], first[:, 1] - 1)
    return Trials(
        there=np.stack([given, is_open], axis=1), kind=blank + np.array([KINDS.index("given"), KINDS.index("open")]),
        drug=pair(found.given_drug, found.open_drug), dose_mg=nothing, first=first, last=last,
        dating=blank + np.array([DATING.index("exact"), DATING.index("open")]), weeks=nothing, sure_first=first, sure_last=none_sure,
        possible_first=first, possible_last=last, adherence=nothing, outcome=blank, improvement=nothing,
        stop_reason=blank - 1, told_in_episode=blank, sessions=pair(found.given_sessions, np.zeros_like(begun)),
    )  # fmt: skip
