"""Score one filled form: total, band, flags, and what it still needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from inconcert.judgement import Basis, Question, RecordUse
from inconcert.knowledge.scales import ScaleFile, Variant, scale_files
from inconcert.record import ScaleForm
from inconcert.scales.answers import Answers, find_variant, read_answers
from inconcert.scales.errors import ScaleInputError
from inconcert.scales.find import find_scale
from inconcert.scales.flags import ask_for, flags_of, unseen_safety_items
from inconcert.scales.totals import Bounds, bounds, not_asked
from inconcert.scales.types import ScaleScore


def score(
    scale_id: str,
    items: Mapping[str, float | None] | Sequence[float | None],
    *,
    as_of: date,
    stated_total: float | None = None,
    variant: str = "",
) -> ScaleScore:
    """Score `items` (by key, or one for each item in the file's order; None is a blank).

    Items win over `stated_total`, the total that the form itself gives; where items are blank and it is possible, it is
    used and said so. `variant` names a printed version with other ranges. A blank is never zero: the total is None
    with its bounds unless the answers given allow only one.

    Raises ScaleInputError naming scale, item, value, allowed range and mend.
    """
    scale = find_scale(scale_id)
    version = find_variant(scale, variant)
    answers = read_answers(scale, items, version)
    _check_stated(scale, stated_total, version)
    return _score(scale, version, answers, stated_total, as_of)


def score_form(form: ScaleForm, as_of: date) -> ScaleScore:
    """Score a form of the record, which then stands in the basis. Raises ScaleInputError naming the form as well.

    A form that only states a total is scored from that total, says so, and asks for the safety item it hides.
    """
    try:
        result = score(form.scale, dict(form.items), as_of=as_of, stated_total=form.stated_total)
    except ScaleInputError as error:
        raise ScaleInputError(
            f"{form.id}, {error.scale}", error.problem, error.mend, item=error.item, value=error.value
        ) from error
    on = str(form.taken.days) if form.taken else ""
    used = tuple(RecordUse(i, "scored", on) for i in dict.fromkeys((form.id, *form.derived_from)))
    return dataclasses.replace(result, basis=dataclasses.replace(result.basis, used=used))


def _check_stated(scale: ScaleFile, stated: float | None, variant: Variant | None) -> None:
    if stated is None:
        return
    if scale.total.kind == "triage":
        raise ScaleInputError(
            scale.id, f"a total of {stated!r} was stated, but it has no total.", "Give its answers.", value=stated
        )
    low, high = variant.total_range if variant else scale.total.range
    whole = scale.missing.kind == "mean_of_answered" or stated == int(stated) if low <= stated <= high else True
    if not low <= stated <= high or not whole:
        trouble = "not a whole number" if low <= stated <= high else "impossible"
        raise ScaleInputError(
            scale.id,
            f"the stated total {stated:g} is {trouble}: totals run from {low} to {high}.",
            "Check the form; state the total as it stands there, or give the items.",
            value=stated,
        )


def _score(
    scale: ScaleFile, variant: Variant | None, answers: Answers, stated: float | None, as_of: date
) -> ScaleScore:
    found = bounds(scale, answers, variant)
    notes = list(_contradictions(scale, answers))
    prorated = None
    if scale.total.kind == "triage":
        notes += _level_notes(scale, found)
    else:
        notes += _stated_notes(scale, answers, found, stated)
        if stated is not None and not found.settled and found.low <= stated <= found.high:
            found = Bounds(stated, stated, ())
        elif not found.settled:
            prorated = _prorated(scale, answers, found)
    if prorated is not None:
        notes.append(
            f"Prorated: {len(found.open_items)} item was blank and takes the mean of the others, as the manual allows"
            f" ({scale.missing.status}). The bounds are those of the blank."
        )
    used_stated = stated if stated is not None and found.low == stated == found.high else None
    skipped = not_asked(scale, answers)
    total = found.low if found.settled and scale.total.kind != "triage" else prorated
    return ScaleScore(
        scale=scale.id,
        total=total,
        total_low=found.low,
        total_high=found.high,
        band=_band(scale, found),
        items=answers,
        missing=tuple(i.key for i in scale.items if answers[i.key] is None and i.key not in skipped),
        needs=_needs(scale, answers, found, used_stated, frozenset(skipped)),
        flags=flags_of(scale, answers, found, used_stated),
        prorated=prorated is not None,
        notes=tuple(notes),
        basis=_basis(scale.id, as_of),
    )


def _stated_notes(scale: ScaleFile, answers: Answers, found: Bounds, stated: float | None) -> list[str]:
    if stated is None:
        return []
    if all(answers[i.key] is None for i in scale.items):
        return [f"Only the total {stated:g} was stated; no item was given."] if not found.settled else []
    if found.settled:
        same = found.low == stated
        return [] if same else [f"The form states {stated:g} but its items give {found.low:g}: the items are used."]
    if found.low <= stated <= found.high:
        return [f"Items are blank; the total {stated:g} is the one the form states, which its items allow."]
    return [
        f"The form states {stated:g}, which its items do not allow ({found.low:g} to {found.high:g}): it is not used."
    ]


def _level_notes(scale: ScaleFile, found: Bounds) -> list[str]:
    if found.settled:
        return []
    low, high = (next(b.id for b in scale.bands if b.range[0] <= end <= b.range[1]) for end in (found.low, found.high))
    return [f"The level lies between {low} and {high}; there is no total."]


def _contradictions(scale: ScaleFile, answers: Answers) -> list[str]:
    notes = []
    for item in scale.items:
        if item.pair and item.key < item.pair and answers[item.key] and answers[item.pair]:
            notes.append(
                f"Items {item.key} and {item.pair} exclude each other and both are above 0: check the form."
                " The higher of them counts."
            )
    for rule in scale.skips:
        against = [key for key in rule.implies_no if answers[key]]
        if answers[rule.item] == rule.answer and against:
            notes.append(
                f"Item {rule.item} is no, but item {', '.join(against)} is yes: check the form. The yes is taken as given."
            )
    return notes


def _prorated(scale: ScaleFile, answers: Answers, found: Bounds) -> float | None:
    rule, scored = scale.missing, scale.scored_items
    if rule.kind != "mean_of_answered" or not 0 < len(found.open_items) <= rule.at_most:
        return None
    given = [value for item in scored if (value := answers[item.key]) is not None]
    return sum(given) / len(given) * len(scored)


def _band(scale: ScaleFile, found: Bounds) -> str | None:
    for band in scale.bands:
        if band.range[0] <= found.low and found.high <= band.range[1]:
            return band.id
    return None


def _needs(
    scale: ScaleFile, answers: Answers, found: Bounds, stated: float | None, skipped: frozenset[str]
) -> tuple[Question, ...]:
    wanted = dict.fromkeys(found.open_items, "level" if scale.total.kind == "triage" else "total")
    wanted |= {i.key: "screen" for i in scale.items if not i.scored and answers[i.key] is None}
    if scale.total.kind != "triage":  # there every item is a safety item, and a settled level needs no more of them
        for key in unseen_safety_items(scale, answers, stated):
            wanted.setdefault(key, "safety")
    asked: list[Question] = []
    for item in scale.items:
        if item.key in wanted and item.key not in skipped:
            pair = item.pair if item.pair in wanted else ""
            if not pair or int(item.key) < int(pair):
                keys = (item.key, pair) if pair else (item.key,)
                asked.append(ask_for(scale, keys, f"scales.{scale.id}.{wanted[item.key]}"))
    return tuple(asked)


@lru_cache(maxsize=256)
def _basis(scale_id: str, as_of: date) -> Basis:
    scale = scale_files()[scale_id]
    what = {
        "sum": "sum of the items",
        "single": "the one rating",
        "domain_maxima": f"sum of {len(scale.total.domains)} domains, each its highest item",
        "triage": "the most severe level that any yes answer gives",
    }[scale.total.kind]
    blanks = {
        "none": "no total while a blank item could change it",
        "mean_of_answered": f"at most {scale.missing.at_most} blank item takes the mean of the others",
    }[scale.missing.kind]
    return Basis(
        rule_id=f"scales.{scale.id}.score",
        rule_version=scale.version,
        rule_text=f"{what}; {blanks}",
        as_of=as_of,
        sources=scale.source_list("total", "bands", "triage.moderate", "triage.low"),
    )
