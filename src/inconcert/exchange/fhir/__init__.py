"""Real FHIR in: a file or folder as an EHR exports it becomes people with facts, and an account of every resource.

`read_chart(path)` and `read_bytes(data, name)` give a `ChartReading`. Modules: `load` and `jsontext` (bytes to
resources), `duplicates`, `older` (other FHIR versions), `patients` (whose is it), one reader per kind of resource,
`forms` (rating scales put together), `account` (what became of each resource), `intake` (the shape of our own form).
"""

from inconcert.exchange.fhir.account import (
    Account,
    AccountEntry,
    FileCount,
    RawResource,
    TypeCount,
    UnreadableChart,
)
from inconcert.exchange.fhir.chart import ChartReading, read_bytes, read_chart
from inconcert.exchange.fhir.load import Limits
from inconcert.exchange.fhir.references import plain_references

__all__ = [
    "Account",
    "AccountEntry",
    "ChartReading",
    "FileCount",
    "Limits",
    "RawResource",
    "TypeCount",
    "UnreadableChart",
    "plain_references",
    "read_bytes",
    "read_chart",
]
