"""Words from a record made safe to show: no control characters, nothing that turns the reading direction round."""

from __future__ import annotations

import re
from typing import Any

from inconcert.exchange.report.words import Json

# C0 and C1 controls but tab and newline (an escape sequence could rewrite a terminal), lone surrogates (no encoder takes
# them), and the marks that override the direction of text (they can make a name read as another).
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def clean(assessment: Json) -> dict[str, Any]:
    """A copy of an assessment's JSON form whose every string is safe to show."""
    copy: dict[str, Any] = _clean(assessment)
    return copy


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSAFE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_clean(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value
