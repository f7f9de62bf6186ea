"""No word of the policy language is left without its rule for tables."""

from __future__ import annotations

from inconcert.knowledge.policy_schema import LEAVES
from inconcert.population.criteria import COMPILERS

BY_THE_TREE = {"initial_criteria_met"}  # its answer is that of the policy's own criteria, so the tree compiles it


def test_every_word_has_a_compiler() -> None:
    """Each fact a policy can name can be asked of tables, and no compiler stands for a fact that is gone."""
    assert {name for name, kind in LEAVES.items() if kind not in COMPILERS} == BY_THE_TREE
    assert set(COMPILERS) <= set(LEAVES.values())
