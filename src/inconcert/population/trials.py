"""Counting trials in tables, as `staging.counting` counts them for one person."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr.types import Table

from inconcert.judgement import Answer
from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.staging import staging_rules
from inconcert.population.frame import Frame, OfBases, OfPerson
from inconcert.population.kleene import (
    MET,
    NOT_MET,
    OF,
    UNKNOWN,
    Flag,
    Tri,
    all_of,
    any_of,
    at_least,
    column,
    when,
    yes_or_no,
)
from inconcert.population.tally import MOST_DRUGS
from inconcert.staging.counting import TrialFilter
from inconcert.staging.rebuild import kind_of
from inconcert.staging.types import TrialOutcome, TrialRole

_KINDS = {"antidepressant": 0, "augmenter": 1, "other": 2}
_OUTCOMES = {outcome.value: number for number, outcome in enumerate(TrialOutcome)}
_ROLES = {role.value: number for number, role in enumerate(TrialRole)}


@dataclass(frozen=True, slots=True)
class _Book:
    """The drug book in numbers: drugs by kind and name; classes."""

    drugs: dict[str, int]
    kinds: dict[str, int]
    classes: dict[str, int]
    class_of: dict[str, int]


@cache
def _book() -> _Book:
    listed = sorted(drug_book().drugs.values(), key=lambda d: (_KINDS[kind_of(d)], d.name))
    if len(listed) > MOST_DRUGS:
        raise ValueError(f"{len(listed)} drugs are more than a tally can count ({MOST_DRUGS}): widen its fields.")
    classes = {c: i for i, c in enumerate(sorted({d.drug_class for d in listed}))}
    return _Book(
        drugs={d.name: i for i, d in enumerate(listed)}, kinds={d.name: _KINDS[kind_of(d)] for d in listed}, classes=classes,
        class_of={d.name: classes[d.drug_class] for d in listed},
    )  # fmt: skip


def drug_book_table() -> pa.Table:
    """What is looked up for every trial: number, kind and class of its drug."""
    book = _book()
    return pa.table({
        "drug_in_book": list(book.drugs),
        "drug_no": pa.array(book.drugs.values(), pa.int16()),
        "kind_no": pa.array(book.kinds.values(), pa.int8()),
        "class_no": pa.array(book.class_of.values(), pa.int8()),
    })  # fmt: skip


def in_numbers(trials: Table, book: Table) -> Table:
    """The trials with words turned into numbers once, because every rule compares them again."""
    known = trials.join(book, trials.drug == book.drug_in_book).drop("drug_in_book", "drug")
    words = {"outcome": (_OUTCOMES, TrialOutcome.UNKNOWN.value), "role": (_ROLES, None)}
    for column_name, (numbers, blank) in words.items():
        if column_name in trials.columns:
            cases = ((_[column_name] == word, ibis.literal(number, "int8")) for word, number in numbers.items())
            otherwise = ibis.literal(numbers[blank], "int8") if blank is not None else ibis.null("int8")
            known = known.mutate(**{f"{column_name}_no": ibis.cases(*cases, else_=otherwise)}).drop(column_name)
    return known


def of_kind(*kinds: str) -> Flag:
    """Trials of drugs of these kinds."""
    return _.kind_no.isin([_KINDS[kind] for kind in sorted(kinds)])


def of_class(*classes: str) -> Flag:
    """Trials of drugs of these classes; a class that the drug book has no drug of has no trials."""
    return _.class_no.isin([_book().classes[c] for c in sorted(classes) if c in _book().classes])


def of_drug(*drugs: str) -> Flag:
    """Trials of these drugs."""
    return _.drug_no.isin([_book().drugs[d] for d in sorted(drugs) if d in _book().drugs])


def of_role(*roles: TrialRole) -> Flag:
    """Trials in which the drug had one of these roles."""
    return _.role_no.isin([_ROLES[role.value] for role in roles])


def of_outcome(*outcomes: TrialOutcome) -> Flag:
    """Trials that ended so."""
    return _.outcome_no.isin([_OUTCOMES[outcome.value] for outcome in outcomes])


@dataclass(frozen=True, slots=True)
class Count:
    """A count of trials, per person. `key` names the rule that made it, `verdict` the column of answers, one per trial.

    `level` is how many joins the column stands on.
    """

    frame: Frame
    key: Hashable
    level: int

    @property
    def verdict(self) -> Any:
        """The column of answers in `trials`."""
        return self.frame.row("trials", self.key, ibis.literal(NOT_MET), self.level)

    def narrowed(self, name: Hashable, check: Tri, level: int | None = None) -> Count:
        """A count in which every trial must also pass a check; `name` tells this check from every other."""
        at = max(self.level, level or 0) + 1
        return made(self.frame, (self.key, name), all_of([self.verdict, check]), at)

    def surely_alone(self) -> Count:
        """That nothing else was taken follows from the record only where the list of trials is whole."""
        if isinstance(complete(self.frame), int):
            return self.narrowed("alone", UNKNOWN)

        def build(trials: Table, name: str) -> Table:
            people = self.frame.tables["people"].select(person_whole="person", **{name: _.history_complete})
            return trials.left_join(people, trials.person == people.person_whole).drop("person_whole")

        whole = self.frame.join_rows("trials", "whole", OfPerson("history_complete"), build, 0)
        return self.narrowed("alone", when((whole == MET, MET), otherwise=UNKNOWN))

    def of_bases(self) -> Any:
        """Whether a trial was added to one that counts here, a column at the level after this count's."""
        verdict = self.verdict

        def build(trials: Table, name: str) -> Table:
            answers = trials.select("person", base="trial", **{name: verdict})
            links = self.frame.tables["added"].join(answers, ["person", "base"])
            best = links.group_by("person", "trial").aggregate(**{name: _[name].max()})
            best = best.rename(person_added="person", trial_added="trial")
            there = (trials.person == best.person_added) & (trials.trial == best.trial_added)
            return trials.left_join(best, there).drop("person_added", "trial_added")

        if "added" not in self.frame.tables:
            return ibis.literal(UNKNOWN)
        key = ("bases", self.key)
        return self.frame.join_rows("trials", key, OfBases(verdict), build, self.level).coalesce(NOT_MET)

    def each(self, name: str, condition: Flag) -> Flag:
        """Whether some trial counts for certain, and a condition holds of every one that does."""
        if "trials" not in self.frame.tables:
            return ibis.literal(False)
        tally, sure = self.frame.tally, self.verdict == MET
        failing = tally.some((self.key, "sure, but not", name), sure & ~condition)
        return (tally.drugs((self.key, MET), sure) > 0) & ~failing

    def reaches(self, trials: int, drugs: int = 0, classes: int = 0) -> Tri:
        """Whether so many trials, of so many drugs, of so many classes count. As `CountResult.at_least`."""
        if "trials" not in self.frame.tables:
            return UNKNOWN
        tally, sure, maybe = self.frame.tally, self.verdict == MET, self.verdict >= UNKNOWN
        # Counted for certain are different drugs, whatever is asked for: two trials of one drug may be one.
        low = tally.drugs((self.key, MET), sure) >= max(trials, drugs)
        # There are no fewer trials than drugs, so where as many drugs are asked for these alone can be too few.
        high = ibis.literal(False) if drugs >= trials else tally.trials((self.key, UNKNOWN), maybe) < trials
        if drugs:
            high = high | (tally.drugs((self.key, UNKNOWN), maybe) < drugs)
        if classes:
            low = low & (tally.classes((self.key, MET), sure) >= classes)
            high = high | (tally.classes((self.key, UNKNOWN), maybe) < classes)
        # Enough for certain, too few whatever is still open, or neither.
        enough = ibis.cases((low, column(MET)), (high, column(NOT_MET)), else_=column(UNKNOWN))
        whole = complete(self.frame)
        if isinstance(whole, int):  # nobody attested that there are no more
            return when((enough == MET, MET), otherwise=UNKNOWN)
        return when((enough == MET, MET), ((enough == NOT_MET) & (whole == MET), NOT_MET), otherwise=UNKNOWN)


def complete(frame: Frame) -> Tri:
    """Whether the list of trials is attested whole."""
    return frame.answer_of_person("history_complete")


def made(frame: Frame, key: Hashable, verdict: Tri, level: int) -> Count:
    """The count of a column of verdicts."""
    frame.row("trials", key, column(verdict), level)
    return Count(frame, key, level)


def counted(frame: Frame, *filters: TrialFilter) -> Count:
    """The count of the trials that pass any of the filters."""
    return made(frame, filters, any_of([_passes(wanted, frame) for wanted in filters]), 0)


def _passes(wanted: TrialFilter, frame: Frame) -> Tri:
    always = [_tri("counts")]
    if wanted.kinds:
        always.append(_in(of_kind(*wanted.kinds)))
    if wanted.drugs:
        always.append(_in(of_drug(*wanted.drugs)))
    if wanted.excluded_drugs:
        always.append(-_in(of_drug(*wanted.excluded_drugs)))
    if wanted.classes:
        always.append(_in(of_class(*wanted.classes)))
    if wanted.roles:
        always.append(when((_tri("role_certain") != MET, UNKNOWN), (of_role(*wanted.roles), MET), otherwise=NOT_MET))
    if wanted.scope == "current_episode":
        always.append(_tri("in_episode"))
    if wanted.within_days is not None:
        always.append(_recent(wanted.within_days, frame))
    if not wanted.include_ongoing:
        always.append(-_tri("ongoing"))
    ended = _ended(wanted)
    full = column(all_of([_dose_and_length(wanted), _adherence(wanted), MET if ended is None else ended]))
    if wanted.counts_intolerance is Answer.NOT_MET:
        return all_of([*always, full])
    by_intolerance = any_of([full, OF[wanted.counts_intolerance]])
    route = when(
        (of_outcome(TrialOutcome.INTOLERANCE), by_intolerance),
        (of_outcome(TrialOutcome.UNKNOWN) & (full != MET), UNKNOWN),
        otherwise=full,
    )
    return all_of([*always, route])


def _tri(name: str) -> Any:
    return _[name].coalesce(UNKNOWN)


def _in(flag: Flag) -> Tri:
    return when((flag, MET), otherwise=NOT_MET)


def _recent(within_days: int, frame: Frame) -> Tri:
    oldest = ibis.literal(frame.as_of - timedelta(days=within_days))
    return when(
        ((_.ongoing == MET) | (_.end_earliest >= oldest), MET), ((_.ongoing == NOT_MET) & (_.end_latest < oldest), NOT_MET),
        otherwise=UNKNOWN,
    )  # fmt: skip


def _dose_and_length(wanted: TrialFilter) -> Tri:
    if wanted.dose == "any" and wanted.min_weeks is None:
        return MET
    since = "episode_" if wanted.scope == "current_episode" else ""
    at = {"any": "", "minimum": "adequate_", "max_label": "label_"}[wanted.dose]
    return enough_weeks(_[f"{since}{at}weeks_low"], _[f"{since}{at}weeks_high"], wanted.min_weeks)


def enough_weeks(low: Any, high: Any, min_weeks: float | None) -> Tri:
    """Whether weeks known within bounds reach what is asked; where no number is asked, whether there were any at all."""
    if min_weeks is not None:
        return at_least(low, high, min_weeks)
    return when((low > 0, MET), (high == 0, NOT_MET), otherwise=UNKNOWN)


def _adherence(wanted: TrialFilter) -> Tri:
    known = _.adherence_percent
    if wanted.min_adherence_percent is None:
        # A rule silent on adherence still means drugs that were taken: a trial known to be poorly taken is undecided.
        return when((known < staging_rules().min_adherence_percent, UNKNOWN), otherwise=MET)
    return yes_or_no(known >= wanted.min_adherence_percent)


def _ended(wanted: TrialFilter) -> Tri | None:
    """What came of it. None where the rule does not ask."""
    percent = wanted.max_improvement_percent
    if not wanted.outcomes and percent is None:
        return None
    cases: list[tuple[Flag, Tri]] = [
        (of_outcome(TrialOutcome.UNKNOWN), UNKNOWN), (of_outcome(TrialOutcome.INTOLERANCE), NOT_MET),
    ]  # fmt: skip
    if percent is not None:
        cases.append((_.improvement_percent.notnull(), yes_or_no(_.improvement_percent <= percent)))
    if wanted.undecided_outcomes:
        cases.append((of_outcome(*wanted.undecided_outcomes), UNKNOWN))
    if wanted.outcomes:
        return when(*cases, otherwise=_in(of_outcome(*wanted.outcomes)))
    return when(*cases, *_bands(percent or 0.0), otherwise=UNKNOWN)


def _bands(percent: float) -> list[tuple[Flag, Tri]]:
    """Whether every improvement that an outcome class allows is at most `percent`."""
    cuts = staging_rules().outcome
    bands = {
        TrialOutcome.NONRESPONSE: (float("-inf"), cuts.nonresponse_at_most_percent),
        TrialOutcome.PARTIAL: (cuts.nonresponse_at_most_percent, cuts.response_at_least_percent),
        TrialOutcome.RESPONSE: (cuts.response_at_least_percent, 100.0),
    }
    return [
        (of_outcome(outcome), MET if high <= percent else NOT_MET if low >= percent else UNKNOWN)
        for outcome, (low, high) in bands.items()
    ]
