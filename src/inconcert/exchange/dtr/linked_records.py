"""The records behind an answer, as references that a reader can follow into the chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inconcert.exchange.dtr.names import RECORD_USED, Json
from inconcert.judgement import RecordUse
from inconcert.payers.types import Case


class RecordNames:
    """Turns what a judgement used into FHIR references: a rebuilt trial into its records, a person into the Patient."""

    def __init__(self, case: Case) -> None:
        self._trials = {trial.id: trial.used for trial in case.history.trials}
        self._person = case.person.id
        self._patient = f"Patient/{self._person.removeprefix('Patient/')}"

    def linked(self, uses: Iterable[RecordUse]) -> list[Json]:
        """One extension a resource, with all that was said of why it was used."""
        said: dict[str, list[str]] = {}
        for use in self._whole(uses):
            why = f"{use.why} ({use.on})" if use.on else use.why
            texts = said.setdefault(use.record_id.partition("#")[0], [])
            if why and why not in texts:
                texts.append(why)
        return [_extension(record, "; ".join(texts)) for record, texts in said.items()]

    def _whole(self, uses: Iterable[RecordUse]) -> Iterator[RecordUse]:
        for use in uses:
            if use.record_id in self._trials:
                yield from self._trials[use.record_id]
            elif use.record_id == self._person:
                yield RecordUse(self._patient, use.why, use.on)
            else:
                yield use


def _extension(record: str, why: str) -> Json:
    """A reference where the record is a resource; its name otherwise."""
    kind, slash, _ = record.partition("/")
    is_resource = bool(slash) and kind.isalpha() and kind[:1].isupper()
    reference: Json = (
        {"reference": record} if is_resource else {"identifier": {"system": "urn:inconcert:record", "value": record}}
    )
    if why:
        reference["display"] = why
    return {"url": RECORD_USED, "valueReference": reference}
