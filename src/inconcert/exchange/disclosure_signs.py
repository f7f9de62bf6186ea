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
    read = _Read(record)
    for kind in kinds:
        why = _why(record, kind, read)
        if why:
            return Sign(kind, why)
    return None


class _Read:
    """What stands in one record, gathered once for all kinds: its codings and its words."""

    __slots__ = ("_plain", "_strings", "codings")

    def __init__(self, record: Fact | Json) -> None:
        self.codings = tuple(dict.fromkeys((c.system, c.code) for c in _codings(record)))
        self._strings = list(_strings(record))
        self._plain: str | None = None

    def words(self, kind: ProtectedKind) -> str:
        """The words as they are searched, without what intake questions of this kind ask."""
        asked = {*kind.questions, *kind.quiet_questions, *kind.neutral_questions}
        if any(link in asked for _, link in self._strings if link):
            return _searched(" ; ".join(text for text, link in self._strings if link not in asked or not link))
        if self._plain is None:
            self._plain = _searched(" ; ".join(text for text, _ in self._strings))
        return self._plain


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


def _why(record: Fact | Json, kind: ProtectedKind, read: _Read) -> str:
    if isinstance(record, Mapping):
        if record.get("resourceType") in kind.resource_types or any(_has(record, name) for name in kind.elements):
            return "what stands in it was not read"
        if any(link in (*kind.questions, *kind.quiet_questions) for link in _spoken_links(record, kind)):
            return "it holds an answer on this matter"
    elif isinstance(record, ScaleForm) and record.scale in kind.scales:
        return "it is a questionnaire on this matter"
    if any(_known_code(system, code, kind) for system, code in read.codings):
        return "its code"
    words = read.words(kind)
    is_medicine = (
        record.get("resourceType") in _MEDICINES
        if isinstance(record, Mapping)
        else isinstance(record, MedicationEvent | ReportedTrial)
    )
    if is_medicine and _may_say(kind.drugs, words) and _pattern(kind.drugs).search(words):
        return "its drug"
    single = _may_say(kind.words, words)
    pairs = _may_say(kind.substances, words) and _may_say(kind.with_words, words)
    if not single and not pairs:
        return ""
    if kind.not_words:
        words = _pattern(kind.not_words).sub(" ", words)
    if single and _pattern(kind.words).search(words):
        return "its words"
    if pairs and _together(kind.substances, kind.with_words).search(words):
        return "its words"
    return ""


def _may_say(words: tuple[str, ...], text: str) -> bool:
    """False where no phrase can stand in the text, because not even the first word of one does. Far cheaper than a pattern."""
    return any(first in text for first in _firsts(words))


@cache
def _firsts(words: tuple[str, ...]) -> tuple[str, ...]:
    firsts = {re.split(r"[\s\-]+", word.casefold())[0] for word in words}
    return tuple(f for f in firsts if not any(other != f and other in f for other in firsts))


_CODES: dict[tuple[str, str, str], tuple[ProtectedKind, bool]] = {}  # of each kind, whether a code is one of its own
_MOST_CODES = 20_000


def _known_code(system: str, code: str, kind: ProtectedKind) -> bool:
    key = system, code, kind.id
    known = _CODES.get(key)
    if known is None or known[0] is not kind:
        if len(_CODES) >= _MOST_CODES:
            _CODES.clear()
        known = _CODES[key] = kind, _code_is_one(Coding(system, code), kind)
    return known[1]


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
            if isinstance(value, dict | list | tuple | Mapping):
                yield from _codings(value)
    elif isinstance(record, list | tuple):
        for value in record:
            yield from _codings(value)
    elif is_dataclass(record) and not isinstance(record, Origin):
        for each in _fields_of(record.__class__):
            value = getattr(record, each)
            if value and not isinstance(value, str | int | float):
                yield from _codings(value)


def _strings(record: Any, name: str = "", link: str = "") -> Iterator[tuple[str, str]]:
    """Every text a reader of the record would see; ids, addresses and references are none.

    What an intake question asks is said of nobody: only its answer counts (`topic_of`, `_spoken_links`). So the question's
    own words come with its `linkId`, for the kinds whose question it is; all others come with ''.
    """
    if isinstance(record, str):
        if name not in _NOT_WORDS_OF_THE_RECORD:
            yield record, link
    elif isinstance(record, Mapping):
        yield from _strings_of_object(record, link)
    elif isinstance(record, list | tuple):
        for value in record:
            yield from _strings(value, name, link)
    elif is_dataclass(record) and not isinstance(record, Origin | type):
        for each in _fields_of(record.__class__):
            value = getattr(record, each)
            if not value or (isinstance(record, Attestation) and each == "text"):
                continue
            if not isinstance(value, str):
                yield from _strings(value, each, link)
            elif each not in _NOT_WORDS_OF_THE_RECORD:
                yield value, link


def _strings_of_object(record: Mapping[Any, Any], link: str) -> Iterator[tuple[str, str]]:
    is_item, is_answered = "linkId" in record, "answer" in record
    for key, value in record.items():
        if key == "meta" or not isinstance(value, str | Mapping | list | tuple):
            continue
        if is_item and key in {"text", "linkId"}:
            if is_answered:
                yield from _strings(value, str(key), link or str(record["linkId"]))
        else:
            yield from _strings(value, str(key), link)


@cache
def _fields_of(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _searched(text: str) -> str:
    """Text as it is searched: one form of each letter, no accents, no invisible marks, no tags, lower case."""
    if text.isascii():
        return (re.sub(r"<[^>]{0,200}>", " ", text) if "<" in text else text).lower()
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
    if isinstance(resource, dict) and not any(isinstance(value, dict | list) for value in resource.values()):
        return  # most of a record are small objects of plain values
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
