"""What is wrong with what was typed into a scale."""

from __future__ import annotations


class ScaleInputError(ValueError):
    """Answers that cannot be scored: which scale, which item, what was given, what is allowed and what would mend it."""

    def __init__(self, scale: str, problem: str, mend: str, *, item: str = "", value: object = None) -> None:
        super().__init__(f"{scale}: {problem} Mend: {mend}")
        self.scale, self.problem, self.mend, self.item, self.value = scale, problem, mend, item, value


class UnknownScaleError(ScaleInputError):
    """A name that is no scale's; the message names the nearest one known."""
