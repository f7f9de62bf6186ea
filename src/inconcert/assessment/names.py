"""Names a user typed that we do not know."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UnknownName(Exception):
    """A policy, service or way that does not exist; the message names the nearest ones that do."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else f"one of {', '.join(names[:12])}"
        super().__init__(f"there is no {kind} {name!r}. Mend: {hint}")
        self.kind, self.name = kind, name
