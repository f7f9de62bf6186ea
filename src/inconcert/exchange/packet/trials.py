"""The table of medication trials: what was taken, how long, at which dose, how it ended, and whether it counts here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from inconcert.exchange.packet.criteria import Cite
from inconcert.exchange.packet.types import PacketPart, Rests, Sentence, TrialLine
from inconcert.exchange.report.picture_rows import outcome_words
from inconcert.exchange.report.words import days, doses, label, number, sentence, span
from inconcert.judgement import RecordUse
from inconcert.payers.wording import opening
from inconcert.staging.types import MedicationTrial, TrialHistory


def trial_lines(history: TrialHistory, parts: Sequence[PacketPart], cite: Cite) -> tuple[TrialLine, ...]:
    """Every trial of the history, oldest first; one without a chart row is left out, for nothing could be shown for it."""
    lines = []
    for trial in history.trials:
        rows = cite([trial.id])
        if rows:
            lines.append(_line(trial, parts, rows))
    return tuple(lines)


def _line(trial: MedicationTrial, parts: Sequence[PacketPart], rows: tuple[str, ...]) -> TrialLine:
    told = msgspec.to_builtins(trial)
    end = days(told["end"]) if trial.end else "still taken" if told["ongoing"] == "met" else "end not known"
    counted, not_counted = _counts(trial, parts)
    if trial.counts_why and told["counts"] != "met":
        not_counted = (*not_counted, sentence(trial.counts_why))
    return TrialLine(
        id=trial.id,
        drug=trial.drug,
        drug_class=trial.drug_class,
        role="" if told["role"] == "monotherapy" else label(told["role"]),
        doses=doses(told),
        dates=f"{days(told['start'])} to {end}",
        weeks_adequate=span(told["weeks_at_adequate_dose"], "weeks"),
        adequate=trial.adequate.answer,
        adequate_rule=_rule(trial),
        outcome=outcome_words(told),
        adherence="not recorded" if trial.adherence_percent is None else f"{number(trial.adherence_percent)}%",
        stop_reason=trial.stop_reason or ("" if trial.end is None else "not recorded"),
        records=rows,
        counted=counted,
        not_counted=not_counted,
    )


def _rule(trial: MedicationTrial) -> str:
    """By which rule the trial is adequate or not."""
    dose = "" if trial.adequate_dose_mg is None else f"at least {number(trial.adequate_dose_mg)} mg a day; "
    return f"{dose}rule {trial.adequate.basis.rule_id}"


def _counts(trial: MedicationTrial, parts: Sequence[PacketPart]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For which criteria the trial was used, and where it was not, why; one reason is said once, with all its places."""
    used: list[str] = []
    left_out: dict[str, list[str]] = {}
    for part in parts:
        for row in part.criteria:
            place = f"{part.service_name}, criterion {row.number}"
            if trial.id in row.trials:
                used.append(place)
            for other, why in row.rejected_trials:
                if other == trial.id:
                    left_out.setdefault(why.removeprefix(f"{trial.drug}: "), []).append(place)
    reasons = [f"{'; '.join(dict.fromkeys(places))}: {sentence(why)}" for why, places in left_out.items()]
    return tuple(dict.fromkeys(used)), tuple(reasons)


def trial_sentence(line: TrialLine) -> Sentence:
    """A trial in one sentence of a letter. What is not known is not said; what was judged unknown is left out."""
    said = f"{opening(line.drug)}{f' ({line.drug_class})' if line.drug_class else ''}"
    said += f" as {line.role}" if line.role else ""
    pieces = [f"{line.doses} a day" if line.doses != "dose not known" else "", line.dates]
    if line.adequate.value == "met":
        pieces.append(f"{line.weeks_adequate} at an adequate dose")
    elif line.adequate.value == "not_met":
        pieces.append("not an adequate trial by dose or time")
    if not line.outcome.startswith("outcome not known"):
        pieces.append(line.outcome)
    if line.stop_reason and line.stop_reason != "not recorded":
        pieces.append(f"stopped: {line.stop_reason}")
    return Sentence(
        text=sentence(f"{said}: {'; '.join(piece for piece in pieces if piece)}"),
        rests=Rests.RECORD,
        records=line.records,
    )


def not_trials(uses: Iterable[RecordUse], cite: Cite) -> tuple[Sentence, ...]:
    """Drug records that were looked at and are no trials, each with why."""
    found: dict[str, list[str]] = {}
    for use in uses:
        found.setdefault(use.why, []).append(use.record_id)
    said = []
    for why, ids in found.items():
        rows = cite(ids)
        if rows:
            said.append(Sentence(text=sentence(why), rests=Rests.RECORD, records=rows))
    return tuple(said)
