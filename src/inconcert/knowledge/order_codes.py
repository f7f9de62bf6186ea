"""Which order in an EHR is for which service: by code, by drug, by words. From `knowledge/files/crd`, and a clinic's own file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from inconcert.judgement import Reading
from inconcert.knowledge import loader
from inconcert.knowledge.loader import Entry, SourceNote
from inconcert.knowledge.policy_schema.file import Service
from inconcert.knowledge.strict_yaml import KnowledgeError

_FILE = loader.ROOT / "files" / "crd" / "orders.yaml"


class OrderCode(Entry, frozen=True, kw_only=True):
    """One code of an order, with the address of its system."""

    system: str
    code: str
    display: str = ""


class OrderKind(Entry, frozen=True, kw_only=True):
    """One kind of order and the services it may be for, the likeliest first.

    `drug` is a name of the drug files, and with `routes` it counts only by one of these ways; `words` are whole words that
    must stand in the order's text; `procedure` names an entry of the payers' procedure codes. `kind_not_told`: the order
    does not say which of the services it is.
    """

    id: str
    services: tuple[Service, ...]
    codes: tuple[OrderCode, ...] = ()
    drug: str = ""
    routes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    procedure: str = ""
    kind_not_told: bool = False
    sources: tuple[SourceNote, ...]
    status: Reading


@cache
def order_kinds(own: Path | None = None) -> tuple[OrderKind, ...]:
    """Every kind of order; a clinic's own file, of the same shape, is looked at first. Raises KnowledgeError."""
    shipped = loader.load(_FILE, tuple[OrderKind, ...])
    if own is None:
        return shipped
    if not own.is_file():
        raise KnowledgeError(str(own), None, "There is no such file.", "Correct the setting INCONCERT_CRD_CODES.")
    return (*loader.load(own, tuple[OrderKind, ...]), *shipped)
