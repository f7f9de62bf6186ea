"""What speaks against a treatment: the twin of `payers.criteria.hazards`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis

from inconcert.knowledge.policy_schema import hazards as words
from inconcert.payers import readings
from inconcert.payers.criteria import hazards as rules
from inconcert.population.days import days_before
from inconcert.population.diagnoses import has_condition
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Tri, any_of, when
from inconcert.population.place import Compiler, Place


def present(hazard_id: str, place: Place) -> Tri:
    """Whether one hazard is there: chart codes, then the safety screen, then somebody's word; else unknown."""
    look = readings.hazards()[hazard_id]
    steps: list[tuple[Any, Tri]] = [
        (has_condition(place, condition), MET)
        for condition in look.codes
        if readings.condition_codes()[condition].weight == "certain"
    ]
    seen = place.frame.screened
    for item in (look.same_as, *look.present_if):
        if item and not isinstance(seen(item), int):
            steps.append((seen(item) == MET, MET))
    items = (look.same_as,) if look.same_as else look.absent_if_all
    if items and not any(isinstance(seen(item), int) for item in items):
        absent = seen(items[0]) == NOT_MET
        for item in items[1:]:
            absent = absent & (seen(item) == NOT_MET)
        steps.append((absent, NOT_MET))
    # Where the screen asks the same question it has weighed the answer and its age, so it stands.
    said = UNKNOWN if look.same_as else place.yes_no(look.question)
    return when(*steps, otherwise=said) if steps else said


def any_present(hazard_ids: Iterable[str], place: Place) -> Tri:
    """Whether any of several hazards is there."""
    return any_of([present(h, place) for h in hazard_ids])


def weighed(found: Tri, weight: str, place: Place) -> Tri:
    """A relative contraindication that is present is no refusal: without a written reason it is unknown."""
    if weight != "relative" or isinstance(found, int):
        return found
    reason = place.yes_no("payers.justification.relative_contraindication", when_yes=NOT_MET)
    return when((found == MET, reason), otherwise=found)


def suicidality_of(level: str, place: Place) -> Tri:
    """Suicidal thoughts or behavior of at least a level, from a clinician's finding or the suicide screen."""
    said = place.yes_no(rules.suicide_question(level))
    risk = place.frame.of_person("suicide_level")
    if risk is None:
        return said
    screened = when(
        (risk == "red", MET), (risk == "amber", MET if level in rules.BARS else UNKNOWN),
        (risk.isin(["yellow", "none"]), NOT_MET), otherwise=UNKNOWN,
    )  # fmt: skip
    return screened if isinstance(said, int) else when((said != UNKNOWN, said), otherwise=screened)


def suicidality(leaf: words.Suicidality, place: Place) -> Tri:
    """Suicidality at the named level."""
    return suicidality_of(leaf.level, place)


def psychosis(leaf: words.Psychosis, place: Place) -> Tri:
    """Psychotic symptoms: of the episode as coded, now, or ever."""
    if leaf.scope == "history":
        return weighed(present("psychosis_ever", place), leaf.weight, place)
    now, coded = present("psychosis_now", place), place.frame.answer_of_person("psychotic")
    if isinstance(now, int):
        return weighed(coded, leaf.weight, place)
    return weighed(when((now != UNKNOWN, now), otherwise=coded), leaf.weight, place)


def implanted_device(leaf: words.ImplantedDevice, place: Place) -> Tri:
    """Any of the named implants. A policy that names every active kind need not know which one the screen found."""
    named = weighed(any_present(leaf.kinds, place), leaf.weight, place)
    any_active = place.frame.screened("active_implant")
    if not leaf.kinds or not set(leaf.kinds) >= rules.ACTIVE or isinstance(any_active, int):
        return named
    return when((any_active == MET, weighed(ibis.literal(MET, "int8"), leaf.weight, place)), otherwise=named)


def substance_use(leaf: words.SubstanceUse, place: Place) -> Tri:
    """A present disorder, or use within so many days."""
    if leaf.recency_days is None:
        return present("substance_use_disorder", place)
    since = days_since("payers.days_since_substance_use", place)
    return UNKNOWN if since is None else when(
        (since < leaf.recency_days, MET), (since >= leaf.recency_days, NOT_MET), otherwise=UNKNOWN
    )  # fmt: skip


def days_since(question: str, place: Place) -> Any | None:
    """A number of days that somebody gave, aged to the date of service."""
    days, day = place.frame.said(question), place.frame.said(f"{question}@day")
    if days is None or day is None:
        return days
    return days + days_before(day, place.as_of).coalesce(0)


def _of(*hazard_ids: str) -> Compiler:
    return lambda _leaf, place: any_present(hazard_ids, place)


def _weighed(hazard_ids: Any) -> Compiler:
    return lambda leaf, place: weighed(any_present(hazard_ids(leaf), place), leaf.weight, place)


COMPILERS: dict[type, Compiler] = {
    words.Suicidality: suicidality,
    words.Psychosis: psychosis,
    words.ImplantedDevice: implanted_device,
    words.ImplantedMetal: _of("metal_head_or_neck"),
    words.FerromagneticTattoo: _of("ferromagnetic_tattoo"),
    words.NeurologicalCondition: _weighed(lambda leaf: leaf.kinds),
    words.SeizureDisorder: _weighed(lambda _leaf: ("seizure_disorder",)),
    words.SubstanceUse: substance_use,
    words.CardiovascularDisease: _of("cardiovascular_disease"),
    words.Pregnancy: lambda leaf, place: any_present(
        ("pregnancy", "breastfeeding") if leaf.or_breastfeeding else ("pregnancy",), place
    ),
    words.Catatonia: _of("catatonia"),
    words.LifeThreateningInanition: _of("inanition"),
    words.DrugContraindication: lambda leaf, place: present(f"{leaf.drug}_contraindication", place),
}
