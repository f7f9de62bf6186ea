"""What if a policy asked something else: who gains, who loses, and how much sooner the trials would have sufficed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ibis
import msgspec
from ibis import _
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from inconcert.judgement import Refusal
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import AllOf, AnyOf, Leaf, LeafNode, Node, Not, leaves_of
from inconcert.knowledge.policy_schema.leaves import LEAVES
from inconcert.knowledge.policy_schema.tree import TreeProblem, convert_struct, nearest
from inconcert.knowledge.policy_schema.tried import AdequateTrials
from inconcert.knowledge.strict_yaml import KnowledgeError, parse
from inconcert.payers.criteria import trials as rules
from inconcert.payers.determination import facts_of
from inconcert.population.compile import Compiled
from inconcert.population.cover import Asked
from inconcert.population.criteria.trials import base_filter, main_count
from inconcert.population.kleene import MET, NAMES
from inconcert.population.place import Place

# Short words for what is set most.
SHORT = {"trials": "adequate_antidepressant_trials", "augmentation": "augmentation_trials", "score": "severity_score",
         "psychotherapy": "psychotherapy_trial", "intolerance": "medication_intolerance"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One thing set otherwise: `trials.at_least=2`."""

    fact: str
    field: str
    value: Any

    def __str__(self) -> str:
        return f"{self.fact}.{self.field}={self.value}"


@dataclass(frozen=True, slots=True)
class Gain:
    """What a change does to one policy. Counts are people; days are medians.

    `moved` counts pairs of answers before and after. `sooner_days`: for those whose trials suffice under both rules, how many
    days earlier they sufficed under the new one; `already_days`: for those whose trials suffice only under the new one,
    for how many days they had sufficed on the day asked about. None where the change is not about trials, or nobody is.
    Both are counted on the last day of the trial that made the number full (the day asked about, while it runs).
    """

    policy_id: str
    service: str
    touched: bool
    moved: dict[tuple[int, int], int]
    sooner_days: float | None
    sooner_people: int
    already_days: float | None
    already_people: int

    @property
    def gains(self) -> int:
        """People met after and not before."""
        return sum(n for (before, after), n in self.moved.items() if after == MET and before != MET)

    @property
    def loses(self) -> int:
        """People met before and not after."""
        return sum(n for (before, after), n in self.moved.items() if before == MET and after != MET)


def read_change(text: str) -> Change:
    """Read `fact.field=value`.

    Raises:
        Refusal: it is not of that form, or names no fact or field of the policy language.
    """
    name, sign, value = text.partition("=")
    fact, dot, field = name.strip().partition(".")
    if not (sign and dot and field and value):
        raise Refusal(f"{text!r} sets nothing.", "Write fact.field=value, such as trials.at_least=2.")
    fact = SHORT.get(fact, fact)
    kind = LEAVES.get(fact)
    if kind is None:
        raise Refusal(
            f"No fact is called {fact!r}.{nearest(fact, (*SHORT, *LEAVES))}", "Use a fact of the policy language."
        )
    fields = [f.encode_name for f in msgspec.structs.fields(kind)]
    if field not in fields:
        raise Refusal(f"{fact!r} has no field {field!r}.{nearest(field, fields)}", f"Its fields: {', '.join(fields)}.")
    try:
        return Change(fact, field, parse(value, "--set"))
    except KnowledgeError as error:
        raise Refusal(f"{text!r}: {error.problem}", error.mend) from error


def changed(policy: CoveragePolicy, changes: tuple[Change, ...]) -> CoveragePolicy:
    """The policy with every criterion of the facts named set otherwise; the same object where it has none.

    Raises:
        Refusal: the value cannot stand there.
    """
    criteria = _changed(policy.criteria, changes, policy)
    return policy if criteria is policy.criteria else dataclasses.replace(policy, criteria=criteria)


def _changed(node: Node, changes: tuple[Change, ...], policy: CoveragePolicy) -> Node:
    if isinstance(node, LeafNode):
        leaf = node.leaf
        for change in changes:
            if leaf.fact == change.fact:
                leaf = _set(leaf, change, policy)
        return node if leaf is node.leaf else dataclasses.replace(node, leaf=leaf)
    if isinstance(node, Not):
        part = _changed(node.part, changes, policy)
        unless = _changed(node.unless, changes, policy) if node.unless is not None else None
        same = part is node.part and unless is node.unless
        return node if same else dataclasses.replace(node, part=part, unless=unless)
    if isinstance(node, AllOf | AnyOf):
        parts = tuple(_changed(part, changes, policy) for part in node.parts)
        same = all(a is b for a, b in zip(parts, node.parts, strict=True))
        return node if same else dataclasses.replace(node, parts=parts)
    return node


def _set(leaf: Leaf, change: Change, policy: CoveragePolicy) -> Leaf:
    data = msgspec.to_builtins(leaf) | {change.field: change.value}
    # What the sources disagreed on is settled by what was set.
    data["conflicting_values"] = {k: v for k, v in data.get("conflicting_values", {}).items() if k != change.field}
    try:
        return convert_struct(data, type(leaf), f"{policy.id}: {change}")
    except TreeProblem as problem:
        raise Refusal(f"{problem.at}: {problem.problem}", problem.mend) from problem


def gainers(before: Asked, after: Asked, connection: BaseBackend) -> Iterator[dict[str, Any]]:
    """Who gains: one row for each person met after and not before, with the policy, the service and the answer before."""
    people = after.frame.tables["people"]
    named = people.select("person", "person_id") if "person_id" in people.columns else people.select("person")
    ours, theirs = before.answers(), after.answers()
    for number, (old, new) in enumerate(zip(before.compiled, after.compiled, strict=True)):
        if old.policy is new.policy:
            continue
        was = ours.select("person", before=_[f"answer:{number}"])
        now = theirs.select("person", after=_[f"answer:{number}"])
        both = (
            was.join(now, "person")
            .filter((_.after == MET) & (_.before != MET))
            .join(named, "person")
            .order_by("person")
        )
        for row in connection.to_pyarrow(both).to_pylist():
            yield {
                "policy_id": old.policy.id, "service": old.service, "person": row["person"],
                "person_id": row.get("person_id") or "", "before": NAMES[row["before"]].value,
            }  # fmt: skip


def compare(before: Asked, after: Asked, connection: BaseBackend) -> tuple[Gain, ...]:
    """What a change does, policy by policy. Both were asked of the same cohort about the same services."""
    ours, theirs = before.answers(), after.answers()
    names = [n for n in ours.columns if n != "person"]
    both = ours.rename({f"before {n}": n for n in names}).join(
        theirs.rename({f"after {n}": n for n in names}), "person"
    ).cache()  # fmt: skip
    found = []
    for name, old, new in zip(names, before.compiled, after.compiled, strict=True):
        touched = old.policy is not new.policy
        counts = both.group_by(b=_[f"before {name}"], a=_[f"after {name}"]).aggregate(n=_.count())
        moved = {(r["b"], r["a"]): r["n"] for r in connection.to_pyarrow(counts).to_pylist()}
        days = _days(before, old, after, new, connection) if touched else _NO_DAYS
        found.append(Gain(old.policy.id, old.service, touched, moved, *days))
    return tuple(found)


_NO_DAYS: tuple[float | None, int, float | None, int] = (None, 0, None, 0)


def _days(
    before: Asked, old: Compiled, after: Asked, new: Compiled, connection: BaseBackend
) -> tuple[float | None, int, float | None, int]:
    """How much sooner the trials suffice, where the rule on trials is one plain count in both texts."""
    rules_of = [_only_trial_rule(c) for c in (old, new)]
    if rules_of[0] is None or rules_of[1] is None:
        return _NO_DAYS
    first = _enough_on(before, old, rules_of[0])
    second = _enough_on(after, new, rules_of[1])
    later = second.rename(day_after="day")
    earlier = first.rename(day_before="day", person_before="person")
    joined = later.left_join(earlier, later.person == earlier.person_before)
    today = ibis.literal(before.frame.as_of)
    rows = joined.aggregate(
        sooner=_.day_before.delta(_.day_after, unit="day").median(where=_.day_before.notnull()),
        both=_.day_before.notnull().sum(),
        already=(-_.day_after.delta(today, unit="day")).median(where=_.day_before.isnull()),
        only=_.day_before.isnull().sum(),
    )
    row = connection.to_pyarrow(rows).to_pylist()[0]
    return row["sooner"], row["both"] or 0, row["already"], row["only"] or 0


def _only_trial_rule(compiled: Compiled) -> AdequateTrials | None:
    leaves = [leaf for node in compiled.nodes for leaf in leaves_of(node) if isinstance(leaf, AdequateTrials)]
    if (
        len(leaves) != 1
        or leaves[0].of_which_adequate
        or leaves[0].at_least_in_current_episode
        or leaves[0].or_duration
    ):
        return None
    return leaves[0]


def _enough_on(asked: Asked, compiled: Compiled, leaf: AdequateTrials) -> Table:
    """The day on which each person's trials first sufficed for certain; people for whom they never did are left out."""
    place = Place(
        asked.frame, compiled.policy, compiled.service, compiled.stage, (), facts_of(compiled.policy, compiled.stage)
    )
    count = main_count(leaf, place, base_filter(leaf, place))
    need = max(rules.need_of(leaf), 1)
    counted = asked.frame.rows("trials").filter(count.verdict == MET)
    counted = counted.select(
        "person", "drug_no", "class_no", day=_.end_latest.coalesce(ibis.literal(asked.frame.as_of))
    )
    day = _nth(counted, "drug_no", need)
    classes = rules.classes_of(leaf)
    if classes > 1:
        other = _nth(counted, "class_no", classes).rename(person_class="person", day_class="day")
        both = day.join(other, day.person == other.person_class)
        day = both.select("person", day=ibis.greatest(both.day, both.day_class))
    return day


def _nth(counted: Table, of: str, number: int) -> Table:
    """The day on which the number of different drugs (or classes) became full."""
    firsts = counted.group_by("person", of).aggregate(day=_.day.min())
    ranked = firsts.mutate(place=ibis.row_number().over(ibis.window(group_by="person", order_by=["day", of])))
    return ranked.filter(_.place == number - 1).select("person", "day")
