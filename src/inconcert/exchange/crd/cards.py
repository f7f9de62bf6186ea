"""Cards: what a clinician sees beside the order. Each says what was read, from where, what is missing, and who decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from inconcert.evidence.synthesis.what_is_known import what_is_known
from inconcert.exchange.crd.coverage_information import trace
from inconcert.exchange.crd.findings import Answered, Finding, Findings, UnderPlan
from inconcert.exchange.crd.markdown import criteria_lines, plain_text
from inconcert.exchange.crd.request import HookRequest, Json
from inconcert.exchange.crd.way import way_lines
from inconcert.judgement import Answer
from inconcert.payers.wording import opening, plain

SUMMARY_LETTERS = 140  # CDS Hooks
FormLink = Callable[[str, str], str]  # policy and service -> the address of the form, for a browser to open
_STATE = {Answer.MET: "criteria read as met", Answer.NOT_MET: "criteria not met", Answer.UNKNOWN: "not known yet"}
_URGENT = frozenset({"red", "amber"})
_DECIDES = "InConcert reads a published policy and supports your decision. It decides nothing, and the payer may read it otherwise."


def cards(request: HookRequest, found: Findings, form_link: FormLink) -> list[Json]:
    """All cards, the weightiest first, as many as the EHR wants."""
    every = [*_of_orders(request, found, form_link), *_of_pair(request, found), *_of_gaps(request, found)]
    return every[: request.most_cards]


def _of_orders(request: HookRequest, found: Findings, form_link: FormLink) -> Iterator[Json]:
    for finding in found.findings:
        for under in finding.plans:
            for answered in under.answers:
                yield _determined(request, found, finding, under, answered, form_link)
            if not under.answers:
                yield _no_policy(request, finding, under)
        if not finding.plans:
            yield _no_coverage(request, finding)


def _determined(
    request: HookRequest, found: Findings, finding: Finding, under: UnderPlan, answered: Answered, form_link: FormLink
) -> Json:
    d = answered.determination
    what = opening(plain(answered.service))
    state = "not covered by this policy" if d.decision == "never_covered" else _STATE[d.answer]
    number = len(d.missing)
    more = f", {number} open" if number and d.answer is not Answer.MET else ""
    card = _card(request, f"{what} under {d.payer}: {state}{more}", finding, under.plan.origin.resource, d.policy_id)
    red = found.case.safety.suicide_risk.level == "red"
    card["indicator"] = "critical" if red else "info" if d.answer is Answer.MET else "warning"
    card["detail"] = _detail(found, finding, answered)
    card["links"] = [
        {
            "label": "Form for this policy (DTR)",
            "url": form_link(answered.policy.id, answered.service),
            "type": "absolute",
        }
    ]
    return card


def _detail(found: Findings, finding: Finding, answered: Answered) -> str:
    d = answered.determination
    lines: list[str] = []
    risk = found.case.safety.suicide_risk
    if risk.level in _URGENT:
        first = "".join(f" {plain_text(action).rstrip('.')}." for action in risk.actions[:2])
        lines += [f"**First: {plain_text(risk.text)}**{first}", ""]
    lines += [f"_{_DECIDES}_", "", f"**{plain_text(d.summary)}**", ""]
    asked = " ".join(
        s for s in (f"The order was known by its {plain_text(finding.asked.how)}.", finding.asked.note) if s
    )
    lines += [f"{asked} Chosen policy: {plain_text(answered.because)}. As of {found.today.isoformat()}.", ""]
    lines += ["### Criteria", *criteria_lines(answered.policy.criteria, d.criteria), ""]
    if d.missing:
        lines += ["### What is missing", *(f"- {plain_text(q.text)}" for q in d.missing), ""]
    if d.answer is Answer.NOT_MET:
        lines += way_lines(d)
    lines += [f"**The two treatments together:** {plain_text(d.combination_text)}", ""]
    lines += ["### How far to trust this", *(f"- {plain_text(c)}" for c in d.caveats)]
    return "\n".join(lines).strip()


def _no_policy(request: HookRequest, finding: Finding, under: UnderPlan) -> Json:
    payer = under.plan.payer or under.plan.label
    what = opening(plain(finding.asked.services[0]))
    card = _card(request, f"{what}: no policy held for {payer}", finding, under.plan.origin.resource, "no-policy")
    card["detail"] = (
        f"InConcert holds no coverage policy of {plain_text(payer)} for this service, so it cannot say whether criteria are "
        f"met. That is not a refusal: ask the payer for the policy.\n\n_{_DECIDES}_"
    )
    return card


def _no_coverage(request: HookRequest, finding: Finding) -> Json:
    what = opening(plain(finding.asked.services[0]))
    card = _card(request, f"{what}: no coverage in force came with the request", finding, "no-coverage", "")
    card["detail"] = (
        "No coverage that is in force today came with this call, so no policy could be chosen and nothing was written on the "
        f"order. Check the coverage in the chart.\n\n_{_DECIDES}_"
    )
    return card


def _of_pair(request: HookRequest, found: Findings) -> Iterator[Json]:
    if found.pair is None or not found.findings:
        return
    pair = found.pair
    state = {Answer.MET: "allowed", Answer.NOT_MET: "barred by a policy", Answer.UNKNOWN: "not known"}[
        pair.pair_allowed
    ]
    names = " and ".join(plain(s) for s in pair.services)
    card = _card(request, f"{opening(names)} together: {state}", found.findings[0], "pair", "")
    card["extension"] = {"davinci-crd.associated-resource": [{"reference": f.order.key} for f in found.findings]}
    card["indicator"] = "info" if pair.pair_allowed is Answer.MET else "warning"
    evidence = plain_text(what_is_known(found.today).headline)
    card["detail"] = f"_{_DECIDES}_\n\n{plain_text(pair.summary)}\n\n{evidence}"
    yield card


def _of_gaps(request: HookRequest, found: Findings) -> Iterator[Json]:
    """What was expected in the call and did not come; only where an order of ours was answered."""
    if not found.missing or not found.findings:
        return
    card = _card(request, "What did not come with the request, and is not known", found.findings[0], "gaps", "")
    card["extension"] = {"davinci-crd.associated-resource": [{"reference": f.order.key} for f in found.findings]}
    listed = "\n".join(f"- {plain_text(text)}" for text in found.missing)
    card["detail"] = (
        f"The answers stand on what was sent. What did not come is taken as not known, never as absent:\n\n{listed}"
    )
    yield card


def _card(request: HookRequest, summary: str, finding: Finding, *about: str) -> Json:
    short = summary if len(summary) <= SUMMARY_LETTERS else f"{summary[: SUMMARY_LETTERS - 1].rstrip()}…"
    topic = {"system": request.version.card_types, "code": "coverage-info", "display": "Coverage Information"}
    return {
        "uuid": trace(request, finding.order.key, *about),
        "summary": short,
        "indicator": "warning",
        "source": {"label": "InConcert (a reading of the policy, not the payer)", "topic": topic},
        "extension": {"davinci-crd.associated-resource": [{"reference": finding.order.key}]},
    }
