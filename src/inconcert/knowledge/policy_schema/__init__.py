"""The policy language: which words a coverage policy file may use, and what each may carry.

A leaf is `{fact: name, ...}` with one structure per fact, so that a word nobody knows is an error at load and not a
criterion that silently never holds. `docs/how-to/add-a-policy.md` shows the language by example.
"""

from inconcert.knowledge.policy_schema.base import NOT_SEEN, UNSPECIFIED, Leaf, Provenance
from inconcert.knowledge.policy_schema.file import (
    AuthorizationPart,
    CombinationNote,
    LaterFile,
    PolicyFile,
    Process,
    Version,
)
from inconcert.knowledge.policy_schema.leaves import LEAVES, AnyLeaf
from inconcert.knowledge.policy_schema.tree import AllOf, AnyOf, LeafNode, Never, Node, Not, leaves_of, parse_tree

__all__ = [
    "LEAVES",
    "NOT_SEEN",
    "UNSPECIFIED",
    "AllOf",
    "AnyLeaf",
    "AnyOf",
    "AuthorizationPart",
    "CombinationNote",
    "LaterFile",
    "Leaf",
    "LeafNode",
    "Never",
    "Node",
    "Not",
    "PolicyFile",
    "Process",
    "Provenance",
    "Version",
    "leaves_of",
    "parse_tree",
]
