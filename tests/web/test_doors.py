"""Every address, asked by everybody: nobody sees what is not theirs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from inconcert.payers.authorization.times import moment_on
from inconcert.web import desk_entries, desk_papers, middleware, permissions
from inconcert.web.models import AccessEvent, AuthorizationEntry, ChartPart, ChartUpload, Membership
from inconcert.web.permissions import ALLOWED, DOORS, Action, Door, Role, can, check_can

WHO = ["anonymous", *[role.value for role in Role], "outsider", "unplaced"]
NAMES = sorted(DOORS)


def addresses(patterns: list[URLPattern | URLResolver] | None = None) -> list[str]:
    """The names of every address the resolver knows."""
    found = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            found += addresses(pattern.url_patterns)
        else:
            found.append(str(pattern.name))
    return found


def arguments(name: str, town: Any, *, foreign: bool = False, missing: bool = False) -> dict[str, Any]:
    """What an address needs to be written out: of our patient, of another clinic's, or of nobody."""
    patient = town.foreign if foreign else town.patient
    upload = ChartUpload.objects.get(parts__patient=patient)
    part = ChartPart.objects.get(upload=upload)
    record = upload.resources.exclude(owner="").first()
    nobody = uuid.UUID(int=7)
    one = {
        "patient_id": nobody if missing else patient.public_id,
        "upload_id": nobody if missing else upload.public_id,
        "part_id": 0 if missing else part.pk,
        "key": record.key,
        "form": "json",
        "policy_id": "none",
        "service": "none",
        "shelf": "scales",
        "entry_id": "phq9",
        "name": "forest" if name == "evidence_picture" else "forest.csv",
        "study_id": "SHANOK2024",
        "row_id": "SHANOK2024/comb/PHQ9/63/remission",
    }
    if name in ("cds_service", "dtr_form"):
        one |= {"service": "inconcert-order-sign", "policy_id": "aetna-tms"}
    wanted = {
        "patient": ["patient_id"], "patient_files": ["patient_id"], "patient_numbers": ["patient_id"],
        "patient_picture": ["patient_id"], "patient_record": ["patient_id", "key"], "patient_report": ["patient_id", "form"],
        "patient_policy": ["patient_id", "policy_id", "service"],
        "upload": ["upload_id"], "upload_original": ["upload_id"], "upload_match": ["upload_id", "part_id"],
        "authorization": ["authorization_id"], "authorization_bundle": ["authorization_id"],
        "authorization_response": ["authorization_id"], "authorization_move": ["authorization_id", "move_id"],
        "authorization_packet": ["authorization_id", "kind"], "authorization_correct": ["authorization_id", "correct_id"],
        "authorization_file": ["authorization_id", "file_id"], "authorization_new": ["patient_id"],
        "knowledge_shelf": ["shelf"], "knowledge_entry": ["shelf", "entry_id"],
        "cds_service": ["service"], "dtr_form": ["policy_id"],
        "evidence_picture": ["name"], "evidence_file": ["name"], "evidence_study": ["study_id"], "evidence_row": ["row_id"],
    }  # fmt: skip
    if name.startswith("authorization"):
        one |= request_arguments(patient, missing=missing)
    return {"entry_id" if key == "correct_id" else key: one[key] for key in wanted.get(name, [])}


def request_arguments(patient: Any, *, missing: bool) -> dict[str, Any]:
    """What the addresses of a payer request need: a request of that patient, with an entry and a file, made where there is none."""
    nobody = uuid.UUID(int=7)
    request = patient.authorizations.first()
    if request is None:
        member = Membership.objects.filter(clinic=patient.clinic, role="psychiatrist").get()
        request = desk_entries.start(
            patient,
            entry_id=uuid.uuid4(),
            happened=moment_on(date(2020, 1, 5)),
            facts={"service": "rtms"},
            member=member,
        )
        desk_papers.keep(request, "response", "answer.json", b"{}", {}, member)
    return {
        "authorization_id": nobody if missing else request.public_id,
        "move_id": "note",
        "kind": "none",
        "correct_id": nobody if missing else request.entries.get().public_id,
        "file_id": nobody if missing else request.files.get().public_id,
    }


def role_of(who: str) -> str:
    """The role somebody has in their own clinic."""
    return {"outsider": Role.PSYCHIATRIST.value, "anonymous": "", "unplaced": ""}.get(who, who)


def test_every_address_is_declared() -> None:
    """An address without a line in DOORS fails the build, and a line without an address as well."""
    assert sorted(addresses()) == NAMES


def test_an_undeclared_address_opens_for_nobody(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who forgets to declare an address gets a page that nobody can open, not one that everybody can."""
    monkeypatch.setattr(permissions, "DOORS", {})
    monkeypatch.setattr(middleware, "DOORS", {k: v for k, v in DOORS.items() if k != "patients"})
    assert town.client("psychiatrist").get(reverse("patients")).status_code == 404


@pytest.mark.parametrize("who", WHO)
def test_each_page_opens_for_whom_it_is_meant(town: Any, who: str) -> None:
    """Anonymous people are sent to the sign-in; a role without the right is refused; whoever may, gets in."""
    client, wrong = town.client(who), []
    foreign = who == "outsider"
    for name in NAMES:
        if name in (
            "account_logout",
            "upload_match",
            "home",
            "authorization_bundle",
            "authorization_response",
        ) or name.startswith("mfa_"):
            continue
        response = client.get(reverse(name, kwargs=arguments(name, town, foreign=foreign)))
        wrong += [f"{name}: {response.status_code}"] if not as_declared(name, who, response) else []
    assert wrong == []


def as_declared(name: str, who: str, response: HttpResponse) -> bool:
    """Whether the answer is the one DOORS promises."""
    door = DOORS[name]
    if door is Door.OPEN:
        # An EHR's service takes no GET; tests/web/cds asks it as an EHR does.
        return response.status_code in (200, 302) or (name == "cds_service" and response.status_code == 405)
    if who == "anonymous":
        return response.status_code == 302 and reverse("account_login") in response["Location"]
    if isinstance(door, Action) and not can(role_of(who), door):
        return response.status_code == 403
    # The policy or packet asked for does not exist: its page is a 404 for those who may look.
    return response.status_code in (200, 302) or (
        name in ("patient_policy", "authorization_packet") and response.status_code == 404
    )


OBJECTS = [n for n in NAMES if n.startswith(("patient_", "upload_", "authorization")) or n in ("patient", "upload")]


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("who", ["psychiatrist", "nurse", "tms_operator", "authorization", "researcher", "admin"])
def test_a_foreign_object_answers_like_a_missing_one(town: Any, who: str, name: str) -> None:
    """What another clinic has cannot be told from what does not exist: same status, same page."""
    client = town.client(who)
    method = client.post if name in ("upload_match", "authorization_bundle", "authorization_response") else client.get
    foreign = method(reverse(name, kwargs=arguments(name, town, foreign=True)))
    missing = method(reverse(name, kwargs=arguments(name, town, missing=True)))
    assert foreign.status_code == missing.status_code
    assert foreign.status_code == (404 if can(who, DOORS[name]) else 403)
    assert without_token(foreign) == without_token(missing)


def without_token(response: HttpResponse) -> str:
    """The page without the token of its sign-out form, which is new every time."""
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", response.content.decode())


def test_the_outsider_sees_nothing_of_us(town: Any) -> None:
    """Somebody of another clinic finds neither our patient's name nor our file in any list or search."""
    client = town.client("outsider")
    for url in (reverse("patients"), reverse("patients") + f"?q={town.patient.family}", reverse("uploads")):
        page = client.get(url).content.decode()
        assert town.patient.display_name not in page
        assert str(town.patient.public_id) not in page


def test_a_record_of_another_person_is_not_shown_on_this_patient(
    town: Any, bundles: dict[str, Any], as_file: Callable[[Any], bytes], today: date
) -> None:
    """In a file with two people, each one's page opens only the records about that one."""
    from inconcert.web import charts

    pair = list(bundles.values())[2:4]
    both = {"resourceType": "Bundle", "type": "collection", "entry": [e for b in pair for e in b["entry"]]}
    received = charts.receive(town.here, name="two.json", data=as_file(both), by="x", on=today)
    first, second = received.upload.parts.all()
    theirs = received.upload.resources.filter(owner=second.person_id, key__startswith="Condition").first()
    client = town.client("psychiatrist")
    assert client.get(reverse("patient_record", args=[second.patient.public_id, theirs.key])).status_code == 200
    assert client.get(reverse("patient_record", args=[first.patient.public_id, theirs.key])).status_code == 404


@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith(("account_", "mfa_"))])
def test_nothing_is_written_by_a_get(town: Any, name: str) -> None:
    """Looking changes no patient, part or upload."""

    def state() -> list[Any]:
        parts = ChartPart.objects.order_by("pk").values_list("pk", "patient", "decided_by")
        entries = AuthorizationEntry.objects.order_by("pk").values_list("pk", "hash")
        return [*parts, *entries, *ChartUpload.objects.order_by("pk").values_list("pk", "status", "sha256")]

    address = reverse(name, kwargs=arguments(name, town))
    before = state()
    town.client("psychiatrist").get(address)
    assert state() == before


@pytest.mark.parametrize(
    "name", ["patients", "patient", "patient_report", "upload", "access_log", "knowledge", "health"]
)
def test_pages_that_only_show_take_no_post(town: Any, name: str) -> None:
    """A write goes to an address made for it, and nowhere else."""
    who = "admin" if name == "access_log" else "psychiatrist"
    assert town.client(who).post(reverse(name, kwargs=arguments(name, town))).status_code == 405


def test_a_form_without_its_token_changes_nothing(town: Any) -> None:
    """A page elsewhere cannot upload in somebody's name."""
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.cookies = town.client("psychiatrist").cookies
    before = ChartUpload.objects.count()
    assert client.post(reverse("uploads"), {"chart": ""}).status_code == 403
    assert ChartUpload.objects.count() == before


def test_a_refusal_says_who_may_and_is_noted(town: Any) -> None:
    """A researcher who asks for the patient list is told whom to ask, and the log has it."""
    page = town.client("researcher").get(reverse("patients"))
    assert page.status_code == 403
    assert "psychiatrist" in page.content.decode()
    assert AccessEvent.objects.filter(username="researcher", outcome="refused", action="see patients").exists()


def test_a_role_nobody_knows_may_do_nothing() -> None:
    """A row with a misspelled role opens no door."""
    assert not any(can("surgeon", action) for action in Action)
    with pytest.raises(permissions.Refusal, match="ask a"):
        check_can("surgeon", Action.SEE_PATIENTS)


def test_every_role_and_action_is_in_the_table() -> None:
    """Each role has its line, and each action somebody who may do it."""
    assert set(ALLOWED) == set(Role)
    assert {action for actions in ALLOWED.values() for action in actions} == set(Action)
