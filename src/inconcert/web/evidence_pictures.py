"""The pictures of the answer for a page: themed, and folded where the frame is narrow. Importing this needs the extra `science`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inconcert.evidence.synthesis.pair.types import CombineAnswer, Universe
from inconcert.exchange.evidence.folding import folded
from inconcert.exchange.evidence.pictures import LABELS, forest_spec, network_spec, reach_spec
from inconcert.exchange.evidence.pictures_multiverse import CHOICE_WORDS, let_in_spec, multiverse_spec
from inconcert.web.evidence_ways import ways_of
from inconcert.web.picture import themed

Spec = dict[str, Any]
_LETTER = 6.3  # pixels, a little more than the fonts take at 11 points
_NETWORK_MOST = 460


def spec_of(name: str, answer: CombineAnswer, width: int, *, narrow: bool = False) -> Spec:
    """A picture by its name, with the page's own fonts. `width` is what the frame leaves beside labels, in pixels."""
    if name == "network":
        spec = network_spec(answer, min(width, _NETWORK_MOST))
        # Beside the plot the legend would cover the names of the treatments.
        return themed({**spec, "config": {**spec["config"], "legend": {"orient": "bottom"}}})
    if name == "let_in":
        return themed(let_in_spec(answer.let_in, width, ratio=answer.network.scale.is_ratio))
    if name == "multiverse":
        spec = multiverse_spec(ways_of(answer.options.as_of), width)
    else:
        spec = forest_spec(answer, width) if name == "forest" else reach_spec(answer, width)
    return themed(folded(spec) if narrow else spec)


def forest_beside(answer: CombineAnswer) -> int:
    """Pixels that labels and numbers of the forest take beside the lines."""
    return _label(row.label for row in answer.forest) + _label(row.text for row in answer.forest) + 40


def reach_beside(answer: CombineAnswer) -> int:
    """Pixels that the labels of the shares take."""
    drawn = {row_id for each in answer.reach for row_id in each.share}
    return _label(row.label for row in answer.forest if row.id in drawn) + 95


def ways_beside(ways: Sequence[Universe]) -> int:
    """Pixels that the names of the choices take."""
    return (
        _label(f"{CHOICE_WORDS.get(name, name)}: {value}" for way in ways for name, value in way.choices.items()) + 40
    )


def _label(texts: Any) -> int:
    return min(LABELS, round(max((len(text) for text in texts), default=0) * _LETTER))
