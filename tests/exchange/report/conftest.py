"""A small assessment in its JSON form, written out by hand, so that what is shown can be compared with what was said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

AS_OF = "2026-11-16"


def day(text: str) -> dict[str, str]:
    """A known day."""
    return {"earliest": text, "latest": text, "text": text}


def basis(rule: str, used: tuple[str, ...] = (), status: str = "read") -> dict[str, Any]:
    """A basis with one source."""
    return {
        "rule_id": rule,
        "rule_version": "3",
        "rule_text": f"What {rule} asks.",
        "as_of": AS_OF,
        "sources": [{"ref": f"https://example.org/{rule}", "where": "table 1", "status": status}],
        "used": [{"record_id": record, "why": "in force", "on": "2026-01-05"} for record in used],
        "rejected": [{"record_id": "Observation/old", "why": "entered in error", "on": "2024"}],
    }


def judged(ident: str, answer: str, text: str, *parts: dict[str, Any], used: tuple[str, ...] = ()) -> dict[str, Any]:
    """A judgement, with a question where it is unknown."""
    question = {"id": f"ask.{ident}", "text": f"What would settle {ident}?", "settles": ident}
    return {
        "id": ident,
        "answer": answer,
        "text": text,
        "basis": basis(ident, used),
        "question": question if answer == "unknown" else None,
        "parts": list(parts),
    }


def trial(drug: str, start: str, end: str | None, outcome: str, adequate: str, /, **changes: Any) -> dict[str, Any]:
    """A medication trial with two dose steps."""
    stop = end or AS_OF
    middle = start[:8] + "28"
    return {
        "id": f"trial-{drug}",
        "drug": drug,
        "drug_class": "SSRI",
        "kind": "antidepressant",
        "role": "monotherapy",
        "start": day(start),
        "end": day(end) if end else None,
        "ongoing": "not_met" if end else "met",
        "segments": [
            {"start": day(start), "end": day(middle), "daily_dose_mg_low": 50.0, "daily_dose_mg_high": 50.0, "records": ["MedicationRequest/1"]},
            {"start": day(middle), "end": day(stop), "daily_dose_mg_low": 100.0, "daily_dose_mg_high": 100.0, "records": ["MedicationRequest/2"]},
        ],
        "weeks_total": {"low": 14.0, "high": 14.0},
        "weeks_at_adequate_dose": {"low": 10.0, "high": 14.0},
        "max_daily_dose_mg": 100.0,
        "adequate_dose_mg": 50.0,
        "label_max_dose_mg": 200.0,
        "adherence_percent": 92.0,
        "outcome": outcome,
        "outcome_kind": "inferred",
        "improvement_percent": 8.0,
        "stop_reason": "no response",
        "in_current_episode": "met",
        "augments": [],
        "dose_adequate": "met",
        "adequate": judged(f"adequate-{drug}", adequate, f"{drug}: ten weeks at 50 mg or more"),
        "failed": judged(f"failed-{drug}", adequate, f"{drug} failed", used=("MedicationRequest/1",)),
        "used": [{"record_id": "MedicationRequest/1", "why": "dose", "on": start}],
        "rejected": [],
        "counts": "met",
        "counts_why": "",
        **changes,
    }  # fmt: skip


def score(on: str, total: float | None, band: str | None, low: float = 0, high: float = 27) -> dict[str, Any]:
    """A dated PHQ-9."""
    scale = "phq9"
    return {
        "form_id": f"QuestionnaireResponse/{scale}-{on}",
        "taken": {"days": day(on), "instant": None, "utc_offset_minutes": None},
        "score": {
            "scale": scale,
            "total": total,
            "total_low": total if total is not None else low,
            "total_high": total if total is not None else high,
            "band": band,
            "items": {"9": 1.0},
            "missing": [],
            "needs": [],
            "flags": [{"id": "phq9_item9", "item": "9", "value": 1.0, "level": "yellow", "text": "thoughts of death", "action": "C-SSRS"}] if total and total > 20 else [],
            "prorated": False,
            "notes": [],
            "basis": basis("scales.phq9"),
        },
    }  # fmt: skip


def finding(item: str, answer: str, text: str, *arms: str, level: str = "hold") -> dict[str, Any]:
    """A safety finding."""
    return {
        "item": item,
        "arms": list(arms),
        "level": level,
        "judgement": judged(item, answer, text),
        "action": f"Do: {item}.",
    }


def clearance(arm: str, answer: str, *deciding: dict[str, Any]) -> dict[str, Any]:
    """A clearance of one arm."""
    questions = [f["judgement"]["question"] for f in deciding if f["judgement"]["question"]]
    return {
        "arm": arm,
        "clearance": answer,
        "text": f"{arm}: {answer}",
        "deciding": list(deciding),
        "warnings": [],
        "questions": questions,
    }


def figure(name: str, low: float, high: float | None, unit: str, kind: str = "reported") -> dict[str, Any]:
    """A figure of a proposal."""
    return {
        "name": name,
        "low": low,
        "high": high,
        "unit": unit,
        "kind": kind,
        "sources": [{"ref": "doi:10.1/x", "where": "", "status": "recalled"}],
        "note": "",
    }


def proposed_way() -> dict[str, Any]:
    """One way to give it."""
    return {
        "proposal": {
            "id": "tms_first_same_day",
            "way": "tms_first_same_day",
            "name": "TMS first, esketamine the same day",
            "summary": "TMS then esketamine on drug days.",
            "parts": [
                {"service": "rtms", "arm": "tms", "protocol": "rtms_10hz", "visits": figure("visits", 36, None, "visits"), "hours": figure("hours", 24, 30, "h"), "weeks": figure("weeks", 6, None, "weeks"), "label_status": "licensed", "starts_in_week": 0.0},
                {"service": "esketamine", "arm": "esketamine", "protocol": "esketamine_us", "visits": figure("visits", 12, None, "visits"), "hours": figure("hours", 30, None, "h"), "weeks": figure("weeks", 8, None, "weeks"), "label_status": "licensed", "starts_in_week": 0.0},
            ],
            "visits": figure("visits", 36, 40, "visits", "design_default"),
            "hours": figure("hours", 54, 60, "h", "design_default"),
            "weeks": figure("weeks", 8, None, "weeks", "design_default"),
            "asks_of_person": ["An escort on drug days.", "No driving until the next day."],
            "known": [figure("response", 42, 56, "%")],
            "design_defaults": [["order", "TMS first keeps threshold and consent clear of drug effect."]],
            "basis": basis("courses.tms_first_same_day", status="recalled"),
        },
        "clearance": "hold",
        "blockers": [],
        "fits": [{"id": "travel", "direction": "hinders", "text": "Three hours each way.", "judgement": judged("travel", "met", "180 minutes")}],
        "coverage": [{"service": "rtms", "answer": "unknown", "determination": None, "text": "1 of 2 trials found"}],
        "cautions": ["The pair is unstudied on the same day."],
        "questions": [],
    }  # fmt: skip


def sample(**person: Any) -> dict[str, Any]:
    """The whole assessment; keyword arguments replace what it says of the person."""
    aneurysm = finding("safety.aneurysm", "unknown", "Aneurysm: nobody asked", "ketamine", "esketamine", level="block")
    implant = finding("safety.cochlear_implant", "met", "Cochlear implant recorded", "tms", "deep_tms", level="block")
    criteria = judged(
        "criteria",
        "unknown",
        "all of",
        judged("age", "met", "Age 18 or over: 42"),
        judged("trials", "unknown", "At least 2 adequate trials: 1 of 2 found", used=("MedicationRequest/1",)),
        judged("psychotherapy", "not_met", "A course of psychotherapy that failed"),
    )
    determination = {
        "policy_id": "aetna-tms",
        "payer": "Aetna (CVS Health)",
        "title": "Transcranial magnetic stimulation",
        "service": "rtms",
        "answer": "unknown",
        "decision": "",
        "summary": "1 met, 1 not met, 1 unknown.",
        "criteria": criteria,
        "missing": [{"id": "staging.history_complete", "text": "Is the medication history complete?", "settles": "trials"}],
        "shortest_way": [{"id": "s1", "text": "Get the dates of the second trial.", "kind": "document", "settles": ["trials"], "earliest": "2026-12-01", "caution": "Not an answer for someone who cannot wait."}],
        "authorizes": "36 sessions",
        "combination": "excludes_as_experimental",
        "combination_text": "Lists ketamine with TMS among experimental uses.",
        "caveats": ["Read from a summary, not from the payer's page."],
        "basis": basis("aetna-tms", status="recalled"),
    }  # fmt: skip
    return {
        "schema_version": "1",
        "inconcert_version": "0.1.0",
        "as_of": AS_OF,
        "account": {
            "resources": 12,
            "used": 9,
            "kept_not_used": 2,
            "refused_count": 1,
            "kept": [{"id": f"Encounter/{n}", "path": "Encounter", "reason": "not needed", "mend": "nothing"} for n in (1, 2)],
            "refused": [{"id": "Observation/9", "path": "Observation.effectiveDateTime", "reason": "2026-02-30 does not exist", "mend": "Correct the date."}],
        },
        "person": {
            "id": "Patient/p1",
            "name": "Quillfeather, Ottoline",
            "birth": "1984-03-09",
            "sex": "female",
            "age_low": 42,
            "age_high": 42,
            "deceased": False,
            "region": "OH",
            "health_plans": ["Aetna"],
            "invented": True,
            **person,
        },
        "warnings": ["One record is dated after the day asked for and was left out."],
        "answers": {
            "who": {
                "text": "One adequate failed trial of two; the history is not attested complete.",
                "resistant": "unknown",
                "history": {
                    "as_of": AS_OF,
                    "trials": [
                        trial("sertraline", "2026-01-05", "2026-04-12", "nonresponse", "met"),
                        trial("venlafaxine", "2026-05-04", None, "unknown", "unknown", drug_class="SNRI", outcome_kind="unknown"),
                    ],
                    "episode": {"onset": {"earliest": "2025-11-01", "latest": "2025-11-30", "text": "2025-11"}, "polarity": "unipolar", "severity": "severe", "psychotic": "not_met", "recurrent": "met", "diagnosis": judged("diagnosis", "met", "Major depression, recurrent, severe", used=("Condition/1",)), "used": []},
                    "complete": judged("complete", "unknown", "Nobody has said that the history is whole"),
                    "ect": judged("ect", "unknown", "No record of ECT"),
                    "ect_failed": judged("ect_failed", "unknown", "No record of ECT"),
                    "psychotherapy": judged("psychotherapy", "not_met", "None"),
                    "not_trials": [{"record_id": "MedicationRequest/7", "why": "ibuprofen is not an antidepressant", "on": "2026-02-01"}],
                },
                "staging": [
                    {"instrument": "msm", "name": "Maudsley Staging Method", "low": 6.0, "high": 8.0, "band": "mild to moderate", "unit": "points", "counted": [{"record_id": "trial-sertraline", "why": "adequate", "on": ""}], "rejected": [{"record_id": "trial-venlafaxine", "why": "adequacy unknown", "on": ""}], "missing": [{"id": "staging.dose", "text": "At what dose was venlafaxine taken?", "settles": "msm"}], "judgement": None, "parts": [["duration", "12 months", "1"]]},
                ],
                "safety": {
                    "findings": [aneurysm, implant],
                    "clearances": [clearance("esketamine", "hold", aneurysm), clearance("tms", "never", implant)],
                    "suicide_risk": {"level": "amber", "text": "PHQ-9 item 9 is 2", "actions": ["Same-day assessment by a clinician."], "within_hours": 24.0, "judgement": judged("suicide", "met", "item 9 is 2", used=("QuestionnaireResponse/1",))},
                },
                "questions": [{"id": "staging.history_complete", "text": "Is the medication history complete?", "settles": "us_label"}],
                "basis": basis("assessment.who"),
            },
            "paid": {
                "text": "Aetna, TMS: unknown.",
                "chosen_because": "matched to the recorded health plan (Aetna).",
                "determinations": [determination],
                "plans": [{"services": ["rtms", "esketamine"], "parts": [determination], "pair_allowed": "not_met", "pair_text": "The TMS policy calls the pair experimental.", "summary": "TMS unknown; pair experimental."}],
                "library": [{"policy_id": "aetna-tms", "payer": "Aetna (CVS Health)", "service": "rtms", "answer": "unknown", "decision": "", "combination": "excludes_as_experimental", "stopped_by": "At least 2 adequate trials"}],
                "questions": [],
                "basis": basis("assessment.paid"),
            },
            "given": {
                "text": "One way is open once the questions are answered.",
                "proposals": {
                    "as_of": AS_OF,
                    "do_first": ["A clinician sees this person within 24 hours."],
                    "suicide_risk": None,
                    "ways": [proposed_way()],
                    "order_rule": "Excluded ways last, else as the file lists them.",
                    "never_offered": [["ctk_best_2019", "the dose range reaches anaesthesia"]],
                    "questions": [],
                    "basis": basis("courses.order"),
                },
                "basis": basis("assessment.given"),
            },
            "evidence": {
                "text": "No randomized trial of the pair exists; the one comparison found no added benefit.",
                "evidence": {"headline": "No randomized trial of the pair.", "basis": basis("evidence.headline")},
                "basis": basis("assessment.evidence"),
            },
        },
        "scores": {
            "phq9": [score("2026-01-05", 24.0, "severe"), score("2026-04-13", 22.0, "severe"), score("2026-09-01", None, None, 14, 20), score("2026-11-09", 21.0, "severe")],
        },
        "disclaimer": "Supports a clinician's decision and shows its basis; it decides nothing.",
    }  # fmt: skip


@pytest.fixture
def assessment() -> dict[str, Any]:
    """The hand-written assessment."""
    return sample()


@pytest.fixture
def sample_of() -> Callable[..., dict[str, Any]]:
    """The hand-written assessment with other words about the person."""
    return sample


@pytest.fixture
def trial_of() -> Callable[..., dict[str, Any]]:
    """A medication trial, to be changed."""
    return trial
