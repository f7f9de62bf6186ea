"""Our own profile checks: the guide's examples pass or are flagged for a reason we can name; one change is one finding."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.exchange.pas import FindingKind, check_bundle
from inconcert.judgement import Refusal
from support.pas import claim, entries

Json = dict[str, Any]
_AWAY = "which is not in the Bundle"
# The guide's examples that do not keep the guide's own rules: (where, what). All else must pass.
KNOWN_FLAWS = {
    "Bundle-SurgicalRequestBundleExample.json": [
        ("Bundle.entry[6].resource.practitioner", _AWAY),
        ("Bundle.entry[6].resource.location[0]", _AWAY),
    ],
    "Bundle-ReferralAuthorizationResponseBundleExample.json": [("Bundle.entry[0].resource.requestor", _AWAY)],
    "Bundle-ReferralPendingAuthorizationResponseBundleExample.json": [("Bundle.entry[0].resource.requestor", _AWAY)],
}
EXAMPLES = (
    "Error Response|ErrorResponse", "HomecareAuthorization", "HomecareAuthorizationUpdate", "MedicalServicesAuthorization",
    "PASClaimInquiry", "PASClaimInquiryResponse", "ReferralAuthorization", "ReferralAuthorizationResponse",
    "ReferralPendingAuthorizationResponse", "RejectionResponse", "SurgicalRequest",
)  # fmt: skip


@pytest.mark.parametrize("name", [e.rpartition("|")[2] for e in EXAMPLES])
def test_the_guides_examples(official: Path, name: str):
    """Each published Bundle passes, but for a reference that leads out of it, which is named at its place."""
    file = f"Bundle-{name}BundleExample.json"
    result = check_bundle(json.loads((official / file).read_text(encoding="utf-8")))
    expected = KNOWN_FLAWS.get(file, [])
    assert [(f.where, f.kind) for f in result.findings] == [(where, FindingKind.FAULT) for where, _ in expected]
    assert all(what in f.text for f, (_, what) in zip(result.findings, expected, strict=True))


def test_a_notification_is_none_of_the_four(official: Path):
    """The guide's notification is a history of operations, not a request or answer, and fails as such."""
    bundle = json.loads((official / "Bundle-PASSubscriptionNotification.json").read_text(encoding="utf-8"))
    assert "Bundle.type" in {f.where for f in check_bundle(bundle).findings}


def _drop(kind: str) -> Callable[[Json], None]:
    def change(bundle: Json) -> None:
        bundle["entry"] = [e for e in bundle["entry"] if e["resource"]["resourceType"] != kind]

    return change


def _on(kind: str, change: Callable[[Json], Any]) -> Callable[[Json], None]:
    return lambda bundle: change(entries(bundle, kind)[0])


def _item(change: Callable[[Json], Any]) -> Callable[[Json], None]:
    return lambda bundle: change(claim(bundle)["item"][0])


def _without(url_end: str) -> Callable[[Json], None]:
    def change(element: Json) -> None:
        element["extension"] = [e for e in element["extension"] if not e["url"].endswith(url_end)]

    return change


# One change to a sound request, and a place that must then be found.
MUTATIONS: list[tuple[str, Callable[[Json], Any], str]] = [
    ("type", lambda b: b.update(type="batch"), "Bundle.type"),
    ("no identifier", lambda b: b.pop("identifier"), "Bundle.identifier"),
    ("no timestamp", lambda b: b.pop("timestamp"), "Bundle.timestamp"),
    ("empty", lambda b: b.update(entry=[]), "Bundle.entry"),
    ("claim not first", lambda b: b["entry"].append(b["entry"].pop(0)), "Bundle.entry[0]"),
    ("no claim", _drop("Claim"), "Bundle.entry:Claim"),
    ("three claims", lambda b: b["entry"].extend([copy.deepcopy(b["entry"][0]) | {"fullUrl": f"urn:x:{n}"} for n in (1, 2)]), "Bundle.entry:Claim"),
    ("no fullUrl", lambda b: b["entry"][2].pop("fullUrl"), "Bundle.entry[2].fullUrl"),
    ("fullUrl twice", lambda b: b["entry"][2].update(fullUrl=b["entry"][1]["fullUrl"]), "Bundle.entry[2].fullUrl"),
    ("fullUrl of another", lambda b: b["entry"][2].update(fullUrl="https://clinic.invalid/fhir/Organization/other"), "Bundle.entry[2].fullUrl"),
    ("an operation in it", lambda b: b["entry"][1].update(request={"method": "POST", "url": "x"}), "Bundle.entry[1].request"),
    ("a search in it", lambda b: b["entry"][1].update(search={"mode": "match"}), "Bundle.entry[1].search"),
    ("no patient", _drop("Patient"), "Bundle.entry[0].resource.patient"),
    ("no coverage", _drop("Coverage"), "Bundle.entry[0].resource.insurance[0].coverage"),
    ("no organizations", _drop("Organization"), "Bundle.entry[0].resource.insurer"),
    ("status", _on("Claim", lambda c: c.update(status="draft")), "Bundle.entry[0].resource.status"),
    ("use", _on("Claim", lambda c: c.update(use="claim")), "Bundle.entry[0].resource.use"),
    ("claim type", _on("Claim", lambda c: c["type"]["coding"][0].update(code="pharmacy")), "Bundle.entry[0].resource.type"),
    ("created", _on("Claim", lambda c: c.pop("created")), "Bundle.entry[0].resource.created"),
    ("priority", _on("Claim", lambda c: c.pop("priority")), "Bundle.entry[0].resource.priority"),
    ("no insurer", _on("Claim", lambda c: c.pop("insurer")), "Bundle.entry[0].resource.insurer"),
    ("insurer is the patient", _on("Claim", lambda c: c.update(insurer=c["patient"])), "Bundle.entry[0].resource.insurer"),
    ("no provider", _on("Claim", lambda c: c.pop("provider")), "Bundle.entry[0].resource.provider"),
    ("three identifiers", _on("Claim", lambda c: c["identifier"].extend(c["identifier"] * 2)), "Bundle.entry[0].resource.identifier"),
    ("identifier without system", _on("Claim", lambda c: c["identifier"][0].pop("system")), "Bundle.entry[0].resource.identifier[0]"),
    ("an earlier claim", _on("Claim", lambda c: c.update(related=[{"claim": {"display": "x"}}])), "Bundle.entry[0].resource.related"),
    ("not focal", _on("Claim", lambda c: c["insurance"][0].update(focal=False)), "Bundle.entry[0].resource.insurance[0].focal"),
    ("no insurance", _on("Claim", lambda c: c.pop("insurance")), "Bundle.entry[0].resource.insurance"),
    ("team scope", _on("Claim", lambda c: c["careTeam"][0].pop("extension")), "Bundle.entry[0].resource.careTeam[0].extension:careTeamClaimScope"),
    ("team scope in words", _on("Claim", lambda c: c["careTeam"][0]["extension"][0].update(valueBoolean="true")), "Bundle.entry[0].resource.careTeam[0].extension:careTeamClaimScope"),
    ("no items", _on("Claim", lambda c: c.update(item=[])), "Bundle.entry[0].resource.item"),
    ("sequence twice", _on("Claim", lambda c: c["item"][1].update(sequence=1)), "Bundle.entry[0].resource.item.sequence"),
    ("sequence zero", _item(lambda i: i.update(sequence=0)), "Bundle.entry[0].resource.item.sequence"),
    ("points to no diagnosis", _item(lambda i: i.update(diagnosisSequence=[9])), "Bundle.entry[0].resource.item[0].diagnosisSequence"),
    ("points to no enclosure", _item(lambda i: i.update(informationSequence=[99])), "Bundle.entry[0].resource.item[0].informationSequence"),
    ("no category", _item(lambda i: i.pop("category")), "Bundle.entry[0].resource.item[0].category"),
    ("no place", _item(lambda i: i.pop("locationCodeableConcept")), "Bundle.entry[0].resource.item[0].location[x]"),
    ("place of another table", _item(lambda i: i["locationCodeableConcept"]["coding"][0].update(system="urn:x")), "Bundle.entry[0].resource.item[0].location[x]"),
    ("no service", _item(lambda i: i.pop("productOrService")), "Bundle.entry[0].resource.item[0].productOrService"),
    ("service of another table", _item(lambda i: i["productOrService"]["coding"][0].update(system="http://snomed.info/sct")), "Bundle.entry[0].resource.item[0].productOrService"),
    ("no request type", _item(_without("serviceItemRequestType")), "Bundle.entry[0].resource.item[0].extension:request_type"),
    ("no certification type", _item(_without("certificationType")), "Bundle.entry[0].resource.item[0].extension:certification_type"),
    ("month alone", _item(lambda i: i["servicedPeriod"].update(start="2026-12")), "Bundle.entry[0].resource.item[0].servicedPeriod.start"),
    ("ends before it starts", _item(lambda i: i["servicedPeriod"].update(end="2026-01-01")), "Bundle.entry[0].resource.item[0].servicedPeriod"),
    ("quantity in words", _item(lambda i: i["quantity"].update(value="36")), "Bundle.entry[0].resource.item[0].quantity.value"),
    ("quantity none", _item(lambda i: i["quantity"].update(value=0)), "Bundle.entry[0].resource.item[0].quantity.value"),
    ("order is a form", lambda b: _order_to(b, "QuestionnaireResponse"), "Bundle.entry[0].resource.item[0].extension:requestedService"),
    ("diagnosis in words", _on("Claim", lambda c: c["diagnosis"][0].update(diagnosisCodeableConcept={"text": "depression"})), "Bundle.entry[0].resource.diagnosis[0].diagnosisCodeableConcept"),
    ("diagnosis by reference", _on("Claim", lambda c: c["diagnosis"][0].update(diagnosisReference=c["patient"])), "Bundle.entry[0].resource.diagnosis[0].diagnosis[x]"),
    ("two diagnosis types", _on("Claim", lambda c: c["diagnosis"][0].update(type=[{}, {}])), "Bundle.entry[0].resource.diagnosis[0].type"),
    ("enclosure without report type", _on("Claim", lambda c: c["supportingInfo"][0].pop("extension")), "Bundle.entry[0].resource.supportingInfo[0].extension:documentInformation"),
    ("enclosure of nothing", _on("Claim", lambda c: c["supportingInfo"][0].pop("valueReference")), "Bundle.entry[0].resource.supportingInfo[0].value[x]"),
    ("enclosure of the coverage", _on("Claim", lambda c: c["supportingInfo"][0].update(valueReference=c["insurance"][0]["coverage"])), "Bundle.entry[0].resource.supportingInfo[0].value[x]"),
    ("enclosure without category", _on("Claim", lambda c: c["supportingInfo"][0].pop("category")), "Bundle.entry[0].resource.supportingInfo[0].category"),
    ("birth month", _on("Patient", lambda p: p.update(birthDate="1984-03")), "birthDate"),
    ("no name", _on("Patient", lambda p: p.pop("name")), "name"),
    ("no gender", _on("Patient", lambda p: p.pop("gender")), "gender"),
    ("organization not active", _on("Organization", lambda o: o.update(active=False)), "active"),
    ("organization without name", _on("Organization", lambda o: o.pop("name")), "name"),
    ("practitioner without name", _on("Practitioner", lambda p: p.pop("name")), "name.family"),
    ("role without practitioner", _on("PractitionerRole", lambda r: r.pop("practitioner")), "practitioner"),
    ("role without telephone", _on("PractitionerRole", lambda r: r.pop("telecom")), "telecom"),
    ("coverage cancelled", _on("Coverage", lambda c: c.update(status="cancelled")), "status"),
    ("two payers", _on("Coverage", lambda c: c["payor"].append(c["payor"][0])), "payor"),
    ("no member number", _on("Coverage", lambda c: c.pop("identifier")), "identifier:memberid"),
    ("no subscriber", _on("Coverage", lambda c: c.pop("subscriber")), "subscriber"),
    ("a plan, not an order", _on("ServiceRequest", lambda s: s.update(intent="plan")), "intent"),
    ("document by address", _on("DocumentReference", lambda d: d["content"][0]["attachment"].update(url="http://x.invalid")), "data"),
    ("document empty", _on("DocumentReference", lambda d: d["content"][0]["attachment"].pop("data")), "data"),
    ("form without questionnaire", _on("QuestionnaireResponse", lambda q: q.pop("questionnaire")), "questionnaire"),
    ("a way out", _on("Procedure", lambda p: p.update(encounter={"reference": "Encounter/elsewhere"})), "encounter"),
]  # fmt: skip


def _order_to(bundle: Json, kind: str) -> None:
    name = entries(bundle, kind)[0]["id"]
    service = next(e for e in claim(bundle)["item"][0]["extension"] if e["url"].endswith("requestedService"))
    service["valueReference"]["reference"] = f"{kind}/{name}"


@pytest.mark.parametrize(("change", "where"), [m[1:] for m in MUTATIONS], ids=[m[0] for m in MUTATIONS])
def test_one_change_is_found(sound, change, where):
    """Each single fault put into a sound request is found at its place, with a mend."""
    bundle = copy.deepcopy(sound.bundle)
    assert check_bundle(bundle).passes
    change(bundle)
    result = check_bundle(bundle)
    hit = [f for f in result.findings if f.where == where or f.where.endswith(f".{where}")]
    assert hit, [f.where for f in result.findings]
    assert all(f.mend and f.text and f.rule for f in hit)


def test_the_older_shape_asks_less(one):
    """What 2.2.1 added (place, request type, kind of report) is not asked of a 2.0.1 Bundle, and its absence is found in 2.2.1."""
    bundle = one(("rtms",), shape="2.0.1").bundle
    assert check_bundle(bundle, shape="2.0.1").passes
    assert not any(i.get("extension") for i in claim(bundle)["supportingInfo"])
    assert {f.rule for f in check_bundle(bundle).findings} == {"1..1"}


@pytest.mark.parametrize("thing", [None, [], "x", 3, {}, {"resourceType": "Claim"}])
def test_what_is_no_bundle_is_refused(thing):
    """Anything but a Bundle is refused with a mend."""
    with pytest.raises(Refusal, match="no Bundle"):
        check_bundle(thing)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["resource", "resourceType", "fullUrl", "entry", "item", "extension", "url", "reference", "sequence", "coding",
         "insurance", "supportingInfo", "diagnosis", "careTeam", "payor", "content", "meta", "profile", "servicedPeriod"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(entry=st.lists(_JSON, max_size=4), kinds=st.lists(st.sampled_from(["Claim", "ClaimResponse", "Coverage", "Patient", "PractitionerRole"]), max_size=3), filler=_JSON)  # fmt: skip
def test_any_json_is_judged_and_nothing_breaks(entry, kinds, filler):
    """Whatever stands in a Bundle, the check gives findings; it never breaks."""
    more = [
        {"fullUrl": "x", "resource": (filler if isinstance(filler, dict) else {}) | {"resourceType": k}} for k in kinds
    ]
    result = check_bundle({"resourceType": "Bundle", "entry": [*entry, *more]})
    assert not result.passes
