"""The studies behind the answer on the pair: all of them, one with its rows, one row."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inconcert.knowledge.studies import study_tables
from inconcert.web.study_shown import corrections_of, doubts_of, row_of, rows_of, shown_studies
from inconcert.web.views.evidence import Asked, about, asked

USES = (("used", "used in this question"), ("left_out", "not used in it"))


def _uses(found: Asked) -> dict[str, tuple[bool, tuple[str, ...]]]:
    """Which studies entered the question, and why the others did not; nothing where the question has no answer."""
    if found.answer is None:
        return {}
    from inconcert.web.evidence_answer import use_of

    return use_of(found.answer)


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """Every study of the tables, found by words and by whether it entered; htmx asks for the table alone."""
    found = asked(request)
    uses = _uses(found)
    words, use = request.GET.get("q", "").strip()[:100], request.GET.get("use", "")
    everything = shown_studies()
    rows = []
    for each in everything:
        used, reasons = uses.get(each.study.study_id, (None, ()))
        if use in dict(USES) and used is not (use == "used"):
            continue
        if all(word in each.words for word in words.casefold().replace("_", " ").split()[:6]):
            rows.append({"study": each.study, "compared": each.compared, "used": used, "reasons": reasons})
    context = {**about(found), "rows": rows, "total": len(everything), "q": words, "use": use, "uses": USES}
    context["hidden"] = parse_qsl(found.query)
    partial = getattr(request, "htmx", False)
    return render(request, "web/parts/study_table.html" if partial else "web/evidence_studies.html", context)


@require_safe
def study(request: HttpRequest, study_id: str) -> HttpResponse:
    """One study whole: who was studied, what each group was given, every row, and what it carries of the present question."""
    tables = study_tables()
    if study_id not in tables.studies:
        raise Http404
    found = asked(request)
    used, reasons = _uses(found).get(study_id, (None, ()))
    arms = tables.arms_of(study_id)
    ids = (study_id, *(f"{study_id}/{arm.arm_id}" for arm in arms))
    context: dict[str, Any] = {
        **about(found),
        "study": tables.studies[study_id],
        "arms": arms,
        "rows": rows_of(study_id),
        "pair": [each for each in tables.pair_studies if each.study_id == study_id],
        "doubts": doubts_of(*ids),
        "corrections": corrections_of(*ids),
        "used": used,
        "reasons": reasons,
        "carries": _carries(found, study_id),
    }
    return render(request, "web/evidence_study.html", context)


def _carries(found: Asked, study_id: str) -> list[tuple[Any, float | None]]:
    """The numbers of the question that pass through a study, with its share of each; None for the study's own numbers."""
    if found.answer is None:
        return []
    rows = {row.id: row for row in found.answer.forest}
    own = [(row, None) for row in rows.values() if row.id.startswith(f"observed/{study_id}/")]
    return own + [
        (rows[row_id], share)
        for each in found.answer.reach
        if each.study == study_id
        for row_id, share in each.share.items()
        if share > 0.0005 and row_id in rows
    ]


@require_safe
def row(request: HttpRequest, row_id: str) -> HttpResponse:
    """One row of the tables; the name of a study leads to the study."""
    found = asked(request)
    if row_id in study_tables().studies:
        return study(request, row_id)
    shown = row_of(row_id)
    if shown is None:
        raise Http404
    numbers = [each for each in found.answer.forest if row_id in each.row_ids] if found.answer is not None else []
    return render(request, "web/evidence_row.html", {**about(found), "r": shown, "numbers": numbers})
