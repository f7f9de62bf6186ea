"""JSON kept as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _TextField = models.TextField[Any, Any]
else:
    _TextField = models.TextField


class JsonText(_TextField):
    """A JSON value stored as ASCII text.

    PostgreSQL's own JSON type refuses a NUL inside a string, which a hostile or broken chart may hold; escaped in text
    it is kept as it came.
    """

    if TYPE_CHECKING:  # what the type checker is to take in and give out
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_: object) -> Any:
        """Text to value."""
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        """Values are left as they are: nothing but this program writes the column."""
        return value

    def get_prep_value(self, value: Any) -> str | None:
        """Value to text."""
        return None if value is None else json.dumps(value, ensure_ascii=True, separators=(",", ":"))
