"""What the drug files hold and what a recognized drug is.

Public RxNorm codes are often wrong in real files, so a code and a name that disagree are never reconciled by guessing:
the answer is `NoMatch` with the reason. A strength is given only where one code or one number in the text gives it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from inconcert.judgement import Answer, Reading, Source
from inconcert.knowledge.loader import Entry, SourceNote


class SaltStrength(Entry):
    """A salt whose labelled strength is not that of the usual salt; `factor_to_usual` turns its mg into usual mg."""

    salt: str
    factor_to_usual: float
    note: str = ""


class SerumLevel(Entry):
    """A drug judged by its serum level, not by mg; bounds in mmol/L, LOINC codes of the measurement."""

    loinc: tuple[str, ...]
    low_mmol_per_l: float
    high_mmol_per_l: float


class Drug(Entry, kw_only=True):
    """One ingredient (or inseparable pair) of the drug files. Doses are mg per day unless `unit` says mg per 24 h (patches).

    `kind` is antidepressant, augmenter, sedative, combination (counted only as its ingredients) or other. `recalled`
    names the fields that are from memory. `never_a_trial_up_to_mg`: daily doses up to here are for another purpose.
    """

    name: str
    kind: Literal["antidepressant", "augmenter", "sedative", "combination", "other"]
    drug_class: str
    rxcui: str = ""
    atc: tuple[str, ...] = ()
    clinical_rxcui_seen: tuple[str, ...] = ()  # products whose strength was not seen
    minimum_dose_mg: float | None = None
    minimum_dose_note: str = ""
    minimum_dose_extended_release_mg: float | None = None
    minimum_weeks: float | None = None
    counted_by: str = ""  # the ingredient whose mg are counted, for an inseparable pair
    splits_into: tuple[str, ...] = ()
    course_days: int | None = None
    label_max_mg: float | None = None
    label_max_extended_release_mg: float | None = None
    unit: Literal["mg", "mg_per_24h"] = "mg"
    forms: tuple[str, ...] = ()  # counts as its kind only in these forms
    judged_by_level: SerumLevel | None = None
    mg_equal_to_diazepam_10mg: float | None = None
    brands: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    other_salts: tuple[SaltStrength, ...] = ()
    never_a_trial_up_to_mg: float | None = None
    never_a_trial_why: str = ""
    ask_first: str = ""
    seizure_flag_legacy: str = ""
    bp_interaction_with_ketamine: bool = False
    note: str = ""
    src: tuple[str, ...]
    status: Reading
    recalled: tuple[str, ...] = ()

    def status_of(self, field: str) -> Reading:
        """Whether that field was read or recalled."""
        return Reading.RECALLED if field in self.recalled else self.status


class ProductPart(Entry):
    """One ingredient of a clinical drug with its strength per unit of the form; None where the product is a pack."""

    drug: str
    strength: float | None = None
    unit: Literal["mg", "mg_per_ml", "mg_per_h", ""] = ""
    salt: str = ""


class ClinicalDrug(Entry, kw_only=True):
    """One RxNorm clinical drug. `not_for_depression` says what it is made for where that is something else."""

    rxcui: str
    name: str
    form: str
    kind: Literal["single", "combination", "pack"]
    parts: tuple[ProductPart, ...]
    src: str
    not_for_depression: str = ""


class KnownWrongCode(Entry, kw_only=True):
    """Codes seen under a wrong name. `drug` is what they may still be read as, '' where only the text can say."""

    codes: tuple[str, ...]
    seen_as: str
    problem: str
    drug: str = ""
    only_if_text_disagrees: bool = False
    src: tuple[str, ...]


class OtherUseProduct(Entry):
    """A brand that holds an antidepressant but is sold for something else."""

    brand: str
    drug: str
    use: str


class DrugFile(Entry):
    """A file of ingredients."""

    sources: dict[str, SourceNote]
    drugs: tuple[Drug, ...]


class ClinicalFile(Entry):
    """The file of RxNorm clinical drugs."""

    sources: dict[str, SourceNote]
    status: Reading
    rows: tuple[ClinicalDrug, ...]


class WrongFile(Entry):
    """The file of codes seen under a wrong name."""

    sources: dict[str, SourceNote]
    status: Reading
    codes: tuple[KnownWrongCode, ...]


class OtherUseFile(Entry):
    """The file of products sold for another use, and of partners in one tablet."""

    sources: dict[str, SourceNote]
    status: Reading
    partners: tuple[str, ...]
    products: tuple[OtherUseProduct, ...]


class MatchedBy(enum.StrEnum):
    """How a drug was recognized, best first."""

    INGREDIENT_CODE = "RxNorm ingredient code"
    CLINICAL_CODE = "RxNorm clinical drug code"
    ATC = "ATC code"
    NAME = "name in the text"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugPart:
    """One ingredient of a matched product. `strength` is per unit of the form in `unit` ('mg', 'mg_per_ml', 'mg_per_h').

    `drug` is None for a partner that is in no drug file (perphenazine); its strength still belongs to the product.
    """

    name: str
    drug: Drug | None
    strength: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugMatch:
    """What a chart's drug was recognized as, and how.

    `counts_as_its_kind` is not met for a form or product made for something else (then `other_use` says what), unknown
    where the form was needed and not given. `known_wrong` is set where the code is known to be misused.
    """

    parts: tuple[DrugPart, ...]
    how: MatchedBy
    matched: str
    form: str = ""
    extended_release: bool = False
    counts_as_its_kind: Answer = Answer.MET
    other_use: str = ""
    known_wrong: str = ""
    notes: tuple[str, ...] = ()

    @property
    def drug(self) -> Drug:
        """The first ingredient that is in the drug files."""
        return next(part.drug for part in self.parts if part.drug is not None)

    @property
    def strength_mg(self) -> float | None:
        """Mg of that ingredient per tablet or capsule; None where not known or counted per mL or per hour."""
        part = next(part for part in self.parts if part.drug is not None)
        return part.strength if part.unit == "mg" else None

    @property
    def partners(self) -> tuple[str, ...]:
        """Names of the other ingredients of a combination product."""
        return tuple(part.name for part in self.parts if part.drug is not self.drug)


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No drug of ours was recognized. `reason` is '' for an ordinary other drug, else why it was not settled."""

    reason: str = ""


class DrugTables:
    """All drug files together, with what is needed to recognize a drug. The ground of `drugs.DrugBook`."""

    def __init__(self, drugs: Iterable[Drug], products: Iterable[ClinicalDrug], wrong: Iterable[KnownWrongCode],
                 other_uses: OtherUseFile, sources: Mapping[str, Source]) -> None:  # fmt: skip
        self.drugs: dict[str, Drug] = {drug.name: drug for drug in drugs}
        self.products: dict[str, ClinicalDrug] = {row.rxcui: row for row in products}
        self.wrong: dict[str, KnownWrongCode] = {code: entry for entry in wrong for code in entry.codes}
        self.other_uses: dict[str, OtherUseProduct] = {p.brand.lower(): p for p in other_uses.products}
        self.partners = frozenset(other_uses.partners)
        self._sources = dict(sources)

    @cached_property
    def by_ingredient_code(self) -> dict[str, Drug]:
        """Drugs by RxNorm ingredient code."""
        return {drug.rxcui: drug for drug in self.drugs.values() if drug.rxcui}

    @cached_property
    def by_atc(self) -> dict[str, Drug]:
        """Drugs by ATC code."""
        return {code: drug for drug in self.drugs.values() for code in drug.atc}

    @cached_property
    def by_seen_product_code(self) -> dict[str, Drug]:
        """Drugs by codes of products whose strength was not seen."""
        return {code: drug for drug in self.drugs.values() for code in drug.clinical_rxcui_seen}

    @cached_property
    def spoken_names(self) -> dict[str, str]:
        """Lower-case names, brands and partners as texts write them, each with the drug (or partner) it means."""
        names = {drug.name: drug.name for drug in self.drugs.values()}
        names.update({n.lower(): drug.name for drug in self.drugs.values() for n in (*drug.brands, *drug.other_names)})
        names.update({brand: product.drug for brand, product in self.other_uses.items()})
        names.update({partner: partner for partner in self.partners})
        return names

    def of_kind(self, kind: str) -> tuple[Drug, ...]:
        """All drugs of one kind ('antidepressant', 'augmenter', 'sedative', 'other'), in file order."""
        return tuple(drug for drug in self.drugs.values() if drug.kind == kind)

    def sources_of(self, drug: Drug, field: str = "") -> tuple[Source, ...]:
        """The sources of a drug's entry; where `field` is given and recalled, each is marked recalled."""
        status = drug.status_of(field) if field else drug.status
        return tuple(Source(self._sources[k].ref, self._sources[k].where, status) for k in drug.src)
