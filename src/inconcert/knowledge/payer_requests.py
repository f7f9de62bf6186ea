"""What asking a payer needs to know of the world: what each service is to a payer's desk, and the words of its answers."""

from __future__ import annotations

from functools import cache
from typing import Literal

from inconcert.judgement import Reading
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, load

FOLDER = ROOT / "files" / "payer_requests"


class RequestedService(Entry):
    """A service as it is asked for: by an order for a service or for a drug. `drug` names an entry of files/drugs."""

    service: str
    order: Literal["ServiceRequest", "MedicationRequest", "DeviceRequest"]
    name: str
    unit: str
    drug: str = ""


class DocumentKind(Entry):
    """What kind of document one that goes with a request is."""

    loinc: str
    display: str
    status: Reading
    source: tuple[SourceNote, ...]


class Notice(Entry):
    """A sentence that the law wants said."""

    text: str
    status: Reading
    source: tuple[SourceNote, ...]


class Documents(Entry):
    """What goes with a request beside the chart's own records."""

    history: DocumentKind
    letter: DocumentKind
    redisclosure_notice: Notice


class AnswerWords(Entry):
    """Words by which one state of a payer's answer is known; not where a word of `unless` stands beside them."""

    state: str
    any_of: tuple[str, ...]
    status: Reading
    unless: tuple[str, ...] = ()


@cache
def requested_services() -> dict[str, RequestedService]:
    """The services a payer can be asked for, by the payers' word for each."""
    return {each.service: each for each in load(FOLDER / "services.yaml", tuple[RequestedService, ...])}


@cache
def documents() -> Documents:
    """The documents and notices of a request."""
    return load(FOLDER / "documents.yaml", Documents)


@cache
def answer_words() -> tuple[AnswerWords, ...]:
    """The words of payers' answers, in the order they are tried."""
    return load(FOLDER / "answer_words.yaml", tuple[AnswerWords, ...])


def settings_template() -> str:
    """An empty settings file of a clinic, with a line on each entry."""
    return (FOLDER / "settings_template.yaml").read_text(encoding="utf-8")
