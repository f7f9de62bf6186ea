"""Everything that can be wrong with a policy file: unreadable, not of the language, or well formed and yet nonsense.

An error makes the file unusable or its answers wrong; a warning is something a person should look at. Each names file,
line, record and mend. `inconcert policies check` prints them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from inconcert.knowledge import strict_yaml
from inconcert.knowledge.policies import CoveragePolicy, policies, policy_from_text
from inconcert.knowledge.policy_schema import Node, parse_tree
from inconcert.knowledge.policy_schema.tree import TreeProblem
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.payers import policy_logic
from inconcert.payers.policy_versions import chain_problems, date_problems

_TREE_KEYS = ("criteria", "continuation", "retreatment", "maintenance")
_MEND = "See docs/explanation/the-policy-language."


class Level(enum.StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFinding:
    """One thing found: where (`line` None where it cannot be told), in which record, what, and what mends it."""

    level: Level
    file: str
    line: int | None
    record: str
    problem: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.level.value}: {self.record}: {self.problem} Mend: {self.mend}"


def check_policy_file(
    path: Path, *, today: date | None = None, library: Mapping[str, CoveragePolicy] | None = None
) -> tuple[PolicyFinding, ...]:
    """Check one file, alone and beside the policies it may refer to (None: those carried). Errors first.

    `today` is the day by which `checked_on` is stale; None asks nothing of it.
    """
    name = str(path)
    try:
        text = strict_yaml.read_text(path)
    except KnowledgeError as error:
        return (_of_error(error, name),)
    return check_policy_text(text, name, today=today, library=library)


def check_policy_text(
    text: str, name: str, *, today: date | None = None, library: Mapping[str, CoveragePolicy] | None = None
) -> tuple[PolicyFinding, ...]:
    """As `check_policy_file`, from text."""
    found = [
        _finding(Level.WARNING, name, line, "YAML", problem, mend)
        for line, problem, mend in strict_yaml.surprises(text)
    ]
    try:
        policy = policy_from_text(text, name)
    except KnowledgeError as error:
        found += _every_mistake(text, name, error)
        return tuple(sorted(found, key=_order))
    others = dict(library if library is not None else policies())
    if policy.id in others and Path(others[policy.id].path).name == Path(name).name:
        del others[policy.id]  # the same file, carried already
    for at, level, problem, mend in (
        *_logic(policy), *date_problems(policy, today), *chain_problems(policy, others), *_plain_slips(policy),
    ):  # fmt: skip
        line = strict_yaml.line_of(text, at)
        found.append(_finding(Level(level), name, line, at.removeprefix("$."), problem, mend))
    return tuple(sorted(found, key=_order))


def _order(finding: PolicyFinding) -> tuple[bool, int, str]:
    return finding.level is not Level.ERROR, finding.line or 0, finding.problem


def _finding(level: Level, file: str, line: int | None, record: str, problem: str, mend: str) -> PolicyFinding:
    return PolicyFinding(level=level, file=file, line=line, record=record, problem=problem, mend=mend)


def _of_error(error: KnowledgeError, name: str) -> PolicyFinding:
    record = "the file"
    if error.problem.startswith("At $"):
        record = error.problem[len("At ") :].partition(": ")[0].removeprefix("$.")
    return _finding(Level.ERROR, name, error.line, record, error.problem, error.mend)


def _every_mistake(text: str, name: str, first: KnowledgeError) -> Iterator[PolicyFinding]:
    """The mistake that stopped the reading, and every other one in the trees of criteria."""
    yield _of_error(first, name)
    try:
        data = strict_yaml.parse(text, name)
    except KnowledgeError:
        return
    told = {first.line}
    for at, tree in _trees(data):
        for problem in _mistakes(tree, at):
            line = strict_yaml.line_of(text, problem.at)
            if line not in told:
                told.add(line)
                yield _finding(Level.ERROR, name, line, problem.at.removeprefix("$."), problem.problem, problem.mend)


def _trees(data: Any) -> Iterator[tuple[str, Any]]:
    for key in _TREE_KEYS if isinstance(data, dict) else ():
        value = data.get(key)
        if key == "criteria" and value is not None:
            yield "$.criteria", value
        elif isinstance(value, dict) and value.get("criteria") is not None:
            yield f"$.{key}.criteria", value["criteria"]


def _mistakes(data: Any, at: str) -> Iterator[TreeProblem]:
    """Every criterion of a tree that cannot be read, each looked at alone."""
    groups = [k for k in ("all", "any") if isinstance(data, dict) and isinstance(data.get(k), list)]
    if groups and "fact" not in data:
        for group in groups:
            for i, part in enumerate(data[group]):
                yield from _mistakes(part, f"{at}.{group}[{i}]")
    elif isinstance(data, dict) and isinstance(data.get("not"), dict) and "fact" not in data:
        yield from _mistakes(data["not"], f"{at}.not")
        if "unless" in data:
            yield from _mistakes(data["unless"], f"{at}.unless")
    else:
        try:
            parse_tree(data, at)
        except TreeProblem as problem:
            yield problem


_Problem = tuple[str, str, str, str]


def _logic(policy: CoveragePolicy) -> Iterator[_Problem]:
    """Criteria that nobody can meet, that nobody can fail, and doors that cannot be gone through."""
    for at, tree in _named_trees(policy):
        try:
            told = set()
            for place, _ in policy_logic.contradictions(tree, at):
                told.add(place)
                yield (
                    place,
                    "error",
                    "This can never be met: what it asks excludes itself.",
                    "Correct the bounds or the group.",
                )
            for place, _ in policy_logic.certainties(tree, at):
                yield (
                    place,
                    "warning",
                    "This is always met: it asks nothing of anybody.",
                    "Correct it, or leave it out.",
                )
            for place, _ in policy_logic.dead_branches(tree, at):
                if place not in told:
                    problem = "Nobody can meet this branch who meets what is asked beside it."
                    yield place, "warning", problem, "Correct the bounds, or leave the branch out."
        except policy_logic.TooManyBranches:
            problem = "The tree has too many ways to be met; whether it contradicts itself was not looked at."
            yield at, "warning", problem, "Split it into smaller groups."
        for place in policy_logic.twins(tree, at):
            yield place, "warning", "The same criterion stands twice in this group.", "Remove one."


def _named_trees(policy: CoveragePolicy) -> Iterator[tuple[str, Node]]:
    yield "$.criteria", policy.criteria
    for stage, decision in policy.later.items():
        if decision.criteria is not None:
            yield f"$.{stage}.criteria", decision.criteria
    for i, quantity in enumerate(policy.quantities):
        if quantity.when is not None:
            yield f"$.authorization[{i}].if", quantity.when


def _plain_slips(policy: CoveragePolicy) -> Iterator[_Problem]:
    """Quantities that do not add up, codes of the wrong shape, a payer nobody can be matched to."""
    for i, part in enumerate(policy.file.authorization):
        counted = [p.sessions for p in part.phases]
        if (
            isinstance(part.sessions, int)
            and counted
            and None not in counted
            and sum(filter(None, counted)) != part.sessions
        ):
            problem = f"The phases have {sum(filter(None, counted))} sessions, the part {part.sessions}."
            yield f"$.authorization[{i}].sessions", "warning", problem, "Correct one of them."
        if part.sessions_min is not None and isinstance(part.sessions, int) and part.sessions_min > part.sessions:
            yield f"$.authorization[{i}].sessions_min", "error", "The least is more than the most.", "Exchange them."
    if not policy.file.payer_names and not policy.file.payer_identifiers:
        yield "$.payer_names", "warning", "Nobody's plan can be matched to this policy.", "Name the payer as plans do."
    yield from _odd_codes(
        "icd10", policy.file.codes.icd10, lambda c: c[:1].isalpha() and c[1:3].isalnum() and len(c) >= 3
    )
    yield from _odd_codes("cpt", policy.file.codes.cpt, lambda c: len(c) == 5 and c[:4].isdigit())


def _odd_codes(system: str, codes: Iterable[str], shaped: Any) -> Iterator[_Problem]:
    for i, code in enumerate(codes):
        if not shaped(code):
            problem = f"{code!r} has not the shape of a code of {system}."
            yield f"$.codes.{system}[{i}]", "warning", problem, "Check the code; keep leading zeros in quotes."
