"""Units of doses and amounts: a closed list. A unit outside it is listed, never guessed.

Masses and volumes come out as their UCUM code, things that are counted as one English word (`tablet`). The words are
format, not medicine: how strong a tablet is, is `knowledge`.
"""

from __future__ import annotations

from inconcert.exchange.fhir.node import Node

_SPELLINGS: dict[str, str] = {
    "mg": "mg milligram milligrams milligramm",
    "g": "g gram grams gm",
    "ug": "ug mcg µg μg microgram micrograms",
    "ng": "ng nanogram nanograms",
    "kg": "kg kilogram kilograms",
    "mL": "ml milliliter milliliters millilitre millilitres cc",
    "L": "l liter liters litre",
    "mmol": "mmol millimole millimoles",
    "meq": "meq milliequivalent milliequivalents",
    "[iU]": "[iu] iu unt [usp'u] unit units {unit} international\u00a0unit",
    "mg/kg": "mg/kg",
    "ug/kg": "ug/kg mcg/kg",
    "mg/h": "mg/h mg/hr mg/hour",
    "mg/(24.h)": "mg/(24.h) mg/24h mg/24hr mg/24\u00a0hr mg/d mg/day",
    "ug/h": "ug/h mcg/h mcg/hr",
    "mg/mL": "mg/ml",
    "tablet": "tablet tablets tab tabs tbl {tbl} {tablet} {tablets} {tab} tablet(s) pill pills orltab film-coated\u00a0tablet",
    "capsule": "capsule capsules cap caps {capsule} {capsules} {cap} capsule(s) orcap ercap",
    "patch": "patch patches {patch} ptch patch(es) tpatch transdermal\u00a0patch",
    "spray": "spray sprays {spray} {sprays} spry actuation actuations {actuation}",
    "puff": "puff puffs {puff} {puffs}",
    "drop": "drop drops [drp] {drop}",
    "lozenge": "lozenge lozenges {lozenge} troche troches {troche}",
    "suppository": "suppository suppositories {suppository}",
    "vial": "vial vials {vial}",
    "ampule": "ampule ampules ampoule ampoules amp {ampule}",
    "syringe": "syringe syringes {syringe}",
    "device": "device devices {device} kit kits {kit}",
    "film": "film films {film} strip strips {strip}",
    "dose": "dose doses {dose} 1 each ea {each}",
}
_BY_SPELLING = {
    spelling.replace("\u00a0", " "): unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split(" ")
}
_DAYS: dict[str, float] = {
    **dict.fromkeys(("d", "day", "days", "{day}", "{days}"), 1.0),
    **dict.fromkeys(("wk", "week", "weeks", "{week}"), 7.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 1 / 24),
    **dict.fromkeys(("min", "minute", "minutes"), 1 / 1440),
}


def unit_named(text: str) -> str:
    """The unit a spelling means, or '' where it is not on the list."""
    plain = text.strip().lower()
    return _BY_SPELLING.get(plain) or _BY_SPELLING.get(plain.strip("{}").strip(), "")


def unit_of(quantity: Node) -> str | None:
    """The unit of a Quantity; '' where none is written; None where it is unknown or contradicts itself (noted)."""
    code, written = quantity.text("code"), quantity.text("unit")
    if not code and not written:
        return ""
    by_code, by_unit = unit_named(code), unit_named(written)
    if by_code and by_unit and by_code != by_unit and "dose" not in (by_code, by_unit):
        quantity.problem("unit", f"says {written!r} while its code says {code!r}; the amount was not used")
        return None
    # "1" and {each} are UCUM's way of counting; the word beside them says what is counted.
    found = by_unit if by_code in ("", "dose") and by_unit else by_code
    if not found:
        quantity.problem("unit", f"{written or code!r} is not a unit known here; the amount was not used")
        return None
    return found


def days_of(quantity: Node) -> float | None:
    """A Duration in days, or None where there is none or its unit is not one of time (noted)."""
    value = quantity.number("value")
    if value is None:
        return None
    unit = (quantity.text("code") or quantity.text("unit")).lower()
    per = _DAYS.get(unit)
    if per is None:
        quantity.problem("unit", f"{unit or 'no unit'!r} is not a duration known here; it was not used")
        return None
    if value <= 0:
        quantity.problem("value", f"a duration of {value:g} cannot be; it was not used", "Write the days as a number.")
        return None
    return value * per
