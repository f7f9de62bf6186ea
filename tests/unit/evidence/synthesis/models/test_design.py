"""Names become columns."""

from __future__ import annotations

import pytest

from inconcert.evidence.synthesis.data.types import NetworkError
from inconcert.evidence.synthesis.models.design import component_design, pairs_that_occur, parts_of, standard_design


def test_what_each_treatment_holds() -> None:
    """Components sorted by name, the inactive one without a column, an interaction where all of its parts are."""
    design = component_design(["B + A", "pla", "A", "A+B+C"], inactive="pla", interactions=["A*B", "C * B * A"])
    assert design.columns == ("A", "B", "C", "A*B", "C * B * A")
    assert {name: design.matrix[row].tolist() for name, row in design.place.items()} == {
        "A": [1, 0, 0, 0, 0],
        "A+B+C": [1, 1, 1, 1, 1],
        "B + A": [1, 1, 0, 1, 0],
        "pla": [0, 0, 0, 0, 0],
    }
    assert design.row_of("C+B").tolist() == [0, 1, 1, 0, 0]  # nobody gave it


def test_whole_treatments() -> None:
    """In the standard model each treatment is a column, and one that nobody gave is unknown."""
    design = standard_design(["b", "a+b", "a"])
    assert design.columns == ("a", "a+b", "b")
    assert design.row_of("a+b").tolist() == [0, 1, 0]
    with pytest.raises(NetworkError, match="did you mean 'a"):
        design.row_of("a+")


def test_the_pairs_that_can_be_asked_for() -> None:
    """Pairs that some treatment holds, each once, in order; the inactive part makes none."""
    assert pairs_that_occur(component_design(["A+B", "C+A+B", "pla+C", "D", "pla"], inactive="pla")) == (
        "A*B",
        "A*C",
        "B*C",
    )


def test_another_mark_between_components() -> None:
    """The mark that joins components may be any."""
    design = component_design(["A & B", "A"], separator="&")
    assert design.columns == ("A", "B")
    assert parts_of(" A & B", "&") == ("A", "B")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"inactive": "placebo"}, "no inactive treatment 'placebo'.*did you mean 'plaeebo'"),
        ({"interactions": ["A*Z"]}, "no component 'Z'"),
        ({"interactions": ["A*A"]}, "is no interaction"),
        ({"interactions": ["A"]}, "is no interaction"),
    ],
)
def test_wishes_that_cannot_be(more: dict[str, object], words: str) -> None:
    """A name that does not occur, or an interaction of one part, is refused with its mend."""
    with pytest.raises(NetworkError, match=words):
        component_design(["A", "A+B", "plaeebo"], **more)  # type: ignore[arg-type]  # wrong on purpose


def test_an_interaction_named_twice_counts_once_and_is_said() -> None:
    """`B*A` is `A*B`: two columns alike would leave both unknown, as if the data could not give what they give."""
    design = component_design(["A+B", "A", "B"], interactions=["A*B", "B * A", "A*B"])
    assert design.columns == ("A", "B", "A*B")
    assert design.notes == (
        "the interaction 'B * A' was named before; it counts once.",
        "the interaction 'A*B' was named before; it counts once.",
    )


def test_an_empty_separator_is_refused() -> None:
    """Nothing cannot stand between components."""
    with pytest.raises(NetworkError, match="no separator"):
        component_design(["A+B"], separator="")


def test_a_part_without_a_name() -> None:
    """`A+` is a slip of the pen, not a treatment."""
    with pytest.raises(NetworkError, match="has an empty part"):
        component_design(["A+", "B"])


def test_a_part_named_twice_counts_once_and_is_said() -> None:
    """`A+A` holds A once; a note says so."""
    design = component_design(["A+A", "B"])
    assert design.matrix.tolist() == [[1, 0], [0, 1]]
    assert design.notes == ("'A+A' names 'A' twice; it counts once.",)
