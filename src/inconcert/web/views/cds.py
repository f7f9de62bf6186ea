"""The doors for EHRs: CDS Hooks discovery and services, and the forms of policies. Everything said is `exchange.crd`'s."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from inconcert.exchange.crd import BadRequest, discovery, hook_of, parse, respond
from inconcert.exchange.crd.tokens import BadToken
from inconcert.exchange.dtr import package
from inconcert.judgement import Refusal
from inconcert.knowledge.order_codes import order_kinds
from inconcert.knowledge.policies import policies
from inconcert.web import answers, audit
from inconcert.web.cds_access import NotSetUp, admit, allow_origin, config
from inconcert.web.models import Clinic

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_TYPE = "application/json"


@csrf_exempt  # no session and no cookie counts here
def services(request: HttpRequest) -> HttpResponse:
    """GET /cds-services: which hooks are answered and what to send with them."""
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        return allow_origin(request, _refused(405, "not-supported", "Discovery is asked with GET."))
    return allow_origin(request, HttpResponse(status=204) if request.method == "OPTIONS" else _json(discovery()))


@csrf_exempt  # the caller proves itself by a signed token, which no other page can send in its name
def service(request: HttpRequest, service: str) -> HttpResponse:
    """POST /cds-services/{id}: the answer to one call."""
    if request.method == "OPTIONS":
        return allow_origin(request, HttpResponse(status=204))
    return allow_origin(request, _answer(request, service))


def _answer(request: HttpRequest, service: str) -> HttpResponse:
    hook = hook_of(service)
    if hook is None:
        return _refused(404, "not-found", "There is no such service. See /cds-services.")
    if request.method != "POST":
        return _refused(405, "not-supported", "A service is called with POST.")
    try:
        caller = admit(request, request.path)
    except NotSetUp as error:
        return _noted(
            request,
            service,
            "",
            _refused(
                503, "transient", f"{error} Mend: set INCONCERT_CDS_URL, INCONCERT_CDS_JWKS and INCONCERT_CDS_ISSUERS."
            ),
        )
    except BadToken as error:
        response = _refused(401, "security", str(error))
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return _noted(request, service, "", response)
    if request.content_type != _TYPE:
        return _noted(request, service, caller.issuer, _refused(415, "invalid", "Send application/json."))
    body = _body(request)
    if body is None:
        limit = config().most_bytes // 1_000_000
        text = f"The call is larger than {limit} MB. Mend: send less in the prefetch."
        return _noted(request, service, caller.issuer, _refused(413, "too-long", text))
    try:
        call = parse(body, hook, default_version=config().version)
    except BadRequest as error:
        return _noted(request, service, caller.issuer, _refused(400, "invalid", str(error)))
    found = respond(
        call, _today(), lambda policy, service: _form_address(request, policy, service), order_kinds(config().codes)
    )
    return _noted(request, service, caller.issuer, _json(found), call.instance)


def _body(request: HttpRequest) -> bytes | None:
    """The body, or None where it is too large; no more than the limit is ever read."""
    most = config().most_bytes
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > most:
        return None
    body = request.read(most + 1)
    return body if len(body) <= most else None


def _form_address(request: HttpRequest, policy_id: str, service: str) -> str:
    path = f"{reverse('dtr_form', args=[policy_id])}?service={service}"
    return f"{config().url}{path}" if config().url else request.build_absolute_uri(path)


def _clinic() -> Clinic | None:
    """The clinic in whose name calls are answered: the one named in the settings, else the only one."""
    name = config().clinic
    found = Clinic.objects.filter(name=name) if name else Clinic.objects.all()
    return found[0] if found.count() == 1 else None


def _today() -> date:
    clinic = _clinic()
    return answers.today(clinic) if clinic is not None else datetime.now(UTC).date()


def _noted(request: HttpRequest, service: str, caller: str, response: HttpResponse, instance: str = "") -> HttpResponse:
    """Write the call into the access log: who called which service and what became of it; nothing of the person."""
    clinic = _clinic()
    audit.append(
        f"call {service}",
        username=caller,
        role="ehr",
        clinic=str(clinic.public_id) if clinic is not None else "",
        kind="cds",
        object_id=instance,
        outcome="allowed" if response.status_code == 200 else "refused",
        address=str(request.META.get("REMOTE_ADDR") or ""),
    )
    return response


def form(request: HttpRequest, policy_id: str) -> HttpResponse:
    """GET /dtr/{policy}.json?service=...&stage=...: the Questionnaire package of a policy. It holds nothing of a person."""
    if request.method not in ("GET", "HEAD"):
        return _refused(405, "not-supported", "A form is asked for with GET.")
    policy = policies().get(policy_id)
    if policy is None:
        return allow_origin(request, _refused(404, "not-found", "There is no policy with this name."))
    try:
        whole = package(policy, service=request.GET.get("service", ""), stage=request.GET.get("stage", "initial"))
    except Refusal as refusal:
        return allow_origin(request, _refused(404, "not-found", refusal.mend))
    response = _json(whole)
    response.headers["Content-Type"] = "application/fhir+json"
    return allow_origin(request, response)


def _json(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(_ENCODER.encode(value), status=status, content_type=_TYPE)


def _refused(status: int, code: str, text: str) -> HttpResponse:
    """What went wrong, as FHIR says it. It repeats nothing of the call."""
    issue = {"severity": "error", "code": code, "diagnostics": text}
    return _json({"resourceType": "OperationOutcome", "issue": [issue]}, status)
