"""From a way on file to a `Proposal`: its parts, its load, what is known and what is a design default."""

from __future__ import annotations

from datetime import date

from inconcert.courses.load import way_load
from inconcert.judgement import Basis, NumberKind, Reading, RecordUse, Source
from inconcert.knowledge.courses import KnownNumber, WayFile
from inconcert.knowledge.protocols import Outcome, protocol_files
from inconcert.knowledge.safety import PlanRule, plan_rules
from inconcert.knowledge.studies import study_tables
from inconcert.protocols import Figure, Proposal, ProposalPart, Way, check_can_select

RULE = "courses.way"


def build(way: WayFile, as_of: date) -> Proposal:
    """The proposal of one way, before it is set against a person."""
    load = way_load(way)
    parts = []
    for part, (visits, hours, weeks, starts) in zip(way.parts, load.parts, strict=True):
        protocol = check_can_select(part.protocol)
        parts.append(
            ProposalPart(
                service=part.service,
                arm=protocol.arm,
                protocol=protocol.id,
                visits=visits,
                hours=hours,
                weeks=weeks,
                label_status=protocol.label_status,
                starts_in_week=starts,
            )
        )
    known = tuple(figure for number in way.known for figure in _known(number))
    sources = dict.fromkeys(s for part in way.parts for s in check_can_select(part.protocol).sources)
    sources.update(dict.fromkeys(s for figure in known for s in figure.sources))
    sources.update(
        dict.fromkeys(Source(f"design default: {what}", why, Reading.DESIGN) for what, why in way.design_defaults)
    )
    return Proposal(
        id=way.id,
        way=Way(way.way),
        name=way.name,
        summary=way.summary,
        parts=tuple(parts),
        visits=load.visits,
        hours=load.hours,
        weeks=load.weeks,
        asks_of_person=way.asks,
        known=known,
        design_defaults=way.design_defaults,
        basis=Basis(
            rule_id=f"{RULE}.{way.id}",
            rule_text=way.summary,
            as_of=as_of,
            sources=tuple(sources),
            used=tuple(
                RecordUse(f"protocol/{part.protocol}", f"protocol of the {part.service} part") for part in way.parts
            ),
        ),
    )


def rules_of(way: WayFile) -> tuple[PlanRule, ...]:
    """The safety rules about plans that concern this way (a rule that names no way concerns every pair)."""
    pair = len(way.parts) > 1
    return tuple(rule for rule in plan_rules() if way.way in rule.ways or (pair and not rule.ways))


def _known(number: KnownNumber) -> tuple[Figure, ...]:
    """The figures a reference stands for. A rate is computed from its count; a printed percentage stays one."""
    if number.estimate:
        row = study_tables().pooled[f"meta/{number.estimate}"]
        return (
            Figure(
                name=f"{row.comparison}: {row.outcome}, {row.effect}",
                low=row.estimate,
                high=None,
                unit=_interval(row.ci_low, row.ci_high, row.ci_status),
                kind=NumberKind.REPORTED,
                sources=(Source(row.source, row.row_id, row.status),),
                note=row.notes,
            ),
        )
    protocol = protocol_files()[number.protocol]
    return tuple(
        _outcome_figure(outcome, protocol.name, protocol.sources)
        for outcome in protocol.outcomes
        if outcome.name == number.outcome and outcome.group == number.group
    )


def _outcome_figure(outcome: Outcome, where: str, sources: tuple[Source, ...]) -> Figure:
    name = f"{where}: {outcome.name}" + (f", {outcome.group}" if outcome.group else "")
    note = "; ".join(text for text in (outcome.cut, outcome.note) if text)
    if outcome.status is Reading.RECALLED:
        sources = tuple(Source(s.ref, s.where, Reading.RECALLED) for s in sources)
    if outcome.events is not None and outcome.n:
        return Figure(
            name=name,
            low=round(100 * outcome.events / outcome.n, 1),
            high=None,
            unit=f"percent ({outcome.events} of {outcome.n})",
            kind=NumberKind.REPORTED,
            sources=sources,
            note=note,
        )
    low, high = outcome.value if isinstance(outcome.value, tuple) else (outcome.value, None)
    return Figure(
        name=name, low=low, high=high, unit=outcome.unit, kind=NumberKind.REPORTED, sources=sources, note=note
    )


def _interval(low: float | None, high: float | None, status: Reading | None) -> str:
    if low is None or high is None:
        return "(interval not seen)"
    return f"(95% CI {low:g} to {high:g})" + (" [interval recalled]" if status is Reading.RECALLED else "")
