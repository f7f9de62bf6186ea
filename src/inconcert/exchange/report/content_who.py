"""The first answer in full: medication trials, stages of resistance, scores and safety."""

from __future__ import annotations

from collections.abc import Iterable

from inconcert.assessment.wording import ARMS
from inconcert.exchange.report.page import Block, Fold, Para, Picture, Section, bullets, table
from inconcert.exchange.report.picture_rows import outcome_words, score_points
from inconcert.exchange.report.pictures import timeline_alt, trial_timeline_spec
from inconcert.exchange.report.words import (
    ANSWERS,
    CLEARANCES,
    Json,
    day,
    days,
    doses,
    label,
    number,
    sentence,
    span,
)
from inconcert.knowledge.scales import scale_files


def sections(assessment: Json) -> list[Section]:
    """Trials, staging, scores and safety."""
    who = (assessment.get("answers") or {}).get("who") or {}
    return [
        Section("timeline", "Trials and scores over time", tuple(_timeline(assessment)), "first"),
        Section("trials", "Medication trials", tuple(_trials(who.get("history") or {}))),
        Section("staging", "Stage of resistance", tuple(_staging(who.get("staging") or (), who.get("history") or {}))),
        Section("scores", "Rating scales", tuple(_scores(assessment))),
        Section("safety", "Safety of both arms", tuple(_safety(who.get("safety") or {}))),
    ]


def _timeline(assessment: Json) -> list[Block]:
    alt = timeline_alt(assessment)
    picture = Picture("timeline", "Medication trials and scores over time", alt, trial_timeline_spec(assessment))
    return [picture]


def _trials(history: Json) -> list[Block]:
    episode = history.get("episode") or {}
    blocks: list[Block] = []
    if episode:
        severity = f", {label(episode['severity'])}" if episode.get("severity") else ""
        diagnosis = episode.get("diagnosis") or {}
        blocks.append(
            Para(
                f"Current episode: {label(episode.get('polarity') or 'unknown')} depression{severity}, since "
                f"{days(episode.get('onset'))}; psychotic features {_present(episode.get('psychotic'))}. "
                f"{diagnosis.get('text', '')}"
            )
        )
    rows = [_trial_row(trial) for trial in history.get("trials") or ()]
    blocks += table(
        "Medication trials rebuilt from the record, with whether each counts as adequate and failed",
        ("Drug", "Class and use", "Dates", "Daily dose", "Weeks adequate", "Outcome", "Adequate", "Failed", "Why"),
        rows,
        widths=(1.3, 1.25, 1.3, 1.05, 0.95, 1.2, 0.9, 0.9, 2.3),
        brief=(0, 2, 3, 4, 5, 7),
        marks=(6, 7),
    )
    if not rows:
        blocks.append(Para("No medication trial is found in the record.", "muted"))
    for name in ("complete", "ect", "psychotherapy"):
        judgement = history.get(name) or {}
        if judgement:
            blocks.append(
                Para(f"{_HISTORY[name]}: {ANSWERS.get(judgement.get('answer'))}. {judgement.get('text', '')}")
            )
    left_out = [f"{use['record_id']}{_on(use)}: {use['why']}" for use in history.get("not_trials") or ()]
    if left_out:
        blocks.append(
            Fold(f"Drug records looked at and left out ({len(left_out)})", tuple(bullets("Left out", left_out)))
        )
    return blocks


_HISTORY = {"complete": "History complete", "ect": "ECT", "psychotherapy": "Psychotherapy"}


def _trial_row(trial: Json) -> tuple[str, ...]:
    role = label(trial.get("role") or "monotherapy")
    adherence = trial.get("adherence_percent")
    weeks = span(trial.get("weeks_at_adequate_dose"))
    total = span(trial.get("weeks_total"))
    adequate, failed = trial.get("adequate") or {}, trial.get("failed") or {}
    found = str(adequate.get("text") or "")
    why = [str(trial.get("counts_why") or "") if trial.get("counts", "met") != "met" else "", found.rstrip(".")]
    if trial.get("stop_reason"):
        why.append(f"stopped: {trial['stop_reason']}")
    if adherence is not None and f"{adherence:.0f}%" not in found:
        why.append(f"adherence {adherence:.0f}%")
    if trial.get("in_current_episode") == "unknown":
        why.append("not known whether in this episode")
    elif trial.get("in_current_episode") == "not_met":
        why.append("before this episode")
    end = trial.get("end")
    until = days(end) if end else "ongoing" if trial.get("ongoing") == "met" else "end not known"
    return (
        str(trial.get("drug") or "?"),
        f"{label(trial.get('drug_class'))}, {role}",
        f"{days(trial.get('start'))} to {until}",
        f"{doses(trial)} (adequate from {number(trial.get('adequate_dose_mg'))})",
        weeks if weeks == total else f"{weeks} of {total}",
        outcome_words(trial),
        ANSWERS.get(adequate.get("answer"), "unknown"),
        ANSWERS.get(failed.get("answer"), "unknown"),
        "; ".join(part for part in why if part),
    )


def _staging(stages: Iterable[Json], history: Json) -> list[Block]:
    names = {
        str(trial.get("id")): f"{trial.get('drug')} {days(trial.get('start'))}" for trial in history.get("trials") or ()
    }
    rows, made = [], []
    for stage in stages:
        judgement = stage.get("judgement") or {}
        name = str(stage.get("name") or stage.get("instrument"))
        reading = span({"low": stage.get("low"), "high": stage.get("high")}, str(stage.get("unit") or ""))
        rows.append(
            (
                name,
                reading if stage.get("low") is not None else "not a number",
                label(stage.get("band")) or "none",
                f"{ANSWERS.get(judgement.get('answer'))}: {judgement.get('text')}" if judgement else "asks none",
                "; ".join(dict.fromkeys(str(q.get("text", "")) for q in stage.get("missing") or ())) or "nothing",
            )
        )
        counted = [
            names.get(str(use["record_id"]), f"{use['record_id']}{_on(use)}") for use in stage.get("counted") or ()
        ]
        rejected = [
            f"{names.get(str(use['record_id']), use['record_id'])} ({use['why']})"
            for use in stage.get("rejected") or ()
        ]
        items = [f"{item}: {found} ({points})" for item, found, points in stage.get("parts") or ()]
        made.append((name, "; ".join(counted) or "none", "; ".join(rejected) or "none", "; ".join(items)))
    blocks = table(
        "Stage of resistance by each rule set; a range where something is unknown",
        ("Instrument", "Reading", "Band", "Resistant by its own question", "Would be settled by"),
        rows,
        widths=(1.8, 1.1, 1, 2.2, 2.4),
        brief=(0, 1, 2),
    )
    inner = table(
        "How each reading was made",
        ("Instrument", "Trials counted", "Not counted, and why", "Items, what was found, points"),
        made,
        widths=(1.4, 2, 3, 3),
    )
    return [*blocks, Fold("How each stage was read: trials counted and rejected", tuple(inner))] if inner else blocks


def _scores(assessment: Json) -> list[Block]:
    rows, notes = [], []
    files = scale_files()
    for scale, dated in (assessment.get("scores") or {}).items():
        points = score_points(assessment, scale)
        name = files[scale].name if scale in files else scale
        for point in points[-4:]:
            rows.append((name, day(point.on), point.said))
        for one in dated:
            score = one.get("score") or {}
            on = days((one.get("taken") or {}).get("days"))
            notes += [f"{name}, {on}: {note}" for note in score.get("notes") or ()]
            for flag in score.get("flags") or ():
                level = str(flag.get("level")).upper()
                notes.append(f"{name}, {on}: {flag.get('text')} ({level}). {flag.get('action')}")
    blocks = table(
        "The latest four of each rating scale", ("Scale", "Date", "Score and band"), rows, widths=(3, 1.2, 3)
    )
    return blocks + bullets("Flags and notes", notes)


def _safety(safety: Json) -> list[Block]:
    risk = safety.get("suicide_risk") or {}
    blocks: list[Block] = []
    if risk:
        actions = " ".join(sentence(action) for action in risk.get("actions") or ())
        blocks.append(Para(f"Suicide screen: {risk.get('level')}. {sentence(risk.get('text'))} {actions}".strip()))
    rows, still = [], []
    for arm in safety.get("clearances") or ():
        deciding = list(arm.get("deciding") or ())
        known = [str(f["judgement"].get("text")) for f in deciding if f["judgement"].get("answer") != "unknown"]
        open_items = [label(f.get("item")) for f in deciding if f["judgement"].get("answer") == "unknown"]
        if open_items:
            known.append(f"{len(open_items)} not known: {', '.join(open_items)}")
        rows.append(
            (
                ARMS.get(arm.get("arm"), label(arm.get("arm"))),
                CLEARANCES.get(arm.get("clearance"), label(arm.get("clearance"))),
                " ".join(sentence(text) for text in known) or str(arm.get("text") or ""),
            )
        )
        still += [str(q.get("text", "")) for q in arm.get("questions") or ()]
    blocks += table(
        "Both arms screened at once: cleared, hold (a clinician decides or an answer is missing) or never",
        ("Arm", "Answer", "Because"),
        rows,
        widths=(1.2, 0.8, 5),
        brief=(0, 1, 2),
        marks=(1,),
    )
    blocks += bullets("Still to ask", still)
    warned = [
        f"{sentence(finding['judgement'].get('text'))} {sentence(finding.get('action'))}"
        for arm in safety.get("clearances") or ()
        for finding in arm.get("warnings") or ()
    ]
    blocks += bullets("Warnings to read and acknowledge", warned)
    asked = [
        (
            str(finding["judgement"].get("text") or finding.get("item")),
            ", ".join(ARMS.get(arm, label(arm)) for arm in finding.get("arms") or ()),
            label(finding.get("level")),
            _present(finding["judgement"].get("answer")),
            str(finding.get("action") or ""),
        )
        for finding in safety.get("findings") or ()
    ]
    if asked:
        inner = table(
            "Every safety item", ("Item", "Arms", "Level", "Hazard", "Action"), asked, widths=(3, 2, 0.7, 1, 3)
        )
        blocks.append(Fold(f"Every safety item asked ({len(asked)})", tuple(inner)))
    return blocks


def _present(answer: str | None) -> str:
    return {"met": "present", "not_met": "absent", "unknown": "not known"}.get(answer or "unknown", "not known")


def _on(use: Json) -> str:
    return f", {day(use['on'])}" if use.get("on") else ""
