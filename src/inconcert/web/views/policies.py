"""The policy browser: read depth and sources, filters, and two policies side by side."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inconcert.judgement import Refusal
from inconcert.knowledge.policies import CoveragePolicy, policies
from inconcert.payers import Case, describe
from inconcert.payers.policy_diff import answers_that_change, diff_policies
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials
from inconcert.web import answers, audit
from inconcert.web.access import patients_for
from inconcert.web.permissions import Action, can
from inconcert.web.views.patients import _member

PEOPLE_AT_ONCE = 100  # about 50 ms each
DEPTHS = ("full_text", "excerpt", "summary", "header", "none")
_DAY = "That is not a day that exists; the filter was left out. Mend: write it as YYYY-MM-DD."


@cache
def described() -> tuple[dict[str, Any], ...]:
    """Every policy as the library shows it, with the dates it is known to hold."""
    return tuple(
        describe(policy) | {"from": policy.effective, "until": policy.ends, "superseded": policy.superseded}
        for policy in policies().values()
    )


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """Every policy, found by words, service, state, line of business, depth of reading and day; htmx asks for the table."""
    chosen = {name: request.GET.get(name, "")[:100] for name in ("q", "service", "state", "line", "depth", "on")}
    day, problem = None, ""
    if chosen["on"]:
        try:
            day = date.fromisoformat(chosen["on"])
        except ValueError:
            problem = _DAY
    rows = [row | {"holds": _holds(row, day)} for row in described() if _fits(row, chosen)]
    rows = [row for row in rows if row["holds"] != "no"]
    context = {
        "rows": rows,
        "total": len(described()),
        "chosen": chosen,
        "problem": problem,
        "day": day,
        "services": sorted({s for row in described() for s in row["services"]}),
        "states": sorted({place for row in described() for place in row["jurisdiction"]}),
        "lines": sorted({row["line_of_business"] for row in described()}),
        "depths": DEPTHS,
    }
    partial = getattr(request, "htmx", False)
    return render(request, "web/parts/policy_table.html" if partial else "web/policies.html", context)


def _fits(row: dict[str, Any], chosen: dict[str, str]) -> bool:
    text = " ".join((row["id"], row["payer"], row["title"], row["policy_number"])).casefold()
    place = chosen["state"]
    # A policy of the whole country holds in each of its states.
    somewhere = not place or place in row["jurisdiction"] or place.partition("-")[0] in row["jurisdiction"]
    return (
        all(word in text for word in chosen["q"].casefold().split()[:6])
        and chosen["service"] in ("", *row["services"])
        and chosen["line"] in ("", row["line_of_business"])
        and chosen["depth"] in ("", row["read_depth"])
        and somewhere
    )


def _holds(row: dict[str, Any], day: date | None) -> str:
    """Whether a text was in force on a day: yes, no, or not known where its dates are not."""
    if day is None:
        return ""
    began, ended = row["from"], row["until"]
    if (began is not None and began.earliest > day) or (ended is not None and ended.latest < day):
        return "no"
    sure = began is not None and began.latest <= day and not row["superseded"]
    return "yes" if sure and (ended is None or ended.earliest >= day) else "unknown"


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """What changed between two texts, and, where asked for, whose answer changes with them."""
    known = policies()
    before, after = known.get(request.GET.get("a", "")), known.get(request.GET.get("b", ""))
    member = _member(request)
    may_see = can(member.role, Action.SEE_PATIENTS)
    context: dict[str, Any] = {
        "choices": [(p.id, f"{p.payer}: {p.file.title} ({p.version_text})") for p in known.values()],
        "a": request.GET.get("a", ""),
        "b": request.GET.get("b", ""),
        "before": before,
        "after": after,
        "may_see": may_see,
    }
    if before is not None and after is not None:
        context["diff"] = diff_policies(before, after)
        if may_see and request.GET.get("people") == "yes":
            context |= _people(request, before, after)
    elif context["a"] or context["b"]:
        context["problem"] = "Choose two policies of the library."
    return render(request, "web/policy_compare.html", context)


def _people(request: HttpRequest, before: CoveragePolicy, after: CoveragePolicy) -> dict[str, Any]:
    """For whom of the clinic's people the two texts answer differently."""
    member = _member(request)
    today = answers.today(member.clinic)
    found = list(patients_for(member)[:PEOPLE_AT_ONCE])
    by_id = {}
    cases = []
    for patient in found:
        if not answers.parts_of(patient):
            continue
        person = answers.person_of(patient, today)
        history = rebuild_trials(person, today)
        cases.append(Case(person=person, history=history, safety=screen(person, history, today), as_of=today))
        by_id[person.id] = patient
    audit.note(request, "compare policies for everybody", kind="list")
    try:
        changed = answers_that_change(before, after, cases)
    except Refusal as refusal:
        return {"people_problem": refusal}
    rows = [{"patient": by_id[change.person_id], "change": change} for change in changed]
    return {"people": rows, "asked": len(cases), "more": patients_for(member).count() - len(found)}
