"""The way to yes in the site: not searched for every policy of the library, and shown on the page of the one asked about."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from inconcert.web import answers, charts
from inconcert.web.models import Patient

pytestmark = pytest.mark.django_db


def test_one_policys_page_shows_the_way_that_the_whole_library_leaves_out(
    town: Any, bundles: dict[str, Any], as_file: Any, today: Any
) -> None:
    """For a person without a plan the page says where the way is; the policy's own page shows it, with its step or its papers."""
    before = set(Patient.objects.values_list("pk", flat=True))
    charts.receive(town.here, name="taper-with-gap.json", data=as_file(bundles["taper-with-gap"]), by="x", on=today)
    patient = Patient.objects.filter(clinic=town.here).exclude(pk__in=before).get()
    client = town.client("authorization")
    paid = answers.answer(patient, today)["answers"]["paid"]
    assert not any(d["way_searched"] for d in paid["determinations"])
    page = client.get(reverse("patient", args=[patient.public_id])).content.decode()
    assert "open one payer in the table to see the way to its yes" in page
    with_way = [answers.one_policy(patient, today, name) for name in ("optum-uhc-tms", "aetna-spravato")]
    assert all(d["way_searched"] for d in with_way)
    for found in with_way:
        url = reverse("patient_policy", args=[patient.public_id, found["policy_id"], found["service"]])
        assert url in page
        opened = client.get(url).content.decode()
        assert ("Shortest way" in opened) is bool(found["shortest_way"])
    assert any(found["shortest_way"] for found in with_way)
