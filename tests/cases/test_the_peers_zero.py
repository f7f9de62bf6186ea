"""A wrong answer of the leading program, kept as a case: TMS in every arm, and an effect of TMS printed all the same.

Its component models print *ketamine + rTMS against ketamine = 0.00 [0.00; 0.00]* where every arm of one part of the network
has rTMS, so that nothing is known of rTMS; and they blank a combination that can be estimated because its parts cannot.
"""

from __future__ import annotations

import json

import pytest

from inconcert.evidence.synthesis.models.ask import ask_network
from inconcert.evidence.synthesis.models.fit import NotEstimableError
from inconcert.exchange.evidence.network_json import network_as_plain
from inconcert.exchange.evidence.network_text import network_as_text
from support.networks import network, two_arms

TMS_EVERYWHERE = network(
    two_arms("ketamine 1", "saline", "ketamine", 1.1, 0.10),
    two_arms("ketamine 2", "saline", "ketamine", 0.9, 0.15),
    two_arms("pair 1", "rtms", "ketamine+rtms", 0.7, 0.20),
    two_arms("pair 2", "rtms", "ketamine+rtms", 1.0, 0.30),
)
ONLY_TOGETHER = network(
    two_arms("1", "placebo", "A+B", 0.8, 0.1),
    two_arms("2", "placebo", "A+B", 0.6, 0.2),
    two_arms("3", "placebo", "D", 0.1, 0.2),
)


def test_no_zero_for_tms_that_everybody_had() -> None:
    """Where every arm of one part has rTMS, ketamine with rTMS against ketamine is refused; not 0.00, nor any other number."""
    result = ask_network(TMS_EVERYWHERE, inactive="saline")
    with pytest.raises(NotEstimableError, match=r"cannot give ketamine\+rtms against ketamine"):
        result.model.common.compare("ketamine+rtms", "ketamine")
    plain = json.loads(json.dumps(network_as_plain(result), allow_nan=False))
    assert plain["unidentifiable"] == ["rtms"]
    for kind in ("common", "random"):
        assert set(plain[kind]["components"]) == {"ketamine"}
        assert set(plain[kind]["treatments"]["ketamine+rtms"]) == {"rtms"}
        assert set(plain[kind]["combinations"]) == {"ketamine", "saline"}
    assert ["ketamine", "ketamine+rtms"] in plain["unidentifiable_contrasts"]
    assert "cannot give: rtms" in network_as_text(result)


def test_ketamine_is_learned_from_both_parts() -> None:
    """The part with rTMS in every arm still says what ketamine adds: the inverse variance mean of all four studies."""
    weights = [1 / 0.10, 1 / 0.15, 1 / 0.20, 1 / 0.30]
    mean = sum(w * y for w, y in zip(weights, [1.1, 0.9, 0.7, 1.0], strict=True)) / sum(weights)
    common = ask_network(TMS_EVERYWHERE, inactive="saline").model.common
    for first, second in (("ketamine", "saline"), ("ketamine+rtms", "rtms")):
        found = common.compare(first, second)
        assert found.estimate == pytest.approx(mean)
        assert found.se == pytest.approx(sum(weights) ** -0.5)


def test_a_combination_is_not_blanked_because_its_parts_are_unknown() -> None:
    """A with B against placebo was studied: it is a number, although A alone and B alone are not."""
    common = ask_network(ONLY_TOGETHER, inactive="placebo").model.common
    assert common.parameters["A"] is None
    assert common.parameters["B"] is None
    found = common.combinations["A+B"]
    assert found is not None
    assert found.estimate == pytest.approx((0.8 / 0.1 + 0.6 / 0.2) / (1 / 0.1 + 1 / 0.2))
    assert common.compare("A+B+D", "D").estimate == pytest.approx(found.estimate)  # a treatment that nobody studied
    with pytest.raises(NotEstimableError):
        common.compare("A+D", "D")
