"""The second answer in full: each coverage policy, the plan part by part, the pair, and the whole library in lines."""

from __future__ import annotations

from inconcert.exchange.report.page import Block, Fold, Para, Picture, Section, bullets, table
from inconcert.exchange.report.picture_rows import criterion_tree
from inconcert.exchange.report.pictures import coverage_alt, coverage_waterfall_spec
from inconcert.exchange.report.words import ANSWERS, Json, day, label, sentence, service

MOST_IN_FULL = 6  # a person without a matched plan is asked of every policy: then only their lines are shown
_CLAUSES = {
    "prohibits": "prohibits the pair",
    "excludes_as_experimental": "calls the pair experimental",
    "requires_documentation": "asks for documentation of the other",
    "duplicate_therapy_reported": "duplicate-therapy refusals reported",
    "allows": "allows the pair",
    "silent": "whole text seen, says nothing (silence is not consent)",
    "not_seen": "that part of the text was not seen",
    "not_applicable": "does not apply",
}


def sections(assessment: Json) -> list[Section]:
    """The policies asked and the library."""
    paid = (assessment.get("answers") or {}).get("paid") or {}
    determinations = list(paid.get("determinations") or ())
    blocks: list[Block] = []
    if paid.get("chosen_because"):
        blocks.append(Para(f"Policies asked: {sentence(paid['chosen_because'])}"))
    if len(determinations) > MOST_IN_FULL:
        blocks.append(
            Para(
                f"{len(determinations)} policies were asked, too many to show one by one. Name one with --payer to have it "
                "criterion by criterion, with the shortest way to approval.",
                "muted",
            )
        )
        if paid.get("ways_text"):
            blocks.append(Para(str(paid["ways_text"]), "muted"))
        blocks += _plans(paid)
        blocks.append(Fold(f"Each policy asked, in a line ({len(determinations)})", tuple(_summary(determinations))))
        return [Section("paid", "Coverage", tuple(blocks))]
    blocks += _summary(determinations)
    blocks += _plans(paid)
    if determinations:
        title = "Criteria met, not met and unknown, by policy"
        blocks.append(Picture("coverage", title, coverage_alt(assessment), coverage_waterfall_spec(assessment)))
    for determination in determinations:
        blocks += _in_full(determination)
    blocks += _library(paid)
    return [Section("paid", "Coverage", tuple(blocks))]


def _summary(determinations: list[Json]) -> list[Block]:
    rows = [
        (
            str(d.get("payer")),
            service(d.get("service")),
            ANSWERS.get(d.get("answer"), "unknown") + (f" ({label(d['decision'])})" if d.get("decision") else ""),
            str(d.get("summary") or ""),
            _CLAUSES.get(str(d.get("combination")), label(d.get("combination"))),
        )
        for d in determinations
    ]
    return table(
        "Each policy asked: its answer for its own part, and what it says of TMS with ketamine or esketamine",
        ("Payer", "Part", "Answer", "In short", "The pair"),
        rows,
        widths=(1.5, 1.2, 1, 3, 1.8),
        brief=(0, 1, 2, 4),
        marks=(2,),
    )


def _plans(paid: Json) -> list[Block]:
    blocks: list[Block] = []
    for plan in paid.get("plans") or ():
        parts = " + ".join(service(each) for each in plan.get("services") or ())
        pair = ANSWERS.get(plan.get("pair_allowed"), "unknown")
        summary, of_pair = str(plan.get("summary") or ""), str(plan.get("pair_text") or "")
        said = summary if of_pair in summary else f"{sentence(summary)} {of_pair}"
        blocks.append(Para(f"Plan of {parts}. Allowed together: {pair}. {said}"))
    return blocks


def _in_full(determination: Json) -> list[Block]:
    name = f"{determination.get('payer')}, {service(determination.get('service'))}"
    blocks: list[Block] = []
    steps = [
        f"{step.get('text')}"
        + (f" Earliest {day(step['earliest'])}." if step.get("earliest") else "")
        + (f" Get: {step['document']} (from {step['whom']})." if step.get("document") else "")
        + (f" POINTLESS: {step['pointless']}" if step.get("pointless") else "")
        + (f" CAUTION: {step['caution']}" if step.get("caution") else "")
        for step in determination.get("shortest_way") or ()
    ]
    blocks += bullets(f"{name}: shortest way to approval", steps)
    caveats = [str(caveat) for caveat in determination.get("caveats") or ()]
    blocks += bullets(f"{name}: how far to trust this", caveats)
    rows = [
        (
            "· " * depth + str(judgement.get("text", "")),
            ANSWERS.get(judgement.get("answer"), "unknown"),
            str((judgement.get("question") or {}).get("text") or ""),
            "; ".join(str(use.get("record_id")) for use in (judgement.get("basis") or {}).get("used") or ()),
        )
        for depth, judgement in criterion_tree(determination)
    ]
    inner: list[Block] = [Para(f"{determination.get('title', '')} ({determination.get('policy_id', '')}).", "muted")]
    inner += table(
        f"{name}: every criterion; a dot for each level inside another",
        ("Criterion and what was found", "Answer", "Would be settled by", "Records"),
        rows,
        widths=(4, 0.8, 2.2, 2),
        marks=(1,),
    )
    if determination.get("authorizes"):
        inner.append(Para(f"Authorizes at first: {determination['authorizes']}"))
    inner.append(Para(f"On the pair: {determination.get('combination_text') or 'nothing recorded'}"))
    blocks.append(Fold(f"{name}: every criterion ({len(rows)})", tuple(inner)))
    return blocks


def _library(paid: Json) -> list[Block]:
    rows = [
        (
            str(row.get("payer")),
            service(row.get("service")),
            ANSWERS.get(row.get("answer"), "unknown") + (f" ({label(row['decision'])})" if row.get("decision") else ""),
            str(row.get("stopped_by") or ""),
            _CLAUSES.get(str(row.get("combination")), label(row.get("combination"))),
        )
        for row in paid.get("library") or ()
    ]
    if not rows:
        return []
    inner = table(
        "Every policy we hold, asked of this person",
        ("Payer", "Part", "Answer", "First criterion in the way", "The pair"),
        rows,
        widths=(1.8, 1.2, 1, 3, 1.8),
        marks=(2,),
    )
    return [Fold(f"Every policy we hold, in a line each ({len(rows)})", tuple(inner), printed=False)]
