"""The documents that the policies ask for: which of them the packet shows, and which are still missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inconcert.exchange.packet.types import Attachment
from inconcert.judgement import Answer
from inconcert.knowledge.packet import asked_documents
from inconcert.payers.wording import plain

if TYPE_CHECKING:
    from inconcert.exchange.packet.build import Gathered

_PLACES = {
    "trials": "medication trials, in this packet",
    "psychotherapy": "what has been tried, in this packet",
    "scores": "scores, in this packet",
    "several_scores": "scores, in this packet",
    "diagnosis": "diagnosis, in this packet",
    "onset": "diagnosis, in this packet",
    "codes": "first page of this packet",
    "request": "first page of this packet",
    "signature": "signature block of this packet",
    "letter": "letter, in this packet",
}


def attachments(gathered: Gathered) -> tuple[Attachment, ...]:
    """Every document asked for by a policy of the packet, each once for each payer."""
    shown = _shown(gathered)
    found: dict[tuple[str, str], Attachment] = {}
    for each in gathered.asked:
        for word in each.policy.file.documentation:
            document = asked_documents().get(word)
            name = document.name if document is not None else plain(word)
            place = document.shown_by if document is not None else "clinic"
            by = _PLACES[place] if place in shown else ""
            found.setdefault(
                (name, each.policy.file.payer), Attachment(name=name, asked_by=each.policy.file.payer, shown_by=by)
            )
    return tuple(found.values())


def _shown(gathered: Gathered) -> set[str]:
    """The sections that do hold something."""
    history, clinic = gathered.case.history, gathered.request.clinic
    scales = [line.scale for line in gathered.scores]
    cited = gathered.book.cite(use.record_id for use in history.episode.used)
    holds = {
        "trials": bool(gathered.trials),
        "psychotherapy": history.psychotherapy.answer is Answer.MET and bool(history.psychotherapy.basis.used),
        "scores": bool(scales),
        "several_scores": any(scales.count(scale) > 1 for scale in scales),
        "diagnosis": bool(cited),
        "onset": history.episode.onset is not None and bool(cited),
        "codes": all(part.codes for part in gathered.parts),
        "request": True,
        "signature": bool(clinic.clinician.name and clinic.clinician.npi),
        "letter": True,
    }
    return {place for place, there in holds.items() if there}
