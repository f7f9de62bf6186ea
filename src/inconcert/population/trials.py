"""Counting trials in tables, as `staging.counting` counts them for one person."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, reduce
from typing import Any

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr.types import Table

from inconcert.judgement import Answer
from inconcert.knowledge.drugs import drug_book
from inconcert.knowledge.staging import staging_rules
from inconcert.population.frame import Frame
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
from inconcert.staging.counting import TrialFilter
from inconcert.staging.rebuild import kind_of
from inconcert.staging.types import TrialOutcome, TrialRole

_BITS = 60  # drugs that one mask holds: an integer of 64 bits keeps its sign


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis publishes no types
def bit_count(number: int) -> int:  # type: ignore[empty-body]  # both engines have it built in
    """How many bits of a number are set."""


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]  # the same
def bit_or(numbers: int) -> int:  # type: ignore[empty-body]  # the same
    """Every bit that is set in any of them."""


_KINDS = {"antidepressant": 0, "augmenter": 1, "other": 2}
_OUTCOMES = {outcome.value: number for number, outcome in enumerate(TrialOutcome)}
_ROLES = {role.value: number for number, role in enumerate(TrialRole)}


@dataclass(frozen=True, slots=True)
class _Book:
    """The drug book in numbers: drugs by kind and name, each with a bit in one of the masks; classes."""

    drugs: dict[str, int]
    kinds: dict[str, int]
    classes: dict[str, int]
    class_of: dict[str, int]

    def bit(self, drug: str) -> tuple[int, int]:
        """Which mask a drug has its bit in, and the bit."""
        return self.drugs[drug] // _BITS, 1 << self.drugs[drug] % _BITS

    def of_kinds(self, kinds: frozenset[int]) -> list[str]:
        """The drugs of these kinds."""
        return [drug for drug in self.drugs if self.kinds[drug] in kinds]


@cache
def _book() -> _Book:
    listed = sorted(drug_book().drugs.values(), key=lambda d: (_KINDS[kind_of(d)], d.name))
    classes = {c: i for i, c in enumerate(sorted({d.drug_class for d in listed}))}
    return _Book(
        drugs={d.name: i for i, d in enumerate(listed)}, kinds={d.name: _KINDS[kind_of(d)] for d in listed}, classes=classes,
        class_of={d.name: classes[d.drug_class] for d in listed},
    )  # fmt: skip


def drug_book_table() -> pa.Table:
    """What is looked up for every trial: number, kind, class and bit of its drug."""
    book = _book()
    masks = range(-(-len(book.drugs) // _BITS))
    bits = {f"drug_bits_{m}": [book.bit(d)[1] if book.bit(d)[0] == m else 0 for d in book.drugs] for m in masks}
    return pa.table({
        "drug_in_book": list(book.drugs),
        "drug_no": pa.array(book.drugs.values(), pa.int16()),
        "kind_no": pa.array(book.kinds.values(), pa.int8()),
        "class_no": pa.array(book.class_of.values(), pa.int8()),
        **bits,
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
    kinds: frozenset[int]  # no drug of another kind can count

    @property
    def verdict(self) -> Any:
        """The column of answers in `trials`."""
        return self.frame.row("trials", self.key, ibis.literal(NOT_MET), self.level)

    def narrowed(self, name: Hashable, check: Tri, level: int | None = None) -> Count:
        """A count in which every trial must also pass a check; `name` tells this check from every other."""
        at = max(self.level, level or 0) + 1
        return made(self.frame, (self.key, name), all_of([self.verdict, check]), at, self.kinds)

    def surely_alone(self) -> Count:
        """That nothing else was taken follows from the record only where the list of trials is whole."""
        if isinstance(complete(self.frame), int):
            return self.narrowed("alone", UNKNOWN)

        def build(trials: Table, name: str) -> Table:
            people = self.frame.tables["people"].select(person_whole="person", **{name: _.history_complete})
            return trials.left_join(people, trials.person == people.person_whole).drop("person_whole")

        whole = self.frame.join_rows("trials", "whole", build, 0)
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
        return self.frame.join_rows("trials", ("bases", self.key), build, self.level).coalesce(NOT_MET)

    @property
    def drugs_low(self) -> Any:
        """Different drugs that count for certain; also the least number of trials."""
        return self._drugs(MET)

    @property
    def drugs_high(self) -> Any:
        """Different drugs that may count."""
        return self._drugs(UNKNOWN)

    @property
    def trials_high(self) -> Any:
        """Trials that may count."""
        return self._rows("may count", self.verdict >= UNKNOWN)

    @property
    def classes_low(self) -> Any:
        """Different classes of drugs that count for certain."""
        return self._classes(MET)

    @property
    def classes_high(self) -> Any:
        """Different classes of drugs that may count."""
        return self._classes(UNKNOWN)

    def each(self, name: str, condition: Flag) -> Flag:
        """Whether some trial counts for certain, and a condition holds of every one that does."""
        every = self._rows("sure", self.verdict == MET)
        those = self._rows(f"sure, {name}", (self.verdict == MET) & condition)
        return self.frame.after("trials", (self.key, "each", name), (every > 0) & (those == every), empty=False)

    def reaches(self, trials: int, drugs: int = 0, classes: int = 0) -> Tri:
        """Whether so many trials, of so many drugs, of so many classes count. As `CountResult.at_least`."""
        if "trials" not in self.frame.tables:
            return UNKNOWN
        low, high = self.drugs_low >= trials, self.trials_high < trials
        if drugs:
            low, high = low & (self.drugs_low >= drugs), high | (self.drugs_high < drugs)
        if classes:
            low, high = low & (self.classes_low >= classes), high | (self.classes_high < classes)
        # Enough for certain, too few whatever is still open, or neither: all that the person's row needs to know.
        found = ibis.cases((low, column(MET)), (high, column(NOT_MET)), else_=column(UNKNOWN))
        nobody = MET if trials <= 0 else NOT_MET
        enough = self.frame.after("trials", (self.key, trials, drugs, classes), found, empty=nobody)
        whole = complete(self.frame)
        if isinstance(whole, int):  # nobody attested that there are no more
            return when((enough == MET, MET), otherwise=UNKNOWN)
        return when((enough == MET, MET), ((enough == NOT_MET) & (whole == MET), NOT_MET), otherwise=UNKNOWN)

    def _drugs(self, floor: int) -> Any:
        return _sum(bit_count(mask) for mask in self._masks(floor).values())

    def _classes(self, floor: int) -> Any:
        """Of each class, whether any of its drugs is among those counted: a count over drugs tells that already."""
        book, masks = _book(), self._masks(floor)
        bits: dict[int, dict[int, int]] = {}
        for drug in book.of_kinds(self.kinds):
            place, bit = book.bit(drug)
            of_one = bits.setdefault(book.class_of[drug], {})
            of_one[place] = of_one.get(place, 0) | bit
        flags = []
        for of_one in bits.values():
            flag = _any((masks[place] & bit) != 0 for place, bit in of_one.items())
            flags.append(flag.cast("int8"))
        return _sum(flags)

    def _masks(self, floor: int) -> dict[int, Any]:
        """The bits of the drugs whose trials reach the floor, mask by mask."""
        places = sorted({_book().bit(drug)[0] for drug in _book().of_kinds(self.kinds)})
        verdict = self.verdict
        return {
            place: self.frame.over(
                "trials",
                (self.key, place, floor),
                bit_or(ibis.ifelse(verdict >= floor, _[f"drug_bits_{place}"], 0)),
                empty=0,
            )
            for place in places
        }

    def _rows(self, key: str, condition: Flag) -> Any:
        return self.frame.over("trials", (self.key, key), condition.cast("int64").sum(), empty=0, inner=True)


def complete(frame: Frame) -> Tri:
    """Whether the list of trials is attested whole."""
    return frame.answer_of_person("history_complete")


def _sum(numbers: Iterable[Any]) -> Any:
    first, *rest = numbers
    return sum(rest, first)


def _any(flags: Iterable[Flag]) -> Flag:
    return reduce(lambda a, b: a | b, flags)


def made(frame: Frame, key: Hashable, verdict: Tri, level: int, kinds: frozenset[int]) -> Count:
    """The count of a column of verdicts, none of which lets in a drug of another kind."""
    frame.row("trials", key, column(verdict), level)
    return Count(frame, key, level, kinds)


def counted(frame: Frame, *filters: TrialFilter) -> Count:
    """The count of the trials that pass any of the filters."""
    kinds = frozenset(_KINDS[k] for wanted in filters for k in wanted.kinds or _KINDS)
    return made(frame, filters, any_of([_passes(wanted, frame) for wanted in filters]), 0, kinds)


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
