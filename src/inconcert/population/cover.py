"""What payers would answer for a whole cohort: how many are met, not met, unknown, and at which criterion people stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from ibis import _
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from inconcert.judgement import Refusal
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import AllOf, AnyOf, Node
from inconcert.payers.wording import node_in_words, plain
from inconcert.population.compile import MOST_PARTS, Compiled, Compiler
from inconcert.population.frame import Frame
from inconcert.population.keep import kept
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, all_of, any_of, column

Progress = Callable[[str], None]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CriterionCover:
    """One criterion at the top of a policy, or one of its ways where any is enough. Counts are people.

    `met`, `not_met` and `unknown` are of this one alone. `left` is how many are not refused by the criteria up to this one
    (of ways: not by every one of them), `sure` how many have all of them met (of ways: one of them).
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
    """One policy's answers for a cohort. `in_force` says why the text may not be used on that day, None where it may.

    `alternatives`: the `criteria` are ways of which any one is enough.
    """

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
    alternatives: bool = False

    @property
    def stops_most(self) -> CriterionCover | None:
        """The criterion that refuses most people; None where none refuses anybody, and where no single one can."""
        if self.alternatives:
            return None
        worst = max(self.criteria, key=lambda c: c.not_met, default=None)
        return worst if worst is not None and worst.not_met else None

    @property
    def asks_most(self) -> CriterionCover | None:
        """The criterion that is unknown for most people; None where none is."""
        worst = max(self.criteria, key=lambda c: c.unknown, default=None)
        return worst if worst is not None and worst.unknown else None


@dataclass(frozen=True, slots=True)
class Asked:
    """Policies compiled over one cohort.

    `patterns` is worked out and kept: beside `person` one column a policy, `pattern:<number>`, with the answers to the parts
    it is made of at its top, two bits each.
    """

    frame: Frame
    patterns: Table
    compiled: tuple[Compiled, ...]

    def answers(self) -> Table:
        """One column of answers per policy, `answer:<number of the policy>`, beside `person`."""
        return self.patterns.select("person", **{f"answer:{n}": _answer(n, c) for n, c in enumerate(self.compiled)})


_PART_BITS = 2


def _pattern(compiled: Compiled) -> Any:
    """The answers to the parts in one number: 0 not met, 1 unknown, 2 met."""
    if len(compiled.parts) > MOST_PARTS:
        problem = f"{compiled.policy.id} has {len(compiled.parts)} criteria at its top; {MOST_PARTS} can be counted."
        raise Refusal(problem, "Put some that belong together under one label.")
    # Multiplied and added, because engines check every shift for bits that fall out.
    parts = [(column(part).cast("int64") + 1) * 2 ** (i * _PART_BITS) for i, part in enumerate(compiled.parts)]
    return reduce(lambda a, b: a + b, parts, _.person.cast("int64") * 0)


def _answer(number: int, compiled: Compiled) -> Any:
    if compiled.in_force is not None:
        return column(UNKNOWN)
    answers = (((_[f"pattern:{number}"] >> i * _PART_BITS) & 3) - 1 for i in range(len(compiled.parts)))
    joined = any_of if compiled.alternatives else all_of
    return column(joined(answers) if compiled.parts else UNKNOWN)


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
    leaves = wide.select("person", **{name: column(answer) for name, answer in compiler.leaves.items()})
    # Of each leaf's answers only what the policies make of them is kept: an engine pays for every column that it writes.
    patterns = kept(leaves.select("person", **{f"pattern:{n}": _pattern(c) for n, c in enumerate(compiled)}))
    return Asked(frame, patterns, compiled)


def cover(asked: Asked, connection: BaseBackend, progress: Progress = lambda _text: None) -> tuple[PolicyCover, ...]:
    """The counts of every policy asked."""
    found = []
    for number, compiled in enumerate(asked.compiled):
        progress(f"Counting {number + 1} of {len(asked.compiled)} policies")
        alike = asked.patterns.group_by(pattern=_[f"pattern:{number}"]).aggregate(people=_.count())
        rows = connection.to_pyarrow(alike)
        answers = _digits(rows["pattern"].to_numpy(), len(compiled.parts))
        found.append(_cover_of(compiled, answers, rows["people"].to_numpy()))
    return tuple(found)


def _cover_of(compiled: Compiled, answers: Numbers, people: Numbers) -> PolicyCover:
    """`answers`: a row for each way of answering, a column for each part; `people`: how many answer so."""
    # All parts up to each: the smallest answer; any of them: the largest.
    upto = (np.maximum if compiled.alternatives else np.minimum).accumulate(answers, axis=1)
    judged = compiled.in_force is None and len(compiled.parts) > 0
    whole = _tally(upto[:, -1] if judged else np.full(len(people), UNKNOWN), people)
    file = compiled.policy.file
    return PolicyCover(
        policy_id=compiled.policy.id, payer=file.payer, title=file.title, service=compiled.service, stage=compiled.stage,
        people=int(people.sum()), met=whole[MET], not_met=whole[NOT_MET], unknown=whole[UNKNOWN],
        criteria=tuple(
            _criterion(i, node, _tally(answers[:, i], people), _tally(upto[:, i], people))
            for i, node in enumerate(compiled.nodes)
        ),
        in_force=compiled.in_force, alternatives=compiled.alternatives,
    )  # fmt: skip


def _digits(codes: Numbers, parts: int) -> Numbers:
    return (codes[:, None] >> np.arange(parts) * _PART_BITS & 3) - 1


def _tally(answers: Numbers, people: Numbers) -> dict[int, int]:
    return {answer: int(people[answers == answer].sum()) for answer in (MET, UNKNOWN, NOT_MET)}


def _criterion(number: int, node: Node, alone: dict[int, int], upto: dict[int, int]) -> CriterionCover:
    return CriterionCover(
        path=str(number + 1), text=_words(node), met=alone[MET], not_met=alone[NOT_MET], unknown=alone[UNKNOWN],
        left=upto[MET] + upto[UNKNOWN], sure=upto[MET],
    )  # fmt: skip


def _words(node: Node) -> str:
    """A criterion in one line; of alternatives what they are. A way that has a name is called by it."""
    if isinstance(node, AllOf) and node.label:
        return plain(node.label)
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
