"""How a drug is recognized: codes first, then words; whatever disagrees is left unsettled and says so."""

from __future__ import annotations

from inconcert.judgement import Answer
from inconcert.knowledge.drug_names import Strength, is_unsure, names_in, says_extended_release, strengths_in
from inconcert.knowledge.drug_schema import (
    ClinicalDrug,
    Drug,
    DrugMatch,
    DrugPart,
    DrugTables,
    KnownWrongCode,
    MatchedBy,
    NoMatch,
)
from inconcert.record import CodeSystem, Coding, IngredientStrength

_SAME_STRENGTH = 0.01  # strengths closer than 1% are one strength written twice


def look_up(
    book: DrugTables, codings: tuple[Coding, ...], text: str, ingredients: tuple[IngredientStrength, ...], form: str
) -> DrugMatch | NoMatch:
    """Recognize one drug; see `DrugBook.look_up`."""
    words = " | ".join(dict.fromkeys([w for w in (text, *(c.display for c in codings)) if w]))
    found = _by_ingredients(book, ingredients) or _by_codes(book, codings)
    if isinstance(found, NoMatch):
        return found
    wrong = next((book.wrong[c.code] for c in codings if c.system == CodeSystem.RXNORM and c.code in book.wrong), None)
    named = _by_name(book, text, codings)
    if found is None:
        if wrong is not None and wrong.drug and not wrong.only_if_text_disagrees:
            part = DrugPart(name=wrong.drug, drug=book.drugs[wrong.drug])
            found = DrugMatch(parts=(part,), how=MatchedBy.CLINICAL_CODE, matched=wrong.codes[0])
        elif isinstance(named, NoMatch):
            return named
        else:
            found = named
    clash = _clash(found, named)
    if clash:
        return NoMatch(clash)
    said = named if isinstance(named, DrugMatch) else None
    return _finish(book, found, said, words=words, form=form, wrong=wrong)


def _by_ingredients(book: DrugTables, ingredients: tuple[IngredientStrength, ...]) -> DrugMatch | None:
    """A Medication resource that lists its ingredients one by one."""
    parts: list[DrugPart] = []
    for item in ingredients:
        single = _by_codes(book, item.codings)
        if single is None:
            single = _by_name(book, item.text, item.codings)
        if isinstance(single, NoMatch) or len(single.parts) != 1:
            label = (
                item.text or next((c.display for c in item.codings if c.display), "") or "an ingredient not recognized"
            )
            parts.append(DrugPart(name=label, drug=None))
            continue
        drug = single.parts[0].drug
        unit = item.unit.lower().replace("/1", "")
        known = {"mg": "mg", "mg/ml": "mg_per_ml", "mg/h": "mg_per_h", "mg/hr": "mg_per_h"}.get(unit, "")
        parts.append(
            DrugPart(name=single.parts[0].name, drug=drug, strength=item.amount if known else None, unit=known)
        )
    if not any(part.drug for part in parts):
        return None
    joined = _join_pair(book, parts)
    return DrugMatch(parts=joined, how=MatchedBy.INGREDIENT_CODE, matched=", ".join(p.name for p in joined))


def _by_codes(book: DrugTables, codings: tuple[Coding, ...]) -> DrugMatch | NoMatch | None:
    """The drug its codes name: all codes must name the same drug, and a product code gives the strength."""
    rxnorm = [c.code for c in codings if c.system == CodeSystem.RXNORM]
    ingredient = [book.by_ingredient_code[c] for c in rxnorm if c in book.by_ingredient_code]
    products = [book.products[c] for c in rxnorm if c in book.products]
    seen = [book.by_seen_product_code[c] for c in rxnorm if c in book.by_seen_product_code]
    atc = [book.by_atc[c.code] for c in codings if c.system == CodeSystem.ATC and c.code in book.by_atc]
    sets = [frozenset(p.drug for p in row.parts) for row in products]
    sets += [frozenset({drug.name}) for drug in (*ingredient, *seen, *atc)]
    if not sets:
        return None
    if len(set(sets)) > 1 and not _one_within_the_other(sets):
        names = sorted({name for group in sets for name in group})
        return NoMatch(f"Its codes name different drugs ({', '.join(names)}).")
    if products:
        how = MatchedBy.INGREDIENT_CODE if ingredient else MatchedBy.CLINICAL_CODE
        return _from_product(book, products, how)
    drug = (*ingredient, *seen, *atc)[0]
    how = MatchedBy.INGREDIENT_CODE if ingredient else MatchedBy.CLINICAL_CODE if seen else MatchedBy.ATC
    return DrugMatch(parts=_whole(book, drug), how=how, matched=drug.name)


def _one_within_the_other(sets: list[frozenset[str]]) -> bool:
    widest = max(sets, key=len)
    return all(group <= widest for group in sets)


def _from_product(book: DrugTables, rows: list[ClinicalDrug], how: MatchedBy) -> DrugMatch:
    row = max(rows, key=lambda r: len(r.parts))
    parts = [
        DrugPart(
            name=p.drug,
            drug=book.drugs.get(p.drug),
            strength=_usual_strength(book, p.drug, p.strength, p.salt),
            unit=p.unit,
        )
        for p in row.parts
    ]
    if len({(r.parts[0].strength, r.parts[0].unit) for r in rows}) > 1:
        parts = [DrugPart(name=p.name, drug=p.drug) for p in parts]
    return DrugMatch(
        parts=_join_pair(book, parts), how=how, matched=row.rxcui, form=row.form,
        extended_release=says_extended_release(row.name),
        counts_as_its_kind=Answer.NOT_MET if row.not_for_depression else Answer.MET, other_use=row.not_for_depression,
    )  # fmt: skip


def _usual_strength(book: DrugTables, drug: str, strength: float | None, salt: str) -> float | None:
    entry = book.drugs.get(drug)
    if strength is None or entry is None:
        return strength
    factor = next((s.factor_to_usual for s in entry.other_salts if s.salt == salt), 1.0)
    return round(strength * factor, 1) if factor != 1.0 else strength


def _join_pair(book: DrugTables, parts: list[DrugPart]) -> tuple[DrugPart, ...]:
    """An inseparable pair (dextromethorphan with bupropion) becomes one part, counted by its named ingredient."""
    names = {p.name for p in parts}
    for drug in book.drugs.values():
        if drug.counted_by and len(parts) > 1 and names == set(drug.name.split("-")):
            counted = next(p for p in parts if p.name == drug.counted_by)
            partners = [
                DrugPart(name=p.name, drug=None, strength=p.strength, unit=p.unit) for p in parts if p is not counted
            ]
            return (DrugPart(name=drug.name, drug=drug, strength=counted.strength, unit=counted.unit), *partners)
    return tuple(parts)


def _whole(book: DrugTables, drug: Drug) -> tuple[DrugPart, ...]:
    if drug.splits_into:
        return tuple(DrugPart(name=name, drug=book.drugs[name]) for name in drug.splits_into)
    return (DrugPart(name=drug.name, drug=drug),)


def _by_name(book: DrugTables, text: str, codings: tuple[Coding, ...]) -> DrugMatch | NoMatch:
    """The drug that the text names, else the displays of its codings."""
    for words in (text, *(c.display for c in codings)):
        if words:
            found = _in_words(book, words)
            if isinstance(found, DrugMatch) or found.reason:
                return found
    return NoMatch()


def _in_words(book: DrugTables, words: str) -> DrugMatch | NoMatch:
    names = book.spoken_names
    hits = list(dict.fromkeys(names[h] for h in names_in(words, names)))
    if not any(hit in book.drugs for hit in hits):
        return NoMatch()
    if is_unsure(words):
        return NoMatch(f"The words {words!r} deny, compare or ponder a drug; none was read from them.")
    pairs = [book.drugs[h] for h in hits if h in book.drugs and (book.drugs[h].counted_by or book.drugs[h].splits_into)]
    if pairs:
        return DrugMatch(parts=_whole(book, pairs[0]), how=MatchedBy.NAME, matched=words)
    if len(hits) > 1 and not _joined(words, list(hits)):
        return NoMatch(f"The words {words!r} name more than one drug.")
    strengths = strengths_in(words)
    parts = [DrugPart(name=h, drug=book.drugs.get(h)) for h in hits]
    if len(strengths) == len(hits):
        parts = [
            DrugPart(
                name=p.name,
                drug=p.drug,
                strength=_usual_strength(book, p.name, s.amount, _salt_in(p, words)),
                unit=s.unit,
            )
            for p, s in zip(parts, strengths, strict=True)
        ]
    return DrugMatch(parts=_join_pair(book, parts), how=MatchedBy.NAME, matched=words)


def _joined(words: str, hits: list[str]) -> bool:
    """True if the text writes its drugs as one product ("a / b", "a-b", "a + b")."""
    low = words.lower()
    between = low[low.find(hits[0]) + len(hits[0]) :] if hits[0] in low else low
    return "/" in between or "+" in between or any(f"{a}-{b}" in low for a in hits for b in hits)


def _salt_in(part: DrugPart, words: str) -> str:
    salts = part.drug.other_salts if part.drug else ()
    return next((s.salt for s in salts if s.salt in words.lower()), "")


def _clash(found: DrugMatch, named: DrugMatch | NoMatch) -> str:
    if isinstance(named, NoMatch):
        return named.reason
    coded = {p.name for p in found.parts}
    spoken = {p.name for p in named.parts}
    if coded <= spoken or spoken <= coded:
        return ""
    return f"Its code says {', '.join(sorted(coded))}, its text says {', '.join(sorted(spoken))}."


def _finish(
    book: DrugTables, found: DrugMatch, named: DrugMatch | None, *, words: str, form: str, wrong: KnownWrongCode | None
) -> DrugMatch:
    """Fill in what the text adds (strength, release, form, brand for another use) and what it contradicts."""
    notes: list[str] = []
    parts = found.parts
    said = strengths_in(words.split(" | ")[0]) if len(found.parts) == 1 else ()
    if len(parts) == 1 and found.how is not MatchedBy.NAME:
        parts = (_with_said_strength(book, parts[0], said, words, notes),)
    elif named is not None and len(named.parts) == len(parts) and all(p.strength is None for p in parts):
        parts = named.parts
    if wrong is not None and not wrong.only_if_text_disagrees:  # a strength beside a wrong code is not to be trusted
        parts = tuple(DrugPart(name=p.name, drug=p.drug) for p in parts)
    where = form or found.form
    brand = next((book.other_uses[b] for b in names_in(words, book.other_uses)), None)
    counts, other_use = found.counts_as_its_kind, found.other_use
    if brand is not None:
        counts, other_use = Answer.NOT_MET, brand.use
    drug = next((p.drug for p in parts if p.drug is not None), None)
    if drug is not None and drug.forms and counts is Answer.MET:
        counts = _form_answer(drug, f"{where} {words}", parts[0].unit)
    return DrugMatch(
        parts=parts, how=found.how, matched=found.matched, form=where, counts_as_its_kind=counts, other_use=other_use,
        extended_release=found.extended_release or says_extended_release(f"{form} {words}"),
        known_wrong=wrong.problem if wrong and (notes or not wrong.only_if_text_disagrees) else "", notes=tuple(notes),
    )  # fmt: skip


def _with_said_strength(
    book: DrugTables, part: DrugPart, said: tuple[Strength, ...], words: str, notes: list[str]
) -> DrugPart:
    if part.strength is None:
        if len(said) != 1:
            return part
        amount = _usual_strength(book, part.name, said[0].amount, _salt_in(part, words))
        return DrugPart(name=part.name, drug=part.drug, strength=amount, unit=said[0].unit)
    if len(said) == 1 and said[0].unit == part.unit:
        told = _usual_strength(book, part.name, said[0].amount, _salt_in(part, words)) or 0.0
        if abs(told - part.strength) > _SAME_STRENGTH * part.strength:
            notes.append(f"The code says {part.strength:g} and the text {told:g}; the strength is not known.")
            return DrugPart(name=part.name, drug=part.drug)
    return part


def _form_answer(drug: Drug, words: str, unit: str) -> Answer:
    low = words.lower()
    if unit == "mg_per_h" or any(form in low for form in drug.forms) or any(b.lower() in low for b in drug.brands):
        return Answer.MET
    oral = any(form in low for form in ("tablet", "capsule", "oral"))
    return Answer.NOT_MET if oral else Answer.UNKNOWN
