"""The policy browser and the comparison of two policies."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from inconcert.knowledge.policies import policies
from inconcert.web.views.policies import described


def shown(page: str) -> int:
    """How many policies a page lists."""
    return page.count('<tr><th scope="row"><a href="/library/policies/')


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", lambda p: True),
        ("service=esketamine", lambda p: "esketamine" in p.services),
        ("line=medicaid_ffs", lambda p: p.file.line_of_business == "medicaid_ffs"),
        ("depth=full_text", lambda p: p.file.read_depth == "full_text"),
        ("state=US-OH", lambda p: "US-OH" in p.file.jurisdiction or "US" in p.file.jurisdiction),
        (
            "q=centene+tms",
            lambda p: "centene" in f"{p.id} {p.payer}".lower() and "tms" in f"{p.id} {p.file.title}".lower(),
        ),
        ("service=ect&q=nobody", lambda p: False),
    ],
)
def test_policies_are_found_by_each_filter(town: Any, query: str, expected: Any) -> None:
    """Each filter leaves exactly the policies that it names; where none is left the page says what to do."""
    page = town.client("nurse").get(f"{reverse('knowledge_shelf', args=['policies'])}?{query}").content.decode()
    count = sum(1 for policy in policies().values() if expected(policy))
    assert shown(page) == count
    assert ("None fits" in page) is (count == 0)


def test_a_day_leaves_out_what_surely_did_not_hold_and_marks_what_is_not_known(town: Any) -> None:
    """Texts that began later are left out; those without a date stay, marked as not known; a day that is none is said."""
    client, address = town.client("nurse"), reverse("knowledge_shelf", args=["policies"])
    page = client.get(f"{address}?on=2016-01-01").content.decode()
    later = [row for row in described() if row["from"] is not None and row["from"].earliest.year > 2016]
    undated = [row for row in described() if row["from"] is None and row["until"] is None]
    assert later
    assert undated
    assert not any(f"/library/policies/{row['id']}/" in page for row in later)
    assert all(f"/library/policies/{row['id']}/" in page for row in undated)
    assert "not known" in page
    assert "not a day that exists" in client.get(f"{address}?on=2026-02-30").content.decode()


def test_two_policies_side_by_side_and_for_whom_it_matters(town: Any) -> None:
    """The comparison lists what changed, and on request whose answer changes with it."""
    address = f"{reverse('policy_compare')}?a=centene-tms-2018&b=centene-ambetter-tms"
    page = town.client("psychiatrist").get(address).content.decode()
    assert "What changed" in page
    assert "at least 15" in page
    assert "Whose answer changes" not in page
    page = town.client("psychiatrist").get(f"{address}&people=yes").content.decode()
    assert "of 1 people of this clinic" in page


def test_whoever_sees_no_patient_sees_no_patient_in_a_comparison(town: Any) -> None:
    """A researcher compares the texts; whose answer changes is not theirs to see, also when asked for."""
    address = f"{reverse('policy_compare')}?a=centene-tms-2018&b=centene-ambetter-tms&people=yes"
    page = town.client("researcher").get(address).content.decode()
    assert "What changed" in page
    assert "Whose answer changes" not in page
    assert town.patient.family.upper() not in page


@pytest.mark.parametrize(
    "query",
    ["", "?a=none&b=none", "?a=aetna-tms", "?a=aetna-tms&b=aetna-tms", "?a=aetna-tms&b=cigna-spravato&people=yes"],
)
def test_a_comparison_of_nothing_is_a_page_as_well(town: Any, query: str) -> None:
    """Without two policies, with the same one twice, or with two on different treatments, the page says so."""
    page = town.client("psychiatrist").get(reverse("policy_compare") + query)
    assert page.status_code == 200
    said = {
        "?a=none&b=none": "Choose two",
        "?a=aetna-tms&b=aetna-tms": "say the same",
        "?a=aetna-tms&b=cigna-spravato&people=yes": "do not both speak",
    }
    assert said.get(query, "Compare") in page.content.decode()
