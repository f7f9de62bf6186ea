"""Which study would make it known: with it the answer is there, without it not, and nothing smaller would do."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import Network, NetworkError
from inconcert.evidence.synthesis.models import what_would_identify
from inconcert.evidence.synthesis.models.design import Design, component_design, standard_design
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.what_would_identify import (
    Identified,
    NewStudy,
    for_contrast,
    for_everything,
    for_interaction,
    for_parameter,
    in_short,
)
from support.networks import SHAPES, drawn_design, drawn_network, network, two_arms

APART = network(two_arms("1", "saline", "ketamine", 1.0), two_arms("2", "rtms", "ketamine+rtms", 0.8))


def with_studies(data: Network, studies: tuple[NewStudy, ...]) -> Network:
    """The network with these studies done; whatever they find."""
    new = (two_arms(f"new {place}", one.second, one.first, 0.3) for place, one in enumerate(studies))
    return network(*data.studies, *new)


def refit(data: Network, design: Design) -> Design:
    """The same columns for other treatments."""
    labels = [term.label for term in design.interactions]
    names = {*design.treatments, *data.treatments}
    return component_design(names, inactive=design.inactive, interactions=labels)


def knows(data: Network, design: Design, column: str) -> bool:
    """Whether the network gives a column of the design."""
    return fit(data, refit(data, design)).common.parameters[column] is not None


def test_tms_in_every_arm() -> None:
    """Where all of one part had rTMS, one study of rTMS against saline, or of the pair against ketamine, links it."""
    found = for_parameter(fit(APART, component_design(APART.treatments, inactive="saline")), "rtms")
    assert NewStudy(first="rtms", second="saline") in [one for (one,) in found.options]
    assert NewStudy(first="ketamine+rtms", second="ketamine") in [one for (one,) in found.options]
    assert str(found) == "rtms: a study of rtms against saline would make it known. So would 3 other choices."


def test_the_interaction_is_known_though_tms_is_not() -> None:
    """What ketamine does with and without rTMS is known from either part, and so is their interaction."""
    model = fit(APART, component_design(APART.treatments, inactive="saline"))
    assert for_interaction(model, "ketamine*rtms").known


def test_the_interaction_wants_a_study_of_its_own() -> None:
    """Apart each was tried, together never: the pair against one of them is the plainest study, and gives the interaction."""
    data = network(two_arms("1", "saline", "ketamine", 1.0), two_arms("2", "saline", "rtms", 0.8))
    found = for_interaction(fit(data, component_design(data.treatments, inactive="saline")), "ketamine*rtms")
    assert found.options[0] == (NewStudy(first="ketamine+rtms", second="ketamine", new=("ketamine+rtms",)),)
    assert found.count == 3
    more = with_studies(data, found.options[0])
    design = component_design(more.treatments, inactive="saline", interactions=["ketamine*rtms"])
    assert fit(more, design).common.parameters["ketamine*rtms"] is not None


def test_two_studies_where_one_is_too_few() -> None:
    """A and B were never compared with anything: A*B needs two studies, of both together and of one alone."""
    data = network(two_arms("1", "O", "C", 0.4))
    found = for_interaction(fit(data, component_design(["O", "A", "B", "C"], inactive="O")), "A*B")
    assert {len(some) for some in found.options} == {2}
    assert "no single two-arm study would make it known; two would: " in str(found)


def test_one_study_of_both_against_the_unknown_part() -> None:
    """Where A is known and B is not, both against B gives what A does beside B, and so the interaction: one study, not two."""
    data = network(two_arms("1", "O", "A", 0.4))
    found = for_interaction(fit(data, component_design(["O", "A", "B"], inactive="O")), "A*B")
    assert found.options == ((NewStudy(first="A+B", second="B", new=("A+B",)),),)


def test_what_is_known_needs_nothing() -> None:
    """A contrast that the studies give is said to be known."""
    found = for_contrast(fit(APART, component_design(APART.treatments, inactive="saline")), "ketamine", "saline")
    assert found == Identified(asked="ketamine against saline", known=True, options=(), count=0, most=2)
    assert str(found) == "ketamine against saline: the studies at hand give it."


def test_too_few_asked_for_is_said() -> None:
    """Where one study is not enough and only one is allowed, it says that none would do."""
    data = network(two_arms("1", "O", "C", 0.4))
    found = for_interaction(fit(data, component_design(["O", "A", "B", "C"], inactive="O")), "A*B", most=1)
    assert str(found) == "A*B: no study of two arms, of the components of this network, would make it known."


def test_the_standard_model_is_linked_by_its_own_treatments() -> None:
    """Whole treatments: any study across the gap links the two parts; no treatment is invented."""
    data = network(two_arms("1", "a", "b", 0.1), two_arms("2", "c", "d", 0.2))
    found = for_contrast(fit(data, standard_design(data.treatments)), "a", "c")
    assert {frozenset((one.first, one.second)) for (one,) in found.options} == {
        frozenset(pair) for pair in ("ac", "ad", "bc", "bd")
    }


def test_unknown_names_are_refused() -> None:
    """A column that is not in the design is an error that lists the columns."""
    with pytest.raises(NetworkError, match="Mend: use one of ketamine, rtms"):
        for_parameter(fit(APART, component_design(APART.treatments, inactive="saline")), "ect")


def universe(data: Network, design: Design, more: bool) -> list[str]:
    """The network's treatments, and with `more` each component and each two together, each content once."""
    names = list(data.treatments)
    if more:
        names += [*design.components, *("+".join(pair) for pair in combinations(design.components, 2))]
    return list({frozenset(name.split("+")): name for name in reversed(names)}.values())


def brute_force(data: Network, design: Design, column: str, names: list[str], size: int) -> int:
    """How many sets of `size` two-arm studies make the column known, by trying each one."""
    pairs = [NewStudy(first=a, second=b) for a, b in combinations(names, 2)]
    return sum(knows(with_studies(data, some), design, column) for some in combinations(pairs, size))


@pytest.mark.parametrize("seed", range(5))
def test_every_answer_is_tried(seed: int) -> None:
    """On drawn networks: unknown before, known after the studies named, nothing smaller is enough, and none is forgotten."""
    rng = np.random.default_rng(seed)
    tried = {(1, False): 0, (1, True): 0, (2, True): 0}
    for turn in range(40):
        data = drawn_network(rng, SHAPES[turn % 4])
        design = drawn_design(rng, data)
        for found in for_everything(fit(data, design)):
            assert not knows(data, design, found.asked)
            for some in (*found.options[:2], *found.options[-1:]):
                assert knows(with_studies(data, some), design, found.asked)
            if not found.options or any(label.count("*") > 1 for label in design.columns):
                continue
            kind = (len(found.options[0]), any(study.new for some in found.options for study in some))
            names = universe(data, design, kind[1])
            if len(names) > (7 if kind[0] == 2 else 12) or tried.get(kind, 9) > 2:
                continue
            tried[kind] += 1
            assert brute_force(data, design, found.asked, names, kind[0]) == found.count
            smaller = [(1, names)] if kind[0] == 2 else [(1, universe(data, design, False))] if kind[1] else []
            assert not any(brute_force(data, design, found.asked, less, size) for size, less in smaller)
    assert tried[1, False] == 3
    assert tried[1, True] == 3


def test_each_pair_of_studies_is_tried() -> None:
    """Where two studies are needed, those found are all there are of every two studies of three components."""
    data = network(two_arms("1", "O", "C", 0.4))
    design = component_design(["O", "A", "B", "C"], inactive="O", interactions=["A*B"])
    found = for_parameter(fit(data, design), "A*B")
    names = ["O", "A", "B", "C", "A+B", "A+C", "B+C"]
    assert brute_force(data, design, "A*B", names, 1) == 0
    assert brute_force(data, design, "A*B", names, 2) == found.count == len(found.options)


def test_a_wide_network_is_answered() -> None:
    """With 18 components, of which two parts are linked by nothing, an answer of new combinations is found as well."""
    letters = "ABCDEFGHIJKLMNOPQR"
    data = network(
        *(two_arms(letter, "O", letter, 0.1) for letter in letters[:9]),
        *(two_arms(letter, "Z", f"Z+{letter}", 0.1) for letter in letters[9:]),
    )
    model = fit(data, component_design(data.treatments, inactive="O"))
    (found,) = for_everything(model)
    assert found.asked == "Z"
    assert found.options[0] == (NewStudy(first="Z", second="O"),)
    again = for_interaction(model, "A*B")
    assert again.options[0] == (NewStudy(first="A+B", second="A", new=("A+B",)),)
    assert "Nobody in this network was given A+B." in str(again)


def test_in_short_is_the_same_in_a_sentence() -> None:
    """Every column that cannot be estimated has its sentence, no other has; single studies are those of the long answer."""
    rng = np.random.default_rng(19)
    said = 0
    for turn in range(24):
        model = fit(data := drawn_network(rng, SHAPES[turn % 4]), drawn_design(rng, data))
        short = in_short(model)
        assert list(short) == [name for name, value in model.common.parameters.items() if value is None]
        for long in for_everything(model):
            said += 1
            if long.options and len(long.options[0]) == 1:
                assert short[long.asked] == str(long)
            else:
                assert short[long.asked] in (str(long), str(for_parameter(model, long.asked, most=1)))
    assert said > 10


def test_whole_treatments_need_no_study_by_themselves() -> None:
    """In the standard model a treatment is known only against another, so there is nothing to say of one."""
    assert in_short(fit(APART, standard_design(APART.treatments))) == {}


def test_the_last_that_is_listed_is_no_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more studies are enough than are listed, those listed are the first of the whole list."""
    model = fit(APART, component_design(APART.treatments, inactive="saline"))
    whole = for_parameter(model, "rtms", most=1)
    for most in range(1, whole.count):
        monkeypatch.setattr(what_would_identify, "MOST_LISTED", most)
        assert for_parameter(model, "rtms", most=1).options == whole.options[:most]
