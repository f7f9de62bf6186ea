"""Doses: an infusion from a dated weight in kilograms, a spray from the doses on its label. Anything else is refused.

Racemic ketamine and esketamine are two drugs here and can never stand in for one another (hazard H07).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from inconcert.judgement import Basis, RecordUse, Refusal, Source
from inconcert.knowledge.protocols import LimitsFile, default_limits
from inconcert.record import Measurement

_KG = frozenset({"kg"})
_LB = frozenset({"[lb_av]", "lb", "lbs", "[lb_ap]", "[lb_us]"})
_NUMBER = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?\Z")
_PAIR_OF_UNITS = ((0.41, 0.50), (2.0, 2.4))  # a weight typed in the other unit differs by 2.2 or 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class IvDose:
    """One infusion's dose, with all three numbers that must be read together and what they rest on.

    `dose_mg` equals `volume_ml * strength_mg_per_ml` where a vial was named, and is within the rounding limit of
    `mg_per_kg * weight_kg`. `notes` must be shown with it.
    """

    drug: str
    dose_mg: float
    mg_per_kg: float
    weight_kg: float
    weight_on: date
    weight_age_days: int
    converted_from_lb: bool
    strength_mg_per_ml: float | None
    volume_ml: float | None
    notes: tuple[str, ...]
    basis: Basis


def read_number(text: str) -> float:
    """A typed number of a dose or a weight. Raises Refusal for `5,0`, `.5`, signs, units and anything else unclear."""
    if _NUMBER.match(text.strip()) is None:
        raise Refusal(
            f"{text!r} is not a number written as 5 or 0.5.",
            "Write it with a point and a leading zero, no comma or unit.",
        )
    return float(text)


def weight_in_kg(weight: Measurement, *, convert_pounds: bool = False) -> tuple[float, bool]:
    """Kilograms, and whether they were converted from pounds. Raises Refusal for no value, no unit, or any other unit."""
    if weight.value is None or weight.comparator:
        raise Refusal("The weight has no exact value.", "Weigh the person and record kilograms.")
    unit = weight.unit.strip().lower()
    if unit in _KG:
        return weight.value, False
    if unit in _LB:
        if not convert_pounds:
            raise Refusal("The weight is in pounds.", "Record it in kilograms, or ask for the conversion by name.")
        return weight.value * default_limits().kg_per_lb, True
    raise Refusal(
        f"The weight's unit is {weight.unit!r}." if unit else "The weight has no unit.", "Record it in kilograms."
    )


def iv_dose(
    weight: Measurement | None,
    mg_per_kg: float,
    as_of: date,
    limits: LimitsFile | None = None,
    *,
    drug: str = "ketamine_racemic",
    earlier_weight: Measurement | None = None,
    strength_mg_per_ml: float | None = None,
    convert_pounds: bool = False,
) -> IvDose:
    """The dose of one racemic ketamine infusion in mg, and its volume in mL where a vial strength is given.

    Args:
        weight: a dated weight; without one there is no dose.
        mg_per_kg: the dose asked for, above 0.
        as_of: the day of the infusion.
        limits: the site's limits; None takes the defaults.
        drug: must be `ketamine_racemic`: a spray has no dose per kg.
        earlier_weight: the weight before this one; a large jump is refused.
        strength_mg_per_ml: one of the closed list of vials.
        convert_pounds: allow a weight in pounds, converted and marked.

    Raises:
        Refusal: with the reason and what would mend it, for every missing, stale, implausible or excessive value.
    """
    rules = limits or default_limits()
    if drug != "ketamine_racemic":
        raise Refusal(f"{drug} is not given by mg/kg into a vein.", "Use the labeled doses of its own form.")
    if weight is None:
        raise Refusal("There is no weight.", "Weigh the person today and record kilograms.")
    kg, converted = weight_in_kg(weight, convert_pounds=convert_pounds)
    on, age = _weighed(weight, as_of, rules)
    _check_plausible(kg, earlier_weight, rules)
    if not mg_per_kg > 0:
        raise Refusal(f"{mg_per_kg:g} mg/kg is not a dose.", "Give a dose above 0.")
    if mg_per_kg > (most := rules.value("iv_max_mg_per_kg")):
        raise Refusal(
            f"{mg_per_kg:g} mg/kg is above {most:g} mg/kg.", "Lower it, or refer to an anesthetist-led service."
        )
    dose = Decimal(str(mg_per_kg)) * Decimal(str(kg))
    if dose > Decimal(str(rules.value("iv_max_mg"))):
        raise Refusal(f"{dose:.1f} mg is above the cap of {rules.value('iv_max_mg'):g} mg.", "Lower the dose per kg.")
    volume = None
    if strength_mg_per_ml is not None:
        volume, dose = _volume(dose, strength_mg_per_ml, rules)
    return IvDose(
        drug=drug,
        dose_mg=float(dose),
        mg_per_kg=mg_per_kg,
        weight_kg=kg,
        weight_on=on,
        weight_age_days=age,
        converted_from_lb=converted,
        strength_mg_per_ml=strength_mg_per_ml,
        volume_ml=None if volume is None else float(volume),
        notes=_notes(rules, age, converted, weight),
        basis=_basis(weight, as_of, rules),
    )


def esketamine_dose(dose_mg: float, *, age_years: int | None, jurisdiction: str = "US") -> float:
    """Check a spray dose in mg against the label: 56 or 84, and 28 only at 65 or over outside the US. Raises Refusal."""
    rules = default_limits()
    if dose_mg in rules.esketamine_doses_mg:
        return dose_mg
    allowed = " or ".join(f"{d:g}" for d in rules.esketamine_doses_mg)
    if dose_mg == rules.esketamine_low_dose_mg:
        if jurisdiction not in rules.esketamine_low_dose_jurisdictions:
            raise Refusal(f"{dose_mg:g} mg is not a labeled dose in {jurisdiction}.", f"Choose {allowed} mg.")
        if age_years is None or age_years < rules.esketamine_low_dose_min_age_years:
            raise Refusal(
                f"{dose_mg:g} mg is labeled only from age {rules.esketamine_low_dose_min_age_years}.",
                f"Choose {allowed} mg.",
            )
        return dose_mg
    raise Refusal(f"{dose_mg:g} mg is not a labeled esketamine dose.", f"Choose {allowed} mg; there is no dose per kg.")


def _weighed(weight: Measurement, as_of: date, rules: LimitsFile) -> tuple[date, int]:
    if weight.taken is None or not weight.taken.days.is_exact:
        raise Refusal("The weight has no exact date.", "Weigh the person and record the day.")
    on = weight.taken.days.earliest
    age = (as_of - on).days
    if age < 0:
        raise Refusal(f"The weight is dated {on}, after {as_of}.", "Correct its date.")
    most = rules.value("weight_max_age_days")
    if age > most:
        raise Refusal(f"The weight is {age} days old; {most:g} is the most.", "Weigh the person today.")
    return on, age


def _check_plausible(kg: float, earlier: Measurement | None, rules: LimitsFile) -> None:
    low, high = rules.value("weight_min_kg"), rules.value("weight_max_kg")
    if not low <= kg <= high:
        raise Refusal(f"{kg:g} kg is outside {low:g} to {high:g} kg.", "Weigh again and check the unit.")
    if earlier is None or earlier.value is None:
        return
    before, _ = weight_in_kg(earlier, convert_pounds=True)
    if before <= 0:
        return
    ratio = kg / before
    if any(lower <= ratio <= upper for lower, upper in _PAIR_OF_UNITS):
        raise Refusal(f"{kg:g} kg against {before:g} kg before looks like pounds taken for kilograms.", "Weigh again.")
    if abs(ratio - 1) * 100 > rules.value("weight_change_max_pct"):
        raise Refusal(
            f"{kg:g} kg differs from {before:g} kg before by more than {rules.value('weight_change_max_pct'):g} percent.",
            "Weigh again, and confirm by a second person.",
        )


def _volume(dose: Decimal, strength: float, rules: LimitsFile) -> tuple[Decimal, Decimal]:
    if strength not in rules.vial_strengths_mg_per_ml:
        known = ", ".join(f"{s:g}" for s in rules.vial_strengths_mg_per_ml)
        raise Refusal(f"{strength:g} mg/mL is not a vial we know.", f"Choose one of {known} mg/mL.")
    step = Decimal(str(rules.value("volume_step_ml")))
    per_ml = Decimal(str(strength))
    volume = (dose / per_ml / step).quantize(Decimal(1), ROUND_HALF_UP) * step
    given = volume * per_ml
    if abs(given - dose) > dose * Decimal(str(rules.value("dose_rounding_max_pct"))) / 100:
        raise Refusal(
            f"{dose:.2f} mg cannot be measured from {strength:g} mg/mL in steps of {step} mL closely enough.",
            "Choose a weaker vial, or dilute.",
        )
    if given > Decimal(str(rules.value("iv_max_mg"))):
        raise Refusal(f"{given:.2f} mg after rounding is above the cap.", "Lower the dose per kg.")
    return volume, given


def _notes(rules: LimitsFile, age: int, converted: bool, weight: Measurement) -> tuple[str, ...]:
    notes = []
    limit = rules.note("weight_max_age_days")
    rivals = "; ".join(f"{value:g} days in {where}" for value, where in limit.alternatives)
    notes.append(
        f"Weight {age} days old; the limit is {limit.value:g} days" + (f" (rival: {rivals})." if rivals else ".")
    )
    if converted:
        notes.append(f"Converted from {weight.value:g} pounds.")
    notes.append("A second person checks mg, mL and mg/kg and signs.")
    return tuple(notes)


def _basis(weight: Measurement, as_of: date, rules: LimitsFile) -> Basis:
    sources: tuple[Source, ...] = ()
    for limit_id in ("weight_max_age_days", "iv_max_mg_per_kg", "iv_max_mg"):
        sources += rules.note(limit_id).sources
    on = weight.taken.days.text if weight.taken else ""
    return Basis(
        rule_id="protocols.iv_dose",
        as_of=as_of,
        rule_text="dose = mg/kg x dated weight in kg, within the caps",
        sources=sources,
        used=(RecordUse(weight.id, "the weight the dose is computed from", on),),
    )
