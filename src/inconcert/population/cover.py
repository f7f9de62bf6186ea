"""What payers would answer for a whole cohort: how many are met, not met, unknown, and at which criterion people stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis import _
from ibis.backends import BaseBackend
from ibis.expr.types import Table
from ibis.util import gen_name

from inconcert.judgement import Refusal
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import AllOf, AnyOf, Node
from inconcert.payers.wording import node_in_words, plain
from inconcert.population.arrays.cohort import PART_BITS, Answering
from inconcert.population.arrays.plan import CohortPlan
from inconcert.population.arrays.values import NotKnownHere
from inconcert.population.compile import MOST_PARTS, Compiled, Compiler
from inconcert.population.engine import held
from inconcert.population.frame import Frame
from inconcert.population.keep import kept
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Tri, all_of, any_of, column

Progress = Callable[[str], None]
Numbers = npt.NDArray[np.int64]
Reads = dict[str, tuple[str, ...]]  # table -> its columns that are read


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


@dataclass(slots=True)
class Asked:
    """Policies compiled over one cohort, and the answers of everybody.

    The answers are kept as patterns: beside `person` one column a policy, `pattern:<number>`, with the answers to the parts it is
    made of at its top, two bits each. They stand in memory where they were worked out there, else in a table of the engine.
    `reads` names the columns of the cohort that were read for them.
    """

    frame: Frame
    compiled: tuple[Compiled, ...]
    made: pa.Table | Table
    reads: Reads
    _table: Table | None = None

    @property
    def patterns(self) -> Table:
        """The patterns as a table of the engine."""
        if isinstance(self.made, Table):
            return self.made
        if self._table is None:
            self._table = held(gen_name("patterns"), self.made, self.frame.tables["people"].get_backend())
        return self._table

    def answers(self) -> Table:
        """One column of answers per policy, `answer:<number of the policy>`, beside `person`."""
        return self.patterns.select("person", **{f"answer:{n}": _answer(n, c) for n, c in enumerate(self.compiled)})


def _parts(compiled: Compiled) -> tuple[Tri, ...]:
    """The answers to the parts, no more than one number can hold."""
    if len(compiled.parts) > MOST_PARTS:
        problem = f"{compiled.policy.id} has {len(compiled.parts)} criteria at its top; {MOST_PARTS} can be counted."
        raise Refusal(problem, "Put some that belong together under one label.")
    return compiled.parts


def _pattern(compiled: Compiled) -> Any:
    """The answers to the parts in one number: 0 not met, 1 unknown, 2 met."""
    # Multiplied and added, because engines check every shift for bits that fall out.
    parts = [(column(part).cast("int64") + 1) * 2 ** (i * PART_BITS) for i, part in enumerate(_parts(compiled))]
    return reduce(lambda a, b: a + b, parts, _.person.cast("int64") * 0)


def _answer(number: int, compiled: Compiled) -> Any:
    if compiled.in_force is not None:
        return column(UNKNOWN)
    answers = (((_[f"pattern:{number}"] >> i * PART_BITS) & 3) - 1 for i in range(len(compiled.parts)))
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
    on_arrays: bool = True,
) -> Asked:
    """Ask policies, each about one service, of everybody in the tables (see `engine`).

    What DuckDB reads is answered on arrays, unless `on_arrays` is false: then the engine does it all, slower. Spark always does.
    """
    frame = Frame(as_of, tables)
    compiler = Compiler(frame)
    progress("Reading the policies")
    compiled = tuple(
        compiler.policy(policy, service, stage, together_with, as_written=as_written) for policy, service in asked
    )
    leaves = {name: column(answer) for name, answer in compiler.leaves.items()}
    progress("Judging the criteria")
    found = _on_arrays(frame, leaves, compiled) if on_arrays else None
    made, reads = found or (_on_engine(frame, leaves, compiled), frame.reads())
    return Asked(frame, compiled, made, reads)


def _on_arrays(frame: Frame, leaves: dict[str, Any], compiled: tuple[Compiled, ...]) -> tuple[pa.Table, Reads] | None:
    """What DuckDB reads, answered on arrays; None on another engine, or where something is asked that arrays cannot answer."""
    connection = frame.tables["people"].get_backend()
    if connection.name != "duckdb":
        return None
    wanted = {f"pattern:{n}": [column(part) for part in _parts(c)] for n, c in enumerate(compiled)}
    try:
        answering = Answering(frame, CohortPlan.of(frame, leaves, wanted), connection)
        return answering.answered(), answering.reads()
    except NotKnownHere:
        return None


def _on_engine(frame: Frame, leaves: dict[str, Any], compiled: tuple[Compiled, ...]) -> Table:
    # Of each leaf's answers only what the policies make of them is kept: an engine pays for every column that it writes.
    wanted = {f"pattern:{n}": _pattern(c) for n, c in enumerate(compiled)}
    return kept(frame.joined().select("person", **leaves).select("person", **wanted))


def cover(asked: Asked, connection: BaseBackend, progress: Progress = lambda _text: None) -> tuple[PolicyCover, ...]:
    """The counts of every policy asked."""
    found = []
    for number, compiled in enumerate(asked.compiled):
        progress(f"Counting {number + 1} of {len(asked.compiled)} policies")
        patterns, people = _alike(asked, f"pattern:{number}", connection)
        found.append(_cover_of(compiled, _digits(patterns, len(compiled.parts)), people))
    return tuple(found)


def _alike(asked: Asked, pattern: str, connection: BaseBackend) -> tuple[Numbers, Numbers]:
    """Every way of answering, and how many people answer so."""
    if isinstance(asked.made, pa.Table):
        return np.unique(asked.made[pattern].to_numpy(), return_counts=True)
    rows = connection.to_pyarrow(asked.patterns.group_by(pattern=_[pattern]).aggregate(people=_.count()))
    return rows["pattern"].to_numpy(), rows["people"].to_numpy()


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
    return (codes[:, None] >> np.arange(parts) * PART_BITS & 3) - 1


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
