"""The third and fourth answers in full: ways to give treatment, and what is known of whether it works."""

from __future__ import annotations

from collections.abc import Iterator

from inconcert.exchange.report.page import Block, Fold, Para, Section, bullets, table
from inconcert.exchange.report.words import (
    ANSWERS,
    CLEARANCES,
    NUMBER_KINDS,
    READINGS,
    Json,
    figure,
    label,
    number,
    service,
)


def sections(assessment: Json) -> list[Section]:
    """Ways to give it, and the evidence."""
    answers = assessment.get("answers") or {}
    given, said = answers.get("given") or {}, answers.get("evidence") or {}
    return [
        Section("given", "Ways to give it", tuple(_ways(given.get("proposals") or {}))),
        Section("evidence", "What is known of whether it works", tuple(_evidence(said))),
    ]


def _ways(proposals: Json) -> list[Block]:
    ways = list(proposals.get("ways") or ())
    rows = []
    for way in ways:
        proposal = way.get("proposal") or {}
        rows.append(
            (
                str(proposal.get("name") or ""),
                CLEARANCES.get(way.get("clearance"), label(way.get("clearance"))),
                _told(proposal.get("visits")),
                _told(proposal.get("hours")),
                _told(proposal.get("weeks")),
                "; ".join(
                    f"{service(c.get('service'))}: {ANSWERS.get(c.get('answer'))}" for c in way.get("coverage") or ()
                ),
                "; ".join(
                    f"{service(p.get('service'))} {label(p.get('label_status'))}" for p in proposal.get("parts") or ()
                ),
            )
        )
    blocks: list[Block] = []
    if proposals.get("order_rule"):
        blocks.append(Para(f"Not ranked by a score. Order of the list: {proposals['order_rule']}", "muted"))
    blocks += table(
        "Ways to give it (* a design default, not evidence)",
        ("Way", "Safety", "Visits", "Hours", "Weeks", "Coverage of each part", "Label of each part"),
        rows,
        widths=(1.8, 0.8, 1, 1, 1, 2, 2),
        brief=(0, 1, 2, 3),
        marks=(1,),
    )
    for way in ways:
        blocks.append(
            Fold(
                f"{(way.get('proposal') or {}).get('name')}: what it asks, what is known, what is not", tuple(_way(way))
            )
        )
    never = [f"{label(name)}: {why}" for name, why in proposals.get("never_offered") or ()]
    return blocks + bullets("Published, and never offered", never)


def _way(way: Json) -> list[Block]:
    proposal = way.get("proposal") or {}
    blocks: list[Block] = [Para(str(proposal.get("summary") or ""))] if proposal.get("summary") else []
    blocks += bullets("Stops it or holds it", [str(blocker.get("text") or "") for blocker in way.get("blockers") or ()])
    blocks += bullets("Cautions", [str(caution) for caution in way.get("cautions") or ()])
    fits = [f"{label(fit.get('direction'))}: {fit.get('text')}" for fit in way.get("fits") or ()]
    blocks += bullets("For this person", fits)
    blocks += bullets("It asks of the person", [str(asked) for asked in proposal.get("asks_of_person") or ()])
    known = [
        (str(f.get("name")), figure(f), NUMBER_KINDS.get(str(f.get("kind")), label(f.get("kind"))), _sources(f), str(f.get("note") or ""))
        for f in proposal.get("known") or ()
    ]  # fmt: skip
    blocks += table(
        "What is known", ("Measure", "Value", "Kind of number", "Source", "Note"), known, widths=(2, 1, 1.6, 2.4, 2)
    )
    untested = [f"{label(choice)}: {reason}" for choice, reason in proposal.get("design_defaults") or ()]
    blocks += bullets("Design defaults: no study tested these", untested)
    blocks += bullets("Still to ask", [str(q.get("text") or "") for q in way.get("questions") or ()])
    return blocks


def _told(known: Json | None) -> str:
    """A figure, with a star where it is our own default."""
    return figure(known) + ("*" if (known or {}).get("kind") == "design_default" else "")


def _sources(known: Json) -> str:
    return "; ".join(
        str(source.get("ref"))
        + ("" if source.get("status", "read") == "read" else f" [{READINGS.get(source['status'])}]")
        for source in known.get("sources") or ()
    )


def _evidence(said: Json) -> list[Block]:
    evidence = said.get("evidence") or {}
    blocks: list[Block] = [Para(str(said["text"]))] if said.get("text") else []
    blocks += [Para(text) for text in _sentences(evidence) if text != said.get("text")]
    rows = [
        (
            str(row.get("name") or row.get("measure") or row.get("outcome") or row.get("id") or ""),
            str(row.get("text") or row.get("shown") or figure(row)),
            NUMBER_KINDS.get(str(row.get("kind")), label(row.get("kind"))),
            _sources(row),
        )
        for row in _figures(evidence)
    ]
    return blocks + table(
        "Numbers behind it", ("What", "Value", "Kind of number", "Source"), rows, widths=(2.4, 2, 1.6, 3)
    )


def _sentences(evidence: Json) -> Iterator[str]:
    for key, value in evidence.items():
        if isinstance(value, str) and key in {"headline", "summary", "text", "certainty_text", "caveat"}:
            yield value
        elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            yield f"{label(key).capitalize()}: " + "; ".join(value)


def _figures(evidence: Json) -> Iterator[Json]:
    """Every number with a kind, wherever the evidence answer keeps it."""
    for value in evidence.values():
        if isinstance(value, dict) and "kind" in value and "low" in value:
            yield value
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, dict) and "kind" in each)


__all__ = ["number", "sections"]
