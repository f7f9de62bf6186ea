"""The Questionnaire of a coverage policy, and the package it travels in."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import msgspec

from inconcert.exchange.dtr.forms import PolicyForm, form_of
from inconcert.exchange.dtr.items import scores_item, section_item, trials_item
from inconcert.exchange.dtr.names import (
    AUDIENCE,
    ENTRY_MODE,
    FORM_PROFILE,
    PACKAGE_PROFILE,
    STYLE,
    DtrVersion,
    Json,
)
from inconcert.exchange.fhir.intake import DTR_QUESTIONNAIRES
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.payers.caveats import caveats_of
from inconcert.payers.wording import plain

_OURS = (
    "InConcert's own reading of a published coverage policy, in its own words. It is not the payer's form, and it decides "
    "nothing: the payer decides. An answer that is not known is left empty, or answered with unknown."
)


def canonical_of(form: PolicyForm) -> str:
    """The address of a form, without its version."""
    return f"{DTR_QUESTIONNAIRES}{form.name}"


@lru_cache(maxsize=512)
def reference_of(form: PolicyForm) -> str:
    """The address of a form with its version, by which an order or a response names it."""
    return f"{canonical_of(form)}|{questionnaire(form)['version']}"


def questionnaire(form: PolicyForm, version: DtrVersion = DtrVersion.V2_0) -> Json:
    """The form as a FHIR R4 Questionnaire. Its version changes with every change of a question."""
    policy, file = form.policy, form.policy.file
    items = [_about(form)]
    if form.asks_for_trials:
        items.append(trials_item())
    if form.scales:
        items.append(scores_item(form.scales))
    items.append(section_item(form.root, form))
    extensions: list[Json] = [
        {"url": STYLE, "valueBoolean": False},
        {"url": ENTRY_MODE, "valueCode": "random"},
    ]
    if version is not DtrVersion.V2_0:
        extensions.append({"url": AUDIENCE, "valueCode": "clinical"})
    stage = "" if form.stage == "initial" else f", {form.stage}"
    resource: Json = {
        "resourceType": "Questionnaire",
        "id": form.name.replace(":", ".").replace("_", "-")[:64],
        "meta": {"profile": [FORM_PROFILE]},
        "extension": extensions,
        "url": canonical_of(form),
        "version": version_of_form(policy, items),
        "name": "".join(word.capitalize() for word in form.name.replace(":", "-").replace("_", "-").split("-")),
        "title": f"{file.payer}: {file.title} ({plain(form.service)}{stage})",
        "status": "active",
        "subjectType": ["Patient"],
        "publisher": "InConcert (not the payer)",
        "description": f"{_OURS} Policy {file.policy_number}, checked {file.checked_on}.",
        "copyright": "Questions and wording: InConcert, Apache-2.0. No text of the payer is copied.",
        "item": items,
    }
    if policy.effective is not None:
        resource["effectivePeriod"] = {"start": file.version.effective}
    return resource


def version_of_form(policy: CoveragePolicy, items: list[Json]) -> str:
    """The policy's version with a digest of every item: two forms of one version are the same form."""
    digest = hashlib.sha256(msgspec.json.encode(items, order="sorted")).hexdigest()[:12]
    return f"{policy.version_text}.{digest}"


def _about(form: PolicyForm) -> Json:
    file = form.policy.file
    said = [
        _OURS,
        f"Policy: {file.payer}, {file.policy_number}, {file.title}; checked {file.checked_on}.",
        *caveats_of(form.policy, form.tree, None),
    ]
    lines = [{"linkId": f"about.{n}", "text": text, "type": "display"} for n, text in enumerate(said, 1)]
    return {"linkId": "about", "text": "About this form", "type": "group", "item": lines}


def package(
    policy: CoveragePolicy, *, service: str = "", stage: str = "initial", response: Json | None = None,
    version: DtrVersion = DtrVersion.V2_0,
) -> Json:  # fmt: skip
    """The Questionnaire package: a collection Bundle with the form first, then the draft for a person where there is one.

    It carries no Library and no CQL: the draft is filled in here, from the chart. DTR 2.2 wants a draft in every package,
    so that one without `response` is a package of 2.0 in shape. Raises Refusal as `form_of`.
    """
    form = form_of(policy, service, stage)
    resources: list[dict[str, Any]] = [questionnaire(form, version)]
    if response is not None:
        resources.append(response)
    return {
        "resourceType": "Bundle",
        "id": f"{resources[0]['id'][:56]}-package",
        "meta": {"profile": [PACKAGE_PROFILE]},
        "type": "collection",
        "entry": [
            {"fullUrl": f"urn:inconcert:dtr-entry:{r['resourceType']}:{r['id']}", "resource": r} for r in resources
        ],
    }
