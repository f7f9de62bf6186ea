"""Our study tables as a network: which rows were used for a question, and why every other row was not.

Rules (each an option of `OwnChoice`, each said in the network's notes): only what was asked, on one scale and one day per study;
nothing that is not randomized in a randomized network; control nodes apart; counts before percentages; the arms' own figures
before printed differences. Every row of outcomes.csv and contrasts.csv is either in a study's `row_ids` or in `excluded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inconcert.evidence.synthesis.data.own_arms import from_arms
from inconcert.evidence.synthesis.data.own_choice import OwnChoice, Settled, settle
from inconcert.evidence.synthesis.data.own_figures import why_not_asked
from inconcert.evidence.synthesis.data.own_groups import Ledger, best_group, group_from_means
from inconcert.evidence.synthesis.data.own_printed import printed_study, why_not_printed
from inconcert.evidence.synthesis.data.types import Excluded, Network, Scale, StudyContrasts
from inconcert.knowledge.studies import Study, StudyContrast, StudyOutcome, StudyTables


def own_network(choice: OwnChoice | None = None, tables: StudyTables | None = None) -> Network:
    """The network of one question. `tables` are ours unless a reader's were merged in.

    Raises NetworkError for a choice that names what the tables do not hold. A network may be empty; `excluded` says why.
    """
    settled = settle(choice or OwnChoice(), tables)
    scale = (
        Scale(settled.choice.scale) if settled.choice.scale else (Scale.OR if settled.choice.is_count else Scale.SMD)
    )
    network = _network(settled, scale)
    if settled.choice.scale is None and not settled.choice.is_count:
        measures = {_measure(row_id) for study in network.studies for row_id in study.row_ids}
        if len(measures) == 1:
            measure = measures.pop()
            return _network(
                _on_measure(settled, measure), Scale.MD, f"all studies used {measure}, so points are compared"
            )
        note = "studies used different scales, so differences are in standard deviations"
        return replace(network, notes=(*network.notes, note))
    if scale is Scale.MD:
        measure = settled.choice.measure or settled.defaults.change_measure
        return _network(_on_measure(settled, measure), scale, f"points of {measure}")
    return network


def _measure(row_id: str) -> str:
    return row_id.split("/")[2]


def _on_measure(settled: Settled, measure: str) -> Settled:
    return replace(settled, choice=replace(settled.choice, measure=measure))


def _network(settled: Settled, scale: Scale, note: str = "") -> Network:
    tables = settled.tables
    outcomes: dict[str, list[StudyOutcome]] = {}
    contrasts: dict[str, list[StudyContrast]] = {}
    for row in tables.outcomes.values():
        outcomes.setdefault(row.study_id, []).append(row)
    for printed in tables.contrasts:
        contrasts.setdefault(printed.study_id, []).append(printed)
    used: list[StudyContrasts] = []
    out: list[Excluded] = []
    for study in tables.studies.values():
        ledger = Ledger(study.study_id)
        rows, differences = outcomes.get(study.study_id, []), contrasts.get(study.study_id, [])
        found = _study(settled, scale, study, rows, differences, ledger)
        if found is not None:
            used.append(found)
        out += ledger.excluded() or ([] if found else [Excluded(study=study.study_id, why="no figure of it was seen")])
    used, twice = _once_each(tables, used)
    notes = (*settled.said, *((note,) if note else ()))
    return Network(scale=scale, studies=tuple(used), excluded=(*out, *twice), notes=notes)


def _study(
    settled: Settled,
    scale: Scale,
    study: Study,
    rows: Sequence[StudyOutcome],
    differences: Sequence[StudyContrast],
    ledger: Ledger,
) -> StudyContrasts | None:
    everything: list[StudyOutcome | StudyContrast] = [*rows, *differences]
    for row in everything:
        if why := why_not_asked(settled, row):
            ledger.put([row], why)
    group = best_group(settled, rows, ledger) or group_from_means(settled, rows, ledger)
    found = from_arms(settled, scale, study, group, ledger) if group else None
    if found is not None:
        ledger.take(found.row_ids)
        left = [row for row in rows if row.row_id not in found.row_ids]
        first = next(iter(group.values())).row
        ledger.put(
            left, f"another day, scale or kind of the study was taken: {first.measure}, day {first.timepoint_days:g}"
        )
        ledger.put(differences, "the arms' own figures were taken")
        return found
    ledger.put(rows, "fewer than two treatments of the study have a figure on the same scale and day")
    return _from_printed(settled, scale, differences, ledger)


def _from_printed(
    settled: Settled, scale: Scale, differences: Sequence[StudyContrast], ledger: Ledger
) -> StudyContrasts | None:
    groups: dict[tuple[str, float], list[StudyContrast]] = {}
    for row in differences:
        if row.row_id in ledger.why:
            continue
        if why := why_not_printed(settled, row, scale):
            ledger.put([row], why)
        else:
            groups.setdefault((row.measure, row.timepoint_days or 0.0), []).append(row)
    if not groups:
        return None
    best = min(groups, key=lambda key: (abs(key[1] - settled.target_day), settled.tables.measures[key[0]].rank))
    rows = groups[best]
    if scale is Scale.SMD and len({row.effect for row in rows}) > 1:
        rows = [row for row in rows if row.effect == "SMD"]
    found = printed_study(settled, rows, scale)
    if isinstance(found, str):
        ledger.put(rows, found)
    taken = () if isinstance(found, str) else found.row_ids
    left = [row for row in differences if row.row_id not in taken]
    ledger.put(left, f"another day, scale or effect of the study was taken: {best[0]}, day {best[1]:g}")
    return None if isinstance(found, str) else found


def _once_each(tables: StudyTables, used: Sequence[StudyContrasts]) -> tuple[list[StudyContrasts], list[Excluded]]:
    """Leave out a study that reports people of another study that is used. Of two that name each other the later one stays."""
    present = {study.study for study in used}
    kept, twice = [], []
    for study in used:
        again = [other for other in tables.studies[study.study].overlaps if other in present]
        if again:
            why = f"some of its people are those of {', '.join(again)}, which is used"
            present.discard(study.study)
            twice.append(Excluded(study=study.study, why=why, row_ids=study.row_ids))
        else:
            kept.append(study)
    return kept, twice
