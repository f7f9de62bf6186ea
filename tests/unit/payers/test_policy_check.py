"""What can be wrong with a policy file, trap by trap: level, line, record, what, and a mend."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from inconcert.knowledge.policies import FOLDER, CoveragePolicy, policies, policy_from_text
from inconcert.payers.policy_check import Level, PolicyFinding, check_policy_file, check_policy_text

TODAY = date(2026, 11, 22)
GOOD = """id: draft
payer: A Payer
payer_names: [a payer]
line_of_business: commercial
jurisdiction: [US]
policy_number: P 1
title: A draft
services: [rtms]
version:
  effective: 2026-01-01
status: read
read_depth: full_text
checked_on: 2026-11
sources: [{ref: "https://example.org", kind: payer}]
process: {prior_auth: required}
combination: {clause: silent}
authorization:
  - {sessions: 36, phases: [{sessions: 30, weeks: 6}, {sessions: 6, taper: true}]}
criteria:
  all:
    - {fact: age, min: 18}
    - {fact: severity_score, any_of: [{scale: PHQ-9, op: ">=", value: 20}]}
"""


def check(text: str, others: tuple[CoveragePolicy, ...] = ()) -> tuple[PolicyFinding, ...]:
    """The findings of a text, beside these others only."""
    return check_policy_text(text, "draft.yaml", today=TODAY, library={p.id: p for p in others})


def with_criteria(snippet: str) -> str:
    """The good draft with other criteria, given as a flow mapping."""
    return GOOD[: GOOD.index("criteria:")] + f"criteria: {snippet}\n"


def test_a_good_draft_has_no_findings() -> None:
    """Nothing is found where nothing is wrong."""
    assert check(GOOD) == ()


@pytest.mark.parametrize("name", list(policies()))
def test_every_policy_carried_passes(name: str) -> None:
    """No carried policy has an error, and only the one that names no payer has a warning."""
    found = check_policy_file(FOLDER / f"{name}.yaml", today=TODAY)
    assert [str(f) for f in found if f.level is Level.ERROR] == []
    expected = ["Nobody's plan can be matched to this policy."] if name == "unattributed-rtms-form" else []
    assert [f.problem for f in found] == expected  # a printed form without the name of its payer


# ── YAML ──
@pytest.mark.parametrize(("old", "new", "level", "line", "says", "mend"), [
    ("jurisdiction: [US]", "jurisdiction: [NO]", "warning", 5, "'NO'", "quotes"),
    ("policy_number: P 1", "policy_number: 12:30", "warning", 6, "base of 60", "quotes"),
    ("policy_number: P 1", "policy_number: 017", "warning", 6, "octal", "without the zero"),
    ("policy_number: P 1", "policy_number: 0189", "warning", 6, "leading zero", "quotes"),
    ("policy_number: P 1", "policy_number: 0x1F", "warning", 6, "another base", "plain number"),
    ("min: 18", "min: 017", "error", 20, "got `str`", "017"),
    ("min: 18", "min: 1_8", "error", 20, "got `str`", "plain number"),
    ("min: 18", "min: 12:30", "error", 20, "got `str`", "12:30"),
    ("min: 18", "min: yes", "error", 20, "got `str`", "true or false"),
    ("min: 18", "min: .inf", "error", 20, "got `str`", "plain number"),
    ("id: draft", "id: draft\nid: other", "error", 2, "stands twice", "Keep one"),
    ("  all:", "  all: []\n  all:", "error", 21, "stands twice", "Keep one"),
    ("fact: age", "fact: &a age", "error", 21, "Anchors", "Write the value out"),
    ("payer: A Payer", "payer: *a", "error", 2, "Anchors", "Write the value out"),
    ("    - {fact: age", "\t- {fact: age", "error", 21, "Not readable", "spaces, not tabs"),
    ("id: draft", "---\nid: draft\n---\nid: other", "error", 3, "document", "Keep one document"),
    ("title: A draft", "title: !!python/object:os.system x", "error", 7, "constructor", "Correct"),
    ("title: A draft", "title: A \x07 draft", "error", 7, "no text holds", "Remove"),
    ("title: A draft", "title: [A draft", "error", 8, "Not readable", "Correct"),
    ("services: [rtms]", "services: rtms", "error", 8, "array", "Known words"),
])  # fmt: skip
def test_yaml_traps(old: str, new: str, level: str, line: int, says: str, mend: str) -> None:
    """Each trap of YAML is named with its line and what to write instead; none becomes another value silently."""
    assert old in GOOD
    found = [f for f in check(GOOD.replace(old, new, 1)) if says in f.problem]
    assert found, [str(f) for f in check(GOOD.replace(old, new, 1))]
    assert found[0].level is Level(level)
    assert found[0].line is not None
    assert abs(found[0].line - line) <= 1, str(found[0])
    assert mend.lower() in found[0].mend.lower()


def test_an_anchor_bomb_is_refused_at_once() -> None:
    """A few lines that would unfold into a thousand million are refused at their first anchor."""
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (found,) = check(bomb)
    assert "Anchors" in found.problem
    assert found.line == 1


@pytest.mark.parametrize(
    "text", ["[" * 5000, "{a: " * 5000, "- " * 5000, "criteria: " + "{not: " * 60 + "{fact: age, min: 1}" + "}" * 60]
)
def test_deep_nesting_is_refused(text: str) -> None:
    """What is nested thousands of levels deep ends in an error and not in a crash."""
    assert check(text)[0].level is Level.ERROR


@pytest.mark.parametrize(("data", "says", "line"), [
    (b"\xff\xfei\x00d\x00", "UTF-16", 1),
    (GOOD.replace("A draft", "Un brouillon pr\xe9cis").encode("latin-1"), "0xe9", 7),
])  # fmt: skip
def test_other_encodings_are_named(tmp_path: Path, data: bytes, says: str, line: int) -> None:
    """A file that is no UTF-8 is refused with the line of the first odd byte."""
    path = tmp_path / "draft.yaml"
    path.write_bytes(data)
    (found,) = check_policy_file(path, today=TODAY)
    assert (found.level, found.line) == (Level.ERROR, line)
    assert says in found.problem
    assert "UTF-8" in found.mend


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """A file that Notepad saved with a byte order mark is read as it is meant."""
    path = tmp_path / "draft.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert check_policy_file(path, today=TODAY, library={}) == ()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is an error that names it."""
    (found,) = check_policy_file(tmp_path / "none.yaml", today=TODAY)
    assert "none.yaml" in found.file


# ── the language ──
def test_every_mistake_is_told_and_not_the_first_only() -> None:
    """Three mistakes in the criteria are three errors, each with its line and the nearest known word."""
    text = (
        GOOD.replace("fact: age", "fact: agee").replace("scale: PHQ-9", "scale: PHQ9")
        + "    - {fact: consent, must_cover: [risk]}\n"
    )
    found = check(text)
    assert [f.line for f in found] == [21, 22, 23]
    assert all(word in f.problem for word, f in zip(("'age'", "'PHQ-9'", "'risks'"), found, strict=True)), [
        str(f) for f in found
    ]
    assert found[0].record == "criteria.all[0].fact"


@pytest.mark.parametrize(("leaf", "says"), [
    ('{fact: severity_score, any_of: [{scale: PHQ-9, op: ">=", value: 28}]}', "outside"),
    ('{fact: severity_score, any_of: [{scale: GAD-7, op: "<", value: 0}]}', "never be met"),
    ("{fact: severity_score, any_of: [{scale: CGI-S, op: in_range, value: severe}]}", "no bands"),
    ('{fact: severity_score, any_of: [{scale: PHQ-9, op: ">", value: 9}], times: 3, days_apart: 30, within_days: 30}', "do not fit"),
    ('{fact: severity_score, any_of: [{scale: PHQ-9, op: ">", value: 9}], persisted: true, times: 2}', "three ways"),
    ("{fact: age, min: 18, max: 17}", "never be met"),
    ("{fact: age, min: 180}", "between 0 and 130"),
    ("{fact: adequate_antidepressant_trials, at_least: 1, distinct_classes: 2}", "never be met"),
    ("{fact: adequate_antidepressant_trials, at_least: 3, distinct_classes: 3, classes: [SSRI, SNRI]}", "only 2 can count"),
    ("{fact: adequate_antidepressant_trials, at_least: 40, one_per_class: true}", "can count"),
    ("{fact: adequate_antidepressant_trials, at_least: 3, distinct_drugs: true, drugs: [sertraline, citalopram]}", "only 2 can count"),
    ("{fact: adequate_antidepressant_trials, at_least: 1, drugs: [sertralin]}", "'sertraline'"),
    ("{fact: adequate_antidepressant_trials, at_least: 1, classes: [SSRIs]}", "'SSRI'"),
    ("{fact: adequate_antidepressant_trials, at_least: 1, dose_pct_of_label_max: 150}", "percentage"),
    ("{fact: augmentation_trials, at_least: 1, drugs: [lithum]}", "'lithium'"),
    ("{fact: service_date, on_or_after: 2026-05-01, before: 2026-04-01}", "no day"),
    ("{fact: treatment_count, of: tms_courses}", "neither"),
    ("{fact: treatment_count, of: tms_courses, at_least: 3, at_most: 2}", "never be met"),
    ("{fact: treatment_count, of: tms_courses, at_least: 0}", "always met"),
    ("{fact: episode_length, min_weeks: 10, max_weeks: 4}", "never be met"),
    ("{fact: recent_event, of: seizure, within_days: 0}", "1 or more"),
    ('{fact: score_change, scales: [PHQ-9], direction: improvement, op: ">=", value: 120, unit: percent}', "never be met"),
    ('{fact: measurement, of: body_mass_index, op: "<", value: 4000}', "outside"),
    ('{fact: place_of_service, codes: ["1"]}', "two-digit"),
    ("{fact: located_in, who: person, states: [Ohio]}", "US-OH"),
    ("{fact: statement, id: Has Carer, asks: Is there a carer?}", "small letters"),
    ("{fact: statement, id: carer, asks: There is a carer}", "question"),
    ("{fact: initial_criteria_met}", "asks for itself"),
    ("{fact: recent_event, of: seizures, within_days: 30}", "'seizure'"),
    ("{fact: psychotherapy_trial, at_least: 0}", "1 or more"),
    ("{fact: prior_tms_response, improvement_pct_at_least: 150}", "percentage"),
    ("{fact: adequate_antidepressant_trials, at_least: 1, min_adherence_pct: 0}", "percentage"),
    ("{fact: adequate_antidepressant_trials, at_least: 1, nonresponse: {improvement_pct_below: 500}}", "percentage"),
    ("{fact: adequate_antidepressant_trials, at_least: 2, of_which_adequate: {at_least: 0}}", "1 or more"),
    ("{fact: interval_since_last_course, min_days: -90}", "negative"),
    ("{fact: post_dose_monitoring, min_hours: -2}", "negative"),
])  # fmt: skip
def test_a_criterion_that_cannot_be_is_an_error(leaf: str, says: str) -> None:
    """Bounds outside a scale, more classes than exist, weeks that fit nowhere, drugs that do not exist."""
    found = check(with_criteria(f"{{all: [{leaf}]}}"))
    assert found, leaf
    assert found[0].level is Level.ERROR
    assert says in f"{found[0].problem} {found[0].mend}", str(found[0])
    assert found[0].mend
    assert found[0].line == 19


@pytest.mark.parametrize(("criteria", "level", "record", "says"), [
    ("{all: [{fact: age, min: 18}, {fact: age, max: 17}]}", "error", "criteria", "never be met"),
    ("{all: [{fact: catatonia}, {not: {fact: catatonia}}]}", "error", "criteria", "never be met"),
    (('{all: [{fact: severity_score, any_of: [{scale: PHQ-9, op: ">", value: 14}]}, '
      '{fact: severity_score, any_of: [{scale: PHQ-9, op: "<=", value: 14}]}]}'), "error", "criteria", "never be met"),
    ("{all: [{fact: adequate_antidepressant_trials, at_least: 2}, {not: {fact: adequate_antidepressant_trials, at_least: 1}}]}",
     "error", "criteria", "never be met"),
    ("{all: [{fact: network_status, is: contracted}, {fact: network_status, is: out_of_network}]}", "error", "criteria", "never be met"),
    ("{all: [{fact: located_in, who: clinic, states: [US-OH]}, {fact: located_in, who: clinic, states: [US-MI]}]}", "error", "criteria",
     "never be met"),
    ("{all: [{fact: service_date, before: 2026-01-01}, {fact: service_date, on_or_after: 2027-01-01}]}", "error", "criteria", "never be met"),
    ("{all: [{fact: catatonia}, {any: [{all: [{fact: age, min: 65}, {fact: age, max: 18}]}, {fact: consent, must_cover: [risks]}]}]}",
     "error", "criteria.all[1].any[0]", "never be met"),
    ("{all: [{fact: age, min: 18}, {any: [{fact: age, max: 17}, {fact: catatonia}]}]}", "warning", "criteria.all[1].any[0]", "beside it"),
    ("{all: [{fact: catatonia}, {any: [{fact: age, min: 18}, {fact: age, max: 17}]}]}", "warning", "criteria.all[1]", "always met"),
    ('{all: [{fact: catatonia}, {fact: severity_score, any_of: [{scale: PHQ-9, op: ">=", value: 0}]}]}', "warning", "criteria.all[1]",
     "always met"),
    ("{all: [{fact: catatonia}, {not: {all: [{fact: age, min: 18}, {fact: age, max: 17}]}}]}", "warning", "criteria.all[1]", "always met"),
    ("{all: [{fact: catatonia}, {fact: age, min: 18}, {fact: catatonia}]}", "warning", "criteria.all[2]", "twice"),
])  # fmt: skip
def test_criteria_that_exclude_each_other(criteria: str, level: str, record: str, says: str) -> None:
    """What nobody can meet, what nobody can fail and what stands twice is found, in the smallest group that shows it."""
    found = [f for f in check(with_criteria(criteria)) if says in f.problem]
    assert [(f.level.value, f.record) for f in found] == [(level, record)], [
        str(f) for f in check(with_criteria(criteria))
    ]


@pytest.mark.parametrize("criteria", [
    "{never: {reason: experimental}}",
    "{any: [{label: trd, never: {reason: experimental}}, {fact: age, min: 18}]}",
    "{all: [{any: [{fact: age, min: 18}, {fact: age, min: 15, max: 17}]}, {not: {fact: age, min: 70}}]}",
    "{any: [{all: [{fact: service_date, before: 2026-06-01}, {fact: age, min: 18}]}, {fact: service_date, on_or_after: 2026-06-01}]}",
    ('{all: [{fact: severity_score, any_of: [{scale: PHQ-9, op: ">", value: 14}]}, '
     '{fact: severity_score, any_of: [{scale: PHQ-9, op: "<=", value: 9}], over: best}]}'),
    "{fact: adequate_antidepressant_trials, at_least: 2, conflicting_values: {at_least: [2, 4]}}",
])  # fmt: skip
def test_what_is_meant_so_is_no_contradiction(criteria: str) -> None:
    """A flat refusal, two ages, numbers by date, a score now and an earlier one: nothing is found."""
    assert check(with_criteria(criteria)) == ()


def test_a_tree_with_too_many_ways_says_that_it_was_not_looked_at() -> None:
    """The search for contradictions ends, and says so, where a tree has too many branches."""
    pairs = ", ".join(
        f"{{any: [{{fact: recent_event, of: seizure, within_days: {n}}}, {{fact: recent_event, of: stroke, within_days: {n}}}]}}"
        for n in range(10, 40)
    )
    nots = ", ".join(
        f"{{any: [{{not: {{fact: recent_event, of: {of}, within_days: 900}}}}]}}" for of in ("seizure", "stroke")
    )
    found = check(with_criteria(f"{{all: [{pairs}, {nots}]}}"))
    assert [f.level for f in found] == [Level.WARNING] or found[0].level is Level.ERROR


# ── dates and references ──
def other(policy_id: str, version: str, number: str = "P 2", criteria: str = "{fact: age, min: 18}") -> CoveragePolicy:
    """Another text, with its `version` as a flow mapping."""
    text = (
        with_criteria(criteria)
        .replace("id: draft", f"id: {policy_id}")
        .replace("policy_number: P 1", f"policy_number: {number}")
    )
    return policy_from_text(
        text.replace("version:\n  effective: 2026-01-01", f"version: {version}"), f"{policy_id}.yaml"
    )


@pytest.mark.parametrize(("version", "older", "level", "says"), [
    ("{effective: 2026-01-01, supersedes: old}", "{effective: 2024-01-01, ends: 2025-12-31}", "", ""),
    ("{effective: 2026-01-01, supersedes: old}", "{effective: 2024-01-01, ends: 2025-10-31}", "warning", "no text holds"),
    ("{effective: 2026-01-01, supersedes: old}", "{effective: 2024-01-01, ends: 2026-03-31}", "error", "both"),
    ("{effective: 2026-01-01, supersedes: old}", "{effective: 2026-06-01}", "error", "took effect after"),
    ("{effective: 2026-01-01, supersedes: old}", "{effective: 2024-01-01, supersedes: draft}", "error", "circle"),
    ("{effective: 2026-01-01, supersedes: draft}", "{effective: 2024-01-01}", "error", "circle"),
    ("{effective: 2026-01-01, supersedes: old}", "{effective: 2024-01-01, superseded_by: another}", "warning", "another"),
    ("{effective: 2026-01-01, supersedes: older-one}", "{effective: 2024-01-01}", "error", "not carried"),
    ("{effective: 2026-01-01, supersedes: IPG242}", "{effective: 2024-01-01}", "", ""),
    ("{effective: 2026-01-01, ends: 2025-01-01}", "{effective: 2024-01-01}", "error", "before it takes effect"),
    ("{effective: 2026-12-24, supersedes: old}", "{effective: 2024-01-01, ends: 2026-12-23}", "warning", "before it took effect"),
])  # fmt: skip
def test_texts_that_follow_one_another(version: str, older: str, level: str, says: str) -> None:
    """Gaps, overlaps, circles and loose ends between the texts of one policy."""
    found = check(GOOD.replace("version:\n  effective: 2026-01-01", f"version: {version}"), (other("old", older),))
    assert [f.level.value for f in found] == ([level] if level else []), [str(f) for f in found]
    assert all(says in f.problem and f.line for f in found)


def test_two_texts_of_one_number_at_one_time() -> None:
    """Two texts of one payer, line and number that hold on the same day are an error; if one has ended they are not."""
    assert [f.level for f in check(GOOD, (other("old", "{effective: 2025-01-01}", "P 1"),))] == [Level.ERROR]
    assert check(GOOD, (other("old", "{effective: 2025-01-01, ends: 2025-12-31}", "P 1"),)) == ()


@pytest.mark.parametrize("via", [False, True])
def test_a_decision_handed_round_in_a_circle(via: bool) -> None:
    """A policy that hands the decision to another one that hands it back decides nothing."""
    back = "{fact: external_criteria_met, set: P 1}"
    others = (
        other("a", "{effective: unknown}", "Set A", "{fact: external_criteria_met, set: b}" if via else back),
        other("b", "{effective: unknown}", "Set B", back),
    )
    found = check(with_criteria("{fact: external_criteria_met, set: Set A}"), others)
    assert ["circle" in f.problem for f in found] == [True]
    assert check(with_criteria("{fact: external_criteria_met, set: InterQual}"), others) == ()


@pytest.mark.parametrize(("checked", "level", "says"), [
    ("2026-11", "", ""), ("2025-12", "", ""), ("2025-06-01", "warning", "more than 12 months"), ("2027-01-05", "error", "not come"),
    ("last year", "error", "YYYY"),
])  # fmt: skip
def test_a_reading_grows_stale(checked: str, level: str, says: str) -> None:
    """A text nobody has read for a year is to be read again, and none was read tomorrow."""
    text = GOOD.replace("checked_on: 2026-11", f"checked_on: {checked}").replace(
        "effective: 2026-01-01", "effective: 2020-01-01"
    )
    found = check(text)
    assert [f.level.value for f in found] == ([level] if level else [])
    assert all(says in f"{f.problem} {f.mend}" for f in found)


@pytest.mark.parametrize(("old", "new", "level", "record"), [
    ("{sessions: 36, phases", "{sessions: 30, phases", "warning", "authorization[0].sessions"),
    ("{sessions: 36, phases", "{sessions: 36, sessions_min: 40, phases", "error", "authorization[0].sessions_min"),
    ("payer_names: [a payer]", "payer_names: []", "warning", "payer_names"),
    ("status: read", 'status: read\ncodes: {icd10: ["3.2"], cpt: ["9086"]}', "warning", "codes.icd10[0]"),
])  # fmt: skip
def test_plain_slips(old: str, new: str, level: str, record: str) -> None:
    """Quantities that do not add up, codes of the wrong shape, a payer whom no plan can name."""
    found = check(GOOD.replace(old, new, 1))
    assert (found[0].level.value, found[0].record) == (level, record), [str(f) for f in found]
