"""The checks on small studies as text for a terminal, and as plain data at full precision."""

from __future__ import annotations

import dataclasses
import math
from enum import Enum
from typing import Any

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.trust.asymmetry import AsymmetryTest, PetPeese
from inconcert.evidence.synthesis.trust.look import SmallStudies
from inconcert.evidence.synthesis.trust.selection import Selection
from inconcert.evidence.synthesis.trust.types import NoAnswer, studies_text


def small_studies_as_plain(found: SmallStudies | NoAnswer) -> dict[str, Any]:
    """For JSON: every field by its name; a bound that the data do not set is null."""
    if isinstance(found, NoAnswer):
        return {"answered": False, "why": found.why, "mend": found.mend}
    plain: dict[str, Any] = _plain(found)
    return {"answered": True, "headline": found.headline, **plain}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"answered": False, **fields} if isinstance(value, NoAnswer) else fields
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def small_studies_as_text(found: SmallStudies | NoAnswer, scale: Scale) -> str:
    """For a reader: the headline, then each check on a line."""
    if isinstance(found, NoAnswer):
        return f"Small studies: {found.text}"
    bands = ", ".join(f"{count} with {band}" for band, count in found.funnel.bands.items() if count)
    lines = [
        f"Small studies ({found.question}): {found.headline}",
        f"  {studies_text(len(found.funnel.points))}, by their own significance: {bands}.",
        *(f"  {_test(test)}" for test in found.tests),
        f"  {_lines(found.lines, scale)}",
        f"  {_selection(found.selection, scale)}",
        *(f"  If there were {a.name}: {_effect(scale, a.estimate, a.lower, a.upper)}." for a in found.suppressed),
    ]
    null = found.nullified
    if null.worst is not None and null.worst_lower is not None and null.worst_upper is not None:
        worst = _effect(scale, null.worst, null.worst_lower, null.worst_upper)
        lines.append(f"  Studies that were not significant in the favored direction alone: {worst}.")
    for filled in found.filled:
        if isinstance(filled, NoAnswer):
            lines.append(f"  {filled.text}")
        else:
            effect = _effect(scale, filled.estimate, filled.lower, filled.upper)
            lines.append(
                f"  Trim and fill ({filled.counted_by}): {filled.missing} to be mirrored to the {filled.side}, then"
                f" {effect}; a what-if, no result."
            )
    return "\n".join(lines)


def _test(test: AsymmetryTest | NoAnswer) -> str:
    return test.text if isinstance(test, NoAnswer) else f"{test.name}: p = {test.p:.3g}."


def _lines(lines: PetPeese | NoAnswer, scale: Scale) -> str:
    if isinstance(lines, NoAnswer):
        return lines.text
    taken = lines.chosen
    return f"An imagined study without error ({lines.taken}): {_effect(scale, taken.limit, taken.lower, taken.upper)}."


def _selection(found: Selection | NoAnswer, scale: Scale) -> str:
    if isinstance(found, NoAnswer):
        return found.text
    seen = ", ".join(f"{weight:.2g}" for weight in found.weights[1:])
    adjusted, plain = _effect(scale, found.estimate, found.lower, found.upper), _shown(scale, found.naive)
    return (
        f"Selection model: {adjusted}, against {plain} without selection; weak results seen {seen} times as often as strong"
        f" ones (p = {found.p:.3g})."
    )


def _effect(scale: Scale, estimate: float, lower: float, upper: float) -> str:
    return f"{scale} {_shown(scale, estimate)} ({_shown(scale, lower)} to {_shown(scale, upper)})"


def _shown(scale: Scale, value: float) -> str:
    if not math.isfinite(value):
        return "no limit"
    return f"{math.exp(min(value, 700.0)):.2f}" if scale.is_ratio else f"{value:.3g}"
