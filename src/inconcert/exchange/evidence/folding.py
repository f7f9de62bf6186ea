"""Pictures whose words stand in several lines, for a narrow screen or for print."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

Spec = dict[str, Any]
_LINE = 13  # pixels from one line of a label to the next
_HEADING = 26  # letters of a line of a heading, where labels have the narrowest
NARROW = 17  # letters of a line where a frame is narrow


def folded(spec: Any, letters: int = NARROW) -> Any:
    """The same picture with its words in several lines: labels, numbers and headings; rows as high as the longest label."""
    found = _folded(spec, letters)
    for panel in found.get("vconcat", [found]):
        labels = set(_labels(panel))
        lines = max((text.count("\n") + 1 for text in labels), default=1)
        if isinstance(panel.get("height"), dict):
            panel["height"] = {"step": _LINE * lines + 8}
        elif labels:
            panel["height"] = len(labels) * (_LINE * lines + 8)
    return found


def fold(text: str, letters: int = NARROW) -> str:
    """A text in lines."""
    return "\n".join(textwrap.wrap(text, letters)) or text


def _labels(panel: Spec) -> Iterator[str]:
    """The words on the vertical axis of one panel."""
    data = [panel.get("data"), *(layer.get("data") for layer in panel.get("layer", ()))]
    for row in (row for each in data if each for row in each["values"]):
        if "label" in row or "row" in row:
            yield row["label"] if "label" in row else row["row"]


def _folded(spec: Any, letters: int) -> Any:
    if isinstance(spec, list):
        return [_folded(each, letters) for each in spec]
    if not isinstance(spec, dict):
        return spec
    found = {key: _folded(value, letters) for key, value in spec.items()}
    for key in ("label", "row", "said"):
        if isinstance(found.get(key), str):
            found[key] = fold(found[key], letters)
    if isinstance(found.get("title"), str):
        # As a list: a title also goes into what is said of each mark, where a line feed would break the expression.
        found["title"] = textwrap.wrap(found["title"], _HEADING if letters <= NARROW else 2 * letters)
    if isinstance(found.get("sort"), list):
        found["sort"] = [fold(text, letters) for text in found["sort"]]
    if isinstance(found.get("config"), dict):
        found["config"] = {**found["config"], "lineBreak": "\n"}
    return found
