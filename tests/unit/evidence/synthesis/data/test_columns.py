"""Which column is which is told by its name, and every doubt is said."""

from __future__ import annotations

import pytest

from inconcert.evidence.synthesis.data.columns import NAMES, ROLE_OF, Layout, find_columns
from inconcert.evidence.synthesis.data.types import NetworkError, Scale


def test_no_name_has_two_roles() -> None:
    """A name that meant two things would be read by chance."""
    assert len(ROLE_OF) == sum(len(names.split()) for names in NAMES.values())


def test_the_layout_follows_from_the_columns() -> None:
    """Counts, means or comparisons; where counts and means stand together the measure decides."""
    found = find_columns("f", ["study", "treatment", "n", "events"], None, 1)
    assert found.layout is Layout.COUNTS
    assert find_columns("f", ["study", "treatment", "n", "mean", "se"], None, 1).layout is Layout.MEANS
    assert find_columns("f", ["study", "t1", "t2", "TE", "seTE"], None, 1).layout is Layout.CONTRASTS
    both = ["study", "treatment", "n", "events", "mean", "sd"]
    assert find_columns("f", both, Scale.SMD, 1).layout is Layout.MEANS
    assert find_columns("f", both, Scale.RR, 1).layout is Layout.COUNTS


def test_of_two_names_of_one_role_the_plainer_is_taken_and_said() -> None:
    """`n` before `total`, `study` before `id`, in any order of the columns; the other is kept beside the study."""
    for header in (
        ["id", "study", "treatment", "total", "n", "events"],
        ["study", "id", "treatment", "n", "total", "events"],
    ):
        found = find_columns("f", header, None, 1)
        assert header[found.place["n"]] == "n"
        assert header[found.place["study"]] == "study"
        assert set(found.others) == {"id", "total"}
        assert len(found.notes) == 2


def test_a_further_column_named_twice_is_not_used_and_said() -> None:
    """Nobody can tell which of two years is meant, so neither is taken by its place."""
    found = find_columns("f", ["study", "treatment", "n", "events", "year", "age", "year", "year"], None, 1)
    assert set(found.others) == {"age"}
    assert found.notes == ("Several columns are named 'year': none of them was used.",)


def test_columns_of_the_other_layout_are_kept_beside_the_study() -> None:
    """An arms file may have an effect, a control kind and an interval, a contrasts file the counts: none is read as data."""
    arms = find_columns("f", ["study", "treatment", "n", "events", "effect", "control", "lower"], None, 1)
    assert set(arms.others) == {"effect", "control", "lower"}
    pairs = find_columns("f", ["study", "treat1", "treat2", "TE", "seTE", "n", "events", "drug"], Scale.OR, 1)
    assert set(pairs.others) == {"n", "events", "drug"}
    assert pairs.layout is Layout.CONTRASTS


def test_one_row_per_study_with_numbered_columns_is_refused_with_its_mend() -> None:
    """The wide layout of other programs has several arms in a row."""
    with pytest.raises(NetworkError, match="one row per arm"):
        find_columns("f", ["study", "treat1", "event1", "n1", "treat2", "event2", "n2"], None, 1)
