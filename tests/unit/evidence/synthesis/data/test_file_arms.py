"""A file of arms becomes a network: the usual spellings, and what each study keeps."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.evidence.synthesis.data.arms import contrasts_of_arms
from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import NetworkError, Scale

COUNTS = "study,treatment,n,events\nA,ket,20,10\nA,pla,21,5\nB,ket,30,12\nB,pla,31,9\n"
MEANS = "study,treatment,n,mean,sd\nA,ket,20,-10,5\nA,pla,21,-5,4\nB,ket,30,-12,6\nB,pla,31,-9,5\n"


def test_counts_are_odds_ratios_unless_told_otherwise() -> None:
    """The scale of counts is OR, of means MD, and what is asked for where the columns can give it."""
    network = read_network(COUNTS)
    assert network.scale is Scale.OR
    assert [study.study for study in network.studies] == ["A", "B"]
    assert network.studies[0].effects == pytest.approx([math.log((5 / 16) / (10 / 10))])
    assert network.studies[1].row_ids == ("line 4", "line 5")
    assert read_network(MEANS).scale is Scale.MD
    assert read_network(COUNTS, scale=Scale.RD).studies[0].effects == pytest.approx([5 / 21 - 0.5])
    assert read_network(MEANS, scale=Scale.SMD).scale is Scale.SMD


@pytest.mark.parametrize(
    "header",
    [
        "studlab,treat,total,event",
        "Study_ID,TRT,N,Events",
        "id,t r t,sample size,r",
        '"study","treatment","n","responders"',
        "\ufeffstudy,treatment,n,events",
        "trial,arm,participants,cases",
    ],
)
def test_usual_names_of_columns_are_known(header: str) -> None:
    """Names that other programs use, in any case, with a byte order mark or in quotes."""
    network = read_network(COUNTS.replace("study,treatment,n,events", header))
    assert [study.effects[0] for study in network.studies] == [s.effects[0] for s in read_network(COUNTS).studies]


@pytest.mark.parametrize(
    "text",
    [
        COUNTS.replace(",", ";"),
        COUNTS.replace(",", "\t"),
        "sep=;\n" + COUNTS.replace(",", ";"),
        COUNTS.replace("\n", "\r\n"),
        COUNTS.replace("\n", "\r"),
        COUNTS.replace("\n", "\n\n"),
        COUNTS.replace("\n", ",,\n"),
        COUNTS + "  \n,,,\n \t\n",
        COUNTS.replace(",", " , "),
    ],
)
def test_delimiters_line_ends_and_blank_lines_do_not_matter(text: str) -> None:
    """Comma, semicolon or tab; any line end; blank lines and empty cells at the end."""
    network = read_network(text)
    assert [study.treatments for study in network.studies] == [("ket", "pla")] * 2
    assert network.studies[1].effects == pytest.approx(read_network(COUNTS).studies[1].effects)


def test_bytes_and_paths_are_read_too(tmp_path: Path) -> None:
    """A path, its name as text, UTF-8 bytes with a mark and UTF-16 bytes give the same network, and lines are counted alike."""
    path = tmp_path / "arms.csv"
    path.write_text(COUNTS, encoding="utf-8")
    for source in (path, str(path), COUNTS.encode("utf-8-sig"), COUNTS.encode("utf-16")):
        network = read_network(source)
        assert network.studies[0].effects == pytest.approx(read_network(COUNTS).studies[0].effects)


def test_lines_are_counted_through_blank_lines_and_quoted_line_ends() -> None:
    """A name over two lines and a blank line move the line numbers as an editor shows them."""
    network = read_network('study,treatment,n,events\n\n"A\nb",ket,20,10\n"A\nb",pla,21,5\nC,ket,9,1\nC,pla,9,2\n')
    assert [study.row_ids for study in network.studies] == [("line 3", "line 5"), ("line 7", "line 8")]


def test_rows_of_a_study_need_not_stand_together() -> None:
    """Rows belong together by the study's name."""
    lines = COUNTS.splitlines()
    network = read_network("\n".join([lines[0], lines[1], lines[3], lines[2], lines[4]]))
    assert [study.row_ids for study in network.studies] == [("line 2", "line 4"), ("line 3", "line 5")]


def test_the_standard_error_of_a_mean_becomes_a_standard_deviation() -> None:
    """Sd = se sqrt(n) where only se is given, and a note where both are given and disagree."""
    only = read_network("study,treatment,n,mean,se\nA,ket,16,-10,1\nA,pla,25,-5,2\n")
    assert only.studies[0].covariance == pytest.approx(np.array([[5.0]]))
    both = read_network("study,treatment,n,mean,sd,se\nA,ket,16,-10,,1\nA,pla,25,-5,10,2\n")
    assert both.studies[0].covariance == pytest.approx(np.array([[5.0]]))
    assert not any("sd is" in note for note in both.notes)
    swapped = read_network("study,treatment,n,mean,sd,se\nA,ket,16,-10,4,1\nA,pla,25,-5,2,10\n")
    assert any("line 3: sd is 2 but se times the square root of n is 50" in note for note in swapped.notes)


def test_what_is_constant_in_a_study_is_kept_beside_it() -> None:
    """Year stays as a number; age varies by arm and a comment is text, so both are named as not used; a blank is no number."""
    text = "study,treatment,n,events,year,age,comment\nA,ket,20,10,2010,40,x\nA,pla,21,5,2010,41,y\nB,ket,30,12,,50,\nB,pla,31,9,,50,\n"
    network = read_network(text)
    assert network.studies[0].covariates == {"year": 2010}
    assert network.studies[1].covariates == {}
    assert any("age (it varies within study A), comment" in note for note in network.notes)


def test_weights_and_designs_are_read() -> None:
    """A weight per study, 0 leaving it out by name; randomized only where the file says so."""
    text = (
        "study,treatment,n,events,weight,design\nA,ket,20,10,1,RCT\nA,pla,21,5,1,RCT\nB,ket,30,12,0.4,cohort\nB,pla,31,9,0.4,cohort\n"
        "C,ket,30,12,0,rct\nC,pla,31,9,0,rct\nD,ket,30,12,,rct\nD,pla,33,9,,\nE,ket,30,12,1,\nE,pla,34,9,1,\n"
    )
    network = read_network(text)
    assert [(s.study, s.weight, s.randomized) for s in network.studies] == [
        ("A", 1, True),
        ("B", 0.4, False),
        ("D", 1, True),
        ("E", 1, False),
    ]
    assert [(one.study, "weight is 0" in one.why) for one in network.excluded] == [("C", True)]
    notes = " ".join(network.notes)
    assert "No weight is given for D: counted in full" in notes
    assert "Not known to be randomized, and counted as not: E" in notes
    assert any("count as randomized" in note for note in read_network(COUNTS).notes)


def test_what_was_done_to_studies_is_said_once_with_their_names() -> None:
    """Two studies with an empty cell share a note; arms of one treatment are pooled with a note."""
    text = (
        COUNTS.replace("A,pla,21,5", "A,pla,21,0").replace("B,pla,31,9", "B,pla,31,0")
        + "C,ket,9,3\nC,ket,8,2\nC,pla,10,1\n"
    )
    network = read_network(text)
    assert sum("0.5 was added" in note and note.startswith("Studies A, B:") for note in network.notes) == 1
    assert any(note.startswith("Study C: pooled into one: 2 arms of ket (n 9 and 8)") for note in network.notes)
    assert network.studies[2].effects == pytest.approx(
        contrasts_of_arms("C", ["ket", "pla"], Scale.OR, n=[17, 10], events=[5, 1]).effects
    )


def test_both_kinds_of_outcome_wait_for_a_measure() -> None:
    """With counts and means in one file the measure decides, and without one nothing is chosen."""
    text = "study,treatment,n,events,mean,sd\nA,ket,20,10,-10,5\nA,pla,21,5,-5,4\n"
    assert read_network(text, scale=Scale.MD).studies[0].effects == pytest.approx([5])
    assert read_network(text, scale=Scale.OR).scale is Scale.OR
    with pytest.raises(NetworkError, match="counts and means"):
        read_network(text)


def test_an_inactive_treatment_that_does_not_occur_is_refused_with_what_is_near() -> None:
    """`Pla` for `pla` is not guessed; a part of a combination counts as occurring; the direction is said."""
    with pytest.raises(NetworkError, match="did you mean pla"):
        read_network(COUNTS, inactive="Pla")
    assert read_network(COUNTS.replace("pla", "pla+usual"), inactive="pla").studies
    assert any("lower value" in note for note in read_network(COUNTS, direction="lower").notes)


@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(0, 300), st.integers(1, 300), st.integers(0, 300)), min_size=1)
)
def test_every_study_of_any_file_is_in_or_out(rows: list[tuple[int, int, int, int]]) -> None:
    """However counts come, each study is in the network or among those left out, exactly once, or all are refused."""
    lines = [
        f"s{i},{t},{n},{e}" for i, (n1, e1, n2, e2) in enumerate(rows) for t, n, e in (("a", n1, e1), ("b", n2, e2))
    ]
    try:
        network = read_network("\n".join(["study,treatment,n,events", *lines]))
    except NetworkError as error:
        assert re.search(r"studies could enter|only study could not enter", str(error))  # noqa: PT017 - the other way is as good
        return
    assert sorted([s.study for s in network.studies] + [x.study for x in network.excluded]) == sorted(
        f"s{i}" for i in range(len(rows))
    )
    assert all(np.isfinite(s.effects).all() and s.covariance[0, 0] > 0 for s in network.studies)


CASE = Path(__file__).parents[6] / "shared" / "reference" / "cnma"


def test_the_worked_case_has_the_same_contrasts_from_arms_and_from_pairs() -> None:
    """Thirty-eight studies of up to four arms: contrasts made of arms are those of the pairs the reference was fitted to."""
    if not CASE.exists():
        pytest.skip("the worked case of the reference is not here (../shared/reference/cnma)")
    arms = read_network(CASE / "baker2009.arms.csv")
    pairs = read_network(CASE / "baker2009.contrasts.csv", scale=Scale.OR)
    assert len(arms.studies) == len(pairs.studies) == 38
    assert [one.study for one in arms.excluded] == ["39"]
    for one, other in zip(arms.studies, pairs.studies, strict=True):
        place = {name: i for i, name in enumerate(one.treatments)}
        step = np.zeros((len(place) - 1, len(place)))
        for row, name in enumerate(other.treatments[1:]):
            step[row, place[name]] += 1
            step[row, place[other.treatments[0]]] -= 1
        full = np.zeros((len(place), len(place)))
        full[1:, 1:] = one.covariance
        assert step @ np.concatenate([[0.0], one.effects]) == pytest.approx(other.effects, abs=1e-12)
        assert step @ full @ step.T == pytest.approx(other.covariance, abs=1e-12)
