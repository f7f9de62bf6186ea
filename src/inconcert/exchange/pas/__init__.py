"""Asking a payer by Da Vinci Prior Authorization Support (PAS), and reading what it answers.

`build_requests` makes the request Bundles from a chart, `read_answer` reads a ClaimResponse against the request it
answers, `build_inquiry` asks what became of one, `check_bundle` holds a Bundle against the published profile. Nothing
is sent from here: a person, or the clinic's own system, does that.
"""

from inconcert.exchange.pas.answer import read_answer, read_answers
from inconcert.exchange.pas.asked import AskedService, asked_services
from inconcert.exchange.pas.attach import Attachment, read_attachment
from inconcert.exchange.pas.build import Wishes, build_requests
from inconcert.exchange.pas.check import check_bundle
from inconcert.exchange.pas.desk import DeskMove, desk_moves
from inconcert.exchange.pas.inquire import build_inquiry
from inconcert.exchange.pas.types import (
    SHAPES,
    BundleCheck,
    Finding,
    FindingKind,
    Gap,
    GapKind,
    ItemAnswer,
    ItemState,
    PasRequest,
    PayerAnswer,
    PayerQuestion,
    PayerReason,
)

__all__ = [
    "SHAPES",
    "AskedService",
    "Attachment",
    "BundleCheck",
    "DeskMove",
    "Finding",
    "FindingKind",
    "Gap",
    "GapKind",
    "ItemAnswer",
    "ItemState",
    "PasRequest",
    "PayerAnswer",
    "PayerQuestion",
    "PayerReason",
    "Wishes",
    "asked_services",
    "build_inquiry",
    "build_requests",
    "check_bundle",
    "desk_moves",
    "read_answer",
    "read_answers",
    "read_attachment",
]
