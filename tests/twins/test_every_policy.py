"""Every policy says of everybody the same in tables as asked of one person, at every stage and for every service."""

from __future__ import annotations

import json

import pytest

from inconcert.exchange.fhir import read_bytes
from inconcert.knowledge.policies import policies
from inconcert.payers import Case
from inconcert.payers.determination import STAGES
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials
from inconcert.synthetic import clinic, demo_as_of
from support.drawn_people import people
from support.payer_cases import make_case
from support.twins import differences, drawn

ASKED = [(policy, service) for policy in policies().values() for service in policy.services]


@pytest.fixture(scope="module")
def clinic_cases() -> list[Case]:
    """Everybody of the invented clinic, read from their charts."""
    day, cases = demo_as_of(), []
    for name, bundle in clinic().items():
        (person,) = read_bytes(json.dumps(bundle).encode(), f"{name}.json", as_of=day).people
        history = rebuild_trials(person, day)
        cases.append(Case(person=person, history=history, safety=screen(person, history, day), as_of=day))
    return cases


@pytest.mark.parametrize("stage", STAGES)
def test_the_invented_clinic_gets_the_same_answers(stage: str, clinic_cases: list[Case]) -> None:
    """Each policy, service and stage: no person of the clinic is answered differently."""
    assert differences(clinic_cases, ASKED, stage) == []


def test_drawn_people_get_the_same_answers() -> None:
    """People drawn with any mix of facts: no policy answers them differently."""
    cases = [make_case(person) for person in drawn(people(), 60)]
    first = [(policy, policy.services[0]) for policy in policies().values()]
    assert differences(cases, first) == []
