"""What each study carries, and the facts of certainty from a fitted model."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import Network, Scale, StudyContrasts
from inconcert.evidence.synthesis.models.design import component_design, standard_design
from inconcert.evidence.synthesis.models.fit import Fit, NotEstimableError, fit
from inconcert.evidence.synthesis.trust.asymmetry import AsymmetryTest, egger
from inconcert.evidence.synthesis.trust.certainty import grade
from inconcert.evidence.synthesis.trust.direct import all_direct, direct_points, single_study_share
from inconcert.evidence.synthesis.trust.facts import facts_of_fit, modifier_gaps, study_facts
from inconcert.evidence.synthesis.trust.selection import fit_selection
from inconcert.evidence.synthesis.trust.shares import study_shares
from inconcert.evidence.synthesis.trust.types import FunnelPoint
from inconcert.evidence.synthesis.trust.weighing import Favored
from inconcert.knowledge.studies import study_tables


def study(name: str, first: str, second: str, effect: float, variance: float, **more: object) -> StudyContrasts:
    """A study of two arms: second minus first."""
    return StudyContrasts(
        study=name,
        treatments=(first, second),
        effects=np.array([effect]),
        covariance=np.array([[variance]]),
        row_ids=(f"{name}/row",),
        **more,  # type: ignore[arg-type]  # passed on as given
    )


def network(*studies: StudyContrasts) -> Network:
    """On the scale of odds ratios."""
    return Network(scale=Scale.OR, studies=studies)


def fitted(net: Network) -> Fit:
    """The standard model, tau2 preset so that weights can be reckoned by hand."""
    return fit(net, standard_design(net.treatments), tau=0.1)


def contrast(model: Fit, first: str, second: str) -> np.ndarray:
    """First minus second."""
    return model.design.row_of(first) - model.design.row_of(second)


def test_for_one_comparison_the_shares_are_the_usual_weights() -> None:
    """With one comparison a share is the inverse variance over the sum of them."""
    model = fitted(
        network(study("a", "s", "t", 0.3, 0.04), study("b", "s", "t", 0.5, 0.09), study("c", "s", "t", 0, 0.2))
    )
    inverse = 1 / (np.array([0.04, 0.09, 0.2]) + 0.01)
    found = study_shares(model, contrast(model, "t", "s"))
    assert list(found.values()) == pytest.approx(inverse / inverse.sum(), abs=1e-12)
    assert all_direct(model, contrast(model, "t", "s"), found)
    assert single_study_share(model, found) == 0.0


def test_an_estimate_through_a_third_treatment_is_shared_by_its_steps() -> None:
    """What passes through two studies, each alone on its comparison, rests on single studies altogether."""
    model = fitted(network(study("a", "s", "t", 0.3, 0.04), study("b", "s", "k", 0.5, 0.09)))
    row = contrast(model, "t", "k")
    found = study_shares(model, row)
    assert found == pytest.approx({"a": 0.05 / 0.15, "b": 0.1 / 0.15})
    assert single_study_share(model, found) == pytest.approx(1.0)
    assert not all_direct(model, row, found)


def test_a_study_the_estimate_does_not_rest_on_has_no_share() -> None:
    """A study of two other treatments has share zero in a tree of comparisons."""
    model = fitted(network(study("a", "s", "t", 0.3, 0.04), study("b", "s", "k", 0.5, 0.09)))
    assert study_shares(model, contrast(model, "t", "s"))["b"] == pytest.approx(0, abs=1e-15)


def test_what_cannot_be_estimated_has_no_shares() -> None:
    """A comparison of two parts of a network that do not meet is refused."""
    model = fitted(network(study("a", "s", "t", 0.3, 0.04), study("b", "p", "k", 0.5, 0.09)))
    with pytest.raises(NotEstimableError):
        study_shares(model, contrast(model, "t", "k"))


def test_components_make_comparisons_the_same() -> None:
    """In a component model the pair against one part is the other part alone, so two studies second each other."""
    net = network(study("a", "s", "k", 0.3, 0.04), study("b", "t", "k+t", 0.5, 0.09), study("c", "s", "t", 0.2, 0.1))
    model = fit(net, component_design(net.treatments, inactive="s"), tau=0.0)
    found = study_shares(model, model.design.row_of("k"))
    assert single_study_share(model, found) == pytest.approx(found["c"])
    assert found["a"] + found["b"] == pytest.approx(1.0)


def test_a_study_of_three_arms_is_seconded_by_each_of_its_pairs() -> None:
    """A study of three arms is not alone where another study made one of its three comparisons."""
    three = StudyContrasts(
        study="a",
        treatments=("s", "t", "k"),
        effects=np.array([0.3, 0.5]),
        covariance=np.array([[0.05, 0.02], [0.02, 0.06]]),
    )
    model = fitted(network(three, study("b", "t", "k", 0.1, 0.05)))
    found = study_shares(model, contrast(model, "t", "k"))
    assert single_study_share(model, found) == 0.0
    assert all_direct(model, contrast(model, "t", "k"), found)
    assert sum(found.values()) == pytest.approx(1.0)


def test_facts_are_gathered_from_the_model_and_graded() -> None:
    """Interval, shares, prediction, I2 and the reasons for what is lacking reach the grade."""
    net = network(*(study(f"s{i}", "sham", "tms", 0.5 + 0.1 * (-1) ** i, 0.05) for i in range(4)))
    model = fitted(net)
    points = [FunnelPoint(study=s.study, effect=float(s.effects[0]), se=0.22) for s in net.studies]
    facts = facts_of_fit(
        model,
        contrast(model, "tms", "sham"),
        {},
        question="TMS against sham",
        smallest_important=0.4,
        asymmetry=egger(points),
        selection=fit_selection(points),
    )
    assert not facts.network
    assert [s.weight for s in facts.studies] == pytest.approx([0.25] * 4)
    assert facts.studies[0].row_ids == ("s0/row",)
    assert facts.prediction is not None
    found = grade(facts, date(2026, 11, 22))
    assert found.start == "high"
    assert {u.domain for u in found.undecided} >= {"risk_of_bias", "publication_bias", "indirectness"}
    why = next(u.why for u in found.undecided if u.domain == "publication_bias")
    assert "Only 4 studies" in why


def test_too_few_studies_for_a_prediction_are_said() -> None:
    """Without an interval for a new study inconsistency is not judged, and the reason is the number of studies."""
    model = fitted(network(study("a", "s", "t", 0.3, 0.04)))
    facts = facts_of_fit(model, contrast(model, "t", "s"), {}, question="t", smallest_important=0.4)
    found = grade(facts, date(2026, 11, 22))
    assert any("too few studies" in u.why for u in found.undecided if u.domain == "inconsistency")


def test_the_study_tables_are_read_by_the_rules() -> None:
    """Words of studies.csv become facts; a cell that leaves the matter open stays not known."""
    rows = study_tables().studies
    shanok = study_facts(rows["SHANOK2024"])
    assert (shanok.randomized, shanok.risk, shanok.blinded, shanok.trd, shanok.bipolar) == (
        False,
        "high",
        "none",
        True,
        False,
    )
    best = study_facts(rows["BEST2019"])
    assert (best.risk, best.bipolar) == ("critical", None)
    murrough = study_facts(rows["MURROUGH2013"], people=73)
    assert (murrough.randomized, murrough.risk, murrough.blinded, murrough.people) == (
        True,
        "some_concerns",
        "participants",
        73,
    )
    assert study_facts(rows["LII2023"]).trd is False
    assert study_facts(rows["ZANGEN2023"]).blinded is None
    assert study_facts(rows["GEORGE2010"]).trd is None
    assert study_facts(rows["FILIPCIC2019"]).blinded == "rater"


def test_gaps_are_the_widest_difference_between_comparisons() -> None:
    """A covariate of 0 and 1 gives the difference of shares; one that a study lacks is not known."""
    net = network(
        study("a", "s", "t", 0, 0.1, covariates={"active": 1.0, "age": 40}),
        study("b", "s", "t", 0, 0.1, covariates={"active": 0.0, "age": 50}),
        study("c", "s", "k", 0, 0.1, covariates={"active": 0.0, "age": 60}),
        study("d", "s", "k", 0, 0.1, covariates={"active": 0.0}),
    )
    assert modifier_gaps(net, ("active", "age")) == {"active": 0.5, "age": None}
    alone = network(study("a", "s", "t", 0, 0.1, covariates={"active": 1.0}))
    assert modifier_gaps(alone, ("active",)) == {"active": None}
    assert modifier_gaps(net, ("age",), {"a", "c"}) == {"age": 1.0}


def test_points_are_those_of_the_very_comparison() -> None:
    """A funnel of one comparison holds each study that made it, turned the same way, pairs inside a larger study too."""
    three = StudyContrasts(
        study="a",
        treatments=("s", "t", "k"),
        effects=np.array([0.3, 0.5]),
        covariance=np.array([[0.05, 0.02], [0.02, 0.06]]),
        row_ids=("a/row",),
        weight=0.5,
    )
    model = fitted(network(three, study("b", "k", "t", 0.1, 0.05), study("c", "s", "t", 0.1, 0.05)))
    found = direct_points(model, contrast(model, "k", "t"))
    assert [(p.study, p.row_ids) for p in found] == [("a", ("a/row",)), ("b", ("b/row",))]
    assert [p.effect for p in found] == pytest.approx([0.2, -0.1])
    assert [p.se**2 for p in found] == pytest.approx([(0.05 + 0.06 - 0.04) / 0.5, 0.05])


def test_enough_studies_are_tested_without_being_asked() -> None:
    """With a dozen studies of the comparison, funnel asymmetry and selection are reckoned from them and reach the facts."""
    rng = np.random.default_rng(2)
    made = [
        study(f"s{i}", "sham", "tms", float(rng.normal(0.4, 0.3)), float(v))
        for i, v in enumerate(rng.uniform(0.02, 0.2, 12))
    ]
    model = fitted(network(*made))
    facts = facts_of_fit(model, contrast(model, "tms", "sham"), {}, question="TMS", favored=Favored.GREATER)
    asked = egger(direct_points(model, contrast(model, "tms", "sham")))
    assert isinstance(asked, AsymmetryTest)
    assert facts.asymmetry_p == asked.p
    assert facts.asymmetry_toward_effect == (asked.slope > 0)
    assert facts.selection_p is not None
    assert facts.selection_interval is not None


def test_the_interval_that_is_shown_is_the_one_that_is_judged() -> None:
    """An interval given (such as a posterior's) takes the place of the fit's own."""
    model = fitted(network(study("a", "s", "t", 0.3, 0.04), study("b", "s", "t", 0.5, 0.09)))
    facts = facts_of_fit(
        model, contrast(model, "t", "s"), {}, question="t", interval=(-1.0, 2.0), prediction=(-1.5, 2.5)
    )
    assert (facts.lower, facts.upper, facts.prediction) == (-1.0, 2.0, (-1.5, 2.5))


def test_a_network_that_disagrees_with_itself_is_seen() -> None:
    """A closed loop that does not add up gives a small p; a tree gives none, and says why."""
    sides = [("s", "t", 0.2), ("s", "k", 0.2), ("t", "k", 1.5)]
    loop = fitted(network(*(study(f"{a}{b}{i}", a, b, y, 0.02) for a, b, y in sides for i in range(3))))
    facts = facts_of_fit(loop, contrast(loop, "t", "s"), {}, question="t")
    assert facts.network
    assert facts.incoherence_p is not None
    assert facts.incoherence_p < 0.01
    tree = fitted(network(study("a", "s", "t", 0.3, 0.04), study("b", "s", "k", 0.5, 0.09)))
    facts = facts_of_fit(tree, contrast(tree, "t", "k"), {}, question="t against k")
    assert facts.incoherence_p is None
    found = grade(facts, date(2026, 11, 22))
    assert any("directly and through others" in u.why for u in found.undecided if u.domain == "incoherence")
