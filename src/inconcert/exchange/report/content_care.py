"""The third and fourth answers in full: ways to give treatment, and what is known of whether it works."""

from __future__ import annotations

from inconcert.exchange.report.page import Block, Fold, Para, Section, bullets, table
from inconcert.exchange.report.words import (
    ANSWERS,
    CLEARANCES,
    NUMBER_KINDS,
    READINGS,
    Json,
    figure,
    label,
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
    blocks += _untested(ways)
    for way in ways:
        name = (way.get("proposal") or {}).get("name")
        blocks.append(Fold(f"{name}: what it asks, what is known, what is not", tuple(_way(way)), printed=False))
    never = [f"{label(name)}: {why}" for name, why in proposals.get("never_offered") or ()]
    return blocks + bullets("Published, and never offered", never)


def _untested(ways: list[Json]) -> list[Block]:
    """Every choice that no study tested, once, with the ways it stands in."""
    found: dict[tuple[str, str], list[str]] = {}
    for way in ways:
        proposal = way.get("proposal") or {}
        for choice, reason in proposal.get("design_defaults") or ():
            found.setdefault((label(choice), str(reason)), []).append(str(proposal.get("name")))
    rows = [
        (choice, reason, "; ".join(names) if len(names) <= 3 else f"{len(names)} of the ways")
        for (choice, reason), names in found.items()
    ]
    caption = "Design defaults: no study tested these"
    return table(caption, ("Choice", "Reason", "In"), rows, widths=(1.4, 3.4, 2.6))


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
    told = dict.fromkeys(
        str(text) for text in (said.get("text"), evidence.get("headline"), evidence.get("caveat")) if text
    )
    blocks: list[Block] = [Para(text) for text in told]
    better = evidence.get("better") or {}
    if better:
        of_that = str(better.get("text") or "")
        of_that = "" if any(of_that in text for text in told) else of_that
        blocks.append(Para(f"Better than one alone: {ANSWERS.get(better.get('answer'))}. {of_that}".strip()))
    figures = list(evidence.get("figures") or ())
    main = [figure for figure in figures if figure.get("main")]
    pair = [figure for figure in main if figure.get("subject", "pair") == "pair"]
    alone = [figure for figure in main if figure.get("subject", "pair") != "pair"]
    blocks += _numbers("The two together: the numbers to know first", pair)
    blocks += _studies(evidence)
    if alone:
        inner = _numbers("Each treatment alone: the numbers to know first", alone)
        blocks.append(Fold(f"Each treatment alone: the numbers to know first ({len(alone)})", tuple(inner)))
    rest = [figure for figure in figures if not figure.get("main")]
    if rest:
        blocks.append(
            Fold(
                f"Every other number, with its source ({len(rest)})",
                tuple(_numbers("Every other number", rest)),
                printed=False,
            )
        )
    claims = [
        (str(c.get("claim")), label(c.get("verdict")).upper(), str(c.get("why") or ""), _sources(c))
        for c in evidence.get("claims") or ()
    ]
    if claims:
        inner = table(
            "Claims made of the treatments, checked",
            ("Claim", "Verdict", "Why", "Source"),
            claims,
            widths=(2.4, 1, 3, 2.4),
        )
        blocks.append(Fold(f"Claims made of the treatments, checked ({len(claims)})", tuple(inner), printed=False))
    return blocks


def _numbers(caption: str, figures: list[Json]) -> list[Block]:
    rows = [
        (
            str(row.get("name") or ""),
            str(row.get("text") or ""),
            NUMBER_KINDS.get(str(row.get("kind")), label(row.get("kind"))),
            "; ".join(part for part in (_sources(row), str(row.get("note") or "")) if part),
        )
        for row in figures
    ]
    return table(caption, ("What", "Value", "Kind of number", "Source and note"), rows, widths=(3, 1.6, 1.5, 3))


def _studies(evidence: Json) -> list[Block]:
    rows = [
        (
            str(study.get("who") or ""),
            f"{label(study.get('design'))}, {'randomized' if study.get('randomized') else 'not randomized'}",
            "not seen" if study.get("n") is None else str(study["n"]),
            str(study.get("given") or ""),
            str(study.get("found") or ""),
            f"{label(study.get('weight'))}: {study.get('can_bear', '')}",
        )
        for study in evidence.get("studies") or ()
    ]
    return table(
        "Studies of the two together, and how much each can bear",
        ("Study", "Design", "People", "Given", "Found", "Weight and why"),
        rows,
        widths=(1.1, 1.2, 0.7, 2.2, 2.2, 3),
    )
