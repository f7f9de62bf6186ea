"""How a payer is asked: prior authorization by date, network and product; urgent requests."""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.judgement import Answer
from inconcert.knowledge.policies import policies, policy_from_text
from inconcert.payers import determine
from inconcert.payers.process import process_of
from support.factories import make_person
from support.payer_cases import make_case, say

EVERNORTH = policies()["cigna-evernorth-tms"]


def asked(network: str = "", product: str = "", outside: str = "", on: date = date(2026, 11, 22)) -> object:
    """The process of Evernorth for somebody whose clinic and plan answered so."""
    told = {"clinic.network_contracted": network, "plan_product": product, "treated_outside_home_state": outside}
    return process_of(
        EVERNORTH,
        make_case(make_person(*(say(f"payers.{q}", a, "2026-01-01") for q, a in told.items() if a)), on),
        "rtms",
    )


@pytest.mark.parametrize(("network", "product", "outside", "on", "word", "asks"), [
    ("yes", "no", "", "2026-11-22", "not_required", []),
    ("yes", "yes", "no", "2026-11-22", "not_required", []),
    ("yes", "yes", "yes", "2026-11-22", "required", []),
    ("no", "", "", "2026-11-22", "required", []),
    ("no", "no", "", "2026-11-22", "required", []),
    ("yes", "", "", "2026-11-22", "conditional", ["payers.plan_product", "payers.treated_outside_home_state"]),
    ("", "no", "", "2026-11-22", "conditional", ["payers.clinic.network_contracted"]),
    ("yes", "no", "", "2026-02-01", "conditional", []),  # before 6 March 2026 the file does not say
])  # fmt: skip
def test_evernorth_asks_by_date_network_and_product(
    network: str, product: str, outside: str, on: str, word: str, asks: list[str]
) -> None:
    """Contracted clinics need none from 6 March 2026, but for one product outside its home state; the rest does."""
    found = asked(network, product, outside, date.fromisoformat(on))
    assert found.prior_auth == word  # type: ignore[attr-defined]
    assert [q.id for q in found.missing] == asks  # type: ignore[attr-defined]


def test_the_criteria_bind_even_where_nobody_asks_beforehand() -> None:
    """Without prior authorization the record is judged afterwards; the answer says so."""
    assert asked("yes", "no").medical_necessity_still_applies  # type: ignore[attr-defined]
    assert not asked("no").medical_necessity_still_applies  # type: ignore[attr-defined]


URGENT = policy_from_text(
    """id: urgent
payer: A Payer
payer_names: [a payer]
line_of_business: commercial
jurisdiction: [US]
policy_number: P 1
title: A draft
services: [esketamine]
version: {effective: 2026-01-01}
status: read
read_depth: full_text
checked_on: 2026-11
sources: [{ref: "https://example.org", kind: payer}]
process:
  prior_auth: required
  rules:
    - {if: {fact: suicidality, level: acute_ideation_or_behavior}, expedited: true, decide_within_hours: 24}
combination: {clause: silent}
criteria: {fact: age, min: 18}
""",
    "urgent.yaml",
)


@pytest.mark.parametrize(("acute", "expedited", "hours", "asks"), [
    ("yes", Answer.MET, 24, []),
    ("no", Answer.NOT_MET, None, []),
    ("", Answer.UNKNOWN, None, ["payers.acute_suicidality"]),
])  # fmt: skip
def test_acute_suicidality_makes_a_request_urgent(
    acute: str, expedited: Answer, hours: int | None, asks: list[str]
) -> None:
    """A rule of the policy that expedites is judged like a criterion, and tells by when it is decided."""
    person = make_person(*([say("payers.acute_suicidality", acute)] if acute else []))
    found = process_of(URGENT, make_case(person), "esketamine")
    assert (found.prior_auth, found.expedited, found.decide_within_hours) == ("required", expedited, hours)
    assert [q.id for q in found.missing] == asks


@pytest.mark.parametrize("name", list(policies()))
def test_every_policy_says_how_it_is_asked(name: str) -> None:
    """Of a person of whom nothing is known each policy gives the word of its file, or names what it depends on."""
    found = process_of(policies()[name], make_case(make_person()), policies()[name].services[0])
    assert found.prior_auth == policies()[name].file.process.prior_auth
    assert bool(found.missing) is bool(policies()[name].process_rules)


def test_a_determination_tells_how_one_asks() -> None:
    """What is authorized ends with whether the payer wants to be asked, for a policy with rules about it."""
    case = make_case(make_person(say("payers.clinic.network_contracted", "yes"), say("payers.plan_product", "no")))
    assert determine(EVERNORTH, case, "rtms").authorizes.endswith(
        "No prior authorization is asked, and the criteria bind all the same."
    )
    assert determine(
        URGENT, make_case(make_person(say("payers.acute_suicidality", "yes"))), "esketamine"
    ).authorizes.endswith("Prior authorization is asked. A request is expedited, decided within 24 hours.")
    assert "Prior authorization" not in determine(policies()["aetna-tms"], case, "rtms").authorizes
