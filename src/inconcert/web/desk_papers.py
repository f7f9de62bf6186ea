"""What goes to the payer and what comes back: the packet, the request Bundle, and the payer's answer read against it."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from inconcert.assessment.names import UnknownName
from inconcert.exchange import packet as letters
from inconcert.exchange import pas
from inconcert.exchange.clinic import ClinicSettings, read_clinic
from inconcert.exchange.fhir import ChartReading, plain_references
from inconcert.judgement import Refusal
from inconcert.knowledge.policies import policies
from inconcert.knowledge.policy_schema.tree import leaves_of
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.payers.authorization import AuthorizationState, AuthorizationStatus
from inconcert.payers.wording import leaf_in_words
from inconcert.web import answers, charts, config
from inconcert.web.models import Authorization, AuthorizationFile, Membership

_REFUSED = (AuthorizationState.DENIED, AuthorizationState.UPHELD, AuthorizationState.APPEALED)
ANSWER_BYTES_MAX = 5_000_000


def packet(
    authorization: Authorization, status: AuthorizationStatus, kind: str, on: date, criterion: str = ""
) -> bytes:
    """The packet as a PDF: the request, or the appeal where it was refused, then with the `criterion` that was.

    Raises:
        Refusal: nothing can be written, with what would mend it.
    """
    policy = status.detail("policy_id")
    denial = None
    if kind == "appeal":
        if status.state not in _REFUSED:
            raise Refusal("Nothing was refused, so there is nothing to appeal.", "take the request packet instead.")
        denial = _denial(status, criterion)
    request = letters.PacketRequest(
        services=(status.detail("service"),), as_of=on, policies=(policy,) if policy else (), kind=kind, denial=denial,
        clinic=_clinic_settings(),
    )  # fmt: skip
    person = answers.person_of(authorization.patient, on)
    try:
        facts = letters.packet_facts(person, request, resources=_resources(authorization, on))
    except UnknownName as error:
        raise Refusal("The policy has no such criterion or treatment.", "choose one that the page offers.") from error
    return letters.packet_pdf(facts)


def _clinic_settings() -> ClinicSettings:
    try:
        return read_clinic(config.clinic_settings_file())
    except (KnowledgeError, config.SettingError) as error:
        raise Refusal("The clinic's settings cannot be read.", str(error)) from error


def _denial(status: AuthorizationStatus, criterion: str) -> letters.Denial:
    refused = [s.event for s in status.steps if s.event.kind in ("deny", "rescind", "uphold")]
    facts = refused[-1].facts if refused else {}
    notice = str(facts.get("notice_on", ""))
    return letters.Denial(
        criterion=criterion, reason=str(facts.get("reason", "")), on=date.fromisoformat(notice) if notice else None,
        reference=str(facts.get("reference", "")),
    )  # fmt: skip


def criteria_of(status: AuthorizationStatus) -> list[tuple[str, str]]:
    """The criteria of the policy asked, by the word that names each and in plain words; none where no policy is named."""
    policy = policies().get(status.detail("policy_id"))
    if policy is None:
        return []
    found: dict[str, str] = {}
    for leaf in leaves_of(policy.criteria):
        found.setdefault(leaf.fact, leaf_in_words(leaf))
    return list(found.items())


def _resources(authorization: Authorization, on: date) -> list[dict[str, Any]]:
    """Every resource of the patient's files that is about them or about nobody: its labels decide what may leave."""
    readings = [charts.reading_of(part, on) for part in answers.parts_of(authorization.patient)]
    return plain_references(raw for reading in readings for raw in reading.raw)


def make_request(authorization: Authorization, status: AuthorizationStatus, member: Membership) -> AuthorizationFile:
    """A PAS request Bundle, kept as it was made, so that the answer can be held against it. It is sent to nobody.

    Raises:
        Refusal: no request can be made at all, with what would mend it.
    """
    today = answers.today(member.clinic)
    reading = _reading(authorization, today)
    service, benefit, policy = (status.detail(name) for name in ("service", "benefit", "policy_id"))
    units = {service: float(status.detail("units_asked"))} if status.detail("units_asked") else {}
    settings = _clinic_settings()
    asked = pas.asked_services((service,), settings, units=units)
    if benefit:
        asked = tuple(replace(each, benefit=benefit) for each in asked)
    urgent = status.decision is not None and status.decision.urgency == "expedited"
    wishes = pas.Wishes(
        as_of=today, created=datetime.now(UTC), policy_for={service: policy} if policy else {}, urgent=urgent,
        settings=settings,
    )  # fmt: skip
    made = pas.build_requests(reading, reading.people[0], asked, wishes)[0]
    account = {
        "claim_id": made.claim_id, "shape": made.shape, "payer": made.payer,
        "gaps": [{"where": g.where, "what": g.what, "mend": g.mend} for g in made.gaps],
        "held_back": [{"record": h.record_id, "why": h.why} for h in made.held_back],
        "left_out": [{"record": each.record_id, "why": each.why} for each in made.left_out], "notes": list(made.notes),
    }  # fmt: skip
    data = json.dumps(made.bundle, indent=1, ensure_ascii=False).encode()
    return keep(authorization, AuthorizationFile.REQUEST, f"pas-request-{made.claim_id}.json", data, account, member)


def _reading(authorization: Authorization, on: date) -> ChartReading:
    """The patient's files as one reading: the person put together, and every resource about them."""
    parts = answers.parts_of(authorization.patient)
    if not parts:
        raise Refusal("The patient has no chart.", "upload one first.")
    person = answers.person_of(authorization.patient, on)
    readings = [charts.reading_of(part, on) for part in parts]
    raw = tuple(r for reading in readings for r in reading.raw)
    return replace(readings[-1], people=(person,), raw=raw)


def read_response(authorization: Authorization, name: str, data: bytes, member: Membership) -> AuthorizationFile:
    """Keep a payer's answer and read it against the request it answers. Nothing is written into the history by it.

    Raises:
        Refusal: no request was made here, or the file is no answer to it.
    """
    if len(data) > ANSWER_BYTES_MAX:
        raise Refusal("The file is larger than 5 MB.", "send the ClaimResponse alone.")
    requests = list(authorization.files.filter(kind=AuthorizationFile.REQUEST).order_by("-pk"))
    if not requests:
        raise Refusal(
            "No PAS request was made here that this could answer.", "make one, or write the answer down by hand."
        )
    settings, refusal = _clinic_settings(), None
    for request in requests:  # the newest first: a payer may answer an older one
        try:
            found = pas.read_answers(data, name, json.loads(content(request)), settings)
        except Refusal as said:
            refusal = refusal or said
            continue
        account = {"answers": [_said(answer) for answer in found], "request": str(request.public_id)}
        return keep(authorization, AuthorizationFile.RESPONSE, name, data, account, member)
    raise refusal or Refusal("The file could not be read.", "look at it with the payer.")


def _said(answer: pas.PayerAnswer) -> dict[str, Any]:
    return {
        "state": answer.state.value, "payer": answer.payer, "response_id": answer.response_id,
        "created": str(answer.created or ""), "number": answer.authorization_number,
        "reasons": [r.shown for r in (*answer.reasons, *answer.errors)],
        "questions": [{"text": q.text, "due": str(q.due or "")} for q in answer.questions],
        "not_understood": list(answer.not_understood),
        "moves": [{"move": m.move, "facts": m.facts, "missing": list(m.missing), "why": m.why} for m in pas.desk_moves(answer)],
    }  # fmt: skip


def keep(
    authorization: Authorization, kind: str, name: str, data: bytes, account: dict[str, Any], member: Membership
) -> AuthorizationFile:
    """Keep a file of an authorization; the very same bytes are kept once."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        with transaction.atomic():
            return AuthorizationFile.objects.create(
                authorization=authorization, kind=kind, file_name="".join(c for c in name if c.isprintable())[:200],
                sha256=digest, content=zlib.compress(data, 6), received_by=member.user.get_username(), account=account,
            )  # fmt: skip
    except IntegrityError:
        return authorization.files.get(sha256=digest)


def content(file: AuthorizationFile) -> bytes:
    """A kept file, byte for byte."""
    return zlib.decompress(bytes(file.content))
