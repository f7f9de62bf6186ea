"""The pictures of the answer on the pair: valid, drawn from the rows alone, and told in words."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from inconcert.evidence.synthesis.pair.types import CombineAnswer, ForestRow, Universe
from inconcert.exchange.evidence.pictures import (
    forest_alt,
    forest_spec,
    network_alt,
    network_spec,
    reach_alt,
    reach_spec,
)
from inconcert.exchange.evidence.pictures_multiverse import let_in_alt, let_in_spec, multiverse_spec

Spec = dict[str, Any]


def layers(spec: Spec) -> Iterator[Spec]:
    """Every layer of a picture, with its rows."""
    for panel in spec.get("vconcat") or spec.get("hconcat") or [spec]:
        yield from panel["layer"]


def marked(spec: Spec, label: str) -> list[Spec]:
    """The rows with this label in layers that draw something other than words."""
    return [
        row
        for layer in layers(spec)
        if layer["mark"]["type"] != "text"
        for row in layer["data"]["values"]
        if row.get("label") == label
    ]


def drawable(answer: CombineAnswer) -> bool:
    """Whether there is a study to draw."""
    return bool(answer.network.studies)


def specs(answer: CombineAnswer, ways: tuple[Universe, ...]) -> list[Spec]:
    """All pictures of an answer."""
    found = [forest_spec(answer), multiverse_spec(ways)]
    found += [network_spec(answer), reach_spec(answer)] if drawable(answer) else []
    return [
        *found,
        *(
            [let_in_spec(answer.let_in, ratio=answer.network.scale.is_ratio)]
            if any(p.estimate is not None for p in answer.let_in)
            else []
        ),
    ]


def test_every_picture_is_valid_vega_lite(answer: CombineAnswer, ways: tuple[Universe, ...]) -> None:
    """Vega-Lite's own schema accepts each picture, whatever was asked."""
    altair = pytest.importorskip("altair")
    for spec in specs(answer, ways):
        altair.Chart.from_dict(json.loads(json.dumps(spec, allow_nan=False)), validate=True)


def test_nothing_of_a_study_can_run(answer: CombineAnswer, ways: tuple[Universe, ...]) -> None:
    """No picture has an expression made from data, and none fetches anything."""
    for spec in specs(answer, ways):
        told = json.dumps(spec)
        assert '"expr"' not in told
        assert "calculate" not in told
        assert '"url"' not in told


def test_a_row_without_number_has_words_only(answer: CombineAnswer) -> None:
    """What cannot be estimated stands in the forest with its words; no mark of any layer is drawn for it."""
    spec = forest_spec(answer)
    for row in answer.forest:
        said = [r for layer in layers(spec) if layer["mark"]["type"] == "text" for r in layer["data"]["values"]]
        assert [one["said"] for one in said if one["label"] == row.label].count(row.text) >= 1
        assert bool(marked(spec, row.label)) == any(
            other.estimate is not None for other in answer.forest if other.label == row.label
        )


def test_marks_stand_at_the_numbers(usual: CombineAnswer) -> None:
    """Ends and middle of each interval are those of the row, on the scale of the axis."""
    spec = forest_spec(usual)
    low, high = spec["vconcat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    for row in usual.forest:
        assert None not in (row.estimate, row.lower, row.upper)
        drawn = marked(spec, row.label)
        assert drawn
        for point in drawn:
            for field, value in (("low", row.lower), ("at", row.estimate), ("high", row.upper)):
                assert point[field] == pytest.approx(min(max(math.exp(value or 0), low), high))


def test_all_panels_share_one_axis(answer: CombineAnswer) -> None:
    """Rows of different headings can be compared by eye."""
    domains = [layer["encoding"]["x"]["scale"]["domain"] for layer in layers(forest_spec(answer)) if "scale" in layer["encoding"]["x"]]  # fmt: skip
    assert all(domain == domains[0] for domain in domains)


def test_words_of_the_forest_hold_every_number(answer: CombineAnswer) -> None:
    """The alternative text names each row with the number or the reason that is printed beside it."""
    words = forest_alt(answer)
    assert forest_spec(answer)["description"] == words

    def told(row: ForestRow) -> bool:
        return f"{row.label}: {row.text}." in words

    assert all(told(row) for row in answer.forest)


def test_each_comparison_is_a_line(answer: CombineAnswer) -> None:
    """The network has a dot for each treatment and a line for each two that a study compared, as thick as studies are many."""
    if not drawable(answer):
        assert not answer.network.studies
        return
    spec = network_spec(answer)
    (lines, dots, *_) = [layer["data"]["values"] for layer in layers(spec)]
    assert len(dots) == len({dot["name"] for dot in dots}) == len(answer.network.treatments)
    count: Counter[frozenset[str]] = Counter()
    randomized = set()
    for study in answer.network.studies:
        for pair in map(frozenset, combinations(study.treatments, 2)):
            count[pair] += 1
            randomized |= {pair} if study.randomized else set()
    wanted = Counter((n, "randomized" if pair in randomized else "not randomized") for pair, n in count.items())
    assert Counter((line["studies"], line["design"]) for line in lines) == wanted
    places = {(dot["x"], dot["y"]) for dot in dots}
    assert all((line["x"], line["y"]) in places and (line["x2"], line["y2"]) in places for line in lines)
    words = network_alt(answer)
    assert all(f"{n} stud{'y' if n == 1 else 'ies'}, {kind}" in words for n, kind in wanted)
    assert all(dot["name"] in words for dot in dots)


def test_shares_are_those_of_the_studies(answer: CombineAnswer) -> None:
    """Each cell shows one study's share of one number; the shares of a number make one, and the words say the same."""
    if not drawable(answer):
        assert not answer.network.studies
        return
    cells = reach_spec(answer)["data"]["values"]
    words = reach_alt(answer)
    assert sum(len([s for s in each.share.values() if s > 0.005]) for each in answer.reach) == len(cells)
    for each in answer.reach:
        for row_id, share in each.share.items():
            assert sum(other.share.get(row_id, 0) for other in answer.reach) == pytest.approx(1), row_id
            if share > 0.005:
                assert f"{each.study} {100 * share:.0f}%" in words


def test_ways_are_drawn_in_order(ways: tuple[Universe, ...]) -> None:
    """Every way with an interaction is an interval, smallest first; the way without one is nowhere; one is marked as usual."""
    spec = multiverse_spec(ways)
    intervals, dots, usual, _ = spec["vconcat"][0]["layer"]
    known = sorted((w for w in ways if w.estimate is not None), key=lambda w: w.estimate or 0)
    assert len(known) == len(ways) - 1
    assert intervals["data"]["values"] == dots["data"]["values"]
    for rank, (way, row) in enumerate(zip(known, intervals["data"]["values"], strict=True)):
        assert row["rank"] == rank
        for field in ("estimate", "lower", "upper"):
            assert row[field] == pytest.approx(math.exp(getattr(way, field)), rel=1e-3)
    assert [row["estimate"] for row in usual["data"]["values"]] == [pytest.approx(math.exp(-0.4))]


def test_each_choice_has_its_strip(ways: tuple[Universe, ...]) -> None:
    """Below, each value of a choice shows where its ways lie, and a value that gave nothing has no strip."""
    strips = multiverse_spec(ways)["vconcat"][1]["layer"][0]["data"]["values"]
    rows = {strip["row"] for strip in strips}
    assert rows == {"outcome: response", "outcome: remission", "week: 2", "week: 4", "week: 6", "week: 8"}
    found = [strip["estimate"] for strip in strips if strip["row"] == "outcome: response"]
    assert found == pytest.approx([math.exp(0.3), math.exp(1.1)], rel=0.01)


@pytest.mark.parametrize("ratio", [True, False])
def test_what_is_let_in_is_drawn_where_it_is_known(usual: CombineAnswer, ratio: bool) -> None:
    """At a weight of nothing there is no interaction, and no mark; at each other there is one, a ratio or a difference."""
    assert any(point.estimate is None for point in usual.let_in)
    spec, words = let_in_spec(usual.let_in, ratio=ratio), let_in_alt(usual.let_in, ratio=ratio)
    drawn = [row for layer in layers(spec) for row in layer["data"]["values"] if "weight" in row]
    known = [point for point in usual.let_in if point.estimate is not None]
    assert {(row["weight"], row["bias"]) for row in drawn} == {(p.weight, f"bias SD {p.bias_sd:g}") for p in known}
    for point in known:
        at = math.exp(point.estimate or 0) if ratio else point.estimate
        assert any(row["estimate"] == at for row in drawn)
        assert f"{at:.2f}" in words
    assert ("log" in json.dumps(spec)) == ratio


def test_pictures_can_be_drawn(usual: CombineAnswer, ways: tuple[Universe, ...]) -> None:
    """Each picture becomes SVG without a browser, with the names that are in it."""
    pytest.importorskip("vl_convert")
    from inconcert.exchange.report.pictures import to_svg

    for spec in specs(usual, ways):
        svg = to_svg(spec)
        assert svg.startswith("<svg")
        assert "<script" not in svg
    assert "beyond the sum of both" in to_svg(forest_spec(usual))
