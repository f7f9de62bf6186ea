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
from inconcert.staging.types import TrialOutcome

_BITS = 60  # drugs that one mask holds: an integer of 64 bits keeps its sign


@ibis.udf.scalar.builtin
def bit_count(number: int) -> int:  # type: ignore[empty-body]  # both engines have it built in
    """How many bits of a number are set."""


@ibis.udf.agg.builtin
def bit_or(numbers: int) -> int:  # type: ignore[empty-body]  # the same
    """Every bit that is set in any of them."""


@cache
def _masks() -> tuple[str, ...]:
    return tuple(f"drug_bits_{i}" for i in range(-(-len(drug_book().drugs) // _BITS)))


def drug_book_table() -> pa.Table:
    """What the drug book knows of each drug: kind, class, and bits by which different drugs and classes are counted."""
    rows: dict[str, list[Any]] = {c: [] for c in ("drug_in_book", "kind", "drug_class", "class_bit", *_masks())}
    classes = {c: i for i, c in enumerate(sorted({d.drug_class for d in drug_book().drugs.values()}))}
    for number, drug in enumerate(drug_book().drugs.values()):
        rows["drug_in_book"].append(drug.name)
        rows["kind"].append(kind_of(drug))
        rows["drug_class"].append(drug.drug_class)
        rows["class_bit"].append(1 << classes[drug.drug_class])
        for place, mask in enumerate(_masks()):
            rows[mask].append(1 << (number % _BITS) if number // _BITS == place else 0)
    return pa.table(rows)


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
        return bit_count(self._mask("class_bit", MET))

    @property
    def classes_high(self) -> Any:
        """Different classes of drugs that may count."""
        return bit_count(self._mask("class_bit", UNKNOWN))

    def sure(self, key: str, condition: Flag) -> Any:
        """Trials that count for certain and of which a condition holds too."""
        return self._rows(f"sure, {key}", (self.verdict == MET) & condition)

    def reaches(self, trials: int, drugs: int = 0, classes: int = 0) -> Tri:
        """Whether so many trials, of so many drugs, of so many classes count. As `CountResult.at_least`."""
        if "trials" not in self.frame.tables:
            return UNKNOWN
        parts = [self._reached(trials, self.drugs_low, self.trials_high)]
        if drugs:
            parts.append(self._reached(drugs, self.drugs_low, self.drugs_high))
        if classes:
            parts.append(self._reached(classes, self.classes_low, self.classes_high))
        return all_of(parts)

    def _reached(self, need: int, low: Any, high: Any) -> Tri:
        whole = complete(self.frame)
        if isinstance(whole, int):  # nobody attested it
            return when((low >= need, MET), otherwise=UNKNOWN)
        return when((low >= need, MET), ((high < need) & (whole == MET), NOT_MET), otherwise=UNKNOWN)

    def _drugs(self, floor: int) -> Any:
        first, *rest = _masks()
        return sum((bit_count(self._mask(m, floor)) for m in rest), bit_count(self._mask(first, floor)))

    def _mask(self, bits: str, floor: int) -> Any:
        verdict = self.verdict
        return self.frame.over(
            "trials", (self.key, bits, floor), bit_or(ibis.ifelse(verdict >= floor, _[bits], 0)), empty=0
        )

    def _rows(self, key: str, condition: Flag) -> Any:
        return self.frame.over("trials", (self.key, key), condition.cast("int64").sum(), empty=0)


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
        always.append(_in(_.kind, wanted.kinds))
    if wanted.drugs:
        always.append(_in(_.drug, wanted.drugs))
    if wanted.excluded_drugs:
        always.append(-_in(_.drug, wanted.excluded_drugs))
    if wanted.classes:
        always.append(_in(_.drug_class, wanted.classes))
    if wanted.roles:
        roles = [r.value for r in wanted.roles]
        always.append(when((_tri("role_certain") != MET, UNKNOWN), (_.role.isin(roles), MET), otherwise=NOT_MET))
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
        (_outcome() == TrialOutcome.INTOLERANCE.value, by_intolerance),
        ((_outcome() == TrialOutcome.UNKNOWN.value) & (full != MET), UNKNOWN),
        otherwise=full,
    )
    return all_of([*always, route])


def _tri(name: str) -> Any:
    return _[name].coalesce(UNKNOWN)


def _in(name: Any, words: Any) -> Tri:
    return when((name.isin(sorted(words)), MET), otherwise=NOT_MET)


def _outcome() -> Any:
    return _.outcome.coalesce(TrialOutcome.UNKNOWN.value)


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
        (_outcome() == TrialOutcome.UNKNOWN.value, UNKNOWN), (_outcome() == TrialOutcome.INTOLERANCE.value, NOT_MET),
    ]  # fmt: skip
    if percent is not None:
        cases.append((_.improvement_percent.notnull(), yes_or_no(_.improvement_percent <= percent)))
    if wanted.undecided_outcomes:
        cases.append((_outcome().isin([o.value for o in wanted.undecided_outcomes]), UNKNOWN))
    if wanted.outcomes:
        return when(*cases, otherwise=_in(_outcome(), {o.value for o in wanted.outcomes}))
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
        (_outcome() == outcome.value, MET if high <= percent else NOT_MET if low >= percent else UNKNOWN)
        for outcome, (low, high) in bands.items()
    ]
