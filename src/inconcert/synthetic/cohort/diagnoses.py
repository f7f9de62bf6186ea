"""What staging and the safety screen read in the diagnoses of the cohort, asked of those rooms once for each distinct case."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np

from inconcert.judgement import Answer
from inconcert.knowledge.safety import safety_items
from inconcert.knowledge.staging import DiagnosisCode, staging_book
from inconcert.record import CodeSystem, Coding, Condition, DateRange, Origin, Person
from inconcert.safety.evidence import Weight, evidence_for
from inconcert.synthetic.cohort.columns import NO_DAY, from_day
from inconcert.synthetic.cohort.draws import Flags, Ints
from inconcert.synthetic.cohort.people import Entries, Who
from inconcert.synthetic.cohort.shares import people_shares

NUMBER = {Answer.MET: 1, Answer.UNKNOWN: 0, Answer.NOT_MET: -1}
SEVERITIES = ("", "subsyndromal", "mild", "moderate", "severe")
_NOT_CURRENT = ("refuted", "entered-in-error", "provisional", "differential", "unconfirmed")


@dataclass(frozen=True, slots=True)
class PresentEpisode:
    """What `staging.find_episode` reads: onset (`NO_DAY` none), severity (number among SEVERITIES), answers 1, 0, -1.

    `polarity` is unipolar, bipolar, neither or unknown by its number in POLARITIES; `bipolar`: a bipolar code is current.
    """

    onset_first: Ints
    onset_last: Ints
    polarity: Ints
    severity: Ints
    psychotic: Ints
    recurrent: Ints
    bipolar: Flags

    @property
    def depression(self) -> Ints:
        """Whether the diagnosis is unipolar depression."""
        return np.array([1, -1, -1, 0])[self.polarity]


POLARITIES = ("unipolar", "bipolar", "neither", "unknown")
_TOLD = {"": -1, "unipolar depression": 0, "bipolar disorder": 1, "neither": 2}


def codings_of(code: str, *, snomed: bool) -> tuple[Coding, ...]:
    """The codings of an entry."""
    own = Coding(CodeSystem.ICD10CM, code)
    return (own, Coding(CodeSystem.SNOMED, people_shares().snomed_code)) if snomed else (own,)


@cache
def _read(code: str, *, snomed: bool) -> DiagnosisCode | None:
    return staging_book().diagnoses.read(codings_of(code, snomed=snomed))


def _feature(entry: Entries, name: str) -> Ints:
    """A number for each person's entry: what the reading of its code says of one feature."""
    table = np.array([[_numbered(_read(c, snomed=s), name) for s in (False, True)] for c in entry.codes])
    return table[entry.code, entry.snomed.astype(np.int64)]


def _numbered(code: DiagnosisCode | None, name: str) -> int:
    if code is None:
        return -2
    if name == "polarity":
        return POLARITIES.index(code.polarity)
    if name == "severity":
        return SEVERITIES.index(code.severity)
    if name == "full":
        return int(code.remission == "full")
    return NUMBER[getattr(code, name)]


def read_episode(who: Who) -> PresentEpisode:
    """The present episode of each person."""
    read = []
    for entry in who.depression:
        polarity = _feature(entry, "polarity")
        doubted = np.isin(entry.verification, [n for n, v in enumerate(entry.verifications) if v in _NOT_CURRENT])
        current = entry.there & (polarity >= 0) & ~doubted & (_feature(entry, "full") != 1)
        unipolar = current & (polarity == 0)
        onset_last = np.where(unipolar, entry.onset_last, NO_DAY)
        day = np.maximum(entry.recorded, np.minimum(entry.onset_last, who.as_of))
        read.append((entry, current & (polarity == 1), unipolar, onset_last, day))
    (one, bipolar_1, unipolar_1, _, day_1), (two, bipolar_2, unipolar_2, onset_2, day_2) = read
    assert bool((onset_2 == NO_DAY).all())  # noqa: S101 - an older entry gives no onset, so the present one decides
    swap = unipolar_2 & (~unipolar_1 | (day_2 > day_1))  # whose word counts first: the later recorded
    words = {}
    for name, none in (("severity", 0), ("psychotic", 0), ("recurrent", 0)):
        first = np.where(unipolar_1, _feature(one, name), none)
        second = np.where(unipolar_2, _feature(two, name), none)
        a, b = np.where(swap, second, first), np.where(swap, first, second)
        words[name] = np.where(a != none, a, b)
    told = np.array([_TOLD[w] for w in who.diagnosis_told.words])[who.diagnosis_told.number]
    bipolar = bipolar_1 | bipolar_2
    polarity = np.where(bipolar, 1, np.where(unipolar_1 | unipolar_2, 0, 3))
    severity = np.array([SEVERITIES.index(w) for w in who.severity_told.words])[who.severity_told.number]
    psychotic = np.where(
        who.psychotic_told.said("yes"), 1, np.where(who.psychotic_told.said("no"), -1, words["psychotic"])
    )
    by_word = who.onset_told_first != NO_DAY
    return PresentEpisode(
        onset_first=np.where(by_word, who.onset_told_first, np.where(unipolar_1, one.onset_first, NO_DAY)),
        onset_last=np.where(by_word, who.onset_told_last, np.where(unipolar_1, one.onset_last, NO_DAY)),
        polarity=np.where(told >= 0, told, polarity), severity=np.where(severity > 0, severity, words["severity"]),
        psychotic=psychotic, recurrent=words["recurrent"], bipolar=bipolar,
    )  # fmt: skip


def condition(
    name: str, code: str, *, snomed: bool, onset: DateRange | None, recorded: DateRange | None, ended: DateRange | None,
    verification: str,
) -> Condition:  # fmt: skip
    """The entry as a fact of the record."""
    return Condition(
        id=name, origin=Origin(resource=name), codings=codings_of(code, snomed=snomed),
        clinical_status="active" if ended is None else "resolved", verification_status=verification, onset=onset,
        recorded=recorded, abatement=ended,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What the diagnoses say of one hazard: for it, for it but not yet certain, against it."""

    present: Flags
    unsure: Flags
    absent: Flags


def seen_in_diagnoses(who: Who, items: tuple[str, ...]) -> dict[str, Seen]:
    """What each person's diagnoses say of each hazard of the screen."""
    people = len(who.born)
    found = {i: Seen(*(np.zeros(people, dtype=bool) for _ in range(3))) for i in items}
    for entry in (*who.depression, *who.comorbid):
        over = (entry.ended != NO_DAY).astype(np.int64)
        case = (entry.code, entry.snomed.astype(np.int64), entry.verification, over)
        for item in items:
            table = _weights(entry.codes, entry.verifications, who.as_of, item)
            if not table.any():
                continue
            ages = [_age(entry, who.as_of, _within(item, v)) for v in entry.verifications]
            weight = np.where(entry.there, table[(*case, np.choose(entry.verification, ages))], 0)
            seen = found[item]
            found[item] = Seen(seen.present | (weight == 1), seen.unsure | (weight == 2), seen.absent | (weight == 3))
    return found


_NUMBERED = {Weight.PRESENT: 1, Weight.UNCONFIRMED: 2, Weight.ABSENT: 3}
_AGES = 5  # undated; within the days that count; perhaps within; older; within, and perhaps after today


def _within(item: str, verification: str) -> int:
    """How many days an entry of a hazard speaks for; a number that every day is under where there is no limit."""
    rule = safety_items()[item]
    limits = {c.within_days for c in rule.detect.present if c.within_days is not None}
    if verification == "refuted":
        limits = {rule.good_for_days}
    if len(limits) > 1:
        raise ValueError(f"{item}: diagnoses that speak for {sorted(limits)} days; the cohort knows one number an item")
    return limits.pop() if limits else 1_000_000


def _age(entry: Entries, as_of: int, within: int) -> Ints:
    """Which of the five cases each entry's day is."""
    dated = entry.onset_first != NO_DAY
    first = np.where(dated, entry.onset_first, entry.recorded)
    last = np.where(dated, entry.onset_last, entry.recorded)
    recent = np.where(last > as_of, 4, 1)
    found = np.where(as_of - first <= within, recent, np.where(as_of - last <= within, 2, 3))
    return np.where(first == NO_DAY, 0, found)


def _example(age: int, as_of: int, within: int) -> DateRange | None:
    """A day of each of the five cases."""
    if age == 0:
        return None
    far = min(within, 10_000)
    first, last = {1: (0, 0), 2: (far + 1, far), 3: (far + 1, far + 1), 4: (0, -1)}[age]
    return DateRange(from_day(as_of - first), from_day(as_of - last))


@cache
def _weights(codes: tuple[str, ...], verifications: tuple[str, ...], as_of: int, item: str) -> np.ndarray:
    """Code x with SNOMED x verification x over x age of the entry -> what the safety room says of such an entry."""
    table = np.zeros((len(codes), 2, len(verifications), 2, _AGES), dtype=np.int64)
    today = from_day(as_of)
    for (c, code), (v, verification) in itertools.product(enumerate(codes), enumerate(verifications)):
        within = _within(item, verification)
        for snomed, over, age in itertools.product((0, 1), (0, 1), range(_AGES)):
            day = _example(age, as_of, within)
            ended = DateRange.of(today - timedelta(days=1)) if over else None
            entry = condition(
                "c", code, snomed=bool(snomed), onset=day, recorded=None, ended=ended, verification=verification
            )
            evidence = evidence_for(safety_items()[item], Person(id="p", conditions=(entry,)), today)
            table[c, snomed, v, over, age] = max((_NUMBERED.get(e.weight, 0) for e in evidence), default=0)
    return table
