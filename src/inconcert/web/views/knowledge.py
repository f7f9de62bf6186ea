"""The library: coverage policies, treatment protocols and rating scales, each with its sources and how they are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inconcert.web.views import policies as policies_page


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind of entry: what it is called, what its table shows."""

    name: str
    title: str
    about: str
    columns: tuple[tuple[str, str], ...]
    rows: Callable[[], list[dict[str, Any]]]


def _policies() -> list[dict[str, Any]]:
    from inconcert.knowledge.policies import policies
    from inconcert.payers import describe

    return [describe(policy) for policy in policies().values()]


def _protocols() -> list[dict[str, Any]]:
    from inconcert.protocols import describe_all

    return describe_all()


def _scales() -> list[dict[str, Any]]:
    from inconcert.knowledge.scales import scale_files
    from inconcert.scales import describe

    return [describe(scale) for scale in scale_files()]


SHELVES = {
    shelf.name: shelf
    for shelf in (
        Shelf(
            "policies", "Coverage policies", "What payers ask before they pay, in our own words.",
            (
                ("title", "Policy"), ("payer", "Payer"), ("services", "Services"), ("combination", "On the pair"),
                ("read_depth", "How it was read"),
            ),
            cache(_policies),
        ),
        Shelf(
            "protocols", "Treatment protocols", "How ketamine, esketamine and TMS are given, alone and together.",
            (("name", "Protocol"), ("kind", "Kind"), ("status", "How it is known")),
            cache(_protocols),
        ),
        Shelf(
            "scales", "Rating scales", "Items, bands, and what a change means.",
            (("name", "Scale"), ("n_items", "Items"), ("status", "How it is known")),
            cache(_scales),
        ),
    )
}  # fmt: skip


@require_safe
def shelves(request: HttpRequest) -> HttpResponse:
    """What the library holds."""
    return render(request, "web/library.html", {"shelves": [(s, len(s.rows())) for s in SHELVES.values()]})


def _shelf(name: str) -> Shelf:
    if name not in SHELVES:
        raise Http404
    return SHELVES[name]


@require_safe
def shelf(request: HttpRequest, shelf: str) -> HttpResponse:
    """Every entry of one kind; policies have a browser of their own."""
    found = _shelf(shelf)
    if found.name == "policies":
        return policies_page.browse(request)
    rows = [{"id": row["id"], "cells": [row.get(key) for key, _ in found.columns]} for row in found.rows()]
    return render(request, "web/shelf.html", {"shelf": found, "rows": rows})


@require_safe
def entry(request: HttpRequest, shelf: str, entry_id: str) -> HttpResponse:
    """One entry whole, with its sources."""
    found = _shelf(shelf)
    row = next((r for r in found.rows() if r["id"] == entry_id), None)
    if row is None:
        raise Http404
    title = row.get("title") or row.get("name") or entry_id
    return render(request, "web/entry.html", {"shelf": found, "entry": row, "title": title})
