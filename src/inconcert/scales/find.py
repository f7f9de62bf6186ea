"""From whatever a scale was called to its file."""

from __future__ import annotations

import difflib
from functools import lru_cache

from inconcert.knowledge.scales import ScaleFile, plain_name, scale_files, scale_names
from inconcert.scales.errors import UnknownScaleError


@lru_cache(maxsize=512)
def find_scale(name: str) -> ScaleFile:
    """The scale called `name`: an id, a full name or an alias, whatever its case and punctuation.

    Raises UnknownScaleError with the nearest known names.
    """
    names = scale_names()
    found = names.get(plain_name(name))
    if found is not None:
        return scale_files()[found]
    near: list[str] = []
    for close in difflib.get_close_matches(plain_name(name), names, n=5, cutoff=0.5):
        if names[close] not in near:
            near.append(names[close])
    hint = f"Did you mean {' or '.join(near[:3])}?" if near else f"Known: {', '.join(scale_files())}."
    raise UnknownScaleError(name or "(empty)", "no scale has this name.", hint, value=name)
