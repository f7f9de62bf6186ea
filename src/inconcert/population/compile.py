"""From a policy's tree to columns: one small integer per person and node, made by the same file as the person rule."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from ibis import _

from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import NOT_SEEN, AllOf, AnyOf, Leaf, LeafNode, Never, Node, Not, Provenance
from inconcert.knowledge.policy_schema.later import InitialCriteriaMet
from inconcert.payers.caveats import in_force
from inconcert.payers.determination import facts_of, tree_of
from inconcert.payers.evaluate import defines_resistance
from inconcert.payers.wording import open_fields
from inconcert.population.criteria import COMPILERS
from inconcert.population.frame import Frame
from inconcert.population.kleene import MET, NOT_MET, UNKNOWN, Tri, all_of, any_of, negated, when
from inconcert.population.place import Place

MOST_PARTS = 31  # of which the answers are counted apart: two bits each in a whole number


@dataclass(slots=True)
class Compiled:
    """One policy for one service at one stage. `answer` is of the whole, `parts` of the criteria it is made of at its top.

    `alternatives`: any one of the parts is enough; else all must hold.
    `paths` names the parts as the person rule does. `in_force` is None where the text may be used on that day, else why not.
    """

    policy: CoveragePolicy
    service: str
    stage: str
    answer: Tri
    parts: tuple[Tri, ...]
    nodes: tuple[Node, ...]
    in_force: str | None
    alternatives: bool = False


@dataclass(slots=True)
class Compiler:
    """Compiles policies over one frame. A criterion that several policies share becomes one column.

    `leaves` are the columns made: name -> answers.
    """

    frame: Frame
    leaves: dict[str, Tri] = field(default_factory=dict)
    _known: dict[Any, Tri] = field(default_factory=dict)

    def policy(
        self, policy: CoveragePolicy, service: str, stage: str = "initial", together_with: tuple[str, ...] = (),
        as_written: bool = False,
    ) -> Compiled:  # fmt: skip
        """The columns of one policy. `as_written` judges a text that is not in force as it stands."""
        tree = tree_of(policy, stage)
        others = tuple(s for s in together_with if s != service)
        place = Place(self.frame, policy, service, stage, others, facts_of(policy, stage))
        outside = None if as_written else in_force(policy, self.frame.as_of)
        if tree is None:
            return Compiled(policy, service, stage, UNKNOWN, (), (), outside)
        ways = isinstance(tree, AnyOf) and 1 < len(tree.parts) <= MOST_PARTS
        nodes = tree.parts if isinstance(tree, AllOf | AnyOf) and (ways or isinstance(tree, AllOf)) else (tree,)
        if isinstance(tree, AllOf):
            place = replace(place, resistance_defined=defines_resistance(tree))
        parts = tuple(self.node(node, place) for node in nodes)
        joined = any_of(parts) if ways else all_of(parts)
        return Compiled(policy, service, stage, joined if outside is None else UNKNOWN, parts, nodes, outside, ways)

    def node(self, node: Node, place: Place, negated_here: bool = False) -> Tri:
        """The answers of a node and everything below it. Follows `payers.evaluate.evaluate` step by step."""
        if isinstance(node, LeafNode):
            return self._shared(node.leaf, place, negated_here)
        if isinstance(node, Never):
            return NOT_MET
        if isinstance(node, Not):
            answer = negated(self.node(node.part, place, not negated_here))
            if node.unless is None:
                return answer
            return any_of([answer, self.node(node.unless, place, negated_here)])
        if isinstance(node, AllOf):
            inside = replace(place, resistance_defined=place.resistance_defined or defines_resistance(node))
            return all_of([self.node(part, inside, negated_here) for part in node.parts])
        return any_of([self.node(part, place, negated_here) for part in node.parts])

    def _shared(self, leaf: Leaf, place: Place, negated_here: bool) -> Tri:
        """A leaf's column by name, so that the next policy that asks the same only points to it."""
        key = (
            msgspec.json.encode(leaf), type(leaf), negated_here if leaf.provenance is Provenance.DISPUTED else None,
            self._context(leaf, place),
        )  # fmt: skip
        if key not in self._known:
            found = self._leaf(leaf, place)
            if leaf.provenance is Provenance.DISPUTED:
                found = _disputed(found, against=MET if negated_here else NOT_MET)
            # The initial criteria are made of leaves themselves, so they stand a layer above.
            if not isinstance(found, int) and not isinstance(leaf, InitialCriteriaMet):
                name = f"leaf:{len(self.leaves)}"
                self.leaves[name] = found
                found = _[name]
            self._known[key] = found
        return self._known[key]

    def _context(self, leaf: Leaf, place: Place) -> tuple[Any, ...]:
        """What a leaf's answer depends on beside itself. Same context, same column."""
        fact = leaf.fact
        own_route = "medication_intolerance" in place.facts if fact == "adequate_antidepressant_trials" else None
        policy = (
            place.policy.id
            if fact == "initial_criteria_met" or bool(getattr(leaf, "icd10", None)) or getattr(leaf, "added_to", None)
            else None
        )
        service = (place.service, place.together_with) if fact in ("protocol", "concurrent_therapy") or policy else None
        return (own_route, policy, service, place.resistance_defined if fact == "diagnosis" else None)

    def _leaf(self, leaf: Leaf, place: Place) -> Tri:
        if leaf.conflicting_values:
            return self._conflicting(leaf, place)
        if any(getattr(leaf, name) == NOT_SEEN for name in open_fields(type(leaf))):
            return UNKNOWN
        if isinstance(leaf, InitialCriteriaMet):
            # With the words of the first decision's own tree, as `payers.evaluate.at_first`.
            words = facts_of(place.policy, "initial")
            first = replace(place, stage="initial", facts=words, resistance_defined=False)
            return self.node(place.policy.criteria, first)
        return COMPILERS[type(leaf)](leaf, place)

    def _conflicting(self, leaf: Leaf, place: Place) -> Tri:
        """Every value that some source gives is asked; only where all agree is there an answer."""
        ((name, values),) = leaf.conflicting_values.items()
        readings = [
            self._leaf(msgspec.structs.replace(leaf, conflicting_values={}, **{name: v}), place) for v in values
        ]
        low, high = all_of(readings), any_of(readings)
        if isinstance(low, int) or isinstance(high, int):
            return low if isinstance(low, int) and low == high else UNKNOWN
        return when((low == high, low), otherwise=UNKNOWN)


def _disputed(found: Tri, against: int) -> Tri:
    """A criterion that only some sources name refuses nobody: what speaks against the person is asked of the payer."""
    if isinstance(found, int):
        return UNKNOWN if found == against else found
    return when((found == against, UNKNOWN), otherwise=found)
