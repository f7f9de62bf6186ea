"""Bad rows of a cohort that somebody else wrote: they are named, counted and left out; the good ones beside them go in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
from ibis import _
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from inconcert.judgement import Refusal
from inconcert.knowledge.drugs import drug_book
from inconcert.population.kleene import Flag
from inconcert.population.tables import ANSWER, columns_for
from inconcert.staging.types import TrialOutcome, TrialRole


@dataclass(frozen=True, slots=True)
class BadRows:
    """Rows left out: of which table, why, how many, of whom the first is, and what mends it."""

    table: str
    problem: str
    rows: int
    first_person: int | None
    mend: str

    def __str__(self) -> str:
        whom = f" (first: person {self.first_person})" if self.first_person is not None else ""
        return f"{self.table}: {self.rows:,} rows left out, {self.problem}{whom}. Mend: {self.mend}"


def sift(tables: dict[str, Table], connection: BaseBackend) -> tuple[dict[str, Table], tuple[BadRows, ...]]:
    """The tables without the rows that cannot be used, and an account of those.

    A trial that was left out makes its person's list of trials incomplete: a count too low then stays unknown.

    Raises:
        Refusal: a person stands twice, or has no number.
    """
    _check_people(tables["people"], connection)
    found: list[BadRows] = []
    kept = dict(tables)
    for name, table in tables.items():
        rules = _rules(name, table)
        if name != "people":
            others = tables["people"].select(known="person")
            joined = table.left_join(others, table.person == others.known)
            rules.append(("its person is not in people", _.known.isnull(), "Add the person, or take the rows out."))
        else:
            joined = table
        counts = _counts(joined, rules, connection)
        found += [
            BadRows(name, why, n, who, mend) for (why, _bad, mend), (n, who) in zip(rules, counts, strict=True) if n
        ]
        if not any(n for n, _who in counts):
            continue
        bad = _any([flag for (_why, flag, _mend), (n, _who) in zip(rules, counts, strict=True) if n])
        kept[name] = joined.filter(~bad).select(*table.columns)
        if name == "trials" and "history_complete" in tables["people"].columns:
            kept["people"] = _incomplete(tables["people"], joined.filter(bad))
    return kept, tuple(found)


def _check_people(people: Table, connection: BaseBackend) -> None:
    twice = people.group_by("person").aggregate(rows=_.count()).filter((_.rows > 1) | _.person.isnull()).limit(1)
    rows = connection.to_pyarrow(twice).to_pylist()
    if rows and rows[0]["person"] is None:
        raise Refusal(f"people: {rows[0]['rows']:,} rows have no person.", "Number every person, each once.")
    if rows:
        problem = f"people: person {rows[0]['person']} stands {rows[0]['rows']} times."
        raise Refusal(problem, "Keep one row of each person.")


Rule = tuple[str, Flag, str]


def _rules(name: str, table: Table) -> list[Rule]:
    """What makes a row of a table unusable."""
    rules: list[Rule] = []
    answers = [c.name for c in columns_for()[name] if c.type == ANSWER and c.name in table.columns]
    if answers:
        flag = _any([(~_[c].isin([-1, 0, 1])).coalesce(False) for c in answers])
        rules.append(("an answer is none of 1, 0 and -1", flag, "Write 1 for met, 0 for unknown, -1 for not met."))
    for column in (c for c in columns_for()[name] if c.required and c.name != "person" and c.name in table.columns):
        rules.append((f"{column.name} is missing", _[column.name].isnull(), f"Fill it in: {column.meaning}."))
    if name == "trials":
        rules += _trial_rules(table)
    if name == "scores":
        rules.append(("the lowest total is above the highest", (_.low > _.high).coalesce(False), "Swap or mend them."))
    if name == "people" and "birth_earliest" in table.columns and "birth_latest" in table.columns:
        flag = (_.birth_earliest > _.birth_latest).coalesce(False)
        rules.append(("the birth date ends before it begins", flag, "Swap or mend the two days."))
    return rules


def _trial_rules(table: Table) -> list[Rule]:
    rules: list[Rule] = [
        ("the drug is not in the drug book", ~_.drug.isin(list(drug_book().drugs)),
         "Write the generic name in English, in lower case: sertraline, venlafaxine."),
    ]  # fmt: skip
    for column, words in (("outcome", TrialOutcome), ("role", TrialRole)):
        if column in table.columns:
            known = [word.value for word in words]
            flag = (~_[column].isin(known)).coalesce(False)
            rules.append((f"{column} is no known word", flag, f"Use one of: {', '.join(known)}."))
    for column in [c for c in table.columns if c.endswith("weeks_low")]:
        high = column.removesuffix("low") + "high"
        flag = (_[column] < 0).coalesce(False)
        flag = flag | (_[column] > _[high]).coalesce(False) if high in table.columns else flag
        rules.append((f"{column} is negative or above {high}", flag, "Mend the bounds."))
    return rules


def _counts(table: Table, rules: list[Rule], connection: BaseBackend) -> list[tuple[int, int | None]]:
    if not rules:
        return []
    columns: dict[str, Any] = {}
    for number, (_why, flag, _mend) in enumerate(rules):
        columns[f"n{number}"] = flag.cast("int64").sum().coalesce(0)
        columns[f"who{number}"] = _.person.min(where=flag)
    row = connection.to_pyarrow(table.aggregate(**columns)).to_pylist()[0]
    return [(row[f"n{i}"] or 0, row[f"who{i}"]) for i in range(len(rules))]


def _any(flags: list[Flag]) -> Flag:
    whole = flags[0]
    for flag in flags[1:]:
        whole = whole | flag
    return whole


def _incomplete(people: Table, bad_trials: Table) -> Table:
    """The people, of whom those that lost a trial have no complete list of them any more."""
    lost = bad_trials.select(lost="person").distinct()
    joined = people.left_join(lost, people.person == lost.lost)
    whole = ibis.ifelse(joined.lost.notnull() & (joined.history_complete == 1), 0, joined.history_complete)
    return joined.mutate(history_complete=whole.cast("int8")).select(*people.columns)
