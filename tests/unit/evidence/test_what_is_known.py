"""What is known of the pair: the headline follows from the tables, and every number leads to a row."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import date
from typing import Any

import msgspec
import pytest

from inconcert.evidence.synthesis.alone import SERVICES, figures_alone
from inconcert.evidence.synthesis.rows import counted_pairs
from inconcert.evidence.synthesis.types import EvidenceAnswer
from inconcert.evidence.synthesis.what_is_known import comparisons, is_pair, what_is_known
from inconcert.judgement import Answer, NumberKind, Reading
from inconcert.knowledge.studies import StudyOutcome, StudyTables, study_tables

TODAY = date(2026, 11, 22)


@pytest.fixture
def known() -> EvidenceAnswer:
    """Everything that is known today."""
    return what_is_known(TODAY)


def test_the_headline_says_that_nobody_knows_and_why(known: EvidenceAnswer) -> None:
    """Nobody knows; no randomized trial; one comparison of 235 people, no difference, neither gain nor harm excluded."""
    for words in (
        "Nobody knows",
        "No randomized trial of the pair was found",
        "not randomized (235 people, Shanok 2024) found no difference",
        "80% with both and 77% with TMS alone",
        "1.22 (95% interval 0.60 to 2.47)",
        "neither a useful gain nor a harm",
    ):
        assert words in known.headline


def test_whether_the_pair_is_better_is_unknown_and_names_what_would_settle_it(known: EvidenceAnswer) -> None:
    """The judgement is unknown, and its question is a trial of the pair."""
    assert known.better.answer is Answer.UNKNOWN
    assert known.better.question is not None
    assert "trial" in known.better.question.text


def test_no_study_of_the_pair_in_the_tables_is_left_untold(known: EvidenceAnswer) -> None:
    """Each study with an arm of both treatments is told, with what it can bear, and none of them is randomized."""
    tables = study_tables()
    pairs = {arm.study_id for arm in tables.arms.values() if is_pair(tables, arm)}
    told = {study.study_id: study for study in known.studies}
    assert pairs <= set(told)
    assert not any(told[study].randomized for study in pairs)
    assert all(study.can_bear and study.weight and study.sources for study in known.studies)


def test_every_number_leads_to_a_row(known: EvidenceAnswer) -> None:
    """Each figure names rows that exist, has a source, and counts printed in it are those of its row."""
    tables = study_tables()
    rows = tables.outcomes.keys() | tables.pooled.keys() | {f"target/{t.id}" for t in tables.targets}
    for figure in known.figures:
        assert figure.row_ids, figure.name
        assert set(figure.row_ids) <= rows, figure.name
        assert figure.sources, figure.name
        if figure.kind is NumberKind.REPORTED and figure.row_ids[0] in tables.outcomes:
            row = tables.outcomes[figure.row_ids[0]]
            assert figure.text.startswith(f"{row.events} of {row.n} ")


def test_what_was_computed_here_is_never_shown_as_reported(known: EvidenceAnswer) -> None:
    """A ratio worked out from counts is modelled; a pooled estimate from a review is reported."""
    for figure in known.figures:
        computed = len(figure.row_ids) == 2 or figure.row_ids[0].startswith("target/")
        assert figure.kind is (NumberKind.MODELLED if computed else NumberKind.REPORTED)


def test_a_recalled_row_marks_the_figure(known: EvidenceAnswer) -> None:
    """A trial whose counts were recalled shows it, and one that was read does not."""
    status = {figure.row_ids[0]: figure.status for figure in known.figures}
    assert status["THREED2018/itbs/HAMD17/42/response"] is Reading.RECALLED
    assert status["SHANOK2024/comb/PHQ9/63/response"] is Reading.READ
    assert status["meta/dtms_ma_resp"] is Reading.RECALLED
    assert status["meta/mutz2019_hfl"] is Reading.RECALLED


def test_only_randomized_trials_speak_for_one_treatment_alone(known: EvidenceAnswer) -> None:
    """Open, registry and crossover rows never stand among the figures of a single treatment."""
    tables = study_tables()
    for figure in known.figures:
        if figure.subject != "pair" and figure.row_ids[0] in tables.outcomes:
            assert tables.studies[figure.row_ids[0].split("/")[0]].design == "rct"


def test_each_service_has_its_own_evidence(known: EvidenceAnswer) -> None:
    """All six services have figures; asking for one leaves the others out."""
    assert {figure.subject for figure in known.figures} == {"pair", *SERVICES}
    only = what_is_known(TODAY, services=("esketamine",))
    assert {figure.subject for figure in only.figures} == {"pair", "esketamine"}
    assert only.about("esketamine") == known.about("esketamine")
    assert any(figure.main for figure in only.about("esketamine"))
    with pytest.raises(ValueError, match="no such service"):
        what_is_known(TODAY, services=("esketamin",))


def test_earlier_questions_do_not_know_later_studies() -> None:
    """Asked for 2020, the comparison of 2024 does not exist, and neither do reviews and trials after that year."""
    then = what_is_known(date(2020, 6, 1))
    assert "No comparison" in then.headline
    assert {study.who for study in then.studies} == {"Best 2015", "Best 2019", "Nelson 2020", "Al Shirawi 2017"}
    assert "Shanok" not in json.dumps(msgspec.to_builtins(dataclasses.asdict(then)["figures"]))
    years = [int(y) for figure in then.figures for y in re.findall(r"\((?:[^()]*) (20\d\d)\)", figure.name)]
    assert years
    assert max(years) <= 2020
    assert not any("2026" in row for figure in then.figures for row in figure.row_ids)


@pytest.mark.parametrize(
    ("bipolar", "start"),
    [(Answer.MET, "This depression is bipolar"), (Answer.UNKNOWN, "Should this"), (Answer.NOT_MET, "")],
)
def test_bipolar_depression_is_told_that_the_comparison_left_it_out(bipolar: Answer, start: str) -> None:
    """The one comparison took no bipolar depression; who has it, or may have it, is told so."""
    caveat = what_is_known(TODAY, bipolar=bipolar).caveat
    assert caveat.startswith(start)
    assert bool(caveat) is bool(start)
    if start:
        assert "took nobody with bipolar depression" in caveat


def test_the_word_for_more_than_the_sum_is_used_only_of_the_claim(known: EvidenceAnswer) -> None:
    """Nothing but the claim about it says synergy, in any form."""

    def plain(value: Any) -> str:
        return json.dumps(msgspec.to_builtins(value)).lower()

    fields = dataclasses.asdict(known)
    claims = fields.pop("claims")
    words = re.sub(r"https?://[^\s\"]+", "", plain(fields))
    assert "synerg" not in words
    assert [claim["id"] for claim in claims if "synerg" in plain([claim["claim"], claim["why"]])] == ["synergy"]


def test_every_claim_has_a_verdict_a_reason_and_something_it_was_checked_against(known: EvidenceAnswer) -> None:
    """Eighteen claims; none is called supported without a source."""
    assert len(known.claims) == 18
    for claim in known.claims:
        assert claim.why
        assert claim.sources or claim.row_ids, claim.id
    assert {c.id: c.verdict for c in known.claims}["superiority_confirmed"] == "contradicted"


def with_counts(tables: StudyTables, *rows: tuple[str, str, float, int, int]) -> StudyTables:
    """The tables with further counts of response: study, arm, day, events, people."""
    added = [
        StudyOutcome(
            study_id=study, arm_id=arm, measure="HAMD21", timepoint_days=day, time_origin="baseline", kind="response",
            value=events / n, n=n, events=events, status=Reading.READ,
        )
        for study, arm, day, events, n in rows
    ]  # fmt: skip
    return msgspec.structs.replace(tables, outcomes=tables.outcomes | {row.row_id: row for row in added})


def test_two_forms_of_one_service_are_no_evidence_for_the_service() -> None:
    """One Deep TMS coil against the other says nothing of Deep TMS against none."""
    tables = with_counts(study_tables(), ("ZANGEN2023", "h1", 42, 40, 80), ("ZANGEN2023", "h7", 42, 45, 80))
    assert not any("ZANGEN" in row for figure in figures_alone(tables, "dtms", TODAY) for row in figure.row_ids)


def test_the_pair_is_compared_only_with_a_part_of_itself() -> None:
    """A group on usual care beside the pair would mix two questions: it is no comparison with one treatment alone."""
    tables = study_tables()
    care = msgspec.structs.replace(tables.arms["SHANOK2024", "dtms"], arm_id="care", components="usual_care")
    tables = msgspec.structs.replace(tables, arms=tables.arms | {("SHANOK2024", "care"): care})
    tables = with_counts(tables, ("SHANOK2024", "care", 63, 10, 60), ("SHANOK2024", "comb", 63, 50, 66))
    assert {pair.second_arm.arm_id for pair in comparisons(tables, TODAY)} == {"dtms"}


def test_only_counts_of_the_same_day_and_scale_are_compared() -> None:
    """Week 4 in one arm is not set against week 9 in the other."""
    tables = with_counts(study_tables(), ("SHANOK2024", "comb", 28, 30, 66), ("SHANOK2024", "dtms", 63, 99, 169))
    arms = tables.arms
    pairs = counted_pairs(tables, tables.studies["SHANOK2024"], arms["SHANOK2024", "comb"], arms["SHANOK2024", "dtms"])
    assert {(pair.first.measure, pair.first.kind) for pair in pairs} == {("PHQ9", "response"), ("PHQ9", "remission")}
