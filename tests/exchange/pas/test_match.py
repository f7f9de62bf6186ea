"""Whose answer is it: another claim's or another person's is refused; the guide's own answers are read."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inconcert.exchange.pas import ItemState, read_answers
from inconcert.judgement import Refusal
from support.pas import claim, entries, judged, reviewed

Json = dict[str, Any]


def _patient(value: Json) -> Json:
    return entries(value, "Patient")[0]


OTHERS: list[tuple[str, Callable[[Json, Json], Any], str]] = [
    ("another claim", lambda r, _: (r.pop("identifier"), r.update(request={"reference": "Claim/other"})), "answers claim 'other'"),
    ("no claim named", lambda r, _: (r.pop("identifier"), r.pop("request")), "does not say which claim"),
    ("another number", lambda r, _: r["identifier"][0].update(value="other"), "number of another claim"),
    ("no patient", lambda r, _: r.pop("patient"), "does not say which patient"),
    ("another patient's id", lambda r, v: (r.update(patient={"reference": "Patient/other"}), v["entry"].__delitem__(slice(1, None))), "nothing in it shows"),
    ("another record number", lambda _, v: _patient(v)["identifier"][0].update(value="INV-000000"), "another record number"),
    ("another birth date", lambda _, v: _patient(v).update(birthDate="1950-01-01"), "another date of birth"),
    ("another gender", lambda _, v: _patient(v).update(gender="male"), "another gender"),
    ("another name", lambda _, v: (_patient(v).pop("identifier"), _patient(v)["name"][0].update(family="Else")), "another family name"),
    ("an item of another", lambda r, _: r["item"][0].update(itemSequence=5), "item '5'"),
    ("a payment", lambda r, _: r.update(use="claim"), "not a preauthorization"),
    ("a mistake", lambda r, _: r.update(status="entered-in-error"), "entered in error"),
    ("answers an appointment", lambda r, v: r.update(request=r["patient"]), "not a Claim"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "reason"), [o[1:] for o in OTHERS], ids=[o[0] for o in OTHERS])
def test_an_answer_to_another_is_refused(answer, read, change, reason):
    """An answer to another claim or about another person is refused, naming the file, the reason and the mend."""
    value = answer(judged(1, reviewed("EXAMPLE-YES", number="A")))
    change(value["entry"][0]["resource"], value)
    with pytest.raises(Refusal, match=reason) as refused:
        read(value)
    assert refused.value.reason.startswith("answer.json: ")
    assert refused.value.mend


def test_the_payers_own_name_for_the_claim_will_do_with_our_number(answer, read):
    """A payer that stored the claim under an id of its own is matched by the number, and the reader is told so."""
    value = answer(
        judged(1, reviewed("EXAMPLE-YES")), judged(2, reviewed("EXAMPLE-YES")), request={"reference": "Claim/77123"}
    )
    found = read(value)
    assert found.state is ItemState.APPROVED
    assert "matched by its number" in found.not_understood[0]


def test_the_claim_itself_may_come_back_with_its_number(answer, read, sound):
    """Where the answer has no number but repeats our Claim, the repeated Claim's number counts."""
    value = answer(
        judged(1, reviewed("EXAMPLE-NO")), judged(2, reviewed("EXAMPLE-NO")), request={"reference": "Claim/77123"}
    )
    value["entry"][0]["resource"].pop("identifier")
    echoed = copy.deepcopy(claim(sound.bundle)) | {"id": "77123"}
    value["entry"].append({"fullUrl": "https://payer.invalid/fhir/Claim/77123", "resource": echoed})
    assert read(value).state is ItemState.DENIED
    echoed["identifier"][0]["value"] = "other"
    with pytest.raises(Refusal, match="number of another claim"):
        read(value)


@pytest.mark.parametrize(
    ("file", "state", "number", "end"),
    [
        ("Bundle-ReferralAuthorizationResponseBundleExample.json", ItemState.APPROVED, "AUTH0001", "2005-06-02"),
        ("Bundle-ReferralPendingAuthorizationResponseBundleExample.json", ItemState.PENDED, "PEND0001", "None"),
        ("Bundle-RejectionResponseBundleExample.json", ItemState.DENIED, "", "None"),
        ("Bundle-ErrorResponseBundleExample.json", ItemState.ERROR, "", "None"),
        ("Bundle-PASClaimInquiryResponseBundleExample.json", ItemState.APPROVED, "AUTH0001", "None"),
        ("Bundle-PASSubscriptionNotification.json", ItemState.APPROVED, "AUTH0001", "2005-06-02"),
        ("Parameters-PASClaimInquiryOperationResponseExample.json", ItemState.APPROVED, "AUTH0001", "None"),
        (
            "ClaimResponse-PractitionerRequestorAdditionalContentResponseExample.json",
            ItemState.APPROVED,
            "AUTH0001",
            "2005-06-02",
        ),
    ],
)
def test_the_guides_answers_are_read(official: Path, file, state, number, end):
    """Each published answer to the published referral request is read, from a Bundle, Parameters, a notification or alone."""
    request = json.loads((official / "Bundle-ReferralAuthorizationBundleExample.json").read_text(encoding="utf-8"))
    (found,) = read_answers((official / file).read_bytes(), file, request)
    item = found.items[0]
    assert found.state is state
    assert (item.authorization_number or item.reference_number, str(item.end)) == (number, end)


def test_every_other_example_is_refused_or_is_an_error(official: Path):
    """Requests, patients, coverages and the rest given as an answer are refused by name; a server's complaint is an error."""
    request = json.loads((official / "Bundle-ReferralAuthorizationBundleExample.json").read_text(encoding="utf-8"))
    refused = 0
    for path in sorted(official.glob("*.json")):
        if "Response" in path.name or "Notification" in path.name:
            continue
        with pytest.raises(Refusal, match=path.name):
            read_answers(path.read_bytes(), path.name, request)
        refused += 1
    assert refused > 25
    outcome = (official / "OperationOutcome-InvalidRequestResponse.json").read_bytes()
    (found,) = read_answers(outcome, "outcome.json", request)
    assert found.state is ItemState.ERROR
    assert "make sure" in found.not_understood[0]
