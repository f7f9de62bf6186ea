"""Answers on the pair under several wishes, made once: with an interaction, without one, and without any study."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from inconcert.evidence.synthesis.pair.answer import combine
from inconcert.evidence.synthesis.pair.types import CombineAnswer, Universe
from inconcert.evidence.synthesis.pair.wishes import read_options

WISHES: dict[str, dict[str, str]] = {
    "usual": {},
    "change": {"outcome": "change"},
    "points": {"measure": "RD", "interval": "normal"},
    "parts": {"lumping": "parts", "controls": "apart"},
    "randomized only": {"design": "rct"},
    "nothing": {"week": "400"},
}


@cache
def answered(name: str) -> CombineAnswer:
    """The answer under one of `WISHES`."""
    return combine(read_options(WISHES[name], date(2026, 11, 22)))


@pytest.fixture(params=list(WISHES))
def answer(request: pytest.FixtureRequest) -> CombineAnswer:
    """Each answer in turn."""
    return answered(request.param)


@pytest.fixture
def usual() -> CombineAnswer:
    """What the command says by default."""
    return answered("usual")


@pytest.fixture
def ways() -> tuple[Universe, ...]:
    """Invented ways of asking: four with an interaction, one without."""
    found = [(-0.4, -1.4, 0.6), (0.3, -0.9, 1.5), (-1.2, -2.0, -0.4), (1.1, 0.2, 2.0)]
    made = [
        Universe(
            choices={"outcome": "response" if place % 2 else "remission", "week": str(2 + 2 * place)},
            estimate=estimate,
            lower=lower,
            upper=upper,
            studies=3 + place,
            is_default=place == 0,
        )
        for place, (estimate, lower, upper) in enumerate(found)
    ]
    silent = Universe(
        choices={"outcome": "response", "week": "52"}, estimate=None, lower=None, upper=None, studies=0, why_none="no study is left"
    )  # fmt: skip
    return (*made, silent)
