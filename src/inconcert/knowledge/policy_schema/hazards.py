"""Words about what speaks against a treatment. Each is met where the hazard is present."""

from __future__ import annotations

from typing import Literal

from inconcert.knowledge.policy_schema.base import Bound, Leaf

# A relative contraindication is not a refusal: present, it asks for a reason and goes to review.
Weight = Literal["absolute", "relative"]


class Suicidality(Leaf, frozen=True, kw_only=True, tag="suicidality"):
    """Suicidal thoughts or behavior of at least the named level."""

    level: Literal[
        "active", "active_with_intent", "acute_ideation_or_behavior", "acute_needing_immediate_intervention",
        "acute_risk", "ideation_with_intent_or_imminent_hospitalization",
    ]  # fmt: skip


class Psychosis(Leaf, frozen=True, kw_only=True, tag="psychosis"):
    """Psychotic symptoms, now or ever."""

    scope: Literal["current", "current_episode", "history"] = "current"
    weight: Weight = "absolute"


class ImplantedDevice(Leaf, frozen=True, kw_only=True, tag="implanted_device"):
    """An implant that the magnetic field can move, heat or disturb.

    `near_coil` and `within_cm` say where: the questions asked of a person name the coil and 30 cm, the usual distance.
    """

    kinds: tuple[
        Literal["cochlear", "dbs", "icd", "magnetic_sensitive", "metal", "pacemaker", "spinal_cord_stimulator", "vns"],
        ...,
    ]
    near_coil: bool = False
    within_cm: Bound | None = None
    weight: Weight = "absolute"


class ImplantedMetal(Leaf, frozen=True, kw_only=True, tag="implanted_metal"):
    """Metal in a part of the body."""

    location: Literal["head_or_neck"]


class FerromagneticTattoo(Leaf, frozen=True, kw_only=True, tag="ferromagnetic_tattoo"):
    """A tattoo with ferromagnetic ink in a part of the body."""

    location: Literal["head_or_neck"]


class NeurologicalCondition(Leaf, frozen=True, kw_only=True, tag="neurological_condition"):
    """A condition of the nervous system. `listed` means a list we have not seen in full."""

    kinds: tuple[
        Literal[
            "cerebrovascular_disease", "cns_tumor", "dementia", "listed", "raised_intracranial_pressure",
            "severe_or_repeated_head_trauma",
        ], ...
    ]  # fmt: skip
    weight: Weight = "absolute"


class SeizureDisorder(Leaf, frozen=True, kw_only=True, tag="seizure_disorder"):
    """Epilepsy or earlier seizures."""

    weight: Weight = "absolute"


class SubstanceUse(Leaf, frozen=True, kw_only=True, tag="substance_use"):
    """Substance use, within so many days or as a present disorder."""

    recency_days: int | None = None
    status: Literal["active_disorder"] | None = None


class CardiovascularDisease(Leaf, frozen=True, kw_only=True, tag="cardiovascular_disease"):
    """Heart or vessel disease of the named severity."""

    severity: Literal["severe"] | None = None


class Pregnancy(Leaf, frozen=True, kw_only=True, tag="pregnancy"):
    """Pregnancy, or breastfeeding as well."""

    or_breastfeeding: bool = False


class Catatonia(Leaf, frozen=True, kw_only=True, tag="catatonia"):
    """Catatonia."""


class LifeThreateningInanition(Leaf, frozen=True, kw_only=True, tag="life_threatening_inanition"):
    """Not eating or drinking to a degree that threatens life."""


class DrugContraindication(Leaf, frozen=True, kw_only=True, tag="drug_contraindication"):
    """A contraindication of the drug's label."""

    drug: Literal["esketamine", "ketamine"]


HAZARDS = (
    Suicidality, Psychosis, ImplantedDevice, ImplantedMetal, FerromagneticTattoo, NeurologicalCondition, SeizureDisorder,
    SubstanceUse, CardiovascularDisease, Pregnancy, Catatonia, LifeThreateningInanition, DrugContraindication,
)  # fmt: skip
