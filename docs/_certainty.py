"""The reference page of the rules of certainty."""

from __future__ import annotations

from _library import link, source_list
from _pages import cell, table

from inconcert.knowledge.certainty import CertaintyRule, certainty_rules
from inconcert.knowledge.loader import as_sources

INTRO = """# Rules of certainty

Generated from `knowledge/files/studies/certainty.yaml`, version {version}. What the words mean, and what they do not:
[how far to trust a pooled number](../../explanation/how-far-to-trust-a-pooled-number.md). A share is of the weight that each study has
in the estimate. *design* is our own choice where GRADE leaves it to judgement; *recalled* was written from memory and not yet looked up.
"""


def certainty_page() -> str:
    """Where grading starts, every domain with its rules, every number with its source."""
    rules = certainty_rules()
    parts = [INTRO.format(version=rules.version), "## Where it starts\n"]
    for start in rules.start:
        parts.append(f"**{start.level}** (`{start.id}`, {start.status}): {cell(start.text)}\n")
        parts.append(source_list(as_sources(start.sources, start.status)))
    for domain in rules.domains:
        how = "levels are added" if domain.combine == "sum" else "the worst counts"
        where = " Only in a network." if domain.network_only else ""
        parts.append(
            f"## {domain.name}\n\nAt most {domain.most}; {how}.{where} Open question: {cell(domain.question)}\n"
        )
        parts.append(
            table(
                ("rule", "takes", "where", "status", "source"),
                (
                    (f"`{r.id}`", str(r.down), f"{cell(r.text)} ({_when(r)})", r.status.value, _sources(r))
                    for r in rules.rules_of(domain.id)
                ),
            )
        )
    parts.append("## Numbers that the checks use\n")
    settings = ((f"`{s.id}`", f"{s.value:g}", cell(s.text), s.status.value) for s in rules.settings)
    parts.append(table(("id", "value", "what for", "status"), settings))
    parts.append("## The smallest difference that matters\n")
    smallest = (
        (f"`{s.id}`", s.scale, s.measure, f"{s.value:g}", cell(s.text), s.status.value)
        for s in rules.smallest_important
    )
    parts.append(table(("id", "scale", "measure", "value", "in words", "status"), smallest))
    parts.append("## Assumed suppression\n\nOne weight for each interval of one-sided p that ends at the step.\n")
    for weights in rules.selection_weights:
        parts.append(f"### {weights.name.capitalize()}\n")
        pairs = zip(weights.steps, weights.weights, strict=True)
        parts.append(table(("p up to", "seen"), ((f"{step:g}", f"{weight:g}") for step, weight in pairs)))
        parts.append(source_list(as_sources(weights.sources, weights.status)))
    return "\n".join(parts)


def _when(rule: CertaintyRule) -> str:
    words = {"at_least": "at least", "above": "above", "at_most": "at most", "below": "below"}
    return " and ".join(f"`{c.measure}` {words[kind]} {limit:g}" for c in rule.when for kind, limit in (c.comparison,))


def _sources(rule: CertaintyRule) -> str:
    return "; ".join(link(source) for source in rule.known_sources)
