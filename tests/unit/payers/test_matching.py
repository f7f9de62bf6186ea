"""Which policies govern a person: names in the files, line of business, place; never a guess."""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.knowledge.policies import policies
from inconcert.payers import policies_for
from inconcert.record import HealthPlan, Origin, Person
from support.factories import day
from support.payer_cases import rows

MATCHES = """
payer                                         | plan                                 | region | policies
Aetna                                         | Open Choice PPO                      | TX     | aetna-spravato aetna-tms
AETNA                                         |                                      |        | aetna-spravato aetna-tms
Aetna Life Insurance Company                  | PPO                                  |        | aetna-spravato aetna-tms
Aetna Better Health of Ohio                   | Medicaid                             | OH     |
Aetna                                         | Medicare Advantage                   |        |
Cigna                                         | Open Access Plus                     |        | cigna-evernorth-tms cigna-spravato
UnitedHealthcare                              | Choice Plus                          |        | optum-uhc-tms uhc-spravato
UnitedHealthcare                              | Community Plan                       |        |
Independence Blue Cross (IBX)                 | Personal Choice                      |        | ibx-tms
Independence Blue Cross (IBX)                 | Keystone 65 Medicare Advantage       |        | ibx-medicare-advantage-tms
Blue Cross and Blue Shield of Illinois (HCSC) | PPO                                  | IL     | hcsc-spravato hcsc-tms
Blue Cross Blue Shield                        | PPO                                  | IL     |
Ambetter (Centene)                            | Essential Care                       |        | centene-ambetter-tms
Medicare                                      | Original Medicare Part B (Novitas)   | PA     | medicare-l34998-tms
Medicare                                      | Original Medicare Part B             | FL     | medicare-l34522-tms
Medicare                                      | Original Medicare Part B             | Ohio   | medicare-l36469-tms
Medicare                                      | Original Medicare Part B (Noridian)  | FL     | medicare-l37086-tms medicare-l37088-tms
Medicare                                      | Part B                               | TX     |
Medicare                                      | Medicare Advantage HMO               | FL     |
Premera                                       | Heritage                             |        |
Metna                                         |                                      |        |
"""


def holder(payer: str, plan: str = "", region: str = "", **more: object) -> Person:
    """A person with one coverage."""
    fields = {"start": day("2024-01-01"), "status": "active", "order": 1} | more
    cover = HealthPlan(id="Coverage/1", origin=Origin(resource="Coverage/1"), payer=payer, plan=plan, **fields)
    return Person(id="Patient/1", region=region, health_plans=(cover,))


@pytest.mark.parametrize(("payer", "plan", "region", "expected"), [tuple(r) for r in rows(MATCHES)[1:]])
def test_names_lines_and_places(payer: str, plan: str, region: str, expected: str) -> None:
    """A payer is matched by the names a policy file lists, in its line of business and place, and by nothing else."""
    found = policies_for(holder(payer, plan, region), date(2026, 11, 22))
    assert sorted(p.id for p, _ in found) == expected.split()
    assert all(reason for _, reason in found)


def test_superseded_texts_govern_nobody() -> None:
    """Cigna's text of 2016 and its earlier esketamine texts are carried but never matched."""
    found = {p.id for p, _ in policies_for(holder("Cigna"), date(2026, 11, 22))}
    assert not found & {p.id for p in policies().values() if p.superseded}


@pytest.mark.parametrize(("changes", "matched"), [
    ({"end": day("2026-11-21")}, False),
    ({"end": day("2026-11-22")}, True),
    ({"start": day("2026-11-23")}, False),
    ({"start": None}, True),
    ({"status": "cancelled"}, False),
])  # fmt: skip
def test_coverage_counts_on_its_days(changes: dict[str, object], matched: bool) -> None:
    """Coverage that ended yesterday, begins tomorrow or was cancelled governs nothing."""
    assert bool(policies_for(holder("Aetna", **changes), date(2026, 11, 22))) is matched


def test_nobody_insured_matches_nothing() -> None:
    """Without coverage there is no policy."""
    assert policies_for(Person(id="Patient/1"), date(2026, 11, 22)) == ()
