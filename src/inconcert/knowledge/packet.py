"""Documents that policies ask for, in a letter's words. One file: `knowledge/files/packet/documents.yaml`."""

from __future__ import annotations

from functools import cache
from typing import Literal

from inconcert.knowledge.loader import ROOT, Entry, load
from inconcert.knowledge.strict_yaml import KnowledgeError

FILE = ROOT / "files" / "packet" / "documents.yaml"


class AskedDocument(Entry):
    """One document by the policies' word for it, and the section of a packet that shows it (`clinic`: none)."""

    word: str
    name: str
    shown_by: Literal[
        "trials", "psychotherapy", "scores", "several_scores", "diagnosis", "onset", "codes", "request", "signature",
        "letter", "clinic",
    ]  # fmt: skip


@cache
def asked_documents() -> dict[str, AskedDocument]:
    """Every document by its word. Raises KnowledgeError where a word stands twice."""
    found: dict[str, AskedDocument] = {}
    for document in load(FILE, tuple[AskedDocument, ...]):
        if document.word in found:
            raise KnowledgeError(str(FILE), None, f"{document.word!r} stands twice.", "Remove one.")
        found[document.word] = document
    return found
