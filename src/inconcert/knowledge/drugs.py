"""The drug book: which drug a chart's code or words mean, and what is known of that drug.

Public RxNorm codes are often wrong in real files, so a code and a name that disagree are never reconciled by guessing:
the answer is `NoMatch` with the reason. A strength is given only where one code or one number in the text gives it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from inconcert.judgement import Reading, Source
from inconcert.knowledge.drug_matching import look_up
from inconcert.knowledge.drug_schema import (
    ClinicalDrug,
    ClinicalFile,
    Drug,
    DrugFile,
    DrugMatch,
    DrugPart,
    DrugTables,
    MatchedBy,
    NoMatch,
    OtherUseFile,
    WrongFile,
)
from inconcert.knowledge.loader import ROOT, load
from inconcert.record import Coding, IngredientStrength

__all__ = ["ClinicalDrug", "Drug", "DrugBook", "DrugMatch", "DrugPart", "MatchedBy", "NoMatch", "drug_book"]

FOLDER = ROOT / "files" / "drugs"


class DrugBook(DrugTables):
    """All drug files together, and the recognizing of a drug. Make one with `drug_book()`."""

    def match(self, codings: Iterable[Coding], text: str = "", ingredients: Iterable[IngredientStrength] = (),
              form: str = "") -> DrugMatch | None:  # fmt: skip
        """The drug meant, or None: first by ingredient code, then clinical-drug code, then ATC, then name."""
        found = self.look_up(codings, text, ingredients, form)
        return found if isinstance(found, DrugMatch) else None

    def look_up(self, codings: Iterable[Coding], text: str = "", ingredients: Iterable[IngredientStrength] = (),
                form: str = "") -> DrugMatch | NoMatch:  # fmt: skip
        """Like `match`, but says why nothing was recognized where something nearly was."""
        return look_up(self, tuple(codings), text, tuple(ingredients), form)


@cache
def drug_book() -> DrugBook:
    """The drug files, read once. Raises KnowledgeError naming file, line and mend where one is malformed."""
    drugs: list[Drug] = []
    sources: dict[str, Source] = {}
    for name in ("antidepressants", "augmenters", "sedatives"):
        file = load(FOLDER / f"{name}.yaml", DrugFile)
        drugs.extend(file.drugs)
        sources.update({k: Source(s.ref, s.where, s.status or Reading.READ) for k, s in file.sources.items()})
    clinical = load(FOLDER / "clinical_drugs.yaml", ClinicalFile)
    wrong = load(FOLDER / "known_wrong_codes.yaml", WrongFile)
    other = load(FOLDER / "products_for_other_uses.yaml", OtherUseFile)
    return DrugBook(drugs, clinical.rows, wrong.codes, other, sources)
