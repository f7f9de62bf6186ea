"""The tables of a cohort, column by column, from what was drawn. Their meaning is that of `population.tables`."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from inconcert.knowledge.safety import safety_items, suicide_file
from inconcert.record import DateRange, Moment, Origin, Person, ScaleForm
from inconcert.safety.suicide import assess_suicide
from inconcert.synthetic.cohort.answered import NO, YES, Answered
from inconcert.synthetic.cohort.columns import NO_DAY, Column, Table, answers, days_column, from_day, numbers, worded
from inconcert.synthetic.cohort.diagnoses import POLARITIES, SEVERITIES, seen_in_diagnoses
from inconcert.synthetic.cohort.drawn import Drawn, draw
from inconcert.synthetic.cohort.draws import Floats, Ints
from inconcert.synthetic.cohort.measured import weight_kg
from inconcert.synthetic.cohort.people import Told
from inconcert.synthetic.cohort.scores import BLANK_ITEM, PHQ9_HIGHEST_ITEM, phq9_others
from inconcert.synthetic.cohort.shares import people_shares
from inconcert.synthetic.cohort.treatments import given_offset, tms_day
from inconcert.synthetic.cohort.trial_columns import trial_tables
from inconcert.synthetic.cohort.trials import drug_names

LEVELS = ("unknown", "none", "yellow", "amber", "red")


def person_id(number: int) -> str:
    """The id of an invented person."""
    return f"invented-{number}"


def tables(seed: int, as_of: int, people: range) -> dict[str, Table]:
    """Every table of these people: name -> column -> values. `as_of` in days since 1970."""
    drawn = draw(seed, as_of, people)
    trials, added = trial_tables(drawn)
    return {
        "people": _people(drawn), "trials": trials, "scores": _scores(drawn), "diagnoses": _diagnoses(drawn), "added": added,
        "treatments": _treatments(drawn), "open_drugs": _open_drugs(drawn), "measurements": _measurements(drawn), "screen": _screen(drawn),
        "answers": _answers(drawn),
    }  # fmt: skip


def _people(drawn: Drawn) -> Table:
    who, episode, given = drawn.who, drawn.episode, drawn.treatments
    states = tuple(f"US-{s}" if s else "" for s in who.state.words)
    therapy = np.where(given.psychotherapy_on != NO_DAY, 1, _yes_no(given.psychotherapy_told))
    ect = np.where(given.ect_on != NO_DAY, 1, _yes_no(given.ect_told))
    failed = _yes_no(given.ect_failed_told)
    return {
        "person": Column(drawn.numbers),
        "person_id": Column(np.char.add("invented-", drawn.numbers.astype("U"))),
        "birth_earliest": days_column(who.birth_first),
        "birth_latest": days_column(who.birth_last),
        "depression": answers(episode.depression),
        "polarity": worded(episode.polarity, POLARITIES),
        "severity": worded(episode.severity, SEVERITIES),
        "psychotic": answers(episode.psychotic),
        "recurrent": answers(episode.recurrent),
        "history_complete": answers(_whole(drawn)),
        "psychotherapy": answers(therapy),
        "ect_failed": answers(np.where((failed == 0) & (ect == -1), -1, failed)),
        "suicide_level": worded(_suicide_level(drawn), LEVELS),
        "episode_earliest": days_column(episode.onset_first),
        "episode_latest": days_column(episode.onset_last),
        "home_state": worded(np.where(who.state.said(""), -1, who.state.number), states),
        "sex": worded(who.sex.number, who.sex.words),
    }


def _yes_no(told: Told) -> Ints:
    return np.array([{"yes": 1, "no": -1}.get(w, 0) for w in told.words])[told.number].astype(np.int64)


def _whole(drawn: Drawn) -> Ints:
    said = _yes_no(drawn.whole.said)
    wrong = ~np.isnan(drawn.whole.counted) & (drawn.whole.counted != drawn.whole.drugs)
    return np.where((said == 1) & wrong, 0, said)


# ── suicide screen ───────────────────────────────────────────────────────────────────────────────────────────────────


def _suicide_level(drawn: Drawn) -> Ints:
    """The highest level that a form in date shows, asked of the safety room once for each distinct form."""
    scores, days = drawn.scores, suicide_file().good_for_days
    fresh = (scores.screened_on != NO_DAY) & (drawn.as_of - scores.screened_on <= days["cssrs-screener"])
    screened = np.array([_screened(pattern) for pattern in scores.screen.words])[scores.screen.number]
    level = np.where(fresh, screened, 0)
    total = scores.total["phq9"]
    there = ~np.isnan(total) & (drawn.as_of - scores.days <= days["phq9"])
    whole = np.nan_to_num(total).astype(np.int64)
    bare = np.array([_by_phq9(t, None) for t in range(28)])
    by_item = np.array([_by_phq9(None, i) for i in range(PHQ9_HIGHEST_ITEM + 1)])
    shown = np.where(there, np.where(scores.items, by_item[scores.item_9], bare[whole]), 0)
    highest: Ints = np.maximum(level, shown.max(axis=1, initial=0))
    return highest


@cache
def _screened(pattern: str) -> int:
    items = {k: float(k in pattern.split()) for k in ("1", "2", "3", "4", "5", "6", "6b")}
    return _level(ScaleForm(scale="cssrs-screener", items=tuple(items.items()), **_today()))


@cache
def _by_phq9(total: int | None, item_9: int | None) -> int:
    if total is not None:
        return _level(ScaleForm(scale="phq9", stated_total=float(total), **_today()))
    items = {str(n): 1.0 for n in range(1, 9)} | {"9": float(item_9 or 0)}
    return _level(ScaleForm(scale="phq9", items=tuple(items.items()), **_today()))


_SOME_DAY = from_day(20000)


def _today() -> dict[str, Any]:
    return {"id": "f", "origin": Origin(resource="f"), "taken": Moment(DateRange.of(_SOME_DAY))}


def _level(form: ScaleForm) -> int:
    return LEVELS.index(assess_suicide(Person(id="p", scale_forms=(form,)), _SOME_DAY).level)


# ── long tables ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _scores(drawn: Drawn) -> Table:
    scores = drawn.scores
    names = tuple(sorted(scores.total))  # at one visit forms order by their names
    total = np.stack([scores.total[n] for n in names], axis=2)
    there = ~np.isnan(total)
    person, visit, scale = np.nonzero(there)
    value = total[there]
    blank = (scale == names.index("phq9")) & scores.blank[person, visit]
    item = _blank_item(scores.total["phq9"], scores.item_9)[person, visit]
    low = np.where(blank, value - item, value)
    return {
        "person": Column(drawn.numbers[person]),
        "scale": worded(scale, names),
        "low": Column(low),
        "high": Column(np.where(blank, low + PHQ9_HIGHEST_ITEM, value)),
        "day": days_column(scores.days[person, visit]),
        "place": Column(_place(person).astype(np.int32)),
    }


def _blank_item(total: Floats, item_9: Ints) -> Ints:
    return phq9_others(np.nan_to_num(total).astype(np.int64), item_9)[int(BLANK_ITEM) - 1]


def _place(person: Ints) -> Ints:
    """0, 1, 2 ... along the rows of each person; the rows of one stand together."""
    if not len(person):
        return person
    starts = np.flatnonzero(np.r_[True, person[1:] != person[:-1]])
    return np.arange(len(person)) - np.repeat(starts, np.diff(np.r_[starts, len(person)]))


def _diagnoses(drawn: Drawn) -> Table:
    """A row for each coding of each entry, entry by entry."""
    who, people = drawn.who, len(drawn.numbers)
    entries = (*who.depression, *who.comorbid)
    codes = (*dict.fromkeys(c for e in entries for c in e.codes), people_shares().snomed_code)
    there, code, began, recorded, ended, refuted, snomed = [], [], [], [], [], [], []
    for entry in entries:
        own = np.array([codes.index(c) for c in entry.codes])[entry.code]
        bad = np.isin(entry.verification, [n for n, v in enumerate(entry.verifications) if v == "refuted"])
        for second in (False, True) if entry.snomed.any() or entry is who.depression[0] else (False,):
            there.append(entry.there & (entry.snomed if second else True))
            code.append(np.full(people, len(codes) - 1) if second else own)
            began.append(np.where(entry.onset_first == NO_DAY, entry.recorded, entry.onset_first))
            recorded.append(entry.recorded)
            ended.append(entry.ended)
            refuted.append(bad)
            snomed.append(np.full(people, int(second)))
    keep = np.stack(there, axis=1)
    over = np.stack(ended, axis=1)[keep]
    return {
        "person": Column(np.broadcast_to(drawn.numbers[:, None], keep.shape)[keep]),
        "system": worded(np.stack(snomed, axis=1)[keep], ("icd10", "snomed")),
        "code": worded(np.stack(code, axis=1)[keep], codes),
        "began_earliest": days_column(np.stack(began, axis=1)[keep]),
        "recorded_earliest": days_column(np.stack(recorded, axis=1)[keep]),
        "ended_earliest": days_column(over),
        "clinical_status": worded((over != NO_DAY).astype(np.int64), ("active", "resolved")),
        "refuted": Column(np.stack(refuted, axis=1)[keep]),
        "in_error": Column(np.zeros(len(over), dtype=bool)),
    }


def _treatments(drawn: Drawn) -> Table:
    given, names = drawn.treatments, drug_names()
    services = ("tms", *names)
    tms, tms_number = _each(given.tms_sessions)
    ketamine, number = _each(given.given_sessions)
    first = given.given_last - given_offset(np.maximum(given.given_sessions - 1, 0))
    person = np.r_[tms, ketamine]
    day = np.r_[
        tms_day(tms_number, given.tms_sessions[tms], given.tms_last[tms]), first[ketamine] + given_offset(number)
    ]
    order = np.argsort(person, kind="stable")
    place, service = np.r_[tms_number, number], np.r_[np.zeros(len(tms), np.int64), given.given_drug[ketamine] + 1]
    days = days_column(day[order].astype(np.int64))
    return {
        "person": Column(drawn.numbers[person[order]]), "service": worded(service[order].astype(np.int64), services),
        "day_earliest": days, "day_latest": days, "place": Column(place[order].astype(np.int32)),
    }  # fmt: skip


def _open_drugs(drawn: Drawn) -> Table:
    given = drawn.treatments
    there = given.open_since != NO_DAY
    return {"person": Column(drawn.numbers[there]), "drug": worded(given.open_drug[there], drug_names())}


def _each(count: Ints) -> tuple[Ints, Ints]:
    """Each person as often as something happened, and which time it was, from 0."""
    person = np.repeat(np.arange(len(count)), count)
    return person, _place(person)


MEASURES = ("body_weight_kg", "diastolic_mmhg", "systolic_mmhg")


def _measurements(drawn: Drawn) -> Table:
    given = drawn.treatments
    columns = (
        (weight_kg(given), given.weight_on),
        (given.diastolic, given.pressure_on),
        (given.systolic, given.pressure_on),
    )
    value = np.stack([v for v, _ in columns], axis=1)
    day = np.stack([d for _, d in columns], axis=1)
    there = ~np.isnan(value)
    person, measure = np.nonzero(there)
    return {
        "person": Column(drawn.numbers[person]), "measure": worded(measure, MEASURES), "value": Column(value[there]),
        "day": days_column(day[there]),
    }  # fmt: skip


# ── one row a person ─────────────────────────────────────────────────────────────────────────────────────────────────


def screened_items() -> tuple[str, ...]:
    """The hazards that are found in records and answers."""
    return tuple(i.id for i in safety_items().values() if i.test == "record")


def _screen(drawn: Drawn) -> Table:
    """As `safety.judging.settle` puts records and answers together."""
    items = tuple(i for i in screened_items() if i != "bipolar")
    seen = seen_in_diagnoses(drawn.who, items)
    said = {a.question: a.yes_no for a in drawn.answers if a.yes_no is not None}
    age = _least_age(drawn)
    old = drawn.as_of - drawn.who.answered_on
    table: Table = {"person": Column(drawn.numbers)}
    for name in items:
        item, found = safety_items()[name], seen[name]
        answer = said.get(item.question, np.zeros(len(age), dtype=np.int64))
        yes, no = (YES, NO) if item.clears_on == "no" else (NO, YES)
        in_date = old <= item.good_for_days
        present = found.present | ((answer == yes) & (True if item.lasting else in_date))
        denied = found.absent | ((answer == no) & in_date)
        if item.not_applicable is not None:
            rule = item.not_applicable
            for sex in rule.sexes:
                denied |= drawn.who.sex.said(sex)
            if rule.age_at_least is not None:
                denied |= age >= rule.age_at_least
        table[name] = answers(np.where(present | (found.unsure & denied), 1, np.where(denied, -1, 0)))
    return table


def _least_age(drawn: Drawn) -> Ints:
    """Whole years of age, at the latest birth that is possible; -1 where none is known."""
    birth = drawn.who.birth_last
    known = birth != NO_DAY
    day = np.where(known, birth, 0).astype("datetime64[D]")
    year, month = day.astype("datetime64[Y]"), day.astype("datetime64[M]")
    today = from_day(drawn.as_of)
    month_number = (month - year.astype("datetime64[M]")).astype(np.int64) + 1
    day_number = (day - month.astype("datetime64[D]")).astype(np.int64) + 1
    had = (today.month > month_number) | ((today.month == month_number) & (today.day >= day_number))
    return np.where(known, today.year - (year.astype(np.int64) + 1970) - np.where(had, 0, 1), -1)


def _answers(drawn: Drawn) -> Table:
    table: Table = {"person": Column(drawn.numbers)}
    on = days_column(drawn.who.answered_on)
    for answered in drawn.answers:
        if answered.question.startswith("payers."):
            column, there = _answered(answered)
            table[answered.question] = column
            table[f"{answered.question}@day"] = Column(on.values, ~there, days=True)
    return table


def _answered(answered: Answered) -> tuple[Column, np.ndarray]:
    if answered.yes_no is not None:
        there = (answered.yes_no == YES) | (answered.yes_no == NO)
        return Column(answered.yes_no.astype(np.int8), ~there), there
    if answered.number is not None:
        return numbers(answered.number), ~np.isnan(answered.number)
    assert answered.choice is not None  # noqa: S101 - it is of one of three kinds
    return worded(answered.choice, answered.choices), answered.choice >= 0
