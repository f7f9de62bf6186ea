"""What happened when: the twin of `payers.criteria.events`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import Table

from inconcert.knowledge.policy_schema import events as words
from inconcert.knowledge.policy_schema.checks import depression_scales
from inconcert.payers import readings
from inconcert.payers.readings import AgentMeaning
from inconcert.population.criteria.given import open_now
from inconcert.population.criteria.hazards import days_since
from inconcert.population.criteria.scores import of_scale
from inconcert.population.criteria.stated import inside
from inconcert.population.days import days_before
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Flag, Tri, all_of, any_of, column, when
from inconcert.population.place import Compiler, Place
from inconcert.population.trials import of_class, of_kind


def _since(question: str, within: int, place: Place) -> Tri:
    """Somebody's number of days, aged by the days since. A no that is older than our reading allows is asked again."""
    since, day = days_since(question, place), place.frame.said(f"{question}@day")
    if since is None:
        return UNKNOWN
    cases: list[tuple[Flag, Tri]] = [(since < within, MET)]
    if day is not None:
        oldest = ibis.literal(place.as_of - timedelta(days=readings.reading("stated_valid_days").value))
        cases.append(((day < oldest).coalesce(False), UNKNOWN))
    return when(*cases, (since >= within, NOT_MET), otherwise=UNKNOWN)


def recent_treatment(leaf: words.RecentTreatment, place: Place) -> Tri:
    """Any of the treatments was given within so many days: by the record, else by somebody's word."""
    return any_of([_recent_agent(readings.agents()[agent], leaf.within_days, place) for agent in leaf.agents])


def _recent_agent(agent: AgentMeaning, within: int, place: Place) -> Tri:
    first, today = ibis.literal(place.as_of - timedelta(days=within)), ibis.literal(place.as_of)
    flags: list[Flag] = []
    services = ("tms",) if agent.id == "tms" else agent.drugs
    if services:
        given = _.service.isin(list(services)) & (_.day_earliest > first) & (_.day_latest <= today)
        flags.append(place.frame.over("treatments", ("since", services, within), given.any(), empty=False))
    if agent.drugs and within > 0:
        flags.append(open_now(agent, place))
    if agent.classes or agent.companion:
        ended = (_.ongoing != MET) & (_.counts == MET) & (_.end_earliest > first).coalesce(False)
        running = (_.ongoing == MET) if within > 0 else ibis.literal(False)
        listed = of_class(*agent.classes) if agent.classes else of_kind("antidepressant")
        key = ("taken", agent.classes, agent.companion, within)
        flags.append(place.frame.some_trial(key, listed & (running | ended)))
    return (
        when(*((flag, MET) for flag in flags), otherwise=_since(agent.since_question, within, place))
        if flags
        else _since(agent.since_question, within, place)
    )


def treatment_count(leaf: words.TreatmentCount, place: Place) -> Tri:
    """So many courses or sessions: what is on record is a floor, the number itself is somebody's word."""
    told = place.frame.said(f"payers.count.{leaf.of}" + ("_12_months" if leaf.within_months else ""))
    floor: Any = ibis.literal(0)
    if leaf.of == "tms_sessions":
        rows = (_.service == "tms") & (_.day_latest <= ibis.literal(place.as_of))
        if leaf.within_months:
            days = round(leaf.within_months * readings.reading("interval_days_of_a_month").value)
            rows = rows & (_.day_earliest >= ibis.literal(place.as_of - timedelta(days=days)))
        floor = place.frame.over("treatments", ("sessions", leaf.within_months), rows.cast("int64").sum(), empty=0)
    known = ibis.literal(False) if told is None else told.notnull()
    count = floor if told is None else ibis.greatest(told.coalesce(0), floor)
    parts: list[Tri] = []
    if leaf.at_least is not None:
        parts.append(when((count >= leaf.at_least, MET), (known, NOT_MET), otherwise=UNKNOWN))
    if leaf.at_most is not None:
        parts.append(when((count > leaf.at_most, NOT_MET), (known, MET), otherwise=UNKNOWN))
    return all_of(parts)


def episode_length(leaf: words.EpisodeLength, place: Place) -> Tri:
    """Weeks since the episode began: from its onset on record, else from somebody's word."""
    first, last = place.frame.of_person("episode_earliest"), place.frame.of_person("episode_latest")
    weeks, day = place.frame.said("payers.episode_weeks"), place.frame.said("payers.episode_weeks@day")
    told: Tri = UNKNOWN
    if weeks is not None:
        since = weeks if day is None else weeks + days_before(day, place.as_of).coalesce(0) / 7
        told = column(_lasted(leaf, since, since))
    if first is None or last is None:
        return told
    recorded = column(_lasted(leaf, days_before(last, place.as_of) / 7, days_before(first, place.as_of) / 7))
    # Somebody's word settles what the record leaves open; without one the record's own bounds stand.
    return when((recorded != UNKNOWN, recorded), otherwise=told)


def _lasted(leaf: words.EpisodeLength, low: Any, high: Any) -> Tri:
    parts: list[Tri] = []
    if leaf.min_weeks is not None:
        need = float(leaf.min_weeks)
        parts.append(when((low >= need, MET), (high < need, NOT_MET), otherwise=UNKNOWN))
    if leaf.max_weeks is not None:
        most = float(leaf.max_weeks)
        parts.append(when((high <= most, MET), (low > most, NOT_MET), otherwise=UNKNOWN))
    return all_of(parts)


def score_change(leaf: words.ScoreChange, place: Place) -> Tri:
    """How far a score moved; one listed scale is enough."""
    if "scores" not in place.frame.tables:
        return UNKNOWN
    names = depression_scales() if "any" in leaf.scales else leaf.scales
    parts = [column(_moved(leaf, name, place)) for name in names]
    best = any_of(parts)
    if "any" not in leaf.scales:
        return best
    worst = all_of(parts)
    return when((best == MET, MET), (worst == NOT_MET, NOT_MET), otherwise=UNKNOWN)


def _moved(leaf: words.ScoreChange, name: str, place: Place) -> Tri:
    """One scale's change; unknown where there are no two scores to compare, or the last one is out of date."""
    scores = place.frame.tables["scores"]
    whole = scores.filter(of_scale(name) & (_.low == _.high)).select("person", "day", "place", score=_.low)
    of = place.frame.derived((name, leaf.since, leaf.until), lambda: _pairs(whole, leaf))
    before, after, day = of("before"), of("after"), of("until")
    points = (before - after) if leaf.direction == "improvement" else (after - before)
    moved = points
    if leaf.unit == "percent":
        # From zero any change is beyond every percentage.
        from_zero = ibis.cases((points == 0, 0.0), (points > 0, float("inf")), else_=float("-inf"))
        moved = ibis.ifelse(before == 0, from_zero, points / before * 100)
    answer = inside(moved, leaf.op, float(leaf.value))
    if leaf.until == "latest":
        oldest = ibis.literal(place.as_of - timedelta(days=readings.reading("score_valid_days").value))
        return when(((day >= oldest) & before.notnull(), answer), otherwise=UNKNOWN)
    return when((before.notnull() & after.notnull(), answer), otherwise=UNKNOWN)


def _pairs(whole: Table, leaf: words.ScoreChange) -> Table:
    """The two scores compared, per person: `before`, `after` and the day of the latter."""
    if leaf.until == "latest":
        ending = whole.group_by("person").aggregate(until=_.day.argmax(_.place), after=_.score.argmax(_.place))
    else:
        firsts = whole.group_by("person").aggregate(first_place=_.place.min())
        rest = whole.join(firsts, "person").filter(_.place > _.first_place)
        order = -_.score * 1e6 - _.place
        ending = rest.group_by("person").aggregate(until=_.day.argmax(order), after=_.score.argmax(order))
    earlier = whole.join(ending, "person").filter(_.day < _.until)
    order = {"first": -_.place, "worst": _.score, "best": -_.score}[leaf.since]
    before = earlier.group_by("person").aggregate(before=_.score.argmax(order))
    return ending.join(before, "person")


COMPILERS: dict[type, Compiler] = {
    words.RecentEvent: lambda leaf, place: _since(f"payers.days_since.{leaf.of}", leaf.within_days, place),
    words.RecentTreatment: recent_treatment,
    words.TreatmentCount: treatment_count,
    words.EpisodeLength: episode_length,
    words.ScoreChange: score_change,
}
