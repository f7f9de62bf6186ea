"""The intake form: InConcert's own questions, answered, as a FHIR R4 QuestionnaireResponse.

The shape (whoever writes one, such as the site's form or `synthetic`, mirrors it exactly)::

    {"resourceType": "QuestionnaireResponse", "id": "intake-1", "status": "completed",
     "questionnaire": "urn:inconcert:intake",              # "|version" may follow
     "subject": {"reference": "Patient/p1"},
     "authored": "2026-11-20T09:30:00-05:00",              # when it was answered; a date alone will do
     "author": {"reference": "Practitioner/n1", "display": "R. Diaz, RN"},   # who answered (else `source`)
     "item": [
       {"linkId": "safety.aneurysm", "answer": [{"valueCoding": {"system": "urn:inconcert:codes", "code": "no"}}]},
       {"linkId": "staging.history_complete", "answer": [{"valueBoolean": true}]},
       {"linkId": "needs.travel_minutes", "answer": [{"valueDecimal": 45}]},
       {"linkId": "needs.note", "answer": [{"valueString": "prefers mornings"}]},
       {"linkId": "staging.trial", "item": [               # one group per past medication trial; repeats
         {"linkId": "staging.trial.drug", "answer": [{"valueString": "sertraline"}]},
         {"linkId": "staging.trial.daily_dose_mg", "answer": [{"valueDecimal": 150}]},
         {"linkId": "staging.trial.start", "answer": [{"valueDate": "2025-02"}]},
         {"linkId": "staging.trial.end", "answer": [{"valueDate": "2025-05-10"}]},
         {"linkId": "staging.trial.weeks", "answer": [{"valueDecimal": 12}]},
         {"linkId": "staging.trial.adherence_percent", "answer": [{"valueDecimal": 90}]},
         {"linkId": "staging.trial.outcome", "answer": [{"valueCoding": {"code": "nonresponse"}}]},
         {"linkId": "staging.trial.improvement_percent", "answer": [{"valueDecimal": 10}]},
         {"linkId": "staging.trial.stop_reason", "answer": [{"valueString": "no better"}]},
         {"linkId": "staging.trial.in_current_episode", "answer": [{"valueBoolean": true}]}]}]}

Item `linkId` is the id of an intake question (`knowledge/intake/*.yaml`); items may be grouped at will. An answer is

- `valueBoolean` or `valueCoding` with code `yes`, `no` or `unknown`: `Attestation.answer`;
- `valueDecimal`, `valueInteger` or `valueQuantity`: `Attestation.value`;
- `valueString`, `valueDate`, or `valueCoding` with any other code (a choice): `Attestation.value_text`.

An item without an answer is a question not answered, never a no. `staging.trial.outcome` is one of nonresponse,
partial, response, intolerance. Rating scales that have no LOINC code are answered in the same or in another
QuestionnaireResponse whose `questionnaire` starts with `urn:inconcert:` (`urn:inconcert:scale:qids-sr16`), with linkId
`<scale-id>/<item>` (`qids-sr16/1`) and `<scale-id>` for a total, values as `valueInteger` or `valueDecimal`;
Observations carry the same words as codes of the system `urn:inconcert:codes`.

A form that was prefilled from the chart (`exchange.dtr`; `questionnaire` starts with `urn:inconcert:dtr:`) is read in the
same way, with two additions. An answer whose information-origin says that it was filled in automatically is a copy of what
the chart holds: it is not read again, or a machine's copy would come back as somebody's word, with today's date. And
`<scale-id>/taken` (a `valueDate`) says when a total was taken; without it the form's own date is used.

An invented person's Patient carries `meta.tag` `{"system": "urn:inconcert:codes", "code": "invented"}`.
"""

from __future__ import annotations

INTAKE_QUESTIONNAIRE = "urn:inconcert:intake"
OUR_QUESTIONNAIRES = "urn:inconcert:"
DTR_QUESTIONNAIRES = "urn:inconcert:dtr:"
INFORMATION_ORIGIN = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/information-origin"
COPIED_FROM_CHART = frozenset({"auto", "auto-client", "auto-server"})  # DTR 2.0.1; DTR 2.1 and later
TAKEN = "/taken"
INCONCERT_CODES = "urn:inconcert:codes"
INVENTED_TAG = "invented"
TRIAL_GROUP = "staging.trial"
TRIAL_OUTCOMES = frozenset({"nonresponse", "partial", "response", "intolerance"})
