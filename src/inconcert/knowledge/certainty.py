"""The rules by which certainty is graded, as data: thresholds, domains, what each downgrade takes, and who says so.

One YAML file, `knowledge/files/studies/certainty.yaml`. `evidence.synthesis.trust` computes the measures that conditions name.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from inconcert.judgement import Reading, Source
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, as_sources, load
from inconcert.knowledge.strict_yaml import KnowledgeError

FILE = ROOT / "files" / "studies" / "certainty.yaml"
Level = Literal["high", "moderate", "low", "very_low"]
LEVELS: tuple[Level, ...] = ("high", "moderate", "low", "very_low")


class Setting(Entry, kw_only=True):
    """One number that the checks use, with its source."""

    id: str
    value: float
    text: str
    status: Reading
    sources: tuple[SourceNote, ...]


class Condition(Entry, kw_only=True):
    """A measure held against a number. Exactly one of the four comparisons is given."""

    measure: str
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None

    @property
    def comparison(self) -> tuple[Literal["at_least", "above", "at_most", "below"], float]:
        """Which comparison, and with what."""
        given = [
            (name, value)
            for name, value in (
                ("at_least", self.at_least),
                ("above", self.above),
                ("at_most", self.at_most),
                ("below", self.below),
            )
            if value is not None
        ]
        if len(given) != 1:
            raise ValueError(f"the condition on {self.measure} has {len(given)} comparisons, not one")
        return given[0]  # type: ignore[return-value]


class CertaintyDomain(Entry, kw_only=True):
    """One reason to trust less. `combine`: its rules' levels are added, or the worst counts; never more than `most`.

    `network_only` domains are judged only where the estimate comes from a network.
    """

    id: str
    name: str
    combine: Literal["worst", "sum"]
    most: int
    network_only: bool = False
    question: str
    text: str = ""


class CertaintyRule(Entry, kw_only=True):
    """One downgrade: all conditions of `when` hold. `down` is how many levels it takes."""

    id: str
    domain: str
    down: int
    text: str
    when: tuple[Condition, ...]
    status: Reading
    sources: tuple[SourceNote, ...]

    @property
    def known_sources(self) -> tuple[Source, ...]:
        """Who says so."""
        return as_sources(self.sources, self.status)


class StartingLevel(Entry, kw_only=True):
    """Where grading starts, in the file's order: the first whose condition holds."""

    id: str
    level: Level
    text: str
    when: tuple[Condition, ...] = ()
    status: Reading
    sources: tuple[SourceNote, ...]


class SmallestImportant(Entry, kw_only=True):
    """The smallest difference that would matter, on a scale: ratios as plain numbers above 1, others as absolute differences."""

    id: str
    scale: Literal["OR", "RR", "RD", "MD", "SMD"]
    measure: str = ""
    value: float
    text: str
    status: Reading
    sources: tuple[SourceNote, ...]


class SelectionWeights(Entry, kw_only=True):
    """A set of assumed weights of a selection model, one for each interval of one-sided p that ends at `steps`."""

    id: str
    name: str
    steps: tuple[float, ...]
    weights: tuple[float, ...]
    status: Reading
    sources: tuple[SourceNote, ...]


class WordReading(Entry, kw_only=True):
    """How a cell of the study tables that begins with `starts` is read; `reads` '' says that it leaves the matter open."""

    starts: str
    reads: str = ""


class CertaintyRules(Entry, kw_only=True):
    """The whole file."""

    version: str
    settings: tuple[Setting, ...]
    start: tuple[StartingLevel, ...]
    domains: tuple[CertaintyDomain, ...]
    rules: tuple[CertaintyRule, ...]
    smallest_important: tuple[SmallestImportant, ...]
    selection_weights: tuple[SelectionWeights, ...]
    risk_words: tuple[WordReading, ...]
    blinding_words: tuple[WordReading, ...]
    population_words: tuple[WordReading, ...]
    resistance_words: tuple[WordReading, ...]

    def number(self, setting_id: str) -> float:
        """The value of a setting. Raises KeyError where there is none."""
        return {setting.id: setting.value for setting in self.settings}[setting_id]

    def rules_of(self, domain: str) -> tuple[CertaintyRule, ...]:
        """The rules of a domain, in file order."""
        return tuple(rule for rule in self.rules if rule.domain == domain)

    def smallest(self, important_id: str) -> SmallestImportant:
        """One smallest important difference. Raises KeyError where there is none."""
        found = {entry.id: entry for entry in self.smallest_important}
        return found[important_id]


@cache
def certainty_rules() -> CertaintyRules:
    """The rules, checked. Raises KnowledgeError naming file and mend."""
    rules = load(FILE, CertaintyRules)
    for problem in problems(rules):
        raise KnowledgeError(str(FILE), None, problem, "Correct the entry.")
    return rules


def problems(rules: CertaintyRules) -> list[str]:
    """What is wrong with the rules beyond their schema."""
    named = [e.id for group in (rules.settings, rules.start, rules.domains, rules.rules) for e in group]
    named += [e.id for group in (rules.smallest_important, rules.selection_weights) for e in group]
    found = [f"{name} stands twice." for name in sorted({n for n in named if named.count(n) > 1})]
    domains = {domain.id: domain for domain in rules.domains}
    for rule in rules.rules:
        if rule.domain not in domains:
            found.append(f"{rule.id} names the domain {rule.domain!r}, which there is not.")
        elif not 1 <= rule.down <= domains[rule.domain].most:
            found.append(f"{rule.id} takes {rule.down} levels; its domain takes 1 to {domains[rule.domain].most}.")
        found += _conditions(rule.id, rule.when, wanted=True)
    found += [f"{d} has no rule." for d in domains if not rules.rules_of(d)]
    for start in rules.start:
        found += _conditions(start.id, start.when, wanted=False)
    if not rules.start or rules.start[-1].when:
        found.append("the last starting level must have no condition.")
    for weights in rules.selection_weights:
        if len(weights.steps) != len(weights.weights) or weights.steps[-1] != 1 or min(weights.weights) <= 0:
            found.append(f"{weights.id} needs one weight above 0 for each step, the last of which is 1.")
    return found


def _conditions(rule_id: str, when: tuple[Condition, ...], *, wanted: bool) -> list[str]:
    found = [f"{rule_id} has no condition."] if wanted and not when else []
    for condition in when:
        try:
            _ = condition.comparison
        except ValueError as error:
            found.append(f"{rule_id}: {error}.")
    return found
