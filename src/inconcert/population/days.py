"""Days between dates, as columns."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis


def days_before(day: Any, as_of: date) -> Any:
    """How many days a date lies before `as_of`. Spark and DuckDB both subtract dates whole."""
    return -day.delta(ibis.literal(as_of), unit="day")
