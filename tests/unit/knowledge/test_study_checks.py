"""The checks of the study tables: each sort of mistake is found, named by row, and our own tables hold none that is unexplained."""

from __future__ import annotations

import math
from datetime import date
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.knowledge import study_checks
from inconcert.knowledge.studies import StudyTables, study_tables
from inconcert.knowledge.study_checks import RULES, check_tables
from inconcert.knowledge.study_checks.people import decimals, whole_numbers
from inconcert.knowledge.study_findings import FindingLevel, StudyFinding
from inconcert.knowledge.study_rows import Study, StudyArm, StudyContrast, StudyOutcome

DAY = date(2026, 11, 22)
PAIR = {"study_id": "NEW2025", "measure": "MADRS", "timepoint_days": 28.0, "time_origin": "baseline", "status": "read"}


def tables(
    *,
    study: dict[str, Any] | None = None,
    arms: list[dict[str, Any]] | None = None,
    outcomes: list[dict[str, Any]] | None = None,
    contrasts: list[dict[str, Any]] | None = None,
) -> StudyTables:
    """Our tables with one more study of two arms, changed as asked."""
    ours = study_tables()
    entry = {
        "study_id": "NEW2025",
        "first_author": "New",
        "year": 2025,
        "design": "rct",
        "status": "read",
        **(study or {}),
    }
    base = [
        {"study_id": "NEW2025", "arm_id": "ket", "label": "ketamine", "components": "ketamine_iv", "n_randomised": 40},
        {"study_id": "NEW2025", "arm_id": "sal", "label": "saline", "components": "saline", "n_randomised": 40},
    ]
    changed = [{"status": "read", **one, **more} for one, more in zip(base, arms or [{}, {}], strict=True)]
    rows = [
        msgspec.convert({"arm_id": "ket", "kind": "response", **PAIR, **row}, StudyOutcome, strict=False)
        for row in outcomes or []
    ]
    printed = [
        msgspec.convert({"study_id": "NEW2025", "arm_1": "ket", "arm_2": "sal", "measure": "MADRS", "timepoint_days": 28,
                         "effect": "MD", "status": "read", **row}, StudyContrast, strict=False)
        for row in contrasts or []
    ]  # fmt: skip
    found = [msgspec.convert(arm, StudyArm, strict=False) for arm in changed]
    return msgspec.structs.replace(
        ours,
        studies={**ours.studies, "NEW2025": msgspec.convert(entry, Study, strict=False)},
        arms={**ours.arms, **{(arm.study_id, arm.arm_id): arm for arm in found}},
        outcomes={**ours.outcomes, **{row.row_id: row for row in rows}},
        contrasts=(*ours.contrasts, *printed),
    )


def findings(**changes: Any) -> list[StudyFinding]:
    """What is found about the new study."""
    return list(check_tables(tables(**changes), as_of=DAY, only={"NEW2025"}))


def test_our_tables_hold_no_error_and_every_doubt_is_explained() -> None:
    """Every finding about the tables we carry was looked at: none is left but doubts with their explanation."""
    found = check_tables(study_tables(), as_of=DAY)
    assert [str(finding) for finding in found if finding.level is not FindingLevel.DOUBT] == []
    assert len(found) > 40


def test_every_doubt_that_names_a_rule_of_ours_is_one_that_the_rule_finds() -> None:
    """A doubt that answers a rule goes with a row the rule really finds; otherwise it has outlived its misprint."""
    ours = study_tables()
    bare = msgspec.structs.replace(ours, doubts=())
    found = {(finding.rule, finding.row_id) for finding in check_tables(bare, as_of=DAY)}
    by_eye = {
        "periods_combined", "visits_averaged", "part_of_the_group", "p_of_another_test", "text_claim", "interval_of_99_percent",
        "swapped_denominators", "arm_sizes", "people_inferred", "far_from_trials", "ratio_against_rates",
    }  # fmt: skip
    for doubt in ours.doubts:
        for row in doubt.rows:
            modelled = row.endswith("/relapse") or "FILIPCIC2020" in row
            assert doubt.rule in by_eye or modelled or (doubt.rule, row) in found, (doubt.rule, row)


def test_a_sound_study_has_no_finding() -> None:
    """Counts, means and differences that fit each other pass."""
    rows = [
        {"value": 0.5, "n": 40, "events": 20}, {"arm_id": "sal", "value": 0.25, "n": 40, "events": 10},
        {"kind": "change", "value": -14.0, "sd": 11.0, "se": 11 / math.sqrt(40), "n": 40},
        {"kind": "change", "arm_id": "sal", "value": -8.0, "sd": 10.0, "n": 40},
    ]  # fmt: skip
    difference = {"estimate": -6.0, "ci_low": -10.6, "ci_high": -1.4, "p": 0.011}
    study = {"registry_id": "NCT01234567", "doi": "10.1000/new.2025.1", "pmid": "39999999", "n_total": 80}
    assert findings(study=study, outcomes=rows, contrasts=[difference]) == []


@pytest.mark.parametrize(
    ("changes", "rule", "said"),
    [
        ({"outcomes": [{"value": 0.5, "n": 41, "events": 20}]}, "n_over_randomised", "41 were counted but 40"),
        ({"outcomes": [{"value": 0.5, "n": 20, "events": 21}]}, "events_over_n", "21 of 20"),
        ({"outcomes": [{"value": 0.5, "n": 40, "events": 25}]}, "count_against_rate", "not 0.5"),
        ({"outcomes": [{"value": 50.0}]}, "unit", "looks like a percentage"),
        ({"outcomes": [{"value": -0.1}]}, "unit", "no proportion"),
        ({"outcomes": [{"value": 0.33, "n": 25}]}, "no_whole_number", "33 percent of n 25"),
        ({"outcomes": [{"value": 0.5, "n": 20, "events": 10, "notes": "51 pct"}]}, "count_against_print", "51 was printed"),
        ({"outcomes": [{"value": 0.5, "timepoint_days": -1}]}, "day", "day -1"),
        ({"outcomes": [{"value": 0.5, "timepoint_days": 0}]}, "day", "day 0"),
        ({"outcomes": [{"value": 0.5, "derived": 2}]}, "derived", "derived is 2"),
        ({"outcomes": [{"value": 0.3}, {"kind": "remission", "value": 0.5}]}, "more_than_whole", "more than response"),
        ({"outcomes": [{"kind": "mean", "value": 61.0}]}, "off_the_scale", "not on MADRS, 0 to 60"),
        ({"outcomes": [{"kind": "change", "value": -61.0}]}, "off_the_scale", "longer than MADRS"),
        ({"outcomes": [{"kind": "change", "value": 12.0}]}, "sign", "got worse"),
        ({"outcomes": [{"kind": "pct_change", "value": 40.0}]}, "sign", "got worse"),
        ({"outcomes": [{"kind": "pct_change", "value": -0.4}]}, "unit", "looks like a proportion"),
        ({"outcomes": [{"kind": "pct_change", "value": -140.0}]}, "unit", "140 percent"),
        ({"outcomes": [{"kind": "mean", "value": 30.0, "sd": 31.0}]}, "spread", "wider than MADRS allows"),
        ({"outcomes": [{"kind": "change", "value": -12.0, "sd": 0.0}]}, "spread", "sd is 0"),
        ({"outcomes": [{"kind": "change", "value": -12.0, "sd": 1.9, "n": 40}]}, "se_as_sd", "is it an SE?"),
        ({"outcomes": [{"kind": "change", "value": -12.0, "sd": 12.0, "se": 1.0, "n": 40}]}, "sd_against_se", "not 1"),
        ({"outcomes": [{"value": 0.5, "source_location": "memory"}]}, "marks", "'memory'"),
        ({"arms": [{"status": "recalled"}, {}], "outcomes": [{"value": 0.5, "n": 40, "n_status": "read", "events": 20}]}, "marks", "recalled"),
        ({"study": {"n_total": 81, "design": "retrospective"}}, "sum_of_arms", "its arms make 80"),
        ({"arms": [{"n_analysed": 41}, {}]}, "n_over_randomised", "41 were analysed"),
        ({"arms": [{"n_analysed": 0}, {}]}, "nobody", "n_analysed is 0"),
        ({"study": {"n_total": 79}}, "sum_of_arms", "its arms make 80"),
        ({"study": {"n_total": 39}}, "arm_over_study", "40 in the arm, 39"),
        ({"arms": [{}, {"label": "midazolam"}]}, "control_node", "'midazolam'"),
        ({"arms": [{}, {"label": "sham coil"}]}, "control_node", "'sham'"),
        ({"arms": [{}, {"label": "either control", "components": "sham_tms+placebo_oral"}]}, "control_node", "two controls"),
        ({"arms": [{"components": "ketamin"}, {}]}, "no_component", "'ketamin'"),
        ({"outcomes": [{"arm_id": "kat", "value": 0.5}]}, "no_arm", "no such arm"),
        ({"outcomes": [{"measure": "MADRAS", "value": 0.5}]}, "no_measure", "'MADRAS'"),
        ({"contrasts": [{"arm_2": "kat", "estimate": -5}]}, "no_arm", "'kat'"),
        ({"contrasts": [{"arm_2": "ket", "estimate": -5}]}, "same_arm", "itself"),
        ({"study": {"year": 2027}}, "year", "2027"),
        ({"study": {"year": 25}}, "year", "25"),
        ({"study": {"first_author": "2025"}}, "author", "'2025'"),
        ({"study": {"year": 2019}}, "year", "the id says 2025"),
        ({"study": {"registry_id": "NCT0123456"}}, "registry_shape", "NCT0123456"),
        ({"study": {"registry_id": "trial 12"}}, "registry_shape", "no registry"),
        ({"study": {"doi": "https://doi.org/10.1000/x"}}, "doi_shape", "no DOI"),
        ({"study": {"doi": "10.1000/x.2009.7"}}, "doi_of_another", "says 2009"),
        ({"study": {"pmid": "PMID 123"}}, "pmid_shape", "no PMID"),
        ({"study": {"doi": "10.1136/BMJ-2021-067194"}}, "same_identifier", "ABBAR2022"),
        ({"study": {"pmid": "27056608"}}, "same_identifier", "SINGH2016"),
        ({"study": {"registry_id": "NCT01627782"}}, "same_identifier", "SINGH2016"),
        ({"study": {"same_people_as": "NOBODY"}}, "no_study", "'NOBODY'"),
        ({"contrasts": [{"effect": "OR", "estimate": 0, "ci_low": -1, "ci_high": 1}]}, "ratio", "ratio of -1"),
        ({"contrasts": [{"estimate": -5, "ci_low": -4, "ci_high": -1}]}, "interval", "not inside"),
        ({"contrasts": [{"estimate": -5, "ci_low": -9}]}, "interval", "one end"),
        ({"contrasts": [{"estimate": -5.0, "ci_low": -9.1, "ci_high": 4.2}]}, "off_center", "middle"),
        ({"contrasts": [{"effect": "OR", "estimate": 3.01, "ci_low": 1.02, "ci_high": 5.0}]}, "off_center", "logarithms"),
        ({"contrasts": [{"estimate": -5.0, "ci_low": -9.0, "ci_high": -1.0, "se": 4.0}]}, "se_against_interval", "SE 4"),
        ({"contrasts": [{"estimate": -5.0, "ci_low": -9.0, "ci_high": -1.0, "p": 0.4}]}, "p_against_interval", "p 0.4"),
        ({"contrasts": [{"estimate": -5.0, "ci_low": -10.5, "ci_high": 0.5, "p": 0.001}]}, "p_against_interval", "0.001"),
        ({"contrasts": [{"estimate": -5.0, "p": 1.2}]}, "p", "1.2"),
        ({"contrasts": [{"estimate": -5.0, "se": -1}]}, "spread", "SE is -1"),
        ({"contrasts": [{"effect": "p_only", "estimate": -5.0}]}, "effect", "p_only"),
        ({"contrasts": [{"effect": "SMD", "estimate": -0.76, "p": 0.2}]}, "se_against_p", "0.59"),
    ],
)  # fmt: skip
def test_a_mistake_is_found(changes: dict[str, Any], rule: str, said: str) -> None:
    """Each sort of mistake is found by its rule, in words that show the figure, with what would mend it."""
    hits = [finding for finding in findings(**changes) if finding.rule == rule]
    assert hits, findings(**changes)
    assert any(said in finding.problem for finding in hits)
    assert all(finding.row_id.startswith("NEW2025") and finding.mend.endswith(".") for finding in hits)


def test_a_difference_the_other_way_round_is_an_error() -> None:
    """Ketamine's arms fell further, but the printed difference says the opposite."""
    rows: list[dict[str, Any]] = [
        {"kind": "change", "value": -14.0},
        {"kind": "change", "arm_id": "sal", "value": -8.0},
    ]
    (found,) = findings(outcomes=rows, contrasts=[{"estimate": 6.0, "ci_low": 1.0, "ci_high": 11.0}])
    assert (found.rule, found.level) == ("sign", FindingLevel.ERROR)


def test_a_difference_far_from_its_arms_is_a_warning() -> None:
    """Six points by the arms, nine in print."""
    rows: list[dict[str, Any]] = [
        {"kind": "change", "value": -14.0},
        {"kind": "change", "arm_id": "sal", "value": -8.0},
    ]
    (found,) = findings(outcomes=rows, contrasts=[{"estimate": -9.0, "ci_low": -14.0, "ci_high": -4.0}])
    assert (found.rule, found.level) == ("contrast_against_arms", FindingLevel.WARNING)


def test_people_reported_again_may_share_an_identifier() -> None:
    """A follow-up that names the study whose people it reports is no duplicate."""
    again = {"registry_id": "NCT01627782", "same_people_as": "SINGH2016"}
    assert findings(study=again) == []


@given(n=st.integers(1, 400), share=st.floats(0, 1))
def test_whole_people_are_never_doubted(n: int, share: float) -> None:
    """The percentage that a whole number of people gives, rounded as papers do, is always found to be possible."""
    k = round(share * n)
    for digits in (2, 3, 4):
        assert k in whole_numbers(round(k / n, digits), n, digits)


def test_decimals_are_at_least_whole_percents() -> None:
    """0.4 may stand for 40 percent; 0.4343 was printed as 43.43."""
    assert [decimals(x) for x in (0.4, 0.25, 0.505, 0.4343)] == [2, 2, 3, 4]


def test_every_rule_is_run() -> None:
    """No rule of the package stands without being asked."""
    modules = [import_module(f"{study_checks.__name__}.{found.name}") for found in iter_modules(study_checks.__path__)]
    written = {
        getattr(module, name)
        for module in modules
        for name in dir(module)
        if name.startswith("check_") and name != "check_printed"
    }
    assert written == set(RULES)
