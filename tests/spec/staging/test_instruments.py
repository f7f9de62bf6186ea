"""Staging instruments over one trial list: the worked cases of the clinical brief, and what is missing in a thin chart.

Sources: MSM, 10.1186/s12888-018-1679-x (Table 3); MGH-S, European and register columns of the table in PMC7392234; Thase
and Rush (recalled). All people are invented.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.staging import FOLDER
from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.stages import stage_all
from inconcert.staging.types import StageResult
from support.factories import attest, diagnosis, make_person, order, phq9, procedure, reported_trial

AS_OF = date(2025, 1, 1)
COMPLETE = attest("staging.history_complete", "yes", "2024-12-01")
NO_ECT = attest("staging.ect", "no", "2024-12-01")


def stages(*facts: Any) -> dict[str, StageResult]:
    """Every instrument's reading of an invented person."""
    person = make_person(*facts)
    return {r.instrument: r for r in stage_all(rebuild_trials(person, AS_OF), person, AS_OF)}


def failed(drug: str, number: int, mg: float | None = None, **more: Any) -> Any:
    """An eight-week trial in the current episode at the label's maximum dose, without response; each number is a time of its own."""
    if mg is None:
        mg = drug_book().drugs[drug].label_max_mg
    start = date(2024, 1 + number, 1)
    return reported_trial(drug, start=start.isoformat(), weeks=8, daily_dose_mg=mg, outcome=more.pop("outcome", "nonresponse"),
                          in_current_episode=True, **more)  # fmt: skip


FOUR = ("sertraline", "venlafaxine", "mirtazapine", "bupropion")


# onset | ICD-10-CM | drugs failed | augmented | ECT | points | band
MSM = """
2022-07-01 | F33.2 | 4 | yes | no  | 10 | moderate
2023-11-01 | F33.1 | 2 | no  | no  | 6  | mild
2024-01-01 | F33.0 | 1 | no  | no  | 4  | mild
2023-12-31 | F33.0 | 1 | no  | no  | 5  | mild
2022-01-01 | F33.3 | 3 | yes | yes | 12 | severe
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize("row", _rows(MSM), ids=lambda row: " ".join(row[:5]))
def test_maudsley_points(row: list[str]) -> None:
    """Duration, severity, failures, augmentation and ECT add up; a complete history gives one number."""
    onset, code, count, augmented, ect, points, band = row
    facts = [diagnosis(code, onset), COMPLETE, *(failed(drug, n * 2) for n, drug in enumerate(FOUR[: int(count)]))]
    if augmented == "yes":
        facts.append(order("aripiprazole", "2024-01-05", "2024-02-20", 5))
    facts.append(NO_ECT if ect == "no" else procedure("90870", "2024-08-01"))
    found = stages(*facts)["msm"]
    assert (found.low, found.high, found.band) == (float(points), float(points), band)
    assert found.missing == ()


def test_maudsley_has_no_stage_without_a_failure() -> None:
    """Zero failed drugs has no row in the method: not stageable, and no number."""
    found = stages(diagnosis(), COMPLETE, NO_ECT)["msm"]
    assert (found.low, found.high, found.band) == (None, None, "not stageable")


def test_maudsley_is_a_range_where_a_dose_is_unknown() -> None:
    """Sertraline for ten weeks at an unknown dose: the stage is a range, and the question is the dose."""
    found = stages(diagnosis("F33.1", "2023-11-01"), COMPLETE, NO_ECT, failed("venlafaxine", 0), failed("mirtazapine", 2),
                   order("sertraline", "2024-06-01", "2024-08-09", stop_reason_text="no response"))["msm"]  # fmt: skip
    assert (found.low, found.high) == (6, 7)
    assert [q.id for q in found.missing] == ["staging.dose"]


def test_maudsley_asks_for_onset_severity_and_ect() -> None:
    """With neither onset nor severity, the range is wide and each missing item has its question."""
    found = stages(failed("sertraline", 0), diagnosis("F33.9", None))["msm"]
    assert (found.low, found.high) == (3, 15)
    asked = {q.id for q in found.missing}
    assert {"staging.episode_onset", "staging.severity", "staging.ect", "staging.history_complete"} <= asked


def test_severity_may_come_from_a_recent_score_and_says_so() -> None:
    """Where no code gives a severity, a recent PHQ-9 band does, and the episode names the form."""
    person = make_person(diagnosis("F33.9"), phq9("2024-12-20", 12))
    episode = rebuild_trials(person, AS_OF).episode
    assert episode.severity == "moderate"
    assert any("phq9" in use.why for use in episode.used)


def test_mgh_points_of_the_worked_case() -> None:
    """Three adequate failures, one optimized, one augmented, ECT failed: 3 + 0.5 + 0.5 + 3 = 7."""
    found = stages(
        diagnosis(), COMPLETE, failed("sertraline", 0, 200), failed("venlafaxine", 2, 150), failed("mirtazapine", 4, 30),
        order("aripiprazole", "2024-01-05", "2024-02-20", 5), attest("staging.ect_failed", "yes"), attest("staging.ect", "yes"),
    )["mgh_s"]  # fmt: skip
    assert (found.low, found.high) == (7, 7)


# drugs failed | bilateral ECT failed | stage
THASE_RUSH = """
-                                              | no  | 0
sertraline                                     | no  | 1
sertraline citalopram                          | no  | 1
sertraline venlafaxine                         | no  | 2
sertraline nortriptyline                       | no  | 3
nortriptyline phenelzine                       | no  | 4
sertraline nortriptyline phenelzine            | no  | 4
sertraline nortriptyline phenelzine            | yes | 5
sertraline phenelzine                          | no  | 2
"""


@pytest.mark.parametrize("row", _rows(THASE_RUSH), ids=" ".join)
def test_thase_rush_ladder(row: list[str]) -> None:
    """Each rung stands on the one below: one class, two classes, a TCA, an MAOI, bilateral ECT."""
    drugs = [] if row[0] == "-" else row[0].split()
    facts = [diagnosis(), COMPLETE, *(failed(drug, n * 2) for n, drug in enumerate(drugs))]
    facts += [attest("staging.ect_failed", row[1]), attest("staging.ect_bilateral", row[1])]
    found = stages(*facts)["thase_rush"]
    assert (found.low, found.high) == (float(row[2]), float(row[2]))


# drugs failed | European stage
EUROPEAN = """
0 | none
1 | nonresponder
2 | TRD1
3 | TRD2
4 | TRD3
"""


@pytest.mark.parametrize("row", _rows(EUROPEAN), ids=lambda row: row[1])
def test_european_stage(row: list[str]) -> None:
    """One failure is a non-responder; each further one a stage."""
    facts = [diagnosis(), COMPLETE, *(failed(drug, n * 2) for n, drug in enumerate(FOUR[: int(row[0])]))]
    assert stages(*facts)["european"].band == row[1]


# facts | US label | what it says
def test_us_label_two_failures_are_resistant() -> None:
    """Two different drugs that failed in this episode meet the label; one class is enough."""
    judgement = stages(diagnosis(), failed("sertraline", 0), failed("citalopram", 2))["us_esketamine"].judgement
    assert judgement is not None
    assert judgement.answer.value == "met"


def test_us_label_one_of_two_is_unknown_until_the_history_is_complete() -> None:
    """One failure found: unknown, "1 of 2 found; complete?"; attested complete, not met; attested incomplete, unknown."""
    facts = [diagnosis(), failed("sertraline", 0)]
    answers = {}
    for name, more in {"open": [], "yes": [COMPLETE], "no": [attest("staging.history_complete", "no")]}.items():
        judgement = stages(*facts, *more)["us_esketamine"].judgement
        assert judgement is not None
        answers[name] = judgement.answer.value
        if name == "open":
            assert judgement.text == "1 of 2 different drugs found; is the history of medication trials complete?"
    assert answers == {"open": "unknown", "yes": "not_met", "no": "unknown"}


def test_us_label_does_not_count_the_same_drug_twice() -> None:
    """Two failed trials of sertraline are one drug."""
    found = stages(diagnosis(), failed("sertraline", 0), failed("sertraline", 6), COMPLETE)["us_esketamine"]
    assert found.judgement is not None
    assert (found.low, found.judgement.answer.value) == (1, "not_met")


def test_us_label_leaves_out_the_patch() -> None:
    """The definition speaks of oral drugs: the selegiline patch is left out and says so."""
    found = stages(diagnosis(), failed("sertraline", 0), failed("Emsam", 2, 6))["us_esketamine"]
    assert (found.low, [r.why for r in found.rejected if "selegiline" in r.why]) == (
        1,
        ["selegiline transdermal: left out by the rule"],
    )


def test_a_partial_response_leaves_the_us_label_open() -> None:
    """The label does not say whether a partial response is inadequate: undecided, with that question."""
    found = stages(diagnosis(), failed("sertraline", 0), failed("venlafaxine", 2, outcome="partial"), COMPLETE)[
        "us_esketamine"
    ]
    assert found.judgement is not None
    assert found.judgement.answer.value == "unknown"
    assert [q.id for q in found.missing] == ["staging.partial_response"]


def test_intolerance_is_no_failure() -> None:
    """A drug stopped for side effects is rejected with that reason, whatever it was."""
    found = stages(diagnosis(), failed("sertraline", 0, outcome="intolerance"), COMPLETE)["us_esketamine"]
    assert found.low == 0
    assert "intolerance" in found.rejected[0].why


def test_earlier_episodes_do_not_count() -> None:
    """Two failures before the current episode began are rejected for that reason."""
    found = stages(diagnosis(onset="2024-06-01"), order("sertraline", "2022-01-01", "2022-06-01", 100, stop_reason_text="no response"),
                   order("venlafaxine", "2023-01-01", "2023-06-01", 150, stop_reason_text="no response"))["us_esketamine"]  # fmt: skip
    assert found.low == 0
    assert all("before the current episode" in r.why for r in found.rejected)


def test_weeks_before_the_episode_do_not_count() -> None:
    """A drug begun long before the episode counts with its weeks inside it: four of twenty are too few."""
    sertraline = order("sertraline", "2024-01-01", "2024-05-28", 100, stop_reason_text="no response")
    found = stages(diagnosis(onset="2024-05-01"), sertraline)["us_esketamine"]
    assert found.low == 0
    assert "4.0 weeks at the minimum dose in the episode" in found.rejected[0].why


def test_ema_asks_for_adherence() -> None:
    """The European guideline wants adherence confirmed: unknown until it is told."""
    known = stages(
        diagnosis(), failed("sertraline", 0, adherence_percent=95), failed("venlafaxine", 2, adherence_percent=90)
    )
    blank = stages(diagnosis(), failed("sertraline", 0), failed("venlafaxine", 2))
    answers = [r["ema_2013"].judgement for r in (known, blank)]
    assert [j.answer.value for j in answers if j] == ["met", "unknown"]


def test_register_model_needs_neither_dose_nor_outcome() -> None:
    """Two courses of 28 days are enough for the register model, and a course of ECT is one."""
    two = stages(
        diagnosis(), order(start="2024-01-01", end="2024-01-28"), order("venlafaxine", "2024-03-01", "2024-03-28")
    )
    one = stages(diagnosis(), order(start="2024-01-01", end="2024-01-28"), procedure("90870", "2024-08-01"))
    answers = [r["karolinska"].judgement for r in (two, one)]
    assert [j.answer.value for j in answers if j] == ["met", "met"]


def test_dutch_measure_is_not_shipped() -> None:
    """The Dutch measure's points could not be compared with the paper, so no file of ours holds them."""
    assert "dm_trd" not in stages(diagnosis())
    assert not any("dm_trd:" in path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml"))


def test_every_result_cites_its_basis() -> None:
    """Every judgement of a stage names its rule and its sources."""
    for result in stages(diagnosis(), failed("sertraline", 0)).values():
        if result.judgement is not None:
            assert result.judgement.basis.rule_id
            assert result.judgement.basis.sources
