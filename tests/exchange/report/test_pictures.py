"""The pictures: what is drawn is what was judged, and the words say the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inconcert.exchange.report import (
    coverage_alt,
    coverage_waterfall_spec,
    timeline_alt,
    to_svg,
    trial_timeline_spec,
)
from inconcert.exchange.report.picture_rows import (
    AS_DRAWN,
    Category,
    category,
    criterion_rows,
    criterion_tree,
    score_points,
    trial_bars,
)


def values(spec: dict[str, Any], panel: int, layer: int) -> list[dict[str, Any]]:
    """The rows drawn by one layer."""
    found: list[dict[str, Any]] = spec["vconcat"][panel]["layer"][layer]["data"]["values"]
    return found


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Category.FAILED),
        ({"outcome": "partial"}, Category.PARTIAL),
        ({"outcome": "response"}, Category.RESPONDED),
        ({"outcome": "unknown"}, Category.OPEN),
        ({"outcome": "intolerance"}, Category.INTOLERANCE),
        ({"adequate": {"answer": "not_met"}}, Category.NOT_ADEQUATE),
        ({"adequate": {"answer": "unknown"}}, Category.NOT_KNOWN),
        ({"adequate": {}}, Category.NOT_KNOWN),
        ({"counts": "not_met"}, Category.OTHER_USE),
    ],
)
def test_category_is_adequacy_and_outcome_together(trial_of, changes: dict[str, Any], expected: Category) -> None:
    """A bar's category follows adequacy first, then outcome; what is missing reads as not known, never as failed."""
    assert category(trial_of("sertraline", "2026-01-05", "2026-04-12", "nonresponse", "met", **changes)) is expected


def test_every_category_has_its_own_color_and_word() -> None:
    """No two categories share a color, and every bar carries a word beside it."""
    assert len({look.color for look in AS_DRAWN.values()}) == len(Category)


def test_grey_print_tells_categories_apart(assessment: dict[str, Any]) -> None:
    """The words stand beside the bars, so that color is never the only sign."""
    tags = [row["tag"] for row in values(trial_timeline_spec(assessment), 0, 3)]
    assert tags == ["no response (inferred)", "adequacy unknown, ongoing"]


def test_spec_is_valid_vega_lite(assessment: dict[str, Any]) -> None:
    """Both pictures pass Vega-Lite's own schema."""
    altair = pytest.importorskip("altair")
    for spec in (trial_timeline_spec(assessment), coverage_waterfall_spec(assessment)):
        altair.VConcatChart.from_dict(json.loads(json.dumps(spec)), validate=True)


def test_no_expression_is_made_from_data(assessment: dict[str, Any]) -> None:
    """A spec holds no expression, so that no word of a record can be run."""
    for spec in (trial_timeline_spec(assessment), coverage_waterfall_spec(assessment)):
        assert '"expr"' not in json.dumps(spec)
        assert "calculate" not in json.dumps(spec)


def test_both_panels_share_the_time_axis(assessment: dict[str, Any]) -> None:
    """Trials and scores stand on the same days."""
    panels = trial_timeline_spec(assessment)["vconcat"]
    domains = [layer["encoding"]["x"]["scale"]["domain"] for panel in panels for layer in panel["layer"] if "type" in layer["encoding"].get("x", {})]  # fmt: skip
    assert len(domains) >= 6
    assert all(domain == domains[0] for domain in domains)


def test_axis_says_that_lower_is_better(assessment: dict[str, Any]) -> None:
    """PHQ-9 runs the other way from most pictures, and its axis says so."""
    (line,) = [
        layer for layer in trial_timeline_spec(assessment)["vconcat"][1]["layer"] if layer["mark"]["type"] == "line"
    ]
    assert line["encoding"]["y"]["axis"]["title"] == "PHQ-9 (lower is better)"


def test_bands_are_those_of_the_scale(assessment: dict[str, Any]) -> None:
    """The bands beneath the points are the scale file's, from zero to the highest total without a gap."""
    bands = values(trial_timeline_spec(assessment), 1, 0)
    assert [band["name"] for band in bands] == ["minimal", "mild", "moderate", "moderately severe", "severe"]
    assert [band["low"] for band in bands] == [0, 5, 10, 15, 20]
    assert [band["high"] for band in bands] == [5, 10, 15, 20, 27]


def test_thicker_bar_for_the_higher_dose(assessment: dict[str, Any]) -> None:
    """A dose step is seen as a step."""
    pieces = values(trial_timeline_spec(assessment), 0, 1)
    low, high = pieces[0], pieces[1]
    assert (low["dose"], high["dose"]) == ("50 mg", "100 mg")
    assert low["thick"] < high["thick"]


def test_unknown_dose_is_thin_and_says_so(assessment: dict[str, Any], trial_of) -> None:
    """A stretch without a dose is drawn thinnest and labeled not known, never as zero."""
    untold = trial_of("sertraline", "2026-01-05", "2026-04-12", "unknown", "unknown")
    for segment in untold["segments"]:
        segment["daily_dose_mg_low"] = segment["daily_dose_mg_high"] = None
    assessment["answers"]["who"]["history"]["trials"] = [untold]
    (bar,) = trial_bars(assessment)
    assert bar.row == "sertraline dose not known"
    assert {piece.said for piece in bar.pieces} == {"not known"}
    assert bar.category is Category.NOT_KNOWN


def test_partial_dates_give_a_thin_line_only_where_nothing_is_certain(assessment: dict[str, Any], trial_of) -> None:
    """A trial known by its year is a line over the days it may have covered, without a solid bar."""
    year = {"earliest": "2025-01-01", "latest": "2025-12-31", "text": "2025"}
    told = trial_of("paroxetine", "2025-01-01", "2025-12-31", "unknown", "unknown", start=year, end=year)
    told["segments"] = [
        {"start": year, "end": year, "daily_dose_mg_low": 20.0, "daily_dose_mg_high": 20.0, "records": []}
    ]
    assessment["answers"]["who"]["history"]["trials"] = [told]
    (bar,) = trial_bars(assessment)
    assert bar.pieces == ()
    assert (bar.possible_from, bar.possible_to) == ("2025-01-01", "2026-01-01")
    assert "2025 to 2025" in bar.when


def test_nothing_is_drawn_after_the_day_asked_for(assessment: dict[str, Any]) -> None:
    """A running trial ends at the day asked for, and says that it goes on."""
    assert max(bar.possible_to for bar in trial_bars(assessment)) == assessment["as_of"]


def test_two_trials_of_one_drug_keep_their_own_rows(assessment: dict[str, Any], trial_of) -> None:
    """The same drug twice is two rows, numbered."""
    assessment["answers"]["who"]["history"]["trials"] = [
        trial_of("sertraline", "2025-01-05", "2025-04-12", "nonresponse", "met"),
        trial_of("sertraline", "2026-01-05", "2026-04-12", "nonresponse", "met"),
    ]
    assert [bar.row for bar in trial_bars(assessment)] == ["sertraline 50 → 100 mg", "sertraline 50 → 100 mg (2)"]


def test_score_with_blanks_is_a_span_not_a_point(assessment: dict[str, Any]) -> None:
    """A total that is not known is drawn between its bounds and takes no part in the line."""
    unknown = [point for point in score_points(assessment, "phq9") if point.total is None]
    assert [(point.low, point.high, point.tag) for point in unknown] == [(14, 20, "14–20")]
    line = [
        layer for layer in trial_timeline_spec(assessment)["vconcat"][1]["layer"] if layer["mark"]["type"] == "line"
    ]
    assert None not in [row["total"] for row in line[0]["data"]["values"]]


def test_treatments_stand_among_the_trials(assessment: dict[str, Any]) -> None:
    """A course of TMS or ECT is a row of its own."""
    start, end = ({"earliest": d, "latest": d, "text": d} for d in ("2026-05-01", "2026-06-12"))
    assessment["treatments"] = [{"what": "TMS course", "start": start, "end": end, "outcome": "response"}]
    bar = next(bar for bar in trial_bars(assessment) if bar.category is Category.TREATMENT)
    assert (bar.row, bar.possible_from, bar.tag) == ("TMS course", "2026-05-01", "response")


def test_treatment_known_by_its_year_is_a_line_without_a_bar(assessment: dict[str, Any]) -> None:
    """A course of ECT in some year is drawn over the days it may have covered, and claims none of them."""
    year = {"earliest": "2025-01-01", "latest": "2025-12-31", "text": "2025"}
    assessment["treatments"] = [{"what": "ECT", "start": year, "end": None, "outcome": ""}]
    bar = next(bar for bar in trial_bars(assessment) if bar.category is Category.TREATMENT)
    assert bar.pieces == ()
    assert (bar.possible_from, bar.possible_to, bar.when) == ("2025-01-01", "2026-01-01", "2025")


def test_words_name_everything_drawn(assessment: dict[str, Any]) -> None:
    """The alternative text holds every trial, its judgement and every score."""
    words = timeline_alt(assessment)
    for bar in trial_bars(assessment):
        assert bar.name in words
        assert bar.said in words
    for point in score_points(assessment, "phq9"):
        assert point.said in words
    assert "lower is better" in words
    assert trial_timeline_spec(assessment)["description"] == words


def test_coverage_picture_has_a_row_a_criterion(assessment: dict[str, Any]) -> None:
    """Every leaf of the policy stands in one of three columns: met, not met, unknown."""
    (determination,) = assessment["answers"]["paid"]["determinations"]
    rows = criterion_rows(determination)
    assert [row.answer for row in rows] == ["met", "unknown", "not_met"]
    (panel,) = coverage_waterfall_spec(assessment)["vconcat"]
    assert [row["answer"] for row in panel["data"]["values"]] == ["met", "unknown", "not met"]
    assert all(row.text in coverage_alt(assessment) for row in rows)


def test_nothing_recorded_is_said(assessment: dict[str, Any]) -> None:
    """With no trial and no score the picture says so instead of showing empty axes."""
    empty = {"as_of": assessment["as_of"]}
    assert "No medication trial" in timeline_alt(empty)
    assert "No medication trial" in json.dumps(trial_timeline_spec(empty)["vconcat"])
    assert "No coverage policy" in coverage_alt(empty)
    assert "<svg" in to_svg(trial_timeline_spec(empty))


def test_svg_holds_no_markup_from_the_record(assessment: dict[str, Any], trial_of) -> None:
    """A drug name that is markup comes out as words."""
    pytest.importorskip("vl_convert")
    wicked = "<script>alert(1)</script>"
    assessment["answers"]["who"]["history"]["trials"] = [
        trial_of(wicked, "2026-01-05", "2026-04-12", "nonresponse", "met")
    ]
    assert "<script" not in to_svg(trial_timeline_spec(assessment))


def group(kind: str, answer: str, *parts: dict[str, Any]) -> dict[str, Any]:
    """A judgement made of others, as payers word it."""
    return {"id": "g", "answer": answer, "text": f"{kind} of {len(parts)}: some met.", "parts": list(parts)}


def leaf(text: str, answer: str) -> dict[str, Any]:
    """A criterion."""
    return {"id": text, "answer": answer, "text": text, "parts": [], "question": {"text": f"{text}?"}}


@pytest.mark.parametrize(
    ("tree", "shown"),
    [
        # an "all" shows every part
        (group("All", "not_met", leaf("a", "met"), leaf("b", "not_met")), ["a met", "b not_met"]),
        # a route that was not needed is not shown as a failure
        (group("All", "met", group("Any", "met", leaf("a", "not_met"), leaf("b", "met"), leaf("c", "met"))), ["b met"]),
        # an open "any" shows what could still meet it
        (group("All", "unknown", group("Any", "unknown", leaf("a", "not_met"), leaf("b", "unknown"))), ["b unknown"]),
        # an "any" that fails shows every way it failed
        (group("Any", "not_met", leaf("a", "not_met"), leaf("b", "not_met")), ["a not_met", "b not_met"]),
        # an exclusion is one criterion, whatever it is made of
        (group("All", "met", {**leaf("Does not stand in the way", "met"), "parts": [leaf("psychosis", "not_met")]}), ["Does not stand in the way met"]),
        # a policy of one leaf
        (leaf("never covered", "not_met"), ["never covered not_met"]),
    ],
)  # fmt: skip
def test_criteria_shown_are_those_that_decide(tree: dict[str, Any], shown: list[str]) -> None:
    """The coverage picture shows what gave the policy its answer, and asks only where the answer is unknown."""
    rows = criterion_rows({"criteria": tree})
    assert [f"{row.text} {row.answer}" for row in rows] == shown
    assert all(bool(row.question) == (row.answer == "unknown") for row in rows)


def test_tree_keeps_every_criterion() -> None:
    """The table beneath the picture leaves nothing out, and says how deep each criterion stands."""
    tree = group("All", "met", group("Any", "met", leaf("a", "not_met"), leaf("b", "met")), leaf("c", "met"))
    assert [(depth, judgement["text"][:5]) for depth, judgement in criterion_tree({"criteria": tree})] == [
        (0, "All o"), (1, "Any o"), (2, "a"), (2, "b"), (1, "c"),
    ]  # fmt: skip
