"""Coverage policies: from one file each to frozen structures whose every criterion is typed and checked.

A new policy is a new file in `knowledge/files/policies`; no Python is wanted. `load_policy` reads any file, so that a
clinic can check its own draft.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from inconcert.judgement import Reading, Source
from inconcert.knowledge import loader, strict_yaml
from inconcert.knowledge.policy_schema import (
    AuthorizationPart,
    LaterFile,
    Node,
    PolicyFile,
    Provenance,
    leaves_of,
    parse_tree,
)
from inconcert.knowledge.policy_schema.later import InitialCriteriaMet
from inconcert.knowledge.policy_schema.tree import TreeProblem, convert_struct, nearest
from inconcert.knowledge.strict_yaml import KnowledgeError
from inconcert.record import DateRange

FOLDER = loader.ROOT / "files" / "policies"
_TREES = ("continuation", "retreatment", "maintenance")
_MEND = "See docs/how-to/add-a-policy."


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedQuantity:
    """One part of what an approval covers; `when` must hold before it (None: no condition)."""

    part: AuthorizationPart
    when: Node | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterDecision:
    """A later decision of a policy: its tree (None where the policy gives no criteria) and what it authorizes."""

    criteria: Node | None
    file: LaterFile
    quantities: tuple[StagedQuantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoveragePolicy:
    """One coverage policy, ready to be asked. Two are equal only if they are one object, so it can key a cache.

    `file` is what was written; `criteria` its tree; `effective` None where no date was seen. The key of a policy is
    `(payer, line_of_business, policy_number)`: one carrier has different rules for different lines.
    """

    file: PolicyFile
    path: str
    criteria: Node
    later: dict[str, LaterDecision]
    quantities: tuple[StagedQuantity, ...]
    process_rules: tuple[Node, ...]
    effective: DateRange | None
    ends: DateRange | None
    sources: tuple[Source, ...]

    @property
    def id(self) -> str:
        """The name of its file without the ending."""
        return self.file.id

    @property
    def services(self) -> tuple[str, ...]:
        """The payers' words for the treatments it speaks of."""
        return self.file.services

    @property
    def payer(self) -> str:
        """Who the payer is."""
        return self.file.payer

    @property
    def key(self) -> tuple[str, str, str]:
        """Payer, line of business and the payer's own number."""
        return self.file.payer, self.file.line_of_business, self.file.policy_number

    @property
    def superseded(self) -> bool:
        """True if the text is known to be replaced as a whole. `likely` and `in_part` are caveats, not this."""
        return self.file.version.superseded is True

    @property
    def version_text(self) -> str:
        """The version as a basis names it: its effective date, or `undated`."""
        return self.file.version.effective if self.effective else "undated"

    def codes_on(self, day: date) -> tuple[str, ...]:
        """The ICD-10-CM codes listed on that day: those of a dated change count from its first day only."""
        late = {
            code
            for change in self.file.version.history
            if change.icd10_added and DateRange.parse(change.since).latest > day
            for code in change.icd10_added
        }
        return tuple(code for code in self.file.codes.icd10 if code not in late)

    def trees(self) -> Iterator[Node]:
        """Every tree of the policy: first decision, later ones, conditions of quantities, rules of the process."""
        yield self.criteria
        yield from (d.criteria for d in self.later.values() if d.criteria is not None)
        yield from (q.when for q in self.quantities if q.when is not None)
        yield from self.process_rules


def load_policy(path: Path) -> CoveragePolicy:
    """Read and check one policy file. Raises KnowledgeError naming file, line and mend."""
    return policy_from_text(strict_yaml.read_text(path), str(path))


def policy_from_text(text: str, name: str) -> CoveragePolicy:
    """Read and check a policy from YAML text. Raises KnowledgeError as `load_policy` does."""
    data = strict_yaml.parse(text, name)
    if not isinstance(data, dict):
        raise KnowledgeError(name, 1, "The file is not a mapping.", _MEND)
    try:
        return _build(convert_struct(data, PolicyFile, "$"), name)
    except TreeProblem as problem:
        line = strict_yaml.line_of(text, problem.at)
        raise KnowledgeError(name, line, f"At {problem.at}: {problem.problem}", f"{problem.mend} {_MEND}") from problem


@cache
def policies() -> dict[str, CoveragePolicy]:
    """Every policy that is carried, by id in alphabetical order. Raises KnowledgeError for a bad file or cross-reference."""
    found: dict[str, CoveragePolicy] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        read = load_policy(path)
        if read.id != path.stem:
            raise KnowledgeError(str(path), 1, f"The id {read.id!r} is not the file's name.", f"Write id: {path.stem}.")
        found[read.id] = read
    for read in found.values():
        for other in (read.file.version.superseded_by, read.file.version.supersedes):
            # A bare code such as IPG242 names a text we do not carry; an id in our spelling must exist.
            if other and other == other.lower() and other not in found:
                raise KnowledgeError(
                    read.path, None, f"It refers to {other!r}, which is not carried.", "Correct the id."
                )
    return found


def policy(policy_id: str) -> CoveragePolicy:
    """One policy by id. Raises KeyError naming the nearest known id."""
    known = policies()
    if policy_id not in known:
        raise KeyError(f"No policy is called {policy_id!r}.{nearest(policy_id, known)}")
    return known[policy_id]


def source_status(reading: Reading, provenance: Provenance | None) -> Reading:
    """The status one leaf's sources carry: recalled where the leaf says so, else the file's."""
    return Reading.RECALLED if provenance is Provenance.RECALLED else reading


def _build(file: PolicyFile, name: str) -> CoveragePolicy:
    later = {
        stage: LaterDecision(
            criteria=parse_tree(decision.criteria, f"$.{stage}.criteria") if decision.criteria is not None else None,
            file=decision,
            quantities=_quantities(decision.authorization, f"$.{stage}.authorization"),
        )
        for stage in _TREES
        if (decision := getattr(file, stage)) is not None
    }
    criteria = parse_tree(file.criteria, "$.criteria")
    if any(isinstance(leaf, InitialCriteriaMet) for leaf in leaves_of(criteria)):
        problem = "The first decision asks for itself (initial_criteria_met)."
        raise TreeProblem("$.criteria", problem, "Use it in continuation, retreatment or maintenance only.")
    effective, ends = _day(file.version.effective, "effective"), _day(file.version.ends, "ends")
    if effective and ends and ends.latest < effective.earliest:
        raise TreeProblem("$.version.ends", "The text ends before it takes effect.", "Correct one of the dates.")
    for i, change in enumerate(file.version.history):
        _day(change.since, f"history[{i}].from")
    return CoveragePolicy(
        file=file,
        path=name,
        criteria=criteria,
        later=later,
        quantities=_quantities(file.authorization, "$.authorization"),
        process_rules=tuple(parse_tree(r.when, f"$.process.rules[{i}].if") for i, r in enumerate(file.process.rules)),
        effective=effective,
        ends=ends,
        sources=loader.as_sources(file.sources, file.status),
    )


def _quantities(parts: tuple[AuthorizationPart, ...], at: str) -> tuple[StagedQuantity, ...]:
    return tuple(
        StagedQuantity(part=p, when=parse_tree(p.when, f"{at}[{i}].if") if p.when is not None else None)
        for i, p in enumerate(parts)
    )


def _day(text: str | None, field: str) -> DateRange | None:
    if text is None or text == "unknown":
        return None
    try:
        return DateRange.parse(text)
    except ValueError as error:
        raise TreeProblem(f"$.version.{field}", f"{error}.", "Write YYYY, YYYY-MM, YYYY-MM-DD or unknown.") from error
