"""What payers would answer for a whole cohort: how many are met, not met, unknown, and at which criterion people stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
from ibis import _
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from inconcert.judgement import Answer, Refusal, all_of
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import AllOf, AnyOf, Node
from inconcert.payers.wording import node_in_words, plain
from inconcert.population.compile import Compiled, Compiler
from inconcert.population.frame import Frame
from inconcert.population.kleene import NAMES, column

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CriterionCover:
    """One criterion at the top of a policy. Counts are people.

    `met`, `not_met` and `unknown` are of this criterion alone; `left` is how many no criterion up to this one refuses,
    `sure` how many all of them are met for.
    """

    path: str
    text: str
    met: int
    not_met: int
    unknown: int
    left: int
    sure: int


@dataclass(frozen=True, slots=True)
class PolicyCover:
    """One policy's answers for a cohort. `in_force` says why the text may not be used on that day, None where it may."""

    policy_id: str
    payer: str
    title: str
    service: str
    stage: str
    people: int
    met: int
    not_met: int
    unknown: int
    criteria: tuple[CriterionCover, ...]
    in_force: str | None

    @property
    def stops_most(self) -> CriterionCover | None:
        """The criterion that refuses most people; None where none refuses anybody."""
        worst = max(self.criteria, key=lambda c: c.not_met, default=None)
        return worst if worst is not None and worst.not_met else None

    @property
    def asks_most(self) -> CriterionCover | None:
        """The criterion that is unknown for most people; None where none is."""
        worst = max(self.criteria, key=lambda c: c.unknown, default=None)
        return worst if worst is not None and worst.unknown else None


@dataclass(frozen=True, slots=True)
class Asked:
    """Policies compiled over one cohort, their answers worked out and kept by the engine.

    `parts` holds one column per policy and criterion (`<number of the policy>.<number of the criterion>`).
    """

    frame: Frame
    parts: Table
    compiled: tuple[Compiled, ...]
    wide: Table

    def answers(self) -> Table:
        """One column of answers per policy, `answer:<number of the policy>`, beside `person`."""
        return self.parts.select("person", **{f"answer:{n}": _whole(n, c) for n, c in enumerate(self.compiled)})


def ask(
    tables: dict[str, Table],
    as_of: date,
    asked: Iterable[tuple[CoveragePolicy, str]],
    *,
    stage: str = "initial",
    together_with: tuple[str, ...] = (),
    as_written: bool = False,
    progress: Progress = lambda _text: None,
) -> Asked:
    """Ask policies, each about one service, of everybody in the tables (see `engine`)."""
    frame = Frame(as_of, tables)
    compiler = Compiler(frame)
    progress("Reading the policies")
    compiled = tuple(
        compiler.policy(policy, service, stage, together_with, as_written=as_written) for policy, service in asked
    )
    progress("Counting trials, scores and codes")
    wide = frame.joined()
    progress("Judging the criteria")
    leaves = wide.select("person", **{name: column(answer) for name, answer in compiler.leaves.items()}).cache()
    parts = {f"{n}.{i}": column(part) for n, c in enumerate(compiled) for i, part in enumerate(c.parts)}
    return Asked(frame, leaves.select("person", **parts).cache(), compiled, wide)


def _whole(number: int, compiled: Compiled) -> Any:
    """The answer of one policy from its parts."""
    if compiled.in_force is not None or not compiled.parts:
        return column(0)
    if len(compiled.parts) == 1:
        return _[f"{number}.0"]
    first, *rest = (_[f"{number}.{i}"] for i in range(len(compiled.parts)))
    return ibis.least(first, *rest)


def cover(asked: Asked, connection: BaseBackend, progress: Progress = lambda _text: None) -> tuple[PolicyCover, ...]:
    """The counts of every policy asked."""
    found = []
    for number, compiled in enumerate(asked.compiled):
        progress(f"Counting {number + 1} of {len(asked.compiled)} policies")
        found.append(_cover_of(number, compiled, asked, connection))
    return tuple(found)


def _cover_of(number: int, compiled: Compiled, asked: Asked, connection: BaseBackend) -> PolicyCover:
    """Everybody's answers to one policy's criteria as one number in base three, and how many people share it."""
    code = sum((3**i * (_[f"{number}.{i}"].cast("int64") + 1) for i in range(len(compiled.parts))), _.person * 0)
    counts = connection.to_pyarrow(asked.parts.group_by(code=code).aggregate(people=_.count())).to_pylist()
    patterns = [(_digits(row["code"], len(compiled.parts)), row["people"]) for row in counts]
    people = sum(n for _p, n in patterns)
    whole = dict.fromkeys(Answer, 0)
    for answers, n in patterns:
        whole[all_of(answers) if compiled.in_force is None and answers else Answer.UNKNOWN] += n
    file = compiled.policy.file
    return PolicyCover(
        policy_id=compiled.policy.id, payer=file.payer, title=file.title, service=compiled.service, stage=compiled.stage,
        people=people, met=whole[Answer.MET], not_met=whole[Answer.NOT_MET], unknown=whole[Answer.UNKNOWN],
        criteria=tuple(_criterion(i, node, patterns) for i, node in enumerate(compiled.nodes)), in_force=compiled.in_force,
    )  # fmt: skip


def _digits(code: int, parts: int) -> tuple[Answer, ...]:
    return tuple(NAMES[code // 3**i % 3 - 1] for i in range(parts))


def _criterion(number: int, node: Node, patterns: Sequence[tuple[tuple[Answer, ...], int]]) -> CriterionCover:
    alone = dict.fromkeys(Answer, 0)
    upto = dict.fromkeys(Answer, 0)
    for answers, people in patterns:
        alone[answers[number]] += people
        upto[all_of(answers[: number + 1])] += people
    return CriterionCover(
        path=str(number + 1), text=_words(node), met=alone[Answer.MET], not_met=alone[Answer.NOT_MET],
        unknown=alone[Answer.UNKNOWN], left=upto[Answer.MET] + upto[Answer.UNKNOWN], sure=upto[Answer.MET],
    )  # fmt: skip


def _words(node: Node) -> str:
    """A criterion in one line; of alternatives what they are."""
    if isinstance(node, AllOf | AnyOf):
        joined = " or " if isinstance(node, AnyOf) else " and "
        return joined.join(plain(part.label) if part.label else _words(part) for part in node.parts)
    return node_in_words(node)


def proposals(policies: Iterable[CoveragePolicy], service: str | None) -> list[tuple[CoveragePolicy, str]]:
    """Each policy with the service it is asked about: the one named, or its own first.

    Raises:
        Refusal: no policy speaks of the service.
    """
    listed = list(policies)
    if service is None:
        return [(policy, policy.services[0]) for policy in listed]
    found = [(policy, service) for policy in listed if service in policy.services]
    if not found:
        known = sorted({s for policy in listed for s in policy.services})
        raise Refusal(f"No policy asked speaks of {service!r}.", f"Ask about one of: {', '.join(known)}.")
    return found
