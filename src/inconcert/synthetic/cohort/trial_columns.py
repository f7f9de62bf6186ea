"""The columns of `trials` and `added`, worked out for everybody at once by the rules of the staging room.

The person rule is the reference: tests hold every row made here against `rebuild_trials` over the same facts. What makes
this possible is the shape of the histories: one record a trial, one dose, and days that are sure, possible or neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from inconcert.judgement import Answer
from inconcert.knowledge.drugs import DrugMatch, drug_book
from inconcert.knowledge.policies import policies
from inconcert.knowledge.policy_schema import leaves_of
from inconcert.knowledge.policy_schema.tried import AdequateTrials
from inconcert.knowledge.staging import staging_rules
from inconcert.staging.adequacy import min_weeks_for
from inconcert.staging.outcome import outcome_of_improvement, outcome_of_words
from inconcert.staging.rebuild import kind_of
from inconcert.synthetic.cohort.columns import NO_DAY, Column, Table, answers, days_column, numbers, worded
from inconcert.synthetic.cohort.diagnoses import PresentEpisode
from inconcert.synthetic.cohort.drawn import Drawn
from inconcert.synthetic.cohort.draws import Flags, Floats, Ints
from inconcert.synthetic.cohort.inferred import infer_outcomes
from inconcert.synthetic.cohort.treatments import given_offset
from inconcert.synthetic.cohort.trials import KINDS, OUTCOMES, Trials, drug_names, drugs, stop_reasons

ENDS = ("unknown", "nonresponse", "partial", "response", "intolerance")
ROLES = ("monotherapy", "combination", "augmentation")


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weeks at least and at most; NaN where there is no bound, or no number at all."""

    low: Floats
    high: Floats

    def or_(self, other: Weeks, where: Flags) -> Weeks:
        """This, but the other where asked."""
        return Weeks(np.where(where, other.low, self.low), np.where(where, other.high, self.high))


@cache
def _book() -> dict[str, np.ndarray]:
    """What the drug book says of each drug of the cohort, by its number."""
    none = float("nan")
    rows = drugs()
    matched = [drug_book().look_up((), d.name) for d in rows]
    classes = sorted({d.drug_class for d in rows})
    ceiling = staging_rules().implausible_above_label_maximum_times
    return {
        "minimum": np.array([none if d.minimum_dose_mg is None else d.minimum_dose_mg for d in rows]),
        "label": np.array([none if d.label_max_mg is None else d.label_max_mg for d in rows]),
        "too_high": np.array([np.inf if d.label_max_mg is None else d.label_max_mg * ceiling for d in rows]),
        "weeks": np.array([min_weeks_for(d) for d in rows]),
        "by_level": np.array([d.judged_by_level is not None for d in rows]),
        "kind": np.array([("antidepressant", "augmenter", "other").index(kind_of(d)) for d in rows]),
        "class": np.array([classes.index(d.drug_class) for d in rows]),
        "counts": np.array([
            int(isinstance(m, DrugMatch) and m.counts_as_its_kind is Answer.MET and not d.ask_first)
            for d, m in zip(rows, matched, strict=True)
        ]),
    }  # fmt: skip


def in_order(trials: Trials) -> Trials:
    """The trials as the person rule lists them: by first possible day, then drug. Empty places come last."""
    key = np.where(trials.there, trials.possible_first * len(drug_names()) + trials.drug, 2**60)
    order = np.argsort(key, axis=1, kind="stable")
    return Trials(*(np.take_along_axis(getattr(trials, f), order, 1) for f in Trials.__dataclass_fields__))


def trial_tables(drawn: Drawn) -> tuple[Table, Table]:
    """The tables `trials` and `added`."""
    trials, book = in_order(drawn.trials), _book()
    ends = ended(trials, drawn.as_of)
    reach = _reach(trials.dose_mg, book["minimum"][trials.drug])
    wall = book["label"][trials.drug]
    span = _Spans.of(trials, None)
    total = _total(trials, span)
    at_dose = _at_dose(trials, span, total, reach)
    label = _where_known(span.run(_reach(trials.dose_mg, wall)), wall)
    since = _Spans.of(trials, drawn.episode)
    onset = np.broadcast_to(drawn.episode.onset_first[:, None] != NO_DAY, trials.there.shape)
    told = (trials.told_in_episode != 0) | ~onset
    in_episode = _taken_since(since).or_(total, told)
    episode_dose = since.run(reach).or_(at_dose, told | book["by_level"][trials.drug])
    episode_label = _where_known(since.run(_reach(trials.dose_mg, wall)), wall).or_(label, told)
    outcome, improvement = _outcomes(drawn, trials, ends, at_dose, book)
    bases, role, certain = _roles(trials, book)
    other_class = (bases & (book["class"][trials.drug][:, :, None] != book["class"][trials.drug][:, None, :])).any(
        axis=2
    )
    number = _numbered(trials)
    columns: Table = {
        "trial": worded(trials.drug * 2 + number, _trial_ids()),
        "drug": worded(trials.drug, drug_names()),
        "role": worded(role, ROLES),
        "role_certain": answers(certain),
        "counts": answers(book["counts"][trials.drug]),
        "end_earliest": days_column(ends.first),
        "end_latest": days_column(ends.last),
        "ongoing": answers(ends.ongoing),
        "in_episode": answers(_in_episode(trials, since, drawn.episode)),
        **_pair("", total), **_pair("adequate_", at_dose), **_pair("label_", label),
        **_pair("episode_", in_episode), **_pair("episode_adequate_", episode_dose), **_pair("episode_label_", episode_label),
        **_shares(trials, span, since, wall, told),
        "dose_adequate": answers(np.where(book["by_level"][trials.drug], 0, reach)),
        "reached_label_maximum": Column(trials.dose_mg >= wall),
        "adherence_percent": numbers(trials.adherence),
        "outcome": worded(outcome, ENDS),
        "improvement_percent": numbers(improvement),
        "augments_other_class": answers(np.where(other_class, 1, -1)),
        "by_mouth": Column(np.ones(trials.there.shape, dtype=bool)),
    }  # fmt: skip
    person = np.broadcast_to(drawn.numbers[:, None], trials.there.shape)
    kept = {"person": Column(person), **columns}
    return {n: _flat(c, trials.there) for n, c in kept.items()}, _added(drawn, trials, number, bases)


@cache
def _trial_ids() -> tuple[str, ...]:
    return tuple(f"trial.{name.replace(' ', '-')}.{n}" for name in drug_names() for n in (1, 2))


def _flat(column: Column, there: Flags) -> Column:
    return replace(
        column, values=column.values[there], missing=None if column.missing is None else column.missing[there]
    )


def _pair(prefix: str, weeks: Weeks) -> Table:
    return {f"{prefix}weeks_low": numbers(weeks.low), f"{prefix}weeks_high": numbers(weeks.high)}


def _numbered(trials: Trials) -> Ints:
    """1 where the drug was tried before, else 0."""
    number = np.zeros(trials.there.shape, dtype=np.int64)
    for k in range(1, trials.there.shape[1]):
        for before in range(k):
            number[:, k] |= trials.there[:, before] & (trials.drug[:, before] == trials.drug[:, k])
    return number


def _added(drawn: Drawn, trials: Trials, number: Ints, bases: Flags) -> Table:
    person, trial, base = np.nonzero(bases)
    name = trials.drug * 2 + number
    return {
        "person": Column(drawn.numbers[person]),
        "trial": worded(name[person, trial], _trial_ids()),
        "base": worded(name[person, base], _trial_ids()),
    }


# ── dose and length ──────────────────────────────────────────────────────────────────────────────────────────────────


def _reach(dose: Floats, least: Floats) -> Ints:
    """Whether a dose reaches another: 1, -1, or 0 where one of them is not known."""
    return np.where(np.isnan(dose) | np.isnan(least), 0, np.where(dose >= least, 1, -1))


@dataclass(frozen=True, slots=True)
class _Spans:
    """Days of the sure and the possible stretch, from some day on; `weeks` is a length told without a date."""

    sure: Ints
    possible: Ints
    weeks: Floats
    dose_known: Flags

    @classmethod
    def of(cls, trials: Trials, since: PresentEpisode | None) -> _Spans:
        """The stretches, all of them or since the episode began."""
        sure_from, possible_from = trials.sure_first, trials.possible_first
        crossed = trials.sure_first > trials.sure_last
        if since is not None:
            first, last = since.onset_first[:, None], since.onset_last[:, None]
            given = trials.kind == KINDS.index("given")
            sure_from = np.where(given, _first_given(trials, last), np.maximum(sure_from, last))
            possible_from = np.where(given, _first_given(trials, first), np.maximum(possible_from, first))
        weeks = np.where(trials.dated, np.nan, trials.weeks)
        sure = np.where(crossed, 0, np.maximum(trials.sure_last - sure_from + 1, 0))
        return cls(sure, np.maximum(trials.possible_last - possible_from + 1, 0), weeks, ~np.isnan(trials.dose_mg))

    def run(self, reach: Ints) -> Weeks:
        """Weeks at a dose that is reached (1), not reached (-1) or not known."""
        told = ~np.isnan(self.weeks)
        low = np.where(reach == 1, np.where(told, self.weeks, self.sure / 7), 0.0)
        return Weeks(low, np.where(reach == -1, 0.0, np.where(told, self.weeks, self.possible / 7)))


def _first_given(trials: Trials, since: Ints) -> Ints:
    """The day of the first dose on or after a day; the day after the last where none was."""
    found = trials.possible_last + 1
    most = int(trials.sessions.max(initial=0))
    for n in range(most - 1, -1, -1):
        day = trials.possible_first + given_offset(np.asarray(n))
        found = np.where((n < trials.sessions) & (day >= since), day, found)
    return found


def _total(trials: Trials, span: _Spans) -> Weeks:
    """Weeks taken at any dose; without a single date there is no upper bound."""
    told = ~np.isnan(span.weeks)
    low = np.where(trials.dated, span.sure / 7, np.where(told, span.weeks, 0.0))
    return Weeks(low, np.where(trials.dated, span.possible / 7, span.weeks))


def _taken_since(span: _Spans) -> Weeks:
    told = ~np.isnan(span.weeks)
    low = np.where(told, np.where(span.dose_known, span.weeks, 0.0), span.sure / 7)
    return Weeks(low, np.where(told, span.weeks, span.possible / 7))


def _at_dose(trials: Trials, span: _Spans, total: Weeks, reach: Ints) -> Weeks:
    found = span.run(reach)
    found = Weeks(found.low, np.where(np.isnan(total.high) & (found.high > 0), np.nan, found.high))
    by_level = _book()["by_level"][trials.drug]  # no serum level is on record in this cohort
    return found.or_(Weeks(np.zeros_like(total.low), total.high), by_level)


def _where_known(weeks: Weeks, wall: Floats) -> Weeks:
    none = np.full_like(wall, np.nan)
    return weeks.or_(Weeks(none, none), np.isnan(wall))


@cache
def shares_asked() -> tuple[float, ...]:
    """Every share of the label's highest dose, in percent, that a policy names."""
    leaves = (leaf for policy in policies().values() for tree in policy.trees() for leaf in leaves_of(tree))
    named = {leaf.dose_pct_of_label_max for leaf in leaves if isinstance(leaf, AdequateTrials)}
    return tuple(sorted(float(s) for s in named if s is not None))


def _shares(trials: Trials, span: _Spans, since: _Spans, wall: Floats, told: Flags) -> Table:
    """Weeks at a share of the label's highest dose."""
    found: Table = {}
    for share in shares_asked():
        reach = _reach(trials.dose_mg, share / 100 * wall)
        whole = _where_known(span.run(reach), wall)
        found |= _pair(f"share_{share:g}_", whole)
        found |= _pair(f"episode_share_{share:g}_", _where_known(since.run(reach), wall).or_(whole, told))
    return found


def _in_episode(trials: Trials, since: _Spans, episode: PresentEpisode) -> Ints:
    last = episode.onset_last[:, None]
    found = np.where(since.possible > 0, 0, -1)
    found = np.where((trials.possible_first >= last) | (since.sure > 0), 1, found)
    found = np.where((last == NO_DAY) | ~trials.dated, 0, found)
    return np.where(trials.told_in_episode != 0, trials.told_in_episode, found)


# ── end and outcome ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ends:
    """First and last possible day of the end (`NO_DAY` while it runs), and whether it runs."""

    first: Ints
    last: Ints
    ongoing: Ints


def ended(trials: Trials, as_of: int) -> Ends:
    """When each trial ended. As `staging.rebuild` says it."""
    sure = trials.sure_first <= trials.sure_last
    first = np.minimum(np.where(sure, trials.sure_last, trials.possible_first), trials.possible_last)
    runs = np.isin(trials.kind, [KINDS.index("current"), KINDS.index("open")])
    ongoing = np.where(runs, 1, np.where(trials.possible_last < as_of, -1, 0))
    return Ends(np.where(runs, NO_DAY, first), np.where(runs, NO_DAY, trials.possible_last), ongoing)


def _outcomes(
    drawn: Drawn, trials: Trials, ends: Ends, at_dose: Weeks, book: dict[str, np.ndarray]
) -> tuple[Ints, Floats]:
    """How each ended: as told, else by its improvement, else by the reason it was stopped for, else by scores."""
    by_reason = np.array([ENDS.index(outcome_of_words(r).value) for r in stop_reasons()] + [0])
    outcome = np.where(trials.outcome > 0, np.array([ENDS.index(o or "unknown") for o in OUTCOMES])[trials.outcome], 0)
    banded = np.where(np.isnan(trials.improvement), 0, _bands(trials.improvement))
    outcome = np.where(outcome > 0, outcome, np.where(banded > 0, banded, by_reason[trials.stop_reason]))
    improvement = np.where(outcome > 0, trials.improvement, np.nan)
    least = staging_rules().min_adherence_percent
    poor = trials.adherence < least
    open_ = trials.there & (outcome == 0) & (ends.ongoing == -1) & ~poor & (at_dose.low >= book["weeks"][trials.drug])
    found = infer_outcomes(
        drawn.scores, np.nonzero(open_), trials.possible_first, trials.sure_first, ends.first, ends.last
    )
    seen = ~np.isnan(found)
    outcome[open_] = np.where(seen, np.where(seen, _bands(found), 0), 0)
    improvement[open_] = found
    return outcome, improvement


def _bands(percent: Floats) -> Ints:
    """The outcome class of an improvement in percent, by the cuts of the staging rules."""
    cuts = staging_rules().outcome
    low, high = cuts.nonresponse_at_most_percent, cuts.response_at_least_percent
    classes = [ENDS.index(outcome_of_improvement(p).value) for p in (low, (low + high) / 2, high)]
    return np.where(percent <= low, classes[0], np.where(percent >= high, classes[2], classes[1]))


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _roles(trials: Trials, book: dict[str, np.ndarray]) -> tuple[Flags, Ints, Ints]:
    """Which trials each was added to, its role, and whether the dates settle that."""
    places = trials.there.shape[1]
    kind, least = book["kind"][trials.drug], staging_rules().combination_overlap_days
    bases = np.zeros((*trials.there.shape, places), dtype=bool)
    doubt = np.zeros(trials.there.shape, dtype=bool)
    for k in range(places):
        for other in range(places):
            if other == k:
                continue
            asked = trials.there[:, k] & trials.there[:, other] & (kind[:, k] != 2) & (kind[:, other] == 0)
            if other > k:  # of two antidepressants the one added later combines
                asked &= kind[:, k] != 0
            low, high = _overlap(trials, k, other)
            bases[:, k, other] = asked & (low >= least)
            doubt[:, k] |= asked & (low < least) & (high >= least)
    added = bases.any(axis=2)
    role = np.where(added, np.where(kind == 1, 2, 1), 0)
    return bases, role, np.where(doubt & ~added, 0, 1)


def _overlap(trials: Trials, k: int, other: int) -> tuple[Ints, Ints]:
    """Days on which both were taken: surely, and at most."""
    found = []
    for first, last in ((trials.sure_first, trials.sure_last), (trials.possible_first, trials.possible_last)):
        together = np.minimum(last[:, k], last[:, other]) - np.maximum(first[:, k], first[:, other]) + 1
        found.append(np.maximum(together, 0))
    return found[0], found[1]
