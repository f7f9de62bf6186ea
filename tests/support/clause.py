"""One clause of an invented policy, asked about a person: a criteria snippet becomes a whole policy file."""

from __future__ import annotations

import textwrap

from inconcert.knowledge.policies import CoveragePolicy, policy_from_text
from inconcert.payers import Case, Determination, determine

_FRAME = """id: clause
payer: An Invented Payer
payer_names: [an invented payer]
line_of_business: commercial
jurisdiction: [US]
policy_number: clause
title: A clause of an invented policy
services: [{service}]
version: {{effective: 2026-01-01}}
status: design
read_depth: full_text
checked_on: 2026-11
sources: [{{ref: tests, kind: form}}]
process: {{prior_auth: required}}
combination: {{clause: silent}}
criteria:
{criteria}
"""


def policy_of(criteria: str, service: str = "rtms", more: str = "") -> CoveragePolicy:
    """A whole policy whose only criteria are these (YAML), with `more` lines at its end. Raises KnowledgeError as a policy file would."""
    snippet = textwrap.indent(textwrap.dedent(criteria).strip(), "  ")
    return policy_from_text(_FRAME.format(criteria=snippet, service=service) + more, "clause.yaml")


def ask_clause(criteria: str, case: Case, service: str = "rtms") -> Determination:
    """The answer of a policy with only these criteria."""
    return determine(policy_of(criteria, service), case, service)
