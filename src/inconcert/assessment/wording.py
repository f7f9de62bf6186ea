"""Small words used by every answer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

H = TypeVar("H", bound=Hashable)

# What a clinic calls the payers' service words and the arms of the safety screen.
SERVICES = {
    "rtms": "TMS (figure-8 coil)",
    "itbs": "theta-burst TMS",
    "dtms": "Deep TMS (H-coil)",
    "accelerated_saint": "accelerated TMS (SAINT)",
    "esketamine": "esketamine",
    "iv_ketamine": "ketamine by infusion",
    "im_ketamine": "ketamine by injection",
    "ect": "ECT",
}
ARMS = {
    "ketamine": "ketamine (infusion)",
    "esketamine": "esketamine (spray)",
    "tms": "TMS (figure-8 coil)",
    "deep_tms": "Deep TMS (H-coil)",
    "combined": "both together",
}


def count(n: int, noun: str) -> str:
    """`1 trial`, `2 trials`, `no trial`."""
    if n == 0:
        return f"no {noun}"
    return f"{n} {noun}" + ("" if n == 1 else "s")


def join(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def unique(things: Iterable[H]) -> tuple[H, ...]:
    """Each thing once, in the order first met."""
    return tuple(dict.fromkeys(things))
