"""A policy as plain data for a reader, and the check of a policy file of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from inconcert.knowledge.policies import CoveragePolicy, load_policy
from inconcert.knowledge.policy_schema import AllOf, AnyOf, LeafNode, Never, Node, Not
from inconcert.payers.caveats import caveats_of
from inconcert.payers.combination import clause_in_words
from inconcert.payers.quantity import authorizes_in_words
from inconcert.payers.wording import leaf_in_words, plain


def describe(policy: CoveragePolicy) -> dict[str, Any]:
    """The whole policy as plain data with its sources: what `inconcert policies show` prints and `--json` writes."""
    file = policy.file
    return {
        "id": policy.id,
        "payer": file.payer,
        "line_of_business": file.line_of_business,
        "jurisdiction": list(file.jurisdiction),
        "policy_number": file.policy_number,
        "title": file.title,
        "services": list(file.services),
        "combination": file.combination.clause,
        "combination_text": clause_in_words(policy),
        "read_depth": file.read_depth,
        "status": file.status.value,
        "checked_on": file.checked_on,
        "version": _plain_data(file.version),
        "process": _plain_data(file.process),
        "criteria": tree_in_words(policy.criteria),
        "authorizes": authorizes_in_words(policy, "initial", None),
        "later": {
            stage: {
                "criteria": tree_in_words(d.criteria) if d.criteria is not None else None,
                "covered": d.file.covered,
                "authorizes": authorizes_in_words(policy, stage, None),
            }
            for stage, d in policy.later.items()
        },
        "codes": _plain_data(file.codes),
        "documentation": [plain(d) for d in file.documentation],
        "odd": list(file.odd),
        "corrections": list(file.corrections),
        "caveats": list(caveats_of(policy, policy.criteria, None)),
        "sources": [
            {"ref": s.ref, "where": s.where, "kind": note.kind, "status": s.status.value}
            for s, note in zip(policy.sources, file.sources, strict=True)
        ],
    }


def _plain_data(struct: msgspec.Struct) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(struct))  # lists, as a reader of JSON gets them
    return {key: value for key, value in data.items() if value not in (None, "", [], {}, False)}


def tree_in_words(node: Node) -> Any:
    """A tree with every leaf in words: text, or `{"all of": [...]}`, `{"any of": [...]}`, `{"not": ...}`."""
    if isinstance(node, LeafNode):
        words = leaf_in_words(node.leaf)
        if node.leaf.provenance is not None:
            words += f" [{plain(node.leaf.provenance.value)}]"
        if node.leaf.conflicting_values:
            ((name, values),) = node.leaf.conflicting_values.items()
            words += f" [sources disagree on {plain(name)}: {', '.join(map(str, values))}]"
        return words + (f" [{node.leaf.note}]" if node.leaf.note else "")
    found: dict[str, Any] = {"for": plain(node.label)} if node.label else {}
    if isinstance(node, Never):
        return {**found, "never": plain(node.reason), **({"population": node.population} if node.population else {})}
    if isinstance(node, Not):
        unless = {"unless": tree_in_words(node.unless)} if node.unless is not None else {}
        return {**found, "not": tree_in_words(node.part), **unless}
    assert isinstance(node, AllOf | AnyOf)  # noqa: S101 - the union has no other member
    return {**found, "all of" if isinstance(node, AllOf) else "any of": [tree_in_words(p) for p in node.parts]}


def check_file(path: Path) -> CoveragePolicy:
    """Read and check a policy file, in the library or not. Raises KnowledgeError naming file, line, mistake and mend."""
    return load_policy(path)
