"""Facts and their codes."""

from __future__ import annotations

import dataclasses

import pytest

from inconcert.record import CodeSystem, Coding, Condition, Origin

HERE = Origin(resource="Condition/c")


def test_codes_of_different_systems_are_never_equal() -> None:
    """The same characters in another system are another code."""
    coding = Coding(CodeSystem.RXNORM, "312941")
    assert coding.matches(CodeSystem.RXNORM, "312941")
    assert not coding.matches(CodeSystem.NDC, "312941")
    fact = Condition(id="c", origin=HERE, codings=(coding,))
    assert fact.has_code(CodeSystem.RXNORM, {"312941"})
    assert not fact.has_code(CodeSystem.RXNORM, {"1"})
    assert not fact.has_code(CodeSystem.NDC, {"312941"})


@pytest.mark.parametrize(
    ("text", "codings", "label"),
    [
        ("low mood", (Coding("s", "1", "Depression"),), "low mood"),
        ("", (Coding("s", "1"), Coding("s", "2", "Depression")), "Depression"),
        ("", (Coding("s", "1"),), "1"),
        ("", (), "Condition/c"),
    ],
)
def test_a_fact_is_called_by_the_best_words_there_are(text: str, codings: tuple[Coding, ...], label: str) -> None:
    """Its text, else a display, else a code, else its id."""
    assert Condition(id="Condition/c", origin=HERE, text=text, codings=codings).label == label


def test_a_fact_cannot_be_changed() -> None:
    """What was recorded stays; a correction is a new fact."""
    fact = Condition(id="c", origin=HERE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        fact.text = "x"
