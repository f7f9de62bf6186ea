"""Codes in the chart: whether a payer's word for a condition is coded, and whether a listed code is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import reduce
from typing import Any

import ibis
from ibis import _

from inconcert.payers.readings import ConditionCodes, condition_codes
from inconcert.population.kleene import Flag
from inconcert.population.place import Place

_OVER = ("inactive", "remission", "resolved")


def has_condition(place: Place, condition: str) -> Flag:
    """Whether an entry of the chart says that the condition is there; false proves nothing."""
    codes = condition_codes().get(condition)
    if codes is None:
        return ibis.literal(False)
    return place.frame.over("diagnoses", ("condition", condition), _says(codes, place).any(), empty=False)


def _says(codes: ConditionCodes, place: Place) -> Flag:
    today = ibis.literal(place.as_of)
    found = _coded(codes) & ~_.refuted.coalesce(False) & ~_.in_error.coalesce(False)
    found = found & ~(_.began_earliest > today).coalesce(False)
    if codes.only_active:
        over = (_.ended_earliest <= today).coalesce(False) | _.clinical_status.isin(_OVER).coalesce(False)
        found = found & ~over
    if codes.valid_days is not None:
        oldest = ibis.literal(place.as_of - timedelta(days=codes.valid_days))
        found = found & (_.began_earliest >= oldest).coalesce(False)
    return found


def _coded(codes: ConditionCodes) -> Flag:
    icd10 = (_.system == "icd10") & starts(_.code, codes.icd10)
    if codes.icd10_not:
        icd10 = icd10 & ~starts(_.code, codes.icd10_not)
    return icd10 | ((_.system == "snomed") & _.code.isin(codes.snomed)) if codes.snomed else icd10


def starts(code: Any, prefixes: Iterable[str]) -> Flag:
    """Whether a code begins with any of these."""
    return reduce(lambda a, b: a | b, (code.startswith(p) for p in prefixes), ibis.literal(False))


def listed_code(listed: Iterable[str], place: Place) -> tuple[Flag, Flag]:
    """Whether a depression code of the list is in the chart, and whether any code of a depression is."""
    known, today = tuple(sorted(listed)), ibis.literal(place.as_of)

    def depression() -> Flag:
        families = _.code.substr(0, 3).isin(["F32", "F33", "F34", "F06", "F53"])
        return (
            (_.system == "icd10")
            & families
            & ~_.refuted.coalesce(False)
            & ~(_.recorded_earliest > today).coalesce(False)
        )

    inside = place.frame.over("diagnoses", ("listed", known), (depression() & _.code.isin(known)).any(), empty=False)
    return inside, place.frame.over("diagnoses", "depression", depression().any(), empty=False)
