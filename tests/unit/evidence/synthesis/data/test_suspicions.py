"""Names alike and people counted twice are said, and never merged."""

from __future__ import annotations

import pytest

from inconcert.evidence.synthesis.data.suspicions import ReportedArm, names_alike, same_registry, shared_controls


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ketamine", "ketamine"), ("ketamine IV", "ketamine-iv"), ("TMS", "T M S"), ("a + b", "a+b"), ("a+b", "b + A")],
)
def test_names_that_differ_only_in_writing_are_named(one: str, other: str) -> None:
    """Case, spaces, hyphens and the order of parts."""
    (note,) = names_alike([one, other, "placebo"], "treatments", "+")
    assert repr(one) in note
    assert repr(other) in note
    assert "kept apart" in note


def test_names_that_mean_different_things_are_not_named() -> None:
    """A number or a letter more is another name, and a name given twice is one."""
    assert names_alike(["ketamine 0.5", "ketamine 05", "ketamine", "ketamine", "b+a+a", "a+b"], "treatments", "+") == []


def arms(study: str, *rows: tuple[str, float, float]) -> list[ReportedArm]:
    """Arms of a study: treatment, n, events."""
    return [ReportedArm(study=study, treatment=name, numbers=(n, events)) for name, n, events in rows]


def test_a_control_of_two_studies_of_one_author_and_year_is_named() -> None:
    """Smith 2010a and Smith 2010b with the same placebo arm; the same counts of strangers are chance."""
    first = arms("Smith 2010a", ("placebo", 40, 12), ("ketamine", 41, 20))
    second = arms("Smith 2010b", ("placebo", 40, 12), ("TMS", 39, 18))
    (note,) = shared_controls(first + second, {}, telling=False)
    assert "placebo has the same numbers in Smith 2010a and Smith 2010b" in note
    stranger = arms("Jones 2011", ("placebo", 40, 12), ("TMS", 39, 18))
    assert shared_controls(first + stranger, {}, telling=False) == []
    assert (
        shared_controls(
            arms("Study 1", *[("p", 8, 2), ("k", 9, 3)]) + arms("Study 2", *[("p", 8, 2), ("k", 9, 4)]),
            {},
            telling=False,
        )
        == []
    )


def test_a_control_of_two_studies_of_one_registry_id_is_named() -> None:
    """One registry id joins studies whose names differ, in any case of its letters."""
    first = arms("X", ("placebo", 40, 12), ("ketamine", 41, 20))
    second = arms("Y", ("placebo", 40, 12), ("TMS", 39, 18))
    registry = {"X": "NCT01", "Y": "nct01"}
    assert len(shared_controls(first + second, registry, telling=False)) == 1
    assert "registry id NCT01" in same_registry(["X", "Y", "Z"], registry)[0]
    assert same_registry(["X", "Z"], registry) == []


def test_means_tell_more_than_counts() -> None:
    """The same n, mean and standard deviation under two names need no common author to be named."""
    first = [ReportedArm(study="X", treatment="p", numbers=(20, -7.3, 5.1)), *arms("X", ("k", 21, 1))]
    second = [ReportedArm(study="Y", treatment="p", numbers=(20, -7.3, 5.1)), *arms("Y", ("k", 22, 1))]
    assert len(shared_controls(first + second, {}, telling=True)) == 1


def test_a_study_under_two_names_is_named() -> None:
    """Agreement in every arm is a study entered twice, whatever it is called."""
    rows = (("placebo", 40, 12), ("ketamine", 41, 20))
    (note,) = shared_controls(arms("X", *rows) + arms("Y", *rows), {}, telling=False)
    assert "X and Y agree in every arm" in note


def test_a_thousand_copies_are_one_sentence() -> None:
    """All studies that agree stand in one sentence, whose making does not go through every pair of them."""
    rows = (("placebo", 40, 12), ("ketamine", 41, 20))
    (note,) = shared_controls([arm for i in range(1000) for arm in arms(f"S{i}", *rows)], {}, telling=True)
    assert "S0, S1, S2, S3, S4, S5 and 994 more agree in every arm" in note


def test_what_is_not_named_is_counted() -> None:
    """In a file so large that chance makes many, the first are named and the others counted."""
    pairs = [arm for i in range(20) for twin in "ab" for arm in arms(f"S{i}{twin}", ("p", 40, i), ("k", 41, i))]
    *named, counted = shared_controls(pairs, {}, telling=False)
    assert len(named) == 8
    assert counted == "12 more groups of studies agree in every arm."


def test_three_studies_that_share_an_arm_are_one_sentence() -> None:
    """One control under three names, each beside another drug."""
    studies = [arm for i in range(3) for arm in arms(f"Li 2009{'abc'[i]}", ("p", 40, 12), (f"drug {i}", 41, 20))]
    (note,) = shared_controls(studies, {}, telling=False)
    assert "The arm p has the same numbers in Li 2009a, Li 2009b and Li 2009c" in note
