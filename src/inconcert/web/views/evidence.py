"""Better together? The answer on the pair under the choices in the address, each number with the rows behind it, and every file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from inconcert.web import answers
from inconcert.web.evidence_fields import BY_NAME, FIELDS, other_than_usual, said_in, without_effect
from inconcert.web.study_shown import row_of
from inconcert.web.views.patients import _member, as_of_from

if TYPE_CHECKING:
    from inconcert.evidence.synthesis.pair.types import CombineAnswer

PICTURES = ("forest", "network", "reach", "let_in", "multiverse")
REPORTS = {"report.html": "text/html; charset=utf-8", "report.pdf": "application/pdf"}
QUICK_SECONDS = 0.3
WIDTH = 520  # pixels, where the page does not say how wide its frame is


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks.

    `answer` is None where a choice cannot be (`problems` by field, `trouble` where it is no single field) or where a part is not
    `installed`.
    """

    said: dict[str, str]
    day: date
    today: date
    answer: CombineAnswer | None = None
    problems: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    day_problem: str = ""
    installed: bool = True

    @property
    def query(self) -> str:
        """The choices that differ from the usual, as the end of an address; '' where none does."""
        odd = dict(other_than_usual(self.said))
        if self.day != self.today:
            odd["as_of"] = self.day.isoformat()
        return urlencode(odd)


def asked(request: HttpRequest) -> Asked:
    """The choices of an address with their answer; the same for everybody who may see the library."""
    today = answers.today(_member(request).clinic)
    day, problem = as_of_from(request, today)
    plain = Asked(said=said_in(request.GET), day=day, today=today, day_problem=problem)
    try:
        from inconcert.evidence.synthesis.data.types import NetworkError
        from inconcert.web import evidence_answer
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "numpy":
            raise
        return _with(plain, installed=False)
    try:
        options, problems = evidence_answer.read_choice(plain.said, day)
        if options is None:
            return _with(plain, problems=problems)
        return _with(plain, answer=evidence_answer.answer_of(options))
    except NetworkError as error:
        return _with(plain, trouble=str(error))


def _with(plain: Asked, **changes: Any) -> Asked:
    return replace(plain, **changes)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The answer, its first sentence above all; without it where a choice cannot be."""
    found = asked(request)
    context = {**about(found), "form": form_of(found)}
    if found.answer is not None:
        context |= shown(found.answer)
    return render(request, "web/evidence.html", context)


def about(found: Asked) -> dict[str, Any]:
    """What every page of the answer knows: choices, day, and how they differ from the usual."""
    odd = other_than_usual(found.said)
    idle = without_effect(found.said)
    return {
        "asked": found,
        "a": found.answer,
        "query": found.query,
        "odd": [(BY_NAME[name].label, BY_NAME[name].words_of(value)) for name, value in odd.items()],
        "idle": [(BY_NAME[name].label, why) for name, why in idle.items()],
        "question": [(each.label, each.words_of(found.said[each.name])) for each in FIELDS],
        "outcome": BY_NAME["outcome"].words_of(found.said["outcome"]),
    }


def form_of(found: Asked) -> list[dict[str, Any]]:
    """Each field with what was chosen, what is wrong with it, and whether it changes nothing here."""
    idle = without_effect(found.said)
    return [
        {
            "field": each,
            "value": found.said[each.name],
            "problem": found.problems.get(each.name, ""),
            "idle": idle.get(each.name, ""),
        }
        for each in FIELDS
    ]


def shown(answer: CombineAnswer) -> dict[str, Any]:
    """The sections of the page, from an answer."""
    from inconcert.exchange.evidence.combine_json import TABLES
    from inconcert.exchange.evidence.combine_text import prior_words
    from inconcert.exchange.evidence.pictures import forest_alt, network_alt, reach_alt
    from inconcert.exchange.evidence.pictures_multiverse import let_in_alt
    from inconcert.web.evidence_answer import admission, groups_of, interval_text
    from inconcert.web.evidence_pictures import forest_beside, reach_beside

    groups = groups_of(answer)
    lines = [line for _, _, rows in groups for line in rows]
    gaps = [*answer.missing, *([answer.interaction.missing] if answer.interaction.missing else [])]
    drawable = bool(answer.network.studies)
    return {
        "first": answer.headline[0],
        "rest": answer.headline[1:],
        "groups": groups,
        "graded": [line for line in lines if line.certainty is not None],
        "drawable": drawable,
        "forest_alt": forest_alt(answer) if drawable else "",
        "forest_beside": forest_beside(answer) if drawable else 0,
        "network_alt": network_alt(answer) if drawable else "",
        "reach_alt": reach_alt(answer) if drawable else "",
        "reach_beside": reach_beside(answer) if drawable else 0,
        "reach_least": 34
        * sum(
            max(each.share.values(), default=0) > 0.005 for each in answer.reach
        ),  # pixels for a percentage in each column
        "reach_rows": [line.row for line in lines if any(line.row.id in each.share for each in answer.reach)],
        "reach": [(each, interval_text(answer, each.without)) for each in answer.reach],
        "admission": admission(answer),
        "let_in_alt": let_in_alt(answer.let_in, ratio=answer.network.scale.is_ratio) if answer.let_in else "",
        "sceptic": prior_words(answer),
        "gaps": gaps,
        "plans": plans_of(answer),
        "formulas": list(dict.fromkeys(plan.formula for plan in answer.trials)),
        "tables": TABLES,
    }


def plans_of(answer: CombineAnswer) -> list[dict[str, Any]]:
    """What a trial might show, each with its sizes by power and the rates it was computed from."""
    found: dict[str, dict[str, Any]] = {}
    for plan in answer.trials:
        people, _, given = plan.text.partition(" (")
        same = found.setdefault(plan.shows, {"shows": plan.shows, "given": given.removesuffix(")"), "sizes": []})
        same["sizes"].append((f"{100 * plan.power:g}%", people))
    return list(found.values())


@require_safe
def number(request: HttpRequest) -> HttpResponse:
    """One number down to the rows of the tables: studies, their shares, figures, sources, doubts."""
    found = asked(request)
    if found.answer is None:
        return render(request, "web/evidence.html", {**about(found), "form": form_of(found)})
    wanted = request.GET.get("id", "")
    if not wanted:
        return redirect(f"{reverse('evidence')}?{found.query}#numbers")
    from inconcert.web.evidence_answer import behind, line_of

    row = next((each for each in found.answer.forest if each.id == wanted), None)
    if row is None:
        raise Http404
    studies = [
        (each, [shown for row_id in each.study.row_ids if (shown := row_of(row_id)) is not None])
        for each in behind(found.answer, row)
    ]
    context = {**about(found), "line": line_of(found.answer, row), "behind": studies}
    return render(request, "web/evidence_number.html", context)


@require_safe
def ways(request: HttpRequest) -> HttpResponse:
    """The question asked in every way; htmx asks for the section alone, since it takes seconds the first time of a day."""
    found = asked(request)
    context = about(found)
    if found.answer is None:
        return render(request, "web/evidence.html", {**context, "form": form_of(found)})
    from inconcert.exchange.evidence.combine_text import every_way_words
    from inconcert.web.evidence_pictures import ways_beside
    from inconcert.web.evidence_ways import begin, ways_of

    partial = getattr(request, "htmx", False)
    run = begin(found.day)
    # A page asks again rather than hold a thread that others need; what is kept already comes at once.
    if partial and not run.finished.wait(QUICK_SECONDS):
        return render(request, "web/parts/every_way_wait.html", {**context, "run": run})
    every = ways_of(found.day)
    reasons: dict[str, int] = {}
    for way in every:
        if way.estimate is None:
            reasons[way.why_none] = reasons.get(way.why_none, 0) + 1
    context |= {
        "said": every_way_words(every),
        "known": any(way.estimate is not None for way in every),
        "beside": ways_beside(every),
        "reasons": sorted(reasons.items(), key=lambda each: -each[1]),
    }
    return render(request, "web/parts/every_way.html" if partial else "web/evidence_ways.html", context)


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A picture of the answer as a Vega-Lite specification, fitted to its frame."""
    if name not in PICTURES:
        raise Http404
    found = asked(request)
    if found.answer is None:
        return JsonResponse({"problem": _why_not(found)}, status=400 if found.installed else 501)
    drawable = found.answer.let_in if name == "let_in" else found.answer.network.studies
    if name != "multiverse" and not drawable:
        raise Http404
    from inconcert.web.evidence_pictures import spec_of

    text = request.GET.get("width", "")
    width = min(max(int(text), 60), 1100) if text.isdecimal() and len(text) < 6 else WIDTH
    return JsonResponse(spec_of(name, found.answer, width, narrow=request.GET.get("narrow") == "yes"))


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """The report, the results at full precision, or one table: everything on the page to take away."""
    found = asked(request)
    if found.answer is None:
        return HttpResponse(
            _why_not(found), status=400 if found.installed else 501, content_type="text/plain; charset=utf-8"
        )
    from inconcert.exchange.evidence.combine_json import TABLES

    if name not in (*REPORTS, "results.json", *(f"{table}.csv" for table in TABLES)):
        raise Http404
    try:
        content, kind = _content(found.answer, name, found.day)
    except ImportError as error:
        said = f"The report needs a part that is not installed ({error.name}). Mend: pip install 'inconcert[report]'\n"
        return HttpResponse(said, status=501, content_type="text/plain; charset=utf-8")
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="better-together-{found.day}-{name}"'
    return response


def _content(answer: CombineAnswer, name: str, day: date) -> tuple[str | bytes, str]:
    from inconcert.exchange.evidence.combine_json import combine_as_plain, combine_tables
    from inconcert.web.evidence_ways import ways_of

    table = name.removesuffix(".csv")
    every = ways_of(day) if name in (*REPORTS, "results.json", "multiverse.csv") else ()
    if name == "results.json":
        plain = combine_as_plain(answer, every)
        return json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False), "application/json"
    if name.endswith(".csv"):
        return combine_tables(answer, every)[table], "text/csv; charset=utf-8"
    from inconcert.exchange.evidence.combine_report import combine_html, combine_pdf

    make: Callable[..., str | bytes] = combine_html if name == "report.html" else combine_pdf
    return make(answer, every), REPORTS[name]


def _why_not(found: Asked) -> str:
    if not found.installed:
        return "The synthesis needs a part that is not installed (numpy). Mend: pip install 'inconcert[science]'\n"
    if found.trouble:
        return f"{found.trouble}\n"
    return "\n".join(f"{BY_NAME[name].label}: {why}" for name, why in found.problems.items()) + "\n"
