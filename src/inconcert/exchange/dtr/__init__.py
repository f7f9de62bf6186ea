"""Da Vinci DTR: for each coverage policy the form that asks for its facts, and a draft filled in from a person's chart.

`package(policy)` writes the Questionnaire package, `prefill(policy, person, day)` a draft QuestionnaireResponse with what it
leaves open, `complete(...)` a draft that a human finished. A completed one is read back by `exchange.fhir` like any intake form.
"""

from inconcert.exchange.dtr.forms import PolicyForm, form_of
from inconcert.exchange.dtr.names import DtrVersion
from inconcert.exchange.dtr.prefill import Draft, Unanswered, prefill, prefill_case
from inconcert.exchange.dtr.questionnaire import canonical_of, package, questionnaire, reference_of
from inconcert.exchange.dtr.response import complete

__all__ = [
    "Draft",
    "DtrVersion",
    "PolicyForm",
    "Unanswered",
    "canonical_of",
    "complete",
    "form_of",
    "package",
    "prefill",
    "prefill_case",
    "questionnaire",
    "reference_of",
]
