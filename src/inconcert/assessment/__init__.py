"""One person in, four answers out: who, paid for, how given, does it work.

The room above evidence and below the doors: it asks each room its question and puts the answers side by side. It adds
no judgement of its own (docs/decisions/0005).
"""

from inconcert.assessment.compose import UnknownName, assess
from inconcert.assessment.form import as_json, json_schema
from inconcert.assessment.types import Assessment

__all__ = ["Assessment", "UnknownName", "as_json", "assess", "json_schema"]
