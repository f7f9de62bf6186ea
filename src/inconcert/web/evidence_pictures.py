"""The pictures of the answer for a page: themed, and folded where the frame is narrow. Importing this needs the extra `science`."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from inconcert.evidence.synthesis.pair.types import CombineAnswer, Universe
from inconcert.exchange.evidence.pictures import LABELS, forest_spec, network_spec, reach_spec
from inconcert.exchange.evidence.pictures_multiverse import CHOICE_WORDS, let_in_spec, multiverse_spec
from inconcert.web.evidence_ways import ways_of
from inconcert.web.picture import themed

Spec = dict[str, Any]
_LETTER = 6.3  # pixels, a little more than the fonts take at 11 points
_FOLDED = 17  # letters of a line where a frame is narrow
_LINE = 13  # pixels from one line of a label to the next
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


def folded(spec: Any) -> Any:
    """The same picture with its words in several lines: labels, numbers and headings; rows as high as the longest label."""
    found = _folded(spec)
    for panel in found.get("vconcat", [found]):
        lines = max((text.count("\n") + 1 for text in _labels(panel)), default=1)
        rows = len(set(_labels(panel)))
        if isinstance(panel.get("height"), dict):
            panel["height"] = {"step": _LINE * lines + 8}
        elif rows:
            panel["height"] = rows * (_LINE * lines + 8)
    return found


def _labels(panel: Spec) -> list[str]:
    """The words on the vertical axis of one panel."""
    data = [panel.get("data"), *(layer.get("data") for layer in panel.get("layer", ()))]
    rows = [row for each in data if each for row in each["values"]]
    return [row["label"] if "label" in row else row["row"] for row in rows if "label" in row or "row" in row]


def _folded(spec: Any) -> Any:
    if isinstance(spec, list):
        return [_folded(each) for each in spec]
    if not isinstance(spec, dict):
        return spec
    found = {key: _folded(value) for key, value in spec.items()}
    for key in ("label", "row", "said"):
        if isinstance(found.get(key), str):
            found[key] = fold(found[key])
    if isinstance(found.get("title"), str):
        # As a list: a title also goes into what is said of each mark, where a line feed would break the expression.
        found["title"] = textwrap.wrap(found["title"], 26)
    if isinstance(found.get("sort"), list):
        found["sort"] = [fold(text) for text in found["sort"]]
    if isinstance(found.get("config"), dict):
        found["config"] = {**found["config"], "lineBreak": "\n"}
    return found


def fold(text: str) -> str:
    """A label in lines."""
    return "\n".join(textwrap.wrap(text, _FOLDED)) or text
