"""Whose shortest way is searched: the person's own policies' and those named, never that of a policy that is nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from inconcert.assessment import as_json, assess
from inconcert.judgement import Answer
from inconcert.payers import routes
from support.payer_cases import COMPLETE, DAY, SERTRALINE, clear_person, failed, ill

PERSON = clear_person(*ill(), failed(*SERTRALINE), COMPLETE, without=("payers.psychotherapy_trial",))


def no_search(*_: Any) -> Any:
    """Stands where the search does, and must not be called."""
    raise AssertionError("the shortest way was searched for")


@pytest.mark.parametrize("payers", [None, ["all"]])
def test_for_nobodys_policies_no_way_is_searched(monkeypatch: pytest.MonkeyPatch, payers: list[str] | None) -> None:
    """With no plan known, or every policy asked, the JSON holds answers and what is missing, and says how to ask for a way."""
    monkeypatch.setattr(routes, "smallest_sets", no_search)
    paid = as_json(assess(PERSON, as_of=DAY, payers=payers))["answers"]["paid"]
    assert "--payer POLICY" in paid["ways_text"]
    found = paid["determinations"]
    assert len(found) == len(paid["library"])
    assert not any(d["way_searched"] or d["routes"] for d in found)
    assert any(d["answer"] == Answer.NOT_MET.value for d in found)
    for d in found:
        assert d["missing"] or d["answer"] != Answer.UNKNOWN.value
        assert all(step["id"].startswith("ask:") for step in d["shortest_way"])
    assert any(step["document"] for d in found for step in d["shortest_way"])


def test_a_policy_that_is_named_is_searched() -> None:
    """The same person with one policy named is told the way to its yes."""
    paid = as_json(assess(PERSON, as_of=DAY, payers=["optum-uhc-tms"]))["answers"]["paid"]
    (found,) = paid["determinations"]
    assert paid["ways_text"] == ""
    assert found["way_searched"]
    assert found["routes"]
    assert any(step["earliest"] for step in found["shortest_way"])
