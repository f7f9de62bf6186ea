"""What the difference between two scores of one scale means, with every cut beside its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from inconcert.judgement import Answer, Basis, Source
from inconcert.knowledge.loader import as_sources
from inconcert.knowledge.scales import Cut, ScaleFile
from inconcert.scales.errors import ScaleInputError
from inconcert.scales.find import find_scale
from inconcert.scales.types import ScaleChange, ScaleScore

NO_RULE = "this scale has no such rule"


def change(
    scale_id: str,
    baseline: float | ScaleScore,
    later: float | ScaleScore,
    *,
    as_of: date,
    remission_cut: str = "",
    previous_remission: bool = False,
    confirmed_by: float | None = None,
) -> ScaleChange:
    """Response, remission, important change and (after a remission) relapse between two totals of one scale.

    `remission_cut` names one of the scale's rival cuts; '' takes the file's default. `confirmed_by` is the total of a
    second later form, without which a relapse is at most unknown. A scale without a rule answers unknown and says so.

    Raises ScaleInputError for a total that is unknown or impossible, another scale's score, or a cut that the scale has
    not.
    """
    scale = find_scale(scale_id)
    first, second = _total(scale, baseline, "baseline"), _total(scale, later, "later")
    items = later.items if isinstance(later, ScaleScore) else {}
    fall = first - second if scale.higher_is_worse else second - first
    response, response_cut = _response(scale, first, second, items)
    remission, remission_text, cut = _remission(scale, second, items, remission_cut)
    important, important_text = _important(scale, fall)
    relapse, relapse_text = _relapse(scale, second, confirmed_by) if previous_remission else (None, "")
    return ScaleChange(
        scale=scale.id,
        baseline=first,
        later=second,
        change_points=second - first,
        change_percent=_percent(scale, first, second),
        response=response,
        response_cut=response_cut,
        remission=remission,
        remission_cut=remission_text,
        important_change=important,
        important_change_cut=important_text,
        relapse=relapse,
        relapse_cut=relapse_text,
        basis=Basis(
            rule_id=f"scales.{scale.id}.change",
            rule_version=scale.version,
            rule_text=f"response {response_cut}; remission {remission_text}; important change {important_text}",
            as_of=as_of,
            sources=_sources(scale, cut),
        ),
    )


def _total(scale: ScaleFile, given: float | ScaleScore, which: str) -> float:
    if isinstance(given, ScaleScore):
        if given.scale != scale.id:
            raise ScaleInputError(scale.id, f"the {which} score is one of {given.scale}.", "Compare within one scale.")
        if given.total is None:
            low, high = given.total_low, given.total_high
            raise ScaleInputError(
                scale.id,
                f"the {which} total is not known (between {low:g} and {high:g}).",
                "Complete the form; a change needs two known totals.",
            )
        return given.total
    low, high = scale.total.range
    if scale.total.kind == "triage" or not low <= given <= high:
        allowed = "it has no total" if scale.total.kind == "triage" else f"totals run from {low} to {high}"
        raise ScaleInputError(
            scale.id, f"the {which} total {given!r} is impossible: {allowed}.", "Check it.", value=given
        )
    return given


def _percent(scale: ScaleFile, first: float, second: float) -> float | None:
    """Improvement in percent of baseline, on scales whose zero means no symptom; None where that has no meaning."""
    if first <= 0 or scale.total.range[0] != 0 or not scale.higher_is_worse:
        return None
    return (first - second) / first * 100


def _response(scale: ScaleFile, first: float, second: float, items: Mapping[str, float | None]) -> tuple[Answer, str]:
    rule = scale.response
    if rule is None:
        return Answer.UNKNOWN, NO_RULE
    if rule.cut is not None:
        return _meets(rule.cut, second, items), rule.cut.text
    percent = rule.percent_fall or 0.0
    text = f"at least {percent:g}% below baseline"
    if first <= 0:
        return Answer.UNKNOWN, f"{text} (the baseline is 0)"
    return _yes(first - second >= first * percent / 100), text


def _remission(
    scale: ScaleFile, second: float, items: Mapping[str, float | None], named: str
) -> tuple[Answer, str, Cut | None]:
    if not scale.remission:
        if named:
            raise ScaleInputError(scale.id, f"it has no remission cut {named!r}.", "Leave the cut out.")
        return Answer.UNKNOWN, NO_RULE, None
    wanted = named or scale.default_remission
    cut = next((c for c in scale.remission if c.id == wanted), None)
    if cut is None:
        known = ", ".join(f"{c.id} ({c.text}, {c.used_by})" for c in scale.remission)
        raise ScaleInputError(scale.id, f"it has no remission cut {wanted!r}.", f"Its cuts: {known}.")
    return _meets(cut, second, items), f"{cut.text} ({cut.used_by})" if cut.used_by else cut.text, cut


def _meets(cut: Cut, total: float, items: Mapping[str, float | None]) -> Answer:
    if not cut.holds(total):
        return Answer.NOT_MET
    if cut.each_item_at_most is None:
        return Answer.MET
    values = list(items.values())
    if any(v is not None and v > cut.each_item_at_most for v in values):
        return Answer.NOT_MET
    known = bool(values) and all(v is not None for v in values)
    return Answer.MET if known or total <= cut.each_item_at_most else Answer.UNKNOWN


def _important(scale: ScaleFile, fall: float) -> tuple[Answer, str]:
    rule = scale.important_change
    if rule is None:
        return Answer.UNKNOWN, NO_RULE
    if rule.high is None:
        return _yes(fall >= rule.points), f"improved by at least {rule.points:g} points ({rule.status})"
    text = f"improved by {rule.points:g} to {rule.high:g} points, as sources differ ({rule.status})"
    if rule.points <= fall < rule.high:
        return Answer.UNKNOWN, text
    return _yes(fall >= rule.high), text


def _relapse(scale: ScaleFile, second: float, confirmed_by: float | None) -> tuple[Answer, str]:
    rule = scale.relapse
    if rule is None:
        return Answer.UNKNOWN, NO_RULE
    text = f"{rule.cut.text} after remission, confirmed: {rule.confirm} ({rule.status})"
    if not rule.cut.holds(second):
        return Answer.NOT_MET, text
    return (Answer.UNKNOWN if confirmed_by is None else _yes(rule.cut.holds(confirmed_by))), text


def _yes(holds: bool) -> Answer:
    return Answer.MET if holds else Answer.NOT_MET


def _sources(scale: ScaleFile, cut: Cut | None) -> tuple[Source, ...]:
    own = as_sources(cut.sources, cut.status or scale.status) if cut else ()
    return tuple(dict.fromkeys((*own, *scale.source_list("remission", "response"))))
