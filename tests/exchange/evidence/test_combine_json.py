"""The answer on the pair as data: every number is there at full precision, and none where the studies give none."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.pair.types import CombineAnswer, ForestRow, Universe
from inconcert.exchange.evidence.combine_json import TABLES, combine_as_plain, combine_tables

NUMBERS = ("estimate", "se", "lower", "upper")


def numbers(found: Any) -> set[float]:
    """Every number in plain data or in dataclasses."""
    if isinstance(found, bool) or found is None:
        return set()
    if isinstance(found, int | float):
        return {float(found)}
    if is_dataclass(found) and not isinstance(found, type):
        return {n for field in fields(found) for n in numbers(getattr(found, field.name))}
    if isinstance(found, dict):
        return {n for key, value in found.items() for n in numbers(value) | numbers(key)}
    if isinstance(found, list | tuple):
        return {n for value in found for n in numbers(value)}
    return set()


def test_every_number_of_the_answer_is_in_the_data(answer: CombineAnswer, ways: tuple[Universe, ...]) -> None:
    """Forest, interaction, shares, trials, ways of asking: not one number is rounded or lost on its way out."""
    plain = combine_as_plain(answer, ways)
    for part in (answer.forest, answer.reach, answer.trials, answer.let_in, answer.interaction, ways):
        contrast = {float(times) for row in answer.forest for times in row.parts.values()}
        missing = numbers(part) - numbers(plain) - contrast
        assert not missing, missing


def test_null_is_exactly_what_cannot_be_estimated(answer: CombineAnswer) -> None:
    """A row of the model has numbers if and only if its contrast lies in the row space of the studies; else all are null."""
    plain = {row["id"]: row for row in combine_as_plain(answer)["forest"]}
    assert len(plain) == len(answer.forest)
    for row in answer.forest:
        found = plain[row.id]
        known = [found[name] is not None for name in NUMBERS]
        assert all(known) or not any(known)
        if not any(known):
            assert found["prediction"] is None
            assert found["text"] == "cannot be estimated from these studies"
        if row.parts and answer.fit is not None:
            columns = answer.fit.design.columns
            contrast = np.array([[row.parts.get(name, 0) for name in columns]])
            assert answer.fit.space.contains(contrast)[0] == any(known), row.id


def test_the_interaction_that_is_not_there_says_why(answer: CombineAnswer) -> None:
    """Without an interaction every number about it is null or empty, and the studies that would give it are named."""
    found = combine_as_plain(answer)["interaction"]
    if found["estimate"] is not None:
        assert found["why_none"] is None
        assert found["ruled_out_below"] == found["lower"]
        assert found["ruled_out_above"] == found["upper"]
        return
    assert found["why_none"]
    assert found["would_identify"]
    assert numbers({name: found[name] for name in found if name not in ("studies", "people")}) == set()


def test_it_is_json(answer: CombineAnswer, ways: tuple[Universe, ...]) -> None:
    """No NaN, no infinity, no key or list that JSON lacks: written and read again it is the same."""
    plain = combine_as_plain(answer, ways)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_answers_of_all_kinds_were_looked_at(usual: CombineAnswer) -> None:
    """The usual answer has an interaction with a number, so that the tests above are not all about silence."""
    plain = combine_as_plain(usual)
    assert plain["interaction"]["estimate"] is not None
    assert len(numbers(plain)) > 100


@pytest.fixture
def tables(answer: CombineAnswer, ways: tuple[Universe, ...]) -> dict[str, list[dict[str, str]]]:
    """The tables, read as a reader's program would."""
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in combine_tables(answer, ways).items()}


def test_tables_are_those_announced(tables: dict[str, list[dict[str, str]]]) -> None:
    """The names under which the command looks for files in the way are those that it writes."""
    assert tuple(tables) == TABLES


def test_numbers_of_the_tables_are_the_same(
    answer: CombineAnswer, ways: tuple[Universe, ...], tables: dict[str, list[dict[str, str]]]
) -> None:
    """Read back from CSV each number is the very same, and an empty cell stands where there is none."""

    def same(cell: str, value: float | None) -> bool:
        return cell == "" if value is None else float(cell) == value

    for row, read in zip(answer.forest, tables["forest"], strict=True):
        assert read["id"] == row.id
        assert all(same(read[name], getattr(row, name)) for name in NUMBERS)
        assert read["prediction"] == (" | ".join(map(str, row.prediction)) if row.prediction else "")
    for way, read in zip(ways, tables["multiverse"], strict=True):
        assert all(same(read[name], getattr(way, name)) for name in ("estimate", "lower", "upper"))
        assert read["outcome"] == way.choices["outcome"]
    for each, read in zip(answer.reach, tables["reach"], strict=True):
        assert read["study"] == each.study
        assert {key.removeprefix("share of "): float(cell) for key, cell in read.items()
                if key.startswith("share of ") and cell} == each.share  # fmt: skip
    for point, read in zip(answer.let_in, tables["let_in"], strict=True):
        assert all(
            same(read[name], getattr(point, name)) for name in ("weight", "bias_sd", "estimate", "lower", "upper")
        )


def test_each_pair_of_arms_of_each_study_is_in_the_table(
    answer: CombineAnswer, tables: dict[str, list[dict[str, str]]]
) -> None:
    """The studies' own effects and standard errors are those that the model was fitted to, with their rows."""
    wanted = {
        (study.study, name, study.treatments[0]): (float(study.effects[at]), math.sqrt(float(study.covariance[at, at])))
        for study in answer.network.studies
        for at, name in enumerate(study.treatments[1:])
    }
    read = {
        (row["study"], row["treat1"], row["treat2"]): (float(row["TE"]), float(row["seTE"]))
        for row in tables["studies"]
    }
    assert len(tables["studies"]) == sum(
        len(s.treatments) * (len(s.treatments) - 1) // 2 for s in answer.network.studies
    )
    assert {key: read[key] for key in wanted} == wanted
    assert all(row["rows"] for row in tables["studies"])


def test_the_table_of_studies_is_a_file_that_the_network_command_reads(answer: CombineAnswer) -> None:
    """Read back, the same studies give the same model: estimates, Q and tau2, with what is known of each study."""
    if answer.fit is None:
        assert not answer.network.studies
        return
    again = read_network(combine_tables(answer)["studies"], scale=answer.network.scale)
    assert not again.excluded
    found = fit(again, answer.fit.design, tau=answer.fit.tau_method or TauMethod.REML)
    assert found.q_model == pytest.approx(answer.fit.q_model, abs=1e-9)
    assert found.tau2 == pytest.approx(answer.fit.tau2, abs=1e-6)
    for name, value in found.common.parameters.items():
        assert value == (None if value is None else pytest.approx(answer.fit.common.parameters[name], abs=1e-9))
    assert {s.study: s.covariates for s in again.studies} == {s.study: s.covariates for s in answer.network.studies}


def test_what_was_left_out_is_listed(answer: CombineAnswer, tables: dict[str, list[dict[str, str]]]) -> None:
    """Every row that did not enter has its reason."""
    assert [row["study"] for row in tables["excluded"]] == [row.study for row in answer.excluded]
    assert all(row["why"] for row in tables["excluded"])


def test_a_row_without_sources_is_no_row(usual: CombineAnswer) -> None:
    """Each number names the study rows behind it, so that it can be traced."""
    plain = {row["id"]: row for row in combine_as_plain(usual)["forest"]}

    def traced(row: ForestRow) -> bool:
        return bool(plain[row.id]["rows"]) and all(source["ref"] for source in plain[row.id]["sources"])

    assert all(traced(row) for row in usual.forest if row.estimate is not None)
