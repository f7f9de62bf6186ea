"""What a prescription line comes to in mg of one ingredient per day. What is not said is not known: never once daily."""

from __future__ import annotations

from dataclasses import dataclass

from inconcert.knowledge.drugs import Drug, DrugPart
from inconcert.knowledge.staging import staging_rules
from inconcert.record import DoseInstruction, MedicationEvent

_MASS_MG = {
    "mg": 1.0, "milligram": 1.0, "milligrams": 1.0, "g": 1000.0, "gram": 1000.0, "grams": 1000.0, "mcg": 0.001, "ug": 0.001,
    "µg": 0.001, "μg": 0.001, "[mcg]": 0.001, "microgram": 0.001, "micrograms": 0.001,
}  # fmt: skip
_VOLUME_ML = {"ml": 1.0, "milliliter": 1.0, "millilitre": 1.0, "milliliters": 1.0, "millilitres": 1.0, "l": 1000.0}
_PATCH_RATE = {
    "mg/24h": 1.0,
    "mg/24.h": 1.0,
    "mg/24 h": 1.0,
    "mg/24hr": 1.0,
    "mg/24 hr": 1.0,
    "mg/d": 1.0,
    "mg/h": 24.0,
    "mg/hr": 24.0,
}
_COUNTED = ("tab", "cap", "patch", "system", "pill", "unit dose", "each", "dose form", "lozenge", "film")
_COUNTED_EXACT = frozenset(
    {"1", "{tbl}", "{tablet}", "{capsule}", "{cap}", "{patch}", "{unit}", "pat", "tbl", "ea", "dose", "{dose}"}
)
_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class DailyDose:
    """Mg per day (per 24 h for patches) between two bounds; None on a side that is not known, and then `why`."""

    low: float | None
    high: float | None
    why: str = ""

    @property
    def known(self) -> bool:
        """True if both bounds are known."""
        return self.low is not None and self.high is not None


def daily_dose(line: DoseInstruction, part: DrugPart, *, alone: bool) -> DailyDose:
    """Mg per day of one ingredient by one prescription line; `alone` is False for a combination product."""
    if line.as_needed:
        return DailyDose(None, None, "taken as needed")
    if line.amount_low is None and line.amount_high is None:
        return DailyDose(None, None, "no amount is given")
    low = line.amount_low if line.amount_low is not None else 0.0
    high = line.amount_high if line.amount_high is not None else line.amount_low
    unit = " ".join(line.unit.lower().split())
    if min(low, high or 0.0) < 0:
        return DailyDose(None, None, "the amount is negative")
    if unit in _PATCH_RATE:
        return _times(low, high, _PATCH_RATE[unit])  # a rate needs no frequency
    per = line.times_per_day
    if per is None:
        return DailyDose(None, None, "no frequency is given")
    if unit in _MASS_MG:
        if not alone:
            return DailyDose(None, None, "mg of a combination: of which ingredient is not said")
        if part.unit == "mg_per_h":
            return _times(low, high, 1.0) if per == 1 else DailyDose(None, None, "a patch not changed once a day")
        return _times(low, high, _MASS_MG[unit] * per)
    if unit in _VOLUME_ML:
        if part.unit != "mg_per_ml" or part.strength is None:
            return DailyDose(None, None, "mL of a liquid whose strength is not known")
        return _times(low, high, _VOLUME_ML[unit] * part.strength * per)
    if unit in _COUNTED_EXACT or any(word in unit for word in _COUNTED):
        return _counted(low, high, per, part)
    return DailyDose(
        None, None, f"the unit {line.unit!r} is not one of mass, volume or form" if unit else "no unit is given"
    )


def _counted(low: float, high: float | None, per: float, part: DrugPart) -> DailyDose:
    if part.strength is None:
        return DailyDose(None, None, "the strength of a tablet, capsule or patch is not known")
    if part.unit == "mg_per_h":
        same = per == 1
        return (
            _times(low, high, part.strength * _HOURS_A_DAY)
            if same
            else DailyDose(None, None, "a patch not changed once a day")
        )
    if part.unit != "mg":
        return DailyDose(None, None, "counted in pieces, but the strength is per mL")
    return _times(low, high, part.strength * per)


def _times(low: float, high: float | None, factor: float) -> DailyDose:
    return DailyDose(round(low * factor, 6), None if high is None else round(high * factor, 6))


def supplied_dose(event: MedicationEvent, part: DrugPart) -> DailyDose:
    """Mg per day that a hand-over allows: quantity x strength / days of supply. Unknown where one of them is."""
    unit = " ".join(event.quantity_unit.lower().split())
    if not event.quantity or not event.days_supply or part.strength is None:
        return DailyDose(None, None, "quantity, days of supply or strength is not known")
    per_day = event.quantity / event.days_supply
    if part.unit == "mg_per_ml" and unit in _VOLUME_ML:
        return _times(per_day, per_day, part.strength * _VOLUME_ML[unit])
    counted = unit in _COUNTED_EXACT or any(word in unit for word in _COUNTED)
    if part.unit == "mg" and counted:
        return _times(per_day, per_day, part.strength)
    if part.unit == "mg_per_h" and counted and per_day == 1:
        return _times(1.0, 1.0, part.strength * _HOURS_A_DAY)
    return DailyDose(None, None, "the unit of the quantity does not fit the form")


def believed(dose: DailyDose, drug: Drug) -> DailyDose:
    """The same dose, or an unknown one where no such daily dose is given: a slip of unit is asked about, never judged."""
    rules = staging_rules()
    maxima = [m for m in (drug.label_max_mg, drug.label_max_extended_release_mg) if m is not None]
    ceiling = max(maxima) * rules.implausible_above_label_maximum_times if maxima else None
    least = drug.minimum_dose_mg
    floor = least * rules.implausible_below_minimum_dose_part if least is not None else None
    too_high = ceiling is not None and dose.high is not None and dose.high > ceiling
    too_low = floor is not None and dose.low is not None and dose.low < floor
    if not too_high and not too_low:
        return dose
    shown = dose.high if too_high else dose.low
    return DailyDose(None, None, f"{shown:g} mg a day of {drug.name} is hardly a dose; check the unit and the number")
