"""A policy's tree as a form: sections and questions, each question once, with the condition under which it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from inconcert.exchange.dtr.asked import CriterionAsks, FactAsked, Place, ShownWhen, asks
from inconcert.judgement import Refusal, Source
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import AllOf, AnyOf, LeafNode, Never, Node, Not, leaves_of
from inconcert.knowledge.policy_schema.checks import policy_scales
from inconcert.knowledge.policy_schema.later import PolicyTextNotSeen
from inconcert.knowledge.policy_schema.tried import AdequateTrials
from inconcert.knowledge.policy_schema.who import RatingScaleDocumented, SeverityScore
from inconcert.knowledge.scales import scale_files
from inconcert.payers import STAGES
from inconcert.payers.wording import leaf_in_words, opening, plain


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion as a section of the form. `scales` are the ids of scales whose total it looks at."""

    place: Place
    words: str
    facts: tuple[FactAsked, ...]
    asked_above: tuple[str, ...]  # texts of its questions that stand in an earlier section
    of_the_payer: tuple[str, ...]
    trials: bool
    scales: tuple[str, ...]
    sources: tuple[Source, ...]

    @property
    def link(self) -> str:
        """The linkId of its section."""
        return f"criterion.{self.place.path}"

    def own_links(self) -> frozenset[str]:
        """The linkIds of the questions in its section."""
        return frozenset(fact.question.id for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Section:
    """Several criteria and what joins them. `shown` is the condition of the whole section."""

    path: str
    words: str
    parts: tuple[Section | Criterion, ...]
    shown: tuple[ShownWhen, ...] = ()

    @property
    def link(self) -> str:
        """The linkId of the section."""
        return f"section.{self.path or '0'}"

    def criteria(self) -> Iterator[Criterion]:
        """Every criterion below, in order."""
        for part in self.parts:
            if isinstance(part, Criterion):
                yield part
            else:
                yield from part.criteria()


@dataclass(frozen=True, slots=True, eq=False)
class PolicyForm:
    """The form of one policy for one service at one stage."""

    policy: CoveragePolicy
    service: str
    stage: str
    tree: Node
    root: Section
    asked: Mapping[str, tuple[tuple[ShownWhen, ...], ...]]  # question -> its conditions at each place that asks it

    def condition_of(self, question: str) -> tuple[ShownWhen, ...]:
        """When a question is shown: what stands at every place that asks it, or always where they differ."""
        places = set(self.asked[question])
        return next(iter(places)) if len(places) == 1 else ()

    def condition_of_section(self, section: Section) -> tuple[ShownWhen, ...]:
        """When a section is shown: always, where a question in it is asked by a criterion outside it as well."""
        shared = any(len(self.asked[f.question.id]) > 1 for c in section.criteria() for f in c.facts)
        return () if shared else section.shown

    def conditional_sections(self) -> Iterator[Section]:
        """Every section that is not always shown."""
        waiting: list[Section | Criterion] = [self.root]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Section):
                if self.condition_of_section(part):
                    yield part
                waiting.extend(part.parts)

    @property
    def name(self) -> str:
        """The end of its address: the policy, and service and stage where they are not the policy's first ones."""
        if self.service == self.policy.services[0] and self.stage == "initial":
            return self.policy.id
        return f"{self.policy.id}:{self.service}:{self.stage}"

    @property
    def asks_for_trials(self) -> bool:
        """Whether any criterion counts medication trials."""
        return any(criterion.trials for criterion in self.root.criteria())

    @property
    def scales(self) -> tuple[str, ...]:
        """The ids of all scales whose total some criterion looks at, each once."""
        return tuple(dict.fromkeys(scale for criterion in self.root.criteria() for scale in criterion.scales))


@lru_cache(maxsize=512)
def form_of(policy: CoveragePolicy, service: str = "", stage: str = "initial") -> PolicyForm:
    """The form of a policy; without a service, for the first that it speaks of.

    Raises Refusal where the policy does not speak of the service, or gives no criteria for the stage.
    """
    service = service or policy.services[0]
    if service not in policy.services:
        reason = f"The policy {policy.id} does not speak of {service!r}."
        raise Refusal(reason, f"Ask about one of: {', '.join(policy.services)}.")
    if stage not in STAGES:
        raise Refusal(f"There is no stage {stage!r}.", f"Ask for one of: {', '.join(STAGES)}.")
    tree = policy.criteria if stage == "initial" else _later(policy, stage)
    builder = _Builder(policy, tree, service, stage)
    part = builder.part(tree, "", resistance_defined=False, negated=False)
    root = part if isinstance(part, Section) else Section("", "The criterion:", (part,))
    return PolicyForm(policy, service, stage, tree, root, {q: tuple(found) for q, found in builder.asked.items()})


def _later(policy: CoveragePolicy, stage: str) -> Node:
    decision = policy.later.get(stage)
    if decision is None or decision.criteria is None:
        reason = f"We hold no criteria of {policy.id} for {stage}."
        raise Refusal(reason, "Ask for the initial decision, or ask the payer for the text.")
    return decision.criteria


@dataclass
class _Builder:
    """One walk through a tree, in which each question is placed once."""

    policy: CoveragePolicy
    tree: Node
    service: str
    stage: str
    asked: dict[str, list[tuple[ShownWhen, ...]]] = field(default_factory=dict)

    def part(self, node: Node, path: str, *, resistance_defined: bool, negated: bool) -> Section | Criterion:
        """A node as a section or a criterion. Paths are the engine's own (`payers.evaluate`)."""
        if isinstance(node, LeafNode):
            place = Place(
                self.policy, self.tree, node, path or "0", self.service, self.stage, resistance_defined, negated
            )
            return self._criterion(node, place)
        if isinstance(node, Never):
            where = f" ({node.population})" if node.population else ""
            return Section(path, f"The policy refuses this whatever the history: {plain(node.reason)}{where}.", ())
        if isinstance(node, Not):
            return self._not(node, path, resistance_defined=resistance_defined, negated=negated)
        assert isinstance(node, AllOf | AnyOf)  # noqa: S101 - the union has no other member
        defined = resistance_defined or (isinstance(node, AllOf) and _defines_resistance(node))
        parts = tuple(
            self.part(part, f"{path}.{i}" if path else str(i), resistance_defined=defined, negated=negated)
            for i, part in enumerate(node.parts, 1)
        )
        label = f"{opening(plain(node.label))}: " if node.label else ""
        joined = "all of these" if isinstance(node, AllOf) else "one of these is enough"
        return Section(path, opening(f"{label}{joined}:"), parts)

    def _not(self, node: Not, path: str, *, resistance_defined: bool, negated: bool) -> Section:
        below = f"{path}.1" if path else "1"
        inner = self.part(node.part, below, resistance_defined=resistance_defined, negated=not negated)
        if node.unless is None:
            return Section(path, "Must not be so:", (inner,))
        exception = self.part(node.unless, f"{below}u", resistance_defined=resistance_defined, negated=negated)
        held = exception.parts if isinstance(exception, Section) else (exception,)
        unless = Section(f"{below}u", "Unless:", held, _barring(inner))
        return Section(path, "Must not be so, but for the exception below:", (inner, unless))

    def _criterion(self, node: LeafNode, place: Place) -> Criterion:
        found: CriterionAsks = asks(place)
        new = tuple(fact for fact in found.facts if fact.question.id not in self.asked)
        again = tuple(fact.question.text for fact in found.facts if fact.question.id in self.asked)
        for fact in found.facts:
            self.asked.setdefault(fact.question.id, []).append(fact.shown)
        label = f"{plain(node.label)}: " if node.label else ""
        words = opening(label + leaf_in_words(node.leaf))
        sources = place.probe().basis.sources
        return Criterion(place, words, new, again, found.of_the_payer, found.trials, _scales_of(node), sources)


def _defines_resistance(node: AllOf) -> bool:
    return any(isinstance(leaf, AdequateTrials | PolicyTextNotSeen) for leaf in leaves_of(node))


def _barring(inner: Section | Criterion) -> tuple[ShownWhen, ...]:
    """An exception is needless where the one question of what it excepts from is answered no; else it is always shown."""
    if not isinstance(inner, Criterion) or len(inner.facts) != 1 or inner.asked_above or inner.trials:
        return ()
    question = inner.facts[0].question
    if question.answer != "yes_no" or inner.place.probe((question.id, "no")).answer.value != "not_met":
        return ()
    return (ShownWhen(question.id, "no", not_when=True),)


def _scales_of(node: LeafNode) -> tuple[str, ...]:
    """Our ids of the scales whose total the criterion reads; scales that we cannot score have no item of their own."""
    leaf = node.leaf
    names: tuple[str, ...] = ()
    if isinstance(leaf, SeverityScore):
        names = tuple(bound.scale for bound in leaf.any_of)
    elif isinstance(leaf, RatingScaleDocumented) and "baseline" in leaf.timing:
        names = tuple(leaf.scales)
    held = scale_files()
    ids = (i for name in names if name in policy_scales() for i in policy_scales()[name].ids if i in held)
    return tuple(dict.fromkeys(i for i in ids if held[i].total.kind != "triage"))
