"""The scores of one person on one scale, in time."""

from __future__ import annotations

import dataclasses
from datetime import date

from inconcert.judgement import RecordUse
from inconcert.knowledge.scales import plain_name, scale_files, scale_names
from inconcert.record import Person, ScaleForm
from inconcert.scales.errors import ScaleInputError
from inconcert.scales.find import find_scale
from inconcert.scales.scoring import score_form
from inconcert.scales.types import DatedScore


def series(person: Person, scale_id: str, as_of: date) -> tuple[DatedScore, ...]:
    """Every score of this scale up to `as_of`, oldest first; an undated form stands before any dated one.

    A form that lies wholly after `as_of` is left out, and the same answers on the same day count once (the copies stand
    in the basis as rejected). Forms that cannot be scored are left out here and listed by `unusable_forms`. Scales are
    never mixed. Raises UnknownScaleError.
    """
    scored: list[DatedScore] = []
    for form in _forms(person, scale_id, as_of):
        try:
            scored.append(DatedScore(form_id=form.id, taken=form.taken, score=score_form(form, as_of)))
        except ScaleInputError:
            continue  # listed, with its reason, by unusable_forms
    return _folded(scored)


def unusable_forms(person: Person, scale_id: str, as_of: date) -> tuple[RecordUse, ...]:
    """The forms of this scale up to `as_of` that cannot be scored, each with the reason and the mend."""
    refused: list[RecordUse] = []
    for form in _forms(person, scale_id, as_of):
        try:
            score_form(form, as_of)
        except ScaleInputError as error:
            refused.append(RecordUse(form.id, str(error), str(form.taken.days) if form.taken else ""))
    return tuple(refused)


def latest(person: Person, scale_id: str, as_of: date) -> DatedScore | None:
    """The last score of this scale up to `as_of`, or None. It may be one whose total is unknown."""
    scores = series(person, scale_id, as_of)
    return scores[-1] if scores else None


def depression_series(person: Person, as_of: date) -> dict[str, tuple[DatedScore, ...]]:
    """Scale id -> series, for each depression scale the person has a score on. One scale is never put into another."""
    found = {
        scale.id: series(person, scale.id, as_of) for scale in scale_files().values() if scale.measures == "depression"
    }
    return {scale_id: scores for scale_id, scores in found.items() if scores}


def _forms(person: Person, scale_id: str, as_of: date) -> list[ScaleForm]:
    scale, names = find_scale(scale_id), scale_names()
    mine = [f for f in person.scale_forms if names.get(plain_name(f.scale)) == scale.id and _known_by(f, as_of)]
    return sorted(mine, key=_when)


def _known_by(form: ScaleForm, as_of: date) -> bool:
    if form.status == "entered-in-error":
        return False
    return form.taken is None or form.taken.days.earliest <= as_of


def _when(form: ScaleForm) -> tuple[date, date, float, str]:
    if form.taken is None:
        return date.min, date.min, 0.0, form.id
    days, instant = form.taken.days, form.taken.instant
    return days.latest, days.earliest, instant.timestamp() if instant else 0.0, form.id


def _folded(scored: list[DatedScore]) -> tuple[DatedScore, ...]:
    """Fold copies: the same answers on the same day, or a bare total beside the items that give it."""
    kept: list[DatedScore] = []
    for one in scored:
        place = next((i for i, other in enumerate(kept) if _same_form(one, other)), None)
        if place is None:
            kept.append(one)
        elif _has_items(one) and not _has_items(kept[place]):
            kept[place] = _with_copy(one, kept[place])
        else:
            kept[place] = _with_copy(kept[place], one)
    return tuple(kept)


def _same_form(one: DatedScore, other: DatedScore) -> bool:
    if one.taken is None or other.taken is None:
        return False  # without a day nothing shows that they are one form
    if one.taken.days.earliest != other.taken.days.earliest or one.taken.days.latest != other.taken.days.latest:
        return False
    if one.score.total != other.score.total:
        return False
    if _has_items(one) and _has_items(other):
        return one.score.items == other.score.items
    return one.score.total is not None


def _has_items(one: DatedScore) -> bool:
    return any(value is not None for value in one.score.items.values())


def _with_copy(kept: DatedScore, copy: DatedScore) -> DatedScore:
    on = str(copy.taken.days) if copy.taken else ""
    extra = (*copy.score.basis.rejected, RecordUse(copy.form_id, f"the same form as {kept.form_id}", on))
    basis = dataclasses.replace(kept.score.basis, rejected=(*kept.score.basis.rejected, *extra))
    return dataclasses.replace(kept, score=dataclasses.replace(kept.score, basis=basis))
