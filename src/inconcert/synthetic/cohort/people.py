"""Who the people are, what is diagnosed, and when the present episode began, as drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inconcert.synthetic.cohort.columns import NO_DAY, month_of, year_of
from inconcert.synthetic.cohort.draws import Draws, Flags, Ints
from inconcert.synthetic.cohort.shares import AnswerShares, PeopleShares, answer_shares, people_shares

_DAYS_OF_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Told:
    """An answer drawn from a few: its number among `words`; '' is one of them and stands for no answer."""

    number: Ints
    words: tuple[str, ...]

    def said(self, word: str) -> Flags:
        """Who gave this answer."""
        return (
            np.asarray(self.number == self.words.index(word))
            if word in self.words
            else np.zeros(len(self.number), bool)
        )


@dataclass(frozen=True, slots=True)
class Entries:
    """One diagnosis entry of each person: its code (number among `codes`) and days; `NO_DAY` where not written."""

    there: Flags
    code: Ints
    codes: tuple[str, ...]
    onset_first: Ints
    onset_last: Ints
    recorded: Ints
    ended: Ints
    verification: Ints
    verifications: tuple[str, ...]
    snomed: Flags


@dataclass(frozen=True, slots=True)
class Who:
    """The people: birth (first and last possible day), sex, state; their diagnoses; what is told of the episode."""

    as_of: int
    answered_on: Ints  # the day the clinic answered its questions
    born: Ints  # the true day, whatever is written
    birth_first: Ints
    birth_last: Ints
    sex: Told
    state: Told
    line: Told
    depression: tuple[Entries, Entries]  # the present entry, and an older one
    comorbid: tuple[Entries, ...]
    onset_told_first: Ints
    onset_told_last: Ints
    diagnosis_told: Told
    severity_told: Told
    psychotic_told: Told


def told(draws: Draws, decision: str, shares: dict[str, float], *place: int) -> Told:
    """An answer drawn by share."""
    return Told(draws.pick(decision, tuple(shares.values()), *place), tuple(shares))


def draw_who(draws: Draws, as_of: int) -> Who:
    """Draw the people as known on a day (days since 1970)."""
    shares, said = people_shares(), answer_shares()
    answered_on = as_of - draws.whole("answered on", said.days_ago)
    born, birth_first, birth_last, age = _birth(draws, as_of, shares)
    sex = told(draws, "sex", shares.sex)
    onset = as_of - np.floor(draws.spread("episode weeks", shares.episode_weeks) * 7).astype(np.int64) - 1
    written = told(draws, "onset written", shares.onset)
    present = _present(draws, as_of, onset, written, shares)
    onset_told = draws.happens("onset told", shares.onset_told)
    first, last = _written(onset, told(draws, "onset told as", {k: v for k, v in shares.onset.items() if k != "none"}))
    return Who(
        as_of=as_of, answered_on=answered_on, born=born, birth_first=birth_first, birth_last=birth_last, sex=sex,
        state=told(draws, "state", shares.state), line=told(draws, "line", shares.line_of_business),
        depression=(present, _older(draws, onset, shares)), comorbid=_comorbid(draws, as_of, age, sex, shares),
        onset_told_first=np.where(onset_told, first, NO_DAY), onset_told_last=np.where(onset_told, last, NO_DAY),
        **_said(draws, said),
    )  # fmt: skip


def _said(draws: Draws, said: AnswerShares) -> dict[str, Told]:
    return {
        "diagnosis_told": told(draws, "diagnosis told", said.diagnosis_told),
        "severity_told": told(draws, "severity told", said.severity_told),
        "psychotic_told": told(draws, "psychotic told", said.psychotic_told),
    }


def _birth(draws: Draws, as_of: int, shares: PeopleShares) -> tuple[Ints, Ints, Ints, Ints]:
    days = np.floor(draws.spread("age", shares.age_years) * _DAYS_OF_YEAR).astype(np.int64)
    birth = as_of - days
    first, last = year_of(birth)
    by_year = draws.happens("birth year only", shares.birth_year_only)
    missing = draws.happens("birth missing", shares.birth_missing)
    low = np.where(missing, NO_DAY, np.where(by_year, first, birth))
    high = np.where(missing, NO_DAY, np.where(by_year, last, birth))
    return birth, low, high, np.floor(days / _DAYS_OF_YEAR).astype(np.int64)


def _written(day: Ints, how: Told) -> tuple[Ints, Ints]:
    """First and last possible day of a day as written: exactly, by its month, by its year, or not at all."""
    month, year = month_of(day), year_of(day)
    choices = {"exact": (day, day), "month": month, "year": year, "none": (np.full_like(day, NO_DAY),) * 2}
    first = np.choose(how.number, [choices[w][0] for w in how.words])
    last = np.choose(how.number, [choices[w][1] for w in how.words])
    return first, last


def _present(draws: Draws, as_of: int, onset: Ints, written: Told, shares: PeopleShares) -> Entries:
    first, last = _written(onset, written)
    recorded = np.minimum(onset + draws.whole("recorded after", shares.recorded_after_onset_days), as_of)
    recorded = np.where(draws.happens("recorded missing", shares.recorded_missing), NO_DAY, recorded)
    verified = told(draws, "verification", shares.verification)
    return Entries(
        there=np.ones(len(onset), dtype=bool), code=draws.pick("primary code", tuple(shares.primary.values())),
        codes=tuple(shares.primary), onset_first=first, onset_last=last, recorded=recorded,
        ended=np.full_like(onset, NO_DAY), verification=verified.number, verifications=verified.words,
        snomed=draws.happens("also snomed", shares.also_snomed),
    )  # fmt: skip


def _older(draws: Draws, onset: Ints, shares: PeopleShares) -> Entries:
    low, high = shares.second_days_before
    day = onset - np.floor(low + draws.uniform("second day") * (high - low)).astype(np.int64)
    nobody = np.zeros(len(onset), dtype=bool)
    return Entries(
        there=draws.happens("second", shares.second_share), code=draws.pick("second code", tuple(shares.second.values())),
        codes=tuple(shares.second), onset_first=np.full_like(day, NO_DAY), onset_last=np.full_like(day, NO_DAY),
        recorded=day, ended=np.full_like(day, NO_DAY), verification=np.zeros_like(day), verifications=("confirmed",),
        snomed=nobody,
    )  # fmt: skip


def _comorbid(draws: Draws, as_of: int, age: Ints, sex: Told, shares: PeopleShares) -> tuple[Entries, ...]:
    found = []
    for entry in shares.comorbid:
        low, high = entry.days_ago
        there = draws.happens(f"has {entry.code}", entry.share) & (age >= entry.ages[0]) & (age <= entry.ages[1])
        if entry.sex:
            there &= sex.said(entry.sex)
        ago = np.floor(low + draws.uniform(f"since {entry.code}") * (high - low)).astype(np.int64)
        over = draws.happens(f"over {entry.code}", entry.over)
        none = np.zeros(len(ago), dtype=np.int64)
        found.append(Entries(
            there=there, code=none, codes=(entry.code,), onset_first=as_of - ago, onset_last=as_of - ago,
            recorded=as_of - ago, ended=np.where(over, as_of - ago // 2, NO_DAY), verification=none,
            verifications=("confirmed",), snomed=np.zeros(len(ago), dtype=bool),
        ))  # fmt: skip
    return tuple(found)
