"""The drug book: what it holds and what it recognizes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inconcert.judgement import Answer
from inconcert.knowledge.drug_names import strengths_in
from inconcert.knowledge.drugs import MatchedBy, NoMatch, drug_book
from inconcert.knowledge.staging import staging_book
from inconcert.record import CodeSystem, Coding, IngredientStrength

RXNORM, ATC = CodeSystem.RXNORM, CodeSystem.ATC


def test_how_many() -> None:
    """41 antidepressants, 20 augmenters with the combination and the two treatments, 7 benzodiazepines, 255 products."""
    book = drug_book()
    kinds = {
        kind: len(book.of_kind(kind)) for kind in ("antidepressant", "augmenter", "combination", "other", "sedative")
    }
    assert kinds == {"antidepressant": 41, "augmenter": 17, "combination": 1, "other": 2, "sedative": 7}
    assert len(book.products) == 255


def test_every_product_names_a_drug_of_ours() -> None:
    """No product row stands for an ingredient that no file knows, and its strength stands in its own name."""
    book = drug_book()
    for row in book.products.values():
        assert any(part.drug in book.drugs for part in row.parts), row.rxcui
        for part in row.parts:
            if part.strength is not None:
                assert f" {part.strength:g} MG" in row.name


def test_trimipramine_is_not_imipramine() -> None:
    """Three trimipramine capsules stood under imipramine in the list they came from; here they are trimipramine."""
    for code in ("313496", "313498", "313499"):
        match = drug_book().match((Coding(RXNORM, code),))
        assert match is not None
        assert match.drug.name == "trimipramine"


# RxNorm code | text | drug (- none) | mg per piece (? unknown)
TEXTS = """
312940 |                               | sertraline | 25
312941 |                               | sertraline | 50
312938 |                               | sertraline | 100
312940 | sertraline 50 mg              | sertraline | ?
312940 | sertraline 25 mg              | sertraline | 25
406022 | Fluoxetine 25MG               | fluoxetine | ?
309309 | sertraline 50 mg              | sertraline | ?
309309 |                               | -          |
36437  |                               | sertraline | ?
36437  | sertraline 50 mg tablet       | sertraline | 50
36437  | fluoxetine                    | -          |
       | sertraline 50 mg tablet       | sertraline | 50
       | SERTRALINE HCL 100 MG TAB     | sertraline | 100
       | Zoloft 50mg                   | sertraline | 50
       | escitalopram 10 mg            | escitalopram | 10
       | desvenlafaxine 50 mg          | desvenlafaxine | 50
       | levomilnacipran 40 mg         | levomilnacipran | 40
       | sertraline 100 mg daily       | sertraline | ?
       | sertraline 50 mg / 100 mg     | sertraline | ?
       | no sertraline                 | -          |
       | not taking Zoloft             | -          |
       | sertraline or fluoxetine      | -          |
       | sertraline, then fluoxetine   | -          |
       | allergic to sertraline        | -          |
       | sertraline?                   | -          |
       | aspirin 81 mg                 | -          |
       | Lithium carbonate 300 mg      | lithium    | 300
993550 |                               | bupropion  | 150
       | Auvelity                      | dextromethorphan-bupropion | ?
"""


@pytest.mark.parametrize(
    "row",
    [[c.strip() for c in line.split("|")] for line in TEXTS.strip("\n").splitlines()],
    ids=lambda r: " ".join(r[:2]),
)
def test_what_is_recognized(row: list[str]) -> None:
    """Codes before names; what denies, ponders or disagrees is no drug; a strength only where one number gives it."""
    code, text, drug, mg = row
    match = drug_book().match((Coding(RXNORM, code),) if code else (), text)
    assert (match.drug.name if match else "-") == drug
    if match:
        assert match.strength_mg == (None if mg == "?" else float(mg))


def test_order_of_recognition() -> None:
    """Ingredient code, then product code, then ATC, then name."""
    book = drug_book()
    ways = [((Coding(RXNORM, "36437"), Coding(RXNORM, "312941")), ""), ((Coding(RXNORM, "312941"), Coding(ATC, "N06AB06")), ""),
            ((Coding(ATC, "N06AB06"),), "sertraline"), ((), "sertraline")]  # fmt: skip
    found = [book.match(codings, text) for codings, text in ways]
    assert [m.how for m in found if m] == [
        MatchedBy.INGREDIENT_CODE,
        MatchedBy.CLINICAL_CODE,
        MatchedBy.ATC,
        MatchedBy.NAME,
    ]


def test_codes_of_another_system_mean_nothing() -> None:
    """The digits of an RxNorm code in another system are not that drug."""
    assert drug_book().match((Coding(CodeSystem.SNOMED, "36437"),)) is None


def test_disagreement_says_why() -> None:
    """A code and a name that disagree are not reconciled, and the reason names both."""
    found = drug_book().look_up((Coding(RXNORM, "36437"),), "fluoxetine 20 mg")
    assert isinstance(found, NoMatch)
    assert "sertraline" in found.reason
    assert "fluoxetine" in found.reason


# text or code | partner ingredients | other use
def test_combinations_and_their_partners() -> None:
    """A combination product gives each ingredient its own strength."""
    match = drug_book().match((Coding(RXNORM, "856840"),))
    assert match is not None
    assert [(p.name, p.strength) for p in match.parts] == [("amitriptyline", 50), ("perphenazine", 4)]
    assert match.partners == ("perphenazine",)
    listed = drug_book().match((), ingredients=(IngredientStrength(text="olanzapine", amount=6, unit="mg"),
                                                IngredientStrength(text="fluoxetine", amount=25, unit="mg")))  # fmt: skip
    assert listed is not None
    assert [(p.name, p.strength) for p in listed.parts] == [("olanzapine", 6), ("fluoxetine", 25)]


def test_products_for_other_uses() -> None:
    """Zyban and the smoking product are bupropion, and not for depression."""
    for match in (drug_book().match((), "Zyban 150 mg"), drug_book().match((Coding(RXNORM, "1801289"),))):
        assert match is not None
        assert (match.drug.name, match.counts_as_its_kind) == ("bupropion", Answer.NOT_MET)
        assert "smoking" in match.other_use


def test_selegiline_counts_as_a_patch_only() -> None:
    """The patch counts, the tablet does not, and a bare ingredient code leaves the form open."""
    book = drug_book()
    answers = [book.match((Coding(RXNORM, code),)) for code in ("865206", "859193", "9639")]
    assert [m.counts_as_its_kind for m in answers if m] == [Answer.MET, Answer.NOT_MET, Answer.UNKNOWN]


# text | strengths
STRENGTHS = {
    "24 HR paroxetine 12.5 MG": [(12.5, "mg")],
    "sertraline 20 MG/ML": [(20, "mg_per_ml")],
    "selegiline 0.25 MG/HR": [(0.25, "mg_per_h")],
    "Emsam 6 mg/24 h": [(0.25, "mg_per_h")],
    "liothyronine 25 mcg": [(0.025, "mg")],
    "a 1,000 mg": [],
    "12,5 mg": [],
    "50 mg twice daily": [],
}


@pytest.mark.parametrize("text", STRENGTHS, ids=str)
def test_strengths_in_words(text: str) -> None:
    """Numbers with units are read, doses per day and commas are not."""
    assert [(s.amount, s.unit) for s in strengths_in(text)] == STRENGTHS[text]


def test_recalled_facts_keep_their_mark() -> None:
    """A dose from memory is cited as recalled, one read as read."""
    book = drug_book()
    marks = {
        name: book.sources_of(book.drugs[name], "minimum_dose_mg")[0].status.value
        for name in ("sertraline", "aripiprazole")
    }
    assert marks == {"sertraline": "read", "aripiprazole": "recalled"}


def test_codes_against_public_value_sets(shared: Path) -> None:
    """Every code of the public antidepressant value set is a product of ours, and depression codes are diagnoses of ours."""
    folder = shared / "fhir" / "valuesets"
    listed = json.loads(
        (folder / "ValueSet-2.16.840.1.113883.3.464.1003.196.12.1213-20210306.json").read_text(encoding="utf-8")
    )
    codes = {c["code"] for c in listed["expansion"]["contains"]}
    assert codes <= set(drug_book().products)
    book = staging_book().diagnoses
    for name, polarity in (("526.2.1918-20230210", "unipolar"), ("67.1.101.1.45-20220219", "bipolar")):
        value_set = json.loads((folder / f"ValueSet-2.16.840.1.113883.3.{name}.json").read_text(encoding="utf-8"))
        for concept in value_set["expansion"]["contains"]:
            found = book.read((Coding(CodeSystem.ICD10CM, concept["code"]),))
            assert found is not None, concept["code"]
            assert found.polarity == polarity
