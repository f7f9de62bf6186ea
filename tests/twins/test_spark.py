"""Spark gives the answers that DuckDB gives, from the same expressions."""

from __future__ import annotations

import shutil

import pytest

from inconcert.knowledge.policies import policies
from support.drawn_people import people
from support.payer_cases import make_case
from support.twins import drawn, in_tables

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")


@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, which is not installed")
def test_spark_agrees_with_duckdb() -> None:
    """Drawn people under six policies that count trials, scores, codes, sessions and answers: the same answers from both."""
    cases = [make_case(person) for person in drawn(people(), 12)]
    ids = (
        "aetna-tms",
        "bcbsm-new-directions-tms-2016",
        "centene-tms-2018",
        "ohio-medicaid-spravato",
        "wa-lni-tms",
        "unattributed-rtms-form",
    )
    asked = [(policies()[policy_id], policies()[policy_id].services[0]) for policy_id in ids]
    assert in_tables(cases, asked, engine="spark") == in_tables(cases, asked)
