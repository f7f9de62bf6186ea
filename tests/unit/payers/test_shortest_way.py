"""The smallest sets of facts, held against trying every set of facts on the record itself."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inconcert.judgement import Answer
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers import STAGES, Case, determine
from inconcert.payers.asking import Asked, CaseView
from inconcert.payers.changes import Change, compatible, day_of, supposed, worlds
from inconcert.payers.determination import facts_of, tree_of
from inconcert.payers.evaluate import evaluate
from inconcert.payers.routes import MET, NO_LONGER_REFUSED, routes
from inconcert.payers.search import Search, search, smallest_sets
from inconcert.record import Person
from support.factories import day, order, procedure
from support.payer_cases import (
    COMPLETE,
    ESCITALOPRAM,
    MIRTAZAPINE,
    SERTRALINE,
    VENLAFAXINE,
    approvable,
    clear_person,
    failed,
    ill,
    make_case,
)

FEW = 9  # candidates up to which every set is tried; above it, sets are drawn
TRIALS = (SERTRALINE, VENLAFAXINE, ESCITALOPRAM, MIRTAZAPINE)
# Answers left out or turned around, alone or together: what stands between a person and an approval.
LEFT_OUT = (
    "payers.clinic.consent_risks", "payers.clinic.pdmp_checked", "payers.dsm_confirmed", "payers.psychotherapy_trial",
    "payers.psychotherapy_failed", "payers.clinic.supervision_direct", "payers.clinic.prescriber_specialty", "payers.judgment.",
    "payers.justification.", "payers.diagnosis_confirmed", "payers.documented.", "payers.trials_max_tolerated", "payers.ect.",
    "payers.trials_on_scale", "payers.clinic.rems_patient", "payers.clinic.monitoring_hours", "payers.days_since_tms",
    "payers.prior_tms", "payers.relapse", "payers.baseline_scale", "payers.clinic.protocol_variant", "payers.on_antidepressant",
    "payers.interim_improvement_percent", "payers.diagnosis.bipolar", "payers.severity", "payers.clinic.device_cleared",
)  # fmt: skip
TURNED: dict[str, str | float] = {
    "payers.psychotherapy_trial": "no", "payers.ketamine_now": "yes", "payers.clinic.setting": "inpatient",
    "payers.clinic.prescriber_specialty": "other", "payers.clinic.pdmp_checked": "no", "payers.hazard.pacemaker": "yes",
    "payers.days_since_tms": 30, "payers.days_since_substance_use": 10, "payers.interim_improvement_percent": 5,
    "payers.psychotropic_change_planned": "yes", "payers.clinic.monitoring_hours": 1, "payers.prior_tms": "yes",
    "payers.clinic.supervision_onsite": "no", "payers.acute_suicidality": "yes", "payers.dsm_confirmed": "no",
}  # fmt: skip


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Somebody for whom a few things stand in the way: trials too few or too short, answers missing or against, a low score."""
    trials: list[Any] = []
    for drug, start, end, mg in TRIALS:
        if draw(st.integers(0, 2)) == 0:
            outcome = draw(st.sampled_from(["nonresponse", "nonresponse", "partial", "intolerance", "response", ""]))
            trials.append(failed(drug, start, end, mg, outcome=outcome, improvement_percent=None))
    if draw(st.booleans()):
        drug, mg = draw(st.sampled_from([("duloxetine", 60.0), ("mirtazapine", 30.0), ("citalopram", 40.0)]))
        trials.append(order(drug, draw(st.sampled_from(["2026-11-01", "2026-10-05", "2025-12-01"])), None, mg))
    if draw(st.booleans()):
        trials.append(COMPLETE)
    if draw(st.integers(0, 3)) == 0:
        trials.append(procedure("90868", "2026-10-01"))
    without = tuple(draw(st.lists(st.sampled_from(LEFT_OUT), unique=True, max_size=2)))
    turned = draw(st.lists(st.sampled_from(sorted(TURNED)), unique=True, max_size=2))
    scores = draw(st.sampled_from([ill(), ill(), ill(9), ()]))
    person = clear_person(*scores, *trials, without=without, **{q: TURNED[q] for q in turned})
    born = draw(st.sampled_from(["1980-01-01", "1980-01-01", "2009-01-15", "2008-12"]))
    return dataclasses.replace(person, birth=day(born))


def start(case: Case, policy: CoveragePolicy, service: str, stage: str, together: tuple[str, ...]) -> Search | None:
    """The search of one determination; None where there is nothing to search."""
    tree = tree_of(policy, stage)
    found = determine(policy, case, service, stage=stage, together_with=together)
    if tree is None or found.answer is Answer.MET or found.decision == "not_in_force":
        return None
    asked = Asked(policy, CaseView(case), service, stage, together, facts_of(policy, stage))
    return search(evaluate(tree, asked), asked)


def really(found: Search, case: Case, changes: tuple[Change, ...]) -> Answer:
    """The answer of the whole with these facts: a new record, new trials, a new screen, a new determination."""
    asked = found.asked
    apart = {service for change in changes for service in change.apart}
    together = tuple(s for s in asked.together_with if s not in apart)
    there = supposed(case, changes)
    return determine(asked.policy, there, asked.service, stage=asked.stage, together_with=together).answer


def every_set(found: Search) -> Iterator[frozenset[int]]:
    """Every set of up to three facts that can all be true, small ones first."""
    for size in range(4):
        for chosen in itertools.combinations(range(len(found.candidates)), size):
            if compatible(found.changes(chosen)):
                yield frozenset(chosen)


def by_brute_force(found: Search, case: Case, goal: frozenset[Answer]) -> set[frozenset[int]]:
    """All smallest sets of up to three facts that reach the goal, by trying each on the record."""
    kept: set[frozenset[int]] = set()
    for chosen in every_set(found):
        if not any(smaller <= chosen for smaller in kept) and really(found, case, found.changes(chosen)) in goal:
            kept.add(chosen)
    return kept


def check(found: Search, case: Case, goal: frozenset[Answer]) -> int:
    """Hold the sets found against all sets, or against some where there are too many; how many were found."""
    mine = set(smallest_sets(found, goal))

    def told(sets: set[frozenset[int]]) -> list[list[str]]:
        return sorted([found.candidates[i].id for i in sorted(s)] for s in sets)

    if len(found.candidates) <= FEW:
        assert told(mine) == told(by_brute_force(found, case, goal)), found.asked.policy.id
        return len(mine)
    for chosen in list(mine)[:20]:
        assert really(found, case, found.changes(chosen)) in goal
        for size in range(len(chosen)):
            for part in itertools.combinations(sorted(chosen), size):
                assert really(found, case, found.changes(part)) not in goal
    others = [s for s in every_set(found) if not any(m <= s for m in mine)]
    for chosen in random.Random(len(others)).sample(others, min(30, len(others))):
        assert really(found, case, found.changes(chosen)) not in goal, told({chosen})
    return len(mine)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], report_multiple_bugs=False)
@given(
    people(),
    st.sampled_from(sorted(policies())),
    st.sampled_from(STAGES),
    st.sampled_from([(), ("esketamine",), ("iv_ketamine",)]),
)
@example(make_case(clear_person(*ill(), failed(*SERTRALINE), COMPLETE)).person, "optum-uhc-tms", "initial", ())
@example(make_case(clear_person(*ill(), failed(*SERTRALINE), COMPLETE, order("mirtazapine", "2026-11-01", None, 30))).person,
         "aetna-tms", "initial", ())  # fmt: skip
@example(approvable().person, "centene-ambetter-tms", "initial", ("esketamine",))
def test_the_sets_found_are_exactly_the_smallest(
    person: Person, policy_id: str, stage: str, together: tuple[str, ...]
) -> None:
    """Each set turns the whole on the record itself, no part of it does, and no other set of up to three facts does."""
    case, policy = make_case(person), policies()[policy_id]
    found = start(case, policy, policy.services[0], stage, together)
    if found is not None:
        check(found, case, MET)
        if found.judged.answer is Answer.NOT_MET:
            check(found, case, NO_LONGER_REFUSED)


def test_every_policy_is_searched_to_the_end_for_one_person() -> None:
    """One failure of two, nothing else in the way: over all policies the sets are exact, and many policies have one."""
    case = make_case(clear_person(*ill(), failed(*SERTRALINE), COMPLETE))
    number = 0
    for policy in policies().values():
        found = start(case, policy, policy.services[0], "initial", ())
        if found is not None and len(found.candidates) <= 6:
            number += check(found, case, MET)
    assert number > 40


@settings(max_examples=25, deadline=None)
@given(people(), st.data())
def test_what_is_kept_between_worlds_is_what_would_be_worked_out_anew(person: Person, data: st.DataObject) -> None:
    """A record with facts on it is the same person, day, trials and screen whether parts of it were kept or all was made anew."""
    case = make_case(person)
    policy = policies()[data.draw(st.sampled_from(["aetna-tms", "optum-uhc-tms", "aetna-spravato"]))]
    found = start(case, policy, policy.services[0], "initial", ())
    if found is None or not found.candidates:
        return
    some = data.draw(st.lists(st.sampled_from(found.candidates), min_size=1, max_size=3, unique_by=lambda c: c.id))
    chosen = [c for i, c in enumerate(some) if compatible(some[: i + 1]) and not c.apart]
    quick, anew = worlds(found.asked.view).view(chosen).case, supposed(case, chosen)
    assert (quick.as_of, quick.person) == (anew.as_of, anew.person)
    assert quick.history == anew.history
    assert quick.safety == anew.safety


@settings(max_examples=30, deadline=None)
@given(people(), st.sampled_from(sorted(policies())))
def test_a_route_says_its_day_and_its_cost(person: Person, policy_id: str) -> None:
    """The day of a route is the day on which its facts could all be true; no step of it is later; weeks are counted from today."""
    case, policy = make_case(person), policies()[policy_id]
    found = start(case, policy, policy.services[0], "initial", ())
    if found is None:
        return
    by_id = {c.id: c for c in found.candidates}
    told = routes(found.judged, found.asked)
    for route in told:
        days = [day_of([by_id[i] for i in chosen], case.as_of) for chosen in route.sets]
        assert route.earliest == min(days)
        assert route.weeks == pytest.approx((route.earliest - case.as_of).days / 7)
        assert all(s.earliest is None or s.earliest <= route.earliest for s in route.steps)
        assert (route.reaches is Answer.MET) is not bool(route.still_open)
        assert all(step.settles and step.text for step in route.steps)
    sensible = [r.weeks for r in told if not r.pointless]
    assert sensible == sorted(sensible)
