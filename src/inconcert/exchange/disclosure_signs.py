"""By what a protected record is known: its security labels, its codes, its drug, its words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from inconcert.knowledge.disclosure import ProtectedKind
from inconcert.record import (
    Attestation,
    CodeSystem,
    Coding,
    Fact,
    MedicationEvent,
    Origin,
    ReportedTrial,
    ScaleForm,
)

Json = Mapping[str, Any]
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_NOT_WORDS_OF_THE_RECORD = {
    "id",
    "system",
    "url",
    "reference",
    "fullUrl",
    "question",
    "fhir_version",
    "resource",
    "file",
}
_MEDICINES = {"MedicationRequest", "MedicationOrder", "MedicationStatement", "MedicationDispense", "MedicationAdministration",
              "Medication", "MedicationUsage"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sign:
    """The kind a record belongs to, and what showed it. `why` names no code of the person's own."""

    kind: ProtectedKind
    why: str


def by_label(resource: Json, kinds: tuple[ProtectedKind, ...]) -> Sign | None:
    """The kind that a resource's security label (its own, or one inside it) names."""
    for system, code in _labels(resource):
        for kind in kinds:
            if code in kind.labels.get(system, ()):
                return Sign(kind, f"it bears the label {code}")
            # A label whose system was left out still means what it says.
            if not system and any(code in codes for codes in kind.labels.values()):
                return Sign(kind, f"it bears the label {code}")
    return None


def by_content(record: Fact | Json, kinds: tuple[ProtectedKind, ...]) -> Sign | None:
    """The kind that a fact's or a resource's own content shows: type, codes, drug, scale, answers, words."""
    for kind in kinds:
        why = _why(record, kind)
        if why:
            return Sign(kind, why)
    return None


def topic_of(attestation: Attestation, kinds: tuple[ProtectedKind, ...]) -> ProtectedKind | None:
    """The protected kind whose matter an intake answer is on."""
    asked = attestation.question
    return next((k for k in kinds if asked in (*k.questions, *k.quiet_questions, *k.neutral_questions)), None)


def is_mere_no(attestation: Attestation, kind: ProtectedKind) -> bool:
    """Whether the answer says no (or never, or nothing) and not one word more."""
    if attestation.question in kind.neutral_questions:
        return True
    if attestation.value_text:
        return attestation.value_text.casefold() in kind.says_no
    if attestation.answer == "yes":
        return False
    if attestation.value is not None:
        return kind.never_from_days is not None and attestation.value >= kind.never_from_days
    return True


def _why(record: Fact | Json, kind: ProtectedKind) -> str:
    if isinstance(record, Mapping):
        if record.get("resourceType") in kind.resource_types or any(_has(record, name) for name in kind.elements):
            return "what stands in it was not read"
        if any(link in (*kind.questions, *kind.quiet_questions) for link in _spoken_links(record, kind)):
            return "it holds an answer on this matter"
    elif isinstance(record, ScaleForm) and record.scale in kind.scales:
        return "it is a questionnaire on this matter"
    for coding in _codings(record):
        if _code_is_one(coding, kind):
            return "its code"
    words = _searched(" ; ".join(_strings(record, kind)))
    is_medicine = (
        record.get("resourceType") in _MEDICINES
        if isinstance(record, Mapping)
        else isinstance(record, MedicationEvent | ReportedTrial)
    )
    if is_medicine and kind.drugs and _pattern(kind.drugs).search(words):
        return "its drug"
    if kind.not_words:
        words = _pattern(kind.not_words).sub(" ", words)
    if kind.words and _pattern(kind.words).search(words):
        return "its words"
    if kind.substances and _together(kind.substances, kind.with_words).search(words):
        return "its words"
    return ""


def _code_is_one(coding: Coding, kind: ProtectedKind) -> bool:
    code, system = coding.code.strip().upper(), coding.system.strip().removeprefix("urn:oid:")
    if system in {CodeSystem.ICD10CM, CodeSystem.ICD10, "2.16.840.1.113883.6.90", "2.16.840.1.113883.6.3"}:
        return _begins(code, kind.icd10)
    if system in {CodeSystem.ICD9CM, "2.16.840.1.113883.6.103"}:
        return _begins(code, kind.icd9)
    exact = {CodeSystem.SNOMED: kind.snomed, CodeSystem.LOINC: kind.loinc, CodeSystem.RXNORM: kind.rxnorm}
    for known, codes in exact.items():
        if system == known:
            return code in codes
    # An unknown or absent system: a code that reads as one of ours is taken for it.
    return _begins(code, tuple(c for c in kind.icd10 if len(c) > 2))


def _begins(code: str, prefixes: tuple[str, ...]) -> bool:
    plain = code.replace(".", "")
    return any(plain.startswith(prefix.replace(".", "")) for prefix in prefixes)


def _codings(record: Any) -> Iterator[Coding]:
    """Every coding anywhere in a fact or resource."""
    if isinstance(record, Coding):
        yield record
    elif isinstance(record, Mapping):
        code = record.get("code")
        if isinstance(code, str) and ("system" in record or "display" in record):
            yield Coding(str(record.get("system") or ""), code, str(record.get("display") or ""))
        for value in record.values():
            yield from _codings(value)
    elif isinstance(record, list | tuple):
        for value in record:
            yield from _codings(value)
    elif is_dataclass(record) and not isinstance(record, Origin):
        for each in fields(record):
            yield from _codings(getattr(record, each.name))


def _strings(record: Any, kind: ProtectedKind, name: str = "") -> Iterator[str]:
    """Every text a reader of the record would see; ids, addresses and references are none.

    What an intake question asks is said of nobody: only its answer counts (`topic_of`, `_spoken_links`).
    """
    if isinstance(record, str):
        if name not in _NOT_WORDS_OF_THE_RECORD:
            yield record
    elif isinstance(record, Mapping):
        asked = "linkId" in record and (
            "answer" not in record
            or record["linkId"] in (*kind.questions, *kind.quiet_questions, *kind.neutral_questions)
        )
        for key, value in record.items():
            if key != "meta" and not (asked and key in {"text", "linkId"}):
                yield from _strings(value, kind, str(key))
    elif isinstance(record, list | tuple):
        for value in record:
            yield from _strings(value, kind, name)
    elif is_dataclass(record) and not isinstance(record, Origin | type):
        for each in fields(record):
            if not (isinstance(record, Attestation) and each.name == "text"):
                yield from _strings(getattr(record, each.name), kind, each.name)


def _searched(text: str) -> str:
    """Text as it is searched: one form of each letter, no accents, no invisible marks, no tags, lower case."""
    plain = unicodedata.normalize("NFKD", _INVISIBLE.sub("", re.sub(r"<[^>]{0,200}>", " ", text)))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """One of the words or phrases, whole; spaces and hyphens stand for each other."""
    each = "|".join(_phrase(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![a-z0-9])(?:{each})(?![a-z0-9])")


@cache
def _together(substances: tuple[str, ...], with_words: tuple[str, ...]) -> re.Pattern[str]:
    """A substance and one of the words that make it a matter, at most three words apart, in either order."""
    what = "|".join(_phrase(word) for word in substances)
    matter = "|".join(_phrase(word) for word in with_words)
    gap = r"(?:[^a-z0-9.;]+[a-z0-9]+){0,3}[^a-z0-9.;]+"
    return re.compile(rf"(?<![a-z0-9])(?:(?:{what}){gap}(?:{matter})|(?:{matter}){gap}(?:{what}))(?![a-z0-9])")


def _phrase(words: str) -> str:
    return r"[\s\-_]+".join(re.escape(word) for word in re.split(r"[\s\-]+", words.casefold()))


def _labels(resource: Any) -> Iterator[tuple[str, str]]:
    """System and code of every security label in a resource, those of contained resources too."""
    if isinstance(resource, Mapping):
        meta = resource.get("meta")
        for label in (meta.get("security") if isinstance(meta, Mapping) else None) or ():
            if isinstance(label, Mapping):
                yield str(label.get("system") or ""), str(label.get("code") or "")
        for key, value in resource.items():
            if key == "securityLabel":
                for concept in value if isinstance(value, list) else [value]:
                    for coding in concept.get("coding") or () if isinstance(concept, Mapping) else ():
                        yield str(coding.get("system") or ""), str(coding.get("code") or "")
            elif isinstance(value, dict | list):
                yield from _labels(value)
    elif isinstance(resource, list):
        for each in resource:
            yield from _labels(each)


def _spoken_links(record: Json, kind: ProtectedKind) -> Iterator[str]:
    """Names of questionnaire items that were answered with more than a plain no."""
    for item in record.get("item") or ():
        if not isinstance(item, Mapping):
            continue
        answers = [a for a in item.get("answer") or () if isinstance(a, Mapping)]
        if any(not _says_no(answer, kind) for answer in answers):
            yield str(item.get("linkId") or "")
        yield from _spoken_links(item, kind)
        for answer in answers:
            yield from _spoken_links(answer, kind)


def _says_no(answer: Json, kind: ProtectedKind) -> bool:
    if answer.get("valueBoolean") is False:
        return True
    coding = answer.get("valueCoding")
    if isinstance(coding, Mapping):
        return str(coding.get("code") or "").casefold() in {"no", "n", "unknown", "373067005", *kind.says_no}
    number = next((answer[k] for k in ("valueDecimal", "valueInteger") if k in answer), None)
    if isinstance(number, int | float) and kind.never_from_days is not None:
        return number >= kind.never_from_days
    return str(answer.get("valueString") or "x").casefold() in {"no", "unknown", *kind.says_no}


def _has(record: Any, element: str) -> bool:
    if isinstance(record, Mapping):
        return element in record or any(
            _has(value, element) for value in record.values() if isinstance(value, dict | list)
        )
    return isinstance(record, list) and any(_has(value, element) for value in record)
