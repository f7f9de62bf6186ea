"""PHQ-9 totals of a record, as the measures count them: coded observations; and, in our reading, filled-in forms as well."""

from __future__ import annotations

from dataclasses import dataclass

from inconcert.knowledge.scales import scale_files
from inconcert.outcomes.when import Bounds, Stretch
from inconcert.outcomes.world import World
from inconcert.record import Coding, Measurement, Moment, ScaleForm
from inconcert.record.facts import Fact
from inconcert.scales.totals import bounds

_PHQ9 = "phq9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment(Fact):
    """One PHQ-9 total, known within bounds, and when it was taken (None: not dated)."""

    total: Bounds | None
    time: Stretch | None
    taken: Moment | None = None


def phq9_assessments(world: World) -> tuple[Assessment, ...]:
    """Every PHQ-9 of the person that is not dated after the day of asking, oldest first, undated last."""
    found = [_of_form(world, form) for form in world.known(world.person.scale_forms, "taken") if form.scale == _PHQ9]
    sets = world.role("phq9")
    for measurement in world.known(world.person.measurements, "taken"):
        if world.sets.member(sets, measurement.codings).answer.value == "met":
            found.append(_of_measurement(world, measurement))
    return tuple(sorted((a for a in found if a is not None), key=_order))


def _order(found: Assessment) -> tuple[float, str]:
    return found.time.start.instants[0] if found.time else float("inf"), found.id


def _of_measurement(world: World, found: Measurement) -> Assessment:
    total = None if found.value is None or found.comparator else (found.value, found.value)
    return Assessment(
        id=found.id,
        origin=found.origin,
        codings=found.codings,
        text=_named(total),
        status=found.status,
        total=total,
        time=world.taken(found.taken),
        taken=found.taken,
    )


def _of_form(world: World, form: ScaleForm) -> Assessment | None:
    """A filled-in form. The measure sees only a total that stands in an Observation of its own."""
    if world.as_measure:
        observed = any(name.startswith("Observation/") for name in (form.id, *form.derived_from))
        if form.stated_total is None or not observed:
            return None
        total: Bounds | None = (form.stated_total, form.stated_total)
    else:
        total = _possible_totals(form)
    return Assessment(
        id=form.id,
        origin=form.origin,
        codings=_coded(world, form),
        text=_named(total),
        status=form.status,
        total=total,
        time=world.taken(form.taken),
        taken=form.taken,
    )


def _possible_totals(form: ScaleForm) -> Bounds:
    """The lowest and highest total of a form: its answers decide, the total it states where they leave it open."""
    scale, answers = scale_files()[form.scale], dict(form.items)
    allowed = bounds(scale, {item.key: answers.get(item.key) for item in scale.items})
    stated = form.stated_total
    if stated is not None and allowed.low <= stated <= allowed.high:
        return stated, stated
    return allowed.low, allowed.high


def _named(total: Bounds | None) -> str:
    """What to call it: the scale with its total, or with the totals that are possible."""
    if total is None:
        return "PHQ-9 without a total"
    return f"PHQ-9 total {total[0]:g}" + (f" to {total[1]:g}" if total[0] != total[1] else "")


def _coded(world: World, form: ScaleForm) -> tuple[Coding, ...]:
    """The form's own codes where one of them is in the value set, else the value set's: the form was read as a PHQ-9."""
    if world.sets.member(world.role("phq9"), form.codings).answer.value == "met":
        return form.codings
    return tuple(Coding(system, code) for system, code in sorted(world.sets.codes(world.role("phq9"))))[:1]
